/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * QEMU without KVM writes a vector's message into guest memory like any other
 * write of the device, if bus mastering is on. So a message address in RAM shows
 * what was delivered. MSI-X is enabled before a vector is unmasked, and vectors
 * are unmasked from 0 upwards: QEMU crashes otherwise.
 */
#include <linux/pci_regs.h>
#include <stdio.h>
#include <string.h>

#include "control.h"
#include "diff.h"
#include "qemu/qemu.h"
#include "qemu/qtest.h"

#define MAX_VECTORS 6
#define MESSAGE(v)  (0x100000u + 16u * (v)) /* in guest RAM */
#define DATA(v)	    (0xa5000000u + (v))
/*
 * The event is in QEMU's eventfd before the fake answers. A pass of the main
 * loop that answers one qtest command may have begun before; the next ones
 * dispatch the event.
 */
#define PASSES 3
#define LOOKS  10000 /* for an interrupt of the host */

static int settle(struct diff_case *c)
{
	uint64_t waste;
	int rc = 0;

	for (int i = 0; !rc && i < PASSES; i++) {
		for (int s = 0; s < SIDES; s++)
			qtest_in(c->side[s].qemu, 0x80, 1, &waste);
		rc = diff_sync(c);
	}
	return rc;
}

static void write_memory(struct diff_case *c, uint64_t addr, uint32_t value)
{
	for (int s = 0; s < SIDES; s++)
		qtest_write(c->side[s].qemu, addr, 4, value);
}

static void write_entry(struct diff_case *c, unsigned int vector, unsigned int field,
			uint32_t value)
{
	for (int s = 0; s < SIDES; s++) {
		const struct guest *g = &c->side[s].guest;

		qtest_write(g->qemu,
			    g->addr[g->msix.table_bir] + g->msix.table_offset + 16 * vector + field,
			    4, value);
	}
}

static int set_control(struct diff_case *c, uint32_t flags)
{
	for (int s = 0; s < SIDES; s++) {
		struct guest *g = &c->side[s].guest;

		if (guest_cfg_set(g, g->msix.pos + PCI_MSIX_FLAGS, 2, flags) < 0)
			return diff_failed(c, "%s", qemu_error(g->qemu));
	}
	return 0;
}

/*
 * Real devices raise their vectors themselves. The 82576 has a register for that (its datasheet,
 * 8.8). Others would want a driver, or tell each interrupt once more some time later, as QEMU's
 * 82574 does.
 */
#define INTEL	    0x8086
#define INTEL_82576 0x10c9
#define GPIE	    0x1514
#define GPIE_MSIX   0x10
#define EICS	    0x1520
#define EIMS	    0x1524
#define EIAC	    0x152c

static bool raises_vectors(const struct diff_case *c)
{
	struct pci_ids ids;

	pci_cfg_ids(c->desc->cfg, c->desc->cfg_size, &ids);
	return ids.vendor == INTEL && ids.device == INTEL_82576;
}

static void write_register(struct diff_case *c, uint32_t reg, uint32_t value)
{
	for (int s = 0; s < SIDES; s++)
		qtest_write(c->side[s].qemu, c->side[s].guest.addr[0] + reg, 4, value);
}

static int fire_by_register(struct diff_case *c, uint32_t bit)
{
	write_register(c, GPIE, GPIE_MSIX);
	write_register(c, EIAC, bit);
	write_register(c, EIMS, bit);
	write_register(c, EICS, bit);
	return diff_sync(c) < 0 ? -1 : 1;
}

/* Has the device raise a vector. 1 if both did, 0 if neither can, -1 on failure. */
static int fire(struct diff_case *c, unsigned int vector)
{
	int fired[SIDES];

	if (!c->description)
		return fire_by_register(c, UINT32_C(1) << vector);
	for (int s = 0; s < SIDES; s++) {
		char reply[128] = "";
		int rc = control_command(c->side[s].control, reply, sizeof(reply),
					 "fire " DIFF_HOST " msix %u", vector);

		if (rc < 0 && strncmp(reply, "error", 5) != 0)
			return diff_failed(c, "the fake's control socket failed");
		fired[s] = rc == 0;
	}
	diff_equal(c, (uint64_t)fired[NATIVE], (uint64_t)fired[SHIM], "vector %u can be raised",
		   vector);
	if (settle(c) < 0)
		return -1;
	return fired[NATIVE] && fired[SHIM];
}

/*
 * Whether no bit pending must read as 0. The BAR may have no host address: QEMU answers all ones.
 * QEMU may know a device whose capability is wrong about the PBA (Chelsio T5 and Kunlun VFs), and
 * put it where the fake has registers; its own PBA lies over those only while a bit is pending.
 */
static bool has_pba(const struct diff_case *c)
{
	const struct pci_msix *seen = &c->side[SHIM].guest.msix;
	struct pci_msix hw;

	if (diff_unassigned_table(c))
		return false;
	return c->target != PLAN_OFF ||
	       (pci_cfg_msix(c->desc->cfg, c->desc->cfg_size, &hw) && seen->pba_bir == hw.pba_bir &&
		seen->pba_offset == hw.pba_offset);
}

