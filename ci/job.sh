# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck disable=SC2154 # build is set by who sources this
# Sourced by ci/check.sh: how each job of the table ci/jobs is done. `build`, `step` and `tests` are there.

# The build that most jobs share.
build_gcc() {
    build "$build" --enable-strict
}

job_demo() {
    build_gcc &&
        step "msixshim demo" "$build/msixshim" demo --libdir "$build/.libs" --descriptions descriptions
}

job_basic() {
    build_gcc && tests "$build" check-basic
    step "the tests that docs/traps.md names ran" ci/traps.sh "$build"
}

job_lint() {
    build_gcc && tests "$build" check-lint
}

job_vmm() {
    build_gcc && tests "$build" check-vmm
}

job_clang() {
    build "$build/clang" --enable-strict CC=clang && tests "$build/clang" check-fake
}

job_musl() {
    step "build with musl" ci/musl.sh "$build/musl" && tests "$build/musl" check-fake
}

# A sanitized library can't be preloaded into other programs.
job_asan() {
    build "$build/asan" --enable-strict --with-sanitizer=address,undefined &&
        tests "$build/asan" check-unit
}

job_valgrind() {
    build "$build/valgrind" --enable-strict --without-cli CFLAGS="-O1 -g" &&
        tests "$build/valgrind" check-memcheck
}

job_cross() {
    build_gcc && tests "$build" check-arch
}

job_package() {
    build_gcc && step "Debian package" ci/deb.sh "$build"
}

job_distcheck() {
    build_gcc && step "make install, make distcheck" ci/dist.sh "$build"
}

# Programs of other Debians are unpacked beside the system.
job_qemu10() {
    step "QEMU 10" ci/beside.sh qemu-10 && build_gcc && tests "$build" check-qemu10
}

job_hotplug() {
    step "QEMU 10" ci/beside.sh qemu-10
    build_gcc && tests "$build" check-hotplug
}

job_dpdk() {
    step "DPDK of Debian 12" ci/beside.sh dpdk-22
    step "DPDK of Debian 13" ci/beside.sh dpdk-24
    build_gcc && tests "$build" check-dpdk
}

job_bare() {
    local suite
    for suite in bookworm trixie sid; do
        step "Debian's $suite" ci/bare.sh $suite
    done
}

job_mutants() {
    build_gcc && step "make check-mutants" make -C "$build" check-mutants
}

# What the kernel tier leaves: a row for each run of a device.
all_runs() {
    ! compgen -G "$build/lab/*.log" >/dev/null || lab/table.sh "$build"/lab/*.log >"$build/lab/runs.md"
}

job_kernel() {
    step "the machine" lab/image.sh amd64 && build_gcc && tests "$build" check-kernel
    all_runs
}

job_kernel-full() {
    build_gcc && tests "$build" check-kernel-full
    all_runs
}
