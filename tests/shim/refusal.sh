#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# What a user reads: which target was refused and why, what was decided, where a log went.
# shellcheck source=tests/lib/preload.sh
. "${top_srcdir:-.}/tests/lib/preload.sh" || exit
tap_need "$programs/surface"

# says DESCRIPTION TARGET LINE: the device is refused with EINVAL and this line on standard error.
says() {
    over_shim "$1" "$2" "$programs/surface" "$group" "$bdf" main >"$tap_tmp/out" 2>"$tap_tmp/err"
    diff - "$tap_tmp/err" <<<"$3" | tap_empty "$1, MSIXSHIM=\"$2\": the line"
    grep -qx 'no device: errno 22' "$tap_tmp/out"
    tap_result $? "$1, MSIXSHIM=\"$2\": EINVAL"
}

# trap K3
works='targets that work: off, bar0, bar1, bar3, bar5'
says sas3008 bar2 "msixshim: $bdf: bar2 refused: the slot is the upper half of a 64-bit BAR; $works"
says sas3008 bar4 "msixshim: $bdf: bar4 refused: the slot is the upper half of a 64-bit BAR; $works"
use='use off, auto, any, bar0, bar1, bar2, bar3, bar4 or bar5'
says sas3008 bar6 "msixshim: MSIXSHIM: line 1, column 1: \"bar6\": not a target; $use"
says sas3008 'bar5 bar1' "msixshim: MSIXSHIM: line 1, column 6: \"bar5 bar1\": text behind the target; \
a comma comes before an option, a semicolon before a rule"

# A refused device is free again: its fd was closed.
over_shim sas3008 bar2 "$programs/surface" "$group" "$bdf" fork >"$tap_tmp/out" 2>/dev/null
grep -qx 'no device: errno 22' "$tap_tmp/out"
tap_result $? "a refusal is the same in a child"

decided="msixshim: $bdf: BAR5 becomes a new 32-bit prefetchable BAR of 4096 bytes; MSI-X table (96 \
vectors) at 0x0, PBA at 0x600; the hardware's are BAR1+0xe000, BAR1+0xf000"

# logged LOG: standard error of a run with MSIXSHIM_LOG=LOG
logged() {
    MSIXSHIM_LOG=$1 over_shim sas3008 bar5 "$programs/surface" "$group" "$bdf" main \
        2>"$tap_tmp/stderr" >"$tap_tmp/out"
    cat "$tap_tmp/stderr"
}

logged '' | tap_empty "nothing is said unasked"
logged info | diff - <(echo "$decided") | tap_empty "info says what was decided"
logged "info:$tap_tmp/log" | tap_empty "a log file takes it instead"
diff "$tap_tmp/log" <(echo "$decided") | tap_empty "the log file has it"
logged "info:$tap_tmp/log" | tap_empty "a log file is appended to"
[ "$(wc -l <"$tap_tmp/log")" = 2 ]
tap_result $? "the log file has both runs"
tap_done
