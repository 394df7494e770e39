#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Children of clone(2) that share the memory or the descriptors of their parent, and not the other.
# shellcheck source=tests/lib/preload.sh
. "${top_srcdir:-.}/tests/lib/preload.sh" || exit
[ -z "${MEMCHECK:-}" ] || tap_skip_all "valgrind knows no such clones"
tap_need "$programs/test_clones" "$programs/test_stale"

# clones TITLE DESCRIPTION RULE PROGRAM ARG...
clones() {
    own_tests "$1" tests over_shim "$2" "$3" "$programs/$4" "${@:5}"
}

clones "they close all of their own, by group" sas3008 bar5 test_clones "$group"
clones "they close all of their own, by node" sas3008 bar5 test_clones "$node"
clones "they close what is their parent's, too" nvme-136 bar0 test_stale 0 clones
tap_done
