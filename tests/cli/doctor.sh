#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# msixshim doctor: what it says of machines that are made up here.
# shellcheck source=tests/lib/tap.sh
. "${top_srcdir:-.}/tests/lib/tap.sh" || exit

[ -z "$SANITIZER" ] || tap_skip_all "libraries built with a sanitizer can't be loaded by others"
libs=$(realpath "$top_builddir/.libs")
program=$(realpath "$top_builddir/msixshim")
tap_need "$program" "$libs/libmsixshim.so"
chmod 755 "$tap_tmp"
mkdir "$tap_tmp/bin"

# --- machines ---

# machine RELEASE: an empty one with a kernel, in $root
machine() {
    root=$(mktemp -d "$tap_tmp/machine.XXXXXX")
    chmod 755 "$root"
    mkdir -p "$root"/{sys/{bus/pci/{devices,drivers},kernel/iommu_groups,module,class/misc},proc/sys/kernel,dev/vfio}
    echo "$1" >"$root/proc/sys/kernel/osrelease"
    echo "BOOT_IMAGE=/vmlinuz quiet" >"$root/proc/cmdline"
}

# vfio: the kernel's drivers
vfio() {
    mkdir -p "$root/sys/bus/pci/drivers/vfio-pci" "$root/sys/class/misc/vfio"
    touch "$root/dev/vfio/vfio" "$root/sys/bus/pci/drivers/vfio-pci/"{bind,new_id}
}

# device ADDRESS GROUP [DRIVER]: GROUP - for none
device() {
    local dir=$root/sys/bus/pci/devices/$1
    mkdir -p "$dir"
    if [ "$2" != - ]; then
        mkdir -p "$root/sys/kernel/iommu_groups/$2/devices"
        ln -s "../../../../kernel/iommu_groups/$2" "$dir/iommu_group"
        ln -s "../../../../bus/pci/devices/$1" "$root/sys/kernel/iommu_groups/$2/devices/$1"
    fi
    [ $# -gt 2 ] || return 0
    mkdir -p "$root/sys/bus/pci/drivers/$3"
    ln -s "../../drivers/$3" "$dir/driver"
    ln -s "../../devices/$1" "$root/sys/bus/pci/drivers/$3/$1"
    case $3 in *vfio*) touch "$root/dev/vfio/$2" ;; esac
}

# --- the command ---

# doctor [OPTION...]: $status, and the outputs in files, each finding in one line
doctor() {
    PATH=$tap_tmp/bin "$program" doctor --root "$root" --libdir "$libs" "$@" \
        >"$tap_tmp/wrapped" 2>"$tap_tmp/err"
    status=$?
    awk '/^ / { sub(/^ +/, " "); line = line $0; next }
        { if (line) print line; line = $0 } END { if (line) print line }' \
        "$tap_tmp/wrapped" | tr -s ' ' >"$tap_tmp/out"
}

# finds NAME LINE: a line of the last output starts so
finds() {
    awk -v line="$2" 'index($0, line) == 1 { found = 1 } END { exit !found }' "$tap_tmp/out"
    tap_result $? "$1: $2" && return
    sed 's/^/# /' "$tap_tmp/out" "$tap_tmp/err"
}

# exits NAME STATUS
exits() {
    [ "$status" = "$2" ]
    tap_result $? "$1: exit status $2"
}

# --- nothing at all ---

root=$tap_tmp/nowhere
doctor
finds "no machine" "unknown kernel: release not known"
finds "no machine" "unknown vfio-pci: not known: $root/sys/bus/pci/drivers: No such file or directory"
finds "no machine" "unknown vfio: not known: there is no $root/sys/class"
finds "no machine" "unknown iommu: not known: there is no $root/sys/kernel"
finds "no machine" "unknown apparmor: not known, nor is SELinux"
exits "no machine" 0
mkdir -p "$root/sys/"{bus,class}
doctor
finds "no PCI" "problem vfio-pci: $root/sys/bus/pci/drivers: No such file or directory"
finds "no PCI" "problem vfio: the kernel has neither /dev/vfio/vfio nor /dev/iommu; modprobe -a vfio-pci vfio_iommu_type1"
exits "no PCI" 1

