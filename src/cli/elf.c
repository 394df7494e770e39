/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cli/elf.h"

#include <elf.h>
#include <endian.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#ifndef EM_LOONGARCH
#define EM_LOONGARCH 258
#endif

#define HOST_DATA (__BYTE_ORDER == __LITTLE_ENDIAN ? ELFDATA2LSB : ELFDATA2MSB)

/* No table that is looked at is larger; those of the largest VMMs have some 100 KiB. */
#define TABLE_MAX (UINT64_C(64) << 20)

/* A stretch of the file, read into memory. */
struct table {
	void *data; /* ends with a NUL that is not part of it */
	size_t size;
};

struct elf {
	int fd;
	uint64_t file_size;
	Elf64_Ehdr head;
	struct table segments; /* of Elf64_Phdr */
	struct table sections; /* of Elf64_Shdr */
	struct table dynamic;  /* of Elf64_Dyn */
	struct table symbols;  /* of Elf64_Sym */
	struct table strings;
	struct table interp;
	struct elf_info info;
};

static const struct {
	uint16_t machine;
	const char *name;
} machines[] = {
	{EM_NONE, "another byte order"},
	{EM_386, "i386"},
	{EM_X86_64, "x86-64"},
	{EM_ARM, "arm"},
	{EM_AARCH64, "aarch64"},
	{EM_PPC, "ppc"},
	{EM_PPC64, "ppc64"},
	{EM_RISCV, "riscv"},
	{EM_S390, "s390"},
	{EM_MIPS, "mips"},
	{EM_SPARCV9, "sparc64"},
	{EM_LOONGARCH, "loongarch"},
};

static uint16_t own_machine(void)
{
#if defined(__x86_64__)
	return EM_X86_64;
#elif defined(__aarch64__)
	return EM_AARCH64;
#elif defined(__powerpc64__)
	return EM_PPC64;
#elif defined(__riscv)
	return EM_RISCV;
#elif defined(__s390x__)
	return EM_S390;
#elif defined(__loongarch__)
	return EM_LOONGARCH;
#else
	return EM_NONE;
#endif
}

static bool read_fully(int fd, uint64_t offset, uint64_t size, char *buf)
{
	while (size) {
		ssize_t n = pread(fd, buf, size, (off_t)offset);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return false;
		buf += n;
		offset += (uint64_t)n;
		size -= (uint64_t)n;
	}
	return true;
}

/* All of file[offset, offset + size), which must be inside of it. 0 or a negative errno. */
static int read_table(const struct elf *elf, uint64_t offset, uint64_t size, struct table *ret)
{
	if (offset > elf->file_size || size > elf->file_size - offset || size > TABLE_MAX)
		return -EBADMSG;

	char *data = malloc(size + 1);

	if (!data)
		return -ENOMEM;
	if (!read_fully(elf->fd, offset, size, data)) {
		free(data);
		return -EIO;
	}
	data[size] = '\0';
	*ret = (struct table){data, size};
	return 0;
}

static int read_head(struct elf *elf)
{
	struct table t;
	int rc;

	if (elf->file_size < EI_NIDENT)
		return -ENOEXEC;
	rc = read_table(elf, 0, elf->file_size < sizeof(elf->head) ? EI_NIDENT : sizeof(elf->head),
			&t);
	if (rc)
		return rc;
	memcpy(&elf->head, t.data, t.size);
	free(t.data);
	if (memcmp(elf->head.e_ident, ELFMAG, SELFMAG) != 0)
		return -ENOEXEC;
	if (elf->file_size < sizeof(elf->head))
		return -EBADMSG;
	elf->info.is_64 = elf->head.e_ident[EI_CLASS] == ELFCLASS64;
	if (elf->head.e_ident[EI_DATA] != HOST_DATA)
		return 0;
	elf->info.machine = elf->head.e_machine; /* at one place for 32 and 64 bits */
	elf->info.is_native = elf->info.is_64 && elf->info.machine == own_machine();
	return 0;
}

static const Elf64_Phdr *segment(const struct elf *elf, size_t i)
{
	return i < elf->segments.size / sizeof(Elf64_Phdr)
		       ? (const Elf64_Phdr *)elf->segments.data + i
		       : NULL;
}

static const Elf64_Phdr *find_segment(const struct elf *elf, uint32_t type)
{
	const Elf64_Phdr *p;

	for (size_t i = 0; (p = segment(elf, i)); i++) {
		if (p->p_type == type)
			return p;
	}
	return NULL;
}

static int read_segments(struct elf *elf)
{
	uint16_t count = elf->head.e_phnum;
	const Elf64_Phdr *p;
	int rc;

	if (!count || elf->head.e_phentsize != sizeof(Elf64_Phdr))
		return -EBADMSG;
	rc = read_table(elf, elf->head.e_phoff, count * sizeof(Elf64_Phdr), &elf->segments);
	if (rc)
		return rc;
	p = find_segment(elf, PT_INTERP);
	elf->info.is_static = !p;
	if (p)
		rc = read_table(elf, p->p_offset, p->p_filesz, &elf->interp);
	if (rc)
		return rc;
	elf->info.interp = elf->interp.data;
	p = find_segment(elf, PT_DYNAMIC);
	return p ? read_table(elf, p->p_offset, p->p_filesz, &elf->dynamic) : 0;
}

static const Elf64_Dyn *dynamic(const struct elf *elf, size_t i)
{
	const Elf64_Dyn *d = (const Elf64_Dyn *)elf->dynamic.data + i;

	return i < elf->dynamic.size / sizeof(*d) && d->d_tag != DT_NULL ? d : NULL;
}

