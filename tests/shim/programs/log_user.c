/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * log_user calls|names|closed|kept|threads: a VMM under MSIXSHIM_LOG, over the SAS3008 of the fake.
 * Exit status 0 if all is well with the VMM; what the log says is the caller's to look at.
 *
 *   calls        one call of each kind
 *   names        calls on descriptors whose names are out of date or unknown, and on others
 *                VFIO's
 *   closed FILE  closes all descriptors but the device's, and opens FILE under each number of them
 *   kept FILE    prints what the log's descriptors of FILE are like
 *   threads FILE several open VFIO at once, before anything else; one descriptor of FILE is left
 */
#include <fcntl.h>
#include <linux/pci_regs.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#include "tests/lib/user.h"

#define BAR(n)	 ((off_t)(n) << 40)
#define CONFIG	 BAR(VFIO_PCI_CONFIG_REGION_INDEX)
#define PHYS	 0x10000
#define FD_LIMIT 1200
#define THREADS	 8

static struct user user;

static void region(uint32_t index, uint32_t argsz)
{
	_Alignas(8) char buf[128] = {0};
	struct vfio_region_info info = {.argsz = argsz, .index = index};

	memcpy(buf, &info, sizeof(info));
	ioctl(user.device, VFIO_DEVICE_GET_REGION_INFO, buf);
}

static void irqs(void)
{
	struct vfio_irq_info info = {.argsz = sizeof(info), .index = VFIO_PCI_MSIX_IRQ_INDEX};
	struct vfio_irq_set set = {
		.argsz = sizeof(set),
		.flags = VFIO_IRQ_SET_DATA_NONE | VFIO_IRQ_SET_ACTION_TRIGGER,
		.index = VFIO_PCI_MSIX_IRQ_INDEX,
	};

	ioctl(user.device, VFIO_DEVICE_GET_IRQ_INFO, &info);
	ioctl(user.device, VFIO_DEVICE_SET_IRQS, &set);
}

static void others(void)
{
	struct vfio_device_ioeventfd io = {
		.argsz = sizeof(io),
		.flags = VFIO_DEVICE_IOEVENTFD_32,
		.offset = (uint64_t)BAR(1) + 0x100,
		.data = 7,
		.fd = -1,
	};
	struct vfio_device_feature feature = {
		.argsz = sizeof(feature),
		.flags = VFIO_DEVICE_FEATURE_PROBE | VFIO_DEVICE_FEATURE_GET,
	};

	ioctl(user.device, VFIO_DEVICE_IOEVENTFD, &io);
	ioctl(user.device, VFIO_DEVICE_FEATURE, &feature);
	ioctl(user.device, VFIO_DEVICE_RESET, NULL);
	ioctl(user.device, VFIO_DEVICE_GET_INFO, (void *)8);
}

/* What it gives is in the log. */
static void get(size_t size, off_t at)
{
	uint8_t buf[24];
	ssize_t n = pread(user.device, buf, size, at);

	(void)n;
}

static void transfers(void)
{
	uint8_t buf[8] = {0};
	struct iovec iov[2] = {{buf, 4}, {buf + 4, 4}};
	uint32_t address = 0xfee00000;
	ssize_t n;

	get(4, CONFIG + PCI_BASE_ADDRESS_1);
	get(2, CONFIG + 0xc0 + PCI_MSIX_FLAGS);
	get(4, CONFIG + 0xc0 + PCI_MSIX_TABLE);
	get(24, CONFIG + PCI_BASE_ADDRESS_0);
	n = pwrite(user.device, &address, 4, BAR(1) + PHYS + 16);
	get(8, BAR(1) + PHYS + 16);
	get(4, BAR(1) + PHYS + 16 + 12);
	get(8, BAR(1) + PHYS + 0x600);
	get(4, BAR(1) + PHYS + 0x800);
	get(4, BAR(1) + 0xe000 + 8);
	get(1, BAR(1) + 2 * PHYS);
	n += preadv(user.device, iov, 2, BAR(1) + PHYS);
	(void)n;
}

static void map(size_t len, int flags, off_t at)
{
	void *p = mmap(NULL, len, PROT_READ | PROT_WRITE, flags, user.device, BAR(1) + at);

	if (p != MAP_FAILED)
		munmap(p, len);
}

