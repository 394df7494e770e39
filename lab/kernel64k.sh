#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Makes, once, the arm64 kernel with 64K pages that Debian does not have: of Debian's source, and
# kernel64k.config. Takes 12 minutes of a CPU. Called by image.sh.
# shellcheck source-path=SCRIPTDIR source=kinds.sh
. "$(dirname "${BASH_SOURCE[0]}")/kinds.sh"
set_machine arm64-64k
packages=(gcc-aarch64-linux-gnu make flex bison bc xz-utils)

made="${debian%/*} $(cksum <"$here/kernel64k.config")"
! is_made "$kernel" "$made" || exit 0
for program in aarch64-linux-gnu-gcc make flex bison bc xz; do
    command -v $program >/dev/null || skip "no $program; what it takes: apt-get install ${packages[*]}"
done

build=$machines/build-64k
left_out+=(binutils xz-utils) # which the source asks for
say "fetching the kernel's source"
rm -rf "$kernel"
unpack trixie/amd64 "$build" linux-source
mkdir -p "$build"/{src,out} "$kernel"
tar -C "$build/src" -xJf "$build"/usr/src/linux-source-*.tar.xz --strip-components=1 \
    --exclude='*/Documentation/*/*' --exclude='*/drivers/gpu/drm/amd/include' --exclude='*/tools/testing'
rm -r "${build:?}/usr"

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
