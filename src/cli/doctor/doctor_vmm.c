/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The VMMs in PATH: whether a library can be preloaded, and sees their calls. */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "cli/doctor/doctor.h"
#include "cli/elf.h"
#include "cli/file.h"
#include "cli/privilege.h"
#include "cli/vmm.h"

#define SUBJECT "vmm"

/*
 * How a program comes by a descriptor of a VFIO device or a mapping of it, uses it and loses it:
 * the library's manifest. A name that a library does not define is a call that it would not see.
 */
static const char *const calls[] = {
	"open",		 "open64",	 "__open_2", "__open64_2", "openat",	  "openat64",
	"__openat_2",	 "__openat64_2", "ioctl",    "pread",	   "pread64",	  "__pread_chk",
	"__pread64_chk", "pwrite",	 "pwrite64", "preadv",	   "preadv2",	  "preadv64",
	"preadv64v2",	 "pwritev",	 "pwritev2", "pwritev64",  "pwritev64v2", "mmap",
	"mmap64",	 "mremap",	 "munmap",   "close",	   "close_range", "closefrom",
	"dup",		 "dup2",	 "dup3",     "fcntl",	   "fcntl64",	  "recvmsg",
	"recvmmsg",
};

/* What is found out of a program. */
struct vmm {
	const char *path;
	const struct vmm_traits *known; /* its row of the table */
	struct stat st;
	const struct elf *elf;
	const struct elf *library; /* NULL: not there */
	const char *interp;	   /* the dynamic linker that the library is made for */
};

static void check_calls(struct doctor *d, const struct vmm *v)
{
	char missed[256] = "";
	unsigned int used = 0, covered = 0;

	if (!v->library || !elf_info(v->elf)->has_symbols || !elf_wants(v->elf, "ioctl")) {
		doctor_say(d, DOCTOR_UNKNOWN, SUBJECT,
			   "%s: a library can be preloaded; whether it sees all calls is not "
			   "known: %s",
			   v->path,
			   !v->library			   ? "there is no library to compare with"
			   : elf_info(v->elf)->has_symbols ? "other libraries make them"
							   : "it has no table of symbols");
		return;
	}
	for (size_t i = 0; i < sizeof(calls) / sizeof(calls[0]); i++) {
		size_t len = strlen(missed);

		if (!elf_wants(v->elf, calls[i]))
			continue;
		used++;
		if (elf_defines(v->library, calls[i]))
			covered++;
		else
			snprintf(missed + len, sizeof(missed) - len, " %s", calls[i]);
	}
	if (covered == used) {
		doctor_say(d, DOCTOR_OK, SUBJECT,
			   "%s: a library can be preloaded, and sees all %u calls%s; known as %s: "
			   "%s (%s)",
			   v->path, used,
			   elf_wants(v->elf, "__pread64_chk") ? " (fortified ones, too)" : "",
			   v->known->name, vmm_what(v->known), vmm_proof(v->known));
		return;
	}
	doctor_say(d, DOCTOR_PROBLEM, SUBJECT, "%s: the library does not see these calls:%s",
		   v->path, missed);
	doctor_way_out(d, "report this with the program's version; a newer library may have them");
}

/* What would have the program started in secure mode; NULL: nothing. */
static const char *find_privilege(const struct vmm *v)
{
	static const char *const names[] = {
		[PRIVILEGE_SETUID] = "setuid",
		[PRIVILEGE_SETGID] = "setgid",
		[PRIVILEGE_CAPABILITIES] = "with file capabilities",
	};
	enum privilege privilege;

	return privilege_of_file(v->path, &privilege) < 0 ? NULL : names[privilege];
}

