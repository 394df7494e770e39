#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# 32 devices in one process, with a rule by address for each; see test_many.c.
# shellcheck source=tests/lib/preload.sh
. "${top_srcdir:-.}/tests/lib/preload.sh" || exit
tap_need "$programs/test_many" "$libs/libothertopology.so"

targets=(bar5 bar1 bar3 off)
rules=
for ((i = 0; i < 32; i++)); do
    printf -v bdf '0000:%02x:%02x.%d' $((1 + i / 4)) $((i % 4 / 2)) $((i % 2))
    rules+="$bdf=${targets[i % 4]};"
    sed -e "s/^device .*/device $bdf\ngroup $((10 + i))/" -e "s/vectors 96/vectors $((33 + i))/" \
        -e 's/ at 0x80[0-9]*$//' "$descriptions/sas3008.desc"
done >"$tap_tmp/many.desc"
rules+='*=bar2' # which the device refuses: no other may come to it

# many WAY TOPOLOGY
many() {
    own_tests "by $1, a hot reset is of a ${2:-bus}" tests \
        env FAKEVFIO="$tap_tmp/many.desc" MSIXSHIM="$rules" ${2:+TOPOLOGY="$2"} \
        LD_PRELOAD="$libs/libmsixshim.so:$libs/libothertopology.so:$libs/libfakevfio.so" \
        "$programs/test_many" "$1"
}

for way in group node; do
    for topology in '' bridge slot; do
        many $way $topology
    done
done
tap_done
