# SPDX-License-Identifier: GPL-2.0-or-later
# vmm: an unmodified QEMU. The tests skip themselves where there is none; not under a sanitizer,
# whose library would have to be preloaded into QEMU before ours.
if WITH_CLI
if !SANITIZED
TESTS += \
	%D%/demo.test %D%/differential.test %D%/dpdk.test %D%/generated.test %D%/hotplug.test \
	%D%/jail.test %D%/page.test %D%/plan.test %D%/qemu10-devices.test %D%/qemu10-fd.test \
	%D%/qemu10-generated.test %D%/qemu10-group.test %D%/qemu10-hotplug.test \
	%D%/qemu10-iommufd.test %D%/rescue.test %D%/run.test %D%/ways.test
check_PROGRAMS += %D%/differential %D%/hotplug
%C%_differential_SOURCES = \
	%D%/control.c %D%/diff.c %D%/diff_cfg.c %D%/diff_edges.c %D%/diff_interrupts.c \
	%D%/diff_layout.c %D%/diff_spawn.c %D%/diff_values.c %D%/differential.c %D%/generate.c \
	%D%/qmp_until.c %D%/root_port.c
%C%_hotplug_SOURCES = %D%/hotplug.c %D%/qmp_until.c
endif
endif
