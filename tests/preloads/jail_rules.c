/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the threads of VMMs may call, and the filter that is made of it. */
#include <endian.h>
#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "jail.h"

#define INSNS_MAX 1024

enum rule_kind {
	ALLOWED = 1,
	REQUEST, /* an ioctl with this number */
	NO_EXEC, /* no executable memory, by the third argument */
	FAILS,	 /* with this errno */
};

struct rule {
	long nr;
	enum rule_kind kind;
	uint32_t value;
};

/*
 * What the shim may call once a device is handed out (HACKING.md): the calls that it intercepts, a
 * lock, what memory and whose table it is; and what a program needs to tell of it and to end.
 */
static const struct rule law[] = {
	{SYS_futex, ALLOWED, 0},
	{SYS_getpid, ALLOWED, 0},
	{SYS_ioctl, ALLOWED, 0},
	{SYS_pread64, ALLOWED, 0},
	{SYS_pwrite64, ALLOWED, 0},
	{SYS_preadv, ALLOWED, 0},
	{SYS_pwritev, ALLOWED, 0},
	{SYS_mmap, ALLOWED, 0},
	{SYS_munmap, ALLOWED, 0},
	{SYS_close, ALLOWED, 0},
	{SYS_dup, ALLOWED, 0},
	{SYS_dup3, ALLOWED, 0},
	{SYS_fcntl, ALLOWED, 0},
	{SYS_write, ALLOWED, 0},
	{SYS_exit, ALLOWED, 0},
	{SYS_madvise, ALLOWED, 0},
	{SYS_exit_group, ALLOWED, 0},
#ifdef SYS_dup2
	{SYS_dup2, ALLOWED, 0},
#endif
	{0},
};

/* map=compose moves memory of the shim's to where the VMM maps the BAR. */
static const struct rule compose[] = {
	{SYS_mremap, ALLOWED, 0},
	{SYS_mprotect, ALLOWED, 0},
	{0},
};

/* The exceptions that are documented: a log with the level debug or trace, to a file or a pipe. */
static const struct rule debug[] = {
	{SYS_fstat, ALLOWED, 0},
	{SYS_rt_sigpending, ALLOWED, 0},
	{SYS_rt_sigprocmask, ALLOWED, 0},
	{0},
};

/*
 * A vCPU thread of cloud-hypervisor, without the ioctls of KVM: what all its versions allow, so
 * neither openat nor fstat.
 */
static const struct rule vcpu[] = {
	{SYS_brk, ALLOWED, 0},
	{SYS_clock_gettime, ALLOWED, 0},
	{SYS_clock_nanosleep, ALLOWED, 0},
	{SYS_close, ALLOWED, 0},
	{SYS_dup, ALLOWED, 0},
	{SYS_epoll_ctl, ALLOWED, 0},
	{SYS_exit, ALLOWED, 0},
	{SYS_fcntl, ALLOWED, 0},
	{SYS_futex, ALLOWED, 0},
	{SYS_getpid, ALLOWED, 0},
	{SYS_getrandom, ALLOWED, 0},
	{SYS_ioctl, REQUEST, 0x3b69}, /* VFIO_GROUP_UNSET_CONTAINER */
	{SYS_ioctl, REQUEST, 0x3b6e}, /* VFIO_DEVICE_SET_IRQS */
	{SYS_ioctl, REQUEST, 0x3b71}, /* VFIO_IOMMU_MAP_DMA */
	{SYS_ioctl, REQUEST, 0x3b72}, /* VFIO_IOMMU_UNMAP_DMA */
	{SYS_ioctl, REQUEST, 0x3b77}, /* VFIO_DEVICE_DETACH_IOMMUFD_PT */
	{SYS_lseek, ALLOWED, 0},
	{SYS_madvise, ALLOWED, 0},
	{SYS_mmap, ALLOWED, 0},
	{SYS_mprotect, ALLOWED, 0},
	{SYS_mremap, ALLOWED, 0},
	{SYS_munmap, ALLOWED, 0},
	{SYS_nanosleep, ALLOWED, 0},
	{SYS_pread64, ALLOWED, 0},
	{SYS_pwrite64, ALLOWED, 0},
	{SYS_read, ALLOWED, 0},
	{SYS_recvfrom, ALLOWED, 0},
	{SYS_recvmsg, ALLOWED, 0},
	{SYS_rt_sigaction, ALLOWED, 0},
	{SYS_rt_sigprocmask, ALLOWED, 0},
	{SYS_rt_sigreturn, ALLOWED, 0},
	{SYS_sched_yield, ALLOWED, 0},
	{SYS_sendmsg, ALLOWED, 0},
	{SYS_sigaltstack, ALLOWED, 0},
	{SYS_tgkill, ALLOWED, 0},
	{SYS_tkill, ALLOWED, 0},
	{SYS_write, ALLOWED, 0},
	{SYS_writev, ALLOWED, 0},
	{0},
};

