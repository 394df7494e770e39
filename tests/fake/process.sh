#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The fake alone, among processes and signals.
# shellcheck source=tests/lib/preload.sh
. "${top_srcdir:-.}/tests/lib/preload.sh" || exit
[ -z "${MEMCHECK:-}" ] || echo "# test_interrupt is left out: valgrind has no pidfd_getfd(2)"
FAKEVFIO="$top_srcdir/tests/fake/edge.desc" LD_PRELOAD="$libs/libfakevfio.so" \
    "$fake_programs/test_process"
