# SPDX-License-Identifier: GPL-2.0-or-later
# core: pure; what a device says, and where its MSI-X structures go
noinst_LTLIBRARIES += libcore.la
libcore_la_CFLAGS = $(AM_CFLAGS) $(SMALL_CFLAGS)
libcore_la_SOURCES = \
	%D%/cfg_view.c %D%/choice.c %D%/choice_text.c %D%/decision.c %D%/extent.c %D%/known/known.c \
	%D%/msix.c %D%/msix_place.c %D%/pci_bdf.c %D%/pci_cfg.c %D%/plan.c %D%/policy/policy.c \
	%D%/policy/policy_rule.c %D%/policy/policy_selector.c %D%/text/errno_name.c \
	%D%/text/line.c %D%/text/word.c %D%/vmm/vmm.c
