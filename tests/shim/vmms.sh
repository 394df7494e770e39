#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# What VMMs other than QEMU make of a device, without the shim and with it. Of each BAR:
#   all, or areas   mapped; "!" behind an area: its mapping failed
#   trap            not mapped: the VMM reads and writes for its guest; as all outside of areas
#   msix            nothing but the MSI-X structures is there for the guest
#   skip            nothing is there for the program
# "table=BAR0,mapped": it is mapped, so a VMM does not see what its guest writes there.
# shellcheck source=tests/lib/preload.sh
. "${top_srcdir:-.}/tests/lib/preload.sh" || exit
tap_need "$programs/vmms"
[ "$(getconf PAGESIZE)" = 4096 ] || tap_skip_all "the areas are those of a host with pages of 4K"

for name in sas3008 nvme-136 kioxia-cd8p; do
    cp "$descriptions/$name.desc" "$tap_tmp"
done
# the same drive under a kernel that never maps the table
(cat "$descriptions/nvme-136.desc" && echo 'no msix-mappable') >"$tap_tmp/nvme-4.15.desc"

# gets VMM DEVICE RULES WANTED; the rules "none": no shim at all.
gets() {
    local libraries=$libs/libfakevfio.so got
    if [ -n "${MEMCHECK:-}" ] && [[ $3 = *map=compose* ]]; then
        tap_skip "$1, $2, MSIXSHIM=\"$3\"" "$no_compose"
        return
    fi
    [ "$3" = none ] || libraries=$libs/libmsixshim.so:$libraries
    got=$(FAKEVFIO="$tap_tmp/$2.desc" MSIXSHIM=$3 LD_PRELOAD=$libraries \
        "$programs/vmms" "$1" "$group" "$bdf" 2>&1)
    [ "$got" = "$4" ]
    tap_result $? "$1, $2, MSIXSHIM=\"$3\": $4"
    [ "$got" = "$4" ] || echo "# is: $got"
}

while read -r vmm device rules wanted; do
    [ "$vmm" != '#' ] || continue
    gets "$vmm" "$device" "$rules" "$wanted"
    [ "$rules" != none ] || gets "$vmm" "$device" off "$wanted"
