# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# shellcheck disable=SC2154 # top_* are of the test environment
# To be sourced: the differential test and hot plug, with QEMU given the device in several ways.
. "$top_srcdir/tests/static/tap.sh" || exit

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
