#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# msixshim convert: texts that are parsed again give the same device.
# shellcheck source=tests/lib/report.sh
. "${top_srcdir:-.}/tests/lib/report.sh" || exit

# statements FILE: what a description says, without its comments.
statements() {
    sed 's/ *#.*//; /^$/d' "$1"
}

# The command itself parses what it prints and compares; here it is done from outside.
files=0
for file in "$descriptions"/*.desc "$top_srcdir"/tests/fake/*.desc \
    "$top_srcdir"/tests/golden/devices/*.desc; do
    [ -f "$file" ] || continue
    files=$((files + 1))
    name=${file##*/}
    runs 0 "$name" convert "$file"
    statements "$tap_tmp/out" >"$tap_tmp/once"
    runs 0 "$name, converted" convert "$tap_tmp/once"
    statements "$tap_tmp/out" | diff "$tap_tmp/once" - | tap_empty "$name: a description stays one"

    runs 0 "$name as text of lspci" convert --lspci "$file"
    mv "$tap_tmp/out" "$tap_tmp/lspci"
    runs 0 "$name, back" convert "$tap_tmp/lspci"
    statements "$tap_tmp/out" >"$tap_tmp/back"
    runs 0 "$name, back and forth" convert --lspci "$tap_tmp/back"
    diff "$tap_tmp/lspci" "$tap_tmp/out" | tap_empty "$name: lspci's text stays the same"
    # What lspci doesn't show is lost; where a description says nothing of it, nothing is.
    if ! grep -qE 'dropped|sparse|nommap| zero|^no |noresize|available|after-reset' "$tap_tmp/once"; then
        diff "$tap_tmp/once" "$tap_tmp/back" | tap_empty "$name: nothing is lost in lspci's text"
    fi
done
[ $files -gt 5 ]
tap_result $? "descriptions were there ($files)"

# What tells one device from another of its kind.
cat >"$tap_tmp/serial" <<'END'
device 0000:02:00.0
bar 0 mem32 4K
cap 03 at 0x40 44 00 de ad be ef
extcap 0003 1 at 0x100 11 22 33 44 55 66 77 88
END
runs 0 "a device with a serial number" convert "$tap_tmp/serial"
grep -E 'bytes|de ad|11 22' "$tap_tmp/out" | tap_empty "serial number and VPD are left out"
prints 'extcap 0003 1 at 0x100 # Device Serial Number'

printf '%s\n' '3b:00.0 Ethernet controller: Some NIC' \
    $'\tRegion 0: Memory at 92000000 (64-bit, prefetchable)' \
    $'\tCapabilities: [70] MSI-X: Enable+ Count=64 Masked-' \
    $'\t\tVector table: BAR=0 offset=00002800' \
    $'\t\tPBA: BAR=0 offset=00003000' >"$tap_tmp/nic"
runs 0 "text that leaves much open" convert "$tap_tmp/nic"
prints '# bar0: size unknown: the smallest that holds its MSI-X structures assumed'
prints 'bar 0 mem64 16K prefetchable at 0x92000000'
prints 'msix at 0x70 vectors 64 table 0:0x2800 pba 0:0x3000'
runs 0 "the same by standard input" convert - <"$tap_tmp/nic"
prints 'device 0000:3b:00.0'

# A physical function: what is below SR-IOV is of its virtual functions.
printf '%s\n' '03:00.0 Ethernet controller [0200]: Intel 82599ES [8086:10fb] (rev 01)' \
    $'\tIOMMU group: 22' \
    $'\tRegion 0: Memory at f7c20000 (64-bit, prefetchable) [size=128K]' \
    $'\tRegion 2: I/O ports at e020 [size=32]' \
    $'\tRegion 4: Memory at f7c44000 (64-bit, prefetchable) [size=16K]' \
    $'\tCapabilities: [70] MSI-X: Enable+ Count=64 Masked-' \
    $'\t\tVector table: BAR=4 offset=00000000' \
    $'\t\tPBA: BAR=4 offset=00002000' \
    $'\tCapabilities: [100 v1] Single Root I/O Virtualization (SR-IOV)' \
    $'\t\tRegion 0: Memory at 00000000f7c64000 (64-bit, prefetchable)' \
    $'\t\tRegion 3: Memory at 00000000f7d64000 (64-bit, prefetchable)' >"$tap_tmp/pf"
runs 0 "a physical function" convert "$tap_tmp/pf"
statements "$tap_tmp/out" >"$tap_tmp/once"
grep '^bar' "$tap_tmp/once" | diff - <(printf '%s\n' \
    'bar 0 mem64 128K prefetchable at 0xf7c20000' 'bar 2 io 32 at 0xe020' \
    'bar 4 mem64 16K prefetchable at 0xf7c44000') | tap_empty "its BARs are its own"
"$msixshim" convert --lspci "$tap_tmp/once" >"$tap_tmp/lspci"
runs 0 "the same as text of lspci" convert "$tap_tmp/lspci"
statements "$tap_tmp/out" |
    diff "$tap_tmp/once" - | tap_empty "nothing of it is lost in lspci's text"

sed 's/3b:/4b:/' "$tap_tmp/nic" | cat "$tap_tmp/nic" - >"$tap_tmp/two"
runs 0 "two devices" convert "$tap_tmp/two"
[ "$(grep -c ^device "$tap_tmp/out")" = 2 ]
tap_result $? "both are converted"
runs 0 "one of them" convert --device 4b:00.0 "$tap_tmp/two"
[ "$(grep ^device "$tap_tmp/out")" = 'device 0000:4b:00.0' ]
tap_result $? "only that one is converted"

says 1 "convert: $tap_tmp/two: no device 0000:5b:00.0 in this file" \
    convert --device 5b:00.0 "$tap_tmp/two"
sed 's/92000000 (64/4092000000 (32/' "$tap_tmp/nic" >"$tap_tmp/high"
says 1 "convert: 0000:3b:00.0: no description can say this: the host address of a 32-bit BAR is \
below 4G" convert "$tap_tmp/high"
says 1 "convert: $tap_tmp/none: No such file or directory" convert "$tap_tmp/none"
says 2 "convert: --device 5b: not a PCI address as 0000:01:00.0" convert --device 5b "$tap_tmp/two"
says 2 "convert: expected one FILE or DEVICE; see msixshim convert --help" convert
runs 2 "an option that is none" convert --nothing "$tap_tmp/two"
runs 0 "--help" convert --help

tap_done
