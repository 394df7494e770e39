# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Sourced in L1 by what boots guests of VMMs that are not QEMU: $name is which one, $version what it says of
# itself. lib.sh tells of the tables in /share.
# shellcheck disable=SC2154 # these two
# shellcheck source=lab/guests/l1.sh
. /share/guests.sh

# crosvm's sandbox takes another root, which it can't do from an initramfs.
if [ ! -e /rooted ]; then
    mkdir /new
    mount -t tmpfs -o size=2g tmp /new
    cp -a /bin /sbin /lib /lib64 /usr /etc /l2 /new/
    mkdir -p /new/{dev,proc,sys,share,ctl,tmp,run,root,var/empty}
    : >/new/rooted
    for dir in dev proc sys share ctl; do
        mount --rbind /$dir /new/$dir
    done
    ln -sfn /proc/self/fd /dev/fd # for process substitution
    cd /new || exit
    mount --move . /
    exec chroot . bash -c "cd /share && exec bash $(printf '%q ' "$0" "$@")"
fi
export LD_LIBRARY_PATH=/share/lib
modprobe -q kvm_amd nested=0

# make_initrd COMMANDS: the guest's, /tmp/initrd, which runs that file
make_initrd() {
    local dir
    dir=$(mktemp -d)
    cp "$1" "$dir/l2command"
    (cat /l2/initrd && cd "$dir" && echo l2command | cpio -o -H newc 2>/dev/null) >/tmp/initrd
    rm -r "$dir"
}

# device_id ADDRESS: "0x1b36 0x0010", by which a guest finds it: VMMs order devices differently
device_id() {
    echo "$(<"/sys/bus/pci/devices/$1/vendor") $(<"/sys/bus/pci/devices/$1/device")"
}

# guest_commands <DEVICES: what the guest runs for each of these lines of /share/devices. To a driver that gets no
# interrupt each step takes a minute: with $patience its guest tells after so many seconds which came, and ends.
# shellcheck disable=SC2016 # for the guest's shell
guest_commands() {
    local device address kind words id
    cat /share/l2/lib /share/l2/find
    while read -r device address kind words; do
        id=$(device_id "$address")
        printf '(\nname=%s\ndevice=$(find_id %s) || exit\nset -- %s\n' "$device" "$id" "$words"
        cat "/share/l2/$kind"
        echo ")${patience:+ &}"
        [ -z "$patience" ] ||
            printf 'sleep %s\nname=%s\ndevice=$(find_id %s) && tell_interrupts "$device"\n' \
                "$patience" "$device" "$id"
    done
    cat /share/l2/end
}

# vmm_command ADDRESS...: $command, which boots a guest with these devices
# shellcheck disable=SC2054 # the commas are the VMMs'
vmm_command() {
    local cmdline="console=ttyS0 quiet panic=-1 mitigations=off nokaslr cryptomgr.notests no_timer_check tsc=reliable"
    local address group _ slot=12
    case $name in
    cloud-hypervisor)
        command=(./cloud-hypervisor --kernel /l2/vmlinuz --initramfs /tmp/initrd --cmdline "$cmdline"
            --memory size=512M --cpus boot=1 --serial file=/tmp/console --console off)
        [ $# = 0 ] || command+=(--device "${@/#/path=/sys/bus/pci/devices/}")
        ;;
    crosvm*)
        command=(./crosvm run -m 512 -c 1 -i /tmp/initrd -p "$cmdline"
            --serial type=file,path=/tmp/console,hardware=serial,console=true)
        if [ "$name" = crosvm ]; then
            command+=(--pivot-root /var/empty)
        else
            command+=(--disable-sandbox)
        fi
        for address; do
            command+=(--vfio "$(printf '/sys/bus/pci/devices/%s,iommu=off,guest-address=00:%02x.0' \
                "$address" $slot)")
            slot=$((slot + 1))
        done
        command+=(/l2/vmlinuz)
        ;;
    alioth)
        command=(./alioth -l error boot -k /l2/vmlinuz -i /tmp/initrd -m size=512M -c "$cmdline")
        for address; do
            read -r group _ <<<"$(vfio-bind "$address")"
            command+=(--vfio-group "path=/dev/vfio/$group,devices=$address")
        done
        ;;
    esac
}