static int calls(void)
{
	/* without what later headers have at its end */
	struct vfio_device_info info = {.argsz = 20};

	ioctl(user.device, VFIO_DEVICE_GET_INFO, &info);
	region(1, sizeof(struct vfio_region_info));
	region(1, 128);
	region(5, 128);
	irqs();
	others();
	transfers();
	map(PHYS, MAP_SHARED, 0);
	map(PHYS, MAP_SHARED_VALIDATE, 0);
	map(0x10000, MAP_SHARED, PHYS);
	close(dup(user.device));
	return 0;
}

/* The program sees no more of the log than numbers that it has not opened; it reuses them all. */
static int closed(const char *path)
{
	struct stat st;

	for (int fd = 3; fd < FD_LIMIT; fd++) {
		if (fd == user.device || fcntl(fd, F_GETFD) < 0)
			continue;

		int file = open(path, O_RDWR | O_CREAT, 0600);

		if (file < 0 || syscall(SYS_dup3, file, fd, O_CLOEXEC) != fd)
			return 3;
		syscall(SYS_close, file);
	}
	get(4, CONFIG);
	return stat(path, &st) == 0 && st.st_size == 0 ? 0 : 4;
}

/* The container's number is an ordinary file's then; what it was is known by its new one. */
static int names(void)
{
	struct vfio_group_status status = {.argsz = sizeof(status)};
	int null = open("/dev/null", O_RDWR), pending;
	int group = (int)syscall(SYS_dup, user.group);

	ioctl(group, VFIO_GROUP_GET_STATUS, &status);
	ioctl(null, VFIO_GET_API_VERSION);
	ioctl(null, FIONREAD, &pending);
	syscall(SYS_dup3, user.container, null, 0);
	syscall(SYS_dup3, user.group, user.container, 0);
	ioctl(null, VFIO_CHECK_EXTENSION, VFIO_TYPE1v2_IOMMU);
	ioctl(user.container, VFIO_GROUP_GET_STATUS, &status);
	return 0;
}

static pthread_barrier_t ready;

static void *open_container(void *arg)
{
	pthread_barrier_wait(&ready);
	close(open("/dev/vfio/vfio", O_RDWR));
	return NULL;
}

/* The lowest number of `path` from `from` on; -1 if there is none. */
static int descriptor_of(const char *path, int from)
{
	struct stat file, st;

	if (stat(path, &file) < 0)
		return -1;
	for (int fd = from; fd < FD_LIMIT; fd++)
		if (fstat(fd, &st) == 0 && st.st_dev == file.st_dev && st.st_ino == file.st_ino)
			return fd;
	return -1;
}

static int kept(const char *path)
{
	for (int fd = 3; (fd = descriptor_of(path, fd)) >= 0; fd++) {
		const int flags = fcntl(fd, F_GETFL);

		printf("%s%s%s%s\n", fd < 960 ? "low" : "high",
		       fcntl(fd, F_GETFD) == FD_CLOEXEC ? ", close-on-exec" : "",
		       flags & O_APPEND ? ", append" : "",
		       flags & O_NONBLOCK ? ", no waiting" : "");
	}
	return 0;
}

static int threads_first(const char *path)
{
	pthread_t threads[THREADS];

	pthread_barrier_init(&ready, NULL, THREADS);
	for (int i = 0; i < THREADS; i++) {
		if (pthread_create(&threads[i], NULL, open_container, NULL))
			return 2;
	}
	for (int i = 0; i < THREADS; i++)
		pthread_join(threads[i], NULL);

	const int fd = descriptor_of(path, 3);

	return fd >= 0 && descriptor_of(path, fd + 1) < 0 ? 0 : 3;
}

int main(int argc, char **argv)
{
	const char *what = argc > 1 ? argv[1] : "";

	user_close_range(3, ~0U, 0); /* what the caller left open would change the numbers */
	if (strcmp(what, "threads") == 0 && argc == 3)
		return threads_first(argv[2]);
	if (user_open(&user, USER_GROUP, USER_NAME) < 0)
		return 2;

	int rc = strcmp(what, "names") == 0		    ? names()
		 : strcmp(what, "closed") == 0 && argc == 3 ? closed(argv[2])
		 : strcmp(what, "kept") == 0 && argc == 3   ? kept(argv[2])
							    : calls();

	user_close(&user);
	return rc;
}
