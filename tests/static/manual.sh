#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The manual pages say what the source says: commands, options, variables, rules, refusals, the
# language of descriptions; nothing more and nothing less. And they are well formed.
. "$(dirname "${BASH_SOURCE[0]}")/../lib/tap.sh" || exit

man=$top_srcdir/man src=$top_srcdir/src
command=$top_builddir/msixshim
pages=("$man"/*.[1-8])
tap_need "${pages[@]}"

# same DESCRIPTION PAGE-SIDE SOURCE-SIDE: two lists, a word or line each, in any order. Lists
# that are empty were not found, and are no proof of anything.
same() {
    sort -u "$2" >"$tap_tmp/manual"
    sort -u "$3" >"$tap_tmp/source"
    {
        [ -s "$tap_tmp/source" ] || echo "nothing found in the source"
        comm -23 "$tap_tmp/manual" "$tap_tmp/source" | sed 's/^/only in the manual: /'
        comm -13 "$tap_tmp/manual" "$tap_tmp/source" | sed 's/^/not in the manual: /'
    } | tap_empty "$1"
}

# section PAGE KIND TITLE: the lines of one .Sh or .Ss
section() {
    awk -v kind=".$2" -v title="$2 $3" '
        $1 == ".Sh" || $1 == kind { inside = substr($0, 2) == title; next }
        inside' "$man/$1"
}

# --- well formed -------------------------------------------------------------------
what="mandoc: no warning"
if command -v mandoc >/dev/null; then
    mandoc -T lint -W warning "${pages[@]}" 2>&1 | tap_empty "$what"
else
    tap_skip "$what" "no mandoc"
fi
what="groff: no warning"
if command -v groff >/dev/null; then
    for page in "${pages[@]}"; do
        groff -ww -mdoc -Tutf8 -z "$page" 2>&1
    done | tap_empty "$what"
else
    tap_skip "$what" "no groff"
fi
for page in "${pages[@]}"; do
    grep '^\.Xr \(msixshim\|fakevfio\)' "$page" | while read -r _ name number _; do
        [ -e "$man/$name.$number" ] || echo "${page##*/}: no $name($number)"
    done
done | tap_empty "every page of ours that is referred to is there"

# --- commands and their options ------------------------------------------------------
options_of() {
    "$command" "$@" --help | grep -oE '^  +--[a-z-]+' | tr -d ' ' | grep -vx -e --help -e --version
}

if [ -x "$command" ]; then
    "$command" --help | sed -n 's/^  \([a-z]\+\)  .*/\1/p' >"$tap_tmp/help"
    sed -n 's/^\.Ss msixshim //p' "$man/msixshim.1" >"$tap_tmp/page"
    same "the commands" "$tap_tmp/page" "$tap_tmp/help"
    cp "$tap_tmp/help" "$tap_tmp/commands"
    while read -r name; do
        section msixshim.1 Ss "msixshim $name" | sed -n 's/^\.It Fl -\([a-z-]*\).*/--\1/p' \
            >"$tap_tmp/page"
        options_of "$name" >"$tap_tmp/help"
        echo --help | tee -a "$tap_tmp/page" >>"$tap_tmp/help"
        same "the options of $name" "$tap_tmp/page" "$tap_tmp/help"
        # Where a page, the README or the news give a command line.
        sed 's/^\.Dl //; s/ -- .*//' "${pages[@]}" "$top_srcdir"/{README,NEWS,docs/recipes}.md |
            grep -oE "msixshim $name [^\`.#|]*" | grep -oE -e '--[a-z-]+[a-z]' |
            grep -vxFf "$tap_tmp/help" | sed "s/^/msixshim $name /" | tap_empty \
            "no other option of $name is told of"
    done <"$tap_tmp/commands"
else
    tap_skip "commands and options" "built without the command"
fi

# --- variables -----------------------------------------------------------------------
sed -n 's/^\.It Ev //p' "${pages[@]}" | tr -d ' ' | tr ',' '\n' >"$tap_tmp/page"
grep -rhoE 'getenv\("[A-Z_]+"' "$src" | cut -d'"' -f2 >"$tap_tmp/used"
same "the variables" "$tap_tmp/page" "$tap_tmp/used"
sed -n 's/.*\.\?Ev \([A-Z_]*\).*/\1/p' "${pages[@]}" | grep -vxFf "$tap_tmp/used" |
    tap_empty "no other variable is told of"

