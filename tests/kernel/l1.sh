# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Sourced in L1 by what the tests run there. Each result is "ok - ..." or "not ok - ...", and lines of
# '#' tell more.

shopt -s lastpipe

# result STATUS TEXT
result() {
    if [ "$1" = 0 ]; then echo "ok - $2"; else echo "not ok - $2"; fi
}

# direct ADDRESS BAR <VIEW: bytes of the BAR that the guest reaches without a trap, in QEMU's flat
# views, which show what devices and processors share once for each
direct() {
    local from to sum=0 line
    sort -u | while IFS= read -r line; do
        case $line in
        *"): $1 BAR $2 mmaps"*" KVM")
            IFS=' -' read -r from to line <<<"$line"
            sum=$((sum + 0x$to - 0x$from + 1))
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
    result $? "$kind, $who $rules: $(sed -n 's/^L2: //p' /tmp/out | grep -v '^status' | tr '\n' ';') direct $got"
    grep -h "^msixshim: " /tmp/out | sed 's/^/# /'
    [ $status = 0 ] || tail -n 20 /tmp/out | sed 's/^/# /'
}
