# SPDX-License-Identifier: GPL-2.0-or-later
# The tarball has every file of the project. So a file that only has to be in it, as a header or a
# script, is named in no makefile.
dist-hook:
	$(srcdir)/%D%/files.sh '$(distdir)'

# What tests keep of the last time: the golden files, and the table in HACKING.md.
golden-update: test = tests/golden/golden.test
table-update: test = tests/shim/entries.test
golden-update table-update: all
	$(MAKE) $(AM_MAKEFLAGS) check TESTS=
	$(AM_TESTS_ENVIRONMENT) $(srcdir)/$(test) --update

# Some tests alone, those that $(tiers) matches and $(not) does not: what asks nothing of the machine but
# one QEMU; the linters; unit, for builds whose libraries can't be preloaded into other programs;
# unit, fake and shim for those of other compilers and C libraries; fake and shim with each program
# under valgrind (tests/lib/memcheck.sh); the VMMs; the lab, without what takes long and with it;
# programs of the shim tier on the machines that MSIXSHIM_ARCH lists; `make distcheck` with unit and
# static tests.
not = none
goal = check
selections = check-basic check-lint check-unit check-fake check-memcheck check-vmm check-qemu10 \
	check-dpdk check-hotplug check-dist check-kernel check-kernel-full check-arch
check-basic: tiers = tests/unit/*|tests/fake/*|tests/shim/*|tests/cli/*|tests/golden/*|tests/static/*|tests/self/*|tests/vmm/rescue.test
check-basic check-dist: not = */lint.test
check-lint: tiers = */lint.test
check-unit: tiers = tests/unit/*
check-fake: tiers = tests/unit/*|tests/fake/*|tests/shim/*
check-memcheck: tiers = tests/fake/*|tests/shim/*
check-memcheck: export MEMCHECK = yes
check-vmm: tiers = tests/vmm/*
check-vmm: not = */qemu10-*|*/dpdk.test
check-qemu10: tiers = */qemu10-*
check-dpdk: tiers = */dpdk.test
check-hotplug: tiers = */hotplug.test|*/qemu10-hotplug.test
check-hotplug: export HOTPLUG_CYCLES = 2000
check-dist: tiers = tests/unit/*|tests/static/*
check-dist: goal = distcheck
check-kernel check-kernel-full: tiers = lab/*
check-kernel: export MSIXSHIM_KERNEL = yes
check-kernel: TEST_LIMIT = 6000
check-kernel-full: export MSIXSHIM_KERNEL = full
check-kernel-full: TEST_LIMIT = 20000
check-arch: tiers = tests/arch/*
check-arch: export MSIXSHIM_ARCH = aarch64 ppc64le riscv64 s390x
check-arch: TEST_LIMIT = 3000
$(selections): all
	@set --; for test in $(TESTS); do \
		case $$test in $(not)) ;; $(tiers)) set -- "$$@" $$test;; esac; \
	done; \
	test $$# != 0 || { echo "no tests of $(tiers) in this build" >&2; exit 1; }; \
	test -z "$$CHECK_RESULTS" || echo total $$# 1<>"$$CHECK_RESULTS"; \
	$(MAKE) $(AM_MAKEFLAGS) $(goal) TESTS="$$*" TEST_LIMIT=$(TEST_LIMIT)

# The linters look only at what can have changed since they found it in order; or at all.
lint-all:
	rm -rf lint
	$(MAKE) $(AM_MAKEFLAGS) check-lint
clean-local:
	rm -rf arch lint
.PHONY: golden-update table-update lint-all $(selections)
