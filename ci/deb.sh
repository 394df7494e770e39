#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The Debian package: deb.sh BUILD builds it out of what a release tarball has, runs lintian,
# unpacks it, and looks whether all of it is there and works.
set -euo pipefail

dir=$(cd "$1" && pwd)
here=$(dirname "${BASH_SOURCE[0]}")
work=$dir/ci/deb
source=$work/msixshim root=$work/root log=$work/log

for tool in dpkg-buildpackage dh lintian; do
    command -v $tool >/dev/null || { echo "skipped: no $tool"; exit 77; }
done

fail() {
    echo "deb: $*" >&2
    exit 1
}

rm -rf "$work"
mkdir -p "$work"
"$here/make.sh" "$dir" distdir distdir="ci/deb/msixshim"

cd "$source"
dpkg-buildpackage -us -uc -b </dev/null >"$log" 2>&1 || { tail -n 40 "$log" >&2; exit 1; }
cd "$work"
lintian --fail-on error,warning --info --allow-root ./*.changes >&2 || fail "lintian complains"

version=$(dpkg-parsechangelog -l "$source/debian/changelog" -S Version)
grep -q "^AC_INIT(\[msixshim\], \[$version\])" "$source/configure.ac" ||
    fail "debian/changelog has version $version, configure.ac another one"

dpkg-deb -x msixshim_*.deb "$root"
triplet=$(dpkg-architecture -qDEB_HOST_MULTIARCH)
lib=usr/lib/$triplet/msixshim share=usr/share/msixshim
wanted=(usr/bin/msixshim "$lib/libmsixshim.so" "$lib/libfakevfio.so"
    "usr/lib/$triplet/pkgconfig/msixshim.pc" usr/share/doc/msixshim/copyright
    usr/share/bash-completion/completions/msixshim usr/include/msixshim/fakevfio.h)
for document in README.md drive-64k.svg pages.md recipes.md vfio-pci.md vmms.md; do
    wanted+=("usr/share/doc/msixshim/$document")
done
for description in "$source"/descriptions/*.desc; do
    wanted+=("$share/descriptions/$(basename "$description")")
done
for page in "$source"/man/*.[1-8]; do
    wanted+=("usr/share/man/man${page##*.}/$(basename "$page").gz")
done
for file in "${wanted[@]}"; do
    [ -s "$root/$file" ] || fail "the package has no $file"
done

# What the package's compiler flags make of the libraries: the demo runs both in QEMU, and
# a call that is none of the shim's has to cost no more than in our own builds.
"$root/usr/bin/msixshim" demo --libdir "$root/$lib" --descriptions "$root/$share/descriptions" \
    </dev/null >"$log" 2>&1 || { tail -n 20 "$log" >&2; fail "the package's demo failed"; }
(cd "$source/debian/build" && "$source/tests/static/cost.test") >"$log" || fail "no cost.test"
grep '# SKIP' "$log" || true
! grep '^not ok' "$log" >&2 || fail "the package's shim costs too much"