/* Reads the memory word of a vector, and its pending bit. */
static int look(struct diff_case *c, unsigned int vector, uint64_t memory[SIDES],
		uint64_t pba[SIDES])
{
	for (int s = 0; s < SIDES; s++) {
		const struct guest *g = &c->side[s].guest;

		qtest_read(g->qemu, MESSAGE(vector), 4, &memory[s]);
		qtest_read(g->qemu, g->addr[g->msix.pba_bir] + g->msix.pba_offset, 4, &pba[s]);
	}
	return diff_sync(c);
}

/* Whether a real interrupt has come to both, which takes as long as the host takes. */
static bool has_come(const uint64_t memory[SIDES], const uint64_t pba[SIDES], bool delivered)
{
	const uint64_t *seen = delivered ? memory : pba;

	return seen[NATIVE] && seen[SHIM];
}

/*
 * Compares the memory word of a vector, and its pending bit, with each other and with what must be.
 */
static int expect(struct diff_case *c, unsigned int vector, const char *when, bool delivered,
		  bool pending)
{
	uint64_t memory[SIDES], pba[SIDES];

	if (look(c, vector, memory, pba) < 0)
		return -1;
	for (int i = 0; !c->description && i < LOOKS && !has_come(memory, pba, delivered); i++)
		if (look(c, vector, memory, pba) < 0)
			return -1;
	diff_equal(c, memory[NATIVE], memory[SHIM], "message of vector %u, %s", vector, when);
	diff_equal(c, pba[NATIVE], pba[SHIM], "pending bits, vector %u %s", vector, when);
	diff_equal(c, delivered ? DATA(vector) : 0, memory[SHIM],
		   "message of vector %u %s, against what must be", vector, when);
	if (pending || has_pba(c))
		diff_equal(c, pending ? 1u << vector : 0, pba[SHIM],
			   "pending bits, vector %u %s, against what must be", vector, when);
	write_memory(c, MESSAGE(vector), 0);
	return diff_sync(c);
}

static int program(struct diff_case *c, unsigned int vector)
{
	write_memory(c, MESSAGE(vector), 0);
	write_entry(c, vector, PCI_MSIX_ENTRY_LOWER_ADDR, MESSAGE(vector));
	write_entry(c, vector, PCI_MSIX_ENTRY_UPPER_ADDR, 0);
	write_entry(c, vector, PCI_MSIX_ENTRY_DATA, DATA(vector));
	write_entry(c, vector, PCI_MSIX_ENTRY_VECTOR_CTRL, 0);
	return diff_sync(c);
}

static int set_mask(struct diff_case *c, unsigned int vector, uint32_t bits)
{
	write_entry(c, vector, PCI_MSIX_ENTRY_VECTOR_CTRL, bits);
	return settle(c);
}

/* One vector: unmasked, masked by its own bit, masked by the function's. */
static int try_vector(struct diff_case *c, unsigned int v)
{
	int fired = fire(c, v);

	if (fired < 0)
		return -1;
	if (!fired)
		return diff_skip(c, "a vector that can't be raised");
	if (expect(c, v, "unmasked", true, false) < 0 ||
	    set_mask(c, v, PCI_MSIX_ENTRY_CTRL_MASKBIT) < 0 || fire(c, v) < 0 ||
	    expect(c, v, "masked", false, true) < 0 || set_mask(c, v, 0) < 0 ||
	    expect(c, v, "unmasked again", true, false) < 0)
		return -1;
	if (set_control(c, PCI_MSIX_FLAGS_ENABLE | PCI_MSIX_FLAGS_MASKALL) < 0 || fire(c, v) < 0 ||
	    expect(c, v, "under the function's mask", false, true) < 0 ||
	    set_control(c, PCI_MSIX_FLAGS_ENABLE) < 0 || settle(c) < 0)
		return -1;
	return expect(c, v, "after the function's mask", true, false);
}

int diff_interrupts(struct diff_case *c)
{
	const struct guest *g = &c->side[NATIVE].guest;

	if (!c->description && !raises_vectors(c))
		return diff_skip(c, "interrupts");
	if (!g->has_msix || !guest_bar_mapped(g, g->msix.table_bir) ||
	    !guest_bar_mapped(g, g->msix.pba_bir))
		return diff_skip(c, "interrupts (no MSI-X in a mapped BAR)");

	unsigned int n = g->msix.vectors < MAX_VECTORS ? g->msix.vectors : MAX_VECTORS;
	int rc = set_control(c, PCI_MSIX_FLAGS_ENABLE);

	for (unsigned int v = 0; !rc && v < n; v++)
		rc = program(c, v);
	if (!rc)
		rc = settle(c);
	for (unsigned int v = 0; !rc && v < n; v++)
		rc = try_vector(c, v);
	return rc ? rc : set_control(c, 0);
}
