# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Sourced in L1 by what the tests run there. Each result is "ok - ..." or "not ok - ...", and lines of
# '#' tell more.

shopt -s lastpipe

page=$(awk '/^MMUPageSize/ { print $2 * 1024; exit }' /proc/self/smaps)
# shellcheck disable=SC2034 # for who sources this
vmm="QEMU $(</etc/qemu-version)"

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
