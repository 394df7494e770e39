# SPDX-License-Identifier: GPL-2.0-or-later
# desc: the two languages that describe a device, read and written
noinst_LTLIBRARIES += libdesc.la
libdesc_la_SOURCES = \
	%D%/build.c %D%/cap_name.c %D%/cap_walk.c %D%/desc_facts.c %D%/desc_read.c \
	%D%/desc_read_caps.c %D%/desc_write.c %D%/lspci/lspci_forms.c \
	%D%/lspci/lspci_groups.c %D%/lspci/lspci_kernel.c %D%/lspci/lspci_pciconf.c %D%/lspci/lspci_plain.c \
	%D%/lspci/lspci_prefix.c %D%/lspci/lspci_read.c %D%/lspci/lspci_read_bars.c \
	%D%/lspci/lspci_read_caps.c %D%/lspci/lspci_read_dump.c %D%/lspci/lspci_sections.c \
	%D%/lspci/lspci_unlike.c %D%/lspci/lspci_unwrap.c %D%/lspci/lspci_write.c %D%/text.c
libdesc_la_CPPFLAGS = $(AM_CPPFLAGS) $(FORTIFY_CPPFLAGS)
libdesc_la_LIBADD = libcore.la