done <<'END'
# kvmtool loses the registers of the BAR with the table: NVMe works with a new BAR alone.
kvmtool nvme-136 none BAR0=msix table=BAR0
kvmtool nvme-136 auto,share=bar BAR0=all BAR2=msix table=BAR2
kvmtool nvme-136 bar0 BAR0=msix table=BAR0
kvmtool kioxia-cd8p none BAR0=msix table=BAR0
kvmtool kioxia-cd8p auto,share=bar BAR0=all BAR2=msix table=BAR2
kvmtool nvme-4.15 bar2 BAR0=0x0+0x4000! BAR2=msix table=BAR2
kvmtool sas3008 none BAR1=msix BAR3=all table=BAR1
kvmtool sas3008 auto,share=bar BAR1=all BAR3=all BAR5=msix table=BAR5
# DPDK has no guest: a new BAR is nothing to it, and of a larger one it maps the hardware's part.
dpdk nvme-136 none BAR0=all table=BAR0,mapped
dpdk nvme-136 bar2 BAR0=all BAR2=skip table=BAR2
dpdk nvme-136 bar2,page=64K BAR0=all BAR2=skip table=BAR2
dpdk nvme-136 bar0 BAR0=0x0+0x4000 table=BAR0
dpdk nvme-136 bar0,caps=sparse BAR0=0x0+0x4000 table=BAR0
dpdk nvme-136 bar0,map=compose BAR0=0x0+0x4000 table=BAR0
dpdk nvme-4.15 none BAR0=0x0+0x2000,0x3000+0x1000 table=BAR0
dpdk nvme-4.15 bar2 BAR0=0x0+0x2000,0x3000+0x1000 BAR2=skip table=BAR2
dpdk sas3008 bar1 BAR1=0x0+0x10000 BAR3=all table=BAR1
dpdk-secondary nvme-136 none BAR0=all table=BAR0,mapped
dpdk-secondary nvme-136 bar2 BAR0=all BAR2=skip table=BAR2
dpdk-secondary nvme-136 bar0 BAR0=0x0+0x4000 table=BAR0
# trap V4
# Before 23.07 it maps a larger BAR whole, or around the table: that is what map=compose is for.
dpdk-22 nvme-136 none BAR0=all table=BAR0,mapped
dpdk-22 nvme-136 bar2 BAR0=all BAR2=skip table=BAR2
dpdk-22 nvme-136 bar0 stops: BAR0 can't be mapped: Invalid argument
dpdk-22 nvme-136 bar0,caps=sparse stops: BAR0 can't be mapped: Invalid argument
dpdk-22 nvme-136 bar0,map=compose BAR0=all table=BAR0,mapped
dpdk-22 nvme-136 bar0,map=compose,caps=sparse BAR0=0x0+0x4000,0x5000+0x3000 table=BAR0
dpdk-22 nvme-4.15 none BAR0=0x0+0x2000,0x3000+0x1000 table=BAR0
dpdk-22 nvme-4.15 bar2 stops: BAR0 can't be mapped: Invalid argument
dpdk-22 sas3008 bar1 stops: BAR1 can't be mapped: Invalid argument
dpdk-22 sas3008 bar1,map=compose BAR1=all BAR3=all table=BAR1,mapped
# trap V3, trap K22
# cloud-hypervisor maps around the structures by itself, and a larger BAR by MSIX_MAPPABLE alone.
cloud-hypervisor nvme-136 none BAR0=0x0+0x2000 table=BAR0
cloud-hypervisor nvme-136 bar2 BAR0=all BAR2=trap table=BAR2
cloud-hypervisor nvme-136 bar0 BAR0=0x0+0x4000 table=BAR0
cloud-hypervisor nvme-136 bar0,caps=sparse BAR0=trap table=BAR0
cloud-hypervisor nvme-4.15 none BAR0=trap table=BAR0
cloud-hypervisor sas3008 none BAR1=0x0+0xe000 BAR3=all table=BAR1
cloud-hypervisor sas3008 bar5 BAR1=all BAR3=all BAR5=trap table=BAR5
cloud-hypervisor sas3008 bar1 BAR1=0x0+0x10000 BAR3=all table=BAR1
cloud-hypervisor kioxia-cd8p none stops: no page starts at the table at 0x5200
cloud-hypervisor kioxia-cd8p auto BAR0=all BAR2=trap table=BAR2
cloud-hypervisor kioxia-cd8p bar0 BAR0=0x0+0x10000 table=BAR0
# trap V3
# crosvm maps the table where it can, and never sees what the guest writes there.
crosvm nvme-136 none BAR0=all table=BAR0,mapped
crosvm nvme-136 bar2 BAR0=all BAR2=trap table=BAR2
crosvm nvme-136 bar2,page=64K BAR0=all BAR2=trap table=BAR2
crosvm nvme-136 bar0 BAR0=0x0+0x4000,0x0+0x8000! table=BAR0
crosvm nvme-136 bar0,caps=sparse BAR0=0x0+0x4000 table=BAR0
crosvm nvme-4.15 none BAR0=0x0+0x2000 table=BAR0
crosvm sas3008 none BAR1=all BAR3=all table=BAR1,mapped
crosvm sas3008 bar5 BAR1=all BAR3=all BAR5=trap table=BAR5
crosvm sas3008 bar1,caps=sparse BAR1=0x0+0x10000 BAR3=all table=BAR1
crosvm kioxia-cd8p auto BAR0=all BAR2=trap table=BAR2
# old=hide is for those that heed the areas: all but kvmtool, and DPDK before 23.07.
cloud-hypervisor nvme-136 bar2,old=hide BAR0=0x0+0x2000 BAR2=trap table=BAR2
crosvm nvme-136 bar2,old=hide BAR0=0x0+0x2000 BAR2=trap table=BAR2
dpdk nvme-136 bar2,old=hide BAR0=0x0+0x2000 BAR2=skip table=BAR2
dpdk-22 nvme-136 bar2,old=hide BAR0=all BAR2=skip table=BAR2
kvmtool nvme-136 bar2,old=hide BAR0=all BAR2=msix table=BAR2
END
tap_done
