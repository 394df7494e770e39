# SPDX-License-Identifier: GPL-2.0-or-later
# qemu: an unmodified QEMU, started and driven
if WITH_CLI
noinst_LTLIBRARIES += libqemu.la
libqemu_la_SOURCES = \
	%D%/guest.c %D%/mtree.c %D%/qemu.c %D%/qmp.c %D%/qtest.c
libqemu_la_CPPFLAGS = $(AM_CPPFLAGS) $(FORTIFY_CPPFLAGS)
libqemu_la_CFLAGS = $(AM_CFLAGS) $(JSON_CFLAGS)
libqemu_la_LIBADD = libcore.la $(JSON_LIBS)
endif
