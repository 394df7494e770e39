/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the programs of vmms.c share: each does to VFIO what one VMM does, call by call and by the
 * same symbols of libc, and fills in what its guest would get.
 */
#ifndef TESTS_SHIM_VMM_H
#define TESTS_SHIM_VMM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "tests/lib/user.h"

#define VMM_BARS  6
#define VMM_AREAS 4

#define VMM_STOPPED 3 /* exit status of vmm_stop() */

/* A part of a BAR that is mapped; `error` is the errno of the mmap that failed, or 0. */
struct vmm_area {
	uint64_t at;
	uint64_t size;
	uint8_t *p;
	int error;
};

struct vmm_bar {
	struct vfio_region_info *info; /* with its capabilities */
	struct vmm_area areas[VMM_AREAS];
	unsigned int count;
	/*
	 * How the rest of the BAR is accessed: "trap" (by reads and writes), "msix" (not at all,
	 * but for the MSI-X structures), "skip" (not at all).
	 */
	const char *rest;
};

struct vmm {
	const char *group, *bdf;
	/*
	 * Makes the device send an interrupt to one of the eventfds, one for each vector; or keeps
	 * them.
	 */
	void (*fire)(const struct vmm *v, const int *events);
	/* What a guest writes to the table goes to the device, and the VMM never learns of it. */
	bool blind;
	struct user user;
	struct vfio_device_info info;
	uint64_t config; /* offset of configuration space */
	struct vmm_bar bars[VMM_BARS];
	struct {
		uint8_t cap;
		unsigned int vectors;
		unsigned int table_bar, pba_bar;
		uint64_t table, pba; /* offsets in their BARs */
	} msix;
};

/* One VMM each. What it could not go on with, it tells by vmm_stop(). */
void vmm_alioth(struct vmm *v);
void vmm_cloud_hypervisor(struct vmm *v);
void vmm_crosvm(struct vmm *v);
void vmm_dpdk(struct vmm *v);
void vmm_dpdk_22(struct vmm *v); /* before 23.07 */
void vmm_dpdk_secondary(struct vmm *v);
void vmm_kvmtool(struct vmm *v);

/* Prints "stops: " and the reason, and exits with VMM_STOPPED. */
__attribute__((format(printf, 1, 2), noreturn)) void vmm_stop(const char *format, ...);

/*
 * The first opens the device and calls the second: VFIO_DEVICE_GET_INFO into `info`; stops where
 * the regions are not those of PCI.
 */
void vmm_open(struct vmm *v);
void vmm_get_info(struct vmm *v);

/*
 * VFIO_DEVICE_GET_REGION_INFO of all regions as the VMMs in Rust do it: each once without room for
 * capabilities, and once more with as much as the answer asked for. Fills in `config` and `bars`.
 */
void vmm_get_regions(struct vmm *v);

/* The capability `id` of `info`, or NULL; stops where the chain can't be walked. */
const void *vmm_region_cap(const struct vfio_region_info *info, uint16_t id);

/* A read or write of configuration space, of 1 to 4 bytes. */
uint32_t vmm_config_get(const struct vmm *v, unsigned int at, unsigned int width);
void vmm_config_put(const struct vmm *v, unsigned int at, unsigned int width, uint32_t value);

/* Walks the capabilities and fills in `msix`. */
void vmm_find_msix(struct vmm *v);
uint64_t vmm_table_size(const struct vmm *v);
uint64_t vmm_pba_size(const struct vmm *v);

/*
 * The size of BAR `bar` by ones written to its register (and `*is_64`), which are left there; 0 if
 * there is none. Stops where VFIO says another size.
 */
uint64_t vmm_size_by_config(const struct vmm *v, unsigned int bar, bool *is_64);

/*
 * Adds areas to BAR `bar`, to be mapped by the VMM: one, those of SPARSE_MMAP, or all of the BAR
 * but the host's pages that hold the table and, if `pba`, the PBA.
 */
void vmm_add_area(struct vmm *v, unsigned int bar, uint64_t at, uint64_t size);
void vmm_add_sparse(struct vmm *v, unsigned int bar,
		    const struct vfio_region_info_cap_sparse_mmap *sparse);
void vmm_add_around(struct vmm *v, unsigned int bar, bool pba);

/* Notes in `area` what an mmap returned. */
void vmm_mapped(struct vmm_area *area, void *p);

/* IRQ_INFO and SET_IRQS for all vectors of MSI-X, one eventfd for each; then `fire`. */
void vmm_set_irqs(const struct vmm *v);

/* DEVICE_RESET, where the device has it. */
void vmm_reset(const struct vmm *v);

/* Reads the PBA by the descriptor, as the guest does where the VMM does not emulate it. */
void vmm_read_pba(const struct vmm *v);

/* A message of `size` bytes with a descriptor; the latter is returned, or -1 at the end. */
void vmm_send_fd(int sock, int fd, const void *data, size_t size);
int vmm_receive_fd(int sock, void *data, size_t size);

uint64_t vmm_page(void);

#endif
