#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# What VFIO says of BARs, and what of them can be mapped, on hosts with pages of 4K, 16K and 64K: the
# programs, the shim and the fake are told so. regions.c explains the lines.
# shellcheck source=tests/lib/preload.sh
. "${top_srcdir:-.}/tests/lib/preload.sh" || exit
tap_need "$programs/regions" "$libs/libpagesize.so"

# trap V17
# BARs smaller than a page: one at the start of a page of its own at every size, one only at 4K.
cat >"$tap_tmp/small.desc" <<'END'
device 0000:01:00.0
id 1af4:1234
class 010802
bar 0 mem64 8K at 0x80000000
bar 2 mem32 4K at 0x80021000
bar 3 mem32 512 at 0x80030000
bar 4 mem64 64K
msix at 0xb0 vectors 16 table 4:0x2000 pba 4:0x3000
END
# what other kernels and drivers say: areas of their own, no areas, nothing of the table
cat >"$tap_tmp/areas.desc" <<'END'
device 0000:01:00.0
id 1af4:1234
class 010802
bar 0 mem64 64K sparse 0x0+0x1000 0x8000+0x8000
bar 2 mem64 32K nommap
bar 4 mem64 4M
msix at 0xb0 vectors 16 table 0:0x4000 pba 0:0x5000
END
cp "$descriptions/nvme-136.desc" "$tap_tmp/nvme.desc"
(cat "$descriptions/nvme-136.desc" && echo 'no msix-mappable') >"$tap_tmp/nvme-4.15.desc"

# regions PAGE DEVICE RULES; the rules "none": no shim at all
regions() {
    local libraries=$libs/libfakevfio.so
    [ "$3" = none ] || libraries=$libs/libmsixshim.so:$libraries
    TEST_PAGE_SIZE=$(($1 * 1024)) FAKEVFIO="$tap_tmp/$2.desc" MSIXSHIM=$3 \
        LD_PRELOAD="$libs/libpagesize.so:$libraries" "$programs/regions" "$group" "$bdf" 2>&1
}

for page in 4 16 64; do
    for device in small areas nvme-4.15; do
        regions $page $device none >"$tap_tmp/bare"
        regions $page $device off >"$tap_tmp/off"
        grep -q '^table BAR' "$tap_tmp/bare" && cmp "$tap_tmp/bare" "$tap_tmp/off"
        tap_result $? "$device, pages of ${page}K: off is the kernel's"
    done
done

while read -r page device rules line; do
    [ -n "$line" ] || continue
    if [ -n "${MEMCHECK:-}" ] && [[ $rules = *map=compose* ]]; then
        tap_skip "$device, pages of ${page}K, MSIXSHIM=$rules" "$no_compose"
        continue
    fi
    regions "$page" "$device" "$rules" >"$tap_tmp/out"
    grep -qxF -- "$line" "$tap_tmp/out"
    tap_result $? "$device, pages of ${page}K, MSIXSHIM=$rules: $line" || sed 's/^/# /' "$tap_tmp/out"
done <<'END'
4  small none BAR0 0x2000 whole=ok
4  small bar0 BAR0 0x4000 SPARSE MAPPABLE 0x0+0x2000=ok whole=EINVAL behind=EINVAL
4  small bar0 table BAR0+0x2000 before=data control=1 end=0
16 small bar0 BAR0 0x8000 SPARSE MAPPABLE 0x0+0x4000=ok whole=EINVAL behind=EINVAL
16 small bar0 table BAR0+0x4000 before=0 control=1 end=0
64 small none BAR0 0x2000 whole=ok
64 small bar0 BAR0 0x20000 SPARSE MAPPABLE 0x0+0x10000=ok whole=EINVAL behind=EINVAL
64 small bar0 table BAR0+0x10000 before=0 control=1 end=0
64 small bar0,map=compose BAR0 0x20000 SPARSE MAPPABLE 0x0+0x10000=ok whole=ok behind=ok
64 small bar0,caps=sparse BAR0 0x20000 SPARSE 0x0+0x10000=ok whole=EINVAL behind=EINVAL

