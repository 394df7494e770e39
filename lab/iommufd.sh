#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Makes, once, the kernel modules that Debian leaves out, for the kernel of the machine amd64: iommufd,
# and vfio with device nodes. Called by machine.sh -i, which loads them in place of Debian's.
#
# Built of Debian's source, with its headers and its compiler, in a tree of unpacked packages; takes
# root or user namespaces for that.
# shellcheck source-path=SCRIPTDIR source=kinds.sh
. "$(dirname "${BASH_SOURCE[0]}")/kinds.sh"
set_machine amd64
version=$(ls "$kernel/usr/lib/modules")
out=$machines/iommufd
made="$version $(cksum <"$here/iommufd.sh")"
! is_made "$out" "$made" || exit 0
namespaces=(-m)
[ "$(id -u)" = 0 ] || namespaces=(-Urm)
unshare "${namespaces[@]}" true 2>/dev/null ||
    skip "neither root nor user namespaces: the modules for iommufd can't be built"
lock_cache
! is_made "$out" "$made" || exit 0

prepare_apt "$debian"
series=${version%%.*}.$(cut -d. -f2 <<<"$version")
headers=linux-headers-$version
revision=$(apt_tool "$debian" apt-cache show "$headers" | sed -n 's/^Version: //p' | head -n 1)
compiler=$(apt_tool "$debian" apt-cache depends "$headers" |
    sed -n 's/^ *Depends: \(gcc-[0-9]*\)\(-.*\)*$/\1/p' | head -n 1)
root=$machines/build-iommufd
build=$root/build
left_out+=("linux-image-$version=$revision") # the headers are of no use to Debian without it

fetch_sources() {
    say "fetching headers, source and $compiler for $version"
    unpack "$debian" "$root" "$headers=$revision" "linux-source-$series=$revision" "$compiler" \
        make bash coreutils grep sed gawk findutils diffutils
    mkdir -p "$build" "$root"/{dev,proc,tmp}
    ln -sf bash "$root/usr/bin/sh"
    ln -sf gawk "$root/usr/bin/awk"
    tar -C "$build" -xJf "$root/usr/src/linux-source-$series.tar.xz" --strip-components=1 --wildcards \
        '*/drivers/iommu/iommufd/*.[ch]' '*/drivers/iommu/iommu-priv.h' '*/drivers/vfio/*.[ch]' \
        '*/lib/interval_tree.c'
}

# As shallow as their own includes want it; nothing here builds the vendors' drivers.
arrange() {
    mv "$build"/drivers/iommu/{iommufd,iommu-priv.h} "$build/drivers/vfio" "$build/"
    {
        printf '#include <linux/%s.h>\n' interval_tree interval_tree_generic compiler export
        sed -n '/#ifdef CONFIG_INTERVAL_TREE_SPAN_ITER/,/^#endif/p' "$build/lib/interval_tree.c" |
            grep -v EXPORT_SYMBOL
    } >"$build/iommufd/span_iter.c"
    cat >"$build/Kbuild" <<'END'
subdir-ccflags-y := -DCONFIG_IOMMUFD_MODULE=1 -DCONFIG_VFIO_DEVICE_CDEV=1 -DCONFIG_INTERVAL_TREE_SPAN_ITER=1
obj-m := iommufd/ vfio/
END
    cat >"$build/iommufd/Kbuild" <<'END'
iommufd-y := device.o fault.o hw_pagetable.o io_pagetable.o ioas.o main.o pages.o vfio_compat.o span_iter.o
obj-m += iommufd.o
END
    cat >"$build/vfio/Kbuild" <<'END'
vfio-y := vfio_main.o device_cdev.o group.o iommufd.o container.o virqfd.o
obj-m += vfio.o vfio_iommu_type1.o pci/
END
    cat >"$build/vfio/pci/Kbuild" <<'END'
vfio-pci-core-y := vfio_pci_core.o vfio_pci_intrs.o vfio_pci_rdwr.o vfio_pci_config.o
vfio-pci-y := vfio_pci.o vfio_pci_igd.o
obj-m += vfio-pci-core.o vfio-pci.o
END
}

# shellcheck disable=SC2016 # the inner shell's
compile() {
    unshare "${namespaces[@]}" bash -ec '
        mount --rbind /dev "$1/dev"; mount --rbind /proc "$1/proc"
        exec chroot "$1" /usr/bin/env -i PATH=/usr/bin:/usr/sbin HOME=/ bash -c "
            make -j\$(nproc) -C /usr/src/linux-headers-$2 M=/build modules &&
            find /build -name \"*.ko\" -exec strip --strip-debug {} +"' _ "$root" "$version"
}

fetch_sources
arrange
say "building iommufd and vfio"
compile >"$machines/iommufd.log" 2>&1 9>&- || { tail -n 30 "$machines/iommufd.log" >&2 && exit 1; }
rm -rf "$out"
mkdir -p "$out"
cp "$build/iommufd/iommufd.ko" "$build"/vfio/*.ko "$build"/vfio/pci/*.ko "$out/"
rm -rf --one-file-system "$root"
set_made "$out" "$made"
