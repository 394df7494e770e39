/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Prints all that a VFIO user can see of a device: answers, data, errno. What two
 * runs print is to be equal where the shim must not be seen; a guarded page behind
 * each argument turns any access beyond it into a crash.
 */
#include <errno.h>
#include <inttypes.h>
#include <linux/pci_regs.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/uio.h>
#include <unistd.h>

#include "surface.h"
#include "tests/lib/user.h"

static struct user user;
static uint8_t *guarded; /* two pages; the one behind them cannot be touched */
static long page;
static void *volatile nowhere = (void *)8;

/* Memory of `size` bytes that ends where a fault starts. */
static void *tail(size_t size)
{
	return guarded + 2 * page - size;
}

static void print_bytes(const char *what, ssize_t n, const uint8_t *p)
{
	printf("%s = %zd", what, n);
	if (n < 0)
		printf(" errno %d", errno);
	for (ssize_t i = 0; i < n; i++)
		printf("%s%02x", i ? "" : " ", p[i]);
	printf("\n");
}

/*
 * Makes a field of the kernel's structures little-endian, so that the same is printed on every
 * machine. One that is not all within `size` bytes is not touched.
 */
static void to_le(uint8_t *p, size_t size, size_t at, size_t width)
{
	if (__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__ || at + width > size)
		return;
	for (size_t i = 0; i < width / 2; i++) {
		uint8_t other = p[at + i];

		p[at + i] = p[at + width - 1 - i];
		p[at + width - 1 - i] = other;
	}
}

static void words_to_le(uint8_t *p, size_t size)
{
	for (size_t at = 0; at < size; at += 4)
		to_le(p, size, at, 4);
}

/* The fields of the capability at `at`; returns where the next one is, or 0. */
static size_t cap_to_le(uint8_t *p, size_t size, size_t at)
{
	struct vfio_region_info_cap_sparse_mmap cap = {.nr_areas = 0};
	const size_t len = at < size && size - at < sizeof(cap) ? size - at : sizeof(cap);

	if (at >= size)
		return 0;
	memcpy(&cap, p + at, len);
	to_le(p, size, at, 2);
	to_le(p, size, at + 2, 2);
	to_le(p, size, at + 4, 4);
	if (cap.header.id == VFIO_REGION_INFO_CAP_SPARSE_MMAP) {
		to_le(p, size, at + 8, 4);
		for (size_t i = 0; i < 2 * (size_t)cap.nr_areas && at + i * 8 < size; i++)
			to_le(p, size, at + sizeof(cap) + i * 8, 8);
	}
	return cap.header.next;
}

static void region_info_to_le(uint8_t *p, size_t size)
{
	struct vfio_region_info info;

	memcpy(&info, p, sizeof(info));
	words_to_le(p, 16);
	to_le(p, size, offsetof(struct vfio_region_info, size), 8);
	to_le(p, size, offsetof(struct vfio_region_info, offset), 8);
	/* a capability that is not told any more may still be where it was */
	bool told = (info.flags & VFIO_REGION_INFO_FLAG_CAPS) && info.cap_offset;
	size_t at = told ? info.cap_offset : sizeof(info);

	while (at >= sizeof(info))
		at = cap_to_le(p, size, at);
}

static void show_region_info(uint32_t index)
{
	for (uint32_t argsz = 0; argsz <= 96; argsz += 8) {
		struct vfio_region_info *info = tail(argsz < 32 ? 32 : argsz);

		memset(info, 0xa5, argsz < 32 ? 32 : argsz);
		info->argsz = argsz;
		info->index = index;

		int rc = ioctl(user.device, VFIO_DEVICE_GET_REGION_INFO, info);
		char what[32];

		snprintf(what, sizeof(what), "region %u argsz %u rc %d", index, argsz, rc);
		if (rc == 0)
			region_info_to_le((uint8_t *)info, argsz);
		print_bytes(what, rc < 0 ? -1 : (ssize_t)argsz, (const uint8_t *)info);
	}
}

static void show_config(void)
{
	struct vfio_region_info r = user_region(&user, VFIO_PCI_CONFIG_REGION_INDEX);
	uint8_t *whole = tail(r.size <= 256 ? r.size : 256);

	print_bytes("config", pread(user.device, whole, 256, (off_t)r.offset), whole);
	for (uint32_t len = 1; len <= 8; len++) {
		for (uint64_t pos = 0; pos < 256; pos += len) {
			uint8_t *p = tail(len);
			char what[40];

			snprintf(what, sizeof(what), "config %" PRIu64 "+%u", pos, len);
			print_bytes(what, pread(user.device, p, len, (off_t)(r.offset + pos)), p);
		}
	}
	print_bytes("config end", pread(user.device, whole, 8, (off_t)(r.offset + r.size - 4)),
		    whole);
}

