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
for library in libmsixshim libfakevfio; do
    "$host-readelf" -h "$dir/.libs/$library.so" | grep 'Machine: *AArch64' >/dev/null
done