# --- a machine where all is well ---

machine 6.1.0-18-amd64
vfio
device 0000:01:00.0 12 vfio-pci
device 0000:00:01.0 12 pcieport
device 0000:01:00.1 12
doctor
finds "all is well" "ok kernel: 6.1.0-18-amd64: "
finds "all is well" "ok vfio-pci: the kernel has vfio-pci"
finds "all is well" "ok vfio: /dev/vfio/vfio can be opened"
finds "all is well" "ok iommufd: the kernel has no /dev/iommu"
finds "all is well" "ok iommu: it is on, with 1 group"
finds "all is well" "ok device: 0000:01:00.0: bound to vfio-pci, group 12, /dev/vfio/12"
# a warning where the build tree is for its owner alone
grep -qE "^(ok|warning) library: $libs/libmsixshim.so can be loaded" "$tap_tmp/out"
tap_result $? "all is well: the library can be loaded"
finds "all is well" "ok apparmor: off"
finds "all is well" "ok selinux: off"
exits "all is well" 0
grep -c ': /dev\|device:' "$tap_tmp/out" | grep -qx 2
tap_result $? "all is well: no other device, not the names of the driver's files"

# --- kernels ---

machine 4.15.0
doctor
finds "before 4.16" "warning kernel: 4.15.0: VFIO before 4.16"
machine 4.16.0
doctor
finds "4.16" "ok kernel: 4.16.0"
machine "not a release"
doctor
finds "a strange release" "unknown kernel: 'not a release' is not a release"

machine 6.1.0
mkdir -p "$root/lib/modules/6.1.0"
echo "kernel/drivers/vfio/pci/vfio-pci.ko: kernel/drivers/vfio/vfio.ko" \
    >"$root/lib/modules/6.1.0/modules.dep"
doctor
finds "not loaded" "problem vfio-pci: the driver is not in the kernel, but there is a module; modprobe"
echo "kernel/drivers/net/dummy.ko:" >"$root/lib/modules/6.1.0/modules.dep"
doctor
finds "no module" "problem vfio-pci: the driver is not in the kernel, and there is no module; install"
rm -r "${root:?}/lib"
doctor
finds "modules not known" "problem vfio-pci: the driver is not in the kernel; modprobe"
exits "no driver" 1

machine 6.6.0
vfio
mkdir "$root/sys/class/misc/iommu"
touch "$root/dev/iommu" "$root/dev/vfio/5"
device 0000:02:00.0 5 vfio-pci
mkdir -p "$root/sys/bus/pci/devices/0000:02:00.0/vfio-dev/vfio3" "$root/dev/vfio/devices"
doctor
finds "iommufd without devices" "ok device: 0000:02:00.0: bound to vfio-pci, group 5, /dev/vfio/5"
echo 511:3 >"$root/sys/bus/pci/devices/0000:02:00.0/vfio-dev/vfio3/dev"
touch "$root/dev/vfio/devices/vfio3"
doctor
finds "iommufd" "ok iommufd: /dev/iommu can be opened"
finds "iommufd" "ok device: 0000:02:00.0: bound to vfio-pci, group 5, /dev/vfio/5, /dev/vfio/devices/vfio3"
rm "$root/dev/vfio/devices/vfio3"
doctor
finds "iommufd, no file" "ok device: 0000:02:00.0: bound to vfio-pci, group 5, /dev/vfio/5"
exits "iommufd, no file" 0
mv "$root/dev/vfio/5" "$root/dev/vfio/not-5"
doctor
finds "no file at all" "problem device: 0000:02:00.0: /dev/vfio/5: No such file or directory; a container"
finds "no file at all" "problem device: 0000:02:00.0: /dev/vfio/devices/vfio3: No such file or directory; a container"
touch "$root/dev/vfio/devices/vfio3" "$root/dev/vfio/5"
rm -r "$root/dev/vfio/5" "$root/dev/vfio/vfio" "$root/sys/class/misc/vfio"
doctor
finds "iommufd alone" "ok device: 0000:02:00.0: bound to vfio-pci, group 5, /dev/vfio/devices/vfio3"
exits "iommufd alone" 0

