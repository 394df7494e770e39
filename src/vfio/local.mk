# SPDX-License-Identifier: GPL-2.0-or-later
# vfio: one device under a plan
noinst_LTLIBRARIES += libvfio.la
libvfio_la_SOURCES = \
	%D%/dev.c %D%/dev.h \
	%D%/facts.c \
	%D%/ops.h \
	%D%/region_info.c %D%/region_info.h \
	%D%/rw.c \
	%D%/stale.c %D%/stale.h
