#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Which rule holds for which device, and what comes of it: by the variable, by the file, by none.
# shellcheck source=tests/lib/preload.sh
. "${top_srcdir:-.}/tests/lib/preload.sh" || exit
tap_need "$programs/surface" "$programs/devices" "$programs/log_user" "$libs/libfault.so" \
    "$libs/libpagesize.so"

# Two devices, of different groups.
sed 's/0000:01:00\.0/0000:02:00.0/' "$descriptions/sm2262.desc" |
    cat "$descriptions/nvme-136.desc" - >"$tap_tmp/two.desc"
for name in sas3008 sm2262 nvme-136 coral-edgetpu kioxia-cd8p; do
    cp "$descriptions/$name.desc" "$tap_tmp"
done

# opened FILE RULES [GROUP BDF]: what the VMM sees goes to $tap_tmp/out, what is said to $tap_tmp/err.
opened() {
    FAKEVFIO="$tap_tmp/$1.desc" MSIXSHIM="$2" MSIXSHIM_LOG=info \
        LD_PRELOAD="$libs/libmsixshim.so:$libs/libfakevfio.so" \
        "$programs/surface" "${3:-$group}" "${4:-$bdf}" main >"$tap_tmp/out" 2>"$tap_tmp/err"
}

# becomes FILE RULES PATTERN [GROUP BDF]: one line that matches is said, and the device is there.
becomes() {
    opened "$1" "$2" "${@:4}"
    [ "$(wc -l <"$tap_tmp/err")" = 1 ] && grep -qE "^msixshim: ${5:-$bdf}: $3" "$tap_tmp/err" &&
        grep -q '^config = 256' "$tap_tmp/out"
    tap_result $? "$1${5:+ $5}, MSIXSHIM=\"$2\": $3" && return
    sed 's/^/# /' "$tap_tmp/err"
}

# stays FILE RULES PATTERN [GROUP BDF]: the same, and what the VMM sees is what it sees without us.
stays() {
    becomes "$1" "$2" "left as it is: $3" "${@:4}"
    FAKEVFIO="$tap_tmp/$1.desc" LD_PRELOAD="$libs/libfakevfio.so" \
        "$programs/surface" "${4:-$group}" "${5:-$bdf}" main 2>&1 | cmp -s - "$tap_tmp/out"
    tap_result $? "$1${5:+ $5}, MSIXSHIM=\"$2\": byte for byte"
}

# refused FILE RULES LINE: no device, and that line.
refused() {
    opened "$1" "$2"
    grep -qx 'no device: errno 22' "$tap_tmp/out" &&
        [ "$(wc -l <"$tap_tmp/err")" = 1 ] && grep -qF "msixshim: $3" "$tap_tmp/err"
    tap_result $? "$1, MSIXSHIM=\"$2\": EINVAL, $3" && return
    sed 's/^/# /' "$tap_tmp/err"
}

page=$(getconf PAGESIZE)

# auto, which is what holds where nothing is said
if [ "$page" = 4096 ]; then
    for rules in '' auto ' ; # nothing'; do
        stays sas3008 "$rules" 'no page with MSI-X holds a 4 KiB block of anything else'
        becomes sm2262 "$rules" 'BAR2 becomes a new 64-bit .* why: MSI-X table and PBA overlap'
    done
    stays nvme-136 '' 'no page with MSI-X holds a 4 KiB block'
    becomes kioxia-cd8p '' 'BAR2 becomes a new 64-bit .* why: registers stand before'
    becomes coral-edgetpu '' 'BAR4 becomes a new 64-bit .* why: registers stand before'
    becomes nvme-136 auto,share=bar 'BAR2 becomes .* why: the BAR with the MSI-X structures'
fi
becomes sas3008 auto,page=64K 'BAR5 becomes a new 32-bit .* of 65536 bytes.* why: a page of the host'
becomes nvme-136 auto,page=64K 'BAR2 becomes a new 64-bit .* of 65536 bytes'
becomes sas3008 any,page=64K 'BAR5 becomes .* why: a page'
becomes sas3008 any 'BAR5 becomes .* why: '
stays sas3008 off 'the rule "off" asks for it'

