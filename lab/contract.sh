#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The fake, held to the kernel: one list of accesses runs against vfio-pci in the machine, and
# against the fake with the same devices described. The transcripts are compared, line by line. What
# differs needs its reason: in the file `differences`, or a register that is hardware's (compare.awk).
# shellcheck source=lab/lib.sh
. "${top_srcdir:-.}/lab/lib.sh" || exit
program=$top_builddir/lab/contract
tap_need "$program" "$top_builddir/.libs/libfakevfio.so" "$top_builddir/msixshim"

need_machine amd64

names=(nvme e1000e igb megasas xhci)
addresses=(0000:01:00.0 0000:00:04.0 0000:00:05.0 0000:00:06.0 0000:00:07.0)
cp "$program" "$share/"

# All registers before the driver is changed; the transcript not by way of a slow file.
cat >"$share/run" <<'END'
while [ $# -gt 0 ]; do
    lspci -vvnn -xxxx -s "$2" >/share/$1.lspci
    [ -e "/sys/bus/pci/devices/$2/reset" ] || touch "/share/$1.no-reset"
    read -r group node <<<"$(vfio-bind "$2")"
    ./contract "$group" "$2" >/tmp/real || exit
    cp /tmp/real /share/$1.real
    echo "$group" >/share/$1.group
    shift 2
done
END
arguments=()
for i in "${!names[@]}"; do
    arguments+=("${names[i]}" "${addresses[i]}")
done
machine -d "$share" -D pcie-root-port,id=rp,addr=2 -D nvme,serial=a,bus=rp -D e1000e,addr=4 \
    -D igb,addr=5 -D megasas-gen2,addr=6 -D nec-usb-xhci,addr=7 \
    -- "bash ./run ${arguments[*]}" >"$tap_tmp/told" || {
    sed 's/^/# /' "$tap_tmp/told"
    echo "Bail out! no transcripts of the kernel's"
    exit 1
}

# A device of QEMU's keeps what is written to bytes of no capability; hardware's seldom do.
describe() {
    "$top_builddir/msixshim" convert "$share/$1.lspci" 2>/dev/null | grep -v '^group '
    echo "group $(<"$share/$1.group")"
    [ ! -e "$share/$1.no-reset" ] || echo "no reset"
    echo "writable 0x40 0xfc0"
}

for i in "${!names[@]}"; do
    name=${names[i]}
    describe "$name" >"$share/$name.desc"
    FAKEVFIO=$share/$name.desc LD_PRELOAD="$top_builddir/.libs/libfakevfio.so" \
        "$program" "$(<"$share/$name.group")" "${addresses[i]}" >"$share/$name.fake"
    tap_result $? "$name: the fake's transcript"
    awk -v differences="$kernel_dir/differences" -v description="$share/$name.desc" \
        -f "$kernel_dir/compare.awk" "$share/$name.fake" "$share/$name.real" >"$tap_tmp/out"
    tap_result $? "$name: the fake is as the kernel, or differs for a reason"
    sed 's/^/# /' "$tap_tmp/out"
done
tap_done