4  small bar2 BAR2 0x2000 SPARSE MAPPABLE 0x0+0x1000=ok whole=EINVAL behind=EINVAL
16 small none BAR2 0x1000 unmappable whole=EINVAL
16 small bar2 BAR2 0x8000 unmappable whole=EINVAL
16 small bar2 table BAR2+0x4000 before=0 control=1 end=0
64 small bar2,map=compose BAR2 0x20000 unmappable whole=EINVAL
64 small bar2 table BAR2+0x10000 before=0 control=1 end=0

4  small bar3 BAR3 0x2000 SPARSE MAPPABLE 0x0+0x1000=ok whole=EINVAL behind=EINVAL
4  small bar3 table BAR3+0x1000 before=0 control=1 end=0
64 small bar3 BAR3 0x20000 SPARSE MAPPABLE 0x0+0x10000=ok whole=EINVAL behind=EINVAL
64 small bar3 table BAR3+0x10000 before=0 control=1 end=0

4  small none BAR4 0x10000 MAPPABLE whole=ok
4  small bar0 BAR4 0x10000 whole=ok
64 small bar0,caps=sparse BAR4 0x10000 whole=ok
4  small bar4 BAR4 0x20000 SPARSE MAPPABLE 0x0+0x10000=ok whole=EINVAL behind=EINVAL
64 small bar4 BAR4 0x20000 SPARSE MAPPABLE 0x0+0x10000=ok whole=EINVAL behind=EINVAL
64 small bar4,caps=sparse BAR4 0x20000 SPARSE 0x0+0x10000=ok whole=EINVAL behind=EINVAL
64 small bar4,map=compose,caps=sparse BAR4 0x20000 SPARSE 0x0+0x10000=ok whole=ok behind=ok
64 small bar4 table BAR4+0x10000 before=data control=1 end=0

4  nvme bar2 BAR0 0x4000 whole=ok
4  nvme bar2 BAR2 0x1000 unmappable whole=EINVAL
64 nvme bar2 BAR2 0x10000 unmappable whole=EINVAL
64 nvme bar2,caps=sparse,map=compose BAR2 0x10000 unmappable whole=EINVAL
64 nvme bar2 table BAR2+0x0 before=none control=1 end=0

4  areas none BAR0 0x10000 SPARSE MAPPABLE 0x0+0x1000=ok 0x8000+0x8000=ok whole=ok
4  areas bar0 BAR0 0x20000 SPARSE MAPPABLE 0x0+0x1000=ok 0x8000+0x8000=ok whole=EINVAL behind=EINVAL
4  areas bar0,caps=sparse BAR0 0x20000 SPARSE 0x0+0x1000=ok 0x8000+0x8000=ok whole=EINVAL behind=EINVAL
4  areas bar4 BAR0 0x10000 SPARSE 0x0+0x1000=ok 0x8000+0x8000=ok whole=ok
4  areas bar2 BAR2 0x10000 unmappable whole=EINVAL
4  areas bar2,map=compose BAR2 0x10000 unmappable whole=EINVAL
4  areas bar4 BAR4 0x800000 SPARSE MAPPABLE 0x0+0x400000=ok whole=EINVAL behind=EINVAL
64 areas bar4,caps=sparse BAR4 0x800000 SPARSE 0x0+0x400000=ok whole=EINVAL behind=EINVAL

4  nvme-4.15 none BAR0 0x4000 whole=EINVAL
4  nvme-4.15 bar2 BAR0 0x4000 SPARSE 0x0+0x2000=ok 0x3000+0x1000=ok whole=EINVAL
4  nvme-4.15 bar0,caps=sparse BAR0 0x8000 SPARSE 0x0+0x2000=ok 0x3000+0x1000=ok whole=EINVAL behind=EINVAL
END

tap_done
