#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# msixshim plan: what it answers, in which forms, and what it refuses.
# shellcheck source=tests/lib/report.sh
. "${top_srcdir:-.}/tests/lib/report.sh" || exit

sas=$descriptions/sas3008.desc

# The device without which none of this would be.
runs 0 "SAS3008 at 64K" plan --page 64K "$sas"
prints 'Decision    auto chooses bar5: new, 64 KiB, 32-bit; table at 0x0, PBA at 0x600'
prints 'Before: 262,144 of 327,680 bytes are direct'
prints 'After: 327,680 of 393,216 bytes are direct'
prints "Pinned by   MSIXSHIM='0000:01:00.0=bar5,page=64K'"
prints "or          MSIXSHIM='1000:0097=bar5,page=64K'"
awk 'length > 100' "$tap_tmp/out" | tap_empty "no line is longer than 100 columns"
"$msixshim" plan --page 64K "$sas" | diff - "$tap_tmp/out" | tap_empty "the same again"
"$msixshim" plan --page 64k "$sas" | diff - "$tap_tmp/out" | tap_empty "a small letter is a unit, too"

runs 0 "a device that is in order at 4K" plan --page 4K "$descriptions/nvme-136.desc"
prints 'Decision    auto leaves the device as it is'
prints "or          MSIXSHIM='144d:a824=off'"
runs 0 "any" plan --page 4K --target any "$descriptions/nvme-136.desc"
prints 'Decision    any chooses bar2: new, 4 KiB, 64-bit; table at 0x0, PBA at 0x880'

# The rule that pins a plan gives that plan, on hosts with other pages, too.
runs 0 "a rule" plan --page 4K --rules '0000:01:00.0=bar5,page=64K' "$sas"
prints 'Decision    bar5: new, 64 KiB, 32-bit; table at 0x0, PBA at 0x600'
prints "Pinned by   MSIXSHIM='0000:01:00.0=bar5,page=64K'"
runs 0 "rules for other devices" plan --page 64K --rules '1234:5678=off; class:02=bar0' "$sas"
prints 'Decision    auto chooses bar5: new, 64 KiB, 32-bit; table at 0x0, PBA at 0x600'
diff "$tap_tmp/err" - <<<"msixshim: plan: note: no rule matches 0000:01:00.0; auto holds" |
    tap_empty "a note that none of them matches"
runs 0 "off" plan --target off "$sas"
prints 'Decision    off: the device stays as it is'

runs 0 "old=hide" plan --page 4K --rules bar5,old=hide "$sas"
prints "Pinned by   MSIXSHIM='0000:01:00.0=bar5,old=hide,page=4K'"
prints '      e000-e5ff    1536 bytes  old table      traps: hidden by old=hide'

runs 0 "all targets" plan --page 64K --all-targets "$sas"
prints 'bar3    extended to 512 KiB       256 KiB          327,680  another target is known to work'
prints "Pinned by   MSIXSHIM='0000:01:00.0=bar5,page=64K'"
runs 0 "all targets, one of them with padding" plan --page 64K --all-targets \
    "$descriptions/nvme-136.desc"
prints 'bar0    extended to 128 KiB       112 KiB           16,384  it extends a BAR, and a new BAR is'
# aligned NAME: whether all reasons of the table begin in the column of their head
aligned() {
    awk '$1 == "TARGET" { at = index($0, "REASON") }
        !NF { at = 0 }
        at && $1 != "off" && (substr($0, at - 2, 2) != "  " || substr($0, at, 1) == " ")' \
        "$tap_tmp/out" | tap_empty "$1: the reasons are in one column"
}
printf 'device 01:00.0\nbar 0 mem32 256\nbar 2 mem32 4K\nmsix vectors 4 table 2:0 pba 2:0x800\n' \
    >"$tap_tmp/small"
runs 0 "all targets of a device with a BAR of 256 bytes" plan --page 4K --all-targets "$tap_tmp/small"
prints 'bar0    extended to 8 KiB       7936 bytes            4,352  it extends a BAR, and a new BAR is'
prints 'bar2    extended to 8 KiB            4 KiB            4,352  it extends a BAR, and a new BAR is'
aligned "all targets"
runs 0 "all targets with the largest pages" plan --page 1G --all-targets "$tap_tmp/small"
aligned "the largest pages"

