/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The reader of ELF files: a small one built here, this program, and files that lie. */
#include "unit.h"

#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/elf.h"

#define STRINGS "\0libc.so.6\0libz.so.1\0__pread64_chk\0ioctl\0main"
#define INTERP	"/lib/ld.so"
#define BASE	0x400000

enum { NEED_LIBC = 1, NEED_LIBZ = 11, SYM_PREAD = 21, SYM_IOCTL = 35, SYM_MAIN = 41 };

/* An executable file whose one segment is all of it. */
struct image {
	Elf64_Ehdr head;
	Elf64_Phdr segments[3]; /* LOAD, INTERP, DYNAMIC */
	Elf64_Shdr sections[1];
	Elf64_Dyn dynamic[6];
	Elf64_Sym symbols[4];
	char interp[sizeof(INTERP)];
	char strings[sizeof(STRINGS)];
};

#define AT(member) offsetof(struct image, member)

static uint16_t machine_of_this_program(void)
{
	Elf64_Ehdr head;
	int fd = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);

	assert_int_equal(read(fd, &head, sizeof(head)), sizeof(head));
	close(fd);
	return head.e_machine;
}

static struct image good(void)
{
	struct image image = {
		.head = {.e_type = ET_DYN,
			 .e_machine = machine_of_this_program(),
			 .e_phoff = AT(segments),
			 .e_phentsize = sizeof(Elf64_Phdr),
			 .e_phnum = 3,
			 .e_shoff = AT(sections),
			 .e_shentsize = sizeof(Elf64_Shdr),
			 .e_shnum = 1},
		.segments = {{.p_type = PT_LOAD, .p_vaddr = BASE, .p_filesz = sizeof(image)},
			     {.p_type = PT_INTERP,
			      .p_offset = AT(interp),
			      .p_filesz = sizeof(INTERP)},
			     {.p_type = PT_DYNAMIC,
			      .p_offset = AT(dynamic),
			      .p_filesz = sizeof(image.dynamic)}},
		.sections = {{.sh_type = SHT_DYNSYM,
			      .sh_addr = BASE + AT(symbols),
			      .sh_offset = AT(symbols),
			      .sh_size = sizeof(image.symbols)}},
		.dynamic = {{DT_NEEDED, {NEED_LIBC}},
			    {DT_NEEDED, {NEED_LIBZ}},
			    {DT_STRTAB, {BASE + AT(strings)}},
			    {DT_STRSZ, {sizeof(STRINGS)}},
			    {DT_SYMTAB, {BASE + AT(symbols)}},
			    {DT_NULL, {0}}},
		.symbols = {{.st_name = 0},
			    {.st_name = SYM_PREAD},
			    {.st_name = SYM_MAIN, .st_shndx = 1},
			    {.st_name = SYM_IOCTL}},
		.interp = INTERP,
		.strings = STRINGS,
	};

	memcpy(image.head.e_ident, ELFMAG, SELFMAG);
	image.head.e_ident[EI_CLASS] = ELFCLASS64;
	image.head.e_ident[EI_DATA] =
		__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__ ? ELFDATA2LSB : ELFDATA2MSB;
	return image;
}

/* elf_open() of a file that holds the bytes. */
static int open_bytes(const void *bytes, size_t size, struct elf **ret)
{
	int fd = memfd_create("elf", MFD_CLOEXEC), rc;
	char path[32];

	assert_true(fd >= 0);
	assert_int_equal(write(fd, bytes, size), size);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	rc = elf_open(path, ret);
	close(fd);
	return rc;
}

static struct elf *open_image(const struct image *image)
{
	struct elf *elf;

	assert_int_equal(open_bytes(image, sizeof(*image), &elf), 0);
	return elf;
}

/* Asks everything there is to ask. */
static void walk(const struct elf *elf)
{
	char buf[32];

	assert_false(elf_wants(elf, "no symbol of this name"));
	assert_false(elf_defines(elf, "no symbol of this name"));
	assert_true(!elf_info(elf)->interp || strlen(elf_info(elf)->interp) < SIZE_MAX);
	assert_non_null(elf_machine_name(elf_info(elf)->machine, buf, sizeof(buf)));
}

