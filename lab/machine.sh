#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Runs one command in L1, a small Linux with an emulated IOMMU and emulated PCI devices; prints what
# it printed, and ends with its status. No /dev/kvm, no root, nothing installed.
#
#   machine.sh [-m MACHINE] [-d DIR] [-D DEVICE]... [-q ARGUMENT]... [-i] [-k DIR] [-t SECONDS] -- COMMAND
#
#   -m   amd64 (default), amd64-12, arm64-16k, arm64-64k, ppc64, ppc64-12: image.sh
#   -d   shared with L1, as /share, where the command starts
#   -D   a device of L1, in QEMU's words: nvme,serial=a,addr=2
#   -q   one more argument of QEMU's
#   -i   amd64: kernel modules with iommufd and device nodes, which Debian's lack (iommufd.sh)
#   -k   keeps L1's console and kernel log there
#   -t   gives up after so much processor time (1200): status 124
#
# In L1: vfio-bind ADDRESS, vfio-unbind ADDRESS, l2-run (lab/l1).
# shellcheck disable=SC2054 # the commas are QEMU's
# shellcheck source-path=SCRIPTDIR source=kinds.sh
. "$(dirname "${BASH_SOURCE[0]}")/kinds.sh"
share='' keep='' limit=1200 with_iommufd='' name=amd64 extra=()
while getopts m:d:D:q:ik:t: option; do
    case $option in
    m) name=$OPTARG ;;
    d) share=$(cd "$OPTARG" && pwd) ;;
    D) extra+=(-device "$OPTARG") ;;
    q) extra+=("$OPTARG") ;;
    i) with_iommufd=1 ;;
    k) keep=$OPTARG ;;
    t) limit=$OPTARG ;;
    *) sed -n '3,18p' "$0" >&2 && exit 2 ;;
    esac
done
shift $((OPTIND - 1))
set_machine "$name"
"$here/image.sh" "$machine"

ctl=$(mktemp -d)
trap 'rm -rf "$ctl"' EXIT
printf '%s\n' "$*" >"$ctl/command"
if [ -n "$with_iommufd" ] && [ "$machine" = amd64 ]; then
    "$here/iommufd.sh"
    cp -r "$machines/iommufd" "$ctl/modules"
fi

threads=multi
# Of a POWER9 that is emulated, which has none of these. Its time is what it executes: on a busy host,
# by the clock, the ticks of a guest's timer would leave the guest none.
capabilities=cap-cfpc=broken,cap-sbbc=broken,cap-ibs=broken,cap-ccf-assist=off
case $machine in
amd64*)
    args=(-machine q35 -cpu EPYC -device intel-iommu,intremap=on,aw-bits=48)
    console=ttyS0 append="intel_iommu=on iommu=nopt no_timer_check tsc=reliable"
    ;;
ppc64*)
    args=(-machine "pseries,$capabilities,cap-nested-hv=on" -cpu power9 -icount "shift=1,sleep=off")
    threads=single
    console=hvc0 append=''
    ;;
*)
    args=(-machine virt,gic-version=3,virtualization=on,iommu=smmuv3 -cpu neoverse-n1)
    console=ttyAMA0 append="iommu.passthrough=0"
    ;;
esac
args+=(-nodefaults -no-user-config -display none -no-reboot -m 4096
    -accel "tcg,thread=$threads,tb-size=512"
    -kernel "$kernel/vmlinuz" -initrd "$kernel/l1.cpio"
    -append "console=$console quiet panic=-1 mitigations=off nokaslr $append"
    -fsdev "local,id=ctl,path=${ctl//,/,,},security_model=none"
    -device virtio-9p-pci,fsdev=ctl,mount_tag=ctl,addr=1c.0
    -device virtio-serial-pci,addr=1b.0
    -chardev stdio,id=out,signal=off -device virtserialport,chardev=out,name=out
    -serial "file:$ctl/console")
[ -z "$share" ] || args+=(-fsdev "local,id=share,path=${share//,/,,},security_model=none"
    -device virtio-9p-pci,fsdev=share,mount_tag=share,addr=1d.0)
for dir in seabios ../lib/ipxe/qemu qemu; do
    args+=(-L "$machines/tools/usr/share/$dir")
done

# L1 would see its output unplugged at the end of QEMU's standard input: it has none.
mkfifo "$ctl/in"
exec 8<>"$ctl/in"
(ulimit -S -t "$limit" -c 0 && QEMU_MODULE_DIR=$machines/tools/usr/lib/x86_64-linux-gnu/qemu exec \
    "$machines/tools/usr/lib64/ld-linux-x86-64.so.2" \
    --library-path "$machines/tools/usr/lib/x86_64-linux-gnu" "$machines/tools/usr/bin/$qemu" \
    "${args[@]}" "${extra[@]}") <&8 2>"$ctl/stderr" &
pid=$!
trap '{ [ -z "$pid" ] || { kill $pid; wait $pid; }; } 2>/dev/null || true; rm -rf "$ctl"' EXIT
trap 'exit 130' INT TERM
rc=0
wait $pid 2>/dev/null || rc=$? # bash tells of one that was killed
pid=''
grep -v "TCG doesn't support requested feature" "$ctl/stderr" >&2 || true
if [ -n "$keep" ]; then
    mkdir -p "$keep"
    cp "$ctl/console" "$keep/"
    [ ! -e "$ctl/dmesg" ] || cp "$ctl/dmesg" "$keep/"
fi
[ ! -e "$ctl/versions" ] || cat "$ctl/versions" >&2
[ ! -s "$ctl/status" ] || exit "$(cat "$ctl/status")"
tail -n 20 "$ctl/console" >&2
[ "$rc" != $((128 + $(kill -l XCPU))) ] || { say "no end after $limit s of processor time" && exit 124; }
say "L1 ended without a status; QEMU's was $rc"
exit 125