# selectors: the first rule that matches
sed 's/0000:01:00\.0/10000:01:00.0/' "$descriptions/nvme-136.desc" >"$tap_tmp/vmd.desc"
for rules in 10000:01:00.0=bar4 '0000:01:00.0=bar3;10000:01:00.0=bar4' '0:01:00.0=bar3;00010000:01:00.0=bar4'; do
    becomes vmd "$rules" 'BAR4 becomes' 1 10000:01:00.0
done
stays vmd '0000:01:00.0=bar3;01:00.0=bar3;ffff:01:00.0=bar3;off' 'the rule "off" asks' 1 10000:01:00.0
becomes sas3008 '0000:02:00.0=bar0;1000:0097=bar3;bar5' 'BAR3 is extended'
becomes sas3008 '1000:0097:15d9:0808=bar5;1000:0097=bar3' 'BAR5 becomes'
becomes sas3008 '1000:0097:15d9:0809=bar5;01:00.0=bar3' 'BAR3 is extended'
becomes sas3008 $'class:0108=bar5\n*=bar0' 'BAR0 becomes'
stays sas3008 'class:0107=off;bar5' 'the rule "class:0107=off" asks for it'
for rules in '0000:01:00.0=bar4;02:00.0=bar2' 'class:0108=bar4' '144d:a824=bar4;8086:f1a6=bar2'; do
    becomes two "$rules" 'BAR4 becomes'
done
becomes two '01:00.0=bar4;02:00.0=bar3' 'BAR4 becomes' 1 0000:01:00.0
becomes two '01:00.0=bar4;02:00.0=bar3' 'BAR3 becomes' 2 0000:02:00.0
stays two '144d:a824=off;any' 'the rule "144d:a824=off" asks for it' 1 0000:01:00.0
becomes two '144d:a824=off;any' 'BAR2 becomes' 2 0000:02:00.0

