# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# shellcheck disable=SC2154 # what tap.sh has set
# To be sourced by preload.sh, where MEMCHECK is set: the same tests, and each program of
# theirs runs under valgrind. What it finds fails the script, however the script ends.

command -v valgrind >/dev/null || tap_skip_all "no valgrind"

memcheck_found=$tap_tmp/memcheck
mkdir "$memcheck_found"

# memcheck_wraps PROGRAM: not for those whose numbers are not the program's under valgrind.
memcheck_wraps() {
    case ${1##*/} in
    fork_faults) return 1 ;; # counts the page faults of a child, which are valgrind's there
    esac
}

# memcheck_programs DIR: a directory of programs by the names of those of DIR.
memcheck_programs() {
    local dir=$tap_tmp/memcheck-${1##*/} program
    mkdir "$dir"
    for program in "$1"/*; do
        if [ ! -f "$program" ] || [ ! -x "$program" ] || [[ ${program##*/} = *.* ]]; then
            continue
        elif ! memcheck_wraps "$program"; then
            ln -s "$program" "$dir"
            continue
        fi
        cat >"$dir/${program##*/}" <<END
#!/bin/sh
exec valgrind -q --log-file='$memcheck_found/%p' --error-markers=memcheck-begin,memcheck-end \\
    --trace-children=yes --trace-children-skip='/bin/*,/usr/bin/*' \\
    --leak-check=full --show-leak-kinds=definite --errors-for-leak-kinds=definite \\
    --num-callers=20 --read-inline-info=no --suppressions='$top_srcdir/tests/lib/memcheck.supp' '$program' "\$@"
END
        chmod +x "$dir/${program##*/}"
    done
    echo "$dir"
}

# Shows what was found. A script that ran no program at all has shown nothing.
memcheck_end() {
    local status=$? ran
    ran=$(find "$memcheck_found" -type f | wc -l)
    if [ "$ran" = 0 ] && [ -z "$tap_skipped" ]; then
        echo "# no program ran under valgrind"
        status=99
    elif grep -rq memcheck-begin "$memcheck_found"; then
        sed -n '/memcheck-begin/,/memcheck-end/s/^/# /p' "$memcheck_found"/* | head -n 200
        status=99
    fi
    rm -rf "$tap_tmp"
    exit $status
}
trap memcheck_end EXIT
