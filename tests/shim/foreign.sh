#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# An ioctl number of VFIO's on a file of another driver is none of the shim's business.
# shellcheck source=tests/shim/preload.sh
. "${top_srcdir:-.}/tests/shim/preload.sh"
tap_need "$libs/libotherdriver.so" "$programs/other_user"

for target in off bar2 nonsense; do
    MSIXSHIM=$target LD_PRELOAD="$libs/libmsixshim.so:$libs/libotherdriver.so" \
        "$programs/other_user" >"$tap_tmp/out" 2>&1
    tap_result $? "MSIXSHIM=$target leaves another driver's ioctl alone"
    tap_empty "and says nothing" <"$tap_tmp/out"
done
tap_done