static void check_program(struct doctor *d, const struct vmm *v)
{
	const struct elf_info *info = elf_info(v->elf);
	const char *privilege = find_privilege(v);
	char machine[32];

	if (!info->is_64) {
		doctor_say(d, DOCTOR_WARNING, SUBJECT, "%s: a 32-bit program", v->path);
		doctor_way_out(d, "use its 64-bit build");
	} else if (!info->is_native) {
		doctor_say(d, DOCTOR_WARNING, SUBJECT, "%s: a program for %s", v->path,
			   elf_machine_name(info->machine, machine, sizeof(machine)));
		doctor_way_out(d, "use a build for this machine");
	} else if (info->is_static) {
		doctor_say(d, DOCTOR_WARNING, SUBJECT,
			   "%s: static, nothing can be preloaded into it", v->path);
		doctor_way_out(d, "use a build that is linked dynamically");
	} else if (privilege) {
		doctor_say(d, DOCTOR_WARNING, SUBJECT,
			   "%s: %s, nothing can be preloaded into such a program", v->path,
			   privilege);
		doctor_way_out(d, "use a copy without that, as a user who may open the device");
	} else if (v->interp && strcmp(file_name(info->interp), file_name(v->interp)) != 0) {
		doctor_say(d, DOCTOR_WARNING, SUBJECT,
			   "%s: its dynamic linker is %s, the library is made for %s", v->path,
			   info->interp, v->interp);
		doctor_way_out(d, "build the library with the C library of that program");
	} else {
		check_calls(d, v);
	}
}

static void check_vmm(struct doctor *d, struct vmm *v)
{
	struct elf *elf;
	int rc = elf_open(v->path, &elf);

	if (rc == -ENOEXEC) {
		doctor_say(d, DOCTOR_UNKNOWN, SUBJECT,
			   "%s: no program but a script: what it starts counts", v->path);
		return;
	}
	if (rc < 0) {
		doctor_say(d, DOCTOR_UNKNOWN, SUBJECT, "%s: can't be looked at: %s", v->path,
			   rc == -EBADMSG ? "a damaged program" : strerror(-rc));
		return;
	}
	v->elf = elf;
	check_program(d, v);
	elf_close(elf);
}

static bool is_vmm(const char *name)
{
	return vmm_by_program((struct word){name, strlen(name)}) != vmm_none();
}

/* Files that were looked at: a directory may be in PATH twice, and a program have two names. */
struct seen {
	dev_t dev[128];
	ino_t ino[128];
	size_t count;
};

static bool is_new(struct seen *seen, const struct stat *st)
{
	for (size_t i = 0; i < seen->count; i++) {
		if (seen->dev[i] == st->st_dev && seen->ino[i] == st->st_ino)
			return false;
	}
	if (seen->count == sizeof(seen->dev) / sizeof(seen->dev[0]))
		return false;
	seen->dev[seen->count] = st->st_dev;
	seen->ino[seen->count++] = st->st_ino;
	return true;
}

static void check_directory(struct doctor *d, const char *dir, const struct vmm *common,
			    struct seen *seen)
{
	const struct tree tree = {dir};
	struct tree_names names;

	if (tree_list(&tree, &names, ".") < 0)
		return;
	for (size_t i = 0; i < names.count; i++) {
		char name[PATH_MAX], path[PATH_MAX];
		struct vmm v = *common;

		v.path = path;
		snprintf(name, sizeof(name), "%s/%s", dir, names.list[i]);
		if (!is_vmm(names.list[i]) || !realpath(name, path) || stat(path, &v.st) < 0 ||
		    !S_ISREG(v.st.st_mode) || !(v.st.st_mode & 0111) || !is_new(seen, &v.st))
			continue;
		v.known = vmm_of_file(path);
		check_vmm(d, &v);
	}
	tree_names_free(&names);
}

void doctor_vmms(struct doctor *d)
{
	const char *path = getenv("PATH");
	char *dirs = strdup(path ? path : ""), *rest = dirs, *dir;
	struct elf *library = NULL, *own = NULL;
	struct seen seen = {.count = 0};
	struct vmm common = {.path = NULL};

	if (d->library)
		elf_open(d->library, &library);
	/* A library does not say it; this program is built with the same one. */
	if (elf_open("/proc/self/exe", &own) == 0)
		common.interp = elf_info(own)->interp;
	common.library = library;
	while (dirs && (dir = strsep(&rest, ":")))
		check_directory(d, *dir ? dir : ".", &common, &seen);
	if (!seen.count) {
		doctor_say(d, DOCTOR_WARNING, SUBJECT, "none in PATH");
		doctor_way_out(d, "install one: QEMU, cloud-hypervisor, crosvm, kvmtool");
	}
	doctor_say(d, DOCTOR_OK, "others",
		   "a VMM of another name gets what the kernel says, and auto as QEMU does; in a "
		   "rule, "
		   "vmm= names the one that it is: %s",
		   vmm_names);
	elf_close(library);
	elf_close(own);
	free(dirs);
}
