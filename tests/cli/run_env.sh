#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# msixshim run: the variables that the program gets, and the mistakes that are found before it starts.
# shellcheck source=tests/lib/run.sh
. "${top_srcdir:-.}/tests/lib/run.sh" || exit

# variable NAME [OPTION...]: its value in the program, after the name; nothing if it is not set
variable() {
    local name=$1
    shift
    bare "$@" printenv 2>"$tap_tmp/err" | grep "^$name="
}

equal "LD_PRELOAD: the shim" "LD_PRELOAD=$shim" "$(variable LD_PRELOAD)"
equal "LD_PRELOAD: first, and what was there is kept" "LD_PRELOAD=$shim:$fake" \
    "$(LD_PRELOAD=$fake variable LD_PRELOAD)"
equal "LD_PRELOAD: not twice" "LD_PRELOAD=$shim:$fake" \
    "$(LD_PRELOAD="$fake $shim:" variable LD_PRELOAD)"
equal "LD_PRELOAD: not a second shim" "LD_PRELOAD=$shim:$fake" \
    "$(LD_PRELOAD="/nowhere/libmsixshim.so:$fake" variable LD_PRELOAD)"

# --- rules ---

printf '# a comment\n1000:0097=bar5 ; # another\n  class:0108=any,page=64K\n' >"$tap_tmp/rules"
printf 'auto\nbar9\n' >"$tap_tmp/bad"
printf 'auto\0' >"$tap_tmp/binary"

equal "no rules: not set" "" "$(variable MSIXSHIM)"
equal "--relocate" "MSIXSHIM=bar2" "$(variable MSIXSHIM --relocate bar2)"
equal "MSIXSHIM" "MSIXSHIM=*=any;auto" "$(MSIXSHIM='*=any; auto' variable MSIXSHIM)"
equal "--config" "MSIXSHIM=1000:0097=bar5;class:0108=any,page=64K" \
    "$(variable MSIXSHIM --config "$tap_tmp/rules")"
equal "MSIXSHIM_CONFIG, which is not passed on" \
    "MSIXSHIM=1000:0097=bar5;class:0108=any,page=64K" \
    "$(MSIXSHIM_CONFIG=$tap_tmp/rules variable 'MSIXSHIM\(_CONFIG\)*')"
equal "their order" "MSIXSHIM=01:00.0=bar2;off;1000:0097=bar5;class:0108=any,page=64K" \
    "$(MSIXSHIM=off MSIXSHIM_CONFIG=$tap_tmp/bad variable MSIXSHIM --relocate 01:00.0=bar2 \
        --config "$tap_tmp/rules")"
tap_empty "without a word" <"$tap_tmp/err"

run --relocate '*=auto;01:00.0=bar2,shar=bar' env
refused "a wrong rule in --relocate, and where" 125 "--relocate: line 1, column 21"
MSIXSHIM=bar6 run env
refused "a wrong rule in MSIXSHIM" 125 "MSIXSHIM: line 1, column 1"
run --config "$tap_tmp/bad" env
refused "a wrong rule in --config" 125 "$tap_tmp/bad: line 2, column 1"
MSIXSHIM_CONFIG=$tap_tmp/bad run env
refused "a wrong rule in MSIXSHIM_CONFIG" 125 "$tap_tmp/bad: line 2, column 1"
run --config "$tap_tmp/nowhere" env
refused "a file of rules that is not there" 125 "$tap_tmp/nowhere: No such file or directory"
yes 1000:0097=bar5 | head -n 5000 >"$tap_tmp/many"
run --config "$tap_tmp/many" env
refused "more rules than the shim takes" 125 "the rules have 74999 bytes in all; the shim takes 65535"
equal "--config out of a pipe" "MSIXSHIM=bar2" "$(variable MSIXSHIM --config <(echo bar2))"
run --config "$tap_tmp/binary" env
refused "a file that is no text" 125 "$tap_tmp/binary: a byte 0 in it"

# --- VMMs that need an option ---

for name in crosvm lkvm kvmtool; do
    cp "$(command -v env)" "$tap_tmp/$name"
