#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Threads of VMMs under seccomp filters that kill: once a device is handed out they do to it all
# that they did without a filter, with the same results. jailed.c has the accesses, and jail_rules.c
# what each filter lets pass.
# shellcheck source=tests/lib/preload.sh
. "${top_srcdir:-.}/tests/lib/preload.sh" || exit
[ -z "${MEMCHECK:-}" ] || tap_skip_all "valgrind makes calls that no such filter has"
tap_need "$libs/libjail.so" "$programs/jailed"

# jailed DESCRIPTION RULES ARGUMENT...: the output is left in $tap_tmp/out
jailed() {
    FAKEVFIO="$descriptions/$1.desc" MSIXSHIM=$2 \
        LD_PRELOAD="$libs/libmsixshim.so:$libs/libjail.so:$libs/libfakevfio.so" \
        "$programs/jailed" "${@:3}" "$group" "$bdf" >"$tap_tmp/out" 2>"$tap_tmp/err"
}

# dies DEED SET: by the filter, of the system call that it says it makes
dies() {
    local status number
    { jailed sas3008 bar5 "$1" "$2"; } 2>/dev/null # where the shell tells of the signal
    status=$?
    number=$(sed -n 's/^system call = \([0-9]*\).*/\1/p' "$tap_tmp/out")
    [ $status = $((128 + $(kill -l SYS))) ] && grep -qx "jail: no system call $number" "$tap_tmp/err"
    tap_result $? "the filter \"$2\" kills for \"$1\""
}

if ! jailed sas3008 off any law && grep -q 'no filter' "$tap_tmp/err"; then
    tap_skip_all "$(cat "$tap_tmp/err")"
fi

# What the filters are worth: each is of no use if the call goes unseen.
dies openat vcpu
dies preadv vcpu
dies region vcpu
dies look vcpu
dies preadv crosvm
dies region crosvm
dies exec crosvm
dies openat law
jailed sas3008 bar5 openat crosvm && grep -qx 'openat = -2 .*' "$tap_tmp/out"
tap_result $? "crosvm's jail answers an openat with ENOENT"

# same VMM SETS: under the filter the output is that without one, but for the numbers of calls
same() {
    jailed "$device" "$rules" "$1" none && [ -s "$tap_tmp/out" ] &&
        mv "$tap_tmp/out" "$tap_tmp/free" && jailed "$device" "$rules" "$1" "$2" &&
        sed 's/ ([0-9]* calls)$//' "$tap_tmp/out" | cmp -s - "$tap_tmp/free"
    tap_result $? "$device, $rules, log \"$MSIXSHIM_LOG\": $1 under \"$2\" is as without a filter"
}

# Where the kernel is called more often than the program calls, and how often at most.
more_calls() {
    sed -n 's/^\([^ ]*\).* = .*(\([0-9]*\) calls)$/\1 \2/p' "$tap_tmp/out" | sort -rnk 2 |
        LC_ALL=C sort -usk 1,1 | tr '\n' ' '
}

# Reads of the hardware's PBA are made anew there, for each buffer; and behind an access across the
# end of what the hardware has, a read asks whether that is where it ends; so it does where something
# of configuration space is the shim's. A composed mapping has
# its PBA in memory, and is asked for with a mapping that fails.
export MSIXSHIM_LOG
# trap K18, trap V7
while read -r device rules law more; do
    for MSIXSHIM_LOG in '' info; do
        same any "$law"
        [ "$(more_calls)" = "${more:+$more }" ]
        tap_result $? "the kernel gets more calls than are made for: ${more:-nothing}"
        same vcpu vcpu
        same crosvm crosvm
    done
done <<'END'
sas3008 bar5 law BAR's 2 MSI-X 2 PBA 3 config 2
sas3008 bar1 law BAR's 2 MSI-X 2 PBA 3 config 2 middle 2
sas3008 bar1,caps=sparse law BAR's 2 MSI-X 2 PBA 3 config 2 middle 2
sas3008 bar1,map=compose law+compose BAR's 2 MSI-X 2 config 2 middle 2 mmap 2
sas3008 off law
nvme-136 auto law
nvme-136 bar2 law BAR's 2 MSI-X 2 PBA 3 config 2
nvme-136 bar2,old=hide law BAR's 2 MSI-X 2 PBA 3 config 2
kioxia-cd8p bar0 law BAR's 2 MSI-X 2 PBA 3 config 2 middle 2
sm2262 bar2 law BAR's 2 MSI-X 2 config 2
coral-edgetpu bar4 law BAR's 2 MSI-X 2 PBA 3 config 2 middle 2
END

# by iommufd
group=$node device=sas3008 rules=$bdf=bar1
for vmm in any vcpu crosvm; do
    same "$vmm" "${vmm/any/law}"
done
group=1

# The exception: a log of what happens after the hand-out. Of what a user asks for so, each line is
# an fstat and a write, to a file with a signal kept away.
for MSIXSHIM_LOG in debug "debug:$tap_tmp/log"; do
    jailed sas3008 bar5 any law+debug
    tap_result $? "MSIXSHIM_LOG=${MSIXSHIM_LOG%%/*}: no call but those that the manual names"
    grep -qs "a duplicate of fd" "$tap_tmp/err" "$tap_tmp/log"
    tap_result $? "and duplicates are told of"
    ! jailed sas3008 bar5 any law && grep -q '^jail: no system call' "$tap_tmp/err"
    tap_result $? "which a filter without them kills for"
done
tap_done
