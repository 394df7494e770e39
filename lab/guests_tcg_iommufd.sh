#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# As guests_tcg.sh, by iommufd, with a node of each device's own.
# shellcheck source=lab/guests/lib.sh
. "${top_srcdir:-.}/lab/guests/lib.sh" || exit
need_full
need_machine amd64 iommufd

# who, and the target of: nvme, megasas, megasas-gen2, e1000e, igb, nec-usb-xhci, qemu-xhci
cat >"$tap_tmp/boots" <<'END'
none         -    -    -    -    -    -    -
native,shim  bar0 bar5 bar3 bar1 bar3 bar3 bar2
END
boot_guests iommufd tcg -i -t 3600 <"$tap_tmp/boots"
tap_done
