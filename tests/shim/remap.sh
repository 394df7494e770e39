#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Mappings by the kernel that runs here.
# shellcheck source=tests/lib/preload.sh
. "${top_srcdir:-.}/tests/lib/preload.sh" || exit
[ -z "${MEMCHECK:-}" ] || tap_skip_all "$no_compose"
tap_need "$libs/libolderkernel.so"
FAKEVFIO="$descriptions/sas3008.desc" MSIXSHIM=bar1,map=compose \
    LD_PRELOAD="$libs/libmsixshim.so:$libs/libolderkernel.so:$libs/libfakevfio.so" \
    "$programs/test_remap"
