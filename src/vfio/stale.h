/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The proofs that an fd is not the device any more.
 *
 * A program may close an fd and use its number again where no wrapper sees it: by fclose(), by raw
 * system calls, in another process. Such a stale fd must never make the shim touch another
 * file's data. Each call is made to the kernel first, unchanged; its answer is the proof. Only at
 * the two calls marked with * the shim reads one byte more to get one.
 *
 * call                       | stale if                  | why: the device, and another file
 * ---------------------------|---------------------------|----------------------------------------
 * read or write at or past   | any count, 0 included;    | vfio_pci_bar_rw() gives EINVAL. A file
 * the end of what the        | ESPIPE, EISDIR, EBADF     | has data or its end there; pipes and
 * hardware has of the target |                           | sockets give ESPIPE, a directory EISDIR
 *                            |                           |
 * one that starts before     | more bytes than there are | vfio_pci_bar_rw() stops at the end. A
 * that end and goes past     | up to it; or as above,    | file may be as short, but a read at its
 * it *                       | for a read at the end     | end gives 0
 *                            |                           |
 * read or write of           | more bytes than there are | vfio_config_do_rw() refuses what does
 * configuration space        | up to its end             | not fit; a huge file has them
 *                            |                           |
 * one that the view edits    | a read of the byte past   | The driver's answer is known from the
 * or notes *                 | the end: not the answer   | start (EFAULT of vfio-pci). A file has
 *                            | that the device gave      | data or its end there
 *                            |                           |
 * mmap of the target past    | success                   | vfio_pci_core_mmap() gives EINVAL; a
 * the real pages             |                           | file can be mapped anywhere
 *                            |                           |
 * VFIO_DEVICE_GET_INFO,      | ENOTTY                    | All drivers of VFIO devices know these
 * GET_REGION_INFO and        |                           | three; other files do not
 * GET_IRQ_INFO               |                           |
 *                            |                           |
 * GET_REGION_INFO of a       | another offset than       | Regions do not move; those of another
 * region that the plan       | before                    | VFIO device may be elsewhere
 * changes                    |                           |
 *                            |                           |
 * VFIO_DEVICE_PCI_HOT_RESET  | success with flags        | It was VFIO_IOMMU_MAP_DMA, of a
 *                            |                           | container: see stale.c
 *
 * What passes unseen: a file opened with O_DIRECT, which also gives EINVAL, and another VFIO PCI
 * device (msixshim(7), LIMITS).
 */
#ifndef MSIXSHIM_STALE_H
#define MSIXSHIM_STALE_H

#include "vfio/dev.h"

enum stale {
	STALE_NO,      /* it is the device, which has nothing at that place */
	STALE_YES,     /* it is another file */
	STALE_UNKNOWN, /* an error on the way there, which any fd may give */
};

/*
 * By `result`, a count or -errno, of a read or write of some bytes that started at or past the end
 * of what the hardware has of the target. Not for a call that asked for no bytes, or one whose
 * vector the kernel refuses: those are answered alike for any file.
 */
enum stale stale_past_end(ssize_t result);

/* By `count` transferred bytes where the device has `room` bytes up to an end. */
bool stale_count(uint64_t count, uint64_t room);

/*
 * By `result` of a read of one byte past configuration space, which gave `at_start` on the device.
 * A driver that has data there, at_start >= 0, tells nothing by it: never stale.
 */
bool stale_past_config(ssize_t result, ssize_t at_start);

/* By a successful mmap of [offset, offset + len) of the fd. The plan is not PLAN_OFF. */
bool stale_mmap(const struct vfio_dev *dev, uint64_t offset, uint64_t len);

/* By the result `rc` (or -errno) of ioctl `number`, whose struct is at `arg`. */
bool stale_ioctl(const struct vfio_dev *dev, uint32_t number, int rc, const void *arg);

#endif
