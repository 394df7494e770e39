# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# shellcheck disable=SC2034 # most is for those who source this
# To be sourced: msixshim run of the build tree, and what it gave.
. "${top_srcdir:-.}/tests/lib/tap.sh" || exit

[ -z "$SANITIZER" ] || tap_skip_all "libraries built with a sanitizer can't be preloaded"
libs=$(realpath "$top_builddir/.libs")
shim=$libs/libmsixshim.so
fake=$libs/libfakevfio.so
tap_need "$shim" "$fake"
unset LD_PRELOAD MSIXSHIM MSIXSHIM_CACHE MSIXSHIM_CONFIG MSIXSHIM_LOG FAKEVFIO

run=("$(realpath "$top_builddir")/msixshim" run --libdir "$libs")

# bare [OPTION...] COMMAND...: the outputs are the caller's
bare() {
    "${run[@]}" "$@"
}

# run [OPTION...] COMMAND...: $status, and the outputs in files
run() {
    bare "$@" >"$tap_tmp/out" 2>"$tap_tmp/err"
    status=$?
}

# equal NAME EXPECTED FOUND
equal() {
    diff <(echo "$2") <(echo "$3") | tap_empty "$1"
}

# gives NAME STATUS OUT ERR: what the last run gave
gives() {
    equal "$1" "$2;$3;$4" "$status;$(cat "$tap_tmp/out");$(cat "$tap_tmp/err")"
}

# says NAME TEXT: standard error of the last run holds the text
says() {
    grep -qF -- "$2" "$tap_tmp/err"
    tap_result $? "$1" && return
    sed 's/^/# /' "$tap_tmp/err"
}

# refused NAME STATUS TEXT: the last run gave that status, and one line that holds the text
refused() {
    [ "$status $(wc -c <"$tap_tmp/out") $(wc -l <"$tap_tmp/err")" = "$2 0 1" ] &&
        grep -q '^msixshim: run: ' "$tap_tmp/err" && grep -qF -- "$3" "$tap_tmp/err"
    tap_result $? "$1"
    sed "s/^/# status $status: /" "$tap_tmp/err"
}
