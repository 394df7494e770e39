#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Some tests alone: tier.sh check-TIER TEST... has make run those of the tests that are of the tier, with what they are
# told. A variable of the caller's wins.
set -euo pipefail
shopt -s extglob

tier=$1 tests='' but='' goal=check limit=''
shift
case $tier in
# what asks nothing of the machine but one QEMU; the linters
check-basic) tests='tests/@(unit|fake|shim|cli|golden|static|self)/*|tests/vmm/rescue.test' but='*/lint.test' ;;
check-lint) tests='*/lint.test' ;;
# for builds whose libraries can't be preloaded into other programs
check-unit) tests='tests/unit/*' ;;
# for other compilers and C libraries
check-fake) tests='tests/@(unit|fake|shim)/*' ;;
# each program under valgrind (tests/lib/memcheck.sh)
check-memcheck) tests='tests/@(fake|shim)/*' && export MEMCHECK=yes ;;
# the VMMs
check-vmm) tests='tests/vmm/*' but='*/@(qemu10-*|dpdk.test)' ;;
check-qemu10) tests='*/qemu10-*' ;;
check-dpdk) tests='*/dpdk.test' ;;
check-hotplug) tests='*/?(qemu10-)hotplug.test' && export HOTPLUG_CYCLES="${HOTPLUG_CYCLES-2000}" ;;
# the release tarball
check-dist) tests='tests/@(unit|static)/*' but='*/lint.test' goal=distcheck ;;
# the lab, without what takes long and with it
check-kernel) tests='lab/*' limit=6000 && export MSIXSHIM_KERNEL=yes ;;
check-kernel-full) tests='lab/*' limit=20000 && export MSIXSHIM_KERNEL=full ;;
# VMMs other than QEMU, of the directory MSIXSHIM_VMMS
check-vmms) tests='lab/vmms.test' limit=9000 && export MSIXSHIM_KERNEL=yes ;;
# programs of the shim tier on other machines
check-arch)
    tests='tests/arch/*' limit=3000
    export MSIXSHIM_ARCH="${MSIXSHIM_ARCH-aarch64 ppc64le riscv64 s390x}"
    ;;
*) echo "tier.sh: no tier '$tier'" >&2 && exit 2 ;;
esac

chosen=()
for test; do
    # shellcheck disable=SC2254 # they are patterns
    case $test in
    $but) ;;
    @($tests)) chosen+=("$test") ;;
    esac
done
if [ ${#chosen[@]} = 0 ]; then
    echo "$tier: no tests of $tests in this build" >&2
    exit 1
fi
if [ -n "${CHECK_RESULTS-}" ]; then
    echo "total ${#chosen[@]}" 1<>"$CHECK_RESULTS"
fi
limit=${TEST_LIMIT-$limit}
exec ${MAKE:-make} "$goal" TESTS="${chosen[*]}" ${limit:+TEST_LIMIT="$limit"}
