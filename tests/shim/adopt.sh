#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Devices that come another way than by their group: over a socket, and by a duplicate that nobody saw.
# trap V6
# shellcheck source=tests/lib/preload.sh
. "${top_srcdir:-.}/tests/lib/preload.sh"
tap_need "$programs/passed" "$libs/libnewerkernel.so"

# passed RULES [ARG...]: what the program sees and what is said to it.
passed() {
    local rules=$1
    shift
    FAKEVFIO="${description:-$descriptions/sas3008.desc}" MSIXSHIM="$rules" MSIXSHIM_LOG=info \
        LD_PRELOAD="$libs/libmsixshim.so:$libs/libnewerkernel.so:$libs/libfakevfio.so" \
        "$programs/passed" "$@" >"$tap_tmp/out" 2>"$tap_tmp/all"
    echo "exit $?" >>"$tap_tmp/out"
    # what the child is told of the device that it opens is not what this is about
    grep -v "^msixshim: $bdf: " "$tap_tmp/all" >"$tap_tmp/err"
}

# sees DESCRIPTION: the last program's output is standard input.
sees() {
    diff - "$tap_tmp/out" | tap_empty "$1"
}

# says DESCRIPTION PATTERN...: the lines that it got, each by a pattern for grep.
says() {
    local what=$1 pattern ok=0
    shift
    for pattern; do
        grep -qE "^msixshim: $pattern" "$tap_tmp/err" || ok=1
    done
    [ "$(wc -l <"$tap_tmp/err")" = $# ] && [ $ok = 0 ]
    tap_result $? "$what" && return
    sed 's/^/# /' "$tap_tmp/all"
}

over_fake sas3008 "$programs/passed" >"$tap_tmp/bare"
bare=$(sed -n 's/^received: \(.*\), no table$/\1/p' "$tap_tmp/bare")
[ -n "$bare" ]
tap_result $? "without the shim: $bare"
bar5=${bare% 0x0}' 0x1000'

for rules in off auto,page=4K '*=off;bar5' '1000:0097=off;bar5'; do
    passed "$rules"
    { cat "$tap_tmp/bare" && echo "exit 0"; } | sees "MSIXSHIM=\"$rules\": byte for byte"
done

# Without a name, duplicates are told by kcmp(2), which not every kernel has, nor every container.
becomes='fd [0-9]+: BAR5 becomes a new 32-bit'
duplicate=shared said=("$becomes" "$becomes")
if ! "$programs/passed" kcmp; then
    echo "# no kcmp"
    duplicate=apart said+=("${said[@]}")
fi
for rules in bar5 '1000:0097=bar5' 'class:0107=bar5;01:00.0=off'; do
    passed "$rules"
    sees "MSIXSHIM=\"$rules\": relocated, and what nothing tells to be one device is two" <<END
received: $bar5, shared
again: $bar5, $duplicate
second: $bar5, apart
duplicate: $bar5, $duplicate
under a filter: $bar5, irqs 0
exit 0
END
    says "and that is said of each" "${said[@]}"
done

for rules in '01:00.0=bar5' '02:00.0=off;bar5' 'class:0108=bar0;02:00.0=bar5'; do
    passed "$rules"
    sees "MSIXSHIM=\"$rules\": refused" <<END
received: errno 22, no table
again: errno 22, no table
second: errno 22, no table
duplicate: errno 22, no table
exit 0
END
    line='fd [0-9]+: refused: the rule "0[12]:00.0=(bar5|off)" of MSIXSHIM asks for the address'
    says "and why" "$line" "$line" "$line" "$line"
done

# A device that has nothing to relocate is as it is under every rule: whose it is does not matter.
sed '/^msix/d' "$descriptions/sas3008.desc" >"$tap_tmp/no_msix.desc"
description=$tap_tmp/no_msix.desc passed '01:00.0=bar5'
{ cat "$tap_tmp/bare" && echo "exit 0"; } |
    sees "MSIXSHIM=\"01:00.0=bar5\", no MSI-X: byte for byte"
said=("${said[@]/*/fd [0-9]+: left as it is: the device has no MSI-X capability}")
says "and why" "${said[@]}"

export FDINFO_NAME=/sys/devices/pci0000:00/0000:00:01.0/$bdf
relocated="received: $bar5, shared
again: $bar5, shared
second: $bar5, shared
duplicate: $bar5, shared
under a filter: $bar5, irqs 0
exit 0"
passed '01:00.0=bar5'
sees "a kernel that tells the name: all are one device" <<END
$relocated
END

# A node of iommufd, which is no device before it is bound.
export NODE=1
unbound='received: errno 22, no table
again: errno 22, no table
second: errno 22, no table
duplicate: errno 22, no table'
passed '01:00.0=bar5' bind
sees "a node: nothing before it is bound, one device then" <<END
$unbound
bind: 0
$relocated
END
passed off bind
sees "a node that is left as it is" <<END
$unbound
bind: 0
$(grep -v '^under' "$tap_tmp/bare")
under a filter: $bare, irqs 0
exit 0
END
passed bar2 bind
sees "a node that is refused when it is bound, and ever after" <<END
$unbound
bind: 22
$unbound
exit 0
END
line="$bdf: bar2 refused: the slot is the upper half"
grep -cE "^msixshim: $line" "$tap_tmp/all" | diff - <(echo 5) | tap_empty "and why, each time"
tap_done
