#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# With MSIXSHIM=off the whole surface of each device is the kernel's, byte for byte, from
# wherever the device is opened; and a target shows the same from everywhere, by group and by node.
# shellcheck source=tests/lib/preload.sh
. "${top_srcdir:-.}/tests/lib/preload.sh" || exit
tap_need "$programs/surface"

# same FILE FILE DESCRIPTION
same() {
    [ -s "$1" ] || echo "$1 is empty" >"$tap_tmp/difference"
    diff "$1" "$2" >>"$tap_tmp/difference"
    head -n 20 "$tap_tmp/difference" | tap_empty "$3"
    rm "$tap_tmp/difference"
}

while read -r device target; do
    over_fake "$device" "$programs/surface" "$group" "$bdf" main >"$tap_tmp/bare" 2>&1
    over_shim "$device" "$target" "$programs/surface" "$group" "$bdf" main >"$tap_tmp/shim" 2>&1
    grep -q '^config = 256' "$tap_tmp/bare" && grep -q '^config = 256' "$tap_tmp/shim"
    tap_result $? "$device opens, without the shim and with $target"
    ! cmp -s "$tap_tmp/bare" "$tap_tmp/shim"
    tap_result $? "$device looks different under $target"
    for run in bare shim; do
        grep -E '^(info|irqs?|feature|[0-9]+) ' "$tap_tmp/$run" >"$tap_tmp/$run.told"
    done
    same "$tap_tmp/bare.told" "$tap_tmp/shim.told" "$device: $target changes no other answer"
# trap V18: each is another process.
    for how in main library thread fork vfork; do
        over_shim "$device" off "$programs/surface" "$group" "$bdf" $how >"$tap_tmp/off" 2>&1
        same "$tap_tmp/bare" "$tap_tmp/off" "$device: off, from $how, is the kernel's"
        over_shim "$device" "$target" "$programs/surface" "$group" "$bdf" $how >"$tap_tmp/how" 2>&1
        same "$tap_tmp/shim" "$tap_tmp/how" "$device: $target, from $how, is as from main"
    done
    # The same device by its own node. Its ioctls 119 and 120 are those of page tables.
    over_fake "$device" "$programs/surface" "$node" "$bdf" main >"$tap_tmp/bare" 2>&1
    over_shim "$device" off "$programs/surface" "$node" "$bdf" main >"$tap_tmp/off" 2>&1
    same "$tap_tmp/bare" "$tap_tmp/off" "$device: off, by its node, is the kernel's"
    over_shim "$device" "$bdf=$target" "$programs/surface" "$node" "$bdf" main >"$tap_tmp/how" 2>&1
    sed -i '/^\(119\|120\) /d' "$tap_tmp/shim" "$tap_tmp/how"
    same "$tap_tmp/shim" "$tap_tmp/how" "$device: $target, by its node, is as by its group"
done <<'END'
sas3008 bar5
sas3008 bar1
nvme-136 bar2
kioxia-cd8p bar2
sm2262 bar2
coral-edgetpu bar4
END

# Whose constructor comes before the shim's: with glibc that of a library that is linked, as above;
# with musl that of one that is preloaded before it.
over_shim sas3008 bar5 "$programs/surface" "$group" "$bdf" main >"$tap_tmp/shim" 2>&1
FAKEVFIO=$descriptions/sas3008.desc MSIXSHIM=bar5 \
    LD_PRELOAD=$libs/libearly.so:$libs/libmsixshim.so:$libs/libfakevfio.so \
    "$programs/surface" "$group" "$bdf" library >"$tap_tmp/how" 2>&1
same "$tap_tmp/shim" "$tap_tmp/how" "sas3008: bar5, from a library that is preloaded, is as from main"
tap_done
