#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Makes sure that the Debian packages of the named sets are installed: packages.sh demo [check]
# Calls apt only if one is missing, and asks nobody anything.
set -euo pipefail

demo=(autoconf automake gcc libc6-dev libjson-c-dev libpci-dev libtool make pciutils
      pkg-config qemu-system-x86)
check=(bc binutils bison build-essential clang clang-format clang-tidy cppcheck debhelper flex
       gcc-aarch64-linux-gnu gcc-powerpc64le-linux-gnu gcc-riscv64-linux-gnu gcc-s390x-linux-gnu
       git groff-base libc6-dev-arm64-cross libc6-dev-ppc64el-cross libc6-dev-riscv64-cross
       libc6-dev-s390x-cross libcap2-bin libcmocka-dev lintian mandoc musl-tools patchelf
       python3-minimal qemu-user shellcheck strace valgrind xz-utils)

wanted=()
for name; do
    case "$name" in
    demo) wanted+=("${demo[@]}") ;;
    check) wanted+=("${check[@]}") ;;
    *) echo "packages.sh: unknown set '$name'" >&2; exit 2 ;;
    esac
done

if ! command -v dpkg-query >/dev/null; then
    echo "quickstart: not a Debian system; going on with what is installed." \
         "Debian calls what is needed: ${wanted[*]}" >&2
    exit 0
fi

missing=()
for package in "${wanted[@]}"; do
    status=$(dpkg-query -W -f '${db:Status-Status}\n' "$package" 2>/dev/null || true)
    grep -qx installed <<<"$status" || missing+=("$package")
done
[ ${#missing[@]} -gt 0 ] || exit 0

if [ "$(id -u)" = 0 ]; then
    root=()
elif command -v sudo >/dev/null && { sudo -n true 2>/dev/null || [ -t 0 ]; }; then
    root=(sudo)
else
    echo "quickstart: these packages are missing, and it takes root to install them:" >&2
    echo "    apt-get install ${missing[*]}" >&2
    exit 1
fi

echo "quickstart: installing ${missing[*]}"
apt_get() {
    "${root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -qq \
        -o Dpkg::Use-Pty=0 -o Acquire::Retries=3 "$@" </dev/null
}
log=$(mktemp)
trap 'rm -f "$log"' EXIT
# A failing update need not matter: one source of many may be out of reach.
apt_get update >"$log" 2>&1 || true
if ! apt_get install --no-install-recommends "${missing[@]}" >>"$log" 2>&1; then
    tail -n 30 "$log" >&2
    echo "quickstart: apt-get could not install: ${missing[*]}" >&2
    exit 1
fi
