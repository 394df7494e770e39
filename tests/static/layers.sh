#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Dependencies point down only, read off the objects' symbols (HACKING.md, "Layers").
. "$(dirname "${BASH_SOURCE[0]}")/tap.sh" || exit

[ -z "$SANITIZER" ] || tap_skip_all "a sanitizer's calls stand among the symbols"

core=$top_builddir/.libs/libcore.a
vfio=$top_builddir/.libs/libvfio.a
manifest=$top_srcdir/src/shim/shim.map
tap_need "$core" "$vfio" "$manifest"

for archive in "$core" "$vfio"; do
    "${nm[@]}" "$archive" | grep ' T ' >/dev/null || { echo "Bail out! $archive: no symbols"; exit 1; }
done

# What an archive takes from outside itself.
undefined() {
    "${nm[@]}" -u "$1" | awk 'NF == 2 && $1 == "U" { print $2 }' | sort -u >"$tap_tmp/used"
    "${nm[@]}" -g --defined-only "$1" | awk 'NF == 3 { print $3 }' | sort -u >"$tap_tmp/defined"
    comm -23 "$tap_tmp/used" "$tap_tmp/defined"
}

# Not strdup, strerror and the like, which allocate or have state; then what a compiler adds.
pure='mem(chr|cmp|cpy|move|set)|str(chr|cmp|cspn|len|ncmp|nlen|rchr|spn|str)'
pure="$pure|__(mem|str)[a-z]*_chk|__stack_chk_fail|_GLOBAL_OFFSET_TABLE_|__(clz|ctz|popcount)[a-z0-9]*"

undefined "$core" | grep -vxE "$pure" |
    tap_empty "core uses mem*, str* and what the compiler adds, nothing else"

"$READELF" -SW "$core" | awk '
    /^File: / { file = $2 }
    { sub(/^ *\[ *[0-9]+\] */, "") }
    $1 ~ /^\.(data|bss|tbss|tdata|data\.rel|data\.rel\.local)$/ && $5 !~ /^0+$/ { print file, $1 }' |
    tap_empty "core has no writable variable"

undefined "$vfio" | comm -12 - <(manifest_names "$manifest") |
    tap_empty "vfio calls nothing that the shim exports"

tap_done
