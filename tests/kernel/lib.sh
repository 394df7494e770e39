# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Sourced by the tests here: TAP, and a machine with what was built to run it in.
. "${top_srcdir:-.}/tests/static/tap.sh" || exit

kernel_dir=$top_srcdir/tests/kernel

[ -n "${MSIXSHIM_KERNEL:-}" ] || tap_skip_all "make check-kernel runs it, in an emulated machine"
[ -z "$SANITIZER" ] || tap_skip_all "libraries built with a sanitizer can't be preloaded"

# machine ARGUMENT...: machine.sh with them, its output as comments; what can't be had skips the
# test, and says why: so not in a pipe, which would hide both.
machine() {
    "$kernel_dir/machine.sh" "$@" >"$tap_tmp/told" 2>"$tap_tmp/machine"
    local status=$?
    [ $status != 77 ] || tap_skip_all "$(tail -n 1 "$tap_tmp/machine")"
    sed 's/^/# /' "$tap_tmp/told"
    grep -v '^\(image\|iommufd\): ' "$tap_tmp/machine" | sed 's/^/# /'
    return $status
}
