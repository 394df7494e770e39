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

# Some tiers alone: unit, for builds whose libraries can't be preloaded into other programs;
# unit and fake, which ask nothing of the machine, for those of other compilers and C libraries;
# fake with each program under valgrind (tests/lib/memcheck.sh); the lab, without what takes long
# and with it; programs of the shim tier on the machines that MSIXSHIM_ARCH lists.
check-unit: tiers = tests/unit/*
check-fake: tiers = tests/unit/*|tests/fake/*|tests/shim/*
check-memcheck: tiers = tests/fake/*|tests/shim/*
check-memcheck: export MEMCHECK = yes
check-kernel check-kernel-full: tiers = lab/*
check-kernel: export MSIXSHIM_KERNEL = yes
check-kernel: TEST_LIMIT = 1500
check-kernel-full: export MSIXSHIM_KERNEL = full
check-kernel-full: TEST_LIMIT = 7200
check-arch: tiers = tests/arch/*
check-arch: export MSIXSHIM_ARCH = aarch64 ppc64le riscv64 s390x
check-arch: TEST_LIMIT = 1500
check-unit check-fake check-memcheck check-kernel check-kernel-full check-arch: all
	@tier=; for test in $(TESTS); do \
		case $$test in $(tiers)) tier="$$tier $$test";; esac; \
	done; \
	test -n "$$tier" || { echo "no tests of $(tiers) in this build" >&2; exit 1; }; \
	$(MAKE) $(AM_MAKEFLAGS) check TESTS="$$tier" TEST_LIMIT=$(TEST_LIMIT)
.PHONY: golden-update table-update check-unit check-fake check-memcheck check-kernel \
	check-kernel-full check-arch
