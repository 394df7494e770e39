#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Builds the shim and the fake for another machine: cross.sh DIR HOST
set -euo pipefail

dir=$1 host=$2

if ! command -v "$host-gcc" >/dev/null; then
    echo "skipped: no $host-gcc"
    exit 77
fi
# pkg-config would find the libraries of this machine.
PKG_CONFIG=false "$(dirname "${BASH_SOURCE[0]}")/build.sh" "$dir" \
    --enable-strict --without-cli --host="$host"

# Without the command its manual is not installed either.
dest=$(mktemp -d)
trap 'rm -rf "$dest"' EXIT
"$(dirname "${BASH_SOURCE[0]}")/make.sh" "$dir" install DESTDIR="$dest"
if find "$dest" \( -name msixshim -o -name 'msixshim.1*' \) ! -type d | grep .; then
    echo "make install: that is of the command, which was not built" >&2
    exit 1
fi
