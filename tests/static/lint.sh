#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The linters and the house rules, over every file of the project.
. "$(dirname "${BASH_SOURCE[0]}")/../lib/tap.sh" || exit

cd "$top_srcdir" || exit
project_files >"$tap_tmp/all"
mapfile -t all <"$tap_tmp/all"
mapfile -t code < <(grep -E '\.[ch]$' "$tap_tmp/all")
mapfile -t sources < <(grep -E '\.c$' "$tap_tmp/all")
mapfile -t headers < <(grep -E '^(src|include)/.*\.h$' "$tap_tmp/all")
mapfile -t makefiles < <(grep -E '(^|/)Makefile\.am$|\.mk$' "$tap_tmp/all")
mapfile -t scripts < <(awk 'FNR == 1 && /^#!.*sh/ { print FILENAME }' "${all[@]}")

flags=(-std=gnu11 -D_GNU_SOURCE -DHAVE_CONFIG_H -Isrc -Iinclude -I. "-I$top_builddir")
flags+=('-DPKGLIBDIR=""' '-DPKGDATADIR=""')
for library in libpci json-c cmocka; do
    if pkg-config --exists "$library" 2>/dev/null; then
        read -ra more < <(pkg-config --cflags "$library")
        flags+=("${more[@]}")
    fi
done

# have DESCRIPTION TOOL: whether the tool is there; skips the test otherwise.
have() {
    command -v "$2" >/dev/null && return 0
    tap_skip "$1" "no $2"
    return 1
}

what="clang-format: no difference"
if have "$what" clang-format; then
    # Versions differ in what they make of one configuration.
    if clang-format --version | grep -q 'version 14\.'; then
        clang-format --dry-run -Werror "${code[@]}" 2>&1 | tap_empty "$what"
    else
        tap_skip "$what" "not clang-format 14"
    fi
fi

what="shellcheck: no warning"
if have "$what" shellcheck; then
    shellcheck -- "${scripts[@]}" | tap_empty "$what"
fi

what="cppcheck: no warning"
if have "$what" cppcheck; then
    # ctuuninitvar takes a variable that another file's function fills for one that it reads.
    cppcheck -q --std=c11 --enable=warning,portability --inline-suppr -Isrc -Iinclude -I. \
        --suppress=missingIncludeSystem --suppress=ctuuninitvar "${sources[@]}" 2>&1 |
        tap_empty "$what"
fi

what="clang-tidy: no warning"
if have "$what" clang-tidy; then
    # One file a process: with several, version 14 takes each va_list for uninitialized.
    printf '%s\n' "${sources[@]}" |
        xargs -P "$(nproc)" -I{} clang-tidy --quiet {} -- "${flags[@]}" 2>/dev/null |
        tap_empty "$what"
fi

for header in "${headers[@]}"; do
    "${cc[@]}" "${flags[@]}" -Wall -Wextra -Werror -fsyntax-only -x c - <<<"#include \"$header\"" 2>&1
done | tap_empty "every header compiles alone"

# What the command printed is as long as it is.
for file in "${all[@]}"; do
    case $file in COPYING | tests/golden/plan/* | tests/golden/scan/*) continue ;; esac
    [ "$(wc -l <"$file")" -lt 500 ] || echo "$file: $(wc -l <"$file") lines"
done | tap_empty "every file is below 500 lines"

for file in "${code[@]}" "${scripts[@]}" "${makefiles[@]}" configure.ac; do
    head -n 2 "$file" | grep -q 'SPDX-License-Identifier: GPL-2\.0-or-later' || echo "$file"
done | tap_empty "every source and script starts with its licence"

grep -nE '[ 	]+$' -- "${code[@]}" "${scripts[@]}" "${makefiles[@]}" configure.ac |
    tap_empty "no blanks at the end of a line"

tap_done
