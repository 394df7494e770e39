/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "iommufd_user.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

int iommu_open(void)
{
	int fd = open("/dev/iommu", O_RDWR | O_CLOEXEC);

	assert_true(fd >= 0);
	return fd;
}

uint64_t page(void)
{
	return (uint64_t)sysconf(_SC_PAGESIZE);
}

void *ram(size_t pages)
{
	void *p = mmap(NULL, pages * page(), PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS,
		       -1, 0);

	assert_ptr_not_equal(p, MAP_FAILED);
	return p;
}

uint32_t ioas_new(int iommu)
{
	struct abi_ioas_alloc alloc = {.size = sizeof(alloc)};

	assert_int_equal(result(ioctl(iommu, ABI_IOAS_ALLOC, &alloc)), 0);
	return alloc.out_ioas_id;
}

long destroy(int iommu, uint32_t id)
{
	struct abi_destroy d = {sizeof(d), id};

	return result(ioctl(iommu, ABI_DESTROY, &d));
}

long map(int iommu, uint32_t ioas, uint32_t flags, const void *va, uint64_t length, uint64_t *iova)
{
	struct abi_ioas_map m = {.size = sizeof(m),
				 .flags = flags,
				 .ioas_id = ioas,
				 .user_va = (uint64_t)(uintptr_t)va,
				 .length = length,
				 .iova = *iova};
	long ret = result(ioctl(iommu, ABI_IOAS_MAP, &m));

	*iova = m.iova;
	return ret;
}

long unmap(int iommu, uint32_t ioas, uint64_t iova, uint64_t *length)
{
	struct abi_ioas_unmap u = {sizeof(u), ioas, iova, *length};
	long ret = result(ioctl(iommu, ABI_IOAS_UNMAP, &u));

	*length = u.length;
	return ret;
}

long allow(int iommu, uint32_t ioas, const struct abi_range *ranges, uint32_t count)
{
	struct abi_allow_iovas a = {.size = sizeof(a),
				    .ioas_id = ioas,
				    .num_iovas = count,
				    .allowed_iovas = (uint64_t)(uintptr_t)ranges};

	return result(ioctl(iommu, ABI_IOAS_ALLOW_IOVAS, &a));
}

uint32_t iova_ranges(int iommu, uint32_t ioas, struct abi_range ranges[4], uint64_t *alignment)
{
	struct abi_iova_ranges r = {.size = sizeof(r),
				    .ioas_id = ioas,
				    .num_iovas = 4,
				    .allowed_iovas = (uint64_t)(uintptr_t)ranges};

	assert_int_equal(result(ioctl(iommu, ABI_IOAS_IOVA_RANGES, &r)), 0);
	*alignment = r.out_iova_alignment;
	return r.num_iovas;
}

long option(int iommu, uint32_t id, uint16_t op, uint32_t object, uint64_t *value)
{
	struct abi_option o = {
		.size = sizeof(o), .option_id = id, .op = op, .object_id = object, .val64 = *value};
	long ret = result(ioctl(iommu, ABI_OPTION, &o));

	*value = o.val64;
	return ret;
}

int node_open(const char *path)
{
	int fd = open(path, O_RDWR | O_CLOEXEC);

	assert_true(fd >= 0);
	return fd;
}

long bind_to(int device, int iommu, uint32_t *id)
{
	struct abi_bind b = {.argsz = sizeof(b), .iommufd = iommu};
	long ret = result(ioctl(device, ABI_BIND_IOMMUFD, &b));

	*id = b.out_devid;
	return ret;
}

int bound(const char *path, int iommu, uint32_t *id)
{
	int device = node_open(path);

	assert_int_equal(bind_to(device, iommu, id), 0);
	return device;
}

long attach(int device, uint32_t *pt)
{
	struct abi_attach a = {.argsz = sizeof(a), .pt_id = *pt};
	long ret = result(ioctl(device, ABI_ATTACH_IOMMUFD_PT, &a));

	*pt = a.pt_id;
	return ret;
}

long attach_to(int device, uint32_t pt)
{
	return attach(device, &pt);
}

long detach(int device)
{
	struct abi_detach d = {.argsz = sizeof(d)};

	return result(ioctl(device, ABI_DETACH_IOMMUFD_PT, &d));
}

long hwpt(int iommu, uint32_t device, uint32_t pt, uint32_t *id)
{
	struct abi_hwpt_alloc a = {.size = sizeof(a), .dev_id = device, .pt_id = pt};
	long ret = result(ioctl(iommu, ABI_HWPT_ALLOC, &a));

	*id = a.out_hwpt_id;
	return ret;
}

void assert_link(int fd, const char *expected)
{
	char path[64], target[64] = "";

	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	assert_true(readlink(path, target, sizeof(target) - 1) > 0);
	assert_string_equal(target, expected);
}

void assert_node(int fd, unsigned int major, unsigned int minor)
{
	struct stat st;

	assert_int_equal(fstat(fd, &st), 0);
	assert_true(S_ISCHR(st.st_mode));
	assert_int_equal(major(st.st_rdev), major);
	assert_int_equal(minor(st.st_rdev), minor);
}
