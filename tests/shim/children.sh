#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck source=tests/shim/preload.sh
. "${top_srcdir:-.}/tests/shim/preload.sh" || exit
tap_need "$programs/test_children"

# children WAY: the program's own tests are one here.
children() {
    over_shim sas3008 bar5 "$programs/test_children" "$1" >"$tap_tmp/out" 2>&1
    tap_result $? "by $1: $(grep -c '^ok' "$tap_tmp/out") kinds of children"
    grep -v '^ok' "$tap_tmp/out" | sed 's/^/# /'
}

children "$group"
children "$node"
tap_done
