#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# make in a build directory, told only if it fails: make.sh DIR TARGET [VARIABLE=VALUE]...
set -euo pipefail

dir=$1
shift
log=$dir/quickstart-$1.log

# VERBOSE has the log of each failed test in the output, where distcheck removes its files.
if ! make -C "$dir" -j"$(nproc)" VERBOSE=1 "$@" </dev/null >"$log" 2>&1; then
    if grep -qE '^(FAIL|ERROR|XPASS): ' "$log"; then
        grep -E '^(FAIL|ERROR|XPASS|SKIP|#) *' "$log" | head -n 200 >&2
    else
        tail -n 40 "$log" >&2
    fi
    echo "quickstart: make $1 failed; all of it is in $log" >&2
    exit 1
fi
