#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The fake alone against the kernel's behaviour.
# shellcheck source=tests/lib/preload.sh
. "${top_srcdir:-.}/tests/lib/preload.sh" || exit
# A name that is not the one that resolving ends at.
mkdir "$tap_tmp/tmp"
ln -s tmp "$tap_tmp/link"
TMPDIR="$tap_tmp/link/" FAKEVFIO="$top_srcdir/tests/fake/edge.desc" LD_PRELOAD="$libs/libfakevfio.so" \
    "$fake_programs/test_group"
