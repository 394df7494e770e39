/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * inherit HOW WAY BDF COMMAND...: opens the device (WAY is as for user_open()) and hands something
 * of it to COMMAND, on descriptor 20 and, for a node, 21. COMMAND runs under LD_PRELOAD=$RECEIVER.
 *
 *   fork, spawn, raw  the device, to a child; raw: by a system call that no library sees
 *   exec              the device; the program itself becomes COMMAND
 *   socket            a socket, over which the device comes
 *   group             the group
 *   node              the node of WAY before it is bound, and an iommufd
 *   nothing           nothing
 *
 * Then tells whether what this program sees of the device has stayed as it was, and the data of the
 * first vector, which it set to 0x4711.
 */
#include <fcntl.h>
#include <linux/pci_regs.h>
#include <spawn.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/le.h"
#include "tests/lib/user.h"

#define THERE 20 /* where COMMAND has it */

static const char *receiver; /* the libraries that COMMAND gets */
static struct user user = {-1, -1, -1};

/* What this program sees. */
static struct view {
	uint64_t sizes[PCI_STD_NUM_BARS];
	uint8_t config[256];
	uint8_t entry[PCI_MSIX_ENTRY_SIZE]; /* the first one, where the capability says */
} before, after;

static off_t first_entry(const struct view *v)
{
	uint8_t at = v->config[PCI_CAPABILITY_LIST];

	while (at && v->config[at] != PCI_CAP_ID_MSIX)
		at = v->config[at + 1];

	const uint32_t table = le32_get(v->config + at + PCI_MSIX_TABLE);

	return (off_t)(user_region(&user, table & PCI_MSIX_TABLE_BIR).offset +
		       (table & PCI_MSIX_TABLE_OFFSET));
}

static bool look(struct view *v)
{
	struct vfio_region_info config = user_region(&user, VFIO_PCI_CONFIG_REGION_INDEX);
	const ssize_t size = sizeof(v->entry);

	for (uint32_t bar = 0; bar < PCI_STD_NUM_BARS; bar++)
		v->sizes[bar] = user_region(&user, bar).size;
	return pread(user.device, v->config, sizeof(v->config), (off_t)config.offset) ==
		       sizeof(v->config) &&
	       pread(user.device, v->entry, (size_t)size, first_entry(v)) == size;
}

/* An entry of its own, which nobody else's table has; the hardware's does not take it. */
static bool mark(void)
{
	static const uint8_t entry[PCI_MSIX_ENTRY_SIZE] = {
		0x00, 0x10, 0xe0, 0xfe, 0, 0, 0, 0, 0x11, 0x47, 0, 0, 1, 0, 0, 0,
	};

	return look(&before) &&
	       pwrite(user.device, entry, sizeof(entry), first_entry(&before)) == sizeof(entry) &&
	       look(&before);
}

static void execute(char **command)
{
	setenv("LD_PRELOAD", receiver, 1);
	execv(command[0], command);
	perror(command[0]);
	_exit(127);
}

static pid_t fork_with(int fd, int next, bool raw, char **command)
{
	pid_t pid = fork();

	if (pid == 0) {
		if (fd >= 0)
			raw ? syscall(SYS_dup3, fd, THERE, 0) : dup2(fd, THERE);
		if (next >= 0)
			dup2(next, THERE + 1);
		execute(command);
	}
	return pid;
}

static pid_t spawn_with(int fd, char **command)
{
	posix_spawn_file_actions_t actions;
	pid_t pid = -1;

	setenv("LD_PRELOAD", receiver, 1);
	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_adddup2(&actions, fd, THERE);
	if (posix_spawn(&pid, command[0], &actions, NULL, command, environ))
		pid = -1;
	posix_spawn_file_actions_destroy(&actions);
	return pid;
}

static pid_t send_to(char **command)
{
	int pair[2];
	pid_t pid;

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair))
		return -1;
	pid = fork_with(pair[1], -1, false, command);
	return user_send(pair[0], &user.device, 1) ? -1 : pid;
}

/* Before there is a device. */
static int give_node(const char *way, char **command)
{
	char path[64];
	int status;

	snprintf(path, sizeof(path), "/dev/vfio/%s", way);

	int node = open(path, O_RDWR | O_CLOEXEC), iommufd = open("/dev/iommu", O_RDWR | O_CLOEXEC);

	if (node < 0 || iommufd < 0)
		return 1;

	pid_t pid = fork_with(node, iommufd, false, command);

	return waitpid(pid, &status, 0) == pid ? status : 1;
}

static pid_t give(const char *how, char **command)
{
	if (strcmp(how, "exec") == 0) {
		dup2(user.device, THERE);
		execute(command);
	}
	if (strcmp(how, "spawn") == 0)
		return spawn_with(user.device, command);
	if (strcmp(how, "socket") == 0)
		return send_to(command);
	if (strcmp(how, "group") == 0)
		return fork_with(user.group, -1, false, command);
	if (strcmp(how, "nothing") == 0)
		return fork_with(-1, -1, false, command);
	return fork_with(user.device, -1, strcmp(how, "raw") == 0, command);
}

int main(int argc, char **argv)
{
	uint32_t data;
	int status;

	receiver = getenv("RECEIVER");
	if (argc < 5 || !receiver)
		return 2;
	if (strcmp(argv[1], "node") == 0)
		return give_node(argv[2], argv + 4) != 0;
	if (user_open(&user, argv[2], argv[3]) || !mark()) {
		perror("inherit");
		return 1;
	}

	pid_t pid = give(argv[1], argv + 4);

	if (pid < 0 || waitpid(pid, &status, 0) != pid || !look(&after))
		return 1;
	data = le32_get(after.entry + PCI_MSIX_ENTRY_DATA);
	fprintf(stderr, "sender: %s, data 0x%x\n",
		memcmp(&before, &after, sizeof(before)) == 0 ? "undisturbed" : "disturbed", data);
	user_close(&user);
	return 0;
}
