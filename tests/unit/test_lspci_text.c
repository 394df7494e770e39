/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What people paste: texts of lspci after mailers, terminals, web pages, editors and logs had
 * them. The device that is read is the one of the text as lspci printed it.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "desc/lspci/lspci.h"
#include "unit.h"

#define ROOM 32768

static const char ssd[] =
	"01:00.0 Non-Volatile memory controller [0108]: Samsung Electronics Co Ltd NVMe SSD "
	"Controller PM173X [144d:a824] (rev 02) (prog-if 02 [NVM Express])\n"
	"\tSubsystem: Samsung Electronics Co Ltd Device [144d:a801]\n"
	"\tControl: I/O- Mem+ BusMaster+ SpecCycle- MemWINV- VGASnoop- ParErr- Stepping- SERR-\n"
	"\tInterrupt: pin A routed to IRQ 40\n"
	"\tIOMMU group: 14\n"
	"\tRegion 0: Memory at 80000000 (64-bit, non-prefetchable) [size=16K]\n"
	"\tExpansion ROM at 90000000 [disabled] [size=64K]\n"
	"\tCapabilities: [40] Power Management version 3\n"
	"\tCapabilities: [b0] MSI-X: Enable+ Count=136 Masked-\n"
	"\t\tVector table: BAR=0 offset=00002000\n"
	"\t\tPBA: BAR=0 offset=00003000\n"
	"\tCapabilities: [100 v2] Advanced Error Reporting\n"
	"\tKernel driver in use: vfio-pci\n";

static const char gpu[] =
	"0000:3b:00.0 3D controller [0302]: NVIDIA Corporation TU104GL [Tesla T4] [10de:1eb8] "
	"(rev a1)\n"
	"\tSubsystem: NVIDIA Corporation TU104GL [Tesla T4] [10de:12a2]\n"
	"\tStatus: Cap+ 66MHz- UDF- FastB2B- ParErr- DEVSEL=fast >TAbort- <TAbort- <MAbort-\n"
	"\tRegion 0: Memory at dd000000 (32-bit, non-prefetchable) [size=16M]\n"
	"\tRegion 1: Memory at 38bfc0000000 (64-bit, prefetchable) [size=256M]\n"
	"\tRegion 3: Memory at 38bff0000000 (64-bit, prefetchable) [size=32M]\n"
	"\tCapabilities: [c8] MSI-X: Enable+ Count=6 Masked-\n"
	"\t\tVector table: BAR=0 offset=00b90000\n"
	"\t\tPBA: BAR=0 offset=00ba0000\n";

static const char sas[] =
	"02:00.0 Serial Attached SCSI controller [0107]: Broadcom / LSI SAS3008 PCI-Express "
	"Fusion-MPT SAS-3 [1000:0097] (rev 02)\n"
	"\tSubsystem: Broadcom / LSI SAS9300-8i [1000:30e0]\n"
	"\tRegion 0: I/O ports at e000 [size=256]\n"
	"\tRegion 1: Memory at df640000 (64-bit, non-prefetchable) [size=64K]\n"
	"\tRegion 3: Memory at df600000 (64-bit, non-prefetchable) [size=256K]\n"
	"\tExpansion ROM at df500000 [disabled] [size=1M]\n"
	"\tCapabilities: [50] Power Management version 3\n"
	"\tCapabilities: [c0] MSI-X: Enable+ Count=96 Masked-\n"
	"\t\tVector table: BAR=1 offset=0000e000\n"
	"\t\tPBA: BAR=1 offset=0000f000\n";

static const char *const texts[] = {ssd, gpu, sas};

static struct desc dev;

/* False with *err, or all that is noted in *noted. */
static bool read_text(const char *text, size_t len, size_t *noted, struct desc_error *err)
{
	struct desc_notes notes;
	size_t count;
	bool ok;

	memset(&dev, 0, sizeof(dev));
	assert_true(desc_is_lspci(text, len));
	ok = desc_parse_lspci(text, len, &dev, 1, &count, &notes, err);
	*noted = notes.count;
	desc_notes_free(&notes);
	return ok;
}

static void assert_read(const char *what, const char *text, size_t len, const char *original)
{
	static struct desc expected;
	struct desc_error err;
	size_t noted, before;

	assert_true(read_text(original, strlen(original), &before, &err));
	expected = dev;
	if (!read_text(text, len, &noted, &err))
		fail_msg("%s: %u:%u: %s\n%s", what, err.line, err.column, err.reason, text);
	/* both were zeroed before, their padding too */
	if (memcmp((const char *)&dev, (const char *)&expected, sizeof(dev)) != 0 ||
	    noted != before)
		fail_msg("%s: another device is read of\n%s", what, text);
}

/* Replaces each `from` by `to`. */
static size_t replaced(const char *text, const char *from, const char *to, char *out)
{
	size_t n = 0;

	for (; *text; text++) {
		if (strncmp(text, from, strlen(from)) == 0) {
			n += (size_t)sprintf(out + n, "%s", to);
			text += strlen(from) - 1;
		} else {
			out[n++] = *text;
		}
	}
	out[n] = '\0';
	return n;
}

