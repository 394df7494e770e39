#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A signal handler may call all that the shim intercepts on files that are no device's, whatever it
# interrupts, also where a number led to a device that was closed unseen. signals.c does so behind
# each single instruction of the shim. libjail.so is there for its thread that runs the fake.
# shellcheck source=tests/lib/preload.sh
. "${top_srcdir:-.}/tests/lib/preload.sh" || exit
[ -z "${MEMCHECK:-}" ] || tap_skip_all "valgrind does not step a program"
tap_need "$libs/libjail.so" "$programs/signals"
neighbour=0000:01:00.1

sed "s/^device .*/device $neighbour\\ngroup 1/" "$descriptions/nvme-136.desc" |
    cat "$descriptions/sas3008.desc" - >"$tap_tmp/two.desc"
timeout -s KILL 600 env FAKEVFIO="$tap_tmp/two.desc" MSIXSHIM="$bdf=bar5;off" \
    LD_PRELOAD="$libs/libmsixshim.so:$libs/libjail.so:$libs/libfakevfio.so" \
    "$programs/signals" "$group" "$bdf" "$neighbour" >"$tap_tmp/out" 2>"$tap_tmp/err"
status=$?
[ $status != 77 ] || tap_skip_all "no single steps on this machine"
tap_result $status "no use of a device hangs or fails a signal handler"
sed 's/^/# /' "$tap_tmp/err"
while read -r use; do
    grep -qx "$use: interrupted" "$tap_tmp/out"
    tap_result $? "$use"
done <<'END'
read of configuration
read while the bus is reset
write of configuration
table
PBA
region info
reset
mapping
duplicates
another file on the number
hand-out
passed descriptor
END
grep -qx 'the table after the last close: 0' "$tap_tmp/out"
tap_result $? "the state ends with the last descriptor, also if handlers took the others"
tap_done
