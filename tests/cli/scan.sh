#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# msixshim scan: of this host's devices, made up in another root directory, and of files.
# shellcheck source=tests/lib/report.sh
. "${top_srcdir:-.}/tests/lib/report.sh" || exit

root=$tap_tmp/root
devices=$root/sys/bus/pci/devices

# bytes HEX...: those bytes
bytes() {
    local byte
    for byte; do
        # shellcheck disable=SC2059 # the format is the byte
        printf "\\x$byte"
    done
}

# put FILE OFFSET HEX...: writes bytes into a file
put() {
    bytes "${@:3}" | dd of="$1" bs=1 seek="$(($2))" conv=notrunc status=none
}

# device ADDRESS VENDOR DEVICE CLASS: without BARs, with 256 bytes of configuration space
device() {
    dir=$devices/$1
    config=$dir/config
    mkdir -p "$dir"
    echo "0x$2" >"$dir/vendor"
    echo "0x$3" >"$dir/device"
    echo "0x$4" >"$dir/class"
    echo 0x00 >"$dir/revision"
    echo 11 >"$dir/irq"
    for _ in 0 1 2 3 4 5 6; do
        echo "0x0000000000000000 0x0000000000000000 0x0000000000000000"
    done >"$dir/resource"
    head -c 256 /dev/zero >"$config"
    put "$config" 0 "${2:2}" "${2:0:2}" "${3:2}" "${3:0:2}"
    put "$config" 9 "${4:4}" "${4:2:2}" "${4:0:2}"
}

# resource BAR START END FLAGS
resource() {
    sed -i "$(($1 + 1))s/.*/$2 $3 $4/" "$dir/resource"
}

# msix VECTORS TABLE PBA: the capability at 0xb0; the registers in hexadecimal, lowest byte first
msix() {
    put "$config" 6 10 00
    put "$config" 0x34 b0
    put "$config" 0xb0 11 00 "$(printf %02x $(($1 - 1)))" 00
    # shellcheck disable=SC2086 # bytes
    put "$config" 0xb4 $2 $3
}

# driver NAME; group NUMBER
driver() {
    mkdir -p "$root/sys/bus/pci/drivers/$1"
    ln -s "../../drivers/$1" "$dir/driver"
}
group() {
    mkdir -p "$root/sys/kernel/iommu_groups/$1"
    ln -s "../../../../kernel/iommu_groups/$1" "$dir/iommu_group"
}

mem64=0x0000000000140204
io=0x0000000000040101

device 0000:00:00.0 8086 1237 060000
device 0000:00:1c.0 8086 a110 060400
put "$config" 0xe 01
# registers and MSI-X in 4K pages of their own: gains from 16K on
device 0000:03:00.0 144d a824 010802
resource 0 0x00000000fe800000 0x00000000fe803fff $mem64
msix 136 "00 20 00 00" "00 30 00 00"
driver nvme
group 14
# table and PBA overlap
device 0000:02:00.0 1234 0002 010802
resource 0 0x00000000fe900000 0x00000000fe903fff $mem64
msix 22 "00 20 00 00" "00 21 00 00"
# dedicated BAR 3; an I/O BAR that the host gave no address
device 0000:04:00.0 8086 10c9 020000
resource 0 0x00000000fea00000 0x00000000fea1ffff 0x0000000000040200
resource 2 0x0000000000000000 0x000000000000001f $io
resource 3 0x00000000fea20000 0x00000000fea23fff 0x0000000000040200
msix 10 "03 00 00 00" "03 20 00 00"
# one of its virtual functions: its own ids read as ffff, its BAR registers as 0
device 0000:04:10.0 8086 10ca 020000
put "$config" 0 ff ff ff ff
resource 0 0x00000000feb00000 0x00000000feb03fff 0x0000000000140204
resource 3 0x00000000feb04000 0x00000000feb07fff 0x0000000000140204
msix 3 "03 00 00 00" "03 20 00 00"
ln -s ../0000:04:00.0 "$dir/physfn"
# a table in a BAR that is not there
device 10000:e1:00.0 1234 0001 020000
msix 4 "05 00 00 00" "05 08 00 00"
# 64 bytes, as every user may read
device 0000:05:00.0 1000 0097 010700
resource 1 0x00000000fec00000 0x00000000fec0ffff $mem64
truncate -s 64 "$config"

runs 0 "a host" scan --root "$root" --page 4K --numeric
diff "$tap_tmp/out" - <<'END' | tap_empty "a host with pages of 4K"
With pages of 4K, 2 of 5 devices with MSI-X gain from a relocation.

