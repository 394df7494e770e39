/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Other forms of what lspci prints: files and dumps of sysfs, pciconf, the kernel's lines on BARs.
 */
#include <linux/pci_regs.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/le.h"
#include "desc/lspci/lspci.h"
#include "unit.h"

static struct desc dev;
static struct desc_notes notes;

static bool parse(const char *text, size_t len, struct desc_error *err)
{
	size_t count;

	desc_notes_free(&notes);
	return desc_is_lspci(text, len) &&
	       desc_parse_lspci(text, len, &dev, 1, &count, &notes, err);
}

static void assert_parsed(const char *what, const char *text, size_t len)
{
	struct desc_error err = {.reason = "not known as a text of lspci"};

	if (!parse(text, len, &err))
		fail_msg("%s: %u:%u: %s", what, err.line, err.column, err.reason);
}

/* Configuration space with MSI-X of so many vectors; all but the first lines repeats. */
static void make_config(uint8_t *cfg, size_t size, uint16_t vectors)
{
	memset(cfg, 0, size);
	le32_put(cfg, 0xa824144d);
	le16_put(cfg + PCI_STATUS, PCI_STATUS_CAP_LIST);
	le16_put(cfg + PCI_CLASS_DEVICE, 0x0108);
	le32_put(cfg + PCI_BASE_ADDRESS_0, 0xfe800004);
	cfg[PCI_CAPABILITY_LIST] = 0xb0;
	cfg[0xb0] = PCI_CAP_ID_MSIX;
	le16_put(cfg + 0xb2, (uint16_t)(vectors - 1));
	le32_put(cfg + 0xb4, 0x2000);
	le32_put(cfg + 0xb8, 0x3000);
}

enum form { SYSFS, XXD, HEXDUMP_C, HEXDUMP, OD_X, OD_BYTES, OD_HEX, OD_DECIMAL, FORMS };

static const char *const names[FORMS] = {"config of sysfs", "xxd",	    "hexdump -C",
					 "hexdump",	    "od -x",	    "od -t x1",
					 "od -A x -t x1",   "od -A d -t x1"};

/* A line as the program prints it. */
static void put_line(FILE *out, enum form form, size_t at, const uint8_t *b)
{
	static const char *const offsets[] = {
		[XXD] = "%08zx:",      [HEXDUMP_C] = "%08zx ", [HEXDUMP] = "%07zx",
		[OD_X] = "%07zo",      [OD_BYTES] = "%07zo",   [OD_HEX] = "%06zx",
		[OD_DECIMAL] = "%07zu"};

	fprintf(out, offsets[form], at);
	for (size_t i = 0; i < 16; i++) {
		if (form == HEXDUMP || form == OD_X)
			i++, fprintf(out, " %02x%02x", b[i], b[i - 1]);
		else
			fprintf(out,
				form == XXD && i % 2	      ? "%02x"
				: form == HEXDUMP_C && i == 8 ? "  %02x"
							      : " %02x",
				b[i]);
	}
	fputs(form == XXD	  ? "  M.$.ab..12..34..\n"
	      : form == HEXDUMP_C ? "  |M.$.ab..|\n"
				  : "\n",
	      out);
}

static char *make_dump(enum form form, const uint8_t *cfg, size_t size, size_t *len)
{
	char *text = NULL;
	FILE *out = open_memstream(&text, len);
	bool starred = false;

	for (size_t at = 0; at < size; at += 16) {
		if (form == SYSFS) {
			fwrite(cfg + at, 1, 16, out);
		} else if (form != XXD && at && !memcmp(cfg + at, cfg + at - 16, 16)) {
			fputs(starred ? "" : "*\n", out);
			starred = true;
		} else {
			put_line(out, form, at, cfg + at);
			starred = false;
		}
	}
	if (form == HEXDUMP_C || form == OD_HEX)
		fprintf(out, "%06zx\n", size);
	else if (form == OD_X || form == OD_BYTES)
		fprintf(out, "%07zo\n", size);
	else if (form == OD_DECIMAL)
		fprintf(out, "%07zu\n", size);
	fclose(out);
	return text;
}

/* Each form, whole and cut as without root, gives the bytes that went in. */
static void test_dumps(void **state)
{
	static const size_t sizes[] = {PCI_STD_HEADER_SIZEOF, PCI_CFG_SIZE, PCI_CFG_EXT_SIZE};
	uint8_t cfg[PCI_CFG_EXT_SIZE];

	for (enum form form = 0; form < FORMS; form++) {
		for (size_t s = 0; s < COUNT(sizes); s++) {
			uint16_t vectors = (uint16_t)(136 + s);
			struct pci_msix m;
			size_t len;

			make_config(cfg, sizes[s], vectors);

			char *text = make_dump(form, cfg, sizes[s], &len);

			assert_parsed(names[form], text, len);
			assert_int_equal(le32_get(dev.cfg), 0xa824144d);
			assert_int_equal(pci_cfg_msix(dev.cfg, dev.cfg_size, &m), s > 0);
			assert_true(s == 0 || (m.vectors == vectors && m.pba_offset == 0x3000));
			free(text);
		}
	}
}

