#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# What `msixshim plan` and `msixshim scan` say of real devices, at two page sizes: compared with
# what they said when it was last looked at, and with what expected.tsv says is right.
# golden.sh --update writes the former anew.
# shellcheck source-path=SCRIPTDIR/../lib
. "$(dirname "${BASH_SOURCE[0]}")/../lib/tap.sh" || exit

golden=$top_srcdir/tests/golden
command=$(cd "$top_builddir" && pwd)/msixshim
json_get=$(cd "$top_builddir" && pwd)/tests/lib/json_get
new=$tap_tmp/new
pages=(4K 64K)
unset MSIXSHIM MSIXSHIM_CONFIG COLUMNS

# All descriptions in one place, so that the command is told names without folders; and what
# lspci would say of each device, under the same name.
gather() {
    mkdir -p "$tap_tmp/desc" "$tap_tmp/lspci" "$new/plan" "$new/scan" || exit 1
    cp "$top_srcdir"/descriptions/*.desc "$golden"/devices/*.desc "$tap_tmp/desc" || exit 1
    cd "$tap_tmp/desc" || exit 1
    files=(*.desc)
    names=("${files[@]%.desc}")
}

# say COMMAND ARGUMENT...: runs the command, without names that depend on the system's list of
# ids, and shows how it was called.
say() {
    echo "\$ msixshim $*"
    "$command" "$1" --numeric "${@:2}" 2>&1 || echo "(exit status $?)"
}

make_plan() {
    local page
    for page in "${pages[@]}"; do
        say plan --page "$page" "$1.desc" >>"$new/plan/$1.txt"
        "$command" plan --numeric --page "$page" --json "$1.desc" >"$new/plan/$1-$page.json"
        "$command" plan --numeric --page "$page" --svg - "$1.desc" >"$new/plan/$1-$page.svg"
    done
}

make_scan() {
    local page
    for page in "${pages[@]}"; do
        {
            echo "\$ msixshim scan --page $page *.desc"
            "$command" scan --numeric --page "$page" "${files[@]}" 2>&1
        } >"$new/scan/$page.txt"
        "$command" scan --numeric --page "$page" --json "${files[@]}" >"$new/scan/$page.json"
    done
}

# same FILE: is it as it was?
same() {
    diff -u --label "$1" --label "$1, now" "$golden/$1" "$new/$1" 2>&1 |
        tap_empty "$1 is as it was"
}

# decided NAME: what auto does at each page size, as expected.tsv has it.
decided() {
    local page json target cause size table pba
    for page in "${pages[@]}"; do
        json=$new/plan/$1-$page.json
        target=$("$json_get" "$json" /decision/target)
        cause=$("$json_get" "$json" /decision/auto_cause)
        printf '%s\t%s\t%s\t%s' "$1" "$page" "$target" "$cause"
        if [ "$target" != off ]; then
            size=$("$json_get" "$json" /plan/size)
            table=$("$json_get" "$json" /plan/table_offset)
            pba=$("$json_get" "$json" /plan/pba_offset)
            printf '\t%s\t%s\t0x%x\t0x%x' "$("$json_get" "$json" /plan/type)" \
                "$(numfmt --to=iec --format=%.0f "$size")" "$table" "$pba"
        fi
        echo
    done
}

# An lspci text can't tell of a BAR that the host dropped; what it had to assume is told.
comparable() {
    awk '/^Assumed/ { skip = 1; next }
        skip && /^            / { next }
        { skip = 0 }
        !/dropped by the host/'
}

from_lspci() {
    local name=$1 page
    "$command" convert --lspci "$name.desc" >"$tap_tmp/lspci/$name.desc" || return
    for page in "${pages[@]}"; do
        (cd ../lspci && say plan --page "$page" "$name.desc")
    done | comparable | diff -u --label description --label lspci \
        <(comparable <"$new/plan/$name.txt") -
}

[ -x "$command" ] || tap_skip_all "built without the command"
gather
for name in "${names[@]}"; do
    make_plan "$name"
done
make_scan

if [ "${1-}" = --update ]; then
    rm -rf "$golden/plan" "$golden/scan"
    cp -R "$new/plan" "$new/scan" "$golden"
    exit
fi

tap_need "$json_get"
for name in "${names[@]}"; do
    grep "^$name	" "$golden/expected.tsv" |
        diff -u --label expected --label "$name" - <(decided "$name") 2>&1 |
        tap_empty "$name: auto decides as it should"
    from_lspci "$name" 2>&1 | tap_empty "$name: lspci's output gives the same plan"
    same "plan/$name.txt"
    for page in "${pages[@]}"; do
        same "plan/$name-$page.json"
        same "plan/$name-$page.svg"
    done
done
for page in "${pages[@]}"; do
    same "scan/$page.txt"
    same "scan/$page.json"
done
diff <(cd "$golden" && printf '%s\n' plan/* scan/*) <(cd "$new" && printf '%s\n' plan/* scan/*) |
    tap_empty "each golden file has its device"
grep -v '^#' "$golden/expected.tsv" | cut -f 1 | uniq |
    diff - <(printf '%s\n' "${names[@]}" | sort) |
    tap_empty "expected.tsv has each device"
tap_done
