# SPDX-License-Identifier: GPL-2.0-or-later
# What tests preload beside the shim and the fake.
preloads = \
	libfault.la libheap.la libhold.la libjail.la libmidway.la libnewerkernel.la libnull.la libodd.la \
	libolderkernel.la libotherdriver.la libothertopology.la libpagesize.la libqemuuser.la
check_LTLIBRARIES += $(preloads)
$(preloads): AM_LDFLAGS += -module -shared -avoid-version -rpath /nowhere
libfault_la_SOURCES = %D%/fault.c
libheap_la_SOURCES = %D%/heap.c
libhold_la_SOURCES = %D%/hold.c
libjail_la_SOURCES = %D%/jail.c %D%/jail_env.c %D%/jail_rules.c
libmidway_la_SOURCES = %D%/midway.c
libnewerkernel_la_SOURCES = %D%/newer_kernel.c
libnull_la_SOURCES = %D%/null.c
libodd_la_SOURCES = %D%/odd.c
libolderkernel_la_SOURCES = %D%/older_kernel.c
libotherdriver_la_SOURCES = %D%/other_driver.c
libothertopology_la_SOURCES = %D%/other_topology.c
libpagesize_la_SOURCES = %D%/page_size.c
libqemuuser_la_SOURCES = %D%/qemu_user.c
