#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The ways to ask for help; completion offers the commands and options that the help texts have, no
# others, and values.
# shellcheck source=tests/lib/tap.sh
. "${top_srcdir:-.}/tests/lib/tap.sh" || exit

program=$top_builddir/msixshim
tap_need "$program" "$top_srcdir/completions/msixshim"
# shellcheck source=completions/msixshim
. "$top_srcdir/completions/msixshim"
cd "$tap_tmp" || exit

# offers LINE: what is offered at the end of the line, which bash has cut into words as it does.
offers() {
    COMP_LINE=$1
    COMP_POINT=${#1}
    # blanks separate words; each of =: is one, too (readline's COMP_WORDBREAKS)
    mapfile -t COMP_WORDS < <(sed -E 's/([=:]+)/ \1 /g; s/ +/\n/g' <<<"$1")
    COMP_WORDS[0]=$program
    COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
    _msixshim
    printf '%s\n' "${COMPREPLY[@]}" | sort -u
}

# same NAME LINE EXPECTED: the words, in any order
same() {
    offers "$2" | diff <(tr ' ' '\n' <<<"$3" | sort -u) - | tap_empty "$1: '$2'"
}

mapfile -t commands < <("$program" --help | sed -n 's/^  \([a-z]*\) .*/\1/p')
[ ${#commands[@]} -ge 2 ]
tap_result $? "there are commands: ${commands[*]}"
for word in -h help; do
    diff <("$program" "$word") <("$program" --help) | tap_empty "$word is --help"
done
diff <("$program" -V) <("$program" --version) | tap_empty "-V is --version"
for command in "${commands[@]}"; do
    diff <("$program" help "$command") <("$program" "$command" --help) |
        tap_empty "help $command is $command --help"
    diff <("$program" "$command" -h) <("$program" "$command" --help) |
        tap_empty "$command -h is $command --help"
    "$program" "$command" --nonsense 2>&1 | tail -n 1 |
        diff - <(echo "msixshim: $command: see msixshim $command --help") |
        tap_empty "$command says where its options are"
done
[ "$("$program" help nonsense 2>&1)" = "msixshim: no command 'nonsense'; see msixshim --help" ]
tap_result $? "help of no command"
same "the commands" "msixshim " "${commands[*]} --help --version"
same "the start of one" "msixshim dem" demo
for command in "${commands[@]}"; do
    # Every option that starts a line of the text, however that is indented.
    offers "msixshim $command -" |
        diff <("$program" "$command" --help | grep -oE "^ +(-., )?--[a-z-]+" |
            grep -o -- "--.*" | sort -u) - |
        tap_empty "the options of $command are those of its help"
done
same "the start of an option" "msixshim run --li" --libdir
same "no command of that name" "msixshim nonsense -" ""

same "targets" "msixshim demo --target " "off auto any bar0 bar1 bar2 bar3 bar4 bar5"
same "page sizes" "msixshim plan --page " "4K 16K 64K"
same "the start of a target" "msixshim demo --target a" "auto any"
same "a value behind =" "msixshim demo --target=bar5" bar5
same "an empty one" "msixshim demo --target=" "off auto any bar0 bar1 bar2 bar3 bar4 bar5"
same "levels of the log" "msixshim run --log " "info debug trace"
touch one.desc
mkdir directory
same "files" "msixshim demo --device one" one.desc
same "directories" "msixshim run --libdir " directory
first=$(find /sys/bus/pci/devices/ -name "*:*" 2>/dev/null | sort | sed -n "1s,.*/,,p")
if [ "$first" ]; then
    same "an address, behind its last colon" "msixshim plan ${first%?}" \
        "$(cd /sys/bus/pci/devices && printf "%s\n" "${first%?}"* | sed "s,.*:,,")"
else
    tap_skip "addresses" "no PCI device here"
fi

same "run: the command" "msixshim run -- msixshim-no-such" ""
offers "msixshim run -- en" | grep -qx env
tap_result $? "run: commands behind --"
offers "msixshim run --relocate 01:00.0=bar2 -- en" | grep -qx env
tap_result $? "run: commands behind a rule and --"
same "run: the command's arguments" "msixshim run -- ls one" one.desc
offers "msixshim run en" | grep -qx env
tap_result $? "run: commands without --"

if command -v shellcheck >/dev/null; then
    shellcheck "$top_srcdir/completions/msixshim" | tap_empty "shellcheck: no warning"
fi
tap_done
