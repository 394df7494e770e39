#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Programs that have nothing to do with VFIO: an ioctl number of another driver that happens to
# be VFIO's, and a fork.
# shellcheck source=tests/lib/preload.sh
. "${top_srcdir:-.}/tests/lib/preload.sh" || exit
tap_need "$libs/libotherdriver.so" "$programs/other_user"

for target in '' off bar2 nonsense; do
    MSIXSHIM=$target LD_PRELOAD="$libs/libmsixshim.so:$libs/libotherdriver.so" \
        "$programs/other_user" >"$tap_tmp/out" 2>&1
    tap_result $? "MSIXSHIM=$target leaves another driver's ioctl alone"
    tap_empty "and says nothing" <"$tap_tmp/out"
done
MSIXSHIM=bar2 MSIXSHIM_LOG=info LD_PRELOAD="$libs/libmsixshim.so:$libs/libotherdriver.so" \
    "$programs/other_user" 2>"$tap_tmp/err"
grep -qx 'msixshim: fd [0-9]*: left as it is: not a VFIO device' "$tap_tmp/err"
tap_result $? "but says so at level info"

# A fork copies what the parent has touched: of the shim that is next to nothing.
plain=$("$programs/fork_faults")
preloaded=$(LD_PRELOAD="$libs/libmsixshim.so" "$programs/fork_faults")
echo "# page faults of a forked child: $plain, under the shim $preloaded"
[ "$preloaded" -le $((plain + 16)) ]
tap_result $? "a fork costs what it costs without the shim"
tap_done
