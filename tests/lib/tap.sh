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

# The files of the project, relative to top_srcdir, one a line: what git tracks, or in a
# release tarball all but what the tools generate.
project_files() {
    cd "$top_srcdir" || return 1
    if [ -e .git ] && git ls-files 2>/dev/null; then
        return 0
    fi
    find . -type f -not -path './build*' -not -path './_*' -not -path './.git/*' \
        -not -path './m4/*' -not -path './autom4te.cache/*' -not -name 'Makefile.in' \
        -not -name aclocal.m4 -not -name configure -not -name 'config.h.in*' \
        -not -name '*.o' -not -name '*.lo' -not -name '*.la' -not -name '*.log' \
        -not -name '*.trs' -not -path '*/.libs/*' -not -path '*/.deps/*' | sed 's,^\./,,'
}
