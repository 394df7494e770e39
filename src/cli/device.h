/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The devices that a command looks at: those of this host, or those of a file.
 */
#ifndef MSIXSHIM_CLI_DEVICE_H
#define MSIXSHIM_CLI_DEVICE_H

#include <stdbool.h>
#include <stddef.h>

#include "desc/lspci/lspci.h"

struct device {
	struct desc desc; /* as vfio-pci would find it */
	char name[128];	  /* vendor and device by the list of PCI ids; "" if it has none */
	char driver[32];  /* the host's driver; "" if none, or if it is of a file */
	/*
	 * Why no more than the first 64 bytes of configuration space are known, see
	 * desc_note_lacks_caps(); 0 (DESC_NOTE_OTHER): more is.
	 */
	enum desc_note_kind partial;
	int header_type; /* 0, or 1 and 2 for bridges, of which no more is known */
};

struct devices {
	struct device
		*list; /* sorted by address where the host gave them, else in the file's order */
	size_t count;
	struct desc_notes notes; /* what a text did not say; desc_note.device is an index in list */
	bool incomplete; /* devices of the host or text were left out, each with a line on standard
			  * error
			  */
};

/*
 * The devices of a description or of lspci's output in `path` ("-": standard input). 0, or a
 * negative errno and one line in err (with the place, where the text is wrong).
 */
int devices_of_file(const char *path, struct devices *ret, char *err, size_t size);

/* The one at *bdf alone: it does not depend on what the file says of others. */
int devices_of_file_at(const char *path, const struct pci_bdf *bdf, struct devices *ret, char *err,
		       size_t size);

/* The same as devices_of_file() for text[0, len); `path` is what an error calls it. */
int devices_of_text(const char *path, const char *text, size_t len, struct devices *ret, char *err,
		    size_t size);

/*
 * The PCI devices of this host, by libpci: nothing is written, and what this user may not read is
 * left out (device.partial). A device that can't be read at all is left out with a line on
 * standard error (ret->incomplete). No device at all is no error. 0, or a negative errno and one
 * line in err: -ENOENT if the host shows no PCI bus.
 */
int devices_of_host(struct devices *ret, char *err, size_t size);

/* The same from another directory than /sys/bus/pci. */
int devices_of_sysfs(const char *sysfs, struct devices *ret, char *err, size_t size);

/*
 * The length of FILE in `what`, which is FILE or FILE@ADDRESS; 0 for ADDRESS, a PCI address of this
 * host.
 */
size_t devices_path_len(const char *what);

/*
 * All devices that `what` names: the one of this host, all of the file, or one of the file; see
 * devices_path_len(). 0, or a negative errno and one line in err.
 */
int devices_named(const char *what, struct devices *ret, char *err, size_t size);

/*
 * The one device that `what` names: the PCI address of one of this host, a file that holds one
 * device, or FILE@ADDRESS for one of a file that holds more. 0, or a negative errno and one
 * line in err.
 */
int devices_find(const char *what, struct devices *ret, char *err, size_t size);

/*
 * Leaves the device at *bdf alone in the list, with its notes. False, all left, if it is not there.
 */
bool devices_keep(struct devices *devices, const struct pci_bdf *bdf);

/*
 * What to say of a partial device after "its capabilities are unknown": why, and what shows them.
 * Static.
 */
const char *device_partial_text(enum desc_note_kind why);

/*
 * Whether a text says that device i has MSI-X, but tells no BAR at all: the text is incomplete,
 * not the device broken.
 */
bool device_lacks_bars(const struct devices *devices, size_t i);

/* Frees what the functions above allocated; `devices` is empty afterwards. */
void devices_free(struct devices *devices);

#endif
