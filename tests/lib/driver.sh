#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Automake's driver for TAP, which also tells ci/check.sh what runs: driver.sh TAP-DRIVER ARGUMENT...
# CHECK_RESULTS names the pipe for that, and is not for the test; ci/results.sh says what its lines are.
driver=(sh "$@")
pipe=${CHECK_RESULTS:-}
[ -n "$pipe" ] || exec "${driver[@]}"
unset CHECK_RESULTS

while [ "$1" != -- ]; do
    case $1 in
    --test-name) name=$2 ;;
    --log-file) log=$2 ;;
    --trs-file) trs=$2 ;;
    esac
    shift
done

# A line at once, and a short one: those of tests that run beside each other are not mixed.
tell() {
    printf '%.400s\n' "$*" 1<>"$pipe"
}

tell "run $name"
start=$SECONDS
"${driver[@]}"
status=$?
# The driver writes each result twice: counted in one file, told in the other.
grep -E "^(FAIL|ERROR|XPASS|SKIP): $name" "$log" | head -n 20 | while read -r line; do
    tell "note $line"
done
read -r counts < <(awk '
    /^:test-result: (PASS|XFAIL)/ { passed++ }
    /^:test-result: (FAIL|XPASS|ERROR)/ { failed++ }
    /^:test-result: SKIP/ { skipped++ }
    END { print passed + 0, failed + 0, skipped + 0 }' "$trs")
tell "end $name $counts $((SECONDS - start))"
exit $status