# --- the IOMMU ---

machine 6.1.0
vfio
doctor
finds "no IOMMU" "problem iommu: no IOMMU groups: the kernel found no IOMMU; turn on"
finds "no device" "warning device: none is bound to vfio-pci"
exits "no IOMMU" 1
mkdir -p "$root/sys/class/iommu/dmar0"
doctor
finds "no device behind it" "problem iommu: no IOMMU groups: the kernel has an IOMMU, but no device"
echo "BOOT_IMAGE=/vmlinuz intel_iommu=off quiet" >"$root/proc/cmdline"
doctor
finds "turned off" "problem iommu: no IOMMU groups: the kernel was booted with intel_iommu=off; boot without"
mkdir -p "$root/sys/module/vfio/parameters"
echo Y >"$root/sys/module/vfio/parameters/enable_unsafe_noiommu_mode"
doctor
finds "no-IOMMU mode" "warning iommu: no groups, but VFIO's no-IOMMU mode is on"

# --- devices ---

machine 6.1.0
vfio
device 0000:01:00.0 9 vfio-pci
device 0000:01:00.1 9 snd_hda_intel
device 0000:03:00.0 - vfio-pci
device 0000:04:00.0 10 mlx5_vfio_pci
rm "$root/dev/vfio/10"
doctor
finds "a group in use" "problem device: 0000:01:00.0: its IOMMU group 9 holds 0000:01:00.1 as well, which the driver snd_hda_intel has; bind"
finds "no group" "problem device: 0000:03:00.0: bound to vfio-pci, but in no IOMMU group"
finds "a container without the file" "problem device: 0000:04:00.0: /dev/vfio/10: No such file or directory; a container"
finds "a variant driver" "ok vfio-pci: the kernel has mlx5_vfio_pci, vfio-pci"
rm "$root/sys/bus/pci/devices/0000:01:00.1/driver"
rm "$root/dev/vfio/vfio"
doctor
finds "the group without the driver" "ok device: 0000:01:00.0: bound to vfio-pci, group 9, /dev/vfio/9"
finds "no container file" "problem vfio: /dev/vfio/vfio: No such file or directory; a container"

machine 6.1.0
vfio
device 0000:01:00.0 9 vfio-pci
device 0000:02:00.0 10 vfio-pci
mkdir -p "$root/sys/bus/pci/devices/0000:02:00.0/vfio-dev/vfio0" "$root/dev/vfio/devices"
echo 511:0 >"$root/sys/bus/pci/devices/0000:02:00.0/vfio-dev/vfio0/dev"
touch "$root/dev/vfio/devices/vfio0"
chmod 666 "$root/dev/vfio/"{10,vfio}
chmod 000 "$root/dev/vfio/"{9,vfio,devices/vfio0}
what="no permission"
if [ "$(id -u)" != 0 ]; then
    doctor
elif command -v setpriv >/dev/null &&
    setpriv --reuid 65534 --regid 65534 --clear-groups test -x "$program" -a -r "$libs/libmsixshim.so"; then
    real=$program
    printf '#!/bin/sh\nexec setpriv --reuid 65534 --regid 65534 --clear-groups %s "$@"\n' "$real" \
        >"$tap_tmp/as_nobody"
    chmod 755 "$tap_tmp/as_nobody"
    program=$tap_tmp/as_nobody
    ln -s "$(command -v setpriv)" "$tap_tmp/bin/setpriv"
    doctor
    program=$real
