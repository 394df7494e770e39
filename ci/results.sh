#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Shows how a check goes on, and counts its results: results.sh <PIPE
# On a terminal one line tells what runs; elsewhere each test has a line when it has ended. The last line is
# "N passed, N failed, N skipped". Exit status 1 if something failed, or nothing passed.
#
# The lines of the pipe, of ci/check.sh and for each test of tests/lib/driver.sh:
#   job NAME                                 a job begins
#   step WHAT                                something begins that is not made of tests
#   result passed|failed|skipped TEXT        what came of it, if that counts
#   total N                                  so many tests are to come
#   run TEST                                 one begins
#   note FAIL:|SKIP: TEST...                 what is to be said of it
#   end TEST PASSED FAILED SKIPPED SECONDS   its results
#   tests STATUS LOG                         make, which ran them, has ended
#   done                                     the job has
#   print TEXT                               shows it
#   quit                                     nothing comes after it
set -uo pipefail

passed=0 failed=0 skipped=0
failures=()
declare -A reasons running
terminal=
if [ -t 1 ]; then
    terminal=yes
    read -r _ columns < <(stty size <&1 2>/dev/null)
fi

# clear_line; show TEXT: on the terminal's line
clear_line() {
    [ -z "$terminal" ] || printf '\r\e[K'
}
show() {
    [ -z "$terminal" ] || printf '\r\e[K%.*s' $((${columns:-80} - 1)) "$1"
}

print() {
    clear_line
    printf '%s\n' "$*"
}

fail() {
    print "FAILED: $job: $1"
    failures+=("$job: $1")
}

# What runs now, for how long.
show_running() {
    local what=${step:-${!running[*]}}
    show "$job:${total:+ $ended of $total,} ${what:-...} ($((SECONDS - since)) s)"
}

# count PASSED FAILED SKIPPED
count() {
    passed=$((passed + $1)) failed=$((failed + $2)) skipped=$((skipped + $3))
}

# The results since the words of a "mark" were set.
mark() {
    echo "$passed $failed $skipped"
}

begin_job() {
    job=$1 job_mark=$(mark) tests_mark=$job_mark
    job_start=$SECONDS since=$SECONDS ended=0 total='' step=''
    print "== $job"
}

end_job() {
    local p f s
    [ "$(mark)" != "$job_mark" ] || { count 0 1 0; fail "no test ran"; }
    read -r p f s <<<"$job_mark"
    print "== $job: $((passed - p)) passed, $((failed - f)) failed, $((skipped - s)) skipped," \
        "$((SECONDS - job_start)) s"
}

begin_step() {
    step=$1 since=$SECONDS
    [ -n "$terminal" ] || print "$job: $step"
}

step_result() {
    case $1 in
    passed) count 1 0 0 ;;
    failed) count 0 1 0; fail "$2" ;;
    skipped) count 0 0 1; reasons["$job: $2"]=1; print "$job: skipped: $2" ;;
    esac
    step=''
}

# end_test NAME PASSED FAILED SKIPPED SECONDS
end_test() {
    unset "running[$1]"
    count "$2" "$3" "$4"
    ended=$((ended + 1)) since=$SECONDS
    if [ -z "$terminal" ] || [ "$3" -gt 0 ]; then
        print "$job: $ended${total:+ of $total}: $1: $2 passed, $3 failed, $4 skipped, $5 s"
    fi
}

# note KIND TEST TEXT
note() {
    local reason=$3
    case $1 in
    SKIP:)
        [[ $reason != *'# SKIP'* ]] || reason=${reason##*'# SKIP'}
        reason="$2: ${reason# }"
        reasons[$reason]=$((${reasons[$reason]:-0} + 1))
        ;;
    *) fail "$2 $3" ;;
    esac
}

# end_tests STATUS LOG: make fails for a test that failed, or for another reason
end_tests() {
    if [ "$(mark)" = "$tests_mark" ]; then
        count 0 1 0
        fail "no test ran; all of it is in $2"
        tail -n 40 "$2"
    elif [ "$1" != 0 ] && [ "$(cut -d ' ' -f 2 <<<"$tests_mark")" = $failed ]; then
        count 0 1 0
        fail "make failed; all of it is in $2"
        tail -n 40 "$2"
    fi
    tests_mark=$(mark) total='' ended=0
}

follow() {
    case $1 in
    job) begin_job "$2" ;;
    step) begin_step "$2" ;;
    result) step_result "${2%% *}" "${2#* }" ;;
    total) total=$2 ended=0 step='' tests_mark=$(mark) ;;
    run) running[$2]=1 step='' ;;
    note) read -r kind test text <<<"$2" && note "$kind" "$test" "$text" ;;
    end) read -r test p f s seconds <<<"$2" && end_test "$test" "$p" "$f" "$s" "$seconds" ;;
    tests) end_tests "${2%% *}" "${2#* }" ;;
    done) end_job ;;
    print) print "    $2" ;;
    quit) return 1 ;;
    esac
}

job='' ended='' since=0
trap '' INT # who sends the lines ends this program
while :; do
    if read -r -t 1 what rest; then
        follow "$what" "$rest" || break
    elif [ $? -le 128 ]; then
        count 0 1 0
        fail "ended before it was done"
        break
    fi
    [ -z "$terminal" ] || show_running
done

clear_line
for reason in "${!reasons[@]}"; do
    echo "   skipped: ${reasons[$reason]} of $reason"
done | sort
for failure in "${failures[@]}"; do
    echo "   FAILED: $failure"
done
echo "$passed passed, $failed failed, $skipped skipped"
[ $failed = 0 ] && [ $passed -gt 0 ]
