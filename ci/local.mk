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

# Some tests alone.
tiers = check-basic check-lint check-unit check-fake check-memcheck check-vmm check-qemu10 check-dpdk \
	check-hotplug check-dist check-kernel check-kernel-full check-vmms \
	check-arch
$(tiers): all
	+@MAKE='$(MAKE)' $(srcdir)/%D%/tier.sh $@ $(TESTS)

# The linters look only at what can have changed since they found it in order; or at all.
lint-all:
	rm -rf lint
	$(MAKE) $(AM_MAKEFLAGS) check-lint
clean-local:
	rm -rf arch lint
.PHONY: golden-update table-update lint-all $(tiers)
