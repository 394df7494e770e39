#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# kvmtool, which no release of Debian has: its calls as a program, and an NVMe driver as its guest. In the
# BAR of the MSI-X table kvmtool shows its guest the table, at offset 0, and nothing else: without the
# shim an NVMe drive has no registers there. They come back if the table gets a BAR of its own; in a larger
# BAR0 they don't.
# shellcheck source=lab/lib.sh
. "${top_srcdir:-.}/lab/lib.sh" || exit

program_tap kvmtool 8 <<'END'
while read -r who rules want; do
    shim=()
    [ "$who" = none ] || shim=(env LD_PRELOAD=/share/libmsixshim.so MSIXSHIM="$rules")
    got=$("${shim[@]}" ./kvmtool "$group" "$address" 2>&1)
    [ "$got" = "$want" ]
    result $? "nvme, $rules, kvmtool's calls, group, -, $who: $want"
    [ "$got" = "$want" ] || echo "# is: $got"
done <<'ROWS'
none - BAR0 msix; stops: the controller does not become idle
shim off BAR0 msix; stops: the controller does not become idle
shim auto BAR0 msix; stops: the controller does not become idle
shim auto,share=bar BAR0 mapped; BAR2 msix; controller ready; model QEMU NVMe Ctrl; interrupts 1
shim any BAR0 mapped; BAR2 msix; controller ready; model QEMU NVMe Ctrl; interrupts 1
shim bar2 BAR0 mapped; BAR2 msix; controller ready; model QEMU NVMe Ctrl; interrupts 1
shim bar5 BAR0 mapped; BAR5 msix; controller ready; model QEMU NVMe Ctrl; interrupts 1
shim bar0 BAR0 msix; stops: the controller does not become idle
ROWS
END
tap_done