static void test_good(void **state)
{
	struct image image = good();
	struct elf *elf = open_image(&image);
	const struct elf_info *info = elf_info(elf);

	assert_true(info->is_64 && info->is_native && !info->is_static && info->has_symbols);
	assert_string_equal(info->interp, INTERP);
	assert_true(elf_wants(elf, "__pread64_chk"));
	assert_true(elf_wants(elf, "ioctl"));
	assert_false(elf_wants(elf, "main"));
	assert_false(elf_wants(elf, "ioct"));
	assert_true(elf_defines(elf, "main"));
	assert_false(elf_defines(elf, "ioctl"));
	elf_close(elf);
}

static void test_this_program(void **state)
{
	struct elf *elf;

	assert_int_equal(elf_open("/proc/self/exe", &elf), 0);
	assert_true(elf_info(elf)->is_native && !elf_info(elf)->is_static);
	assert_true(elf_info(elf)->has_symbols);
	assert_true(elf_wants(elf, "memfd_create"));
	elf_close(elf);
}

static void test_kinds(void **state)
{
	struct image image = good();
	struct elf *elf;

	image.segments[1].p_type = PT_NOTE;
	elf = open_image(&image);
	assert_true(elf_info(elf)->is_static && !elf_info(elf)->interp);
	elf_close(elf);

	image = good();
	image.head.e_shoff = 0; /* as sstrip leaves a file */
	elf = open_image(&image);
	assert_false(elf_info(elf)->has_symbols);
	walk(elf);
	assert_false(elf_wants(elf, "__pread64_chk"));
	assert_false(elf_wants(elf, "ioctl"));
	assert_false(elf_defines(elf, "main"));
	elf_close(elf);

	image = good();
	image.head.e_ident[EI_CLASS] = ELFCLASS32;
	elf = open_image(&image);
	assert_false(elf_info(elf)->is_64 || elf_info(elf)->is_native);
	elf_close(elf);

	image = good();
	image.head.e_machine = EM_ARM;
	elf = open_image(&image);
	assert_false(elf_info(elf)->is_native);
	assert_int_equal(elf_info(elf)->machine, EM_ARM);
	elf_close(elf);

	image = good();
	image.head.e_ident[EI_DATA] ^= 3;
	elf = open_image(&image);
	assert_true(elf_info(elf)->is_64 && !elf_info(elf)->is_native);
	assert_int_equal(elf_info(elf)->machine, EM_NONE);
	elf_close(elf);
}

/* The bytes at `offset` of a good file replaced by 64 bits of `value`, and what becomes of it. */
struct lie {
	const char *what;
	size_t offset;
	size_t size;
	uint64_t value;
	int rc;
};

static const struct lie lies[] = {
	{"segments behind the end", AT(head.e_phoff), 8, sizeof(struct image) - 8, -EBADMSG},
	{"segments at the end of the world", AT(head.e_phoff), 8, UINT64_MAX - 8, -EBADMSG},
	{"no segments", AT(head.e_phnum), 2, 0, -EBADMSG},
	{"more segments than fit", AT(head.e_phnum), 2, 0xffff, -EBADMSG},
	{"segments of another size", AT(head.e_phentsize), 2, 1, -EBADMSG},
	{"interpreter behind the end", AT(segments[1].p_offset), 8, 1U << 30, -EBADMSG},
	{"interpreter without an end", AT(segments[1].p_filesz), 8, UINT64_MAX, -EBADMSG},
	{"interpreter without a NUL", AT(segments[1].p_filesz), 8, 4, 0},
	{"interpreter of no bytes", AT(segments[1].p_filesz), 8, 0, 0},
	{"dynamic section behind the end", AT(segments[2].p_offset), 8, 1U << 30, -EBADMSG},
	{"half a dynamic entry", AT(segments[2].p_filesz), 8, 24, 0},
	{"strings at an address that nothing has", AT(dynamic[2].d_un), 8, 4, -EBADMSG},
	{"strings behind the end", AT(dynamic[3].d_un), 8, 1U << 30, -EBADMSG},
	{"no strings", AT(dynamic[3].d_un), 8, 0, 0},
	{"a library's name outside of the strings", AT(dynamic[0].d_un), 8, UINT64_MAX, 0},
	{"a symbol's name outside of the strings", AT(symbols[1].st_name), 4, UINT32_MAX, 0},
	{"sections behind the end", AT(head.e_shoff), 8, UINT64_MAX, 0},
	{"more sections than fit", AT(head.e_shnum), 2, 0xffff, 0},
	{"symbols behind the end", AT(sections[0].sh_offset), 8, 1U << 30, 0},
	{"symbols without an end", AT(sections[0].sh_size), 8, UINT64_MAX, 0},
	{"a load address that wraps", AT(segments[0].p_vaddr), 8, UINT64_MAX, -EBADMSG},
	{"a load offset that wraps", AT(segments[0].p_offset), 8, UINT64_MAX, -EBADMSG},
};

