#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# As guests.sh, without KVM: some ten minutes for each guest.
# shellcheck source=lab/guests/lib.sh
. "${top_srcdir:-.}/lab/guests/lib.sh" || exit
need_full
need_machine amd64

# who, and the target of: nvme, megasas, megasas-gen2, e1000e, igb, nec-usb-xhci, qemu-xhci
cat >"$tap_tmp/boots" <<'END'
none         -    -    -    -    -    -    -
native,shim  bar2 bar3 bar1 bar4 bar5 bar2 bar0
END
boot_guests group tcg -t 3600 <"$tap_tmp/boots"
tap_done
