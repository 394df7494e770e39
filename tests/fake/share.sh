#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The fake alone: one state for processes that have nothing but its name in common.
# shellcheck source=tests/lib/preload.sh
. "${top_srcdir:-.}/tests/lib/preload.sh" || exit
FAKEVFIO="$top_srcdir/tests/fake/edge.desc" FAKEVFIO_STATE=$tap_tmp/state \
    LD_PRELOAD="$libs/libfakevfio.so" "$fake_programs/test_share"
