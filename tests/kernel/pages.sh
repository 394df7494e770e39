#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Pages of 16K, and with `make check-kernel-full` of 64K: one page holds all of an NVMe controller's
# BAR0, registers, doorbells and the MSI-X table. Guests under KVM, not relocated, relocated by QEMU,
# and by the shim, by turns in one boot of L1: what QEMU maps, and how many accesses a second get
# through. L1's clock runs fast while the host is busy: the numbers of one run compare, and only those.
# shellcheck source=tests/kernel/lib.sh
. "${top_srcdir:-.}/tests/kernel/lib.sh" || exit

cross=aarch64-linux-gnu
command -v $cross-gcc >/dev/null ||
    tap_skip_all "no $cross-gcc: apt-get install gcc-aarch64-linux-gnu libc6-dev-arm64-cross"
need_machine arm64-16k

# Not with what the makefile says of this machine's compiler.
env -u CC -u NM -u READELF -u MAKEFLAGS "$top_srcdir/tests/ci/cross.sh" "$top_builddir/ci/aarch64" $cross \
    >"$tap_tmp/out" 2>&1 &&
    $cross-gcc -std=gnu11 -O2 -static -Wall -Wextra -Werror "$kernel_dir/bench.c" -o "$tap_tmp/bench"
tap_result $? "the shim and the guest's program are built for arm64" || { sed 's/^/# /' "$tap_tmp/out" && exit 1; }

share_libraries
cp "$top_builddir/ci/aarch64/.libs/libmsixshim.so" "$kernel_dir/pages.awk" "$share/"
{ cat "$kernel_dir"/l2/{nvme,registers} && base64 "$tap_tmp/bench"; } >"$share/l2/nvme"

cat >"$share/run" <<'END'
. ./l1.sh
pages=$1 bytes=$2 address=0000:01:00.0
vmm="$vmm ($pages pages)"
vfio-bind $address >/dev/null
for round in 1 2 3; do
    # who, rules, where the table is, in a BAR how large, and how much of BAR0's page is direct
    while read -r who rules table size direct; do
        guest nvme $address "$who" "$rules" "$table of $size" "0:$direct"
        for kind in reads writes; do
            sed -n "s/^$kind //p" /tmp/out | mapfile -t rates
            printf "$who $kind %s\n" "${rates[@]}" >>/tmp/rates
            echo "# $pages pages, round $round, $who, $kind a second: ${rates[*]}"
        done
        [ "$round" = 1 ] || continue
        echo "$who direct $(direct $address 0 </tmp/view)" >>/tmp/rates
        grep -e "$address BAR" -e msix- /tmp/view | sort -u | sed "s/^ */# view, $pages pages, $who: /"
    done <<ROWS
none - bar0+0x2000 0x4000 0
native bar2 bar2+0x0 $bytes $((bytes))
shim auto bar2+0x0 $bytes $((bytes))
ROWS
done
awk -v pages="$pages" -f ./pages.awk /tmp/rates
END
truncate -s 64M "$share/disk"

# measure MACHINE PAGES BYTES: the controller is behind a root port, and so alone in its page
measure() {
    machine_tap -m "$1" -t 1500 -d "$share" -D pcie-root-port,id=rp,addr=5 \
        -D nvme,serial=a,bus=rp,drive=d \
        -q -drive -q "if=none,id=d,file=$share/disk,format=raw,cache=unsafe" -- "bash ./run $2 $3"
}
measure arm64-16k 16K 0x4000

if full "pages of 64K"; then
    answer=$(need_machine arm64-64k) || { echo "$answer" && exit 1; }
    case $answer in
    *"# SKIP "*) tap_skip "pages of 64K" "${answer#*# SKIP }" ;;
    *) measure arm64-64k 64K 0x10000 ;;
    esac
fi
tap_done
