# SPDX-License-Identifier: GPL-2.0-or-later
# unit: core, desc and vfio in the test's own process, and parts of the command
if HAVE_CMOCKA
libtests_la_SOURCES += %D%/layouts.c %D%/mini_kernel.c %D%/unit.c
unit_tests = %D%/test_cfg_caps %D%/test_cfg_view %D%/test_choice %D%/test_choice_all \
	%D%/test_decision %D%/test_desc %D%/test_extent %D%/test_known %D%/test_lspci \
	%D%/test_lspci_damage %D%/test_lspci_forms %D%/test_lspci_many %D%/test_lspci_notes \
	%D%/test_lspci_old %D%/test_lspci_text %D%/test_lspci_unlike %D%/test_lspci_ways \
	%D%/test_msix %D%/test_pci_bdf %D%/test_pci_cfg %D%/test_plan %D%/test_plan_all \
	%D%/test_policy %D%/test_region_chain %D%/test_region_info %D%/test_stale %D%/test_styles \
	%D%/test_vfio %D%/test_vfio_edges %D%/test_vfio_facts %D%/test_vmm
%C%_test_lspci_many_LDFLAGS = $(AM_LDFLAGS) \
	-Wl,--wrap=word_line,--wrap=pci_bdf_compare,--wrap=calloc,--wrap=realloc
if WITH_CLI
unit_tests += %D%/test_elf %D%/test_layout %D%/test_mtree
endif
check_PROGRAMS += $(unit_tests)
TESTS += $(unit_tests)
endif
