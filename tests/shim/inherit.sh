#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A device that another program opened, which has the shim or has not: whatever way the descriptor
# comes, a program with the shim sees of it what it would see of one that it opened itself, and the
# other program goes on undisturbed.
# trap V6
# shellcheck source=tests/lib/preload.sh
. "${top_srcdir:-.}/tests/lib/preload.sh" || exit
tap_need "$programs/inherit" "$programs/surface" "$libs/libnewerkernel.so"
export FAKEVFIO=$descriptions/sas3008.desc FAKEVFIO_STATE=$tap_tmp/state
path=/sys/devices/pci0000:00/0000:00:01.0/$bdf # what newer kernels tell of a descriptor

bare=$libs/libnewerkernel.so:$libs/libfakevfio.so
shim=$libs/libmsixshim.so:$bare

# hand SENDER HOW WAY RECEIVED RULES: the output is the receiver's surface; "err" has what was said.
hand() {
    rm -rf "$FAKEVFIO_STATE"
    MSIXSHIM=$5 RECEIVER=$shim LD_PRELOAD=${!1} \
        "$programs/inherit" "$2" "$3" "$bdf" "$programs/surface" "$4" "$bdf" main 2>"$tap_tmp/err"
}

# own WAY RULES: the surface of a device that the program opens itself.
own() {
    rm -rf "$FAKEVFIO_STATE"
    MSIXSHIM=$2 LD_PRELOAD=$shim "$programs/surface" "$1" "$bdf" main 2>"$tap_tmp/err"
}

# same FILE DESCRIPTION: standard input is what is in the file.
same() {
    cmp - "$1" >"$tap_tmp/differ" 2>&1 && [ -s "$1" ]
    tap_result $? "$2" && [ ! -s "$tap_tmp/differ" ] && return
    sed 's/^/# /' "$tap_tmp/differ" "$tap_tmp/err"
}

# goes_on SENDER RULES: the other program has what it had; a relocated table is its own.
goes_on() {
    local data=0xffffffff # the hardware's can't be read
    [ "$1" = bare ] || [ "$2" = off ] || data=0x4711
    echo "sender: undisturbed, data $data" | diff - <(grep ^sender "$tap_tmp/err") |
        tap_empty "and that one sees what it saw"
}

own "$group" off >"$tap_tmp/off"
own "$group" bar5 >"$tap_tmp/bar5"
! cmp -s "$tap_tmp/off" "$tap_tmp/bar5" && grep -q '^config = 256' "$tap_tmp/off"
tap_result $? "a device under bar5 differs from one under off"
for rules in off bar5; do
    own compat:"$group" $rules |
        same "$tap_tmp/$rules" "an iommufd as the group's container changes nothing, $rules"
done

hows=(fork exec spawn raw socket)
[ -z "${MEMCHECK:-}" ] || hows=(exec socket) # the shim has two ways to see a descriptor

# The KIND of descriptor, the WAY it is opened, and what the rules may say of it.
while read -r kind way rules; do
    unset FDINFO_NAME
    [ "$kind" = unnamed ] || export FDINFO_NAME=$path
    own "$way" "$rules" >"$tap_tmp/own"
    for how in "${hows[@]}"; do
        received=fd:20
        [ "$how" != socket ] || received=socket:20
        for sender in bare shim; do
            hand $sender "$how" "$way" $received "$rules" |
                same "$tap_tmp/own" "$kind by $how, sender: $sender, $rules"
            [ "$how" = exec ] || goes_on $sender "$rules"
        done
    done
done <<END
unnamed $group bar5
unnamed $group 1000:0097=bar1;bar5
unnamed $group off
unnamed compat:$group bar5
named $group 01:00.0=bar5
named $group off
node $node 01:00.0=bar5
node $node off
END

# What no rule may be applied to, or can't be done, is refused in the receiver alone.
while read -r kind way rules why; do
    unset FDINFO_NAME
    [ "$kind" = unnamed ] || export FDINFO_NAME=$path
    for how in exec socket; do
        received=fd:20
        [ "$how" != socket ] || received=socket:20
        hand bare "$how" "$way" $received "$rules" |
            tap_empty "$kind by $how, $rules: nothing is shown"
        grep -qE "^msixshim: .*refused: $why" "$tap_tmp/err" &&
            grep -qx "region 7: Invalid argument" "$tap_tmp/err"
        tap_result $? "it is refused, and why"
    done
done <<END
unnamed $group 01:00.0=bar5 the rule "01:00.0=bar5" of MSIXSHIM asks for the address
named $group bar2 the slot is the upper half
node $node bar2 the slot is the upper half
END
unset FDINFO_NAME

# A group, and a node before it is bound, that another program opened: what they lead to has a name.
for sender in bare shim; do
    own "$group" 01:00.0=bar5 >"$tap_tmp/own"
    hand $sender group "$group" group:20 01:00.0=bar5 |
        same "$tap_tmp/own" "a device of a group that comes, sender: $sender"
    goes_on $sender 01:00.0=bar5
    own $node 01:00.0=bar5 >"$tap_tmp/own"
    hand $sender node $node node:20 01:00.0=bar5 |
        same "$tap_tmp/own" "a node that comes unbound, sender: $sender"
done

# What one program has open another one can't open: EBUSY, or EINVAL where it is the bind that fails.
while read -r way other errno; do
    hand shim nothing "$way" "$other" bar5 |
        diff <(echo "no device: errno $errno") - | tap_empty "$other, while another one has $way"
    goes_on shim bar5
done <<END
$group $group 16
$group $node 16
$node $group 16
$node $node 22
END
tap_done
