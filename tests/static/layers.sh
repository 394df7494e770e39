#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Dependencies point down only, read off the include lines and the objects' symbols (HACKING.md,
# "Layers").
. "$(dirname "${BASH_SOURCE[0]}")/../lib/tap.sh" || exit

# layer: the layers that it may use
while IFS=: read -r layer uses; do
    find "$top_srcdir/src/$layer" -name '*.[ch]' -exec grep -HE '^ *# *include "' {} + |
        sed "s,^$top_srcdir/,," >"$tap_tmp/includes"
    [ -s "$tap_tmp/includes" ] || echo "src/$layer: no include lines found" >"$tap_tmp/includes"
    grep -vE "include \"(($layer${uses// /|})/|msixshim/fakevfio\.h|config\.h)" "$tap_tmp/includes" |
        tap_empty "$layer includes headers of: $layer$uses"
done <<'END'
core:
desc: core
vfio: core
shim: vfio core
fake: desc core
qemu: core
cli: desc qemu core
END
find "$top_srcdir/src" -mindepth 1 -maxdepth 1 -printf '%f\n' |
    grep -vxE 'core|desc|vfio|shim|fake|qemu|cli' | tap_empty "src has these folders alone"

if [ -n "$SANITIZER" ]; then
    tap_skip "symbols" "a sanitizer's calls are among them"
    tap_done
    exit
fi

shim=$top_builddir/.libs/libmsixshim.so
desc=$top_builddir/.libs/libdesc.a
core=$top_builddir/.libs/libcore.a
vfio=$top_builddir/.libs/libvfio.a
manifest=$top_srcdir/src/shim/shim.map
tap_need "$core" "$vfio" "$desc" "$shim" "$manifest"

for archive in "$core" "$vfio" "$desc"; do
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

defined() {
    "${nm[@]}" --defined-only "$1" | awk 'NF == 3 { print $3 }' | sort -u
}
# desc's archive has core's members, too
comm -23 <(defined "$desc") <(defined "$core") | grep -E '^(build|cap|desc|lspci|text)_' >"$tap_tmp/desc"
{
    grep -x desc_parse "$tap_tmp/desc" >/dev/null || echo "$desc: no desc_parse: stripped?"
    defined "$shim" | grep -x plan_make >/dev/null || echo "$shim: no plan_make: stripped?"
    defined "$shim" | comm -12 - "$tap_tmp/desc"
} | tap_empty "nothing of desc is in libmsixshim.so"

tap_done
