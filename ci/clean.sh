#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Whether git sees nothing that it did not see at the start: clean.sh STATUS
set -euo pipefail

if ! [ -e .git ] || ! now=$(git status --porcelain 2>/dev/null); then
    echo "skipped: not a git work tree, or no git"
    exit 77
fi
diff <(echo "$1") <(echo "$now")
