#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Events in the life of a guest with an NVMe drive, under KVM: resets, rebinding, memory that is off, hot
# plug, a reset of which the VMM does not know, a reboot, the end of the VMM by SIGKILL while the guest writes.
# After each one the driver works, interrupts fire, and the table is where it was; another VMM gets the
# device at once, and then the kernel's own driver.
# shellcheck source=lab/lib.sh
. "${top_srcdir:-.}/lab/lib.sh" || exit
share_libraries
need_machine amd64

cat >"$share/run" <<'END'
. ./l1.sh
address=0000:00:02.0

# boot [again]: a guest with the device, who lives through all that /share/l2/events has
boot() {
    {
        cat /share/l2/lib
        echo "run='$who,$rules' plug='$plug' address='$address' again='${1:-}'"
        cat /share/l2/events
    } >/tmp/commands
    l2-run -r 2 "${prefix[@]}" -c /tmp/commands -- "${objects[@]}" \
        -device pcie-root-port,id=rp,chassis=1,x-speed=5 -device "$plug" >/tmp/out 2>&1
}

# told LINE...: the guest did; shows all that was told if not
told() {
    local line status all=0
    for line; do
        grep -qxF "$line" /tmp/out
        status=$?
        result $status "$label: ${line#L2: }"
        all=$((all | status))
    done
    [ $all = 0 ] || sed 's/^/# /' /tmp/out
}

# lives WHO RULES TABLE: with the device relocated so, through VFIO's $api
lives() {
    who=$1 rules=$2 works="driver nvme; data same; interrupts fire; table $3"
    prefix=() plug=vfio-pci,host=$address,bus=rp,id=hot objects=()
    case $who in
    native) plug=$plug,x-msix-relocation=$rules ;;
    shim) prefix=(-p "env LD_PRELOAD=/share/libmsixshim.so MSIXSHIM=$rules") ;;
    esac
    [ "$api" = group ] || objects=(-object iommufd,id=iommufd) plug=$plug,iommufd=iommufd
    label="nvme, ${rules/#-/off}, $vmm, $api, kvm, $who"
    vfio-bind "$address" >/dev/null

    boot
    told "L2: first boot: $works" "L2: reset by flr: $works" "L2: reset by bus: $works" \
        "L2: rebind 1: $works" "L2: rebind 2: $works" "L2: rebind 3: $works" \
        "L2: memory on: version 0x00010400" "L2: memory off: version 0x00000000" \
        "L2: memory on again: version 0x00010400" "L2: after memory off: $works" \
        "L2: plug 1: $works" "L2: plug 2: $works" "L2: reset behind the VMM: $works" \
        "L2: reboot, with what was written: $works" "l2-run: no status came; QEMU ended with 137"
    boot again
    told "L2: another VMM after SIGKILL: $works" "L2: status 0"

    vfio-unbind "$address"
    echo "$address" >/sys/bus/pci/drivers_probe
    until [ -b /dev/nvme0n1 ]; do sleep 0.1; done
    [ "$(dd if=/dev/nvme0n1 bs=512 skip=16383 count=1 2>/dev/null | tr -d '\000')" = "$who,$rules" ]
    result $? "$label: then the kernel's driver reads what the guest wrote"
}

modprobe nvme
while read -r api who rules table; do
    lives "$who" "$rules" "$table"
done
END
# machine_lives NAME ARGUMENT... <ROWS
machine_lives() {
    cat >"$share/$1.rows"
    drive "$1"
    machine -t 3000 -d "$share" "${devices[@]}" -D nvme,serial=a,addr=2,drive="$1" \
        "${@:2}" -- "bash ./run <$1.rows" >"$tap_tmp/$1.out"
}

# machine_ended STATUS NAME
machine_ended() {
    results $((18 * $(wc -l <"$share/$2.rows"))) <"$tap_tmp/$2.out"
    tap_result "$1" "the machine ended well: $2"
}

rows=("group none - bar0+0x2000 of 0x4000" "group shim bar2 bar2+0x0 of 0x1000")
rows_iommufd=("iommufd native bar2 bar2+0x0 of 0x1000" "iommufd shim bar2 bar2+0x0 of 0x1000")
if full "other targets, and the rest of native and none"; then
    rows+=("group native bar2 bar2+0x0 of 0x1000" "group shim bar0 bar0+0x4000 of 0x8000"
        "group shim any bar2+0x0 of 0x1000")
    rows_iommufd+=("iommufd none - bar0+0x2000 of 0x4000")
fi
aside machine_lives group < <(printf '%s\n' "${rows[@]}")
other=$!
if with_iommufd "the same by iommufd"; then
    machine_lives iommufd -i < <(printf '%s\n' "${rows_iommufd[@]}")
    machine_ended $? iommufd
fi
await $other
machine_ended $? group
tap_done
