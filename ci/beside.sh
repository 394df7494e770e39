#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Programs of another Debian, unpacked beside the system: beside.sh [--no-fetch] qemu-10|dpdk-22|dpdk-24
#
# Prints the path of the program, and of nothing else. The first call fetches the packages with
# all that they need, their libc too, into the cache (debian.sh). The program is changed in two
# places: its dynamic linker and the path of its libraries are those there. So it is started as any
# other, and what is preloaded gets into it alone. The rest of QEMU (firmware, modules) it finds by
# its own place.
#
# Where that can't be: exit status 77, and why. --no-fetch: 77 unless it has been fetched.
# shellcheck source-path=SCRIPTDIR source=debian.sh
. "$(dirname "${BASH_SOURCE[0]}")/debian.sh"

fetch=1
[ "${1-}" != --no-fetch ] || { fetch=; shift; }
name=${1-}

case "$name" in
qemu-10)
    debian=trixie packages=(qemu-system-x86) program=usr/bin/qemu-system-x86_64
    ;;
dpdk-22 | dpdk-24)
    debian=bookworm packages=(dpdk-dev) program=usr/bin/dpdk-testpmd
    [ "$name" = dpdk-22 ] || debian=trixie
    left_out+=(libdpdk-dev python3)
    ;;
*)
    echo "usage: beside.sh [--no-fetch] qemu-10|dpdk-22|dpdk-24" >&2
    exit 2
    ;;
esac
subject="$name of Debian's $debian is not to be had"
place=$cache/$name
made="$debian ${packages[*]} without ${left_out[*]}"

# The program starts by its own dynamic linker, and finds its libraries where they are.
localize() {
    local triplet interpreter
    triplet=$(basename "$(dirname "$(echo "$place"/usr/lib/*/libc.so.6)")")
    interpreter=$(patchelf --print-interpreter "$place/$program")
    patchelf --force-rpath --set-rpath "$place/usr/lib/$triplet" \
        --set-interpreter "$place$interpreter" "$place/$program"
}

make_it() {
    local tool lacks
    for tool in dpkg patchelf; do
        command -v $tool >/dev/null || unavailable "$tool is not installed"
    done
    unpack "$debian/$(dpkg --print-architecture)" "$place" "${packages[@]}"
    localize
    lacks=$(LD_TRACE_LOADED_OBJECTS=1 "$place/$program" | grep -F 'not found' || true)
    [ -z "$lacks" ] || unavailable "it lacks $lacks"
    set_made "$place" "$made"
}

if ! is_made "$place" "$made"; then
    [ -n "$fetch" ] || unavailable "ci/beside.sh $name has not been run"
    lock_cache
    is_made "$place" "$made" || make_it
fi
echo "$place/$program"
