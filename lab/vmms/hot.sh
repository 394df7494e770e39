# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck disable=SC2154 # what it sets
# Sourced in L1, after l1.sh: devices that are plugged into a running guest of Cloud Hypervisor.

# hot_commands ID: what the guest runs for a drive that comes and goes twice; then it tells on and on that it is alive
hot_commands() {
    cat /share/l2/lib /share/l2/find
    cat <<END
here() { device=\$(find_id $1 2>/dev/null) && [ -e "\$device/driver" ]; }
gone() { ! find_id $1 >/dev/null 2>&1; }
modprobe nvme
echo "L2: ready"
for name in first second; do
    wait_for here
    (
        set -- nvme
END
    cat /share/l2/disk
    cat <<'END'
    )
    echo "L2: $name drive used"
    wait_for gone
    echo "L2: $name drive gone"
done
while :; do
    echo "L2: alive"
    sleep 1
done
END
}

alive() {
    grep -ac "^L2: alive" /tmp/console
}
# answers: whether the guest goes on to tell that it is alive
answers() {
    local before
    before=$(alive)
    until [ "$(alive)" -gt "$before" ]; do
        kill -0 "$pid" 2>/dev/null || return 1
        sleep 0.1
    done
}

# hot_step STATUS WHAT: one of the drive's
hot_step() {
    result "$1" "nvme, any, $version, group, kvm, shim: seccomp $seccomp: $2"
}

# plug NAME: the drive, which the guest then uses as what `drivers` says
plug() {
    local got want
    ./ch-remote --api-socket /tmp/api add-device "path=/sys/bus/pci/devices/$address,id=$1" >>/tmp/remote 2>&1 &&
        until_told "$1 drive used"
    want="$(fact /share/drivers nvme); table $(fact /share/places nvme any)" got=$(told "$1")
    [ "$got" = "${want%%; BAR*}" ]
    hot_step $? "$1 plug: $got"
}
unplug() {
    ./ch-remote --api-socket /tmp/api remove-device "$1" >>/tmp/remote 2>&1 && until_told "$1 drive gone"
    hot_step $? "$1 unplug"
}

# hot SECCOMP: a drive twice, then a card that the shim refuses. Its line goes to a pipe.
hot() {
    local seccomp=$1 address=0000:00:02.0 card=0000:03:00.0
    vfio-bind $card >/dev/null
    hot_commands "$(device_id $address)" >/tmp/commands
    make_initrd /tmp/commands
    vmm_command
    rm -f /tmp/api
    : >/tmp/remote
    shim "$address=any;$card=bar2"
    start "${prefix[@]}" "${command[@]}" --api-socket /tmp/api --seccomp "$seccomp"
    until_told ready
    plug first
    unplug first
    plug second
    unplug second
    ! ./ch-remote --api-socket /tmp/api add-device "path=/sys/bus/pci/devices/$card,id=card" >>/tmp/remote 2>&1 &&
        grep -q "^msixshim: $card: bar2 refused" /tmp/words
    hot_step $? "a card that the shim refuses is an error of that call, with a line"
    answers
    hot_step $? "the guest goes on"
    end_vmm
    sed 's/^/# /' /tmp/words /tmp/remote
}