0000:02:00.0 1234:0002
    driver        none, no IOMMU group
    MSI-X         22 vectors, table BAR0+0x2000, PBA BAR0+0x2100
    broken        MSI-X table and PBA overlap
    shares pages  4K: no, 16K: yes, 64K: yes
    auto          bar2: MSI-X table and PBA overlap

10000:e1:00.0 1234:0001
    driver        none, no IOMMU group
    MSI-X         4 vectors, table BAR5+0x0, PBA BAR5+0x800
    broken        the MSI-X table is in no memory BAR
    shares pages  4K: no, 16K: no, 64K: no
    auto          bar0: the MSI-X table is in no memory BAR

0000:03:00.0 144d:a824
    driver        nvme, IOMMU group 14
    MSI-X         136 vectors, table BAR0+0x2000, PBA BAR0+0x3000
    shares pages  4K: no, 16K: yes, 64K: yes
    auto          off: no page with MSI-X holds a 4 KiB block of anything else: nothing to gain

0000:04:00.0 8086:10c9
    driver        none, no IOMMU group
    MSI-X         10 vectors, table BAR3+0x0, PBA BAR3+0x2000
    shares pages  4K: no, 16K: no, 64K: no
    auto          off: no page with MSI-X holds a 4 KiB block of anything else: nothing to gain

0000:04:10.0 8086:10ca
    driver        none, no IOMMU group
    MSI-X         3 vectors, table BAR3+0x0, PBA BAR3+0x2000
    shares pages  4K: no, 16K: no, 64K: no
    auto          off: no page with MSI-X holds a 4 KiB block of anything else: nothing to gain

Whether these have MSI-X, and where, is not known: only root can read it.
    0000:05:00.0 1000:0097
Try sudo msixshim scan, or sudo lspci -vvnn -xxxx > FILE, and then msixshim scan FILE.

Without MSI-X     1: 0000:00:00.0
Bridges           1: 0000:00:1c.0
END
runs 0 "pages of 64K" scan --root "$root" --page 64K --numeric
prints "With pages of 64K, 3 of 5 devices with MSI-X gain from a relocation."
prints "    auto          bar2: a page of the host holds MSI-X structures and other parts of the BAR"

runs 0 "JSON" scan --root "$root" --page 4K --numeric --json
has /page_size 4096
has /devices/0/device/address 0000:02:00.0
has /devices/0/state gains
has /devices/0/msix/defect overlap
has /devices/0/auto/target bar2
has /devices/2/device/driver nvme
has /devices/2/device/group 14
has /devices/2/shares_page/4096 false
has /devices/2/shares_page/16384 true
has /devices/4/device/vendor 8086
has /devices/5/state unknown
has /devices/6/state no-msix
has /devices/7/state bridge

# --- odd hosts ---

says 1 "scan: $tap_tmp/nowhere/sys/bus/pci/devices: No such file or directory: this host shows no \
PCI bus" scan --root "$tap_tmp/nowhere"
mkdir -p "$tap_tmp/empty/sys/bus/pci/devices"
runs 0 "a bus without devices" scan --root "$tap_tmp/empty"
prints "No PCI device."
mkdir "$tap_tmp/empty/sys/bus/pci/devices/0000:01:00.0"
runs 1 "a device that vanishes" scan --root "$tap_tmp/empty"
grep -qF "msixshim: 0000:01:00.0: left out: Cannot open" "$tap_tmp/err"
tap_result $? "a device that vanishes: said to be left out"
mkdir "$tap_tmp/empty/sys/bus/pci/devices/nonsense"
says 1 "scan: libpci: sysfs_scan: Couldn't parse entry name nonsense" scan --root "$tap_tmp/empty"
head -c 4096 /dev/zero | tr '\0' '\377' >"$devices/0000:03:00.0/config"
head -c 4096 /dev/zero >"$devices/0000:02:00.0/config"
put "$devices/0000:02:00.0/config" 6 10 00
put "$devices/0000:02:00.0/config" 0x34 40
put "$devices/0000:02:00.0/config" 0x40 01 40
rm "$devices/0000:04:00.0/config"
runs 0 "spaces of ff, with a list that never ends, and none" scan --root "$root" --numeric
prints "    0000:04:00.0 8086:10c9"
echo "nonsense" >"$devices/0000:03:00.0/resource"
runs 1 "a resource file of noise" scan --root "$root"
grep -qF "msixshim: 0000:03:00.0: left out: Syntax error in" "$tap_tmp/err"
tap_result $? "a resource file of noise: said to be left out"