/* The process of a VFIO device of crosvm, as its minijail leaves it. */
static const struct rule crosvm[] = {
	{SYS_brk, ALLOWED, 0},
	{SYS_clock_gettime, ALLOWED, 0},
	{SYS_clock_nanosleep, ALLOWED, 0},
	{SYS_close, ALLOWED, 0},
	{SYS_dup, ALLOWED, 0},
#ifdef SYS_dup2
	{SYS_dup2, ALLOWED, 0},
	{SYS_epoll_wait, ALLOWED, 0},
	{SYS_open, FAILS, ENOENT},
	{SYS_poll, ALLOWED, 0},
	{SYS_readlink, ALLOWED, 0},
#endif
	{SYS_epoll_create1, ALLOWED, 0},
	{SYS_epoll_ctl, ALLOWED, 0},
	{SYS_epoll_pwait, ALLOWED, 0},
	{SYS_eventfd2, ALLOWED, 0},
	{SYS_exit, ALLOWED, 0},
	{SYS_exit_group, ALLOWED, 0},
	{SYS_fcntl, ALLOWED, 0},
	{SYS_ftruncate, ALLOWED, 0},
	{SYS_futex, ALLOWED, 0},
	{SYS_getcwd, ALLOWED, 0},
	{SYS_getpid, ALLOWED, 0},
	{SYS_gettid, ALLOWED, 0},
	{SYS_ioctl, REQUEST, 0x3b6e}, /* VFIO_DEVICE_SET_IRQS */
	{SYS_ioctl, REQUEST, 0x3b71}, /* VFIO_IOMMU_MAP_DMA */
	{SYS_ioctl, REQUEST, 0x3b72}, /* VFIO_IOMMU_UNMAP_DMA */
	{SYS_ioctl, REQUEST, 0x3b75}, /* VFIO_DEVICE_FEATURE */
	{SYS_ioctl, REQUEST, 0x3b76}, /* VFIO_DEVICE_BIND_IOMMUFD */
	{SYS_kill, ALLOWED, 0},
	{SYS_lseek, ALLOWED, 0},
	{SYS_madvise, ALLOWED, 0},
	{SYS_memfd_create, ALLOWED, 0},
	{SYS_mmap, NO_EXEC, 0},
	{SYS_mprotect, NO_EXEC, 0},
	{SYS_mremap, ALLOWED, 0},
	{SYS_munmap, ALLOWED, 0},
	{SYS_nanosleep, ALLOWED, 0},
	{SYS_openat, FAILS, ENOENT},
	{SYS_pipe2, ALLOWED, 0},
	{SYS_ppoll, ALLOWED, 0},
	{SYS_pread64, ALLOWED, 0},
	{SYS_prlimit64, ALLOWED, 0},
	{SYS_pwrite64, ALLOWED, 0},
	{SYS_read, ALLOWED, 0},
	{SYS_readlinkat, ALLOWED, 0},
	{SYS_readv, ALLOWED, 0},
	{SYS_recvfrom, ALLOWED, 0},
	{SYS_recvmsg, ALLOWED, 0},
	{SYS_restart_syscall, ALLOWED, 0},
	{SYS_rt_sigaction, ALLOWED, 0},
	{SYS_rt_sigprocmask, ALLOWED, 0},
	{SYS_rt_sigreturn, ALLOWED, 0},
	{SYS_sched_getaffinity, ALLOWED, 0},
	{SYS_sched_yield, ALLOWED, 0},
	{SYS_sendmsg, ALLOWED, 0},
	{SYS_sendto, ALLOWED, 0},
	{SYS_set_robust_list, ALLOWED, 0},
	{SYS_sigaltstack, ALLOWED, 0},
	{SYS_uname, ALLOWED, 0},
	{SYS_write, ALLOWED, 0},
	{SYS_writev, ALLOWED, 0},
	{0},
};