static bool dynamic_value(const struct elf *elf, int64_t tag, uint64_t *ret)
{
	const Elf64_Dyn *d;

	for (size_t i = 0; (d = dynamic(elf, i)); i++) {
		if (d->d_tag == tag) {
			*ret = d->d_un.d_val;
			return true;
		}
	}
	return false;
}

/* Where in the file address `addr` is loaded from. */
static bool offset_of(const struct elf *elf, uint64_t addr, uint64_t *ret)
{
	const Elf64_Phdr *p;

	for (size_t i = 0; (p = segment(elf, i)); i++) {
		if (p->p_type == PT_LOAD && p->p_offset <= elf->file_size && addr >= p->p_vaddr &&
		    addr - p->p_vaddr < p->p_filesz) {
			*ret = p->p_offset + (addr - p->p_vaddr);
			return true;
		}
	}
	return false;
}

static int read_strings(struct elf *elf)
{
	uint64_t addr, size, offset;

	if (!dynamic_value(elf, DT_STRTAB, &addr) || !dynamic_value(elf, DT_STRSZ, &size))
		return 0;
	if (!offset_of(elf, addr, &offset))
		return -EBADMSG;
	return read_table(elf, offset, size, &elf->strings);
}

/*
 * The section that is the dynamic symbol table. The dynamic linker needs no sections, but
 * nothing else tells the table's size: the hash tables may leave undefined symbols out.
 */
static int read_symbols(struct elf *elf)
{
	uint64_t addr;
	int rc;

	if (!elf->head.e_shoff || elf->head.e_shentsize != sizeof(Elf64_Shdr) ||
	    !dynamic_value(elf, DT_SYMTAB, &addr))
		return 0;
	rc = read_table(elf, elf->head.e_shoff, elf->head.e_shnum * sizeof(Elf64_Shdr),
			&elf->sections);

	const Elf64_Shdr *s = elf->sections.data;

	for (size_t i = 0; rc == 0 && i < elf->head.e_shnum; i++) {
		if (s[i].sh_type != SHT_DYNSYM || s[i].sh_addr != addr)
			continue;
		rc = read_table(elf, s[i].sh_offset, s[i].sh_size, &elf->symbols);
		elf->info.has_symbols = rc == 0;
		break;
	}
	/* What only a linker's table gets wrong does not keep the file from running. */
	return rc == -EBADMSG ? 0 : rc;
}

static int read_all(struct elf *elf)
{
	int rc = read_head(elf);

	if (rc < 0 || !elf->info.is_native)
		return rc;
	rc = read_segments(elf);
	if (!rc)
		rc = read_strings(elf);
	return rc < 0 ? rc : read_symbols(elf);
}

int elf_open(const char *path, struct elf **ret)
{
	struct elf *elf = calloc(1, sizeof(*elf));
	struct stat st = {.st_size = 0};
	int rc = 0;

	*ret = NULL;
	if (!elf)
		return -ENOMEM;
	/* not to wait for what a FIFO's other end does */
	elf->fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	if (elf->fd < 0 || fstat(elf->fd, &st) < 0)
		rc = -errno;
	else if (!S_ISREG(st.st_mode))
		rc = -EINVAL;
	if (!rc) {
		elf->file_size = (uint64_t)st.st_size;
		rc = read_all(elf);
	}
	if (elf->fd >= 0)
		close(elf->fd);
	if (rc < 0)
		elf_close(elf);
	else
		*ret = elf;
	return rc;
}

void elf_close(struct elf *elf)
{
	if (!elf)
		return;
	free(elf->segments.data);
	free(elf->sections.data);
	free(elf->dynamic.data);
	free(elf->symbols.data);
	free(elf->strings.data);
	free(elf->interp.data);
	free(elf);
}

const struct elf_info *elf_info(const struct elf *elf)
{
	return &elf->info;
}

/* The table of strings ends with a NUL in any case. */
static const char *string(const struct elf *elf, uint64_t offset)
{
	return offset < elf->strings.size ? (const char *)elf->strings.data + offset : NULL;
}

/* The next dynamic symbol that is defined, or that is not. */
static const char *next_symbol(const struct elf *elf, bool defined, size_t *pos)
{
	const Elf64_Sym *symbols = elf->symbols.data;

	while (*pos < elf->symbols.size / sizeof(*symbols)) {
		const Elf64_Sym *s = &symbols[(*pos)++];
		const char *name = string(elf, s->st_name);

		if ((s->st_shndx != SHN_UNDEF) == defined && name && *name)
			return name;
	}
	return NULL;
}

static bool has_symbol(const struct elf *elf, bool defined, const char *name)
{
	const char *symbol;
	size_t pos = 0;

	while ((symbol = next_symbol(elf, defined, &pos))) {
		if (!strcmp(symbol, name))
			return true;
	}
	return false;
}

bool elf_wants(const struct elf *elf, const char *name)
{
	return has_symbol(elf, false, name);
}

bool elf_defines(const struct elf *elf, const char *name)
{
	return has_symbol(elf, true, name);
}

const char *elf_machine_name(uint16_t machine, char *buf, size_t size)
{
	for (size_t i = 0; i < sizeof(machines) / sizeof(machines[0]); i++) {
		if (machines[i].machine == machine)
			return machines[i].name;
	}
	snprintf(buf, size, "machine %u", machine);
	return buf;
}
