/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A BAR smaller than a page can be mapped if it is alone in its page: vfio_pci_probe_mmaps(). */
#include "tests/lib/vfio_user.h"

#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

static void test_alone(void **state)
{
	static const struct {
		const char *what;
		uint32_t flags;
	} rows[] = {
		{"BAR 1 is in its page", 3},
		{"it starts no page", 3},
		{"alone", 7},
		{"the ROM is in its page", 3},
		{"larger than a page", 7},
		{"BAR 0 of another device is in its page", 3},
	};
	struct user u = vfio_user_open("1", "0000:01:00.0");
	const size_t page = (size_t)sysconf(_SC_PAGESIZE);

	for (uint32_t i = 0; i < COUNT(rows); i++) {
		struct vfio_region_info info = {.argsz = sizeof(info), .index = i};
		bool maps = rows[i].flags & VFIO_REGION_INFO_FLAG_MMAP;
		void *p;

		assert_int_equal(ioctl(u.device, VFIO_DEVICE_GET_REGION_INFO, &info), 0);
		if (info.flags != rows[i].flags)
			fail_msg("BAR %u: flags %u: %s", i, info.flags, rows[i].what);
		p = mmap(NULL, page, PROT_READ, MAP_SHARED, u.device, AT(i, 0));
		assert_int_equal(p == MAP_FAILED ? -errno : 0, maps ? 0 : -EINVAL);
		if (p != MAP_FAILED)
			munmap(p, page);
	}
	user_close(&u);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_alone),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
