#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# No lock is held over a call of the kernel's: while one thread waits for the answer to any call that
# a use of a device leads to, another one uses the same device in all ways. held.c has the uses.
# shellcheck source=tests/lib/preload.sh
. "${top_srcdir:-.}/tests/lib/preload.sh" || exit
tap_need "$libs/libhold.so" "$programs/held"

timeout -s KILL 600 env FAKEVFIO="$descriptions/sas3008.desc" MSIXSHIM=bar1 \
    LD_PRELOAD="$libs/libmsixshim.so:$libs/libhold.so:$libs/libfakevfio.so" \
    "$programs/held" "$group" "$bdf" >"$tap_tmp/out" 2>&1
tap_result $? "all uses come to their end"
# the calls that were held, one after the other; the last one is the hand-out of a known device
while read -r held use; do
    grep -qx "$use: $held" "$tap_tmp/out"
    tap_result $? "$use: $held"
done <<'END'
1 read of configuration
1 write of configuration
1 read of the table
1 write of the table
2 read of the PBA
2 read across the end
2 write across the end
1 region info
1 reset
1 mapping
3 duplicates
2 hand-out
END
tap_done
