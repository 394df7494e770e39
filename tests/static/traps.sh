#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# What each trap of docs/traps.md is proved by: a test that names it ("trap K1"), or, in a comment
# before it, an item under LIMITS in the manual. Every number has one, and no other number is named.
. "$(dirname "${BASH_SOURCE[0]}")/../lib/tap.sh" || exit

cd "$top_srcdir" || exit
list=docs/traps.md manual=man/msixshim.7
tap_need "$list" "$manual"

grep -n '^\* ' "$list" | grep -vE '^[0-9]+:\* \*\*[KV][0-9]+\*\* ' | tap_empty "each trap has a number"
sed -nE 's/^\* \*\*([KV][0-9]+)\*\* .*/\1/p' "$list" >"$tap_tmp/traps"
for side in K V; do
    grep "^$side" "$tap_tmp/traps" | diff <(seq -f "$side%.0f" "$(grep -c "^$side" "$tap_tmp/traps")") - |
        tap_empty "$side: the numbers count up from 1"
done

# "NUMBER FILE" of each place that names one
{
    project_files | grep -E '^(tests|lab)/' | grep -vF "tests/static/traps.sh" | xargs grep -oE 'trap [KV][0-9]+' |
        sed -E 's/^([^:]+):trap (.*)/\2 \1/'
    awk '$1 == ".Sh" { inside = $2 == "LIMITS" }
        inside && /^\.\\" trap / {
            for (i = 3; i <= NF; i++) {
                sub(/,$/, "", $i)
                print $i, "LIMITS"
            }
        }' "$manual"
} | sort -u >"$tap_tmp/named"

cut -d' ' -f1 "$tap_tmp/named" | sort -u | grep -vxFf "$tap_tmp/traps" |
    tap_empty "no other number is named"
while read -r trap; do
    proofs=$(awk -v trap="$trap" '$1 == trap { print $2 }' "$tap_tmp/named" | paste -sd' ')
    [ -n "$proofs" ]
    tap_result $? "$trap: ${proofs:-nothing}"
done <"$tap_tmp/traps"
tap_done
