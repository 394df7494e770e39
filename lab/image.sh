#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Makes, once, what machine.sh boots: image.sh amd64|amd64-12|arm64-16k|arm64-64k|ppc64|ppc64-12
#
#   amd64       Debian 13's kernel and QEMU, pages of 4K
#   amd64-12    Debian 12's
#   arm64-16k   Debian 13's, pages of 16K
#   arm64-64k   a small kernel of Debian 13's source, pages of 64K: kernel64k.sh, 12 minutes of a CPU
#   ppc64       Debian 13's, for IBM's pSeries, pages of 64K
#   ppc64-12    Debian 12's QEMU, and the oldest kernel that Debian 13 still lists: Debian 12's has
#               no VFIO there
#
# L1 is the machine with the IOMMU and the devices. It holds Debian's QEMU, and the kernel and
# initramfs of L2, the guest. L1 itself is emulated by Debian 13's QEMU, whatever it holds.
# shellcheck source-path=SCRIPTDIR source=kinds.sh
. "$(dirname "${BASH_SOURCE[0]}")/kinds.sh"
set_machine "${1:?amd64, amd64-12, arm64-16k, arm64-64k, ppc64 or ppc64-12}"

tool_packages=(qemu-system-x86 qemu-system-arm qemu-system-ppc busybox-static kmod xz-utils binutils libc-bin)
user_packages=("$qemu_package" busybox-static bash strace pciutils kmod libjson-c5)
programs=("$qemu" bash strace lspci setpci kmod)
libraries=(libjson-c.so.5 libpci.so.3)
modules=(vfio vfio_pci vfio_iommu_type1 vfio_iommu_spapr_tce irqbypass kvm kvm_amd kvm_hv virtio_pci virtio_console 9p 9pnet_virtio
    nvme megaraid_sas sd_mod e1000e igb xhci_pci usb_storage)

# of all that an image is made of
recipe() {
    echo "$debian ${tool_packages[*]} ${user_packages[*]} ${programs[*]} ${libraries[*]} ${modules[*]}"
    cat "$here"/{../ci/debian.sh,kinds.sh,image.sh,init,l1/*,kernel64k.sh,kernel64k.config} | cksum
    cat "$kernel/made" 2>/dev/null || true
}

fetch_kernel() {
    local version from=$debian left_out=("${left_out[@]}" kmod)
    if [ "$machine" = arm64-64k ]; then
        "$here/kernel64k.sh"
        return
    fi
    if [ "$machine" = ppc64-12 ]; then
        from=trixie/ppc64el
        prepare_apt $from
        kernel_package=$(apt_tool $from apt-cache pkgnames linux-image-6 |
            grep -e '-powerpc64le-64k$' | sort -V | sed -n 1p)
    fi
    unpack_once "$from" "$kernel" "$kernel_package"
    version=$(ls "$kernel/usr/lib/modules")
    cp "$kernel"/boot/vmlinu[xz]-"$version" "$kernel/vmlinuz.new"
    mv -f "$kernel/vmlinuz.new" "$kernel/vmlinuz" # a machine that is starting keeps the old one
    [ -e "$kernel/usr/lib/modules/$version/modules.dep" ] || tool depmod -b "$kernel" "$version"
}

# The modules and all that they need, as paths below the kernel's directory of modules.
module_paths() {
    awk -v want="${modules[*]}" '
        function base(p) { sub(/.*\//, "", p); sub(/\.ko.*/, "", p); gsub(/-/, "_", p); return p }
        function put(k,    n, d, i) {
            if (k in seen || !(k in path)) return
            seen[k]
            print path[k]
            n = split(needs[k], d, " ")
            for (i = 1; i <= n; i++) put(base(d[i]))
        }
        { p = $1; sub(/:$/, "", p); path[base(p)] = p; $1 = ""; needs[base(p)] = $0 }
        END { n = split(want, w, " "); for (i = 1; i <= n; i++) put(w[i]) }
    ' "$1/modules.dep"
}

put_modules() {
    local tree=$1 version from path to
    version=$(ls "$kernel/usr/lib/modules" 2>/dev/null) || return 0
    from=$kernel/usr/lib/modules/$version to=$tree/usr/lib/modules/$version
    for path in $(module_paths "$from"); do
        mkdir -p "$to/$(dirname "$path")"
        case $path in
        *.xz) tool xz -dc "$from/$path" >"$to/${path%.xz}" ;;
        *) cp "$from/$path" "$to/$path" ;;
        esac
    done
    cp "$from"/modules.{order,builtin,builtin.modinfo} "$to/"
    tool depmod -b "$tree" "$version"
}

