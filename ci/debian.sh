# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Sourced: packages of any Debian, unpacked without installing them. SUITE/ARCH names one:
# trixie/arm64.
#
# $cache, ${MSIXSHIM_CACHE:-${XDG_CACHE_HOME:-~/.cache}/msixshim}, holds what was fetched and made, for
# all clones. The mirror is that of this machine's own sources; signatures are checked; apt keeps a
# state of its own there, one a Debian. Needs no root.
set -euo pipefail

keyring=/usr/share/keyrings/debian-archive-keyring.gpg
cache=${MSIXSHIM_CACHE:-${XDG_CACHE_HOME:-${HOME:?}/.cache}/msixshim}
subject=$(basename "$0" .sh) # of what is said
absent=77                    # the exit status where something can't be had

say() {
    printf '%s: %s\n' "$subject" "$*" >&2
}

# unavailable REASON: what can't be had, for reasons of the network or of apt's sources
unavailable() {
    say "$@"
    exit $absent
}

# is_made DIR WHAT: whether DIR was made of just that; set_made DIR WHAT once it is
is_made() {
    [ "$(cat "$1/made" 2>/dev/null)" = "$2" ]
}
set_made() {
    printf '%s\n' "$2" >"$1/made"
}

# One process at a time changes what is there; until this one ends.
lock_cache() {
    mkdir -p "$cache" || unavailable "no place for it"
    exec 9>"$cache/.lock"
    flock 9
}

mirror() {
    # shellcheck disable=SC2016 # these are apt's own
    apt-get indextargets --format '$(REPO_URI) $(LABEL)' 'Created-By: Packages' 2>/dev/null |
        sed -n 's/ Debian$//p' | head -n 1
}

# apt_tool SUITE/ARCH TOOL ARGUMENT...: its errors go to a log
apt_tool() {
    local state=$cache/apt/$1 arch=${1#*/} tool=$2
    shift 2
    "$tool" -o Dir::Etc::SourceList="$state/sources.list" -o Dir::Etc::SourceParts=/dev/null \
        -o Dir::Etc::Preferences=/dev/null -o Dir::Etc::PreferencesParts=/dev/null \
        -o Dir::State="$state" -o Dir::State::status="$state/status" -o Dir::Cache="$state/cache" \
        -o APT::Architecture="$arch" -o APT::Architectures="$arch" -o APT::Install-Recommends=0 \
        -o APT::Sandbox::User="$(id -un)" -o Acquire::Retries=3 "$@" </dev/null 2>"$state/log"
}

# apt_error SUITE/ARCH: what failed first, as apt says it; false if nothing did
apt_error() {
    grep -m 1 -E '^[EW]: ' "$cache/apt/$1/log"
}

# Lists of packages, once a day at most.
prepare_apt() {
    local state=$cache/apt/$1 suite=${1%/*} from tool
    [ -z "$(find "$state/lists/made" -mmin -1440 2>/dev/null)" ] || return 0
    for tool in apt-get dpkg-deb; do
        command -v $tool >/dev/null || unavailable "no $tool: not a Debian system"
    done
    [ -r $keyring ] || unavailable "no $keyring: is debian-archive-keyring installed?"
    from=$(mirror)
    [ -n "$from" ] || unavailable "apt knows no mirror of Debian: apt-get update"
    mkdir -p "$state/lists/partial" "$state/cache"
    : >"$state/status"
    echo "deb [signed-by=$keyring] $from $suite main" >"$state/sources.list"
    # it is content with a mirror that does not answer
    apt_tool "$1" apt-get -qq update || unavailable "$(apt_error "$1")"
    ! apt_error "$1" >/dev/null || unavailable "$(apt_error "$1")"
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

# fetch SUITE/ARCH DIR PACKAGE[=VERSION]...: these and what they depend on
fetch() {
    local debian=$1 dir=$2
    shift 2
    prepare_apt "$debian"
    leave_out "$debian" >"$cache/apt/$debian/status"
    apt_tool "$debian" apt-get -o Dir::Cache::Archives="$dir" -qq --download-only --no-remove -y \
        install "$@" >/dev/null
}

# unpack SUITE/ARCH DIR PACKAGE[=VERSION]...: the same, as a merged /usr has it, without documentation;
# their names and versions in DIR/packages
unpack() {
    local debian=$1 dir=$2 deb part
    shift 2
    rm -rf --one-file-system "$dir"
    mkdir -p "$dir/debs/partial" "$dir"/usr/{bin,sbin,lib,lib64}
    for part in bin sbin lib lib64; do
        ln -s "usr/$part" "$dir/$part"
    done
    # a mirror keeps no version that its lists of today don't name
    if ! fetch "$debian" "$dir/debs" "$@"; then
        rm -f "$cache/apt/$debian/lists/made"
        fetch "$debian" "$dir/debs" "$@" || unavailable "$(apt_error "$debian")"
    fi
    for deb in "$dir"/debs/*.deb; do
        dpkg-deb --fsys-tarfile "$deb" | tar -C "$dir" --keep-directory-symlink -xf - \
            --exclude='./usr/share/doc/*' --exclude='./usr/share/man/*' \
            --exclude='./usr/share/locale/*'
        basename "$deb" .deb
    done >"$dir/packages"
    rm -r "$dir/debs"
}

# unpack_once SUITE/ARCH DIR PACKAGE...: the same, unless that is what DIR was made of
unpack_once() {
    local made="$1: ${*:3}, without ${left_out[*]}"
    ! is_made "$2" "$made" || return 0
    say "fetching for $1: ${*:3}"
    unpack "$@"
    set_made "$2" "$made"
}
