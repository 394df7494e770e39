#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Deliberate faults in src/core, src/vfio and src/shim, one at a time, and which test sees each:
#
#   mutants.sh [--count N] [--seed N] [--jobs N] [--only WORDS] [--within SECONDS] [--again] [--list] [DIR]
#
# All of core.list, vfio.list and shim.list, and N of those that rules.awk makes, spread over files and rules; another seed
# chooses others. DIR (mutants, in the build directory) takes a copy of the tree and a build for each
# job. There the tests of the tiers unit and shim run, the quick ones first, until one fails.
# --only: those of which the description has these words. --within: by the tests that take at most so
# long. --again: by how long tests took the last time.
# Fails where less than 95 in 100 are seen, or a list is out of date.
set -uo pipefail
: "${top_srcdir:=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)}"
top_srcdir=$(cd "$top_srcdir" && pwd)
export LC_ALL=C CMOCKA_MESSAGE_OUTPUT=TAP

here=$top_srcdir/tests/mutants
count=160 seed=1 jobs=$(nproc) only='' within=1000 again='' list='' dir=mutants
while [ $# -gt 0 ]; do
    case $1 in
    --count) count=$2 && shift ;;
    --seed) seed=$2 && shift ;;
    --jobs) jobs=$2 && shift ;;
    --only) only=$2 && shift ;;
    --within) within=$2 && shift ;;
    --again) again=yes ;;
    --list) list=yes ;;
    -*) echo "$1: see the head of $0" >&2 && exit 2 ;;
    *) dir=$1 ;;
    esac
    shift
done
mkdir -p "$dir" && dir=$(cd "$dir" && pwd) || exit
cd "$top_srcdir" || exit

# --- the faults: $dir/list/N/{file,words,source} ---

sources=(src/core/*.c src/core/*/*.c src/vfio/*.c src/shim/*.c src/shim/*/*.c)

# How the source differs, without what blanks and line numbers say of it.
difference() {
    diff -b "$1" "$2" | grep '^[<>]' | sed -E 's/^([<>])[ \t]*/\1 /; s/[ \t]+$//'
}

# hand LIST PREFIX: the faults of a list, as directories PREFIX1, PREFIX2, ...
hand() {
    local file words n=0
    while IFS=$'\t' read -r file words; do
        n=$((n + 1))
        mkdir -p "$2$n"
        echo "$file" >"$2$n/file"
        echo "$words" >"$2$n/words"
        awk -v number="$n" -f "$here/apply.awk" "$1" "$file" >"$2$n/source" ||
            { echo "${1##*/}: out of date: $words" >&2; return 1; }
    done < <(awk -f "$here/apply.awk" "$1")
}

# All that the rules make, in the order in which they are taken: one of each rule in each file, then a
# second one. The order within a round is the seed's.
candidates() {
    awk -f "$here/rules.awk" "${sources[@]}" | awk -v seed="$seed" '
        BEGIN { for (i = 32; i < 127; i++) code[sprintf("%c", i)] = i }
        {
            hash = seed % 65521
            for (i = 1; i <= length($0); i++)
                hash = (hash * 257 + code[substr($0, i, 1)]) % 16777213
            print hash * 7919 % 16777213, $0
        }' | sort -n | awk '{ print ++round[$2 " " $4], $0 }' | sort -s -n -k 1,2 | cut -d ' ' -f 3-
}

# generate DIR N: the first N of them as directories below DIR
generate() {
    local file line rule n=0 key
    while [ $n -lt "$2" ] && read -r file line rule; do
        awk -v line="$line" -v rule="$rule" -f "$here/rules.awk" "$file" >"$dir/new"
        key=$file$'\n'$(difference "$file" "$dir/new")
        grep -qxF -e "$(md5sum <<<"$key")" "$dir/known" && continue
        md5sum <<<"$key" >>"$dir/known"
        n=$((n + 1))
        mkdir -p "$1/g$n"
        echo "$file" >"$1/g$n/file"
        echo "$rule: $file:$line: $(sed -n "${line}s/^[ \t]*//p" "$file")" >"$1/g$n/words"
        mv "$dir/new" "$1/g$n/source"
    done < <(candidates)
}

rm -rf "$dir/list" "$dir/equivalent" "$dir/known" "$dir/claims" "$dir/results"
mkdir "$dir/list" "$dir/claims" "$dir/results"
hand "$here/equivalent.list" "$dir/equivalent/" || exit
for layer in core vfio shim; do
    hand "$here/$layer.list" "$dir/list/$layer" || exit