# start COMMAND...: a VMM, $pid. What its guest says is in /tmp/console; what it says itself, in
# /tmp/words, by a pipe, as in containers. alioth wants a terminal, which is all that its guest has, too.
start() {
    : >/tmp/console
    : >/tmp/words
    case $name in
    alioth) setsid ./terminal "$@" </dev/null >/tmp/console 2>&1 & ;;
    *) setsid "$@" </dev/null > >(cat >/tmp/words) 2>&1 & ;;
    esac
    pid=$!
}

# until_told PATTERN: whether the guest has told that, before its VMM ended
until_told() {
    local tries=6000
    until grep -aq "^L2: $1" /tmp/console; do
        { kill -0 "$pid" 2>/dev/null && [ $((tries--)) -gt 0 ]; } || return 1
        sleep 0.1
    done
}

# end_vmm: and all its processes, of which the last one gives the devices back
end_vmm() {
    local tries=100
    kill -KILL -- "-$pid" 2>/dev/null
    wait "$pid" 2>/dev/null
    # shellcheck disable=SC2010 # what they link to, not their names
    while ls -l /proc/[0-9]*/fd 2>/dev/null | grep -q '/dev/vfio/[0-9]' && [ $((tries--)) -gt 0 ]; do
        sleep 0.1
    done
}

# told DEVICE: what the guest said of it, as one line
told() {
    tr -d '\r' </tmp/console | sed -n "s/^L2: $1: //p" | tr '\n' ';' | sed 's/;$//; s/;/; /g'
}

# shim RULES: what is put before a command
shim() {
    prefix=()
    [ -z "$1" ] || prefix=(env LD_PRELOAD=/share/libmsixshim.so "MSIXSHIM=$1" MSIXSHIM_LOG=info)
}

# is_silent TARGET: whether no interrupt comes then in this VMM
is_silent() {
    grep -qx "$name $1" /share/silent
}

# hold_vmm DEVICE TARGET WHO: what the guest told of it, against /share/drivers, and where `places` has the table;
# where /share/silent names this VMM and target, that no interrupt came
hold_vmm() {
    local place want got good=1
    got=$(told "$1")
    place=$(fact /share/places "$1" "$2")
    want="$(fact /share/drivers "$1"); table ${place%%;*}"
    if is_silent "$2"; then
        case $got in
        *"fired "[1-9]*) ;;
        *"vectors "[1-9]*", fired 0"*) good=0 got="no interrupt" ;;
        esac
        want="no interrupt"
    else
        [ "$got" != "$want" ] || good=0
    fi
    result $good "$1, $2, $version, group, kvm, $3: $got"
    [ $good = 0 ] || echo "# not: $want"
}

# boot RULES LINE...: boots a guest with these devices, lines of /share/devices, and waits for its end
boot() {
    local rules=$1 line address addresses=() status=0
    shift
    for line; do
        read -r _ address _ <<<"$line"
        addresses+=("$address")
    done
    printf '%s\n' "$@" | guest_commands >/tmp/commands
    make_initrd /tmp/commands
    vmm_command "${addresses[@]}"
    shim "$rules"
    start "${prefix[@]}" "${command[@]}"
    until_told "status 0"
    status=$?
    end_vmm
    cat /tmp/console /tmp/words | tr -d '\r' | grep "^msixshim: " | sed 's/^/# /'
    [ $status = 0 ] || tail -n 40 /tmp/console /tmp/words | sed 's/^/# /'
    return $status
}

# guest WHO TARGET...: boots one with the devices of /share/devices, each relocated to its TARGET, or, where no
# interrupt comes, one for each: a result for each device, and one for all
guest() {
    local who=$1 rules='' lines=() line address failed=0
    shift
    local targets=("$@")
    mapfile -t lines </share/devices
    patience=
    if is_silent "$1"; then
        patience=20
        for line in "${lines[@]}"; do
            boot "" "$line" || failed=1
            hold_vmm "${line%% *}" "$1" "$who"
        done
    else
        for line in "${lines[@]}"; do
            read -r _ address _ <<<"$line"
            [ "$who" = none ] || rules+="$address=$1;"
            shift
        done
        boot "$rules" "${lines[@]}" || failed=1
        set -- "${targets[@]}"
        for line in "${lines[@]}"; do
            hold_vmm "${line%% *}" "$1" "$who"
            shift
        done
    fi
    result $failed "guests, $version, ${targets[*]}, $who: ended well"
}
