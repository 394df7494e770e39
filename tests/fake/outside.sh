#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# What the fake leaves outside the program: its transcript, its complaints, nothing else.
# shellcheck source=tests/shim/preload.sh
. "${top_srcdir:-.}/tests/shim/preload.sh"

export TMPDIR=$tap_tmp/tmp
mkdir "$TMPDIR"

# under FILE COMMAND...
under() {
    local file=$1
    shift
    FAKEVFIO=$file LD_PRELOAD="$libs/libfakevfio.so" "$@"
}

under "$descriptions/sas3008.desc" cat "/sys/bus/pci/devices/$bdf/class" >"$tap_tmp/class"
echo 0x010700 | diff - "$tap_tmp/class" | tap_empty "a program reads the class out of sysfs"
find "$TMPDIR" -mindepth 1 | tap_empty "the private sysfs is gone afterwards"

under "" cat /dev/vfio/vfio "/sys/bus/pci/devices/$bdf/vendor" >"$tap_tmp/plain" 2>&1
cat /dev/vfio/vfio "/sys/bus/pci/devices/$bdf/vendor" 2>&1 | diff - "$tap_tmp/plain" |
    tap_empty "without FAKEVFIO nothing is there that was not"

printf 'device 01:00.0\nbar 9 io 4\n' >"$tap_tmp/bad.desc"
under "$tap_tmp/bad.desc" cat /dev/vfio/vfio 2>&1 | diff - <(
    echo "fakevfio: $tap_tmp/bad.desc:2:5: expected a BAR number, 0 to 5"
    echo "cat: /dev/vfio/vfio: Invalid argument"
) | tap_empty "a description that is wrong is told, with the place, and nothing opens"

for run in 1 2; do
    FAKEVFIO_LOG=$tap_tmp/log$run over_fake sas3008 "$programs/surface" "$group" "$bdf" main >/dev/null
done
diff "$tap_tmp/log1" "$tap_tmp/log2" | tap_empty "two equal runs, two equal transcripts"
grep -vE '^(open /dev/vfio/[a-z0-9]+|group [0-9]+ [A-Za-z_]+.*|container [A-Za-z_]+.*) = (-E[A-Z]+|[0-9]+)$|^(group [0-9]+|container) (close|release)$|^[0-9a-f:.]{12} ' \
    "$tap_tmp/log1" | tap_empty "each line of a transcript is of a documented form"
for line in "open /dev/vfio/1 = 0" "group 1 GET_DEVICE_FD $bdf = 0" "$bdf open"; do
    grep -cxF "$line" "$tap_tmp/log1" >/dev/null || echo "$line"
done | tap_empty "a transcript has the steps to the device"

tap_done
