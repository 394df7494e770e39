#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Each exported symbol, by its own name, on each kind of descriptor; and the table of that in
# HACKING.md, which --update writes.
# shellcheck source=tests/lib/preload.sh
. "${top_srcdir:-.}/tests/lib/preload.sh" || exit
manual=$top_srcdir/HACKING.md
tap_need "$programs/entries" "$libs/libolderkernel.so" "$top_srcdir/src/shim/shim.map" "$manual"

# The program's lines count among those of this script.
counted() {
    while read -r line; do
        case $line in
        "ok "* | "not ok "*)
            tap_count=$((tap_count + 1))
            echo "${line%%ok *}ok $tap_count - ${line#* - }"
            ;;
        "#"*) echo "$line" ;;
        esac
    done
}

# run WHAT COMMAND...: what the program asserts; its lines of TAP go to $tap_tmp/WHAT.tap, too.
run() {
    local what=$1
    shift
    mkdir "$tap_tmp/$what"
    "$@" "$programs/entries" "$what" "$tap_tmp/$what" >"$tap_tmp/$what.tap"
    tap_result $? "the program runs: $what"
    counted <"$tap_tmp/$what.tap"
}

# Where the kernel moves no more than one mapping at a time.
composed() {
    OLDER_KERNEL=yes FAKEVFIO="$descriptions/sas3008.desc" MSIXSHIM=bar1,map=compose \
        LD_PRELOAD="$libs/libmsixshim.so:$libs/libolderkernel.so:$libs/libfakevfio.so" "$@"
}

run plain over_fake sas3008
# trap K19, trap V2
run all over_shim sas3008 bar1
if [ -n "${MEMCHECK:-}" ]; then
    tap_skip "the program runs: compose" "$no_compose"
    : >"$tap_tmp/compose.tap"
else
    run compose composed
fi

# "SYMBOL|KIND|what is asserted" of each line of TAP with the shim
sed -nE 's/ # SKIP .*//; s/^ok [0-9]+ - ([a-z_0-9]+): ([^:]+): /\1|\2|/p' \
    "$tap_tmp"/{all,compose}.tap >"$tap_tmp/cells"
for kind in 'not VFIO' group cdev passed; do
    awk -F'|' -v kind="$kind" '$2 == kind { print $1 }' "$tap_tmp/cells" | sort -u |
        diff <(manifest_names "$top_srcdir/src/shim/shim.map") - |
        tap_empty "$kind: all that is exported, and that alone"
done

# A row for the symbols of which the same is asserted.
table() {
    echo '| symbols | not VFIO | group | cdev | passed |'
    echo '|---|---|---|---|---|'
    awk -F'|' '
        function joined(a, b, sep) { return a ? a sep b : b }
        !seen[$1]++ { symbols[n++] = $1 }
        { cell[$1, $2] = joined(cell[$1, $2], $3, "; ") }
        END {
            kinds = split("not VFIO,group,cdev,passed", kind, ",")
            for (i = 0; i < n; i++) {
                row = ""
                for (k = 1; k <= kinds; k++)
                    row = row " | " cell[symbols[i], kind[k]]
                if (!(row in names))
                    rows[m++] = row
                names[row] = joined(names[row], "`" symbols[i] "`", ", ")
            }
            for (i = 0; i < m; i++)
                print "| " names[rows[i]] rows[i] " |"
        }' "$tap_tmp/cells"
}

# shellcheck disable=SC2016 # Markdown
begin='<!-- entries: made by `make table-update` -->' end='<!-- entries end -->'
{
    sed "/^$begin\$/q" "$manual"
    table
    sed -n "/^$end\$/,\$p" "$manual"
} >"$tap_tmp/manual"
if [ "${1:-}" = --update ] && ! cmp -s "$tap_tmp/manual" "$manual"; then
    cp "$tap_tmp/manual" "$manual"
fi
grep -qxF "$begin" "$manual" && grep -qxF "$end" "$manual"
tap_result $? "HACKING.md has the table"
what="the table in HACKING.md is what was run"
if [ -n "${MEMCHECK:-}" ]; then
    tap_skip "$what" "not all of it was run"
else
    diff "$manual" "$tap_tmp/manual" | tap_empty "$what"
fi
tap_done
