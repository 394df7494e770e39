# SPDX-License-Identifier: GPL-2.0-or-later
# lab: the real vfio-pci, in an emulated machine: make check-kernel(-full)
if WITH_CLI
# what takes long, and so begins first: make check-kernel-full
TESTS += \
	%D%/alioth.test %D%/guests_debian12.test %D%/guests_tcg.test %D%/guests_tcg_iommufd.test %D%/pseries.test
TESTS += \
	%D%/contract.test %D%/events.test %D%/faults.test %D%/guests.test %D%/guests_iommufd.test \
	%D%/kvmtool.test %D%/pages.test %D%/view.test %D%/vmms.test
check_PROGRAMS += %D%/contract %D%/faults %D%/kvmtool %D%/terminal
%C%_contract_SOURCES = \
	%D%/contract.c %D%/contract_bars.c %D%/contract_config.c %D%/contract_info.c \
	%D%/contract_irqs.c %D%/contract_misc.c
endif
