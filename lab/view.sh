#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# What a guest sees of real devices: QEMU's own relocation against the shim's, to each target, value
# for value (tests/vmm/differential --real). Each device is there twice, one for either side; `off` is
# QEMU without the shim against QEMU with a shim that is told to do nothing.
# shellcheck source=lab/lib.sh
. "${top_srcdir:-.}/lab/lib.sh" || exit
program=$top_builddir/tests/vmm/differential
tap_need "$program" "$top_builddir/.libs/libfakevfio.so"
share_libraries
cp "$program" "$top_builddir/.libs/libfakevfio.so" "$share/"
need_machine amd64

cat >"$share/run" <<'END'
. ./l1.sh

# view DEVICE NATIVE SHIM API OPTION...: a result for each target
view() {
    local device=$1 pair=$2,$3
    local rest="$vmm, $4, qtest, shim"
    vfio-bind "$2" >/dev/null && vfio-bind "$3" >/dev/null
    ./differential --libdir /share --real "$pair" "${@:5}" >/tmp/out
    local status=$?
    awk -v device="$device" -v rest="$rest" '
        function commas(n) { return n < 1000 ? n : commas(int(n / 1000)) sprintf(",%03d", n % 1000) }
        /^#/ { print }
        !/^(not )?ok / { next }
        {
            status = /^ok/ ? "ok" : "not ok"
            sub(/^(not )?ok [0-9]+ - [^ ]* /, "")
            target = what = $0
            sub(/:.*/, "", target)
            sub(/^[^:]*: /, "", what)
            sub(/^refused by both: .* refused: /, "refused, as natively: ", what)
            sub(/; targets that work.*/, "", what)
            split(what, n, " ")
            if (n[2] == "values,") {
                sub(/^[^;]*/, "", what)
                all = n[1] == n[3]
                what = commas(n[3]) (all ? "" : " of " commas(n[1])) " values as " \
                    (target == "off" ? "without the shim" : "native'\''s") \
                    (all ? "" : ", the others for a reason") what
            }
            print status " - " device ", " target ", " rest ": " what
        }' /tmp/out
    [ $status = 0 ] || grep -q '^not ok' /tmp/out || result 1 "$device, -, $rest: $(tail -n 1 /tmp/out)"
}

while read -r device native shim; do
    view "$device" "0000:$native" "0000:$shim" "$@" </dev/null
done <devices
END

# Slots with the same interrupt line, and the same addresses and names inside. Those that can't be
# reset by themselves are behind a port, which can: else they keep what the firmware told them.
devices=() pairs=$share/devices
# twice DEVICE SLOT SLOT: on the root bus
twice() {
    devices+=(-D "$1,addr=$2" -D "$1,addr=$3")
    printf '%s 00:%02x.0 00:%02x.0\n' "${1%%,*}" "$((16#$2))" "$((16#$3))" >>"$pairs"
}
# behind DEVICE SLOT BUS SLOT BUS: behind ports there; the firmware numbers their buses
behind() {
    port "$3" "$2"
    port "$5" "$4"
    devices+=(-D "$1,bus=port$3" -D "$1,bus=port$5")
    printf '%s 0%d:00.0 0%d:00.0\n' "${1%%,*}" "$3" "$5" >>"$pairs"
}
twice nvme,serial=a 2 6
twice e1000e,mac=52:54:00:00:00:01 3 7
twice igb,mac=52:54:00:00:00:01 4 8
behind megasas 9 1 d 3
behind nec-usb-xhci a 2 e 4
sample=--sample debian12=''
if full "every byte of BARs up to 64K by group, megasas-gen2, Debian 12's kernel and QEMU"; then
    behind megasas-gen2 f 5 13 6
    sample=''
    ! with_debian12 "the same with Debian 12's kernel and QEMU" || { need_machine amd64-12 && debian12=yes; }
fi

machines=()
# views NAME ARGUMENT...: starts a machine with the devices
views() {
    aside machine -t 3000 -d "$share" "${devices[@]}" "${@:2}" >"$tap_tmp/$1.out"
    machines+=("$1 $!")
}
# await_views: the results of all that were started
await_views() {
    local name pid status
    while read -r name pid; do
        await "$pid"
        status=$?
        results $((7 * $(wc -l <"$pairs"))) <"$tap_tmp/$name.out" # off, and to each BAR
        tap_result $status "the machine ended well: $name"
    done < <(printf '%s\n' "${machines[@]}")
    machines=()
}

# One processor each: with two, an emulated machine loses ticks of its timers.
views group -- "bash ./run group $sample"
! with_iommufd "the same by iommufd" || views iommufd -i -- "bash ./run iommufd --iommufd --sample"
await_views
if [ -n "$debian12" ]; then
    views Debian-12 -m amd64-12 -- "bash ./run group --sample"
    await_views
fi
tap_done
