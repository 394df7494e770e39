/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the device says of itself, with every length of the argument. */
#include "contract.h"

#include <string.h>
#include <sys/ioctl.h>

static const uint32_t sizes[] = {
	0,  4,	8,  12, 15, 16, 17, 19, 20, 21, 23, 24, 25,
	28, 31, 32, 33, 36, 39, 40, 41, 44, 48, 64, 96, ~0U,
};

static void bad_pointers(int fd, const char *name, unsigned long request)
{
	contract_say("%s NULL: %s", name, contract_result(ioctl(fd, request, NULL)));
	contract_say("%s 8: %s", name, contract_result(ioctl(fd, request, contract_nowhere)));
}

/* The argument of hot reset ends with lists: those are part of misc. */
void contract_info(struct contract *c)
{
	static const uint32_t device[] = {0};
	int fd = c->u.device;

	for (size_t i = 0; i < COUNT(sizes); i++)
		contract_ioctl(fd, "GET_INFO", VFIO_DEVICE_GET_INFO, sizes[i], device, 1);
	bad_pointers(fd, "GET_INFO", VFIO_DEVICE_GET_INFO);
	for (uint32_t index = 0; index < 12; index++) {
		const uint32_t words[] = {0, index, 0x77};

		for (size_t i = 0; i < COUNT(sizes); i++)
			contract_ioctl(fd, "GET_REGION_INFO", VFIO_DEVICE_GET_REGION_INFO, sizes[i],
				       words, COUNT(words));
	}
	for (uint32_t index = 0; index < 8; index++) {
		const uint32_t words[] = {0, index};

		for (size_t i = 0; i < COUNT(sizes); i++)
			contract_ioctl(fd, "GET_IRQ_INFO", VFIO_DEVICE_GET_IRQ_INFO, sizes[i],
				       words, COUNT(words));
	}
	for (uint32_t index = ~0U; index > 0x7fffffff; index = index / 2 + 1) {
		const uint32_t words[] = {0, index, 0};

		contract_ioctl(fd, "GET_REGION_INFO", VFIO_DEVICE_GET_REGION_INFO, 32, words, 3);
		contract_ioctl(fd, "GET_IRQ_INFO", VFIO_DEVICE_GET_IRQ_INFO, 16, words, 2);
		if (index == 0x80000000)
			break;
	}
	bad_pointers(fd, "GET_REGION_INFO", VFIO_DEVICE_GET_REGION_INFO);
	bad_pointers(fd, "GET_IRQ_INFO", VFIO_DEVICE_GET_IRQ_INFO);
	contract_reopen(c);
}
