#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Programs of another Debian, unpacked beside the system: beside.sh [--no-fetch] qemu-10|dpdk-22|dpdk-24
#
# Prints the path of the program, and of nothing else. The first call fetches the packages with
# all that they need, their libc too, into ${XDG_CACHE_HOME:-~/.cache}/msixshim/NAME. The program
# is changed in two places: its dynamic linker and the path of its libraries are those there. So
# it is started as any other, and what is preloaded gets into it alone. The rest of QEMU (firmware,
# modules) it finds by its own place.
#
# The mirror is that of this machine's sources, the signatures are checked, apt's state is one of
# our own; needs no root. Where that can't be: exit status 77, and why. --no-fetch: 77 unless it
# has been fetched.
set -euo pipefail

fetch=1
[ "${1-}" != --no-fetch ] || { fetch=; shift; }
name=${1-}

# LEFT_OUT: what the packages ask for and the program does without; apt takes it for installed
case "$name" in
qemu-10)
    suite=trixie packages=(qemu-system-x86) program=usr/bin/qemu-system-x86_64
    left_out=(adduser passwd libpam0g)
    ;;
dpdk-22 | dpdk-24)
    suite=bookworm packages=(dpdk-dev) program=usr/bin/dpdk-testpmd
    left_out=(libdpdk-dev python3)
    [ "$name" = dpdk-22 ] || suite=trixie
    ;;
*)
    echo "usage: beside.sh [--no-fetch] qemu-10|dpdk-22|dpdk-24" >&2
    exit 2
    ;;
esac

skip() {
    echo "$name of Debian's $suite is not to be had: $*" >&2
    exit 77
}

keyring=/usr/share/keyrings/debian-archive-keyring.gpg
cache=${XDG_CACHE_HOME:-${HOME:?}/.cache}/msixshim
place=$cache/$name
state=$cache/.$name.apt
made="$suite ${packages[*]} without ${left_out[*]}"

is_made() {
    [ "$(cat "$place/made" 2>/dev/null)" = "$made" ]
}

# apt_tool TOOL ARGUMENT...: a tool of apt's with a state of its own
apt_tool() {
    local tool=$1
    shift
    "$tool" -o Dir::Etc::SourceList="$state/sources.list" -o Dir::Etc::SourceParts=/dev/null \
        -o Dir::Etc::Preferences=/dev/null -o Dir::Etc::PreferencesParts=/dev/null \
        -o Dir::State="$state" -o Dir::State::status="$state/status" -o Dir::Cache="$state/cache" \
        -o APT::Install-Recommends=0 -o APT::Sandbox::User="$(id -un)" \
        -o Acquire::Retries=3 "$@" </dev/null 2>>"$state/log"
}

# What failed first, as apt says it; nothing if nothing did.
apt_error() {
    grep -m 1 -E '^[EW]: ' "$state/log"
}

prepare_apt() {
    local mirror package
    # shellcheck disable=SC2016 # these are apt's own
    mirror=$(apt-get indextargets --format '$(LABEL) $(REPO_URI)' 'Created-By: Packages' |
        sed -n 's/^Debian //p' | head -n 1)
    [ -n "$mirror" ] || skip "apt's sources name no mirror of Debian"
    rm -rf "$state"
    mkdir -p "$state/lists/partial" "$state/cache/archives/partial"
    echo "deb [signed-by=$keyring] $mirror $suite main" >"$state/sources.list"
    for package in "${left_out[@]}"; do
        printf 'Package: %s\nStatus: install ok installed\nVersion: 999\nArchitecture: %s\n\n' \
            "$package" "$(dpkg --print-architecture)"
    done >"$state/status"
}

# Into $state/root: every package of the set, as a merged /usr has it; no documentation.
unpack() {
    local root=$state/root deb dir
    mkdir -p "$root"/usr/{bin,sbin,lib,lib64}
    for dir in bin sbin lib lib64; do
        ln -s "usr/$dir" "$root/$dir"
    done
    for deb in "$state"/cache/archives/*.deb; do
        dpkg-deb --fsys-tarfile "$deb" | tar -C "$root" --keep-directory-symlink -xf - \
            --exclude='./usr/share/doc/*' --exclude='./usr/share/man/*' \
            --exclude='./usr/share/locale/*'
        basename "$deb" .deb
    done >"$root/packages"
}

# The program starts by its own dynamic linker, and finds its libraries where they are going to be.
localize() {
    local root=$state/root triplet interpreter
    triplet=$(basename "$(dirname "$(echo "$root"/usr/lib/*/libc.so.6)")")
    interpreter=$(patchelf --print-interpreter "$root/$program")
    patchelf --force-rpath --set-rpath "$place/usr/lib/$triplet" \
        --set-interpreter "$place$interpreter" "$root/$program"
}

fetch_all() {
    local tool absent
    for tool in apt-get dpkg-deb patchelf; do
        command -v $tool >/dev/null || skip "$tool is not installed"
    done
    [ -r $keyring ] || skip "$keyring is not there: is debian-archive-keyring installed?"
    prepare_apt
    # it is content with a mirror that does not answer
    apt_tool apt-get -qq update || skip "$(apt_error)"
    [ -z "$(apt_error)" ] || skip "$(apt_error)"
    apt_tool apt-get -qq --download-only --no-remove -y install "${packages[@]}" >/dev/null ||
        skip "$(apt_error)"
    unpack
    localize
    rm -rf "$place"
    mv "$state/root" "$place"
    rm -rf "$state"
    absent=$(LD_TRACE_LOADED_OBJECTS=1 "$place/$program" | grep -F 'not found' || true)
    [ -z "$absent" ] || skip "it lacks $absent"
    echo "$made" >"$place/made"
}

if ! is_made; then
    [ -n "$fetch" ] || skip "tests/ci/beside.sh $name has not been run"
    mkdir -p "$cache" || skip "no place for it"
    exec 9>"$cache/.$name.lock"
    flock 9
    is_made || fetch_all
fi
echo "$place/$program"