/* Ones into each register in pieces of `width` bytes, and back. */
static void show_sizing(uint32_t width)
{
	struct vfio_region_info r = user_region(&user, VFIO_PCI_CONFIG_REGION_INDEX);
	uint8_t before[24], ones[8], now[24];
	off_t bars = (off_t)r.offset + PCI_BASE_ADDRESS_0;

	memset(ones, 0xff, sizeof(ones));
	print_bytes("bars", pread(user.device, before, 24, bars), before);
	for (off_t i = 0; i < 24; i += width)
		if (pwrite(user.device, ones, width, bars + i) != width)
			printf("sizing write at %ld: errno %d\n", (long)i, errno);
	print_bytes("sized", pread(user.device, now, 24, bars), now);
	print_bytes("restored", pwrite(user.device, before, 24, bars), before);
}

static void show_access(const struct vfio_region_info *r, uint64_t pos, uint32_t len)
{
	uint8_t *p = tail(len);
	char what[64];

	memset(p, 0, len);
	snprintf(what, sizeof(what), "read %u:0x%" PRIx64 "+%u", r->index, pos, len);
	print_bytes(what, pread(user.device, p, len, (off_t)(r->offset + pos)), p);

	struct iovec iov[2] = {{p, len / 2}, {p + len / 2, len - len / 2}};

	memset(p, 0, len);
	snprintf(what, sizeof(what), "readv %u:0x%" PRIx64 "+%u", r->index, pos, len);
	print_bytes(what, preadv(user.device, iov, 2, (off_t)(r->offset + pos)), p);
}

static void show_bar(uint32_t index)
{
	struct vfio_region_info r = user_region(&user, index);
	const uint64_t edges[] = {0, 0x1000, r.size / 2, r.size, 2 * r.size, 4 * r.size};

	for (size_t i = 0; i < sizeof(edges) / sizeof(edges[0]); i++) {
		for (uint32_t len = 1; len <= 16; len *= 2) {
			show_access(&r, edges[i], len);
			if (edges[i] >= len)
				show_access(&r, edges[i] - len / 2, len);
		}
	}
	print_bytes("bad buffer", pread(user.device, nowhere, 4, (off_t)r.offset), guarded);
	print_bytes("no bytes", pread(user.device, NULL, 0, (off_t)(r.offset + 2 * r.size)),
		    guarded);
}

static void show_map(uint32_t index, uint64_t at, uint64_t len, int flags)
{
	struct vfio_region_info r = user_region(&user, index);
	uint8_t *p =
		mmap(NULL, len, PROT_READ | PROT_WRITE, flags, user.device, (off_t)(r.offset + at));

	printf("mmap %u:0x%" PRIx64 "+0x%" PRIx64 " flags %d: ", index, at, len, flags);
	if (p == MAP_FAILED) {
		printf("errno %d\n", errno);
		return;
	}
	printf("%02x%02x%02x%02x\n", p[0], p[1], p[2], p[3]);
	munmap(p, len);
}

static void show_maps(uint32_t index)
{
	struct vfio_region_info r = user_region(&user, index);
	uint64_t size = r.size > 1 << 20 ? 1 << 20 : r.size;

	show_map(index, 0, (uint64_t)page, MAP_SHARED);
	show_map(index, 0, (uint64_t)page, MAP_PRIVATE);
	show_map(index, 0, size ? size : 1, MAP_SHARED);
	show_map(index, 0, 2 * r.size + 1, MAP_SHARED);
	show_map(index, r.size, (uint64_t)page, MAP_SHARED);
}

static void show_ioctl(const char *what, unsigned long request, void *arg)
{
	int rc = ioctl(user.device, request, arg);

	printf("%s = %d errno %d\n", what, rc, rc < 0 ? errno : 0);
}

static void show_ioeventfd(uint32_t index, uint64_t pos)
{
	struct vfio_region_info r = user_region(&user, index);
	struct vfio_device_ioeventfd io = {
		.argsz = sizeof(io),
		.flags = VFIO_DEVICE_IOEVENTFD_32,
		.offset = r.offset + pos,
		.fd = -1,
	};

	printf("at %u:0x%" PRIx64 " ", index, pos);
	show_ioctl("ioeventfd", VFIO_DEVICE_IOEVENTFD, &io);
}

