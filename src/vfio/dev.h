/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One VFIO device under a plan: the calls of a VMM on its fds, as the VMM is to see them.
 *
 * The kernel is always asked first, with the caller's own arguments. Where it
 * answers, its answer is edited; where it says that there is nothing (at or
 * past the physical end of the target BAR) the emulation answers. This also proves,
 * at each emulated access, that the fd still is the device (stale.h).
 *
 * Calls may come from any thread. The lock of a device guards its table, its
 * configuration view and its reset set, and is never held over a system call.
 */
#ifndef MSIXSHIM_VFIO_DEV_H
#define MSIXSHIM_VFIO_DEV_H

#include <pthread.h>

#include "core/cfg_view.h"
#include "core/msix.h"
#include "core/pci_bdf.h"
#include "core/plan.h"
#include "vfio/ops.h"
#include "vfio/region_info.h"

#define VFIO_RESET_SET_MAX 64

/* More regions than any driver has; further ones are not looked at. */
#define VFIO_DEV_REGIONS 64

#define VFIO_DEV_NO_REGION UINT32_MAX

struct vfio_dev_region {
	uint64_t offset; /* on the device's fd */
	uint64_t size;
};

struct vfio_dev {
	const struct vfio_ops *ops;
	struct plan plan;
	struct region_style style;
	uint32_t nr_regions;
	struct vfio_dev_region region[VFIO_DEV_REGIONS]; /* the kernel's */
	struct pci_msix msix; /* the hardware's capability; pos 0: none */
	uint64_t config_offset;
	uint64_t config_size;
	/*
	 * What this device answered at the start to a read of the byte past configuration space: a
	 * count, or -errno. By it the fd is told from another file's: see stale_past_config().
	 */
	ssize_t past_config;
	struct region_info target; /* as shown */
	struct region_info
		old; /* as shown; index >= PCI_BARS: the target is the only region that changes */
	pthread_mutex_t lock;
	struct cfg_view cfg;
	/*
	 * What map=compose lets programs map of an extended BAR past vfio_dev_real_pages(): memory
	 * of the caller, zeroed, up to the end of the target; the table is in it. NULL: nothing can
	 * be mapped there. Set before the start.
	 */
	uint8_t *extension;
	struct msix_table table;
	uint8_t table_bytes[MSIX_TABLE_BYTES]; /* the table's, where it is not in `extension` */
	/* What a hot reset of this device resets, as the VMM was told; 0: it never asked. */
	uint32_t reset_count;
	uint32_t reset_set[VFIO_RESET_SET_MAX];
};

/* What a call did besides its result. */
struct vfio_effect {
	bool stale;	/* the fd is not this device: forget it */
	bool hot_reset; /* the devices of the reset set have been reset */
};

/* One read or write of the VMM. */
struct vfio_xfer {
	int fd;
	const struct iovec *iov;
	int iovcnt;
	uint64_t offset;
	bool write;
	bool vector; /* it came by a vector form */
};

/* Verdicts of vfio_dev_read_config(). */
#define VFIO_DEV_NOT_PCI   1 /* a platform device, for one */
#define VFIO_DEV_NO_HEADER 2 /* a PCI device, but not with a type-0 header */
#define VFIO_DEV_SILENT	   3 /* a PCI device that does not answer: ones are read */

/*
 * Reads regions and configuration space of the device that `fd` leads to: fills the regions and
 * msix of *dev, and cfg[0, dev->config_size). Nothing is written to the device.
 * 0, a verdict that is not an error, or the kernel's -errno.
 */

int vfio_dev_read_config(struct vfio_dev *dev, int fd, uint8_t cfg[PCI_CFG_EXT_SIZE]);

/*
 * Facts for a plan with pages of `page_size`, after vfio_dev_read_config() gave `cfg`. The
 * register of a BAR that reads 0 though the BAR has a size is told apart by writing ones,
 * reading and restoring it. 0, or the kernel's -errno.
 */
int vfio_dev_read_facts(const struct vfio_dev *dev, int fd, const uint8_t *cfg, uint64_t page_size,
			struct plan_facts *facts);

/*
 * Starts *dev on `plan`, after vfio_dev_read_config(): under PLAN_OFF all calls pass through
 * unchanged, but for the answer about the table's BAR with style->table_hide. `fd` is used during
 * the call only. 0, -E2BIG, or the kernel's -errno.
 */
int vfio_dev_start(struct vfio_dev *dev, int fd, const struct plan *plan,
		   const struct region_style *style, const uint8_t *cfg);

/*
 * Performs an ioctl. The kernel's result or -errno; -EFAULT also where a capability
 * chain has no place that can be written. Edited is the answer of
 * VFIO_DEVICE_GET_REGION_INFO for the target and the old table BAR. A successful
 * VFIO_DEVICE_RESET resets the table; VFIO_DEVICE_GET_PCI_HOT_RESET_INFO fills the
 * reset set, and VFIO_DEVICE_PCI_HOT_RESET reports that the set was reset. All else
 * passes through.
 */
int vfio_dev_ioctl(struct vfio_dev *dev, int fd, unsigned long request, void *arg,
		   struct vfio_effect *effect);

/*
 * Completes a read or write whose forwarded call gave `result` (a count or
 * -errno). Returns what the VMM is to get.
 */
ssize_t vfio_dev_complete(struct vfio_dev *dev, const struct vfio_xfer *x, ssize_t result,
			  struct vfio_effect *effect);

/*
 * Looks at an mmap of [offset, offset + len) that the kernel accepted: the kernel
 * never maps what the emulation adds, so success there shows a stale fd.
 */
void vfio_dev_mmap_done(const struct vfio_dev *dev, uint64_t offset, uint64_t len,
			struct vfio_effect *effect);

/*
 * The end of the pages of the target that hold a byte of the hardware's, with pages of
 * `page_size`: where the kernel's mappings of it end. 0 for a new BAR.
 */
uint64_t vfio_dev_real_pages(const struct plan *plan, uint64_t page_size);

/*
 * The answer that VFIO_DEVICE_GET_REGION_INFO gives for region `index` under the plan; NULL where
 * it is the kernel's.
 */
const struct region_info *vfio_dev_shown(const struct vfio_dev *dev, uint32_t index);

/* The device was reset: the table returns to its reset state, all else stays. */
void vfio_dev_reset(struct vfio_dev *dev);

/*
 * Whether a hot reset of `dev`, which is the function `self` (NULL: its address is not known),
 * resets `other`: one of the reset set, if the VMM asked for that with
 * VFIO_DEVICE_GET_PCI_HOT_RESET_INFO and it has at most VFIO_RESET_SET_MAX members; else what is
 * on the same bus. A hot reset stays in one segment, and the kernel's answer has only 16 bits of
 * the segment's number.
 */
bool vfio_dev_hot_resets(struct vfio_dev *dev, const struct pci_bdf *self,
			 const struct pci_bdf *other);

/*
 * The region that `offset` of the fd is in, or that it is past the end of: the one with the highest
 * start up to there. VFIO_DEV_NO_REGION if all start later.
 */
uint32_t vfio_dev_region_at(const struct vfio_dev *dev, uint64_t offset);

#endif
