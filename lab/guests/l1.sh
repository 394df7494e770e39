# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Sourced in L1 by the tests of guests/lib.sh, which tells of the tables in /share.
# shellcheck source=lab/l1.sh
. /share/l1.sh

# fact FILE WORD...: the rest of its line that begins with these
fact() {
    local file=$1 line
    shift
    tr -s " " <"$file" | while IFS= read -r line; do
        case $line in "$* "*) echo "${line#"$* "}" && break ;; esac
    done
}

# resettable: whether what one guest did with the devices of /share/devices is gone for the next. By power
# management alone it is not: e1000e keeps its registers.
resettable() {
    local name address methods failed=0
    while read -r name address _; do
        methods=$(cat "/sys/bus/pci/devices/$address/reset_method" 2>/dev/null)
        case " $methods " in
        *" flr "* | *" bus "*) ;;
        *) echo "# $name: ${methods:-no reset}" && failed=1 ;;
        esac
    done </share/devices
    result $failed "each device can be reset, by itself or with its bus"
}

# l2_commands: what the guest runs: for each of /share/devices, its words
l2_commands() {
    local name address kind words slot=3
    cat /share/l2/lib
    while read -r name address kind words; do
        printf '(\nname=%s device=/sys/bus/pci/devices/0000:00:%02x.0\nset -- %s\n' "$name" $slot "$words"
        cat "/share/l2/$kind"
        echo ")"
        slot=$((slot + 1))
    done </share/devices
    cat /share/l2/end
}

# hold WHAT DEVICE TARGET ADDRESS ACCEL: what a guest told of a device, and what is direct of the BAR where
# the hardware's table is, against /share/drivers and /share/places
hold() {
    local what=$1 device=$2 target=$3 address=$4 accel=$5 want place bar got
    place=$(fact /share/places "$device" "$target")
    want="$(fact /share/drivers "$device"); table $place"
    bar=${place##*BAR} bar=${bar%% *}
    got="$(sed -n "s/^L2: $device: //p" /tmp/out | tr '\n' ';' | sed 's/;/; /g')BAR$bar direct $(
        direct "$address" "$bar" "$accel" </tmp/view)"
    [ "$got" = "$want" ]
    result $? "$device, $target, $vmm, $what: $got"
    [ "$got" = "$want" ] || { echo "# not: $want" && return 1; }
}

# guests WHO API ACCEL TARGET...: boots a guest with the devices of /share/devices. WHO, none, native or
# shim, relocates each to its TARGET, - for none. A result for each.
guests() {
    local who=$1 api=$2 accel=$3 arguments=() prefix=() rules='' slot=3 failed=''
    local name address option target status
    shift 3
    local targets=("$@")
    [ "$api" = group ] || arguments=(-object iommufd,id=i)
    while read -r _ address _; do
        target=${targets[slot - 3]} option=
        [ "$api" = group ] || option+=,iommufd=i
        [ "$who" != native ] || option+=,x-msix-relocation=$target
        rules+="$address=$target;"
        arguments+=(-device "vfio-pci,host=$address,addr=$slot$option")
        slot=$((slot + 1))
    done </share/devices
    [ "$who" != shim ] ||
        prefix=(-p "env LD_PRELOAD=/share/libmsixshim.so MSIXSHIM=$rules MSIXSHIM_LOG=info")
    l2_commands >/tmp/commands
    l2-run -a "$accel" "${prefix[@]}" -v /tmp/view -c /tmp/commands -- "${arguments[@]}" >/tmp/out 2>&1
    status=$?
    while read -r name address _; do
        hold "$api, $accel, $who" "$name" "$1" "$address" "$accel" || failed=1
        shift
    done </share/devices
    grep -h "^msixshim: " /tmp/out | sed 's/^/# /'
    [ "$status$failed" = 0 ] || tail -n 100 /tmp/out | sed 's/^/# /'
    result $status "a guest, $vmm, $api, $accel, $who: ended well"
}
