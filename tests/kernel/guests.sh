#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Linux with its own drivers, in a guest of QEMU, with a device of vfio-pci: not relocated, relocated
# by QEMU, and by the shim. Under KVM.
# shellcheck source=tests/kernel/lib.sh
. "${top_srcdir:-.}/tests/kernel/lib.sh" || exit
share_libraries
need_machine amd64
cat >"$share/run" <<'END'
. ./l1.sh
vfio-bind 0000:00:02.0 >/dev/null
# who, rules, where the table is, in a BAR how large, and how much of BAR0 is direct: of 16K not the table's
# page
while read -r who rules table size direct; do
    guest nvme 0000:00:02.0 "$who" "$rules" "$table of $size" "$direct"
done <<'ROWS'
none - bar0+0x2000 0x4000 0:12288
shim auto bar0+0x2000 0x4000 0:12288
native bar2 bar2+0x0 0x1000 0:16384
shim bar2 bar2+0x0 0x1000 0:16384
native bar0 bar0+0x4000 0x8000 0:16384
shim bar0 bar0+0x4000 0x8000 0:16384
shim any bar2+0x0 0x1000 0:16384
ROWS
END
truncate -s 64M "$share/disk"
machine_tap -t 1500 -d "$share" -D nvme,serial=a,addr=2,drive=d \
    -q -drive -q "if=none,id=d,file=$share/disk,format=raw,cache=unsafe" -- "bash ./run"
tap_done
