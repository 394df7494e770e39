#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck source=tests/lib/preload.sh
. "${top_srcdir:-.}/tests/lib/preload.sh" || exit
tap_need "$programs/test_children"

for way in "$group" "$node"; do
    own_tests "by $way" "kinds of children" over_shim sas3008 bar5 "$programs/test_children" "$way"
done
tap_done