static void test_characters(void **state)
{
	static const struct {
		const char *what, *from, *to;
	} rows[] = {
		{"no-break spaces", "\t", "\xc2\xa0\xc2\xa0"},
		{"no-break spaces of Latin-1", "\t", "\xa0\xa0"},
		{"no-break spaces in lines", " ", "\xc2\xa0"},
		{"narrow spaces", ": ", ":\xe2\x80\xaf"},
		{"ideographic spaces", "\t", "\xe3\x80\x80"},
		{"dashes", "-", "\xe2\x80\x91"},
		{"invisible characters", "[", "[\xe2\x80\x8b"},
		{"soft hyphens", "Express", "Ex\xc2\xadpress"},
		{"lines that end with CR LF", "\n", "\r\n"},
		{"lines that end with CR", "\n", "\r"},
		{"colours of grep", "MSI-X", "\x1b[01;31m\x1b[KMSI-X\x1b[m\x1b[K"},
		{"colours of an editor", "Region", "\x1b[1;38;5;214mRegion\x1b[0m"},
		{"colours without ESC", "MSI-X", "[01;31m[KMSI-X[m[K"},
		{"colours in caret notation", "size", "^[[32msize^[[0m"},
		{"a title of a terminal", "Region", "\x1b]0;root@host\aRegion"},
		{"overstruck", "Region", "R\bRe\begion"},
		{"entities", " ", "&nbsp;"},
		{"other entities", ">", "&gt;"},
		{"bold", "Count=", "**Count=**"},
		{"HTML", "MSI-X", "<b>MSI-X</b>"},
		{"HTML with attributes", "offset", "<span style=\"color:red\">offset</span>"},
		{"BBCode", "Count", "[B]Count[/B]"},
		{"BBCode with a value", "BAR=", "[color=red]BAR=[/color]"},
	};
	char out[ROOM];

	for (size_t i = 0; i < COUNT(rows); i++) {
		for (size_t k = 0; k < COUNT(texts); k++) {
			size_t n = replaced(texts[k], rows[i].from, rows[i].to, out);

			assert_read(rows[i].what, out, n, texts[k]);
		}
	}
}

static void test_utf16(void **state)
{
	char out[ROOM];

	for (size_t k = 0; k < COUNT(texts); k++) {
		for (size_t big = 0; big < 2; big++) {
			size_t n = 0;

			for (; n < 2; n++)
				out[n] = n == big ? '\xff' : '\xfe';
			for (const char *c = texts[k]; *c; c++) {
				out[n + big] = *c;
				out[n + !big] = '\0';
				n += 2;
			}
			assert_read(big ? "UTF-16BE" : "UTF-16LE", out, n, texts[k]);
		}
	}
}

/* Lines with a prefix that has the line's number, if it has a format for it. */
static size_t prefixed(const char *text, const char *prefix, char *out)
{
	unsigned int line = 1;
	size_t n = 0;

	while (*text) {
		size_t len = strcspn(text, "\n");

		n += (size_t)sprintf(out + n, prefix, line++);
		n += (size_t)sprintf(out + n, "%.*s\n", (int)len, text);
		text += len + 1;
	}
	return n;
}

static void test_prefixes(void **state)
{
	static const char *const prefixes[] = {
		"> ",
		">> > ",
		"| ",
		"+",
		"- ",
		"* ",
		"# ",
		"// ",
		"\xe2\x80\xa2 ",
		"%6u\t",
		"%u: ",
		"%u:",
		"%u) ",
		"[  123.%06u] ",
		"Dec  1 03:16:%02u host kernel: ",
		"2024-01-01T03:16:%02u+0100 host lspci[4711]: ",
		"lspci.txt:%u:",
		"> - ",
	};
	char out[ROOM];

	for (size_t i = 0; i < COUNT(prefixes); i++) {
		for (size_t k = 0; k < COUNT(texts); k++) {
			size_t n = prefixed(texts[k], prefixes[i], out);

			assert_read(prefixes[i], out, n, texts[k]);
		}
	}
}

/* Wraps each line at `width` columns, at blanks or anywhere; what follows begins with `begin`. */
static size_t wrapped(const char *text, size_t width, bool anywhere, const char *begin, char *out)
{
	size_t n = 0;

	while (*text) {
		size_t len = strcspn(text, "\n"), room = width - 7 * (*text == '\t');

		while (len > room) {
			size_t at = room;

			while (!anywhere && at > room / 2 && text[at] != ' ')
				at--;
			n += (size_t)sprintf(out + n, "%.*s\n%s", (int)at, text, begin);
			at += !anywhere && text[at] == ' ';
			text += at;
			len -= at;
			room = width;
		}
		n += (size_t)sprintf(out + n, "%.*s\n", (int)len, text);
		text += len + 1;
	}
	return n;
}