/* What is no dump stays what it is: a refusal, or a text of lspci. */
static void test_no_dumps(void **state)
{
	static const char *const rows[] = {
		"00000000: hello world\n00000010: this is text\n",
		"00000000: 4d14 26a8\n00000010: 0000\n",
		"1234567 commits\n00000010 4d 14 26 a8 06 04 11 00 00 02 08 01 10 00 00 00\n",
		"nvme0@pci0:1:0:\tclass=0x010802 vendor=0x144d device=0xa808\n",
		"pci 0000:01:00.0: BAR 0 [mem 0xfe800000-0xfe803fff 64bit]\n",
	};
	struct desc_error err;

	for (size_t i = 0; i < COUNT(rows); i++) {
		if (parse(rows[i], strlen(rows[i]), &err))
			fail_msg("row %zu was taken", i);
	}
}

#define BAR64 "    bar   [10] = type Memory, range 64, base 0xfe800000, size 16384, enabled\n"
#define PLACE "                 Table in map 0x10[0x3000], PBA in map 0x10[0x2000]\n"

static void test_pciconf(void **state)
{
	static const struct {
		const char *text;
		uint32_t segment, ids;
		uint8_t bus;
		uint16_t vectors;
		uint8_t table_bir;
		uint32_t table, pba;
		enum bar_kind kind; /* of the BAR with the table */
		uint64_t size;
		bool prefetchable;
	} rows[] = {
		{"nvme0@pci0:1:0:0:\tclass=0x010802 rev=0x00 hdr=0x00 vendor=0x144d device=0xa808 "
		 "subvendor=0x144d subdevice=0xa801\n" BAR64
		 "    cap 11[b0] = MSI-X supports 33 messages, enabled\n" PLACE,
		 0, 0xa808144d, 1, 33, 0, 0x3000, 0x2000, BAR_MEM64, 0x4000, false},
		/* FreeBSD before 13 */
		{"igb0@pci1:3:0:0:\tclass=0x020000 card=0x00018086 chip=0x15218086 rev=0x01 "
		 "hdr=0x00\n"
		 "    bar   [10] = type Memory, range 32, base 0xdf200000, size 131072, enabled\n"
		 "    bar   [18] = type I/O Port, range 32, base 0xe000, size 32, enabled\n"
		 "    bar   [1c] = type Prefetchable Memory, range 32, base 0xdf2c0000, size "
		 "16384, "
		 "enabled\n"
		 "    cap 01[40] = powerspec 3  supports D0 D3  current D0\n"
		 "    cap 05[50] = MSI supports 1 message, 64 bit, vector masks \n"
		 "    cap 11[70] = MSI-X supports 10 messages, enabled\n"
		 "                 Table in map 0x1c[0x0], PBA in map 0x1c[0x2000]\n"
		 "    ecap 0003[140] = Serial 1 a0369fffff000000\n",
		 1, 0x15218086, 3, 10, 3, 0, 0x2000, BAR_MEM32, 0x4000, true},
		/* among other devices, a bridge first */
		{"pcib1@pci0:0:1:0:\tclass=0x060400 rev=0x05 hdr=0x01 vendor=0x8086 device=0x1901 "
		 "subvendor=0x1043 subdevice=0x8694\n"
		 "    bus range  = 1-1\n"
		 "none3@pci0:2:0:0:\tclass=0x010700 rev=0x02 hdr=0x00 vendor=0x1000 device=0x0097 "
		 "subvendor=0x1000 subdevice=0x3090\n"
		 "    bar   [14] = type Memory, range 64, base 0xdf140000, size 65536, enabled\n"
		 "    cap 11[c0] = MSI-X supports 96 messages in map 0x14\n"
		 "                 Table in map 0x14[0xe000], PBA in map 0x14[0xf000]\n",
		 0, 0x00971000, 2, 96, 1, 0xe000, 0xf000, BAR_MEM64, 0x10000, false},
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		const struct desc_bar *b = &dev.bars[rows[i].table_bir];
		struct pci_msix m = {.pos = 0};

		assert_parsed("pciconf", rows[i].text, strlen(rows[i].text));
		assert_true(pci_cfg_msix(dev.cfg, dev.cfg_size, &m));
		assert_int_equal(le32_get(dev.cfg), rows[i].ids);
		assert_int_equal(dev.bdf.segment, rows[i].segment);
		assert_int_equal(dev.bdf.bus, rows[i].bus);
		assert_int_equal(m.vectors, rows[i].vectors);
		assert_int_equal(m.table_bir, rows[i].table_bir);
		assert_int_equal(m.table_offset, rows[i].table);
		assert_int_equal(m.pba_offset, rows[i].pba);
		assert_int_equal(b->bar.kind, rows[i].kind);
		assert_int_equal(b->bar.size, rows[i].size);
		assert_int_equal(b->bar.prefetchable, rows[i].prefetchable);
	}
}

