#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# What the fake leaves outside the program: its transcript, its complaints, nothing else.
# shellcheck source=tests/lib/preload.sh
. "${top_srcdir:-.}/tests/lib/preload.sh" || exit

show=$fake_programs/show
tap_need "$show"

export TMPDIR=$tap_tmp/tmp
mkdir "$TMPDIR"

# under FILE COMMAND...
under() {
    local file=$1
    shift
    FAKEVFIO=$file LD_PRELOAD="$libs/libfakevfio.so" "$@"
}

under "$descriptions/sas3008.desc" "$show" cat "/sys/bus/pci/devices/$bdf/class" >"$tap_tmp/class"
echo 0x010700 | diff - "$tap_tmp/class" | tap_empty "a program reads the class out of sysfs"
under "$descriptions/sas3008.desc" "$show" readlink /sys/dev/char/511:0 >"$tap_tmp/link"
echo "../../bus/pci/devices/$bdf/vfio-dev/vfio0" | diff - "$tap_tmp/link" |
    tap_empty "and what the number of a device's node is"
find "$TMPDIR" -mindepth 1 | tap_empty "the private sysfs is gone afterwards"

under "" "$show" cat /dev/vfio/vfio "/sys/bus/pci/devices/$bdf/vendor" >"$tap_tmp/plain" 2>&1
"$show" cat /dev/vfio/vfio "/sys/bus/pci/devices/$bdf/vendor" 2>&1 | diff - "$tap_tmp/plain" |
    tap_empty "without FAKEVFIO nothing is there that was not"

printf 'device 01:00.0\nbar 9 io 4\n' >"$tap_tmp/bad.desc"
under "$tap_tmp/bad.desc" "$show" cat /dev/vfio/vfio 2>&1 | diff - <(
    echo "fakevfio: $tap_tmp/bad.desc:2:5: expected a BAR number, 0 to 5"
    echo "show: /dev/vfio/vfio: Invalid argument"
) | tap_empty "a description that is wrong is told, with the place, and nothing opens"

echo 'device 01:00.0' | tee "$tap_tmp/one.desc" >"$tap_tmp/two.desc"
under "$tap_tmp/one.desc:$tap_tmp/two.desc" "$show" cat /dev/vfio/vfio 2>&1 | diff - <(
    echo "fakevfio: $tap_tmp/two.desc: another file describes $bdf too"
    echo "show: /dev/vfio/vfio: Invalid argument"
) | tap_empty "so is a device of two files"

# One half of lspci's output each: the dump of an NVMe, and what lspci says of it.
{
    echo '01:00.0 Non-Volatile memory controller: one'
    echo '00: 36 1b 10 00 03 01 10 00 02 02 08 01 00 00 00 00'
    echo '10: 04 00 80 fe 00 00 00 00 00 00 00 00 00 00 00 00'
    echo '20: 00 00 00 00 00 00 00 00 00 00 00 00 f4 1a 00 11'
    echo '30: 00 00 00 00 40 00 00 00 00 00 00 00 00 01 00 00'
    echo '40: 11 00 40 00 00 20 00 00 00 30 00 00 00 00 00 00'
    for row in 5 6 7 8 9 a b c d e f; do
        echo "${row}0: 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00"
    done
} >"$tap_tmp/dump"
under "$tap_tmp/dump" "$show" cat "/sys/bus/pci/devices/$bdf/class" 2>&1 | diff - <(
    echo "fakevfio: note: $tap_tmp/dump: $bdf: extended configuration space unknown: left out"
    echo "fakevfio: note: $tap_tmp/dump: $bdf: IOMMU group unknown: one of its own assumed"
    echo "fakevfio: note: $tap_tmp/dump: $bdf: BAR0: size unknown: the smallest that holds its MSI-X structures assumed"
    echo 0x010802
) | tap_empty "a dump alone makes a device, and what it leaves open is told"
{
    echo '01:00.0 Non-Volatile memory controller [0108]: one [1b36:0010] (rev 02)'
    echo '	IOMMU group: 4'
    echo '	Region 0: Memory at fe800000 (64-bit, non-prefetchable) [size=16K]'
    echo '	Capabilities: [40] MSI-X: Enable- Count=65 Masked-'
    echo '		Vector table: BAR=0 offset=00002000'
    echo '		PBA: BAR=0 offset=00003000'
} >"$tap_tmp/verbose"
under "$tap_tmp/verbose" "$show" cat "/sys/bus/pci/devices/$bdf/class" 2>&1 | diff - <(
    echo "fakevfio: note: $tap_tmp/verbose: $bdf: no dump: contents of the capabilities are unknown"
    echo 0x010800
) | tap_empty "so does lspci's text alone"