else
    status=
fi
if [ -n "$status" ]; then
    finds "$what" "problem device: 0000:01:00.0: /dev/vfio/9: Permission denied; the user of the VMM"
    finds "$what" "problem vfio: /dev/vfio/vfio: Permission denied; the user of the VMM"
    finds "$what" "ok device: 0000:02:00.0: bound to vfio-pci, group 10, /dev/vfio/10"
    finds "$what" "warning device: 0000:02:00.0: /dev/vfio/devices/vfio0: Permission denied; the user"
    exits "$what" 1
else
    tap_skip "$what" "root may do everything, and no other user can run the program"
fi

# --- the library and the VMMs ---

machine 6.1.0
vfio
doctor
finds "no VMM" "warning vmm: none in PATH"
doctor --libdir "$tap_tmp/bin"
finds "no library" "problem library: $tap_tmp/bin/libmsixshim.so: No such file or directory; install"
exits "no library" 1
mkdir "$tap_tmp/broken" "$tap_tmp/with space" "$tap_tmp/private"
echo "not a library" >"$tap_tmp/broken/libmsixshim.so"
cp "$libs/libmsixshim.so" "$tap_tmp/with space"
cp "$libs/libmsixshim.so" "$tap_tmp/private"
chmod 700 "$tap_tmp/private"
doctor --libdir "$tap_tmp/broken"
finds "a broken library" "problem library: can't be loaded: $tap_tmp/broken/libmsixshim.so: "
doctor --libdir "$tap_tmp/with space"
finds "a space in its path" "problem library: $tap_tmp/with space/libmsixshim.so: LD_PRELOAD cannot name"
doctor --libdir "$tap_tmp/private"
finds "a private directory" "warning library: $tap_tmp/private/libmsixshim.so can be loaded, but not by all users: $tap_tmp/private;"

cat >"$tap_tmp/vmm.c" <<'END'
#include <fcntl.h>
#include <sys/ioctl.h>
#include <unistd.h>
int main(int argc, char **argv)
{
	char buf[8];

	return ioctl(open(argv[1], O_RDWR), 0) + (int)pread(argc, buf, 8, 0);
}
END
# vmm NAME FLAG...: compiles one, in PATH
vmm() {
    "${cc[@]}" -o "$tap_tmp/bin/$1" "$tap_tmp/vmm.c" "${@:2}" 2>"$tap_tmp/cc"
}

vmm qemu-system-test && cp "$tap_tmp/bin/qemu-system-test" "$tap_tmp/bin/lkvm-setuid" &&
    chmod 4755 "$tap_tmp/bin/lkvm-setuid"
