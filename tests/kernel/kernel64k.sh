#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Makes, once, the arm64 kernel with 64K pages that Debian does not have: of Debian's source, and
# kernel64k.config. Takes 12 minutes of a CPU. Called by image.sh.
# shellcheck source-path=SCRIPTDIR source=debian.sh
. "$(dirname "${BASH_SOURCE[0]}")/debian.sh"
set_machine arm64-64k
packages=(gcc-aarch64-linux-gnu make flex bison bc xz-utils)

made="${debian%/*} $(cksum <"$here/kernel64k.config")"
! is_made "$kernel" "$made" || exit 0
for program in aarch64-linux-gnu-gcc make flex bison bc xz; do
    command -v $program >/dev/null || skip "no $program; what it takes: apt-get install ${packages[*]}"
done

prepare_apt trixie/amd64
source=$(apt_tool trixie/amd64 apt-cache depends linux-source |
    sed -n 's/^ *Depends: \(linux-source-.*\)/\1/p' | head -n 1)
build=$cache/build-64k
rm -rf "$build" "$kernel"
mkdir -p "$build"/{deb,src,out} "$kernel"
say "fetching $source"
(cd "$build/deb" && apt_tool trixie/amd64 apt-get -qq download "$source") || skip "can't fetch $source"
dpkg-deb --fsys-tarfile "$build"/deb/*.deb | tar -C "$build/deb" -xf - --wildcards './usr/src/*.tar.xz'
tar -C "$build/src" -xJf "$build"/deb/usr/src/*.tar.xz --strip-components=1 \
    --exclude='*/Documentation/*/*' --exclude='*/drivers/gpu/drm/amd/include' --exclude='*/tools/testing'
rm -r "$build/deb"

say "building the kernel; its log is $kernel/log"
unset MAKEFLAGS # of `make check-kernel-full`
export ARCH=arm64 CROSS_COMPILE=aarch64-linux-gnu-
(
    cd "$build/src"
    make O=../out tinyconfig
    scripts/kconfig/merge_config.sh -m -O ../out ../out/.config "$here/kernel64k.config"
    make O=../out olddefconfig
    make O=../out -j"$(nproc)" Image
) >"$kernel/log" 2>&1 || { tail -n 30 "$kernel/log" >&2 && exit 1; }
grep -o '^CONFIG_[A-Z0-9_]*=y' "$here/kernel64k.config" | while read -r wanted; do
    grep -qx "$wanted" "$build/out/.config" || say "not in the kernel: $wanted"
done
cp "$build/out/arch/arm64/boot/Image" "$kernel/vmlinuz"
rm -rf "$build"
set_made "$kernel" "$made"
