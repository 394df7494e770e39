#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# lab/table.sh: what it makes of the logs of the kernel's tests.
# shellcheck source=tests/lib/tap.sh
. "${top_srcdir:-.}/tests/lib/tap.sh" || exit

cat >"$tap_tmp/guests.sh.log" <<'END'
# L1: Linux 6.12, QEMU 10.0
ok 1 - nvme, -, QEMU 10.0, group, kvm, none: driver nvme; table bar0
ok 2 - nvme, bar2, QEMU 10.0, group, kvm, native: driver nvme; table bar2
ok 3 - nvme, bar2, QEMU 10.0, group, kvm, shim: driver nvme; table bar2
not ok 4 - nvme, bar4, QEMU 10.0, group, kvm, native: driver nvme; table bar4
ok 5 - nvme, bar4, QEMU 10.0, group, kvm, shim: driver nvme; table bar5
ok 6 - igb, -, QEMU 10.0, iommufd, tcg, none: link 1000
ok 7 - a guest, QEMU 10.0, group, kvm, none: ended well
ok 8 - the machine ended well
1..8
END
cat >"$tap_tmp/events.sh.log" <<'END'
# L1: Linux 6.1, QEMU 7.2
ok 1 - nvme, bar2, QEMU 7.2, group, kvm, shim: first boot: data same
ok 2 - nvme, bar2, QEMU 7.2, group, kvm, shim: reboot: data same
ok 3 - nvme, bar3, QEMU 7.2, group, kvm, shim: first boot: data same # SKIP not here
not ok 4 - the machine ended well
1..4
END
echo "Bail out! no machine" >"$tap_tmp/view.sh.log"
: >"$tap_tmp/pages.sh.log"
"$top_srcdir/lab/table.sh" "$tap_tmp/"{guests,events,view,pages}.sh.log >"$tap_tmp/out"
tap_result $? "four logs"

# has NAME LINE: one of the page
has() {
    grep -qxF "$2" "$tap_tmp/out"
    tap_result $? "$1: $2" || sed 's/^/# /' "$tap_tmp/out"
}
has "versions" "Linux 6.12, QEMU 10.0; Linux 6.1, QEMU 7.2."
has "counts, and two logs without an end" \
    "8 results, 1 of them not as expected, in 4 rows; 3 more of no device, not as expected or not at their end."
has "a section" "## guests"
has "the same, and none of all targets" \
    "| nvme | bar2 | QEMU 10.0 | group | kvm | driver nvme | table bar2 | table bar2 | table bar0 |"
has "one that is not as expected" "$(printf '| %s ' nvme bar4 "QEMU 10.0" group kvm "" \
    "**not ok** driver nvme; table bar4" "driver nvme; table bar5" "driver nvme; table bar0")|"
has "none alone" "| igb | - | QEMU 10.0 | iommufd | tcg | link 1000 | - | - | same |"
has "several results of one guest" \
    "| nvme | bar2 | QEMU 7.2 | group | kvm | first boot: data same; reboot: data same | - | same | - |"
! grep -q "bar3" "$tap_tmp/out"
tap_result $? "what was skipped is in no row"
tap_done
