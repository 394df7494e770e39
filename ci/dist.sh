#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# What a packager does: dist.sh BUILD runs make install with DESTDIR, and `make check-dist`,
# and looks whether the tarball has every file that git tracks.
set -euo pipefail

dir=$1
here=$(dirname "${BASH_SOURCE[0]}")
dest=$(mktemp -d)
trap 'rm -rf "$dest"' EXIT

"$here/make.sh" "$dir" install DESTDIR="$dest"
for library in libmsixshim libfakevfio; do
    find "$dest" -path "*/msixshim/$library.so" | grep . >/dev/null ||
        { echo "make install: no $library.so" >&2; exit 1; }
done

# Each variable of the file that tells where things are names something that is there.
for variable in shim fake descriptions; do
    path=$(PKG_CONFIG_PATH=$(dirname "$(find "$dest" -name msixshim.pc)") \
        pkg-config --variable="$variable" msixshim)
    if [ -z "$path" ] || ! [ -e "$dest$path" ]; then
        echo "msixshim.pc: $variable=$path is not there" >&2
        exit 1
    fi
done

# The one header compiles where the package says that it is.
read -ra cflags < <(PKG_CONFIG_PATH=$(dirname "$(find "$dest" -name msixshim.pc)") \
    pkg-config --define-variable=includedir="$(dirname "$(find "$dest" -path '*/include/msixshim')")" \
    --cflags msixshim)
gcc "${cflags[@]}" -fsyntax-only -x c - <<<'#include <msixshim/fakevfio.h>'
[ "$(find "$dest" -name '*.h' | wc -l)" = 1 ] ||
    { echo "make install: other headers than fakevfio.h" >&2; exit 1; }

# A document that is installed links to others that are, and to headings that they have.
doc=$(dirname "$(find "$dest" -name README.md)")
for file in "$doc"/*.md; do
    { grep -o ']([^):]*)' "$file" || true; } | tr -d ']()' | while IFS='#' read -r page heading; do
        target=${page:+$doc/$page} target=${target:-$file}
        # a heading's name: small letters, dashes for blanks, nothing else but digits
        if [ ! -e "$target" ] || { [ -n "$heading" ] && ! sed -n 's/^#* //p' "$target" |
            tr 'A-Z ' 'a-z-' | tr -cd 'a-z0-9_\n-' | grep -x "$heading" >/dev/null; }; then
            echo "make install: no $heading in $target, as ${file##*/} has it" >&2
            exit 1
        fi
    done
done

# What a cache of others holds is not to be found, as for a packager.
MSIXSHIM_CACHE=$dest/none "$here/make.sh" "$dir" check-dist DISTCHECK_CONFIGURE_FLAGS=--enable-strict

if [ -e .git ] && git rev-parse >/dev/null 2>&1; then
    tar -tJf "$dir"/msixshim-*.tar.xz | sed 's,^[^/]*/,,' | sort >"$dest/in-tarball"
    git ls-files | sort >"$dest/tracked"
    if comm -13 "$dest/in-tarball" "$dest/tracked" | grep . >"$dest/missing"; then
        sed 's/^/not in the tarball: /' "$dest/missing" >&2
        exit 1
    fi
fi
rm -f "$dir"/msixshim-*.tar.xz
