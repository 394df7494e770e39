# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# TAP for the scripts here, to be sourced. What the makefile exports has defaults, so that a
# script can be run by hand in a build directory.
set -uo pipefail
shopt -s lastpipe # "... | tap_empty" counts in this shell

: "${top_builddir:=$PWD}" "${CC:=gcc}" "${NM:=nm}" "${READELF:=readelf}" "${SANITIZER:=}"
: "${top_srcdir:=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)}"
export LC_ALL=C

# configure may have set these to a program and its options.
# shellcheck disable=SC2034 # for those who source this
read -ra nm <<<"$NM" && read -ra cc <<<"$CC"

tap_count=0 tap_skipped=
tap_tmp=$(mktemp -d)
trap 'rm -rf "$tap_tmp"' EXIT

# tap_result STATUS DESCRIPTION: passes if STATUS is 0, and returns it.
tap_result() {
    tap_count=$((tap_count + 1))
    [ "$1" = 0 ] || printf 'not '
    echo "ok $tap_count - $2"
    return "$1"
}

# tap_empty DESCRIPTION: passes if standard input is empty, and shows it otherwise.
tap_empty() {
    cat >"$tap_tmp/found"
    ! [ -s "$tap_tmp/found" ]
    tap_result $? "$1"
    sed 's/^/# /' "$tap_tmp/found"
}

# tap_skip DESCRIPTION REASON
tap_skip() {
    tap_count=$((tap_count + 1))
    echo "ok $tap_count - $1 # SKIP $2"
}

# Skips the whole script.
tap_skip_all() {
    tap_skipped=yes
    echo "1..0 # SKIP $1"
    exit 0
}

# tap_need FILE...: gives up unless all of them are there, lest nothing be found in nothing.
tap_need() {
    local file
    for file; do
        [ -f "$file" ] || { echo "Bail out! $file: not found"; exit 1; }
    done
}

# The plan comes last: a script that dies before it has failed.
tap_done() {
    echo "1..$tap_count"
}

# The names of a manifest (an anonymous version script), one a line.
manifest_names() {
    tr '\n' ' ' <"$1" | sed 's,/\*[^*]*\*/, ,g; s/global://; s/local:.*//' |
        grep -oE '[A-Za-z_][A-Za-z_0-9]*' | sort
}
