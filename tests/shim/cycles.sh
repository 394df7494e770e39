#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A device that is opened, used and closed 2,000 times leaves nothing behind, neither the shim's
# nor the fake's.
# shellcheck source=tests/lib/preload.sh
. "${top_srcdir:-.}/tests/lib/preload.sh" || exit
tap_need "$programs/cycles"

n=2000
[ -z "${MEMCHECK:-}" ] || n=200 # valgrind's cycles take long

# cycles WAY RULE
cycles() {
    if [ -n "${MEMCHECK:-}" ] && [[ $2 = *map=compose* ]]; then
        tap_skip "by $1, $2" "$no_compose"
        return
    fi
    over_shim sas3008 "$2" "$programs/cycles" "$1" $n >"$tap_tmp/out" 2>&1
    local status=$?
    [ $status = 0 ] && [ "$(wc -l <"$tap_tmp/out")" = 2 ] && [ "$(uniq "$tap_tmp/out" | wc -l)" = 1 ]
    tap_result $? "by $1, $2, after 100 and $n cycles: $(head -n 1 "$tap_tmp/out")"
    sed '1d; s/^/# /' "$tap_tmp/out"
}

cycles "$group" bar5
cycles "$group" bar1,map=compose
cycles "$node" bar5
cycles "$node" bar1
tap_done
