/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/cli.h"
#include "cli/elf.h"
#include "cli/file.h"
#include "cli/privilege.h"
#include "cli/run/run.h"
#include "cli/vmm.h"

#define MAX_SCRIPTS 5	/* interpreters that are scripts themselves; exec_binprm() */
#define SCRIPT_HEAD 256 /* what the kernel reads of a script: BINPRM_BUF_SIZE */

static int no_memory(void)
{
	cli_error("run: out of memory");
	return RUN_FAILED;
}

/* Whether `path` can be executed; if not, errno says why, as execve() would. */
static bool is_executable(const char *path)
{
	struct stat st;

	if (stat(path, &st) < 0)
		return false;
	if (S_ISREG(st.st_mode))
		return cli_access(path, X_OK) == 0;
	errno = EACCES;
	return false;
}

/* The first file of that name in PATH that can be executed. NULL with errno, as execvp(). */
static char *search(const char *name)
{
	const char *dirs = getenv("PATH");
	int failed = ENOENT;

	for (const char *dir = dirs ? dirs : "/bin:/usr/bin"; dir;) {
		size_t len = strcspn(dir, ":");
		char *path;

		if (asprintf(&path, "%.*s/%s", len ? (int)len : 1, len ? dir : ".", name) < 0) {
			errno = ENOMEM;
			return NULL;
		}
		if (is_executable(path))
			return path;
		if (errno == EACCES)
			failed = EACCES;
		free(path);
		dir = dir[len] ? dir + len + 1 : NULL;
	}
	errno = failed;
	return NULL;
}

static char *find(const char *command)
{
	if (!strchr(command, '/') && *command)
		return search(command);
	return is_executable(command) ? strdup(command) : NULL;
}

/* The interpreter that the script `path` names: what follows "#!". NULL: it is not a script. */
static char *script_interpreter(const char *path)
{
	static const char blanks[] = " \t";
	char head[SCRIPT_HEAD + 1];
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? -1 : read(fd, head, SCRIPT_HEAD);

	if (fd >= 0)
		close(fd);
	if (n < 2 || memcmp(head, "#!", 2) != 0)
		return NULL;
	head[n] = '\0';
	head[strcspn(head, "\n")] = '\0';

	const char *name = head + 2 + strspn(head + 2, blanks);
	size_t len = strcspn(name, blanks);

	return len ? strndup(name, len) : NULL;
}

/* What is there to start another program as another user: msixshim can be that program. */
static const char *const switchers[][2] = {
	{"doas", "doas msixshim run ..."},
	{"pkexec", "pkexec msixshim run ..."},
	{"su", "su -c 'msixshim run ...'"},
	{"sudo", "sudo msixshim run ..."},
};

/* Programs that start the one that their arguments name; a blank on each side of each. */
static const char starters[] =
	" ash bash busybox bwrap cgexec chroot chrt dash dbus-run-session env fish firejail flock "
	"gdb ionice ip ksh ltrace mksh nice nohup nsenter numactl perf prlimit runuser script "
	"setarch setpriv setsid sh stdbuf strace systemd-inhibit systemd-run taskset time timeout "
	"tmux unshare valgrind xargs zsh ";

static int refuse_setid(const char *path, const char *kind)
{
	for (size_t i = 0; i < sizeof(switchers) / sizeof(switchers[0]); i++) {
		if (strcmp(file_name(path), switchers[i][0]) != 0)
			continue;
		cli_error("run: %s is %s, and nothing can be preloaded into such a program; put %s "
			  "before msixshim: %s",
			  path, kind, switchers[i][0], switchers[i][1]);
		return RUN_FAILED;
	}
	cli_error("run: %s is %s, and nothing can be preloaded into such a program; use a copy "
		  "without that bit, as the user who may open the device",
		  path, kind);
	return RUN_FAILED;
}

