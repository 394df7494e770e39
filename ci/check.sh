#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The whole check, one step after the other: check.sh BUILD
# Goes on after a step that failed, or that took far too long, so that one run tells everything. Ends with
# one line "N passed, N failed, N skipped": the tests of `make check` and of each step, and one for each
# step.
set -uo pipefail

cd "$(dirname "${BASH_SOURCE[0]}")/.." || exit 1
build=$1
ci=ci
before=$(git status --porcelain 2>/dev/null)
passed=0 failed=0 skipped=0

# tests have limits of their own (Makefile.am), which come first
seconds=2400 limit=$build/ci/limit
mkdir -p "$build/ci" && gcc -D_GNU_SOURCE -o "$limit" tests/lib/limit.c || exit

# Runs one step, a script that exits with 77 where it can't run and says why.
step() {
    local say=$1 start=$SECONDS rc
    shift
    echo "== $say"
    "$limit" $seconds tests/lib/hang.sh "$@" </dev/null
    rc=$?
    case $rc in
    0) passed=$((passed + 1)) ;;
    77) skipped=$((skipped + 1)) ;;
    *) failed=$((failed + 1)) && echo "== FAILED: $say" ;;
    esac
    echo "== $((SECONDS - start)) s"
    return $rc
}

for name in qemu-10 dpdk-22 dpdk-24; do
    step "$name, unpacked beside the system" $ci/beside.sh $name
done
step "gcc: build" $ci/build.sh "$build" --enable-strict &&
    step "gcc: make check" $ci/make.sh "$build" check
step "clang: build" $ci/build.sh "$build/ci/clang" --enable-strict CC=clang &&
    step "clang: unit and fake tests" $ci/make.sh "$build/ci/clang" check-fake
step "musl: unit and fake tests" $ci/musl.sh "$build/ci/musl" check-fake
step "ASan and UBSan: build" $ci/build.sh "$build/ci/asan" --enable-strict \
    --with-sanitizer=address,undefined &&
    step "ASan and UBSan: unit tests" $ci/make.sh "$build/ci/asan" check-unit
step "valgrind: build" $ci/build.sh "$build/ci/memcheck" --enable-strict --without-cli \
    CFLAGS="-O1 -g" &&
    step "valgrind: fake tests" $ci/make.sh "$build/ci/memcheck" check-memcheck
step "other machines: fake tests under qemu-user" $ci/make.sh "$build" check-arch
grep -hE '^# [a-z0-9]+: [0-9]+ passed, ' "$build/tests/arch/arch.log"
step "kernel: vfio-pci in an emulated machine" $ci/make.sh "$build" check-kernel
step "Debian package" $ci/deb.sh "$build"
step "make install, make distcheck" $ci/dist.sh "$build"
step "git status as before" $ci/clean.sh "$before"

echo "== results"
tally=$($ci/tally.sh "$build" "$build"/ci/{clang,musl,asan,memcheck})
head -n -1 <<<"$tally"
read -r p f s <<<"$(tail -n 1 <<<"$tally")"
echo "$((passed + p)) passed, $((failed + f)) failed, $((skipped + s)) skipped"
[ $((failed + f)) = 0 ] && [ "$p" -gt 0 ]