ln -s qemu-system-test "$tap_tmp/bin/kvm"
ln -s nowhere "$tap_tmp/bin/crosvm"
echo "#!/bin/sh" >"$tap_tmp/bin/qemu-kvm"
head -c 2000 "$tap_tmp/bin/qemu-system-test" >"$tap_tmp/bin/cloud-hypervisor"
cp "$tap_tmp/bin/qemu-system-test" "$tap_tmp/bin/qemu-system-notexecutable"
chmod 755 "$tap_tmp/bin/"{qemu-kvm,cloud-hypervisor}
chmod 644 "$tap_tmp/bin/qemu-system-notexecutable"
doctor
finds "a VMM" "ok vmm: $tap_tmp/bin/qemu-system-test: a library can be preloaded, and sees all 3 calls"
finds "setuid" "warning vmm: $tap_tmp/bin/lkvm-setuid: setuid, nothing can be preloaded"
finds "a script" "unknown vmm: $tap_tmp/bin/qemu-kvm: no program but a script"
finds "a damaged program" "unknown vmm: $tap_tmp/bin/cloud-hypervisor: can't be looked at: a damaged"
grep -c ' vmm: ' "$tap_tmp/out" | grep -qx 4
tap_result $? "VMMs: each once, no dangling link, nothing that can't be executed"
mkdir "$tap_tmp/old"
echo "int ioctl(int fd, unsigned long request, ...) { return fd; }" >"$tap_tmp/old.c"
"${cc[@]}" -shared -fPIC -o "$tap_tmp/old/libmsixshim.so" "$tap_tmp/old.c"
doctor --libdir "$tap_tmp/old"
finds "calls that a library misses" "problem vmm: $tap_tmp/bin/qemu-system-test: the library does not see these calls: open pread"
manifest_names "$top_srcdir/src/shim/shim.map" >"$tap_tmp/names"
{
    sed 's/.*/void &(void);/' "$tap_tmp/names"
    echo "int main(void) {" && sed 's/$/();/' "$tap_tmp/names" && echo "}"
} >"$tap_tmp/all.c"
"${cc[@]}" -fno-builtin -o "$tap_tmp/bin/qemu-system-all" "$tap_tmp/all.c" 2>"$tap_tmp/cc"
doctor
finds "each call of the manifest" "ok vmm: $tap_tmp/bin/qemu-system-all: a library can be preloaded, and sees all $(wc -l <"$tap_tmp/names") calls"
if vmm lkvm-other -Wl,--dynamic-linker=/lib/ld-other.so.1; then
    doctor
    finds "another libc" "warning vmm: $tap_tmp/bin/lkvm-other: its dynamic linker is /lib/ld-other.so.1, the library is made for /"
else
    tap_skip "another libc" "the compiler does not know --dynamic-linker"
fi
if vmm lkvm-static -static; then
    doctor
    finds "static" "warning vmm: $tap_tmp/bin/lkvm-static: static, nothing can be preloaded into it"
else
    tap_skip "static" "no static libc"
fi
if command -v setcap >/dev/null && cp "$tap_tmp/bin/"qemu-system-{test,caps} &&
    setcap cap_net_admin+ep "$tap_tmp/bin/qemu-system-caps" 2>/dev/null; then
    doctor
    finds "file capabilities" "warning vmm: $tap_tmp/bin/qemu-system-caps: with file capabilities"
else
    tap_skip "file capabilities" "setcap is not there or may not"
fi

# --- security modules ---

mkdir -p "$root/sys/module/apparmor/parameters" "$root/sys/fs/selinux"
echo Y >"$root/sys/module/apparmor/parameters/enabled"
echo 1 >"$root/sys/fs/selinux/enforce"
doctor
finds "AppArmor" "warning apparmor: on: "
case $libs in
/usr/lib* | /lib*) tap_skip "AppArmor: the line to add" "profiles allow what is in $libs" ;;
*)
    grep -qF "add the line '$libs/libmsixshim.so mr,' to /etc/apparmor.d/" "$tap_tmp/out"
    tap_result $? "AppArmor: the line to add"
    ;;
esac
finds "SELinux" "warning selinux: enforcing: "
echo 0 >"$root/sys/fs/selinux/enforce"
doctor
finds "SELinux" "ok selinux: permissive"

# --- the forms of the report ---

doctor --json
for line in '  "ok": false,' '      "subject": "iommu",' '      "status": "problem",' \
    '      "way_out": null'; do
    grep -qFx -- "$line" "$tap_tmp/wrapped" || echo "$line"
done | tap_empty "JSON"
exits "JSON" 1
doctor
awk 'length($0) > 100' "$tap_tmp/wrapped" | grep -v "$tap_tmp\|$libs" |
    tap_empty "no line is longer than 100 columns"
doctor surplus
[ "$status" = 2 ] && grep -qx "msixshim: doctor: unexpected argument 'surplus'" "$tap_tmp/err"
tap_result $? "an argument too many"
doctor --nonsense
exits "an unknown option" 2
tap_done