/* What QEMU's main loop calls by itself, apart from what it asks of devices. */
static const struct rule qemu[] = {
	{SYS_eventfd2, ALLOWED, 0}, /* for interrupts */
	{SYS_exit_group, ALLOWED, 0},
	{SYS_read, ALLOWED, 0},
	{SYS_recvmsg, ALLOWED, 0},
	{SYS_sendmsg, ALLOWED, 0},
	{SYS_ppoll, ALLOWED, 0},
	{SYS_ioctl, REQUEST, 0x3b6f}, /* VFIO_DEVICE_RESET, with the machine */
	{0},
};

static const struct {
	const char *name;
	const struct rule *rules;
} sets[] = {
	{"law", law},	{"compose", compose}, {"debug", debug},
	{"vcpu", vcpu}, {"crosvm", crosvm},   {"qemu", qemu},
};

/* The lower half of argument n, which is all of it for what is looked at. */
static uint32_t arg(unsigned int n)
{
	return (uint32_t)offsetof(struct seccomp_data, args[0]) + 8 * n +
	       (__BYTE_ORDER == __BIG_ENDIAN ? 4 : 0);
}

static size_t compile(const struct rule *rule, struct sock_filter *to)
{
	const bool judged = rule->kind == REQUEST || rule->kind == NO_EXEC;
	const uint32_t ret =
		rule->kind == FAILS ? SECCOMP_RET_ERRNO | rule->value : (uint32_t)SECCOMP_RET_ALLOW;
	size_t n = 0;

	to[n++] = (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS,
					       offsetof(struct seccomp_data, nr));
	to[n++] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (uint32_t)rule->nr, 0,
					       judged ? 3 : 1);
	if (judged)
		to[n++] = (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS,
						       arg(rule->kind == REQUEST ? 1 : 2));
	if (rule->kind == REQUEST)
		to[n++] =
			(struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, rule->value, 0, 1);
	else if (rule->kind == NO_EXEC)
		to[n++] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, PROT_EXEC, 1, 0);
	to[n++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, ret);
	return n;
}

/* Says what the process dies for, and dies: the handler is used once, and no set has getitimer. */
static void on_sigsys(int number, siginfo_t *info, void *context)
{
	char line[64];
	int n = snprintf(line, sizeof(line), "jail: no system call %d\n", info->si_syscall);

	if (write(STDERR_FILENO, line, (size_t)n) == n)
		syscall(SYS_getitimer, 0, NULL);
	abort();
}

static const struct rule *find(const char *name, size_t len)
{
	for (size_t i = 0; i < sizeof(sets) / sizeof(sets[0]); i++) {
		if (strlen(sets[i].name) == len && memcmp(sets[i].name, name, len) == 0)
			return sets[i].rules;
	}
	return NULL;
}

int jail_install(const char *names)
{
	const struct sigaction tell_and_die = {
		.sa_sigaction = on_sigsys,
		.sa_flags = SA_SIGINFO | (int)SA_RESETHAND | SA_NODEFER,
	};
	static struct sock_filter filter[INSNS_MAX];
	size_t n = 0, len;

	for (; *names; names += len + (names[len] == '+')) {
		len = strcspn(names, "+");

		const struct rule *rule = find(names, len);

		if (!rule) {
			errno = EINVAL;
			return -1;
		}
		for (; rule->kind; rule++)
			n += compile(rule, filter + n);
	}
	filter[n++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_TRAP);

	struct sock_fprog program = {(unsigned short)n, filter};

	sigaction(SIGSYS, &tell_and_die, NULL);
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
		return -1;
	return prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program);
}
