#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Runs jobs of the table, one after the other: check.sh BUILD JOB...
# Goes on after one that failed or hung, so that one run tells everything. ci/results.sh shows it and counts.
set -uo pipefail

cd "$(dirname "${BASH_SOURCE[0]}")/.." || exit
build=$1
shift
# shellcheck source=ci/table.sh
. ci/table.sh
# shellcheck source=ci/job.sh
. ci/job.sh

before=$(git status --porcelain 2>/dev/null)
logs=$build/check limit=$build/check/limit
rm -rf "$logs" && mkdir -p "$logs" && gcc -D_GNU_SOURCE -o "$limit" tests/lib/limit.c || exit

# What tells of results: this script, and a driver for each test, whatever make it is under.
pipe=$(realpath "$logs")/results
mkfifo "$pipe" || exit
exec {pipe_fd}<>"$pipe"
ci/results.sh <"$pipe" {pipe_fd}>&- &
results=$!
trap 'kill $results' EXIT
export CHECK_RESULTS=$pipe

tell() {
    printf '%s\n' "$*" >&"$pipe_fd"
}

# limited COMMAND...: runs it, with its output in a log for this step, $log. The limits are a last resort: tests have
# lower ones.
limited() {
    log=$logs/$job-$((++steps)).log
    "$limit" 20000 1800 tests/lib/hang.sh "$@" </dev/null >"$log" 2>&1 {pipe_fd}>&-
}

# outcome STATUS WHAT: tells it, with the end of the log or the reason for which it can't be done here
outcome() {
    case $1 in
    0) tell result passed ;;
    77) tell "result skipped $2: $(tail -n 1 "$log" | sed 's/^skipped: //')" ;;
    *)
        tell "result failed $2; all of it is in $log"
        tail -n 40 "$log" | sed 's/^/print /' >&"$pipe_fd"
        ;;
    esac
}

# step WHAT COMMAND...: a script that exits with 77 where it can't run, and says why; one result
step() {
    local status
    tell "step $1"
    limited "${@:2}"
    status=$?
    outcome $status "$1"
    return $status
}

# build DIR ARGUMENT...: builds there; a result only where it fails
build() {
    local status
    tell "step build"
    limited ci/build.sh "$@"
    status=$?
    [ $status = 0 ] || outcome $status build
    return $status
}

# tests DIR TARGET [VARIABLE=VALUE]...: makes that there; the results are those of its tests
tests() {
    local status
    tell "step make $2"
    limited make -C "$1" -j"$(nproc)" "${@:2}"
    status=$?
    tell "tests $status $log"
    return $status
}

for job; do
    steps=0
    tell "job $job"
    lacks=$(job_missing "$job" | paste -s -d ' ')
    if [ -n "$lacks" ]; then
        tell "result skipped not installed: $lacks"
    else
        "job_$job"
    fi
    tell "done"
done
job=end
tell "job end"
step "git status as before" ci/clean.sh "$before"
tell "done"
tell quit
trap - EXIT
wait $results
