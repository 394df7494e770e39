/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Resets, ioeventfds, features, what a file can do besides, and the group's own calls. */
#include "contract.h"

#include <fcntl.h>
#include <linux/pci_regs.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

static void tell_config(const struct contract *c, const char *when)
{
	uint8_t head[64];

	pread(c->u.device, head, sizeof(head), contract_pos(VFIO_PCI_CONFIG_REGION_INDEX, 0));
	contract_say("%s: %s", when, contract_hex(head, sizeof(head)));
}

/* Registers that a VMM set stay over a reset. */
static void resets(struct contract *c)
{
	const uint32_t ones = ~0U;

	for (unsigned int at = PCI_BASE_ADDRESS_0; at < PCI_BASE_ADDRESS_0 + 24; at += 4)
		pwrite(c->u.device, &ones, 4, contract_pos(VFIO_PCI_CONFIG_REGION_INDEX, at));
	tell_config(c, "before a reset");
	contract_say("RESET: %s", contract_result(ioctl(c->u.device, VFIO_DEVICE_RESET)));
	tell_config(c, "after a reset");
	contract_say("RESET, an argument: %s",
		     contract_result(ioctl(c->u.device, VFIO_DEVICE_RESET, 8)));
	contract_reopen(c);
	tell_config(c, "opened anew");
}

static void hot_resets(const struct contract *c)
{
	static const uint32_t sizes[] = {0, 11, 12, 13, 24, 28, 96};
	static const uint32_t words[] = {0, 0};

	for (size_t i = 0; i < COUNT(sizes); i++) {
		contract_ioctl(c->u.device, "GET_PCI_HOT_RESET_INFO",
			       VFIO_DEVICE_GET_PCI_HOT_RESET_INFO, sizes[i], words, 2);
		contract_ioctl(c->u.device, "PCI_HOT_RESET", VFIO_DEVICE_PCI_HOT_RESET, sizes[i],
			       words, 2);
	}
}

static void ioeventfd(const struct contract *c, uint32_t argsz, uint32_t flags, uint64_t pos,
		      int fd)
{
	struct vfio_device_ioeventfd arg = {
		.argsz = argsz, .flags = flags, .offset = pos, .fd = fd};

	contract_say("IOEVENTFD argsz %u, flags 0x%x, 0x%llx, fd %s: %s", argsz, flags,
		     (unsigned long long)pos,
		     fd < 0	  ? "none"
		     : fd == 9999 ? "bad"
				  : "good",
		     contract_result(ioctl(c->u.device, VFIO_DEVICE_IOEVENTFD, &arg)));
}

static void ioeventfds(const struct contract *c)
{
	static const uint32_t flags[] = {0, 1, 2, 3, 4, 8, 16, 12};
	int event = eventfd(0, EFD_CLOEXEC);

	for (unsigned int bar = 0; bar < 8; bar++) {
		const uint64_t size = c->region[bar].size;
		const uint64_t places[] = {0, 1, size - 4, size - 2, size};

		for (size_t i = 0; i < COUNT(places); i++) {
			if (places[i] >= 1ULL << 40)
				continue;
			for (size_t j = 0; j < COUNT(flags); j++) {
				const uint64_t pos = (uint64_t)contract_pos(bar, places[i]);

				if (flags[j] == 8) /* differs between kernels */
					continue;
				ioeventfd(c, 32, flags[j], pos, -1);
				ioeventfd(c, 32, flags[j], pos, 9999);
				ioeventfd(c, 32, flags[j], pos, event);
				ioeventfd(c, 32, flags[j], pos, event);
				ioeventfd(c, 32, flags[j], pos, -1);
				ioeventfd(c, 32, flags[j], pos, -2);
			}
		}
	}
	for (uint64_t at = c->table ? c->table - 4 : 0; c->msix && at < c->table + 8; at += 2) {
		ioeventfd(c, 32, 4, (uint64_t)contract_pos(c->table_bir, at), event);
		ioeventfd(c, 32, 4, (uint64_t)contract_pos(c->table_bir, at), -1);
	}
	ioeventfd(c, 27, 4, 0, event);
	ioeventfd(c, 28, 4, 0, -1);
	close(event);
}

