#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Builds the tree in a directory of its own: build.sh DIR [argument of configure]...
# A second call does what is left to do; other arguments, or other libraries, configure anew.
set -euo pipefail

top=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
dir=$1
shift

mkdir -p "$dir"
log=$dir/quickstart.log
: >"$log"

# Runs a command with its output in the log, and shows the log's end if it fails.
step() {
    local say=$1
    shift
    echo "== $dir: $say"
    if ! "$@" </dev/null >>"$log" 2>&1; then
        tail -n 40 "$log" >&2
        echo "quickstart: $say failed; all of it is in $log" >&2
        exit 1
    fi
}

in_dir() {
    (cd "$dir" && "$@")
}

[ -x "$top/configure" ] || step bootstrap "$top/bootstrap"

# configure looks for libraries once: cmocka that was installed later would go unnoticed.
libraries=$(pkg-config --modversion libpci json-c cmocka 2>/dev/null || true)
stamp="$* / ${libraries//$'\n'/ }"
if [ ! -e "$dir/config.status" ] || [ "$(cat "$dir/quickstart.stamp" 2>/dev/null)" != "$stamp" ]; then
    rm -f "$dir/quickstart.stamp"
    step "configure $*" in_dir "$top/configure" "$@"
    echo "$stamp" >"$dir/quickstart.stamp"
fi

step make in_dir make -j"$(nproc)"