# Both levels have busybox, the modules and /init.
put_base() {
    local tree=$1 part
    mkdir -p "$tree"/usr/{bin,sbin,lib,lib64} "$tree"/{dev,proc,sys,run,tmp,root,etc,share,ctl}
    for part in bin sbin lib lib64; do
        ln -s "usr/$part" "$tree/$part"
    done
    cp "$user/usr/bin/busybox" "$tree/usr/bin/"
    for part in $("$machines/tools/usr/bin/busybox" --list); do
        [ -e "$tree/usr/bin/$part" ] || ln -s busybox "$tree/usr/bin/$part"
    done
    echo 'root:x:0:0:root:/root:/bin/sh' >"$tree/etc/passwd"
    echo 'root:x:0:' >"$tree/etc/group"
    install -m 755 "$here/init" "$tree/init"
    put_modules "$tree"
}

# put_needed TREE FILE...: the libraries that these need, and theirs
put_needed() {
    local tree=$1 file name
    shift
    for file; do
        for name in $(tool readelf -d "$file" | sed -n 's/.*(NEEDED).*\[\(.*\)\]/\1/p'); do
            [ -e "$user/usr/lib/$triplet/$name" ] || continue
            [ ! -e "$tree/usr/lib/$triplet/$name" ] || continue
            cp -L "$user/usr/lib/$triplet/$name" "$tree/usr/lib/$triplet/"
            put_needed "$tree" "$user/usr/lib/$triplet/$name"
        done
    done
}

put_programs() {
    local tree=$1 name file
    mkdir -p "$tree/usr/lib/$triplet"
    cp -L "$user/usr/lib/$triplet/$(basename "$ldso")" "$tree/usr/$ldso"
    for name in "${programs[@]}"; do
        file=$user/usr/bin/$name
        [ -e "$file" ] || file=$user/usr/sbin/$name
        rm -f "$tree/usr/bin/$name"
        cp -L "$file" "$tree/usr/bin/"
        put_needed "$tree" "$file"
    done
    for name in "${libraries[@]}"; do
        cp -L "$user/usr/lib/$triplet/$name" "$tree/usr/lib/$triplet/"
        put_needed "$tree" "$user/usr/lib/$triplet/$name"
    done
    # Debian 12's QEMU has TCG in a module
    file=$user/usr/lib/$triplet/qemu/accel-tcg-x86_64.so
    [ ! -e "$file" ] || install -D -m 644 -t "$tree/usr/lib/$triplet/qemu" "$file"
    for name in modprobe insmod lsmod rmmod; do
        ln -sfn kmod "$tree/usr/bin/$name"
    done
    install -m 755 "$here"/l1/* "$tree/usr/bin/"
}

# Firmware for the guest, names of devices, and the version of QEMU, which takes a second to tell.
put_data() {
    local tree=$1 file dir
    mkdir -p "$tree/usr/share/qemu" "$tree/usr/share/misc"
    for file in bios-256k.bin kvmvapic.bin linuxboot.bin linuxboot_dma.bin vof.bin; do
        for dir in seabios qemu; do
            [ ! -e "$user/usr/share/$dir/$file" ] ||
                cp -L "$user/usr/share/$dir/$file" "$tree/usr/share/qemu/"
        done
    done
    cp -L "$user/usr/share/misc/pci.ids" "$tree/usr/share/misc/"
    grep -aom 1 'QEMU emulator version [0-9.]*' "$user/usr/bin/$qemu" | sed 's/.* //' >"$tree/etc/qemu-version"
}

pack() {
    (cd "$1" && find . | LC_ALL=C sort | "$machines/tools/usr/bin/busybox" cpio -o -H newc) \
        >"$2.new" 2>/dev/null
    mv -f "$2.new" "$2"
}

make_images() {
    local tree=$kernel/tree
    say "packing the images of $machine"
    rm -rf "$tree"
    put_base "$tree"
    : >"$tree/etc/is-l2"
    pack "$tree" "$kernel/l2.cpio"
    rm "$tree/etc/is-l2"
    put_programs "$tree"
    put_data "$tree"
    mkdir "$tree/l2"
    cp "$kernel/vmlinuz" "$tree/l2/vmlinuz"
    cp "$kernel/l2.cpio" "$tree/l2/initrd"
    pack "$tree" "$kernel/l1.cpio"
    rm -rf "$tree"
}

is_current() {
    [ "$(cat "$kernel/recipe" 2>/dev/null)" = "$(recipe)" ]
}

! is_current || exit 0
lock_cache
! is_current || exit 0
unpack_once trixie/amd64 "$machines/tools" "${tool_packages[@]}"
unpack_once "$debian" "$user" "${user_packages[@]}"
rm -f "$kernel/recipe" # of what is half made there is none
fetch_kernel
make_images
recipe >"$kernel/recipe"