# --- files ---

runs 0 "files" scan --page 4K --numeric "$descriptions/coral-edgetpu.desc" \
    "$descriptions/sas3008.desc"
prints "With pages of 4K, 1 of 2 devices with MSI-X gains from a relocation."
prints "    file          $descriptions/coral-edgetpu.desc"
prints "    shares pages  4K: yes, 16K: yes, 64K: yes"
"$msixshim" scan --page 4K --numeric "$descriptions/sas3008.desc" \
    "$descriptions/coral-edgetpu.desc" | diff "$tap_tmp/out" - |
    tap_empty "files: those that gain come first in any order"
long=$tap_tmp/$(printf 'a%.0s' {1..120})
cp "$descriptions/sas3008.desc" "$long"
runs 0 "a long path" scan --numeric "$long" "$descriptions/coral-edgetpu.desc"
prints "    file          $long"
runs 0 "standard input" scan --page 64K - <"$descriptions/sas3008.desc"
prints "With pages of 64K, 1 of 1 device with MSI-X gains from a relocation."
cat "$descriptions/sas3008.desc" >"$tap_tmp/two"
sed 's/^device .*/device 02:00.0/' "$descriptions/sas3008.desc" >>"$tap_tmp/two"
runs 0 "one device of a file" scan --page 64K "$tap_tmp/two@02:00.0"
prints "With pages of 64K, 1 of 1 device with MSI-X gains from a relocation."
runs 0 "one device each of files" scan --page 64K --numeric "$tap_tmp/two@02:00.0" "$tap_tmp/two@01:00.0"
[ "$(grep -cxF "    file          $tap_tmp/two" "$tap_tmp/out")" = 2 ]
tap_result $? "one device each of files: the files are told without the address"
runs 0 "JSON of one device of a file" scan --json "$tap_tmp/two@02:00.0"
has /devices/0/device/address 0000:02:00.0
has /devices/0/file "$tap_tmp/two"
says 1 "scan: $tap_tmp/two: no device 0000:03:00.0 in this file" scan "$tap_tmp/two@03:00.0"
first=$(find /sys/bus/pci/devices/ -name "*:*" -printf '%f\n' 2>/dev/null | sort | head -n 1)
if [ "$first" ]; then
    runs 0 "a device of this host" scan --numeric --json "$first"
    has /devices/0/device/address "$first"
    runs 0 "a device of this host and one of a file" scan --numeric "$first" "$tap_tmp/two"
else
    tap_skip "a device of this host" "no PCI device here"
fi
says 1 "scan: $tap_tmp/none: No such file or directory" scan "$tap_tmp/none"
echo "nonsense" >"$tap_tmp/wrong"
says 1 "scan: $tap_tmp/wrong:1:1: neither a description nor lspci's output, which starts with an address such as 01:00.0" scan "$descriptions/sas3008.desc" "$tap_tmp/wrong"

# What lspci printed without all of it: never "no MSI-X".
head='01:00.0 Non-Volatile memory controller [0108]: Some SSD [144d:a824] (prog-if 02 [NVM Express])'
region=$'\tRegion 0: Memory at fe800000 (64-bit, non-prefetchable) [size=16K]'
control=$'\tControl: I/O- Mem+ BusMaster+'
# lspci LINE...: what scan says of the device
lspci() {
    printf '%s\n' "$head" "$@" >"$tap_tmp/lspci"
    "$msixshim" scan --page 4K "$tap_tmp/lspci" | sed -n '1p; /^Without/p; /^ .*0000:/p; /assumed/p'
}
# why LINE...: what scan says of a device of which it knows too little
why() {
    printf '%s\n' "$head" "$@" >"$tap_tmp/lspci"
    "$msixshim" scan --page 4K "$tap_tmp/lspci" | sed -n '/^Whether/p'
}
dump=('00: 4d 14 24 a8 06 04 10 00 00 02 08 01 10 00 00 00'
    '10: 04 00 80 fe 00 00 00 00 00 00 00 00 00 00 00 00'
    '20: 00 00 00 00 00 00 00 00 00 00 00 00 4d 14 01 a8'
    '30: 00 00 00 00 40 00 00 00 00 00 00 00 0b 01 00 00')
