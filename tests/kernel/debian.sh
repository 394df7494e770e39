# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck disable=SC2034 # what is set here is used by those that source it
# Sourced by the scripts here: where things are kept, and Debian's packages without installing them.
#
# ${MSIXSHIM_CACHE:-${XDG_CACHE_HOME:-~/.cache}/msixshim}/kernel holds what was fetched and made, for
# all clones. The mirror is that of this machine's own sources; signatures are checked; apt keeps a
# state of its own, one a release and architecture, SUITE/ARCH. Needs no root.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
keyring=/usr/share/keyrings/debian-archive-keyring.gpg
cache=${MSIXSHIM_CACHE:-${XDG_CACHE_HOME:-${HOME:?}/.cache}/msixshim}/kernel

say() {
    printf '%s: %s\n' "$(basename "$0" .sh)" "$*" >&2
}

# What can't be had here: the tests are skipped, and say why.
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
    *)
        say "no machine '$machine'; there are amd64, amd64-12, arm64-16k and arm64-64k"
        exit 2
        ;;
    esac
    kernel=$cache/kernel-$machine
    user=$cache/user/$debian
}

# is_made DIR WHAT: whether DIR was made of just that; set_made DIR WHAT once it is
is_made() {
    [ "$(cat "$1/made" 2>/dev/null)" = "$2" ]
}
set_made() {
    printf '%s\n' "$2" >"$1/made"
}

mirror() {
    # shellcheck disable=SC2016 # these are apt's own
    apt-get indextargets --format '$(LABEL) $(REPO_URI)' 'Created-By: Packages' 2>/dev/null |
        sed -n 's/^Debian //p' | head -n 1
}

# apt_tool SUITE/ARCH TOOL ARGUMENT...
apt_tool() {
    local state=$cache/apt/$1 arch=${1#*/} tool=$2
    shift 2
    "$tool" -o Dir::Etc::SourceList="$state/sources.list" -o Dir::Etc::SourceParts=/dev/null \
        -o Dir::Etc::Preferences=/dev/null -o Dir::Etc::PreferencesParts=/dev/null \
        -o Dir::State="$state" -o Dir::State::status="$state/status" -o Dir::Cache="$state/cache" \
        -o APT::Architecture="$arch" -o APT::Architectures="$arch" -o APT::Install-Recommends=0 \
        -o APT::Sandbox::User="$(id -un)" -o Acquire::Retries=3 "$@" </dev/null
}

# Lists of packages, once a day at most: versions go from the mirror as newer ones come.
prepare_apt() {
    local state=$cache/apt/$1 suite=${1%/*} from
    [ -z "$(find "$state/lists/made" -mmin -1440 2>/dev/null)" ] || return 0
    for tool in apt-get dpkg-deb; do
        command -v $tool >/dev/null || skip "no $tool: not a Debian system"
    done
    [ -r $keyring ] || skip "no $keyring: is debian-archive-keyring installed?"
    from=$(mirror)
    [ -n "$from" ] || skip "apt's sources name no mirror of Debian"
    mkdir -p "$state/lists/partial" "$state/cache/archives/partial"
    : >"$state/status"
    echo "deb [signed-by=$keyring] $from $suite main" >"$state/sources.list"
    # it is content with a mirror that does not answer
    apt_tool "$1" apt-get -qq update 2>"$state/log" || skip "Debian's $suite can't be reached"
    ! grep -m 1 '^[EW]: ' "$state/log" >&2 || skip "Debian's $suite can't be reached"
    touch "$state/lists/made"
}

# What packages ask for, and a program that is only run does without: apt takes it for installed.
# NAME=VERSION where another package wants just that.
left_out=(adduser base-passwd dbus debconf dpkg initramfs-tools libpam0g linux-base mount
    openssl-provider-legacy passwd perl perl-base systemd udev util-linux)

# leave_out SUITE/ARCH >STATUS
leave_out() {
    local package version
    for package in "${left_out[@]}"; do
        IFS='=' read -r package version <<<"$package"
        printf 'Package: %s\nStatus: install ok installed\nVersion: %s\nArchitecture: %s\n\n' \
            "$package" "${version:-999}" "${1#*/}"
    done
}

# unpack SUITE/ARCH DIR PACKAGE[=VERSION]...: these and what they depend on, with /usr merged
unpack() {
    local debian=$1 dir=$2 deb part
    shift 2
    prepare_apt "$debian"
    leave_out "$debian" >"$cache/apt/$debian/status"
    rm -rf --one-file-system "$dir"
    mkdir -p "$dir/debs/partial" "$dir"/usr/{bin,sbin,lib,lib64}
    for part in bin sbin lib lib64; do
        ln -s "usr/$part" "$dir/$part"
    done
    apt_tool "$debian" apt-get -o Dir::Cache::Archives="$dir/debs" -qq --download-only --no-remove -y \
        install "$@" >/dev/null || skip "can't fetch $* of $debian"
    for deb in "$dir"/debs/*.deb; do
        dpkg-deb --fsys-tarfile "$deb" | tar -C "$dir" --keep-directory-symlink -xf - \
            --exclude='./usr/share/doc/*' --exclude='./usr/share/man/*' \
            --exclude='./usr/share/locale/*'
    done
    rm -r "$dir/debs"
}

# tool NAME ARGUMENT...: a program of those that images are made and started with
tool() {
    local name=$1 program=$1 root=$cache/tools
    shift
    [ "$name" != depmod ] || program=kmod
    "$root/usr/lib64/ld-linux-x86-64.so.2" --library-path "$root/usr/lib/x86_64-linux-gnu" \
        --argv0 "$name" "$root/usr/bin/$program" "$@"
}
