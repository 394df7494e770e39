/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One device: its state, its regions, its power and its resets. The caller holds the lock. */
#ifndef FAKE_DEV_H
#define FAKE_DEV_H

#include <stdbool.h>
#include <stdint.h>

#include "core/msix.h"
#include "core/pci_bdf.h"
#include "core/pci_cfg.h"
#include "desc/desc.h"
#include "fake/file.h"
#include "fake/pci/ioeventfd.h"
#include "fake/pci/irq/irq.h"

/* Region N is at N << 40 of the device's file: VFIO_PCI_INDEX_TO_OFFSET(). */
#define REGION_SHIFT	 40
#define REGION_OFFSET(i) ((uint64_t)(i) << REGION_SHIFT)
#define REGION_MASK	 (REGION_OFFSET(1) - 1)

struct fake_dev {
	struct desc desc;
	struct fake_file file;
	bool open;
	bool cdev;	  /* opened by its own node */
	uint32_t iommufd; /* the place of the one that it is an object of, or 0 */
	uint32_t devid;	  /* there */
	bool shut;	  /* the memory gate is closed: the contents are in shut_file */
	struct fake_file shut_file;
	char name[PCI_BDF_SIZE];	   /* of the address */
	uint8_t hw[PCI_CFG_EXT_SIZE];	   /* the hardware's configuration space */
	uint8_t vcfg[PCI_CFG_EXT_SIZE];	   /* the virtual one */
	uint8_t virt[PCI_CFG_EXT_SIZE];	   /* bits that are read from vcfg */
	uint8_t write[PCI_CFG_EXT_SIZE];   /* bits that can be written */
	uint16_t cap_of[PCI_CFG_EXT_SIZE]; /* start of the capability of a byte, 0 for none */
	struct pci_msix msix;		   /* as the kernel read it at the open */
	struct fake_irqs irqs;
	bool low_power;		/* mappings are gone until it is left */
	struct fake_event wake; /* of who wants to be told */
	struct fake_ioeventfd ioeventfds[FAKE_IOEVENTFDS];
};

/* vfio_pci_core_enable(): the first open, whichever way. */
void dev_open(struct fake_dev *d);
/* vfio_pci_core_close_device(), after the last close. Unbinds it from its iommufd. */
void dev_release(struct fake_dev *d);
/* Resets the hardware; the kernel restores its registers. `why` is for the transcript. */
void dev_reset(struct fake_dev *d, const char *why);
/* The same without the kernel restoring anything: somebody else reset the device. */
void dev_lose_state(struct fake_dev *d);
/* In bytes; 0 for a region that the device does not have. */
uint64_t dev_region_size(const struct fake_dev *d, unsigned int index);
/* vfio_pci_probe_mmaps(): memory, of a page or more, or alone in its page on the host. */
bool dev_bar_mappable(const struct fake_dev *d, unsigned int bar);
/* Whether memory BARs answer: __vfio_pci_memory_enabled(). */
bool dev_memory_enabled(const struct fake_dev *d);
bool dev_in_d0(const struct fake_dev *d);
/* The host brings it to D0: vfio_pci_set_power_state(). */
void dev_power_on(struct fake_dev *d);

#endif
