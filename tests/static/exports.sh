#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# What the two preload libraries show to the dynamic linker, and what they ask of it.
. "$(dirname "${BASH_SOURCE[0]}")/tap.sh"

[ -z "$SANITIZER" ] || tap_skip_all "a sanitizer's symbols and libraries stand among the others"

# All that a library defines, one a line, with @VERSION where there is one.
exported() {
    "${nm[@]}" -D --defined-only "$1" | awk 'NF == 3 { print $3 }' | sort
}

# check_library NAME MANIFEST
check_library() {
    local name=$1 library=$top_builddir/.libs/$1.so manifest=$top_srcdir/$2

    tap_need "$library" "$manifest"
    diff <(manifest_names "$manifest") <(exported "$library") |
        tap_empty "$name: exports are those of $2"
    exported "$library" | grep @ |
        tap_empty "$name: no symbol has a version (one would not interpose)"
    grep -nE '^[^{]*[A-Za-z0-9_][^{]*\{' "$manifest" |
        tap_empty "$name: the version node is anonymous"
    "$READELF" -dW "$library" | awk '/\(NEEDED\)/ { print $NF }' | grep -vFx '[libc.so.6]' |
        tap_empty "$name: needs libc alone"
    "$READELF" -dW "$library" | grep '(FLAGS_1)' | grep -w NOW | grep -w NODELETE >/dev/null
    tap_result $? "$name: bound when loaded, never unloaded"
    "$READELF" -dW "$library" | grep -E '\((RPATH|RUNPATH|TEXTREL|SONAME)\)' | grep -v "$name.so" |
        tap_empty "$name: no search path, no text relocation"
}

check_library libmsixshim src/shim/shim.map

# How a program comes by a descriptor of a VFIO device, uses it and loses it: every such call
# that a VMM imports has to be wrapped. read and write are not: no VMM uses them there.
families='(__)?(open|openat)(64)?(_2)?|ioctl|(__)?p(read|write)(64)?(_chk)?|p(read|write)v2?(64)?(v2)?'
families="$families|mmap(64)?|close|close_range|closefrom|dup[23]?|fcntl(64)?|recvm?msg"

qemu=$(command -v qemu-system-x86_64)
if [ -n "$qemu" ]; then
    "${nm[@]}" -D --undefined-only "$qemu" | awk '{ print $NF }' | sed 's/@.*//' |
        grep -xE "$families" | sort >"$tap_tmp/imports"
    echo "# of $qemu: $(tr '\n' ' ' <"$tap_tmp/imports")"
    comm -23 "$tap_tmp/imports" <(manifest_names "$top_srcdir/src/shim/shim.map") |
        tap_empty "libmsixshim: covers what the installed QEMU imports"
else
    tap_skip "libmsixshim: covers what the installed QEMU imports" "no qemu-system-x86_64"
fi

tap_done
