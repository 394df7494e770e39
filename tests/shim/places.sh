#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Where an extended BAR is mapped, as the kernel does it: by its own pages alone.
# shellcheck source=tests/lib/preload.sh
. "${top_srcdir:-.}/tests/lib/preload.sh" || exit
[ -z "${MEMCHECK:-}" ] || [ -z "${COMPOSED:-}" ] || tap_skip_all "$no_compose"
for device in '0000:01:00.0 4M 1' '0000:02:00.0 1G 2'; do
    read -r address size number <<<"$device"
    printf '%s\n' "device $address" "group $number" 'id 1af4:1234' 'class 010802' \
        "bar 0 mem64 $size" 'msix at 0xb0 vectors 16 table 0:0x2000 pba 0:0x3000'
done >"$tap_tmp/two.desc"
FAKEVFIO="$tap_tmp/two.desc" MSIXSHIM=bar0${COMPOSED:+,map=compose} \
    LD_PRELOAD="$libs/libmsixshim.so:$libs/libfakevfio.so" "$programs/test_places"
