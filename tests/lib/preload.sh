# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# shellcheck disable=SC2034 # most is for those who source this
# To be sourced: how a program is run over the fake, without and with the shim. The
# preloads are set for that program alone.
. "${top_srcdir:-.}/tests/lib/tap.sh" || exit

libs=$top_builddir/.libs
descriptions=$top_srcdir/descriptions
programs=$top_builddir/tests/shim/programs
clients=$top_builddir/tests/shim/clients
shim_tests=$top_builddir/tests/shim
fake_tests=$top_builddir/tests/fake
bdf=0000:01:00.0 # of each description
group=1          # of a device that names none
node=devices/vfio0

[ -z "$SANITIZER" ] || tap_skip_all "libraries built with a sanitizer can't be preloaded"
tap_need "$libs/libmsixshim.so" "$libs/libfakevfio.so"

# Why a test that composes mappings can not run under valgrind.
no_compose="valgrind refuses mremap(2) of no bytes, which map=compose takes"
if [ -n "${MEMCHECK:-}" ]; then
    . "$top_srcdir/tests/lib/memcheck.sh"
    programs=$(memcheck_programs "$programs")
    clients=$(memcheck_programs "$clients")
    shim_tests=$(memcheck_programs "$shim_tests")
    fake_tests=$(memcheck_programs "$fake_tests")
fi

# over_fake DESCRIPTION COMMAND...
over_fake() {
    local description=$1
    shift
    FAKEVFIO="$descriptions/$description.desc" LD_PRELOAD="$libs/libfakevfio.so" "$@"
}

# over_shim DESCRIPTION TARGET COMMAND...
over_shim() {
    local description=$1 target=$2
    shift 2
    FAKEVFIO="$descriptions/$description.desc" MSIXSHIM="$target" \
        LD_PRELOAD="$libs/libmsixshim.so:$libs/libfakevfio.so" "$@"
}

# own_tests TITLE WHAT COMMAND...: the tests of a program of cmocka's are one here, if there are any.
own_tests() {
    local title=$1 what=$2 status count
    CMOCKA_MESSAGE_OUTPUT=TAP "${@:3}" >"$tap_tmp/out" 2>&1
    status=$?
    count=$(grep -c '^ok' "$tap_tmp/out")
    [ $status = 0 ] && [ "$count" -gt 0 ]
    tap_result $? "$title: $count $what"
    grep -v '^ok' "$tap_tmp/out" | sed 's/^/# /'
}
