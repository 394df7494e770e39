#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# As guests.sh, by iommufd, with a node of each device's own.
# shellcheck source=lab/guests/lib.sh
. "${top_srcdir:-.}/lab/guests/lib.sh" || exit
need_machine amd64 iommufd

# who, and the target of: nvme, megasas, megasas-gen2, e1000e, igb, nec-usb-xhci, qemu-xhci
cat >"$tap_tmp/boots" <<'END'
none         -    -    -    -    -    -    -
native,shim  bar2 bar0 bar1 bar4 bar3 bar2 bar0
END
if full "the targets auto, any and off, and those that are left"; then
    cat >>"$tap_tmp/boots" <<'END'
shim         auto auto auto auto auto auto auto
shim         any  any  any  any  any  any  any
native,shim  bar0 bar3 bar3 bar0 bar0 bar0 bar2
native,shim  bar3 bar5 bar5 bar1 bar1 bar3 bar3
native,shim  bar4 off  off  bar3 bar5 bar4 bar4
native,shim  bar5 off  off  bar5 off  bar5 bar5
END
fi
boot_guests iommufd kvm -i -t 3000 <"$tap_tmp/boots"
tap_done
