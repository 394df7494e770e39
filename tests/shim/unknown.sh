#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck source=tests/shim/preload.sh
. "${top_srcdir:-.}/tests/shim/preload.sh"
over_shim sas3008 bar5 "$programs/test_adopt"