runs 0 "JSON" plan --page 64K --json "$sas"
has /page_size 65536
has /decision/target bar5
has /plan/additional 65536
has /msix/table/offset 57344
has /known/fails/0 bar0
has /before/direct 262144
has /after/bars/3/bar 5
has /after/bars/3/extents/0/what table
has /targets/2/verdict refused
has /rules/1 1000:0097=bar5,page=64K
runs 0 "JSON without MSI-X" plan --json - <<<$'device 01:00.0\nbar 0 mem32 4K'
has /msix null
has /plan null

runs 0 "a picture beside the text" plan --svg "$tap_tmp/svg" "$sas"
prints 'Targets'
runs 0 "a picture alone" plan --svg - "$sas"
diff "$tap_tmp/svg" "$tap_tmp/out" | tap_empty "both pictures are the same"
for tag in svg g text title; do
    open=$(grep -oE "<${tag}[ >]" "$tap_tmp/svg" | wc -l)
    [ "$open" -gt 0 ] && [ "$open" = "$(grep -o "</$tag>" "$tap_tmp/svg" | wc -l)" ]
    tap_result $? "the picture: each <$tag> is closed"
done

# What a person has.
printf '%s\n' '$ lspci -vv -s 3b:00.0' \
    '3b:00.0 Ethernet controller: Some NIC' \
    $'\tRegion 0: Memory at 92000000 (64-bit, prefetchable) [size=64K]' \
    $'\tCapabilities: [70] MSI-X: Enable+ Count=64 Masked-' \
    $'\t\tVector table: BAR=0 offset=00002800' \
    $'\t\tPBA: BAR=0 offset=00003000' >"$tap_tmp/nic"
runs 0 "lspci -vv without numbers or dump" plan --page 4K "$tap_tmp/nic"
prints 'MSI-X       64 vectors; table at bar0+0x2800, 1 KiB; PBA at bar0+0x3000, 8 bytes'
prints 'Assumed     no dump: contents of the capabilities are unknown.'
cat "$tap_tmp/nic" "$tap_tmp/nic" | sed '1,6s/3b:/4b:/' >"$tap_tmp/two"
runs 0 "one of two devices" plan --page 4K "$tap_tmp/two@3b:00.0"
says 1 "plan: $tap_tmp/two: 2 devices; name one of them, as in $tap_tmp/two@0000:4b:00.0" \
    plan "$tap_tmp/two"
says 1 "plan: $tap_tmp/two: no device 0000:5b:00.0 in this file" plan "$tap_tmp/two@5b:00.0"

# What can't be answered.
printf '%s\n' '00:1f.0 Ethernet controller: Some NIC' \
    $'\tMemory at 92000000 (64-bit, prefetchable) [size=64K]' \
    $'\tCapabilities: <access denied>' >"$tap_tmp/denied"
says 1 "plan: $tap_tmp/denied: its capabilities are unknown; only root can read them, also with \
lspci" plan "$tap_tmp/denied"
printf '%s\n' '00:1f.0 Ethernet controller: Some NIC' \
    '00: 86 80 c9 10 07 04 10 00 01 00 00 02 10 00 80 00' \
    '10: 00 00 ea fe 00 00 00 00 01 e0 00 00 00 00 00 00' \
    '20: 00 00 00 00 00 00 00 00 00 00 00 00 86 80 3c a0' \
    '30: 00 00 00 00 40 00 00 00 00 00 00 00 0b 01 00 00' >"$tap_tmp/header"
says 1 "plan: $tap_tmp/header: its capabilities are unknown: the dump has 64 bytes; lspci -xxx or \
-xxxx prints more, as root" plan "$tap_tmp/header"
cat "$tap_tmp/denied" "$tap_tmp/header" >"$tap_tmp/denied-header"
says 1 "plan: $tap_tmp/denied-header: its capabilities are unknown; only root can read them, also \
with lspci" plan "$tap_tmp/denied-header"
sed '$d' "$tap_tmp/denied" >"$tap_tmp/unasked"
says 1 "plan: $tap_tmp/unasked: its capabilities are unknown: lspci prints them with -vv or -xxxx, \
as root" plan "$tap_tmp/unasked"
sed '1a\	Control: I/O- Mem+ BusMaster+\n\tStatus: Cap+ 66MHz-' "$tap_tmp/unasked" >"$tap_tmp/cut"
says 1 "plan: $tap_tmp/cut: its capabilities are unknown: the text ends before them" \
    plan "$tap_tmp/cut"
