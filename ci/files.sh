#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The files of the project, one a line: what git tracks, or in a release tarball what its MANIFEST lists. Without
# both all but what the tools generate. files.sh DIR copies them there instead, and makes the MANIFEST.
set -euo pipefail

files() {
    if [ -e .git ] && git ls-files 2>/dev/null; then
        return
    fi
    if [ -f MANIFEST ]; then
        cat MANIFEST
        return
    fi
    find . -type f -not -path './build*' -not -path './_*' -not -path './.git/*' \
        -not -path './m4/*' -not -path './autom4te.cache/*' -not -name 'Makefile.in' \
        -not -name aclocal.m4 -not -name configure -not -name 'config.h.in*' \
        -not -name '*.o' -not -name '*.lo' -not -name '*.la' -not -name '*.log' \
        -not -name '*.trs' -not -path '*/.libs/*' -not -path '*/.deps/*' | sed 's,^\./,,'
}

to=${1:+$(cd "$1" && pwd)}
cd "$(dirname "${BASH_SOURCE[0]}")/.."
if [ -z "$to" ]; then
    files
else
    files | tar -cf - -T - | tar -xf - -C "$to"
    files >"$to/MANIFEST"
fi
