#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# make in a build directory, told only if it fails: make.sh DIR TARGET [VARIABLE=VALUE]...
set -euo pipefail

dir=$1
shift
log=$dir/quickstart-$1.log

if ! make -C "$dir" -j"$(nproc)" "$@" </dev/null >"$log" 2>&1; then
    grep -E '^(FAIL|ERROR|XPASS): ' "$log" >&2 || tail -n 40 "$log" >&2
    echo "quickstart: make $1 failed; all of it is in $log" >&2
    exit 1
fi
