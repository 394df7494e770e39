/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * vmms VMM GROUP BDF: does what that VMM does up to a running guest, and prints what the guest
 * gets: each BAR, and the MSI-X table; or why the VMM stops. vmms.test tells what the words mean.
 */
#include <dlfcn.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "msixshim/fakevfio.h"
#include "vmm.h"

static const struct {
	const char *name;
	void (*run)(struct vmm *v);
} vmms[] = {
	{"alioth", vmm_alioth},	  {"cloud-hypervisor", vmm_cloud_hypervisor},
	{"crosvm", vmm_crosvm},	  {"dpdk", vmm_dpdk},
	{"dpdk-22", vmm_dpdk_22}, {"dpdk-secondary", vmm_dpdk_secondary},
	{"kvmtool", vmm_kvmtool},
};

/* The area that holds the byte `at`, or NULL. */
static const struct vmm_area *area_of(const struct vmm_bar *b, uint64_t at)
{
	for (unsigned int i = 0; i < b->count; i++)
		if (!b->areas[i].error && at - b->areas[i].at < b->areas[i].size)
			return &b->areas[i];
	return NULL;
}

/* Four bytes as the guest reads them; false if it can't. */
static bool guest_read(const struct vmm *v, unsigned int bar, uint64_t at, uint8_t *bytes)
{
	const struct vmm_bar *b = &v->bars[bar];
	const struct vmm_area *area = area_of(b, at);

	if (area)
		memcpy(bytes, area->p + (at - area->at), 4);
	else if (strcmp(b->rest, "trap") == 0)
		return pread64(v->user.device, bytes, 4, (off64_t)(b->info->offset + at)) == 4;
	return area != NULL;
}

/* Where it can be read, a register has the value that the hardware's has. */
static bool register_is_right(const struct vmm *v, unsigned int bar, uint64_t at)
{
	uint8_t bytes[4];

	if (!guest_read(v, bar, at, bytes))
		return strcmp(v->bars[bar].rest, "trap") != 0;
	for (unsigned int i = 0; i < 4; i++)
		if (bytes[i] != fakevfio_pattern(bar, at + i))
			return false;
	return true;
}

static void print_bar(const struct vmm *v, unsigned int bar)
{
	const struct vmm_bar *b = &v->bars[bar];
	const struct vmm_area *a = b->areas;

	printf("BAR%u=", bar);
	if (!b->count)
		printf("%s", b->rest);
	else if (b->count == 1 && !a->error && a->at == 0 && a->size == b->info->size)
		printf("all");
	else
		for (unsigned int i = 0; i < b->count; i++)
			printf("%s0x%" PRIx64 "+0x%" PRIx64 "%s", i ? "," : "", a[i].at, a[i].size,
			       a[i].error ? "!" : "");
	/* A BAR that is new has no registers. */
	if ((bar != v->msix.table_bar || v->msix.table) && !register_is_right(v, bar, 0x10))
		printf(",wrong");
	printf(" ");
}

/* The fake sends the last vector, which arrives. */
static void fire(const struct vmm *v, const int *events)
{
	const unsigned int n = v->msix.vectors - 1;
	fakevfio_control_fn *control;
	char line[64], reply[128] = "";
	uint64_t count = 0;

	*(void **)&control = dlsym(RTLD_DEFAULT, "fakevfio_control");
	snprintf(line, sizeof(line), "fire %s msix %u", v->bdf, n);
	if (!control || control(line, reply, sizeof(reply)) != 0)
		vmm_stop("%s: %s", line, reply);
	if (read(events[n], &count, sizeof(count)) != sizeof(count) || count != 1)
		vmm_stop("vector %u does not arrive", n);
}

int main(int argc, char **argv)
{
	static struct vmm v;
	size_t i = 0;

	while (argc == 4 && i < sizeof(vmms) / sizeof(vmms[0]) &&
	       strcmp(argv[1], vmms[i].name) != 0)
		i++;
	if (argc != 4 || i == sizeof(vmms) / sizeof(vmms[0]))
		return 2;
	v.group = argv[2];
	v.bdf = argv[3];
	v.fire = fire;
	vmms[i].run(&v);
	for (unsigned int bar = 0; bar < VMM_BARS; bar++)
		if (v.bars[bar].info && v.bars[bar].info->size)
			print_bar(&v, bar);
	printf("table=BAR%u%s%s\n", v.msix.table_bar,
	       area_of(&v.bars[v.msix.table_bar], v.msix.table) ? ",mapped" : "",
	       v.blind ? ",passed" : "");
	user_close(&v.user);
	return 0;
}
