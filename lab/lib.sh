# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Sourced by the tests here: TAP, and a machine with what was built to run it in.
. "${top_srcdir:-.}/tests/lib/tap.sh" || exit

lab_dir=$top_srcdir/lab
share=$tap_tmp/share # /share in the machine
mkdir "$share"

[ -n "${MSIXSHIM_KERNEL:-}" ] || tap_skip_all "make check-kernel runs it, in an emulated machine"
[ -z "$SANITIZER" ] || tap_skip_all "libraries built with a sanitizer can't be preloaded"
# aside COMMAND...: in the background, with $! as &. Ends with the test at the latest: without a process
# group of its own it would ignore an interrupt, and the machine in it go on.
asides=()
aside() {
    set -m
    "$@" &
    set +m
    asides[$!]=started
}
# await PID: of aside; its status
await() {
    wait "$1"
    local status=$?
    unset "asides[$1]"
    return $status
}
end_asides() {
    local pid tries=100
    for pid in "${!asides[@]}"; do
        kill -TERM -- "-$pid"
        while kill -0 -- "-$pid" && [ $((tries--)) -gt 0 ]; do sleep 0.1; done
    done 2>/dev/null
    rm -rf "$tap_tmp"
}
trap end_asides EXIT
trap 'exit 130' INT # else the next machine would begin
trap 'exit 143' TERM

exec {told}>&1 # what machines say of themselves, past those that read what is printed in them
: >"$tap_tmp/versions"

# For a test that takes long; and `if full WHAT` for a part of another one.
need_full() {
    [ "$MSIXSHIM_KERNEL" = full ] || tap_skip_all "it takes long: make check-kernel-full runs it"
}
full() {
    [ "$MSIXSHIM_KERNEL" = full ] || { echo "# left to make check-kernel-full: $*" && return 1; }
}

# What a test with guests needs in the machine, of this build.
share_libraries() {
    tap_need "$top_builddir/.libs/libmsixshim.so"
    cp "$top_builddir/.libs/libmsixshim.so" "$lab_dir/l1.sh" "$share/"
    cp -r "$lab_dir/l2" "$share/l2"
}

# need_machine MACHINE [iommufd]: its images. What can't be done here skips the test, packages that
# can't be had fail it; both say why.
need_machine() {
    [ "$(uname -m)" = x86_64 ] || tap_skip_all "the emulator is Debian's for x86-64"
    { "$lab_dir/image.sh" "$1" && { [ -z "${2:-}" ] || "$lab_dir/iommufd.sh"; }; } \
        2>"$tap_tmp/machine"
    local status=$?
    [ $status != 77 ] || tap_skip_all "$(tail -n 1 "$tap_tmp/machine")"
    [ $status = 0 ] || {
        sed 's/^/# /' "$tap_tmp/machine"
        echo "Bail out! $(tail -n 1 "$tap_tmp/machine")"
        exit 1
    }
}

# with_debian12 WHAT: whether what is built here runs with Debian 12's C library; if not, WHAT is skipped
with_debian12() {
    local here
    here=$(getconf GNU_LIBC_VERSION 2>/dev/null) &&
        [ "$(printf '%s\n' "${here#glibc }" 2.36 | sort -V | tail -n 1)" = 2.36 ] && return 0
    tap_skip "$1" "it is built for ${here:-another C library}, and Debian 12 has 2.36"
    return 1
}

# with_iommufd WHAT: whether there are kernel modules for it; if not, WHAT is skipped
with_iommufd() {
    local why
    why=$("$lab_dir/iommufd.sh" 2>&1)
    [ $? = 77 ] || return 0
    tap_skip "$1" "$(tail -n 1 <<<"$why")"
    return 1
}

# drive NAME: a disk, added to the machine's devices
devices=()
drive() {
    truncate -s 64M "$tap_tmp/$1.disk"
    devices+=(-q -drive -q "if=none,id=$1,file=${tap_tmp//,/,,}/$1.disk,format=raw,cache=unsafe")
}

# port BUS SLOT: one of PCI Express, called portBUS. Ports get their buses, from 1 on, by their slots.
port() {
    devices+=(-D "pcie-root-port,id=port$1,chassis=$1,addr=$2")
}

# machine ARGUMENT...: machine.sh with them, whose own words are told as comments; versions once
machine() {
    local words
    words=$(mktemp -p "$tap_tmp")
    "$lab_dir/machine.sh" "$@" 2>"$words"
    local status=$?
    grep -vxFf "$tap_tmp/versions" "$words" | sed 's/^/# /' >&"$told"
    grep '^L1: ' "$words" >>"$tap_tmp/versions"
    return $status
}

# results [COUNT] <LINES: the lines of results that came out of a machine are those of this test. As many
# as that, or one, have to come: a script there can lose them, or its output, and still end well.
results() {
    local line before=$tap_count
    while IFS= read -r line; do
        case $line in
        "ok - "*) tap_result 0 "${line#ok - }" ;;
        "not ok - "*) tap_result 1 "${line#not ok - }" ;;
        *) echo "# ${line#\# }" ;;
        esac
    done
    local came=$((tap_count - before))
    [ $came -ge "${1:-1}" ]
    tap_result $? "$came results came out of the machine, of ${1:-1} or more"
}

# machine_tap [-n COUNT] ARGUMENT...: a machine, and its results
machine_tap() {
    local count=''
    [ "$1" != -n ] || { count=$2 && shift 2; }
    machine "$@" | results "$count"
    tap_result "${PIPESTATUS[0]}" "the machine ended well"
}

# program_tap PROGRAM COUNT <SCRIPT: a machine with an NVMe drive, of which the bash script, begun with the
# drive's $address and its VFIO $group, has COUNT results to tell by ./PROGRAM
program_tap() {
    tap_need "$top_builddir/lab/$1"
    share_libraries
    need_machine amd64
    cp "$top_builddir/lab/$1" "$share/"
    cat >"$share/run" <<'END'
. ./l1.sh
address=0000:00:02.0
read -r group _ <<<"$(vfio-bind "$address")"
END
    cat >>"$share/run"
    drive d
    machine_tap -n "$2" -d "$share" "${devices[@]}" -D nvme,serial=a,addr=2,drive=d -- "bash ./run"
}
