#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Whether each test that docs/traps.md rests on ran in the job basic, and passed: traps.sh BUILD
set -uo pipefail
results=$(top_builddir=$1 tests/self/traps.test --ran) || exit
printf '%s\n' "$results"
! grep -q '^not ok' <<<"$results"
