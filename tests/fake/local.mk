# SPDX-License-Identifier: GPL-2.0-or-later
# fake: what the kernel does
check_PROGRAMS += %D%/lock %D%/show
TESTS += %D%/lock.test %D%/outside.test %D%/state.test
if HAVE_CMOCKA
fake_tests = \
	%D%/test_cdev %D%/test_crowded %D%/test_device %D%/test_feature %D%/test_hwpt %D%/test_iommufd \
	%D%/test_iommufd_vfio %D%/test_irqs %D%/test_mapping %D%/test_process %D%/test_share
# asks for more bytes than its buffers have, which is libc's to punish where it is fortified
%C%_test_device_CFLAGS = $(AM_CFLAGS) -U_FORTIFY_SOURCE
check_PROGRAMS += $(fake_tests) %D%/test_group
TESTS += $(fake_tests) %D%/group.test
endif
