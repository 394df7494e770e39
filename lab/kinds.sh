# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck disable=SC2034 # what is set here is used by those that source it
# Sourced by the scripts here: the kinds of machines, and where in the cache things are kept.
# shellcheck source-path=SCRIPTDIR source=../ci/debian.sh
. "$(dirname "${BASH_SOURCE[0]}")/../ci/debian.sh"

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
machines=$cache/kernel
absent=1 # what can't be had fails the tests

# What can't be done here, for reasons of this machine: the tests are skipped, and say why.
skip() {
    say "$@"
    exit 77
}

# set_machine NAME: what follows from the kind of machine
set_machine() {
    machine=$1
    case $machine in
    amd64 | amd64-12)
        debian=trixie/amd64 triplet=x86_64-linux-gnu ldso=lib64/ld-linux-x86-64.so.2
        qemu=qemu-system-x86_64 qemu_package=qemu-system-x86 kernel_package=linux-image-amd64
        [ "$machine" = amd64 ] || debian=bookworm/amd64
        ;;
    arm64-16k | arm64-64k)
        debian=trixie/arm64 triplet=aarch64-linux-gnu ldso=lib/ld-linux-aarch64.so.1
        qemu=qemu-system-aarch64 qemu_package=qemu-system-arm
        kernel_package=linux-image-arm64-16k # the 64K kernel is built: Debian has none
        ;;
    ppc64 | ppc64-12)
        debian=trixie/ppc64el triplet=powerpc64le-linux-gnu ldso=lib64/ld64.so.2
        qemu=qemu-system-ppc64 qemu_package=qemu-system-ppc
        kernel_package=linux-image-powerpc64le-64k
        [ "$machine" = ppc64 ] || debian=bookworm/ppc64el
        ;;
    *)
        say "no machine '$machine'; there are amd64, amd64-12, arm64-16k, arm64-64k, ppc64 and ppc64-12"
        exit 2
        ;;
    esac
    kernel=$machines/kernel-$machine
    user=$machines/user/$debian
}

# tool NAME ARGUMENT...: a program of those that images are made and started with
tool() {
    local name=$1 program=$1 root=$machines/tools
    shift
    [ "$name" != depmod ] || program=kmod
    "$root/usr/lib64/ld-linux-x86-64.so.2" --library-path "$root/usr/lib/x86_64-linux-gnu" \
        --argv0 "$name" "$root/usr/bin/$program" "$@"
}
