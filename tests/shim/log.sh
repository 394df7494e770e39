#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# MSIXSHIM_LOG: what each level tells, and that no log disturbs the VMM.
# shellcheck source=tests/lib/preload.sh
. "${top_srcdir:-.}/tests/lib/preload.sh" || exit
tap_need "$programs/log_user" "$programs/devices" "$programs/no_stderr"

# log LOG TARGET ARGUMENT...: runs the VMM; standard error goes to $tap_tmp/err.
log() {
    local log=$1 target=$2
    shift 2
    MSIXSHIM_LOG=$log over_shim sas3008 "$target" "$programs/log_user" "$@" 2>"$tap_tmp/err"
}

# What differs from run to run: threads and addresses.
normal() {
    sed -E 's/\[[0-9]+\] /[TID] /; / mmap\(/s/ = 0x[0-9a-f]+$/ = ADDRESS/' "$1"
}

log trace bar1 calls
tap_result $? "the VMM runs under a trace"
normal "$tap_tmp/err" >"$tap_tmp/trace"
diff "$top_srcdir/tests/shim/trace.golden" "$tap_tmp/trace" | tap_empty "the trace is as expected"

log trace off calls
grep -q 'index=bar1}) = 0 {argsz=128, flags=READ|WRITE|MMAP|CAPS, size=0x10000,.*MSIX_MAPPABLE}$' \
    "$tap_tmp/err"
tap_result $? "a device that is left as it is is traced, too"

MSIXSHIM_LOG=trace over_shim sas3008 auto "$programs/devices" "$group" "$bdf vf_token=SECRET" \
    2>"$tap_tmp/err" >/dev/null
grep -qF ", \"$bdf ...\") = -1 EINVAL" "$tap_tmp/err" && ! grep -q SECRET "$tap_tmp/err"
tap_result $? "the token of a virtual function is not in the trace"

log debug bar1 calls
! grep -q '\[' "$tap_tmp/err" && grep -q 'a duplicate of fd' "$tap_tmp/err" &&
    [ "$(grep -c ': closed$' "$tap_tmp/err")" = 2 ]
tap_result $? "debug tells of duplicates and closes, and of no call"

log info bar1 calls
[ "$(wc -l <"$tap_tmp/err")" = 1 ]
tap_result $? "info tells one line"
log '' bar1 calls
tap_empty "nothing is told unasked" <"$tap_tmp/err"

# A trace shows the VMM nothing else, and its results are those that the VMM gets.
for target in off auto bar5 bar1; do
    over_shim sas3008 $target "$programs/surface" "$group" "$bdf" main >"$tap_tmp/plain" 2>&1
    MSIXSHIM_LOG=trace:$tap_tmp/seen over_shim sas3008 $target \
        "$programs/surface" "$group" "$bdf" main 2>&1 | diff "$tap_tmp/plain" - | head -n 5 |
        tap_empty "under a trace $target shows what it shows without one"
    [ "$(grep -c 'pread(' "$tap_tmp/seen")" -gt 500 ]
    tap_result $? "and the trace is there"
    rm "$tap_tmp/seen"
done

# A log in a file.
log "trace:$tap_tmp/log" bar1 calls
normal "$tap_tmp/log" | diff "$top_srcdir/tests/shim/trace.golden" - |
    tap_empty "the same in a file; numbers of descriptors are the same, too"
tap_empty "and nothing on standard error" <"$tap_tmp/err"
[ "$(stat -c %a "$tap_tmp/log")" = 600 ]
tap_result $? "the file is the user's alone"
lines=$(wc -l <"$tap_tmp/log")
log "trace:$tap_tmp/log" bar1 calls &
log "trace:$tap_tmp/log" bar1 calls
wait
[ "$(wc -l <"$tap_tmp/log")" = $((3 * lines)) ] && ! grep -qv '^msixshim: ' "$tap_tmp/log"
tap_result $? "processes share it, line by line"

fails=0
for _ in {1..20}; do
    log "trace:$tap_tmp/threads" bar1 threads "$tap_tmp/threads" || fails=$((fails + 1))
done
tap_result $fails "threads that open VFIO at once leave one descriptor of the log"

# What may be wrong with it.
# once LOG PATTERN DESCRIPTION: the VMM runs, and one line says that the log is not written.
once() {
    log "$1" bar1 calls && [ "$(grep -c 'cannot write the log' "$tap_tmp/err")" = 1 ] &&
        grep -q "$2" "$tap_tmp/err"
    tap_result $? "$3: ${1%%:*} says so once, and the VMM runs"
}
mkdir "$tap_tmp/open" "$tap_tmp/own"
chmod 1777 "$tap_tmp/open"
ln -s "$tap_tmp/victim" "$tap_tmp/open/link"
ln -s "$tap_tmp/mine" "$tap_tmp/own/link"
mkfifo "$tap_tmp/fifo"
for level in info debug trace; do
    [ ! -c /dev/full ] || once $level:/dev/full ': No space left on device' "a full disk"
    once "$level:$tap_tmp/none/log" ': No such file or directory' "no such directory"
    once "$level:$tap_tmp/open" ': Is a directory' "a directory"
    once "$level:$tap_tmp/fifo" ': No such device or address' "a pipe that nobody reads"
    once "$level:$tap_tmp/open/link" ': a symbolic link in a directory that everybody can write to' \
        "somebody's link"
done
[ ! -e "$tap_tmp/victim" ]
tap_result $? "a symbolic link in a directory for everybody is not followed"
log "info:$tap_tmp/own/link" bar1 calls
[ -s "$tap_tmp/mine" ]
tap_result $? "elsewhere it is"

for level in debug trace; do
    : >"$tap_tmp/other"
    log "$level:$tap_tmp/lost" bar1 closed "$tap_tmp/other"
    tap_result $? "$level: another file that gets the log's number stays as it is"
done
grep -q 'cannot write the log .*/lost: its descriptor was closed' "$tap_tmp/err"
tap_result $? "and that is reported"
for level in info debug trace; do
    log $level bar1 pipe
    tap_result $? "$level: a pipe without a reader kills nobody"
done

for level in debug trace; do
    log "$level:$tap_tmp/limited" bar1 limit
    tap_result $? "$level: a file at its limit kills nobody"
done

log noise bar1 calls
grep -q 'MSIXSHIM_LOG="noise" is not understood: use info, debug or trace' "$tap_tmp/err"
tap_result $? "an unknown level is reported"
# A program without standard error gets the device under that number: a line there is a register.
for level in info debug trace; do
    for way in "$group" "$node"; do
        MSIXSHIM_LOG=$level over_shim nvme-136 bar2 "$programs/no_stderr" "$way" 2>"$tap_tmp/err"
        tap_result $? "level $level, by $way: nothing is written to a device"
    done
    MSIXSHIM_LOG=$level over_shim nvme-136 bar2 "$programs/no_stderr" "$group" unseen 2>"$tap_tmp/err"
    tap_result $? "level $level: nor to one that got there unseen"
done

tap_done
