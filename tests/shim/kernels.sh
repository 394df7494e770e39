#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck source=tests/lib/preload.sh
. "${top_srcdir:-.}/tests/lib/preload.sh" || exit

cat "$descriptions/sas3008.desc" - >"$tap_tmp/two.desc" <<'END'
device 0000:01:00.1
group 1
id 1234:5678
class 020000
vf
bar 0 mem64 16K
pcie at 0x60 flr
msix at 0xc0 vectors 4 table 0:0x2000 pba 0:0x3000
END
FAKEVFIO="$tap_tmp/two.desc" MSIXSHIM='1000:0097=bar1;bar2' \
    LD_PRELOAD="$libs/libmsixshim.so:$libs/libfakevfio.so" "$programs/test_kernels"
