/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The library, and what of this system keeps a VMM from it: security modules, memlock. */
#include <dlfcn.h>
#include <errno.h>
#include <limits.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cli/doctor/doctor.h"
#include "cli/library.h"

#define RECIPES "recipes.md says how to use a wrapper with libvirt"

#define CAP_IPC_LOCK 14 /* linux/capability.h */

/*
 * Loads the library in another process, where it can't change this one. 0, or a negative
 * errno and the dynamic linker's complaint in err.
 */
static int try_load(const char *path, char *err, size_t size)
{
	int ends[2], status = 0;

	*err = '\0';
	if (pipe(ends) < 0)
		return -errno;

	pid_t pid = fork();

	if (pid == 0) {
		bool loaded = dlopen(path, RTLD_NOW | RTLD_LOCAL);
		const char *why = loaded ? "" : dlerror();

		_exit(write(ends[1], why, strlen(why)) < 0 || !loaded);
	}
	close(ends[1]);

	ssize_t len = pid < 0 ? 0 : read(ends[0], err, size - 1);

	err[len > 0 ? len : 0] = '\0';
	close(ends[0]);
	if (pid < 0)
		return -EAGAIN;
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	return status ? -ELIBBAD : 0;
}

/* The part of the path (or all of it) that only some users can go through; "" if there is none. */
static void find_private(const char *path, char *buf, size_t size)
{
	struct stat st;

	snprintf(buf, size, "%s", path);
	if (stat(buf, &st) < 0 || !(st.st_mode & S_IROTH))
		return;
	for (char *slash = strrchr(buf, '/'); slash && slash != buf; slash = strrchr(buf, '/')) {
		*slash = '\0';
		if (stat(buf, &st) < 0 || !(st.st_mode & S_IXOTH))
			return;
	}
	*buf = '\0';
}

static void check_library(struct doctor *d, const char *path)
{
	char err[512], private[PATH_MAX];
	int rc = try_load(path, err, sizeof(err));

	if (rc == -ELIBBAD) {
		doctor_say(d, DOCTOR_PROBLEM, "library", "can't be loaded: %s", *err ? err : path);
		doctor_way_out(d, "install it again, on a file system that is not mounted noexec");
		return;
	}
	if (rc < 0) {
		doctor_say(d, DOCTOR_UNKNOWN, "library", "%s: not tried: %s", path, strerror(-rc));
		return;
	}
	find_private(path, private, sizeof(private));
	if (*private) {
		doctor_say(d, DOCTOR_WARNING, "library",
			   "%s can be loaded, but not by all users: %s", path, private);
		doctor_way_out(d, "VMMs of other users (libvirt's) can't: chmod o+rX %s", private);
		return;
	}
	doctor_say(d, DOCTOR_OK, "library", "%s can be loaded", path);
}

void doctor_library(struct doctor *d)
{
	char err[PATH_MAX];

	if (library_find(d->libdir, LIBRARY_SHIM, &d->library, err, sizeof(err)) == 0) {
		check_library(d, d->library);
		return;
	}
	doctor_say(d, DOCTOR_PROBLEM, "library", "%s", err);
	doctor_way_out(d, LIBRARY_HINT);
}

/* Whether the profiles and policies of distributions let any program read it. */
static bool is_in_system(const char *library)
{
	return !strncmp(library, "/usr/lib", strlen("/usr/lib")) ||
	       !strncmp(library, "/lib", strlen("/lib"));
}

static void check_apparmor(struct doctor *d)
{
	char enabled[8] = "";
	int rc = tree_line(&d->tree, enabled, sizeof(enabled),
			   "sys/module/apparmor/parameters/enabled");

	if (rc < 0 && rc != -ENOENT) {
		doctor_say(d, DOCTOR_UNKNOWN, "apparmor", "not known: %s", strerror(-rc));
		return;
	}
	if (*enabled != 'Y') {
		doctor_say(d, DOCTOR_OK, "apparmor", "off");
		return;
	}
	doctor_say(d, DOCTOR_WARNING, "apparmor",
		   "on: the profiles of libvirt's guests decide what they may read and start");
	if (d->library && !is_in_system(d->library))
		doctor_way_out(d,
			       "add the line '%s mr,' to "
			       "/etc/apparmor.d/local/abstractions/libvirt-qemu; " RECIPES,
			       d->library);
	else
		doctor_way_out(d, RECIPES);
}

static void check_selinux(struct doctor *d)
{
	char enforce[8] = "";
	int rc = tree_line(&d->tree, enforce, sizeof(enforce), "sys/fs/selinux/enforce");

	if (rc < 0 && rc != -ENOENT) {
		doctor_say(d, DOCTOR_UNKNOWN, "selinux", "not known: %s", strerror(-rc));
		return;
	}
	if (rc < 0 || *enforce != '1') {
		doctor_say(d, DOCTOR_OK, "selinux", rc < 0 ? "off" : "permissive");
		return;
	}
	doctor_say(d, DOCTOR_WARNING, "selinux",
		   "enforcing: where the domain changes, as for libvirt's guests, LD_PRELOAD is "
		   "dropped");
	if (d->library && !is_in_system(d->library))
		doctor_way_out(d, "restorecon -v %s, or chcon -t lib_t; " RECIPES, d->library);
	else
		doctor_way_out(d, RECIPES);
}

void doctor_security(struct doctor *d)
{
	if (tree_exists(&d->tree, "sys/module") < 0) {
		doctor_say(d, DOCTOR_UNKNOWN, "apparmor",
			   "not known, nor is SELinux: there is no %s/sys/module", d->tree.root);
		return;
	}
	check_apparmor(d);
	check_selinux(d);
}

/* Whether this process is exempt from the limit: vfio_lock_acct() asks for CAP_IPC_LOCK. */
static bool may_lock(void)
{
	char line[128];
	unsigned long long effective = 0;
	FILE *in = fopen("/proc/self/status", "re");

	while (in && fgets(line, sizeof(line), in)) {
		if (sscanf(line, "CapEff: %llx", &effective) == 1)
			break;
	}
	if (in)
		fclose(in);
	return effective >> CAP_IPC_LOCK & 1;
}

void doctor_memlock(struct doctor *d)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_MEMLOCK, &limit) < 0) {
		doctor_say(d, DOCTOR_UNKNOWN, "memlock", "not known: %s", strerror(errno));
	} else if (limit.rlim_cur == RLIM_INFINITY) {
		doctor_say(d, DOCTOR_OK, "memlock", "unlimited");
	} else if (may_lock()) {
		doctor_say(d, DOCTOR_OK, "memlock",
			   "%ju KiB, but this user may lock more (CAP_IPC_LOCK)",
			   (uintmax_t)limit.rlim_cur / 1024);
	} else {
		doctor_say(d, DOCTOR_WARNING, "memlock",
			   "%ju KiB, and VFIO locks all memory of a guest",
			   (uintmax_t)limit.rlim_cur / 1024);
		doctor_way_out(d, "memlock in /etc/security/limits.conf, LimitMEMLOCK= of systemd; "
				  "libvirt raises it by itself");
	}
}
