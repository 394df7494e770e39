/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * passed [bind|kcmp]: a child opens the device, and sends over a socket: a descriptor of it, the
 * same one again, and one of a second VFIO_GROUP_GET_DEVICE_FD. The parent, whose libraries have
 * seen none of that, adds a duplicate of the first that is made by a raw system call. For each it
 * prints the sizes of the BARs or the errno, and whether a write to the last BAR through the first
 * one is read back. Then, if it has a device, calls under a seccomp filter that kills for files
 * being opened. With bind all this is done before and after VFIO_DEVICE_BIND_IOMMUFD on the
 * first one. kcmp: only whether the kernel has that call, and lets it.
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <linux/filter.h>
#include <linux/kcmp.h>
#include <linux/seccomp.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/lib/user.h"

#define FDS   3
#define TABLE ((off_t)5 << 40)

/* The child. It stays until the parent has all that it wants. */
static void give(int sock)
{
	struct user user;
	char byte;

	if (user_open(&user, USER_GROUP, USER_NAME))
		_exit(1);

	int fds[FDS] = {user.device, user.device,
			ioctl(user.group, VFIO_GROUP_GET_DEVICE_FD, USER_NAME)};

	if (user_send(sock, fds, FDS))
		_exit(1);
	_exit(read(sock, &byte, 1) != 0);
}

static bool print_bars(int fd)
{
	for (uint32_t bar = 0; bar < 6; bar++) {
		struct vfio_region_info info = {.argsz = sizeof(info), .index = bar};

		if (ioctl(fd, VFIO_DEVICE_GET_REGION_INFO, &info) < 0) {
			printf(" errno %d", errno);
			return false;
		}
		printf(" 0x%" PRIx64, (uint64_t)info.size);
	}
	return true;
}

/* Whether what is written to the emulated table by one fd is read by the other. */
static const char *shared(int fd, int other)
{
	static uint32_t value;
	uint32_t back = 0;

	value += 4;
	if (pwrite(fd, &value, 4, TABLE) != 4 || pread(other, &back, 4, TABLE) != 4)
		return "no table";
	return back == value ? "shared" : "apart";
}

/* The calls in which no file may be opened or looked up: the fds have been used before. */
static int under_filter(int fd)
{
	static const unsigned int deadly[] = {
		SYS_openat,
		SYS_readlinkat,
#ifdef SYS_readlink
		SYS_readlink,
#endif
		SYS_kcmp,
	};
	const size_t n = sizeof(deadly) / sizeof(deadly[0]);
	struct sock_filter filter[2 * sizeof(deadly) / sizeof(deadly[0]) + 2] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr))};
	struct sock_fprog program = {(unsigned short)(2 * n + 2), filter};
	struct vfio_irq_info info = {.argsz = sizeof(info)};

	for (size_t i = 0; i < n; i++) {
		filter[1 + 2 * i] =
			(struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, deadly[i], 0, 1);
		filter[2 + 2 * i] =
			(struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS);
	}
	filter[1 + 2 * n] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) ||
	    prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program))
		return 1;
	printf("under a filter:");
	print_bars(fd);
	printf(", irqs %d\n", ioctl(fd, VFIO_DEVICE_GET_IRQ_INFO, &info));
	return 0;
}

static bool print_all(const int fds[FDS + 1])
{
	static const char *const names[] = {"received", "again", "second", "duplicate"};
	bool ok = true;

	for (int i = 0; i <= FDS; i++) {
		printf("%s:", names[i]);
		ok &= print_bars(fds[i]);
		printf(", %s\n", shared(fds[0], fds[i]));
	}
	return ok;
}

int main(int argc, char **argv)
{
	long self = getpid();

	if (argc > 1 && strcmp(argv[1], "kcmp") == 0)
		return syscall(SYS_kcmp, self, self, KCMP_FILE, 0, 0) != 0;

	int live = open("/dev/vfio/vfio", O_RDWR); /* the fake of this process has to be awake */
	int pair[2], fds[FDS + 1], status;
	bool ok;

	if (live < 0 || socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair))
		return 1;

	pid_t pid = fork();

	if (pid == 0) {
		close(pair[0]);
		give(pair[1]);
	}
	close(pair[1]);
	if (user_receive(pair[0], fds, FDS)) {
		printf("nothing arrived\n");
		return 1;
	}
	fds[FDS] = (int)syscall(SYS_dup, fds[0]);
	ok = print_all(fds);
	if (argc > 1) {
		printf("bind: %d\n", ioctl(fds[0], USER_BIND, NULL) ? errno : 0);
		ok = print_all(fds);
	}
	fflush(stdout);
	close(pair[0]);
	if (waitpid(pid, &status, 0) != pid || status)
		return 1;
	return ok ? under_filter(fds[0]) : 0;
}
