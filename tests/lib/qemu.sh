# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# shellcheck disable=SC2154 # top_* are of the test environment
# To be sourced by the tests that run QEMU: the demo, the differential test and hot plug, with QEMU given
# the device in several ways; and msixshim, with its output in $out and $err.
. "$top_srcdir/tests/lib/tap.sh" || exit

out=$tap_tmp/out
err=$tap_tmp/err
status=0

# The rest of the test needs the QEMU of the system.
need_qemu() {
    command -v qemu-system-x86_64 >/dev/null || tap_skip_all "qemu-system-x86_64 is not installed"
}

# ok NAME COMMAND...: passes if the command does; the output that it looked at follows a failure
ok() {
    "${@:2}"
    tap_result $? "$1" || sed "s/^/# $status: /" "$out" "$err"
}

# demo [OPTION...]: msixshim demo from the build tree; its $status
demo() {
    env --default-signal=TERM "$top_builddir/msixshim" demo --libdir "$top_builddir/.libs" \
        --descriptions "$top_srcdir/descriptions" "$@" >"$out" 2>"$err"
    status=$?
}

# one_line TEXT: the command failed, and its error is one line that holds the text
one_line() {
    [ "$status" = 1 ] && [ "$(wc -l <"$err")" = 1 ] && grep -qF -- "$1" "$err"
}

# Sets $qemu to the QEMU of Debian 13.
need_qemu_10() {
    qemu=$("$top_srcdir/ci/beside.sh" --no-fetch qemu-10 2>&1) || tap_skip_all "$qemu"
}

# compare WAY OPTION...: with these options, over what is installed if they name nothing else;
# WAY stands before each case
compare() {
    local way=$1 status
    shift
    "$top_builddir/tests/vmm/differential" --libdir "$top_builddir/.libs" --qemu "$qemu" \
        --descriptions "$top_srcdir/descriptions" "$@" >"$tap_tmp/out"
    status=$?
    sed -E "s/^(ok|not ok) [0-9]+ - /\1 - $way: /; /^1\.\./d" "$tap_tmp/out"
    tap_count=$((tap_count + $(grep -cE '^(not )?ok ' "$tap_tmp/out")))
    tap_result $status "$way: all of them"
}

# hotplug TITLE OPTION...: the cycles of hotplug.c; its own tests follow as a comment
hotplug() {
    "$top_builddir/tests/vmm/hotplug" --libdir "$top_builddir/.libs" --qemu "$qemu" \
        --description "$top_srcdir/descriptions/sas3008.desc" "${@:2}" >"$tap_tmp/out"
    tap_result $? "$1"
    sed 's/^/# /' "$tap_tmp/out"
}