static void show_irqs(void)
{
	int32_t fd = eventfd(0, EFD_CLOEXEC);
	struct vfio_irq_set *set = tail(sizeof(*set) + sizeof(fd));
	struct vfio_irq_set mask = {
		.argsz = sizeof(mask),
		.flags = VFIO_IRQ_SET_DATA_NONE | VFIO_IRQ_SET_ACTION_MASK,
		.index = VFIO_PCI_MSIX_IRQ_INDEX,
		.count = 1,
	};

	*set = mask;
	set->argsz = sizeof(*set) + sizeof(fd);
	set->flags = VFIO_IRQ_SET_DATA_EVENTFD | VFIO_IRQ_SET_ACTION_TRIGGER;
	memcpy(set->data, &fd, sizeof(fd));
	show_ioctl("irqs on", VFIO_DEVICE_SET_IRQS, set);
	show_ioctl("irqs mask", VFIO_DEVICE_SET_IRQS, &mask);
	show_config();
	mask.flags = VFIO_IRQ_SET_DATA_NONE | VFIO_IRQ_SET_ACTION_TRIGGER;
	mask.count = 0;
	show_ioctl("irqs off", VFIO_DEVICE_SET_IRQS, &mask);
	close(fd);
}

/* What no target changes: as long as the caller says, and no byte longer. (trap K25) */
static void show_infos(void)
{
	for (uint32_t argsz = 12; argsz <= 40; argsz += 4) {
		struct vfio_device_info *info = tail(argsz < 16 ? 16 : argsz);
		char what[40];

		memset(info, 0xa5, argsz < 16 ? 16 : argsz);
		info->argsz = argsz;
		snprintf(what, sizeof(what), "info argsz %u", argsz);

		int rc = ioctl(user.device, VFIO_DEVICE_GET_INFO, info);

		words_to_le((uint8_t *)info, argsz);
		print_bytes(what, rc < 0 ? -1 : (ssize_t)argsz, (const uint8_t *)info);
	}
	for (uint32_t index = 0; index < 6; index++) {
		struct vfio_irq_info *info = tail(sizeof(*info));
		char what[40];

		*info = (struct vfio_irq_info){.argsz = sizeof(*info), .index = index};
		snprintf(what, sizeof(what), "irq %u", index);

		int rc = ioctl(user.device, VFIO_DEVICE_GET_IRQ_INFO, info);

		words_to_le((uint8_t *)info, sizeof(*info));
		print_bytes(what, rc < 0 ? -1 : (ssize_t)sizeof(*info), (const uint8_t *)info);
	}
}

static void show_features(void)
{
	for (uint32_t flag = VFIO_DEVICE_FEATURE_GET; flag <= VFIO_DEVICE_FEATURE_PROBE;
	     flag <<= 1) {
		for (uint32_t id = 0; id < 16; id++) {
			uint8_t *p = tail(64);
			struct vfio_device_feature feature = {.argsz = 64, .flags = flag | id};
			char what[40];

			memset(p, 0, 64);
			memcpy(p, &feature, sizeof(feature));

			int rc = ioctl(user.device, VFIO_DEVICE_FEATURE, p);

			words_to_le(p, sizeof(feature));
			snprintf(what, sizeof(what), "feature 0x%x rc %d", feature.flags, rc);
			print_bytes(what, rc < 0 ? -1 : 64, p);
		}
	}
}

static void show_odd_ioctls(void)
{
	struct winsize size = {0};

	for (unsigned long nr = VFIO_BASE; nr < VFIO_BASE + 32; nr++) {
		printf("%lu ", nr);
		show_ioctl("no argument", _IO(VFIO_TYPE, nr), NULL);
		printf("%lu ", nr);
		show_ioctl("bad argument", _IO(VFIO_TYPE, nr), nowhere);
	}
	show_ioctl("sign-extended", (unsigned long)(int)VFIO_DEVICE_RESET, NULL);
	show_ioctl("not VFIO's", TIOCGWINSZ, &size);
}

static void show(void)
{
	show_config();
	for (uint32_t width = 1; width <= 8; width *= 2)
		show_sizing(width);
	for (uint32_t index = 0; index < 12; index++)
		show_region_info(index);
	for (uint32_t index = 0; index < PCI_STD_NUM_BARS; index++) {
		show_bar(index);
		show_maps(index);
		show_ioeventfd(index, 0);
		show_ioeventfd(index, user_region(&user, index).size);
	}
	show_irqs();
	show_infos();
	show_features();
	show_odd_ioctls();
	show_config();
}

int surface_show(const char *group, const char *name)
{
	page = sysconf(_SC_PAGESIZE);
	guarded = mmap(NULL, (size_t)(3 * page), PROT_READ | PROT_WRITE,
		       MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (guarded == MAP_FAILED || mprotect(guarded + 2 * page, (size_t)page, PROT_NONE) < 0)
		return 1;
	if (user_open(&user, group, name) < 0) {
		printf("no device: errno %d\n", errno);
		return 1;
	}
	show();
	user_close(&user);
	munmap(guarded, (size_t)(3 * page));
	return 0;
}
