# SPDX-License-Identifier: GPL-2.0-or-later
# desc: the two languages that describe a device, read and written
noinst_LTLIBRARIES += libdesc.la
libdesc_la_SOURCES = \
	%D%/cap_name.c %D%/cap_name.h \
	%D%/cap_walk.c %D%/cap_walk.h \
	%D%/desc.c %D%/desc.h %D%/desc_priv.h %D%/desc_stmt.h \
	%D%/desc_build.c %D%/desc_cap.c %D%/desc_facts.c \
	%D%/desc_write.c %D%/desc_write.h \
	%D%/lspci_bars.c %D%/lspci_caps.c %D%/lspci_priv.h %D%/lspci_sections.c %D%/lspci_text.c %D%/lspci_write.c \
	%D%/text.c %D%/text.h
libdesc_la_LIBADD = libcore.la
