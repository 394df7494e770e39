# SPDX-License-Identifier: GPL-2.0-or-later
# shim: libmsixshim.so
pkglib_LTLIBRARIES += libmsixshim.la
libmsixshim_la_SOURCES = \
	%D%/attach.c %D%/attach.h \
	%D%/compose/compose.c %D%/compose/compose.h \
	%D%/compose/compose_map.c %D%/compose/compose_map.h \
	%D%/dispatch.c %D%/dispatch.h \
	%D%/entry.c \
	%D%/fdtab.c %D%/fdtab.h \
	%D%/identify.c %D%/identify.h \
	%D%/log/log.c %D%/log/log.h \
	%D%/log/log_file.c %D%/log/log_file.h \
	%D%/log/trace.c %D%/log/trace.h \
	%D%/log/trace_ioctl.c %D%/log/trace_ioctl.h \
	%D%/log/trace_text.c %D%/log/trace_text.h \
	%D%/next.c %D%/next.h \
	%D%/rules.c %D%/rules.h \
	%D%/tell.c %D%/tell.h \
	%D%/usermem.c %D%/usermem.h \
	%D%/vfio_uapi.h
libmsixshim_la_CFLAGS = $(AM_CFLAGS) -U_FORTIFY_SOURCE -U_FILE_OFFSET_BITS
libmsixshim_la_LIBADD = libvfio.la libcore.la
libmsixshim_la_LDFLAGS = $(preload_ldflags) \
	-Wl,--version-script,$(srcdir)/%D%/shim.map -Wl,--no-undefined-version
libmsixshim_la_DEPENDENCIES = libvfio.la libcore.la %D%/shim.map
EXTRA_DIST += %D%/shim.map
