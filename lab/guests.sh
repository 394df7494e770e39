#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Linux with its own drivers, in a guest of QEMU under KVM, with devices of vfio-pci: not relocated,
# relocated by QEMU, and by the shim. By group.
# shellcheck source=lab/guests/lib.sh
. "${top_srcdir:-.}/lab/guests/lib.sh" || exit
need_machine amd64

# who, and the target of: nvme, megasas, megasas-gen2, e1000e, igb, nec-usb-xhci, qemu-xhci
cat >"$tap_tmp/boots" <<'END'
none         -    -    -    -    -    -    -
shim         any  any  any  any  any  any  any
native,shim  bar2 bar3 bar3 bar4 bar5 bar2 bar3
native,shim  bar0 bar0 bar1 bar3 bar3 bar0 bar0
native,shim  bar4 bar5 bar5 bar0 bar0 bar4 bar5
END
if full "the targets auto and off, and those that are left"; then
    cat >>"$tap_tmp/boots" <<'END'
shim         auto auto auto auto auto auto auto
native,shim  bar3 off  off  bar1 bar1 bar3 bar2
native,shim  bar5 off  off  bar5 off  bar5 bar4
END
fi
boot_guests group kvm -t 3000 <"$tap_tmp/boots"
tap_done