why "${dump[@]}" | diff - <(echo "Whether these have MSI-X, and where, is not known: the text does \
not say it.") | tap_empty "lspci -x: the text lacks the capabilities"
why "$control" "$region" $'\tCapabilities: <access denied>' "${dump[@]}" |
    diff - <(echo "Whether these have MSI-X, and where, is not known: only root can read it.") |
    tap_empty "lspci -vvnnx without root: only root can read the capabilities"
unknown='No device is known to have MSI-X.
    0000:01:00.0 144d:a824'
# shows NAME EXPECTED LINE...
shows() {
    diff <(lspci "${@:3}" | sed 's/\(144d:a824\).*/\1/') <(echo "$2") | tap_empty "lspci $1"
}
shows "-nn" "$unknown"
shows "-nnk" "$unknown" $'\tKernel driver in use: nvme'
shows "-x" "$unknown" "${dump[@]}"
shows "-vvnn without root" "$unknown" "$control" "$region" $'\tCapabilities: <access denied>'
shows "-vnn" "$unknown" $'\tFlags: bus master' "$region" \
    $'\tCapabilities: [b0] MSI-X: Enable+ Count=8 Masked-'
shows "-vvnn of a device without capabilities" 'No device is known to have MSI-X.
Without MSI-X     1: 0000:01:00.0' "$control" "$region"
shows "-vvnn" 'With pages of 4K, 0 of 1 device with MSI-X gain from a relocation.' "$control" \
    "$region" $'\tCapabilities: [b0] MSI-X: Enable+ Count=8 Masked-' \
    $'\t\tVector table: BAR=0 offset=00002000' $'\t\tPBA: BAR=0 offset=00003000'
shows "-vvnn, without the size" 'With pages of 4K, 0 of 1 device with MSI-X gain from a relocation.
    assumed       BAR0: size unknown: the smallest that holds its MSI-X structures assumed' \
    "$control" $'\tRegion 0: Memory at fe800000 (64-bit, non-prefetchable)' \
    $'\tCapabilities: [b0] MSI-X: Enable+ Count=8 Masked-' \
    $'\t\tVector table: BAR=0 offset=00002000' $'\t\tPBA: BAR=0 offset=00003000'

# The notes of a bridge go with it, also those around the 16384th, where the list ended once.
for i in {0..963}; do
    printf '%02x:%02x.%x Class: x\n' $((i >> 8)) $((i >> 3 & 31)) $((i & 7))
    printf '\tMemory at %x0000000 (32-bit, non-prefetchable)\n' 8 9 10
    [ "$i" = 963 ] || printf '\tMemory at %x0000000 (32-bit, non-prefetchable)\n' 11 12 13
done >"$tap_tmp/many"
printf '%s\n' 'ff:1f.7 PCI bridge [0604]: Device [1b36:000c]' \
    $'\tMemory at 80000000 (32-bit, non-prefetchable)' $'\tBus: primary=00, secondary=01' \
    $'\tCapabilities: <access denied>' >>"$tap_tmp/many"
runs 0 "a text of 964 devices and a bridge, of which little is known" scan --numeric "$tap_tmp/many"
[ "$(grep -c '^    0000:' "$tap_tmp/out")" = 964 ]
tap_result $? "a text of 964 devices and a bridge: the devices are listed"

# --- arguments, colour ---

says 2 "scan: --page 3: not a page size, as 4K, 16K or 64K" scan --page 3
says 2 "scan: --root is for all of this host, not for what is named" scan --root / "$tap_tmp/wrong"
runs 2 "an unknown option" scan --nonsense
escape=$'\033'
# colours VARIABLE=VALUE...: how many lines have colours on a terminal
colours() {
    env "$@" script -qec "$msixshim scan $descriptions/coral-edgetpu.desc" /dev/null |
        grep -c "$escape"
}
if [ "$(script -qec "echo a" /dev/null 2>&1 | tr -d "\\r")" = a ]; then
    [ "$(colours TERM=xterm NO_COLOR=)" -gt 0 ]
    tap_result $? "colours on a terminal"
    [ "$(colours TERM=xterm NO_COLOR=1)" = 0 ]
    tap_result $? "none with NO_COLOR"
    [ "$(colours TERM=dumb NO_COLOR=)" = 0 ]
    tap_result $? "none on a dumb terminal"
else
    tap_skip "colours on a terminal" "script(1) gives no terminal here"
fi
"$msixshim" scan "$descriptions/coral-edgetpu.desc" | grep "$escape" |
    tap_empty "no colours but on a terminal"
"$msixshim" scan "$descriptions"/*.desc | awk 'length($0) > 100' | grep -v "$descriptions" |
    tap_empty "no line is longer than 100 columns"
tap_done
