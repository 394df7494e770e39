# SPDX-License-Identifier: GPL-2.0-or-later
# vfio: one device under a plan
noinst_LTLIBRARIES += libvfio.la
libvfio_la_CFLAGS = $(AM_CFLAGS) $(SMALL_CFLAGS)
libvfio_la_SOURCES = \
	%D%/dev.c %D%/facts.c %D%/region_info.c %D%/rw.c %D%/stale.c