# all_become RULES GROUP BDF SIZES...: the BARs of each, in one process.
all_become() {
    local rules=$1 args=() wanted=
    shift
    while [ $# -gt 0 ]; do
        args+=("$1" "$2")
        wanted+="$2 $3"$'\n'
        shift 3
    done
    FAKEVFIO="$tap_tmp/two.desc" MSIXSHIM="$rules" \
        LD_PRELOAD="$libs/libmsixshim.so:$libs/libfakevfio.so" \
        "$programs/devices" "${args[@]}" 2>/dev/null | diff <(printf %s "$wanted") - |
        tap_empty "two devices in one process, MSIXSHIM=\"$rules\""
}
all_become off 1 0000:01:00.0 '0x4000 0x0 0x0 0x0 0x0 0x0' 2 0000:02:00.0 '0x4000 0x0 0x0 0x0 0x0 0x0'
all_become '01:00.0=bar4,page=64K;02:00.0=bar0' 1 0000:01:00.0 '0x4000 0x0 0x0 0x0 0x10000 0x0' \
    2 0000:02:00.0 '0x8000 0x0 0x0 0x0 0x0 0x0'
all_become '8086:f1a6=bar1;any,page=64K' 2 0000:02:00.0 'errno 22' \
    1 0000:01:00.0 '0x4000 0x0 0x10000 0x0 0x0 0x0'

# BAR1 as it is shown: what it has of flags and capabilities.
shown() {
    MSIXSHIM_LOG=trace over_shim sas3008 "$1" "$programs/log_user" calls 2>&1 |
        sed -n 's/.*{argsz=128, index=bar1}) = 0 {argsz=128, flags=READ|WRITE|//p' |
        diff <(echo "$2}") - | tap_empty "sas3008, MSIXSHIM=\"$1\": $2"
}
at='offset=0x10000000000'
shown off "MMAP|CAPS, size=0x10000, $at, MSIX_MAPPABLE"
shown bar1 "MMAP|CAPS, size=0x20000, $at, SPARSE_MMAP 0x0+0x10000, MSIX_MAPPABLE"
shown bar1,caps=sparse "MMAP|CAPS, size=0x20000, $at, SPARSE_MMAP 0x0+0x10000"
shown bar1,map=compose "MMAP|CAPS, size=0x20000, $at, SPARSE_MMAP 0x0+0x10000, MSIX_MAPPABLE"
shown bar5 "MMAP, size=0x10000, $at"
shown bar5,caps=sparse "MMAP, size=0x10000, $at"
if [ "$page" = 4096 ]; then
    shown bar5,old=hide "MMAP|CAPS, size=0x10000, $at, SPARSE_MMAP 0x0+0xe000"
    shown bar1,old=hide,caps=sparse "MMAP|CAPS, size=0x20000, $at, SPARSE_MMAP 0x0+0xe000"
fi

# what fails while the device is looked at: auto takes it as it is, what was asked for refuses it
FAKEVFIO="$tap_tmp/two.desc" LD_PRELOAD="$libs/libfakevfio.so" "$programs/devices" 2 0000:02:00.0 \
    >"$tap_tmp/bare"
# faulty RULES AT: the AT-th call of the shim fails
faulty() {
    FAULT_AT=$2 FAKEVFIO="$tap_tmp/two.desc" MSIXSHIM="$1" MSIXSHIM_LOG=info \
        LD_PRELOAD="$libs/libmsixshim.so:$libs/libfault.so:$libs/libfakevfio.so" \
        "$programs/devices" 2 0000:02:00.0 >"$tap_tmp/out" 2>"$tap_tmp/err"
}
eio='(Input/output|I/O) error' # in glibc's words, and in musl's
# GET_INFO, 9 regions, the configuration space, 2 regions of the plan; what is behind that space
for at in {1..13}; do
    [ "$at" != 10 ] || continue # VGA, which not every device has
    faulty auto "$at"
    cmp -s "$tap_tmp/bare" "$tap_tmp/out" &&
        grep -qxE "msixshim: 0000:02:00.0: left as it is: $eio" "$tap_tmp/err"
    tap_result $? "auto, call $at fails: the device is left as it is"
    faulty bar2 "$at"
    grep -qx '0000:02:00.0 errno 5' "$tap_tmp/out" &&
        grep -qxE "msixshim: 0000:02:00.0: cannot be relocated: $eio" "$tap_tmp/err"
    tap_result $? "bar2, call $at fails: the device is refused"
done
# no device comes to the second rule
faulty "auto;bar2" 1
cmp -s "$tap_tmp/bare" "$tap_tmp/out"
tap_result $? "auto;bar2, call 1 fails: the device is left as it is"
# what is behind the configuration space is an error anyway
faulty bar2 14
! grep -q errno "$tap_tmp/out" && grep -q '^msixshim: 0000:02:00.0: BAR2 becomes' "$tap_tmp/err"
tap_result $? "bar2, call 14 fails: nothing is lost"
faulty auto 15
grep -qE "region 0: $eio" "$tap_tmp/err"
tap_result $? "call 15 is the VMM's own"

# the file: behind the variable, before auto
export MSIXSHIM_CONFIG=$tap_tmp/rules
cat >"$MSIXSHIM_CONFIG" <<'END'
# Rules of a test.
01:00.0 = bar4   # by address
class:0107 = bar3, page=64K

* = off
END
becomes nvme-136 '' 'BAR4 becomes'
becomes nvme-136 'class:0108=bar5' 'BAR5 becomes'
becomes nvme-136 'class:0107=bar5' 'BAR4 becomes'
sed -i '/by address/d' "$MSIXSHIM_CONFIG"
becomes sas3008 '' 'BAR3 is extended to a 64-bit'
stays nvme-136 '' 'the rule "\* = off" asks for it'

# what is no file of rules
printf 'off\n*=bar7\n' >"$MSIXSHIM_CONFIG"
refused sas3008 '' "$MSIXSHIM_CONFIG: line 2, column 3: \"*=bar7\": not a target"
refused sas3008 bar5 "$MSIXSHIM_CONFIG: line 2, column 3: \"*=bar7\": not a target"
printf 'off\n\0bar5' >"$MSIXSHIM_CONFIG"
refused sas3008 '' "MSIXSHIM_CONFIG=$MSIXSHIM_CONFIG: not a text: it has a byte of 0"
head -c 70000 /dev/zero | tr '\0' '\n' >"$MSIXSHIM_CONFIG"
refused sas3008 '' "MSIXSHIM_CONFIG=$MSIXSHIM_CONFIG: larger than 65535 bytes"
MSIXSHIM_CONFIG=$tap_tmp refused sas3008 '' "MSIXSHIM_CONFIG=$tap_tmp: not a regular file"
mkfifo "$tap_tmp/fifo"
MSIXSHIM_CONFIG=$tap_tmp/fifo refused sas3008 auto \
    "MSIXSHIM_CONFIG=$tap_tmp/fifo: not a regular file"
MSIXSHIM_CONFIG=$tap_tmp/none refused sas3008 off \
    "MSIXSHIM_CONFIG=$tap_tmp/none: No such file or directory"
unset MSIXSHIM_CONFIG

# what is no rule, and what can't be had
refused sas3008 'class:0107=any,page=2K' 'MSIXSHIM: line 1, column 21:'
refused sas3008 'bar5;1000=any' 'MSIXSHIM: line 1, column 6:'
refused sas3008 'class:0107=bar2' "$bdf: bar2 refused: the slot is the upper half of a 64-bit BAR"

# a host with pages of 64K: what can't be shown there is refused, but never by auto
printf 'device %s\nid 1234:5678\nclass 028000\nbar 0 mem32 16K\n' "$bdf" >"$tap_tmp/no-msix.desc"
# on_64k FILE RULES PATTERN: what the VMM gets goes to $tap_tmp/out; one line that matches is said
on_64k() {
    TEST_PAGE_SIZE=65536 FAKEVFIO="$tap_tmp/$1.desc" MSIXSHIM=$2 MSIXSHIM_LOG=info \
        LD_PRELOAD="$libs/libpagesize.so:$libs/libmsixshim.so:$libs/libfakevfio.so" \
        "$programs/devices" "$group" "$bdf" 2>"$tap_tmp/err" >"$tap_tmp/out"
    [ "$(wc -l <"$tap_tmp/err")" = 1 ] && grep -qE "$3" "$tap_tmp/err"
    tap_result $? "pages of 64K, $1, MSIXSHIM=\"$2\": $3"
}
for target in bar5 any; do
    on_64k kioxia-cd8p $target,page=4K "\"$target,page=4K\" is refused: pages of this host"
    grep -q ' errno 22$' "$tap_tmp/out"
    tap_result $? 'and the device with it'
done
while read -r name rules pattern; do
    on_64k "$name" "$rules" "$pattern"
    ! grep -q errno "$tap_tmp/out"
    tap_result $? 'and the device is there'
done <<'END'
kioxia-cd8p auto,page=4K left as it is: the rule .* is refused: pages of this host
sas3008 auto,page=4K left as it is: no page with MSI-X
no-msix auto,page=4K left as it is: the device has no MSI-X capability
no-msix bar5,page=4K left as it is: the device has no MSI-X capability
sas3008 bar5,page=64K BAR5 becomes a new
END

# no target is left: all slots taken, and none can be doubled
cat >"$tap_tmp/full.desc" <<'END'
device 0000:01:00.0
id 1234:5678
class 028000
bar 0 io 256
bar 1 mem32 2G
bar 2 io 256
bar 3 io 256
bar 4 io 256
bar 5 io 256
msix at 0x40 vectors 4 table 1:0x1000 pba 1:0x1020
END
refused full any "$bdf: any refused: no target is left: bar0: the BAR is I/O ports"
stays full auto 'no target is left'
tap_done