static void test_wrapped(void **state)
{
	static const char *const begins[] = {"", "> ", "\t", "        "};
	char out[ROOM], what[40];

	for (size_t width = 56; width < 90; width++) {
		for (size_t b = 0; b < COUNT(begins); b++) {
			for (size_t k = 0; k < COUNT(texts); k++) {
				size_t n = wrapped(texts[k], width, false, begins[b], out);

				sprintf(what, "wrapped at %zu, '%s'", width, begins[b]);
				assert_read(what, out, n, texts[k]);
				if (width < 64)
					continue;
				n = wrapped(texts[k], width, true, "", out);
				sprintf(what, "cut at %zu", width);
				assert_read(what, out, n, texts[k]);
			}
		}
	}
}

static size_t quoted_printable(const char *text, char *out)
{
	size_t n = 0, column = 0;

	for (; *text; text++) {
		if (column >= 72 && *text != '\n') {
			n += (size_t)sprintf(out + n, "=\n");
			column = 0;
		}
		if (*text == '=' || (uint8_t)*text >= 0x80)
			n += (size_t)sprintf(out + n, "=%02X", (uint8_t)*text);
		else
			out[n++] = *text;
		column = *text == '\n' ? 0 : column + 1;
	}
	out[n] = '\0';
	return n;
}

static void test_quoted_printable(void **state)
{
	char out[ROOM], blanks[ROOM];

	for (size_t k = 0; k < COUNT(texts); k++) {
		assert_read("quoted-printable", out, quoted_printable(texts[k], out), texts[k]);
		replaced(texts[k], "\t", "\xc2\xa0 ", blanks);
		assert_read("with blanks", out, quoted_printable(blanks, out), texts[k]);
		wrapped(texts[k], 72, false, "", blanks);
		assert_read("wrapped before", out, quoted_printable(blanks, out), texts[k]);
	}
}

/* A number that looks like an escape is a number where nothing else was escaped. */
static void test_not_quoted_printable(void **state)
{
	char out[ROOM];
	struct pci_msix m;
	struct desc_error err;
	size_t noted, n = replaced(ssd, "Count=136", "Count=20", out);

	assert_true(read_text(out, n, &noted, &err));
	assert_true(pci_cfg_msix(dev.cfg, dev.cfg_size, &m));
	assert_int_equal(m.vectors, 20);
}

static void test_messages(void **state)
{
	static const char *const messages[] = {
		"[  123.456789] usb 1-1: new high-speed USB device number 5\n",
		"[12345.000001] pcieport 0000:00:01.0: Data Link Layer Link Active\n",
		"[    0.000000] vfio-pci 0000:02:00.0: Region 0: Memory at 0 [size=4K]\n",
	};
	char out[ROOM];

	for (size_t k = 0; k < COUNT(texts); k++) {
		size_t len = strlen(texts[k]);

		/* Between any two characters after the head's first. */
		for (size_t at = 60; at < len; at++) {
			size_t n = (size_t)sprintf(out, "%.*s%s%s", (int)at, texts[k],
						   messages[at % COUNT(messages)], texts[k] + at);
			size_t start = at;

			while (start > 0 && texts[k][start - 1] != '\n')
				start--;
			/* A keyword in two pieces is not put together. */
			if (at > start && at - start < strcspn(texts[k] + start, ":") + 9)
				continue;
			assert_read("a message", out, n, texts[k]);
		}
	}
}

/* Without a head line, the address is the one that a dump without one has. */
static void test_no_head(void **state)
{
	static const char *const starts[] = {
		"\tRegion 0: ", "$ lspci -s 84:00.00 -vvv\n. . .\n\tRegion 0: ",
		"quoted:\n> Region 0: "};
	char out[ROOM];
	struct desc_error err;
	size_t noted;

	for (size_t k = 0; k < COUNT(texts); k++) {
		const char *regions = strstr(texts[k], "\tRegion 0: ") + strlen("\tRegion 0: ");

		for (size_t i = 0; i < COUNT(starts); i++) {
			size_t n = (size_t)sprintf(out, "%s%s", starts[i], regions);
			struct pci_msix m;

			assert_true(read_text(out, n, &noted, &err));
			assert_int_equal(dev.bdf.bus, 1);
			assert_true(pci_cfg_msix(dev.cfg, dev.cfg_size, &m));
			assert_true(dev.bars[m.table_bir].bar.size >= 16384);
			assert_int_equal(m.vectors, k == 0 ? 136 : k == 1 ? 6 : 96);
		}
	}
}

/* A size on a line that nothing joins to its BAR is not replaced by an assumption. */
static void test_size_apart(void **state)
{
	char out[ROOM];
	size_t n = replaced(gpu, " [size=256M]", "\nsome other program says something\n[size=256M]",
			    out);

	assert_read("a size apart", out, n, gpu);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_characters),
		cmocka_unit_test(test_utf16),
		cmocka_unit_test(test_prefixes),
		cmocka_unit_test(test_wrapped),
		cmocka_unit_test(test_quoted_printable),
		cmocka_unit_test(test_not_quoted_printable),
		cmocka_unit_test(test_messages),
		cmocka_unit_test(test_no_head),
		cmocka_unit_test(test_size_apart),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
