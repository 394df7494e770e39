#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Builds the VMM alioth, a crate, in the cache (debian.sh), once, and prints the path of the program, whose
# directory's directory has its version as its name. Takes two minutes on two processors.
#
# Where that can't be: exit status 77, and why.
# shellcheck source-path=SCRIPTDIR source=debian.sh
. "$(dirname "${BASH_SOURCE[0]}")/debian.sh"

unset MAKEFLAGS # of who makes check-kernel-full
version=0.12.0 rust=1.88 # what it is written for
place=$cache/alioth/$version

if ! is_made "$place" "$rust"; then
    command -v cargo >/dev/null || unavailable "no cargo: it takes Rust $rust"
    has=$(cargo --version | sed 's/^cargo \([0-9.]*\).*/\1/')
    [ "$(printf '%s\n' "$rust" "$has" | sort -V | head -n 1)" = "$rust" ] ||
        unavailable "cargo is $has, and it takes Rust $rust"
    lock_cache
    if ! is_made "$place" "$rust"; then
        cargo install --quiet --locked --version "$version" --root "$place" alioth-cli </dev/null >&2 ||
            unavailable "cargo can't have alioth-cli $version"
        set_made "$place" "$rust"
    fi
fi
echo "$place/bin/alioth"