echo '00:1f.0 Ethernet controller: Some NIC' >"$tap_tmp/short"
says 1 "plan: $tap_tmp/short: no BAR is known of it; lspci tells them with -vv" \
    plan "$tap_tmp/short"
printf 'device 01:00.0\nbar 0 mem32 4K\nbar 0 io 4\n' >"$tap_tmp/wrong"
says 1 "plan: $tap_tmp/wrong:3:5: this slot is taken" plan "$tap_tmp/wrong"
says 1 "plan: $tap_tmp/none: No such file or directory" plan "$tap_tmp/none"
says 1 "plan: /dev/zero: File too large" plan /dev/zero
says 1 "plan: $tap_tmp: Is a directory; expected a file: a description, or what lspci prints" \
    plan "$tap_tmp"
says 1 "plan: : No such file or directory" plan ""
says 1 "plan: @01:00.0: No such file or directory" plan @01:00.0
says 1 "plan: 00:01: No such file or directory; an address would be [SSSS:]BB:DD.F, as 01:00.0" \
    plan 00:01
says 1 "plan: $sas: bar4 refused: the slot is the upper half of a 64-bit BAR; targets that work: \
off, bar0, bar1, bar3, bar5" plan --target bar4 "$sas"
printf 'device 01:00.0\nbar 0 io 4\nbar 1 io 4\nbar 2 io 4\nbar 3 io 4\nbar 4 io 4\nbar 5 mem32 2G
msix vectors 1 table 5:0 pba 5:0x800\n' >"$tap_tmp/tight"
ports='the BAR is I/O ports, and MSI-X needs memory'
says 1 "plan: $tap_tmp/tight: any refused: no target is left: bar0: $ports, bar1: $ports, bar2: $ports, \
bar3: $ports, bar4: $ports, bar5: a 32-bit BAR above 1 GiB can't be doubled; targets that work: off" \
    plan --target any "$tap_tmp/tight"
runs 0 "why none is left" plan --all-targets "$tap_tmp/tight"
refused='is refused: pages of this host have 65536 bytes, and a BAR is mapped by whole ones; '
refused+='page= takes these or larger ones'
says 1 "plan: $sas: the rule \"bar5,page=4K\" $refused" plan --page 64K --rules bar5,page=4K "$sas"
# auto takes a device as it is where it can't be relocated
runs 0 "auto for smaller pages than the host's" plan --page 64K --rules '*=auto,page=4K' "$descriptions/sm2262.desc"
prints 'Decision    auto leaves the device as it is'
prints 'Reason      the rule "*=auto,page=4K" is refused: pages of this host have 65536 bytes, and a BAR'
printf 'device 01:00.0\nbar 0 mem32 16K\n' >"$tap_tmp/no-msix"
runs 0 "a device that is left as it is under every rule" \
    plan --page 64K --rules bar5,page=4K "$tap_tmp/no-msix"
says 1 "plan: $tap_tmp/no/svg: No such file or directory" plan --svg "$tap_tmp/no/svg" "$sas"
says 2 "plan: --target bar6: not one of off, auto, any, bar0 to bar5" plan --target bar6 "$sas"
says 2 "plan: --page 3K: not a power of two from 4K to 1G" plan --page 3K "$sas"
says 2 "plan: --target and --rules exclude each other" plan --target any --rules any "$sas"
says 2 "plan: expected one DEVICE or FILE; see msixshim plan --help" plan
runs 2 "a rule that is none" plan --rules 'bar9' "$sas"
runs 2 "an option that is none" plan --nothing "$sas"
runs 0 "--help" plan --help
for argument in --help "$sas"; do
    "$msixshim" plan "$argument" 2>&1 >/dev/full |
        diff - <(echo "msixshim: cannot write to standard output") |
        tap_empty "plan $argument: says that its output is lost"
done

tap_done
