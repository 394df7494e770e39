#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck source=tests/lib/preload.sh
. "${top_srcdir:-.}/tests/lib/preload.sh"

sed 's/^device .*/device 0000:01:00.1\ngroup 1/' "$descriptions/nvme-136.desc" |
    cat "$descriptions/sas3008.desc" - >"$tap_tmp/two.desc"
FAKEVFIO="$tap_tmp/two.desc" MSIXSHIM='1000:0097=bar5;off' \
    LD_PRELOAD="$libs/libmsixshim.so:$libs/libfakevfio.so" "$programs/test_adopt"
