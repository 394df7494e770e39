#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# What a call on a descriptor that is not VFIO costs with the shim loaded: instructions of
# the user's side, counted by callgrind, so the same on every run.
. "$(dirname "${BASH_SOURCE[0]}")/../lib/tap.sh" || exit

[ -z "$SANITIZER" ] || tap_skip_all "a sanitizer's instructions are not the shim's"
command -v valgrind >/dev/null || tap_skip_all "no valgrind"

limit=12
count=2000
shim=$top_builddir/.libs/libmsixshim.so
program=$top_builddir/tests/static/cost_calls
tap_need "$shim" "$program"

# instructions PRELOAD CALL: of COUNT calls together.
instructions() {
    LD_PRELOAD=$1 LD_BIND_NOW=1 valgrind --tool=callgrind --callgrind-out-file=/dev/null \
        --collect-atstart=no --toggle-collect=measured "$program" "$2" "$count" 2>&1 |
        sed -n 's/^==[0-9]*== Collected : //p'
}

for call in pread64 pwrite64 ioctl mmap munmap mremap; do
    plain=$(instructions "" "$call")
    shim_too=$(instructions "$shim" "$call")
    added=$(awk -v a="${plain:-0}" -v b="${shim_too:-0}" -v n=$count \
        'BEGIN { printf "%.2f", (b - a) / n }')
    echo "# $call: ${plain:-?} and ${shim_too:-?} instructions for $count calls, $added added to each"
    # Nothing added would mean that the shim was not in the way.
    awk -v plain="${plain:-0}" -v added="$added" -v limit=$limit \
        'BEGIN { exit !(plain > 0 && added > 0 && added <= limit) }'
    tap_result $? "$call: at most $limit instructions added"
done

tap_done
