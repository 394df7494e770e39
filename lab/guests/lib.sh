# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Sourced by the tests that boot Linux, with its own drivers, as a guest of QEMU with devices of
# vfio-pci. One guest has all the devices. What is to come of them stands in tables of facts:
#
#   devices   their names, where they are in the machine, what the guest runs for each (lab/l2)
#   drivers   what that tells of the driver, wherever the table is
#   places    for each target, where the guest sees the table, in a BAR how large, and how many bytes
#             are direct of the BAR where the hardware has it. Pages are of 4K: with all the BAR it is
#             16384, otherwise without the table's page.
#
# shellcheck source=lab/lib.sh
. "${top_srcdir:-.}/lab/lib.sh" || exit

# network NAME NETWORK: one where port 7 of NETWORK.100 echoes
network() {
    devices+=(-q -netdev -q "user,id=$1,net=$2.0/24,restrict=on,guestfwd=tcp:$2.100:7-cmd:cat")
}

# What /share/devices names.
set_devices() {
    local name
    devices=()
    for name in nvme sas sas2 nec usb; do
        drive "$name"
    done
    network e1000e 10.0.2
    network igb 10.0.3
    # A device that can't be reset by itself is reset with its bus, or not at all. In a bus of all, an e1000e
    # that a guest has left behind goes on to receive, at the addresses of that guest, as soon as the next
    # one lets it use memory.
    port 1 3
    port 2 4
    port 3 5
    port 4 7
    port 5 8
    devices+=(-D nvme,serial=a,drive=nvme,addr=2
        -D megasas,id=megasas,bus=port1 -D scsi-hd,bus=megasas.0,drive=sas
        -D megasas-gen2,id=gen2,bus=port2 -D scsi-hd,bus=gen2.0,drive=sas2
        -D e1000e,netdev=e1000e,bus=port3 -D igb,netdev=igb,addr=6
        -D nec-usb-xhci,id=nec,bus=port4 -D usb-storage,bus=nec.0,drive=nec
        -D qemu-xhci,id=xhci,bus=port5 -D usb-storage,bus=xhci.0,drive=usb)
}

# boot_guests API ACCEL [ARGUMENT...] <BOOTS: boots a guest for each line, "WHO[,WHO] TARGET...", in one
# machine; the targets are in the order of the devices. ARGUMENTs are machine.sh's. What `drivers` says of a
# device comes before the table.
boot_guests() {
    local api=$1 accel=$2
    shift 2
    share_libraries
    cp "$lab_dir"/guests/{devices,places} "$share/"
    echo "${drivers:-}" | cat - "$lab_dir/guests/drivers" >"$share/drivers"
    cp "$lab_dir/guests/l1.sh" "$share/guests.sh"
    cat >"$share/boots"
    cat >"$share/run" <<'END'
. ./guests.sh
while read -r _ address _; do
    vfio-bind "$address" >/dev/null
done <devices
resettable
while read -r -a boot <&7; do
    for who in ${boot[0]//,/ }; do
        guests "$who" "$@" "${boot[@]:1}"
    done
done 7<boots
END
    set_devices
    # a result for each device of a guest, one for the guest, one for all
    local boots
    boots=$(cut -d ' ' -f 1 "$share/boots" | tr ',' '\n' | wc -l)
    machine_tap -n $((boots * ($(wc -l <"$share/devices") + 1) + 1)) \
        "$@" -d "$share" "${devices[@]}" -- "bash ./run $api $accel"
}