done
run "$tap_tmp/crosvm"
grep -qx 'MSIXSHIM=\*=auto,caps=sparse' "$tap_tmp/out"
tap_result $? "crosvm gets caps=sparse"
says "and says so" "msixshim: run: note: crosvm gets caps=sparse"
says "with the rules" "the rules are: *=auto,caps=sparse"
for name in lkvm kvmtool; do
    run "$tap_tmp/$name"
    grep -qx 'MSIXSHIM=\*=auto,share=bar' "$tap_tmp/out"
    tap_result $? "$name gets share=bar"
    says "and says so" "note: $name gets share=bar"
done
PATH=$tap_tmp:$PATH bare lkvm 2>/dev/null | grep -q '^MSIXSHIM=.*share=bar'
tap_result $? "also where it is found in PATH"
run --relocate '1000:0097=bar5;off,share=page' --config "$tap_tmp/rules" "$tap_tmp/lkvm"
grep '^MSIXSHIM=' "$tap_tmp/out" | diff - <(echo "MSIXSHIM=1000:0097=bar5,share=bar;off,share=page;\
1000:0097=bar5,share=bar;class:0108=any,page=64K,share=bar;*=auto,share=bar") |
    tap_empty "each rule that does not set the option gets it, those of a file too"

# --- the log ---

sas=$(realpath "$top_srcdir/descriptions/sas3008.desc")

equal "--log" "MSIXSHIM_LOG=debug" "$(variable MSIXSHIM_LOG --log debug)"
equal "--log comes before the variable" "MSIXSHIM_LOG=info" \
    "$(MSIXSHIM_LOG=trace variable MSIXSHIM_LOG --log info)"
equal "--log with a file" "MSIXSHIM_LOG=trace:$tap_tmp/a:b" "$(variable MSIXSHIM_LOG --log "trace:$tap_tmp/a:b")"
equal "--log with a file of this directory" "MSIXSHIM_LOG=info:$PWD/log" \
    "$(variable MSIXSHIM_LOG --log info:log)"
for wrong in '' inf info: :log; do
    run --log "$wrong" env
    refused "--log '$wrong'" 125 "--log $wrong: not info, debug or trace"
done
run --log "info:$tap_tmp/no/log" env
refused "--log: no directory" 125 "--log info:$tap_tmp/no/log: $tap_tmp/no: No such file or directory"
run --log "info:$tap_tmp" env
refused "--log: a directory" 125 "--log info:$tap_tmp: $tap_tmp: Is a directory"
run --log "info:$sas/log" env
refused "--log: a file for a directory" 125 "$sas/log: Not a directory"
[ ! -e "$tap_tmp/a:b" ]
tap_result $? "--log: nothing is made"

# --- made-up devices ---

nvme=$tap_tmp/nvme.desc
sed 's/^device .*/device 02:00.0/' "$top_srcdir/descriptions/nvme-136.desc" >"$nvme"
equal "--fake: the fake comes last" "LD_PRELOAD=$shim:/none.so:$fake" \
    "$(LD_PRELOAD="$fake:/none.so" variable LD_PRELOAD --fake "$sas")"
equal "--fake: absolute" "FAKEVFIO=$sas:$nvme" "$(cd "${sas%/*}" &&
    variable FAKEVFIO --fake sas3008.desc --fake "$nvme")"
run --fake "$tap_tmp/nowhere" env
refused "--fake: no file" 125 "$tap_tmp/nowhere: No such file or directory"
echo 'bar 9' >"$tap_tmp/bad.desc"
run --fake "$tap_tmp/bad.desc" env
refused "--fake: no description" 125 "$tap_tmp/bad.desc:1:"
run --fake "$sas" --fake "$sas" env
refused "--fake: one address twice" 125 \
    "--fake $sas: 0000:01:00.0 is the address of a device that was given before"
cp "$sas" "$tap_tmp/a:b"
run --fake "$tap_tmp/a:b" env
refused "--fake: a colon" 125 "FAKEVFIO cannot name a path with a colon"

# --- arguments ---

run
refused "no command" 125 "no command given; see msixshim run --help"
run --
refused "no command behind --" 125 "no command given; see msixshim run --help"
run --bogus env
equal "an unknown option" "125 msixshim: run: unrecognized option '--bogus'" \
    "$status $(head -n 1 "$tap_tmp/err")"
run --help
[ "$status" = 0 ] && grep -q '^Usage: msixshim run ' "$tap_tmp/out"
tap_result $? "--help"

tap_done