done
for known in "$dir"/{equivalent,list}/*; do
    [ -d "$known" ] || continue
    file=$(cat "$known/file")
    md5sum <<<"$file"$'\n'"$(difference "$file" "$known/source")"
done >"$dir/known"
generate "$dir/list" "$count"
[ -z "$only" ] || grep -LF -e "$only" "$dir"/list/*/words | xargs -r dirname | xargs -r rm -r
if [ -n "$list" ]; then
    cat "$dir"/list/*/words
    exit
fi

# --- the builds: $dir/N/{tree,build} ---

# Copies what differs, lest all be built anew.
copy_tree() {
    local file
    while IFS= read -r file; do
        if ! [ -e "$1/$file" ]; then
            cp -p --parents "$file" "$1" || return
        elif ! cmp -s "$file" "$1/$file"; then
            cp "$file" "$1/$file" || return
        fi
    done < <(ci/files.sh; find configure aclocal.m4 config.h.in Makefile.in build-aux m4 -type f)
}

prepare() {
    mkdir -p "$dir/$1/tree" "$dir/$1/build" && copy_tree "$dir/$1/tree" && cd "$dir/$1/build" || return
    [ -e Makefile ] || ../tree/configure --quiet CFLAGS=-O2 || return
    if ! { make -s all && make -s check TESTS=; } >out 2>&1; then
        tail out
        return 1
    fi
    rm -rf pristine && mkdir pristine && find src -path '*/.libs/*.o' -exec cp --parents -t pristine {} +
}

# What a copy of the tests is told.
enter() {
    cd "$dir/$1/build" || return
    export top_srcdir=$dir/$1/tree top_builddir=$dir/$1/build CC=gcc NM=nm READELF=readelf SANITIZER=
    unset FAKEVFIO MSIXSHIM MSIXSHIM_LOG MSIXSHIM_CONFIG
    ulimit -c 0
}

# passes TEST SECONDS: as the driver of `make check` has it, within so much processor time, and never idle for
# as long. Leaves why not in `why`.
passes() {
    local command=("$top_srcdir/$1") status
    [[ $1 == *.test ]] || command=("$top_srcdir/tests/lib/row.sh" "$1")
    tests/lib/limit "$2" "$2" /bin/true "${command[@]}" >out 2>err </dev/null
    status=$?
    why=$(grep -m 1 -E '^(not ok|Bail out!)' out)
    [ $status = 124 ] && why="hangs or spins for $2 seconds"
    [ -n "$why" ] && return 1
    why="exits with $status"
    [ $status = 0 ] && grep -q '^1\.\.' out && why=''
    [ -z "$why" ]
}

# The tests by the time that they took, and that time, for a tree without a fault.
measure() {
    local test start
    enter 1
    for test in $(make -s print-tests); do
        case $test in
        tests/unit/* | tests/shim/* | tests/golden/* | tests/static/inert.test) ;;
        *) continue ;;
        esac
        start=${EPOCHREALTIME/./}
        if ! passes "$test" 600; then
            echo "without a fault, $test fails: $why" >&2
            return 1
        fi
        echo "$(((${EPOCHREALTIME/./} - start) / 1000)) $test"
    done >"$dir/unsorted" && sort -n "$dir/unsorted" >"$dir/times"
}

# --- one fault ---

# What can see a fault in `file`, best first: what has its name, or its layer's, and then by time.
order() {
    local name=${1##*/} layer=${1#src/}
    awk -v name="${name%.c}" -v layer="_${layer%%/*}" -v file="$1" -v within="$within" '
        $1 > within * 1000 { next }
        file ~ "^src/shim" && $2 ~ "^tests/(unit|golden)/" { next }
        file ~ "^src/vfio" && $2 ~ "^tests/golden/" { next }
        { print index($2, name) ? 0 : index($2, layer) ? 1 : 2, $0 }' "$dir/times" | sort -s -n -k 1,1 | cut -d ' ' -f 2-
}

# Says in one line what came of it.
try() {
    local file words ms test object
    file=$(cat "$1/file")
    words=$(cat "$1/words")
    cp "$1/source" "$top_srcdir/$file"
    if ! make -s libmsixshim.la libcore.la libvfio.la >err 2>&1; then
        echo "does not compile: $words"
        return
    fi
    object=$(cd pristine && find "${file%/*}" -maxdepth 2 -name "*[-]$(basename "$file" .c).o")
    if cmp -s "$object" "pristine/$object"; then
        echo "same code: $words"
        return
    fi
    while read -r ms test; do
        case $test in
        tests/unit/*) make -s "$test" >err 2>&1 ;;
        tests/golden/*) make -s msixshim >err 2>&1 ;;
        esac
        passes "$test" $((ms / 200 + 15)) && continue
        echo "seen: $words: $test: $why"
        return
    done < <(order "$file")
    echo "NOT SEEN: $words"
}

work() {
    local fault name file
    enter "$1"
    for fault in "$dir"/list/*; do
        name=${fault##*/}
        mkdir "$dir/claims/$name" 2>/dev/null || continue
        file=$(cat "$fault/file")
        try "$fault" | tee "$dir/results/$name"
        cp "$here/../../$file" "$top_srcdir/$file"
    done
}

for job in $(seq "$jobs"); do
    (prepare "$job") || { echo "the build $dir/$job fails" >&2; exit 1; }
done
[ -n "$again" ] && [ -s "$dir/times" ] || (measure) || exit
for job in $(seq "$jobs"); do
    work "$job" &
done
wait

amount() {
    cat "$dir"/results/* | grep -c "^$1"
}
seen=$(amount seen) unseen=$(amount 'NOT SEEN')
echo
cat "$dir"/results/* | grep '^NOT SEEN'
echo "$((seen + unseen)) faults, $seen seen by a test, $unseen not; apart from these" \
    "$(amount 'same code') that change no code, $(amount 'does not') that do not compile," \
    "$(find "$dir/equivalent" -name words | wc -l) listed that change nothing"
[ $((seen * 100)) -ge $(((seen + unseen) * 95)) ]
