# SPDX-License-Identifier: GPL-2.0-or-later
# arch: programs of the shim tier on other machines, under qemu-user
TESTS += %D%/arch.test

# What the test runs, in a build for another machine.
arch-programs: all tests/shim/programs/regions tests/shim/programs/surface tests/shim/clients/vmms \
		libpagesize.la libqemuuser.la
.PHONY: arch-programs
