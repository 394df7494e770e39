#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The fake alone against the kernel's behaviour.
# shellcheck source=tests/lib/preload.sh
. "${top_srcdir:-.}/tests/lib/preload.sh"
FAKEVFIO="$top_srcdir/tests/fake/edge.desc" LD_PRELOAD="$libs/libfakevfio.so" \
    "$fake_programs/test_feature"
