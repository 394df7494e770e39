/* SPDX-License-Identifier: GPL-2.0-or-later */
/* contract GROUP NAME [PART...]: prints the transcript of one device, by its group. */
#include "contract.h"

#include <linux/pci_regs.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

static const struct part {
	const char *name;
	void (*run)(struct contract *c);
} parts[] = {
	{"info", contract_info},   {"config", contract_config}, {"bars", contract_bars},
	{"mmaps", contract_mmaps}, {"irqs", contract_irqs},	{"misc", contract_misc},
};

void *contract_nowhere = (void *)8;

static unsigned long said;
static const char *part = "";

void contract_say(const char *fmt, ...)
{
	va_list ap;

	said++;
	printf("%s: ", part);
	va_start(ap, fmt);
	vprintf(fmt, ap);
	va_end(ap);
	putchar('\n');
}

const char *contract_result(long ret)
{
	static char text[8][24];
	static unsigned int at;
	const char *name = ret < 0 ? strerrorname_np(errno) : NULL;

	if (name)
		return name;
	at = (at + 1) % COUNT(text);
	snprintf(text[at], sizeof(text[at]), "%ld", ret);
	return text[at];
}

const char *contract_hex(const void *bytes, size_t n)
{
	static char text[8][300];
	static unsigned int turn;
	char *at = text[turn = (turn + 1) % COUNT(text)];
	const char *const start = at;

	*at = '\0';
	for (size_t i = 0; i < n && i < 128; i++)
		at += sprintf(at, "%s%02x", i && i % 4 == 0 ? " " : "",
			      ((const uint8_t *)bytes)[i]);
	return start;
}

void contract_ioctl(int fd, const char *name, unsigned long request, uint32_t argsz,
		    const uint32_t *words, size_t n)
{
	uint32_t arg[24];

	memset(arg, 0xa5, sizeof(arg));
	arg[0] = argsz;
	memcpy(&arg[1], words, n * sizeof(*words));

	const char *rc = contract_result(ioctl(fd, request, arg));

	contract_say("%s argsz %u, %s: %s; %s", name, argsz,
		     contract_hex(words, n * sizeof(*words)), rc, contract_hex(arg, sizeof(arg)));
}

static void die(const char *what)
{
	fprintf(stderr, "contract: %s: %s\n", what, strerror(errno));
	exit(2);
}

/* Until the last reference is gone, a mapping's too, the group is busy. */
static void open_device(struct contract *c)
{
	if (user_open(&c->u, c->group, c->name) < 0)
		die(c->name);
}

void contract_reopen(struct contract *c)
{
	user_close(&c->u);
	open_device(c);
}

static uint32_t config_dword(const struct contract *c, unsigned int at)
{
	uint32_t v = 0;

	if (pread(c->u.device, &v, sizeof(v), contract_pos(VFIO_PCI_CONFIG_REGION_INDEX, at)) < 0)
		die("configuration space");
	return v;
}

static unsigned int find_cap(const struct contract *c, uint8_t id)
{
	unsigned int at = config_dword(c, PCI_CAPABILITY_LIST) & 0xfc;

	for (int i = 0; at && i < 48; i++) {
		uint32_t head = config_dword(c, at);

		if ((head & 0xff) == id)
			return at;
		at = head >> 8 & 0xfc;
	}
	return 0;
}

static void look(struct contract *c)
{
	for (uint32_t i = 0; i < VFIO_PCI_VGA_REGION_INDEX; i++)
		c->region[i] = user_region(&c->u, i);
	c->cfg_size = (uint32_t)c->region[VFIO_PCI_CONFIG_REGION_INDEX].size;
	c->pm = find_cap(c, PCI_CAP_ID_PM);
	c->msix = find_cap(c, PCI_CAP_ID_MSIX);
	if (!c->msix)
		return;

	uint32_t table = config_dword(c, c->msix + PCI_MSIX_TABLE);
	uint32_t pba = config_dword(c, c->msix + PCI_MSIX_PBA);

	c->vectors = (config_dword(c, c->msix) >> 16 & PCI_MSIX_FLAGS_QSIZE) + 1;
	c->table_bir = table & PCI_MSIX_TABLE_BIR;
	c->table = table & PCI_MSIX_TABLE_OFFSET;
	c->table_end = c->table + c->vectors * 16ULL;
	c->pba_bir = pba & PCI_MSIX_PBA_BIR;
	c->pba = pba & PCI_MSIX_PBA_OFFSET;
}

static bool is_wanted(const char *name, char **names)
{
	if (!*names)
		return true;
	while (*names && strcmp(name, *names) != 0)
		names++;
	return *names;
}

int main(int argc, char **argv)
{
	struct contract c = {0};

	if (argc < 3) {
		fprintf(stderr, "usage: contract GROUP NAME [PART...]\n");
		return 2;
	}
	c.group = argv[1];
	c.name = argv[2];
	open_device(&c);
	look(&c);
	for (size_t i = 0; i < COUNT(parts); i++) {
		part = parts[i].name;
		if (is_wanted(part, argv + 3))
			parts[i].run(&c);
	}
	user_close(&c.u);
	printf("%lu accesses\n", said);
	return 0;
}
