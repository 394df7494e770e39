/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What programs say to /dev/iommu and to a device's own node, as far as the fake knows it:
 * <linux/iommufd.h> of Linux 6.14, and what <linux/vfio.h> has from Linux 6.6 on. Debian 12's
 * headers have nothing of either, and later ones differ in how long the structures are; so
 * names of the fake's own.
 */
#ifndef FAKE_ABI_H
#define FAKE_ABI_H

#include <linux/ioctl.h>
#include <linux/vfio.h>
#include <stdint.h>

#define ABI_DESTROY	     _IO(';', 0x80)
#define ABI_IOAS_ALLOC	     _IO(';', 0x81)
#define ABI_IOAS_ALLOW_IOVAS _IO(';', 0x82)
#define ABI_IOAS_COPY	     _IO(';', 0x83)
#define ABI_IOAS_IOVA_RANGES _IO(';', 0x84)
#define ABI_IOAS_MAP	     _IO(';', 0x85)
#define ABI_IOAS_UNMAP	     _IO(';', 0x86)
#define ABI_OPTION	     _IO(';', 0x87)
#define ABI_VFIO_IOAS	     _IO(';', 0x88)
#define ABI_HWPT_ALLOC	     _IO(';', 0x89)
#define ABI_GET_HW_INFO	     _IO(';', 0x8a)
#define ABI_IOAS_MAP_FILE    _IO(';', 0x8f)

/* Each starts with its own size in bytes, which the caller gives. */
struct abi_destroy {
	uint32_t size;
	uint32_t id;
};

struct abi_ioas_alloc {
	uint32_t size;
	uint32_t flags;
	uint32_t out_ioas_id;
};

struct abi_range {
	uint64_t start;
	uint64_t last;
};

struct abi_iova_ranges {
	uint32_t size;
	uint32_t ioas_id;
	uint32_t num_iovas;
	uint32_t reserved;
	uint64_t allowed_iovas; /* address of struct abi_range[num_iovas] */
	uint64_t out_iova_alignment;
};

struct abi_allow_iovas {
	uint32_t size;
	uint32_t ioas_id;
	uint32_t num_iovas;
	uint32_t reserved;
	uint64_t allowed_iovas; /* address of struct abi_range[num_iovas] */
};

#define ABI_MAP_FIXED	  (1u << 0)
#define ABI_MAP_WRITEABLE (1u << 1)
#define ABI_MAP_READABLE  (1u << 2)

struct abi_ioas_map {
	uint32_t size;
	uint32_t flags;
	uint32_t ioas_id;
	uint32_t reserved;
	uint64_t user_va;
	uint64_t length;
	uint64_t iova;
};

struct abi_ioas_map_file {
	uint32_t size;
	uint32_t flags;
	uint32_t ioas_id;
	int32_t fd;
	uint64_t start;
	uint64_t length;
	uint64_t iova;
};

struct abi_ioas_copy {
	uint32_t size;
	uint32_t flags;
	uint32_t dst_ioas_id;
	uint32_t src_ioas_id;
	uint64_t length;
	uint64_t dst_iova;
	uint64_t src_iova;
};

struct abi_ioas_unmap {
	uint32_t size;
	uint32_t ioas_id;
	uint64_t iova;
	uint64_t length;
};

#define ABI_OPTION_RLIMIT_MODE 0
#define ABI_OPTION_HUGE_PAGES  1
#define ABI_OPTION_SET	       0
#define ABI_OPTION_GET	       1

struct abi_option {
	uint32_t size;
	uint32_t option_id;
	uint16_t op;
	uint16_t reserved;
	uint32_t object_id;
	uint64_t val64;
};

#define ABI_VFIO_IOAS_GET   0
#define ABI_VFIO_IOAS_SET   1
#define ABI_VFIO_IOAS_CLEAR 2

struct abi_vfio_ioas {
	uint32_t size;
	uint32_t ioas_id;
	uint16_t op;
	uint16_t reserved;
};

struct abi_hwpt_alloc {
	uint32_t size;
	uint32_t flags;
	uint32_t dev_id;
	uint32_t pt_id;
	uint32_t out_hwpt_id;
	uint32_t reserved;
	uint32_t data_type;
	uint32_t data_len;
	uint64_t data_uptr;
	uint32_t fault_id;
	uint32_t reserved2;
};

struct abi_hw_info {
	uint32_t size;
	uint32_t flags;
	uint32_t dev_id;
	uint32_t data_len;
	uint64_t data_uptr;
	uint32_t out_data_type;
	uint8_t out_max_pasid_log2;
	uint8_t reserved[3];
	uint64_t out_capabilities;
};

/* <linux/vfio.h>: what is asked of a device that was opened by its own node. */
#define ABI_BIND_IOMMUFD      _IO(VFIO_TYPE, VFIO_BASE + 18)
#define ABI_ATTACH_IOMMUFD_PT _IO(VFIO_TYPE, VFIO_BASE + 19)
#define ABI_DETACH_IOMMUFD_PT _IO(VFIO_TYPE, VFIO_BASE + 20)

struct abi_bind {
	uint32_t argsz;
	uint32_t flags;
	int32_t iommufd;
	uint32_t out_devid;
};

struct abi_attach {
	uint32_t argsz;
	uint32_t flags;
	uint32_t pt_id;
};

struct abi_detach {
	uint32_t argsz;
	uint32_t flags;
};

#define ABI_HOT_RESET_DEV_ID	   (1u << 0)
#define ABI_HOT_RESET_DEV_ID_OWNED (1u << 1)
#define ABI_DEVID_OWNED		   0u
#define ABI_DEVID_NOT_OWNED	   UINT32_MAX

#endif
