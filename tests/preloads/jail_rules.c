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
#include "jail_lists.h"

#define INSNS_MAX 1024

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

/*
 * What the shim may call once a device is handed out (HACKING.md): the calls that it intercepts, a
 * lock, what memory and whose table it is; and what a program needs to tell of it and to end.
 */
static const int law[] = {SYS_futex,  SYS_getpid,  SYS_ioctl,	  SYS_pread64, SYS_pwrite64,
			  SYS_preadv, SYS_pwritev, SYS_mmap,	  SYS_munmap,  SYS_close,
			  SYS_dup,    SYS_dup2,	   SYS_dup3,	  SYS_fcntl,   SYS_write,
			  SYS_exit,   SYS_madvise, SYS_exit_group};

/* map=compose moves memory of the shim's to where the VMM maps the BAR. */
static const int compose[] = {SYS_mremap, SYS_mprotect};

/* A line of the log takes these beside those: the last where it can't be written. */
static const int lines[] = {SYS_gettid, SYS_lseek, SYS_rt_sigprocmask, SYS_rt_sigaction};

/* What QEMU's main loop calls by itself, apart from what it asks of devices. */
static const int qemu[] = {SYS_eventfd2, /* for interrupts */
			   SYS_exit_group, SYS_read, SYS_recvmsg, SYS_sendmsg, SYS_ppoll};

static const struct jail_rule qemu_rules[] = {
	{SYS_ioctl, JAIL_ONLY, 1, 0x3b6f}, /* VFIO_DEVICE_RESET, with the machine */
};

/* First in a list of sets: a call of all others, that this filter does not have. */
static const struct jail_rule no_sigaction_rules[] = {{SYS_rt_sigaction, JAIL_FAIL, 0, EPERM}};
static const struct jail_rule no_sigmask_rules[] = {{SYS_rt_sigprocmask, JAIL_FAIL, 0, EPERM}};

#define SET(name)   #name, name, COUNT(name)
#define NO_RULES    NULL, 0
#define RULES(name) name##_rules, COUNT(name##_rules)

static const struct set {
	const char *name;
	const int *allowed;
	size_t count;
	const struct jail_rule *rules;
	size_t rule_count;
} sets[] = {
	{SET(law), NO_RULES},
	{SET(compose), NO_RULES},
	{SET(lines), NO_RULES},
	{SET(qemu), RULES(qemu)},
	{SET(vmm), NO_RULES},
	{SET(vcpu), RULES(vcpu)},
	{SET(crosvm), RULES(crosvm)},
	{"no_sigaction", NULL, 0, RULES(no_sigaction)},
	{"no_sigmask", NULL, 0, RULES(no_sigmask)},
	{"eperm", NULL, 0, NO_RULES},
};

/* The lower half of argument n, which is all of it for what is looked at. */
static uint32_t arg(unsigned int n)
{
	return (uint32_t)offsetof(struct seccomp_data, args[0]) + 8 * n +
	       (__BYTE_ORDER == __BIG_ENDIAN ? 4 : 0);
}

static size_t compile(const struct jail_rule *rule, struct sock_filter *to)
{
	const bool judged = rule->kind == JAIL_ONLY || rule->kind == JAIL_UNLESS;
	const uint32_t ret = rule->kind == JAIL_FAIL ? SECCOMP_RET_ERRNO | rule->value
						     : (uint32_t)SECCOMP_RET_ALLOW;
	size_t n = 0;

	if (rule->nr < 0)
		return 0;
	to[n++] = (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS,
					       offsetof(struct seccomp_data, nr));
	to[n++] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (uint32_t)rule->nr, 0,
					       judged ? 3 : 1);
	if (judged)
		to[n++] = (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS, arg(rule->arg));
	if (rule->kind == JAIL_ONLY)
		to[n++] =
			(struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, rule->value, 0, 1);
	else if (rule->kind == JAIL_UNLESS)
		to[n++] =
			(struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, rule->value, 1, 0);
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

static const struct set *find(const char *name, size_t len)
{
	for (size_t i = 0; i < sizeof(sets) / sizeof(sets[0]); i++) {
		if (strlen(sets[i].name) == len && memcmp(sets[i].name, name, len) == 0)
			return &sets[i];
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
	uint32_t otherwise = SECCOMP_RET_TRAP;
	size_t n = 0, len;

	for (; *names; names += len + (names[len] == '+')) {
		len = strcspn(names, "+");

		const struct set *set = find(names, len);

		if (!set) {
			errno = EINVAL;
			return -1;
		}
		if (strcmp(set->name, "eperm") == 0)
			otherwise = SECCOMP_RET_ERRNO | EPERM;
		for (size_t i = 0; i < set->count; i++)
			n += compile(&(struct jail_rule){.nr = set->allowed[i]}, filter + n);
		for (size_t i = 0; i < set->rule_count; i++)
			n += compile(&set->rules[i], filter + n);
	}
	filter[n++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, otherwise);

	struct sock_fprog program = {(unsigned short)n, filter};

	sigaction(SIGSYS, &tell_and_die, NULL);
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
		return -1;
	return prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program);
}
