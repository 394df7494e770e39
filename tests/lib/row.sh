#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Runs a cmocka program with what its row in tests/rows says: row.sh PROGRAM, by its path in the build
# directory. A unit test has no row: it runs as it is.
: "${top_srcdir:=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)}"
test=${1#./}
test=${test#tests/}
[[ $test != unit/* ]] || exec "$1"

# shellcheck source=tests/lib/preload.sh
. "$top_srcdir/tests/lib/preload.sh" || exit

row=$(awk -v test="$test" '$1 == test' "$top_srcdir/tests/rows")
if [ "$(wc -w <<<"${row%%$'\n'*}")" -lt 4 ] || [ "$(wc -l <<<"$row")" != 1 ]; then
    echo "Bail out! $test: not one row in tests/rows"
    exit 1
fi
read -r _ files rules preload environment <<<"$row"
[ -z "${MEMCHECK:-}" ] || [[ $rules != *map=compose* ]] || tap_skip_all "$no_compose"

folder=${test%/*}
program=$fake_tests
[ "$folder" = fake ] || program=$shim_tests
program+=/${test##*/}

description=
for file in ${files//:/ }; do
    path=$descriptions/$file.desc
    [ -e "$path" ] || path=$top_srcdir/tests/$folder/$file.desc
    description+=${description:+:}$path
done

libraries=$libs/libfakevfio.so
[ "$preload" = - ] || libraries=$libs/lib${preload//_/}.so:$libraries
[ "$rules" = - ] || libraries=$libs/libmsixshim.so:$libraries
IFS=: read -ra needed <<<"$libraries"
tap_need "${needed[@]}" "$program"

read -ra variables <<<"${environment//TMP/$tap_tmp}"
[ "$rules" = - ] || variables+=("MSIXSHIM=$rules")
env "${variables[@]}" FAKEVFIO="$description" LD_PRELOAD="$libraries" "$program"
