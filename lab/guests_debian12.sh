#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# As guests.sh, with the older kernel and QEMU of Debian 12.
# shellcheck source=lab/guests/lib.sh
. "${top_srcdir:-.}/lab/guests/lib.sh" || exit
need_full
with_debian12 "guests in Debian 12" || { tap_done && exit; }
need_machine amd64-12

# The older xhci_hcd has one more interrupt, which it uses for nothing.
# shellcheck disable=SC2034 # boot_guests reads it
drivers='nec-usb-xhci driver xhci_hcd; data same; vectors 2, fired 1
qemu-xhci driver xhci_hcd; data same; vectors 2, fired 1'

# who, and the target of: nvme, megasas, megasas-gen2, e1000e, igb, nec-usb-xhci, qemu-xhci
cat >"$tap_tmp/boots" <<'END'
none         -    -    -    -    -    -    -
shim         any  any  any  any  any  any  any
native,shim  bar2 bar3 bar3 bar4 bar5 bar2 bar3
native,shim  bar0 bar0 bar1 bar3 bar3 bar0 bar0
END
boot_guests group kvm -m amd64-12 -t 3000 <"$tap_tmp/boots"
tap_done
