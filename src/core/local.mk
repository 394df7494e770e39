# SPDX-License-Identifier: GPL-2.0-or-later
# core: pure; what a device says, and where its MSI-X structures go
noinst_LTLIBRARIES += libcore.la
libcore_la_SOURCES = \
	%D%/align.h \
	%D%/cfg_view.c %D%/cfg_view.h \
	%D%/choice.c %D%/choice.h %D%/choice_text.c \
	%D%/decision.c %D%/decision.h \
	%D%/errno_name.c %D%/errno_name.h \
	%D%/extent.c %D%/extent.h \
	%D%/known.c %D%/known.h \
	%D%/le.h \
	%D%/libc_gaps.h \
	%D%/line.c %D%/line.h \
	%D%/msix.c %D%/msix.h \
	%D%/msix_place.c %D%/msix_place.h \
	%D%/pci_bdf.c %D%/pci_bdf.h \
	%D%/pci_cfg.c %D%/pci_cfg.h \
	%D%/plan.c %D%/plan.h \
	%D%/policy.c %D%/policy.h %D%/policy_priv.h %D%/policy_rule.c %D%/policy_selector.c \
	%D%/word.c %D%/word.h
