# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# shellcheck disable=SC2034 # most is for those who source this
# To be sourced: how the command is run and what it says is compared.
. "${top_srcdir:-.}/tests/lib/tap.sh" || exit

msixshim=$top_builddir/msixshim
json_get=$top_builddir/tests/lib/json_get
descriptions=$top_srcdir/descriptions
tap_need "$msixshim" "$json_get"

# runs STATUS DESCRIPTION ARGUMENT...: the command exits with STATUS. Leaves out and err.
runs() {
    local status=$1 description=$2 got=0
    shift 2
    "$msixshim" "$@" >"$tap_tmp/out" 2>"$tap_tmp/err" || got=$?
    [ "$got" = "$status" ]
    tap_result $? "$description: exits with $status"
    [ "$got" = "$status" ] || sed 's/^/# /' "$tap_tmp/err"
}

# says STATUS LINE ARGUMENT...: the command exits with STATUS, and its error is this one line.
says() {
    local status=$1 line=$2
    shift 2
    runs "$status" "$*" "$@"
    diff - "$tap_tmp/err" <<<"msixshim: $line" | tap_empty "$*: says why"
}

# prints LINE: a line of the output that the command left.
prints() {
    grep -qxF -e "$1" "$tap_tmp/out"
    tap_result $? "prints: $1"
}

# has POINTER VALUE: the JSON that the command left has this value there.
has() {
    [ "$("$json_get" "$tap_tmp/out" "$1" 2>&1)" = "$2" ]
    tap_result $? "JSON: $1 is $2"
}
