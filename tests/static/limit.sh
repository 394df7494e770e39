#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# What tests/lib/limit.c, under which every test runs, makes of a test: no hang goes on, and no process.
# shellcheck disable=SC2016 # the inner shells' variables
. "$(dirname "${BASH_SOURCE[0]}")/../lib/tap.sh" || exit

limit=$top_builddir/tests/lib/limit
report=$top_srcdir/tests/lib/hang.sh
tap_need "$limit" "$report"
mkfifo "$tap_tmp/never" "$tap_tmp/ready" "$tap_tmp/go"
export never=$tap_tmp/never ready=$tap_tmp/ready go=$tap_tmp/go
exec {ready_fd}<>"$ready" {go_fd}<>"$go"

# limited SECONDS COMMAND...: $status; output in a file, which nobody else has open when it is over
limited() {
    "$limit" "$1" "$report" "${@:2}" 2>&1 | cat >"$tap_tmp/out"
    status=${PIPESTATUS[0]}
}

# gives STATUS LINE NAME: what the last one gave; the line is the last one, and may be a pattern
gives() {
    # shellcheck disable=SC2053
    [ "$status" = "$1" ] && [[ $(tail -n 1 "$tap_tmp/out") = $2 ]]
    tap_result $? "$3" || sed "s/^/# $status: /" "$tap_tmp/out"
}

# gone NAME: whether the processes that the last one told of have ended
gone() {
    local pids pid left=''
    pids=$(sed -n 's/^pid //p' "$tap_tmp/out")
    for pid in $pids; do
        ! kill -0 "$pid" 2>/dev/null || left+=" $pid"
    done
    [ -n "$pids" ] && [ -z "$left" ]
    tap_result $? "$1" || echo "# left:$left"
}

# --- tests that end ---

limited 60 bash -c 'echo ok 1'
gives 0 "ok 1" "a test that passes"
limited 60 bash -c 'echo not ok 1; exit 3'
gives 3 "not ok 1" "a test that fails"
limited 60 bash -c 'echo ok 1; kill -SEGV $$'
gives 139 "ok 1" "a test that a signal ends"
limited 0 bash -c 'echo ok 1'
gives 0 "ok 1" "no limit"
limited 60 "$tap_tmp/none"
gives 127 "Bail out! $tap_tmp/none: No such file or directory" "a test that is not there"
grep '^Sig\|^Shd' /proc/self/status >"$tap_tmp/signals"
limited 60 grep '^Sig\|^Shd' /proc/self/status
diff "$tap_tmp/signals" "$tap_tmp/out" | tap_empty "a test has the signals of who started it"

# --- tests that do not ---

# The test ignores what asks it to end, and its child has a session of its own.
limited 1 bash -c 'trap "" TERM; echo "pid $$"; setsid bash -c "echo pid \$\$; read -r <\$never"'
gives 124 "Bail out! bash has not ended" "a test that does not end"
gone "and it is gone, with all that it started"
grep -qE '^# process [0-9]+: bash -c echo pid \$\$; read -r <\$never' "$tap_tmp/out"
tap_result $? "and what it waited for is told" || sed 's/^/# /' "$tap_tmp/out"
limited 1 bash -c 'trap "echo cleaned up; exit" TERM; while :; do :; done'
grep -qx "cleaned up" "$tap_tmp/out"
gives 124 "Bail out! bash has not ended" "a test that ends when it is asked to"
limited 60 bash -c '(setsid bash -c "echo pid \$\$; read -r <\$never" &); exit 0'
gives 124 "Bail out! bash has ended, and left processes behind" "a test that leaves a process behind"
gone "and that one is gone"

# --- interrupts ---

# interrupt SIGNAL COMMAND...: sends it, once the test has said that it is ready, and what may be read
interrupt() {
    "${@:2}" >"$tap_tmp/out" 2>&1 &
    read -r -t 60 -u "$ready_fd" && kill "-$1" $!
    echo >&"$go_fd"
    { wait $!; } 2>/dev/null # where bash tells of the signal
    status=$?
}
for signal in HUP INT TERM; do
    # what a script starts behind itself ignores SIGINT
    interrupt $signal env --default-signal=INT "$limit" 60 "$report" bash -c \
        "trap 'echo caught; exit 1' $signal; echo pid \$\$; echo >\$ready; while :; do :; done"
    gives $((128 + $(kill -l $signal))) caught "SIG$signal is passed on, and ends the limit"
    gone "and the test has ended"
    read -r -u "$go_fd"
done
interrupt INT "$limit" 60 "$report" bash -c 'echo >$ready; read -r <$go; echo ok 1'
gives 0 "ok 1" "SIGINT is ignored where it was"
tap_done