/* The kernel's lines tell the sizes of a dump's BARs; lspci's own come first. */
static void test_kernel(void **state)
{
	static const char region[] = "\tRegion 0: Memory at fe800000 (64-bit, non-prefetchable) "
				     "[size=64K]\n";
	static const struct {
		const char *head, *before, *after;
		uint64_t size; /* of BAR 0; 0x4000 is what MSI-X needs */
		uint8_t bus;
	} rows[] = {
		{"", "", "", 0x4000, 1},
		{"", "pci 0000:03:00.0: BAR 0 [mem 0xfe800000-0xfe80ffff 64bit]\n", "", 0x10000, 3},
		{"", "",
		 "[    0.512345] pci 0000:03:00.0: reg 0x10: [mem 0xfe800000-0xfe807fff 64bit]\n",
		 0x8000, 3},
		{"03:00.0 NVMe\n", "",
		 "Dec 01 12:00:00 host kernel: pci 0000:03:00.0: BAR 0 "
		 "[mem 0xfe800000-0xfe8fffff 64bit]: assigned\n",
		 0x100000, 3},
		{"03:00.0 NVMe\n", "pci 0000:04:00.0: BAR 0 [mem 0xfe800000-0xfe8fffff 64bit]\n",
		 "pci 0000:03:00.0: BAR 0: assigned [mem 0xfe800000-0xfe80ffff 64bit]\n", 0x10000,
		 3},
		{"03:00.0 NVMe\n", "pci 0000:03:00.0: reg 10: [mem 0xfe800000-0xfe80ffff 64bit]\n",
		 "", 0x10000, 3},
		/* of another device, of two, of other registers, without an address */
		{"03:00.0 NVMe\n", "pci 0000:04:00.0: BAR 0 [mem 0xfe800000-0xfe8fffff 64bit]\n",
		 "", 0x4000, 3},
		{"", "pci 0000:03:00.0: BAR 0 [mem 0xfe800000-0xfe80ffff 64bit]\n",
		 "pci 0000:04:00.0: BAR 0 [mem 0xfe800000-0xfe80ffff 64bit]\n", 0x4000, 1},
		{"", "pci 0000:03:00.0: reg 0x184: [mem 0xfe800000-0xfe80ffff 64bit]\n", "", 0x4000,
		 1},
		{"03:00.0 NVMe\n", "pci 0000:03:00.0: BAR 0 [mem size 0x00010000 64bit]\n", "",
		 0x4000, 3},
		{"03:00.0 NVMe\n", "pci 0000:03:00.0: BAR 0 [mem 0xfe800000-0xfe80ffff 64bit]\n",
		 region, 0x10000, 3},
	};
	uint8_t cfg[PCI_CFG_SIZE];

	make_config(cfg, sizeof(cfg), 136);
	for (size_t i = 0; i < COUNT(rows); i++) {
		char *text = NULL, name[16];
		size_t len;
		FILE *out = open_memstream(&text, &len);

		fprintf(out, "%s%s", rows[i].before, rows[i].head);
		for (size_t at = 0; at < sizeof(cfg); at += 16) {
			fprintf(out, "%02zx:", at);
			for (size_t k = 0; k < 16; k++)
				fprintf(out, " %02x", cfg[at + k]);
			fputc('\n', out);
		}
		fputs(rows[i].after, out);
		fclose(out);
		sprintf(name, "row %zu", i);
		assert_parsed(name, text, len);
		if (dev.bars[0].bar.size != rows[i].size || dev.bdf.bus != rows[i].bus)
			fail_msg("%s: bus %u, size %llx", name, dev.bdf.bus,
				 (unsigned long long)dev.bars[0].bar.size);
		free(text);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_dumps),
		cmocka_unit_test(test_no_dumps),
		cmocka_unit_test(test_pciconf),
		cmocka_unit_test(test_kernel),
	};
	int failed = cmocka_run_group_tests(tests, NULL, NULL);

	desc_notes_free(&notes);
	return failed;
}
