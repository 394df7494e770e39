# SPDX-License-Identifier: GPL-2.0-or-later
# shim: libmsixshim.so
pkglib_LTLIBRARIES += libmsixshim.la
libmsixshim_la_SOURCES = \
	%D%/attach.c %D%/compose/compose.c %D%/compose/compose_map.c %D%/dispatch.c %D%/entry.c \
	%D%/fdtab.c %D%/identify.c %D%/log/log.c %D%/log/log_file.c %D%/log/log_write.c \
	%D%/log/trace.c %D%/log/trace_ioctl.c %D%/log/trace_text.c %D%/next.c %D%/rules.c \
	%D%/tell.c %D%/usermem.c
libmsixshim_la_CFLAGS = $(AM_CFLAGS) $(SMALL_CFLAGS) -U_FORTIFY_SOURCE -U_FILE_OFFSET_BITS
libmsixshim_la_LIBADD = libvfio.la libcore.la
libmsixshim_la_LDFLAGS = $(preload_ldflags) \
	-Wl,--version-script,$(srcdir)/%D%/shim.map -Wl,--no-undefined-version
libmsixshim_la_DEPENDENCIES = libvfio.la libcore.la %D%/shim.map
