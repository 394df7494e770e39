#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Sums up what `make check` left in build directories: tally.sh DIR...
# Prints which tests failed and why others were skipped; the last line is "PASSED FAILED SKIPPED".
set -euo pipefail

{ find "${@/%//tests}" "${@/%//lab}" -name '*.trs' 2>/dev/null || true; } | sort | while read -r trs; do
    # The driver writes each result twice: counted in the .trs file, told in the .log file.
    cat "$trs"
    grep -E '^(FAIL|ERROR|XPASS|SKIP): (tests|lab)/' "${trs%.trs}.log" || true
done | awk '
    /^:test-result: (PASS|XFAIL)/ { passed++ }
    /^:test-result: (FAIL|XPASS|ERROR)/ { failed++ }
    /^:test-result: SKIP/ { skipped++ }
    /^(FAIL|XPASS|ERROR): / { print "   " $0 }
    /^SKIP: / {
        test = $2
        if (!sub(/.*# *SKIP */, ""))
            sub(/^SKIP: [^ ]* *-* */, "")
        reasons[test ": " ($0 == "" ? "no reason given" : $0)]++
    }
    END {
        for (reason in reasons)
            printf "   skipped: %d of %s\n", reasons[reason], reason
        printf "%d %d %d\n", passed, failed, skipped
    }'