/* A file that would be started in secure mode can't have the shim. */
static int check_privileges(const char *path)
{
	enum privilege privilege;
	int rc = privilege_of_file(path, &privilege);

	if (rc < 0) {
		cli_error("run: %s: %s", path, strerror(-rc));
		return RUN_FAILED;
	}
	switch (privilege) {
	case PRIVILEGE_NONE:
		break;
	case PRIVILEGE_SETUID:
		return refuse_setid(path, "setuid");
	case PRIVILEGE_SETGID:
		return refuse_setid(path, "setgid");
	case PRIVILEGE_CAPABILITIES:
		cli_error("run: %s has file capabilities, and nothing can be preloaded into such a "
			  "program; use a copy without them (cp drops them), and ambient "
			  "capabilities (setpriv --ambient-caps, AmbientCapabilities= of systemd)",
			  path);
		return RUN_FAILED;
	}
	return 0;
}

static int check_elf(const char *path, const struct elf_info *info)
{
	char buf[32];

	if (!info->is_native && !info->is_64) {
		cli_error("run: %s is a 32-bit program, and a 32-bit program can't express VFIO's "
			  "offsets; use its 64-bit build",
			  path);
		return RUN_FAILED;
	}
	if (!info->is_native) {
		cli_error("run: %s is a program for %s, not for this machine; use a native build",
			  path, elf_machine_name(info->machine, buf, sizeof(buf)));
		return RUN_FAILED;
	}
	if (info->is_static) {
		cli_error("run: %s is statically linked, and nothing can be preloaded into such a "
			  "program; use a build that is linked dynamically",
			  path);
		return RUN_FAILED;
	}
	return 0;
}

/* Fills ret->loader if the ELF file ret->program can have a library preloaded. */
static int look_at_program(const struct elf *elf, struct run_target *ret)
{
	int status = check_elf(ret->program, elf_info(elf));

	if (!status)
		status = check_privileges(ret->program);
	if (!status) {
		ret->loader = strdup(elf_info(elf)->interp);
		if (!ret->loader)
			status = no_memory();
	}
	return status;
}

/* The program that executes ret->path: itself, or the interpreter at the end of the scripts. */
static int find_program(struct run_target *ret)
{
	struct elf *elf;
	int rc = elf_open(ret->program, &elf);

	for (int i = 0; rc == -ENOEXEC && i < MAX_SCRIPTS; i++) {
		char *next = script_interpreter(ret->program);

		if (!next)
			break;
		free(ret->program);
		ret->program = next;
		rc = elf_open(next, &elf);
	}
	if (rc == -ENOEXEC) {
		cli_error("run: %s is neither a program nor a script that starts with #!",
			  ret->program);
		return RUN_NOT_EXECUTABLE;
	}
	if (rc == -ENOENT) {
		cli_error("run: %s: No such file or directory, the interpreter of %s", ret->program,
			  ret->path);
		return RUN_NOT_FOUND;
	}
	if (rc < 0) {
		cli_error("run: %s: it has to be read to see what it is: %s", ret->program,
			  rc == -EBADMSG ? "a damaged program" : strerror(-rc));
		return RUN_FAILED;
	}

	int status = look_at_program(elf, ret);

	elf_close(elf);
	return status;
}

int run_target_find(const char *command, struct run_target *ret)
{
	*ret = (struct run_target){.path = find(command)};
	if (!ret->path) {
		cli_error("run: %s: %s", command, strerror(errno));
		return errno == ENOENT || errno == ENOTDIR ? RUN_NOT_FOUND : RUN_NOT_EXECUTABLE;
	}
	ret->program = strdup(ret->path);
	if (!ret->program)
		return no_memory();
	return find_program(ret);
}

static bool starts_others(const char *path)
{
	char word[NAME_MAX + 3];

	snprintf(word, sizeof(word), " %s ", file_name(path));
	return strstr(starters, word) != NULL;
}

void run_target_note(const struct run_target *target)
{
	static const char proven[] = "is proven, that what it starts has it is not";
	const struct vmm_traits *vmm = vmm_of_file(target->program);

	if (strcmp(target->path, target->program) != 0)
		cli_error("run: note: %s is a script; that its interpreter %s has the shim %s",
			  target->path, target->program, proven);
	else if (starts_others(target->path))
		cli_error("run: note: %s starts other programs; that it has the shim itself %s",
			  target->path, proven);
	else if (vmm_is_special(vmm))
		cli_error("run: note: %s is known as %s: %s", target->path, vmm->name,
			  vmm_what(vmm));
}

void run_target_free(struct run_target *target)
{
	free(target->path);
	free(target->program);
	free(target->loader);
}