echo precious >"$tap_tmp/file"
FAKEVFIO_CONTROL=$tap_tmp/file over_fake sas3008 "$programs/surface" "$group" "$bdf" main >/dev/null 2>&1
echo precious | diff - "$tap_tmp/file" 2>&1 | tap_empty "a file that is no socket is not removed for one"

for run in 1 2; do
    FAKEVFIO_LOG=$tap_tmp/log$run over_fake sas3008 "$programs/surface" "$group" "$bdf" main >/dev/null
done
diff "$tap_tmp/log1" "$tap_tmp/log2" | tap_empty "two equal runs, two equal transcripts"
FAKEVFIO_LOG=$tap_tmp/no/log over_fake sas3008 "$programs/surface" "$group" "$bdf" main 2>&1 >/dev/null |
    diff - <(echo "fakevfio: $tap_tmp/no/log: can't be written: ENOENT") |
    tap_empty "a transcript that can't be written is told once"
# Whole lines, and the result that each call has.
result='= (-E[A-Z0-9]+|[0-9]+)'
device='[0-9a-f]{4}:[0-9a-f]{2}:[0-9a-f]{2}\.[0-7]'
forms=(
    "open /dev/[a-z0-9/]+ $result"
    "group [0-9]+ [A-Za-z_]+( [0-9a-fx:.]+)* $result"
    "container [A-Za-z_]+( [0-9a-fx]+| [a-z]+=[0-9a-fx]+)* $result"
    "iommu [A-Za-z_]+( [0-9a-fx]+| [a-z]+=[0-9a-fx]+)* $result"
    "(group [0-9]+|container|iommu) (close|release)"
    "$device (open|close|release)"
    "$device reset (ioctl|flr|af-flr|hot|behind)"
    "$device fire index=[0-4] vector=[0-9]+"
    "$device (pread|pwrite) (config|rom|vga|none|bar[0-5])\+0x[0-9a-f]+ [0-9]+ $result( ([0-9a-f]{2}){1,16})?"
    "$device mmap bar[0-9]+\+0x[0-9a-f]+ 0x[0-9a-f]+ prot=[0-7] $result"
    "$device [A-Za-z_]+( 0x[0-9a-f]+| [a-z]+=[0-9a-fx]+)* $result"
)
grep -vxE "$(printf '%s\n' "${forms[@]}")" "$tap_tmp/log1" |
    tap_empty "each line of a transcript is of a documented form"
own_nodes="each line is, too, of one with an iommufd and devices' own nodes"
if [ -x "$fake_programs/test_cdev" ]; then
    for program in cdev feature hwpt iommufd iommufd_vfio; do
        FAKEVFIO_LOG=$tap_tmp/own under "$top_srcdir/tests/fake/edge.desc" \
            "$fake_programs/test_$program" >/dev/null 2>&1
    done
    { [ -s "$tap_tmp/own" ] || echo "no transcript"
        grep -vxE "$(printf '%s\n' "${forms[@]}")" "$tap_tmp/own"; } | tap_empty "$own_nodes"
else
    tap_skip "$own_nodes" "no cmocka"
fi
for line in "open /dev/vfio/1 = 0" "group 1 GET_DEVICE_FD $bdf = 0" "$bdf open"; do
    grep -cxF "$line" "$tap_tmp/log1" >/dev/null || echo "$line"
done | tap_empty "a transcript has the steps to the device"

tap_done
