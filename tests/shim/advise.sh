#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck source=tests/lib/preload.sh
. "${top_srcdir:-.}/tests/lib/preload.sh" || exit
[ -z "${MEMCHECK:-}" ] || tap_skip_all "$no_compose"
over_shim sas3008 bar1,map=compose "$programs/test_advise"
