# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Sourced by the tests that boot Linux, with its own drivers, as a guest of a VMM that is not QEMU. The tables
# are those of guests/lib.sh; `silent` names the VMMs, with a target, in which no interrupt comes.
# shellcheck source=lab/guests/lib.sh
. "${top_srcdir:-.}/lab/guests/lib.sh" || exit

# share_vmm PROGRAM...: them and their libraries, which the machine's own system need not have
share_vmm() {
    local program
    mkdir -p "$share/lib"
    for program; do
        cp "$program" "$share/"
        LD_TRACE_LOADED_OBJECTS=1 "$program" | awk '/=> \// { print $3 }' | grep -v '/libc\.so\|/libm\.so\|/ld-' |
            xargs -r cp -Lt "$share/lib"
    done
}

# share_tables DEVICE...: the tables of these
share_tables() {
    local device
    tap_need "$top_builddir/lab/terminal"
    rm -rf "$share/l2"
    share_libraries
    cp "$top_builddir/lab/terminal" "$share/"
    cp "$lab_dir/guests/"{drivers,places} "$lab_dir/vmms/silent" "$share/"
    cp "$lab_dir/guests/l1.sh" "$share/guests.sh"
    cp "$lab_dir/vmms/l1.sh" "$share/vmms.sh"
    cp "$lab_dir/vmms/hot.sh" "$share/"
    for device; do
        grep "^$device " "$lab_dir/guests/devices"
    done >"$share/devices"
}

# in_vmm NAME VERSION COUNT <SCRIPT: a machine with all devices; the bash script, which begins with guest()
# and the others of l1.sh, has COUNT results to tell
in_vmm() {
    cat - >"$share/script"
    cat >"$share/run" <<'END'
name=$1 version=$2
. ./vmms.sh
while read -r _ address _; do
    vfio-bind "$address" >/dev/null
done <devices
. ./script
END
    set_devices
    machine_tap -n "$3" -t 5000 -d "$share" "${devices[@]}" -- "bash ./run '$1' '$2'"
}