static void test_lies(void **state)
{
	for (size_t i = 0; i < COUNT(lies); i++) {
		struct image image = good();
		struct elf *elf;
		int rc;

		memcpy((char *)&image + lies[i].offset, &lies[i].value, lies[i].size);
		rc = open_bytes(&image, sizeof(image), &elf);
		if (rc != lies[i].rc)
			fail_msg("%s: %d", lies[i].what, rc);
		if (rc == 0)
			walk(elf);
		else
			assert_null(elf);
		elf_close(elf);
	}
}

static void test_short(void **state)
{
	const struct image image = good();
	struct elf *elf;

	for (size_t size = 0; size < AT(strings) + sizeof(STRINGS); size++) {
		int rc = open_bytes(&image, size, &elf);

		assert_int_equal(rc, size < EI_NIDENT ? -ENOEXEC : -EBADMSG);
		assert_null(elf);
	}
}

static void test_random(void **state)
{
	uint64_t seed = 3;
	size_t opened = 0;

	for (int round = 0; round < 20000; round++) {
		struct image image = good();
		struct elf *elf;

		for (int k = 0; k < 1 + round % 4; k++) {
			uint64_t r = random_next(&seed);

			((uint8_t *)&image)[r % sizeof(image)] = (uint8_t)(r >> 32);
		}
		if (open_bytes(&image, sizeof(image), &elf) == 0) {
			walk(elf);
			opened++;
		}
		elf_close(elf);
	}
	assert_true(opened > 1000);
}

static void test_no_elf(void **state)
{
	char dir[] = "/tmp/test_elf.XXXXXX", fifo[64];
	struct elf *elf;

	assert_int_equal(open_bytes("#!/bin/sh\nexec true\n", 20, &elf), -ENOEXEC);
	assert_int_equal(elf_open("/nonexistent/file", &elf), -ENOENT);
	assert_int_equal(elf_open("/dev/null", &elf), -EINVAL);
	assert_int_equal(elf_open("/", &elf), -EINVAL);
	assert_non_null(mkdtemp(dir));
	snprintf(fifo, sizeof(fifo), "%s/fifo", dir);
	assert_int_equal(mkfifo(fifo, 0600), 0);
	assert_int_equal(elf_open(fifo, &elf), -EINVAL); /* and does not wait for a writer */
	unlink(fifo);
	rmdir(dir);
	elf_close(NULL);
}

static void test_machine_name(void **state)
{
	char buf[32];

	assert_string_equal(elf_machine_name(EM_AARCH64, buf, sizeof(buf)), "aarch64");
	assert_string_equal(elf_machine_name(EM_NONE, buf, sizeof(buf)), "another byte order");
	assert_string_equal(elf_machine_name(4711, buf, sizeof(buf)), "machine 4711");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_good),   cmocka_unit_test(test_this_program),
		cmocka_unit_test(test_kinds),  cmocka_unit_test(test_lies),
		cmocka_unit_test(test_short),  cmocka_unit_test(test_random),
		cmocka_unit_test(test_no_elf), cmocka_unit_test(test_machine_name),
	};

	return cmocka_run_group_tests_name("elf", tests, NULL, NULL);
}
