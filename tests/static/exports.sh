#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# What the two preload libraries show to the dynamic linker, and what they ask of it.
. "$(dirname "${BASH_SOURCE[0]}")/../lib/tap.sh" || exit

[ -z "$SANITIZER" ] || tap_skip_all "a sanitizer's symbols and libraries stand among the others"

# All that a library defines, one a line, with @VERSION where there is one.
exported() {
    "${nm[@]}" -D --defined-only "$1" | awk 'NF == 3 { print $3 }' | sort
}

shim=$top_builddir/.libs/libmsixshim.so
fake=$top_builddir/.libs/libfakevfio.so
manifest=$top_srcdir/src/shim/shim.map
libc=$("${cc[@]}" -print-file-name=libc.so.6)
tap_need "$shim" "$fake" "$manifest" "$libc"

diff <(manifest_names "$manifest") <(exported "$shim") |
    tap_empty "libmsixshim: exports are those of src/shim/shim.map"
grep -nE '^[^{]*[A-Za-z0-9_][^{]*\{' "$manifest" |
    tap_empty "libmsixshim: the version node is anonymous"

exported "$libc" | sed 's/@.*//' | sort -u >"$tap_tmp/libc"
exported "$fake" | grep -v '^fakevfio_' | comm -23 - "$tap_tmp/libc" |
    tap_empty "libfakevfio: exports are libc's names and fakevfio_*"

for library in "$shim" "$fake"; do
    name=$(basename "$library" .so)
    exported "$library" | grep @ |
        tap_empty "$name: no symbol has a version (one would not interpose)"
    "$READELF" -dW "$library" | awk '/\(NEEDED\)/ { print $NF }' | grep -vFx '[libc.so.6]' |
        tap_empty "$name: needs libc alone"
    "$READELF" -dW "$library" | grep '(FLAGS_1)' | grep -w NOW | grep -w NODELETE >/dev/null
    tap_result $? "$name: bound when loaded, never unloaded"
    "$READELF" -dW "$library" | grep -E '\((RPATH|RUNPATH|TEXTREL)\)' |
        tap_empty "$name: no search path, no text relocation"
done

# How a program comes by a descriptor of a VFIO device, uses it and loses it: every such call
# that a VMM imports has to be wrapped. read and write are not: no VMM uses them there.
# trap V2
families='(__)?(open|openat)(64)?(_2)?|ioctl|(__)?p(read|write)(64)?(_chk)?|p(read|write)v2?(64)?(v2)?'
families="$families|mmap(64)?|munmap|mremap|close|close_range|closefrom|dup[23]?|fcntl(64)?|recvm?msg"

# covers WHAT FILE...: the calls that these programs and libraries import
covers() {
    local what="libmsixshim: covers what $1 imports"
    shift
    "${nm[@]}" -D --undefined-only "$@" | awk 'NF > 1 { print $NF }' | sed 's/@.*//' |
        grep -xE "$families" | sort -u >"$tap_tmp/imports"
    echo "# $*: $(tr '\n' ' ' <"$tap_tmp/imports")"
    {
        grep -qx ioctl "$tap_tmp/imports" || echo "no ioctl in it: nothing was looked at"
        comm -23 "$tap_tmp/imports" <(manifest_names "$manifest")
    } | tap_empty "$what"
}

qemu=$(command -v qemu-system-x86_64)
if [ -n "$qemu" ]; then
    covers "the installed QEMU" "$qemu"
else
    tap_skip "libmsixshim: covers what the installed QEMU imports" "no qemu-system-x86_64"
fi

# those that are unpacked beside the system; the calls of DPDK are in its libraries
for name in qemu-10 dpdk-22 dpdk-24; do
    if program=$("$top_srcdir/ci/beside.sh" --no-fetch $name 2>&1); then
        mapfile -t files < <(ls "${program%/*}"/../lib/*/librte_{eal,bus_pci}.so.*.* 2>/dev/null)
        covers "$name" "$program" "${files[@]}"
    else
        tap_skip "libmsixshim: covers what $name imports" "$program"
    fi
done

tap_done
