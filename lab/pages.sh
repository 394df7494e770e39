#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Pages of 16K, and with `make check-kernel-full` of 64K: one page holds all of an NVMe controller's
# BAR0, registers, doorbells and the MSI-X table. Guests under KVM, not relocated, relocated by QEMU,
# and by the shim, by turns in one boot of L1: what QEMU maps, and how many accesses a second get
# through. L1's clock runs fast while the host is busy: the numbers of one run compare, and only those.
# shellcheck source=lab/lib.sh
. "${top_srcdir:-.}/lab/lib.sh" || exit

cross=aarch64-linux-gnu
command -v $cross-gcc >/dev/null ||
    tap_skip_all "no $cross-gcc: apt-get install gcc-aarch64-linux-gnu libc6-dev-arm64-cross"
need_machine arm64-16k

# Not with what the makefile says of this machine's compiler.
env -u CC -u NM -u READELF -u MAKEFLAGS "$top_srcdir/ci/cross.sh" "$top_builddir/ci/aarch64" $cross \
    >"$tap_tmp/out" 2>&1 &&
    $cross-gcc -std=gnu11 -O2 -static -Wall -Wextra -Werror "$kernel_dir/bench.c" -o "$tap_tmp/bench"
tap_result $? "the shim and the guest's program are built for arm64" ||
    { sed 's/^/# /' "$tap_tmp/out" && exit 1; }

share_libraries
cp "$top_builddir/ci/aarch64/.libs/libmsixshim.so" "$kernel_dir/pages.awk" "$share/"
cp "$kernel_dir/guests/l1.sh" "$share/guests.sh"
cat "$kernel_dir"/l2/{disk,registers} >"$share/l2/measured"
printf '%s\n' exit __PROGRAM__ | cat - <(base64 "$tap_tmp/bench") >"$share/l2/end"
echo "nvme 0000:01:00.0 measured nvme" >"$share/devices"
echo "nvme driver nvme; data same; vectors 2, fired 2" >"$share/drivers"

# run PAGES [API]...: measures with groups; and boots guests with other APIs, too
cat >"$share/run" <<'END'
. ./guests.sh
pages=$1 ways=(none:- native:bar2 shim:auto)
vmm+=" ($pages pages)"
shift
vfio-bind 0000:01:00.0 >/dev/null

# keep WHO ROUND: what the guest measured; and once what is mapped
keep() {
    for kind in reads writes; do
        sed -n "s/^$kind //p" /tmp/out | mapfile -t rates
        printf "$1 $kind %s\n" "${rates[@]}" >>/tmp/rates
        echo "# $pages pages, round $2, $1, $kind a second: ${rates[*]}"
    done
    [ "$2" = 1 ] || return
    echo "$1 direct $(direct 0000:01:00.0 0 </tmp/view)" >>/tmp/rates
    grep -e "0000:01:00.0 BAR" -e msix- /tmp/view | sort -u | sed "s/^ */# view, $pages pages, $1: /"
}

# judge: the table of the run, and its results
judge() {
    awk -v pages="$pages" -f ./pages.awk /tmp/rates
}

# A host that gets busier from one boot to the next wants more of them.
for round in 1 2 3 4 5 6; do
    [ $round -le 3 ] || judge | grep -q "^not ok" || break
    for way in "${ways[@]}"; do
        guests "${way%:*}" group kvm "${way#*:}"
        keep "${way%:*}" $round
    done
done
judge
for api; do
    for way in "${ways[@]}"; do
        guests "${way%:*}" "$api" kvm "${way#*:}"
    done
done
END
drive d

# measure MACHINE PAGES BYTES [API]...: the drive is behind a root port, and so alone in its page. It is
# relocated to a BAR of one page, and then all of BAR0's page is direct.
measure() {
    local machine=$1 pages=$2 bytes=$3
    shift 3
    cat >"$share/places" <<END
nvme -    bar0+0x2000 of 0x4000; BAR0 direct 0
nvme bar2 bar2+0x0 of $bytes; BAR0 direct $((bytes))
nvme auto bar2+0x0 of $bytes; BAR0 direct $((bytes))
END
    # a result for the drive and one for the guest, of nine or more and of three for each API; four of
    # the rates
    machine_tap -n $((2 * (9 + 3 * $#) + 4)) -m "$machine" -t 3000 -d "$share" \
        "${devices[@]}" -D pcie-root-port,id=rp,addr=5 -D nvme,serial=a,bus=rp,drive=d -- "bash ./run $pages $*"
}
measure arm64-16k 16K 0x4000

if full "pages of 64K"; then
    answer=$(need_machine arm64-64k) || { echo "$answer" && exit 1; }
    case $answer in
    *"# SKIP "*) tap_skip "pages of 64K" "${answer#*# SKIP }" ;;
    *) measure arm64-64k 64K 0x10000 iommufd ;; # Debian's kernel has none
    esac
fi
tap_done
