/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What an ELF file says of itself, as far as it decides whether a library can be preloaded:
 * its machine, its dynamic linker, the symbols that it wants. The file may be
 * anything: every offset and count in it is checked before it is used.
 *
 * Sources: System V ABI (gABI) chapters 4 and 5.
 */
#ifndef MSIXSHIM_CLI_ELF_H
#define MSIXSHIM_CLI_ELF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct elf;

struct elf_info {
	bool is_64;	    /* ELFCLASS64 */
	uint16_t machine;   /* EM_X86_64, ...; 0 (EM_NONE) if the byte order is not this host's */
	bool is_native;	    /* 64 bits, machine and byte order of this program; if not, no more is
			       known */
	const char *interp; /* the dynamic linker's path, of the struct elf; NULL: none */
	bool is_static;	    /* no dynamic linker: as a program, it never looks at LD_PRELOAD */
	bool has_symbols;   /* symbols are known; false: no table, or not where the rules say */
};

/*
 * Reads `path`. 0, and *ret is to be given to elf_close(). On failure *ret is NULL, and the
 * result -ENOEXEC (no ELF file: a script, perhaps), -EINVAL (not a regular file), -EBADMSG (an
 * ELF file whose parts are not where it says), -EIO (it can't be read), -ENOMEM, or the negative
 * errno of open().
 */
int elf_open(const char *path, struct elf **ret);

/* Frees everything that was got from `elf`; NULL is allowed. */
void elf_close(struct elf *elf);

/* Valid until elf_close(). */
const struct elf_info *elf_info(const struct elf *elf);

/* Whether `name` is among the undefined dynamic symbols, in any version. */
bool elf_wants(const struct elf *elf, const char *name);

/* Whether the file defines the dynamic symbol `name`: other files can use it. */
bool elf_defines(const struct elf *elf, const char *name);

/* The name of a machine: "x86-64"; "machine 1234" goes to buf for others. */
const char *elf_machine_name(uint16_t machine, char *buf, size_t size);

#endif
