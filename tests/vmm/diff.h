/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One device and one target, twice: QEMU's own x-msix-relocation=barN over the
 * fake, and the shim over the fake under a QEMU that relocates nothing. Compared is
 * what the guest sees; what may differ is in diff_reasons[]. In the place of the fake's
 * device there can be two of this host's, bound to vfio-pci, which nobody can tell apart.
 *
 * QEMU emulates the table and, while something is pending, the PBA itself, wherever
 * the capability says that they are: the shim's own emulation of both, for a VMM that
 * reads them from the device, hardly shows here. tests/unit and tests/shim test it.
 */
#ifndef TESTS_VMM_DIFF_H
#define TESTS_VMM_DIFF_H

#include <stdbool.h>
#include <stdint.h>

#include "core/plan.h"
#include "desc/desc.h"
#include "qemu/guest.h"

enum { NATIVE, SHIM, SIDES };

#define TARGETS 7

/* The address that each description gives its device. */
#define DIFF_HOST "0000:01:00.0"

/* Why a difference is none, or is meant. */
enum diff_reason {
	DIFF_PADDING_IS_IO,
	DIFF_OFFSET_ABOVE_4G,
	DIFF_RESIZABLE,
	DIFF_TABLE_BEHIND_BAR,
	DIFF_UNASSIGNED_TABLE,
	DIFF_UNASSIGNED_TARGET,
	DIFF_ABSENT_BAR,
	DIFF_QUIRK,
	DIFF_VF_ADDRESS,
	DIFF_CLOCK,
	DIFF_REASONS,
};

extern const char *const diff_reasons[DIFF_REASONS];

struct diff_counts {
	uint64_t compared, equal;
	uint64_t by_reason[DIFF_REASONS];
	uint64_t differing;
	uint64_t skipped; /* steps that could not be done, both sides alike */
};

struct diff_side {
	struct qemu *qemu;
	bool refused;
	int control; /* fd of the fake's control socket */
	struct guest guest;
	struct guest_view views[PCI_BARS];
};

/* How both QEMUs are given the device. */
struct diff_way {
	bool iommufd;	/* by -object iommufd and the device's own node, not by its group */
	bool no_mmap;	/* with x-no-mmap=on */
	bool root_port; /* behind a root port of q35, not on bus 0 */
};

struct diff_case {
	/* set by the caller */
	const char *qemu, *libdir;
	const char *tempdir;	 /* a directory of our own, for sockets */
	const char *description; /* file; NULL: devices of this host */
	const char *host[SIDES]; /* their addresses */
	const struct desc *desc; /* what the device is */
	const char *preload;	 /* a library that changes the page size; NULL: none */
	uint64_t page_size;	 /* that QEMU and the libraries in it see */
	struct diff_way way;
	bool sample; /* no BAR is read from end to end */
	int asked;   /* what the shim is told: 0..5, PLAN_OFF, PLAN_AUTO or PLAN_ANY */
	int target;  /* what must come of that: 0..5 or PLAN_OFF */
	/* results */
	struct diff_side side[SIDES];
	struct diff_counts counts;
	bool both_refused;
	char note[512];	   /* what is worth saying of an accepted case */
	char skipped[256]; /* steps that could not be done, both sides alike */
	char first[512];   /* the first difference without a reason, or what failed */
};

/* Runs the whole case. False if something differs without a reason or failed: see `first`. */
bool diff_run(struct diff_case *c);

/* --- for the parts of a case ------------------------------------------------- */

/*
 * Counts one comparison; a difference is formatted only if there is one. The
 * format (printf style) says what was compared.
 */
#define diff_equal(c, native, shim, ...)                                                           \
	do {                                                                                       \
		uint64_t n_ = (native), s_ = (shim);                                               \
		(c)->counts.compared++;                                                            \
		if (n_ == s_)                                                                      \
			(c)->counts.equal++;                                                       \
		else                                                                               \
			diff_differs(c, n_, s_, __VA_ARGS__);                                      \
	} while (0)

/* Records a difference without a reason. */
void diff_differs(struct diff_case *c, uint64_t native, uint64_t shim, const char *fmt, ...)
	__attribute__((format(printf, 4, 5)));

/* Counts a comparison that differs for a reason of the table. */
void diff_excused(struct diff_case *c, enum diff_reason reason);

/* Records a failure (no comparison); returns -1. */
int diff_failed(struct diff_case *c, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* Notes a step that the device makes impossible. Returns 0. */
int diff_skip(struct diff_case *c, const char *what);

/* Where the device is on bus 0 of each QEMU, or the root port that it is behind. */
#define DIFF_SLOT 4

/* Whether the machine has an ECAM: a conventional device is put into a pc. */
bool diff_has_ecam(const struct diff_case *c);

/*
 * Starts the QEMU of side `s`, see qemu_spawn(): `relocation` is x-msix-relocation's value,
 * `control` the path of the fake's control socket.
 */
struct qemu *diff_spawn(const struct diff_case *c, int s, const char *relocation,
			const char *control);

/* Runs the queues of both sides. 0, or -1 with c->first set. */
int diff_sync(struct diff_case *c);

/*
 * Offsets of `bar` at which something begins or ends: the BAR, its halves, the
 * structures old and new and their pages, the ranges of both flat views.
 * Ascending, each once, all in [0, size]. Returns how many.
 */
#define DIFF_EDGES 192
unsigned int diff_edges(const struct diff_case *c, int bar, uint64_t edges[DIFF_EDGES]);

/* Whether the host gave the BAR of the hardware's table no address. */
bool diff_unassigned_table(const struct diff_case *c);

/* Compares configuration space, and what sizing found. */
void diff_cfg(struct diff_case *c);

/* Compares what `plan` says that is direct with the views. */
void diff_layout(struct diff_case *c);

/* Compares values read at every width. 0 or -1. */
int diff_values(struct diff_case *c);

/* Writes around every edge at every width, and reads back. 0 or -1. */
int diff_writes(struct diff_case *c);

/* Reads the whole table and PBA as dwords. 0 or -1. */
int diff_table(struct diff_case *c);

/* Programs vectors, has the fake, or a device that can, fire them, masked and unmasked. 0 or -1. */
int diff_interrupts(struct diff_case *c);

#endif
