# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Sourced in L1 by what the tests run there. Each result is "ok - ..." or "not ok - ...", and lines of
# '#' tell more.

shopt -s lastpipe

page=$(awk '/^MMUPageSize/ { print $2 * 1024; exit }' /proc/self/smaps)
vmm="QEMU $(qemu-system-"$(uname -m)" --version | sed -n 's/.* version \([^ ]*\).*/\1/p')"

# result STATUS TEXT
result() {
    if [ "$1" = 0 ]; then echo "ok - $2"; else echo "not ok - $2"; fi
}

# direct ADDRESS BAR [ACCEL] <VIEW: bytes of the BAR that the guest reaches without a trap, in QEMU's
# flat views, which show what devices and processors share once for each. Of a range these are its whole
# pages; KVM is said to have it where it begins and ends with a page.
direct() {
    local from to sum=0 line
    sort -u | while IFS= read -r line; do
        case $line in
        *"): $1 BAR $2 mmaps"*)
            IFS=' -' read -r from to _ <<<"$line"
            from=$((0x$from)) to=$((0x$to + 1))
            case "${3:-kvm} $(((from | to) % page)) $line" in
            "kvm 0 "*" KVM") ;;
            "kvm 0 "*) continue ;;
            esac
            from=$(((from + page - 1) / page * page)) to=$((to / page * page))
            [ $to -le $from ] || sum=$((sum + to - from))
            ;;
        esac
    done
    echo "$sum"
}

# guest KIND ADDRESS none|native|shim RULES TABLE DIRECT [ARGUMENT...]: boots a guest with the device there,
# and runs /share/l2/KIND; the table has to be in TABLE, all lines of /share/l2/KIND.expected to come, and
# DIRECT, BAR:BYTES, to be direct
guest() {
    local kind=$1 address=$2 who=$3 rules=$4 table=$5 want=$6 prefix=() option='' got
    shift 6
    case $who in
    native) option=,x-msix-relocation=$rules ;;
    shim) prefix=(-p "env LD_PRELOAD=/share/libmsixshim.so MSIXSHIM=$rules MSIXSHIM_LOG=info") ;;
    esac
    cat /share/l2/lib "/share/l2/$kind" >/tmp/commands
    l2-run "${prefix[@]}" -v /tmp/view -c /tmp/commands -- "$@" \
        -device "vfio-pci,host=$address,addr=3$option" >/tmp/out 2>&1
    local status=$?
    got=${want%:*}:$(direct "$address" "${want%:*}" </tmp/view)
    [ $status = 0 ] && grep -qxF "L2: table $table" /tmp/out && [ "$got" = "$want" ] &&
        ! grep -vxFf /tmp/out "/share/l2/$kind.expected" >/dev/null
    result $? "$kind, $rules, $vmm, group, kvm, $who: $(
        sed -n 's/^L2: //p' /tmp/out | grep -v '^status' | tr '\n' ';') direct $got"
    grep -h "^msixshim: " /tmp/out | sed 's/^/# /'
    [ $status = 0 ] || tail -n 20 /tmp/out | sed 's/^/# /'
}
