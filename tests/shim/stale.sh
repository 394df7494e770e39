#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Numbers that were a device's and are another file's: over devices whose target is a new BAR, an
# extended one that can be mapped whole, and an extended BAR0, whose offsets are any file's.
# shellcheck source=tests/lib/preload.sh
. "${top_srcdir:-.}/tests/lib/preload.sh" || exit
tap_need "$programs/test_stale"

# stale DESCRIPTION RULE BAR
stale() {
    if [ -n "${MEMCHECK:-}" ] && [[ $2 = *map=compose* ]]; then
        tap_skip "$1 $2" "$no_compose"
        return
    fi
    own_tests "$1 $2" "ways and files" over_shim "$1" "$2" "$programs/test_stale" "$3"
}

stale sas3008 bar5 5
stale nvme-136 bar0 0
stale nvme-136 bar0,map=compose 0
tap_done
