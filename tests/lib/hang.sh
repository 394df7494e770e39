#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Where the processes below one stand, as comments of TAP: hang.sh PID
# What only root may see, and stacks where there is no gdb, are left out.

cd /proc || exit

# below PID: the ids of those below it, but for this script's
below() {
    local file stat pid
    for file in [0-9]*/stat; do
        { stat=$(<"$file"); } 2>/dev/null || continue
        # behind the name, which may hold anything: state and parent
        [[ ${stat##*)} =~ ^\ .\ $1\  ]] || continue
        pid=${file%/stat}
        [ "$pid" = $$ ] || { echo "$pid" && below "$pid"; }
    done
}

echo
for pid in $(below "$1"); do
    echo "process $pid: $(tr '\0' ' ' <"$pid/cmdline" | cut -c -400)"
    grep -E '^(Name|State|PPid|TracerPid|SigBlk|SigIgn|SigCgt):' "$pid/status" | paste -s -d ' '
    for task in "$pid"/task/*; do
        echo "thread ${task##*/}: system call $(cut -d ' ' -f 1 "$task/syscall"), $(cat "$task/wchan")"
        sed 's/^/    /' "$task/stack"
    done
    timeout -k 5 20 gdb -p "$pid" -batch -nx -ex 'thread apply all backtrace 20' </dev/null |
        grep -E '^(Thread|#)'
done 2>/dev/null | sed 's/^/# /'
