/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The table of VMMs: which row an executable has, and what a row says. */
#include <string.h>

#include "core/vmm/vmm.h"
#include "unit.h"

static struct word word_of(const char *text)
{
	return (struct word){text, strlen(text)};
}

static void test_programs(void **state)
{
	static const struct {
		const char *path, *name;
	} facts[] = {
		{"/usr/bin/qemu-system-x86_64", "qemu"},
		{"/usr/libexec/qemu-kvm", "qemu"},
		{"/usr/bin/kvm", "qemu"},
		{"/usr/bin/qemu-img", "none"},
		{"/usr/bin/kvm-ok", "none"},
		{"/usr/bin/lkvm", "kvmtool"},
		{"/usr/bin/lkvm-static", "kvmtool"},
		{"/opt/kvmtool/lkvm (deleted)", "kvmtool"},
		{"kvmtool", "kvmtool"},
		{"/usr/bin/dpdk-testpmd", "dpdk"},
		{"/opt/spdk/bin/nvmf_tgt", "spdk"},
		{"/opt/spdk/bin/spdk_tgt", "spdk"},
		{"/opt/spdk/bin/vhost", "spdk"},
		{"/usr/bin/cloud-hypervisor", "cloud-hypervisor"},
		{"/usr/bin/cloud-hypervisor-v53 (deleted)", "cloud-hypervisor"},
		{"/usr/bin/crosvm", "crosvm"},
		{"/home/user/.cargo/bin/alioth", "alioth"},
		{"/home/user/.cargo/bin/alioth-cli", "alioth"},
		{"/usr/bin/openvmm", "openvmm"},
		/* the last part of the path counts, from its start to its end */
		{"/opt/crosvm/bin/run", "none"},
		{"/opt/alioth/", "none"},
		{"/usr/bin/xcrosvm", "none"},
		{"/usr/bin/spdk_tgt2", "none"},
		{"/usr/bin/qemu-system", "none"},
		{"none", "none"},
		{"*", "none"},
		{" (deleted)", "none"},
		{"", "none"},
	};

	for (size_t i = 0; i < COUNT(facts); i++)
		assert_string_equal(vmm_by_program(word_of(facts[i].path))->name, facts[i].name);
}

/* Each row has a name that a rule can hold, no two the same one, and stands in the message. */
static void test_names(void **state)
{
	assert_true(vmm_count > 1);
	for (unsigned int i = 0; i < vmm_count; i++) {
		const struct vmm_traits *vmm = &vmm_table[i];

		assert_ptr_equal(vmm_by_name(word_of(vmm->name)), vmm);
		assert_int_equal(strcspn(vmm->name, " ,;=#\t\n"), strlen(vmm->name));
		assert_non_null(strstr(vmm_names, vmm->name));
		assert_true(strlen(vmm->programs) < sizeof(vmm->programs));
	}
	assert_null(vmm_by_name(word_of("firecracker")));
	assert_null(vmm_by_name(word_of("cros")));
	assert_null(vmm_by_name(word_of("Crosvm")));
	assert_null(vmm_by_name(word_of("")));
	assert_string_equal(vmm_none()->name, "none");
}

/* What was measured of each. */
static void test_traits(void **state)
{
	static const struct {
		const char *name;
		enum vmm_traps traps;
		enum vmm_caps caps;
		enum vmm_beyond beyond;
	} facts[] = {
		{"none", VMM_TRAPS_PAGES, VMM_CAPS_HEEDED, VMM_BEYOND_NEVER},
		{"qemu", VMM_TRAPS_PAGES, VMM_CAPS_HEEDED, VMM_BEYOND_NEVER},
		{"kvmtool", VMM_TRAPS_BAR, VMM_CAPS_IGNORED, VMM_BEYOND_NEVER},
		{"dpdk", VMM_TRAPS_NOTHING, VMM_CAPS_HEEDED, VMM_BEYOND_NEVER},
		{"dpdk-22", VMM_TRAPS_NOTHING, VMM_CAPS_IGNORED, VMM_BEYOND_SAFE},
		{"spdk", VMM_TRAPS_NOTHING, VMM_CAPS_HEEDED, VMM_BEYOND_NEVER},
		{"cloud-hypervisor", VMM_TRAPS_PAGES, VMM_CAPS_HEEDED, VMM_BEYOND_NEVER},
		{"crosvm", VMM_TRAPS_PAGES, VMM_CAPS_MAPS_TABLE, VMM_BEYOND_NEVER},
		{"alioth", VMM_TRAPS_MAPPABLE, VMM_CAPS_IGNORED, VMM_BEYOND_SAFE},
		{"openvmm", VMM_TRAPS_PAGES, VMM_CAPS_HEEDED, VMM_BEYOND_NEVER},
	};

	assert_int_equal(COUNT(facts), vmm_count);
	for (size_t i = 0; i < COUNT(facts); i++) {
		const struct vmm_traits *vmm = vmm_by_name(word_of(facts[i].name));

		assert_non_null(vmm);
		assert_int_equal(vmm->traps, facts[i].traps);
		assert_int_equal(vmm->caps, facts[i].caps);
		assert_int_equal(vmm->beyond, facts[i].beyond);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_programs),
		cmocka_unit_test(test_names),
		cmocka_unit_test(test_traits),
	};

	return cmocka_run_group_tests_name("vmm", tests, NULL, NULL);
}