/* 11 and above are of newer kernels. */
static void features(const struct contract *c)
{
	for (uint32_t feature = 0; feature < 12; feature++) {
		for (uint32_t how = 0; how < 8; how++) {
			const uint32_t words[] = {how << 16 | feature};

			if (!(how & 4) && feature >= 3 && feature <= 5) /* low power: a state */
				continue;
			contract_ioctl(c->u.device, "FEATURE", VFIO_DEVICE_FEATURE, 8, words, 1);
			contract_ioctl(c->u.device, "FEATURE", VFIO_DEVICE_FEATURE, 24, words, 1);
		}
	}
	contract_ioctl(c->u.device, "FEATURE", VFIO_DEVICE_FEATURE, 7, (const uint32_t[]){0}, 1);
}

static void files(const struct contract *c)
{
	uint8_t b[64];

	memset(b, 0xa5, sizeof(b));
	contract_say("lseek: %s", contract_result(lseek(c->u.device, 0, SEEK_SET)));
	contract_say("pread of nothing: %s", contract_result(pread(c->u.device, NULL, 0, 0)));
	contract_say("pread below 0: %s", contract_result(pread(c->u.device, b, 4, -1)));
	contract_say("pread at the far end: %s",
		     contract_result(pread(c->u.device, b, 4, 0x7ffffffffffffff0LL)));
	contract_say("ftruncate: %s", contract_result(ftruncate(c->u.device, 0)));
	contract_say("O_CLOEXEC: %s", contract_result(fcntl(c->u.device, F_GETFD)));
	contract_say("flags: %s", contract_result(fcntl(c->u.device, F_GETFL) & O_ACCMODE));
}

/* Numbers that mean something on another kind of file, or nothing yet. */
static void numbers(const struct contract *c)
{
	static const int mine[] = {107, 108, 109, 110, 111, 112, 113, 116, 117};

	for (int nr = 99; nr < 140; nr++) {
		bool known = false;

		for (size_t i = 0; i < COUNT(mine); i++)
			known |= mine[i] == nr;
		if (!known)
			contract_say("device: ioctl %d: %s", nr,
				     contract_result(ioctl(c->u.device, _IO(VFIO_TYPE, nr), NULL)));
		if (nr != 105 && nr != 104)
			contract_say("group: ioctl %d: %s", nr,
				     contract_result(ioctl(c->u.group, _IO(VFIO_TYPE, nr), NULL)));
		if (nr < 112 && nr != 102)
			contract_say(
				"container: ioctl %d: %s", nr,
				contract_result(ioctl(c->u.container, _IO(VFIO_TYPE, nr), NULL)));
	}
	for (unsigned long ext = 0; ext < 16; ext++)
		contract_say("extension %lu: %s", ext,
			     contract_result(ioctl(c->u.container, VFIO_CHECK_EXTENSION, ext)));
}

static void groups(const struct contract *c)
{
	static const char *const names[] = {"", "x", "0000:ff:1f.7",
					    "0000:00:00.0 vf_token=", "../x"};
	char path[64];

	for (size_t i = 0; i < COUNT(names); i++)
		contract_say(
			"GET_DEVICE_FD '%s': %s", names[i],
			contract_result(ioctl(c->u.group, VFIO_GROUP_GET_DEVICE_FD, names[i])));
	contract_say("GET_DEVICE_FD 8: %s",
		     contract_result(ioctl(c->u.group, VFIO_GROUP_GET_DEVICE_FD, 8)));

	int again = ioctl(c->u.group, VFIO_GROUP_GET_DEVICE_FD, c->name);

	contract_say("GET_DEVICE_FD again: %s", contract_result(again < 0 ? -1 : 0));
	close(again);
	snprintf(path, sizeof(path), "/dev/vfio/%s", c->group);
	contract_say("open the group again: %s", contract_result(open(path, O_RDWR)));
	contract_say("SET_CONTAINER again: %s",
		     contract_result(ioctl(c->u.group, VFIO_GROUP_SET_CONTAINER, &c->u.container)));
	contract_say("UNSET_CONTAINER with a device: %s",
		     contract_result(ioctl(c->u.group, VFIO_GROUP_UNSET_CONTAINER)));
	for (uint32_t argsz = 0; argsz < 16; argsz += 4)
		contract_ioctl(c->u.group, "GROUP_GET_STATUS", VFIO_GROUP_GET_STATUS, argsz,
			       (const uint32_t[]){0}, 1);
}

void contract_misc(struct contract *c)
{
	resets(c);
	hot_resets(c);
	contract_reopen(c);
	ioeventfds(c);
	contract_reopen(c);
	features(c);
	files(c);
	numbers(c);
	contract_reopen(c);
	groups(c);
	contract_reopen(c);
}
