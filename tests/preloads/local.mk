# SPDX-License-Identifier: GPL-2.0-or-later
# What tests preload beside the shim and the fake.
check_LTLIBRARIES += \
	libfault.la libheap.la libhold.la libjail.la libnewerkernel.la libolderkernel.la \
	libnull.la libodd.la libotherdriver.la libothertopology.la libpagesize.la libqemuuser.la
test_ldflags = $(AM_LDFLAGS) -module -shared -avoid-version -rpath /nowhere
libfault_la_SOURCES = %D%/fault.c
libfault_la_LDFLAGS = $(test_ldflags)
libheap_la_SOURCES = %D%/heap.c
libheap_la_LDFLAGS = $(test_ldflags)
libhold_la_SOURCES = %D%/hold.c
libhold_la_LDFLAGS = $(test_ldflags)
libjail_la_SOURCES = %D%/jail.c %D%/jail_env.c %D%/jail_rules.c
libjail_la_LDFLAGS = $(test_ldflags)
libnewerkernel_la_SOURCES = %D%/newer_kernel.c
libnewerkernel_la_LDFLAGS = $(test_ldflags)
libnull_la_SOURCES = %D%/null.c
libnull_la_LDFLAGS = $(test_ldflags)
libodd_la_SOURCES = %D%/odd.c
libodd_la_LDFLAGS = $(test_ldflags)
libolderkernel_la_SOURCES = %D%/older_kernel.c
libolderkernel_la_LDFLAGS = $(test_ldflags)
libotherdriver_la_SOURCES = %D%/other_driver.c
libotherdriver_la_LDFLAGS = $(test_ldflags)
libothertopology_la_SOURCES = %D%/other_topology.c
libothertopology_la_LDFLAGS = $(test_ldflags)
libpagesize_la_SOURCES = %D%/page_size.c
libpagesize_la_LDFLAGS = $(test_ldflags)
libqemuuser_la_SOURCES = %D%/qemu_user.c
libqemuuser_la_LDFLAGS = $(test_ldflags)