levels=$(grep -ohE '\{"", "info"[^}]*' "$src/shim/log/log.c" | grep -oE '[a-z]+')
section msixshim.7 Sh ENVIRONMENT | sed -n 's/^\.It Ic //p' >"$tap_tmp/page"
echo "$levels" >"$tap_tmp/used"
same "the levels of MSIXSHIM_LOG" "$tap_tmp/page" "$tap_tmp/used"

# --- rules ---------------------------------------------------------------------------
rules=$src/core/policy_rule.c
section msixshim.conf.5 Ss Targets | sed -n 's/^\.It Ic //p' |
    sed 's/ No \.\.\. Ic / /' | tr ' ' '\n' >"$tap_tmp/page"
sed -n '/target_names\[\] = {/,/}/p' "$rules" | grep -oE '"[a-z0-9]+"' | tr -d '"' |
    grep -vx 'bar[1-4]' >"$tap_tmp/used"
same "the targets" "$tap_tmp/page" "$tap_tmp/used"

section msixshim.conf.5 Ss Options | sed -n 's/^\.It Ic \([a-z]*\) Ns = Ns /\1=/p' |
    sed 's/Ic //; s/Ar //; s/ | /|/' >"$tap_tmp/page"
tr '\n\t' '  ' <"$rules" | grep -oE '\{"[a-z]+", POLICY_SET_[^}]*' |
    sed -E 's/\{"([a-z]+)", [A-Z_]*, NULL.*/\1=SIZE/
            s/\{"([a-z]+)", [A-Z_]*, "([a-z]+)", "([a-z]+)".*/\1=\2|\3/' >"$tap_tmp/used"
same "the options of rules" "$tap_tmp/page" "$tap_tmp/used"

section msixshim.7 Sh REFUSALS | sed -n 's/^\.It //p; s/^\.Em \(.*\) [,.]$/\1/p' >"$tap_tmp/page"
sed -n '/plan_reason_text(/,/^}/s/^\t\treturn "\(.*\)";/\1/p' "$src/core/plan.c" |
    grep -vx possible >"$tap_tmp/used"
same "the refusals" "$tap_tmp/page" "$tap_tmp/used"

# --- descriptions --------------------------------------------------------------------
# Words of the language: what a statement starts with, and what the parsers compare with.
{
    grep -ohE '\{"[a-z0-9-]+", +st_' "$src"/desc/desc*.c
    grep -ohE 'word_is\([^"]*"[a-z0-9-]+"' "$src"/desc/desc*.c
} | grep -oE '"[a-z0-9-]+"' | tr -d '"' >"$tap_tmp/used"
section fakevfio.5 Sh DESCRIPTIONS >"$tap_tmp/text"
for title in "The device" BARs Capabilities Bytes; do
    section fakevfio.5 Ss "$title"
done >>"$tap_tmp/text"
awk '{
    on = 0
    sub(/^\./, "")
    for (i = 1; i <= NF; i++)
        if ($i ~ /^(It|Ic|Ar|Op|Oo|Oc|Ns|No|Xo|Xc|Cm|Pq)$/)
            on = $i == "Ic"
        else if (on && $i ~ /[a-z0-9]/)
            print $i
}' <(grep '^\.' "$tap_tmp/text") >"$tap_tmp/page"
same "the language of descriptions" "$tap_tmp/page" "$tap_tmp/used"

# block WORD: the indented block of the README that starts with this word
block() {
    sed -n "/^    $1/,/^$/s/^    //p" "$top_srcdir/README.md"
}

# example PAGE WORD: the example of a page that starts with this word
example() {
    section "$1" Sh EXAMPLES | awk -v word="$2" '
        /^\.Bd/ { getline; inside = index($0, word) == 1 }
        /^\.Ed/ { inside = 0 }
        inside'
}

if [ -x "$command" ]; then
    example fakevfio.5 device >"$tap_tmp/example.desc"
    "$command" plan --target bar2 "$tap_tmp/example.desc" 2>&1 | grep -q 'bar2'
    tap_result $? "the example of a description is one"
    "$command" plan --rules "$(example msixshim.conf.5 '#')" "$tap_tmp/example.desc" >/dev/null
    tap_result $? "the example of rules is one"
    block "01:00.0 " >"$tap_tmp/drive.txt"
    "$command" plan --numeric --page 64K "$tap_tmp/drive.txt" >"$tap_tmp/plan"
    block "MSI-X  " | grep -vxF ... >"$tap_tmp/told"
    grep -vxFf "$tap_tmp/plan" "$tap_tmp/told" | tap_empty "the README shows what plan prints"
    [ "$(wc -l <"$tap_tmp/told")" -gt 5 ]
    tap_result $? "the README shows a plan"
else
    tap_skip "the examples" "built without the command"
fi

tap_done
