/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A filter for a program that does not ask for one, such as QEMU.
 *
 *   JAIL_MAIN  sets for the main thread, from the first message that it receives on: QEMU's devices
 *              are realized then, and it waits for commands
 *   JAIL_VCPU  sets for each other thread that accesses a device, from its first access on
 *
 * And what is the program's in any case:
 *
 *   JAIL_HANDLED  if it is set, SIGPIPE and SIGXFSZ have a handler, and no such signal may come
 */
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "jail.h"
#include "tests/lib/next_symbol.h"

static const char *for_main, *for_vcpu;
static pid_t main_thread;

static void on_signal(int number)
{
	_exit(number == SIGPIPE ? 98 : 99);
}

__attribute__((constructor)) static void read_environment(void)
{
	if (getenv("JAIL_HANDLED")) {
		signal(SIGPIPE, on_signal);
		signal(SIGXFSZ, on_signal);
	}
	for_main = getenv("JAIL_MAIN");
	for_vcpu = getenv("JAIL_VCPU");
	main_thread = getpid();
}

static void enter(const char *sets)
{
	if (jail_enter(sets) < 0) {
		perror("jail");
		abort();
	}
	fprintf(stderr, "jail: %s\n", sets);
}

/* The fake removes its files at the end, by calls that are no business of a VMM's. */
__attribute__((unused)) static void leave(int status, void *unused)
{
	_exit(status);
}

void jail_env_access(off_t at)
{
	static __thread bool seen;

	/* only regions of VFIO are that far out, and a guest's first access is to configuration */
	if (!for_vcpu || seen || at < (off_t)1 << 40)
		return;
	seen = true;
	if ((pid_t)syscall(SYS_gettid) != main_thread)
		enter(for_vcpu);
}

__attribute__((visibility("default"))) ssize_t recvmsg(int fd, struct msghdr *msg, int flags)
{
	static atomic_bool received;

	if (for_main && !atomic_load(&received) && (pid_t)syscall(SYS_gettid) == main_thread) {
		atomic_store(&received, true);
#ifdef __GLIBC__ /* which QEMU is built for here; musl has no such function */
		on_exit(leave, NULL);
#endif
		enter(for_main);
	}
	return NEXT(recvmsg)(fd, msg, flags);
}
