/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * signals GROUP BDF NEIGHBOUR: interrupts each use of a device after every single instruction of
 * the shim and of libc, by a signal whose handler calls all that the shim intercepts, on files that
 * are no device's. Prints each use with the number of signals. A lock that is taken twice is a
 * hang.
 *
 * The handler also gets numbers that the shim takes for a device's, since a system call of the
 * program's own closed them: what it knows of them has to go in the handler. And while a device is
 * read, another thread resets its bus before each of the handler's calls.
 */
#ifdef __x86_64__
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <link.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <ucontext.h>
#include <unistd.h>

#include "tests/lib/user.h"
#include "tests/preloads/jail.h"

#define TRAP_FLAG 0x100 /* of x86: SIGTRAP behind each instruction */

#define CONFIG	    (7LL << 40)
#define TABLE	    (5LL << 40)
#define STALE_FIRST 1100 /* above the fake's own */
#define STALES	    1600

static struct user user;
static int null;
static int of_program[2], of_handler[2]; /* sockets */
static volatile int stale;		 /* the next number that is taken for the device's */
static volatile unsigned int signals;
static volatile sig_atomic_t stepping, resetting;
static int wanted[2], done[2]; /* pipes: a hot reset */
static int neighbour;	       /* the device that it is asked of */

/* Whose code runs. Any other, such as libc's, is that of who called it last. */
enum owner {
	PROGRAM,
	SHIM,
	KERNEL,
	OWNERS,
};

static struct {
	uintptr_t start, end;
} text[OWNERS];

static int find_object(struct dl_phdr_info *info, size_t size, void *program)
{
	for (int i = 0; i < info->dlpi_phnum; i++) {
		const ElfW(Phdr) *p = &info->dlpi_phdr[i];
		const uintptr_t start = info->dlpi_addr + p->p_vaddr, end = start + p->p_memsz;
		const int owner = strstr(info->dlpi_name, "/libjail.so")       ? KERNEL
				  : strstr(info->dlpi_name, "/libmsixshim.so") ? SHIM
				  : (uintptr_t)program - start < p->p_memsz    ? PROGRAM
									       : OWNERS;

		if (p->p_type != PT_LOAD || !(p->p_flags & PF_X) || owner == OWNERS)
			continue;
		text[owner].start = start;
		text[owner].end = end;
	}
	return 0;
}

/* A kernel does not stop at any instruction: in the library that stands for it nothing is done. */
static bool is_in_shim(uintptr_t at)
{
	static int owner;

	for (int i = 0; i < OWNERS; i++) {
		if (at >= text[i].start && at < text[i].end)
			owner = i;
	}
	return owner == SHIM;
}

static void need(bool good, int line)
{
	char line_text[64];
	int n = snprintf(line_text, sizeof(line_text), "line %d: errno %d\n", line, errno);

	if (good)
		return;
	if (write(STDOUT_FILENO, line_text, (size_t)n) == n)
		_exit(1);
	abort();
}

#define NEED(x) need(x, __LINE__)

static void send_fd(const int *socks, int fd)
{
	char byte = 0, room[CMSG_SPACE(sizeof(int))] = {0};
	struct iovec iov = {&byte, 1};
	struct msghdr msg = {.msg_iov = &iov,
			     .msg_iovlen = 1,
			     .msg_control = room,
			     .msg_controllen = sizeof(room)};
	struct cmsghdr *c = CMSG_FIRSTHDR(&msg);

	c->cmsg_level = SOL_SOCKET;
	c->cmsg_type = SCM_RIGHTS;
	c->cmsg_len = CMSG_LEN(sizeof(int));
	memcpy(CMSG_DATA(c), &fd, sizeof(fd));
	NEED(sendmsg(socks[0], &msg, 0) == 1);
}

static int receive(const int *socks)
{
	char byte, room[CMSG_SPACE(sizeof(int))];
	struct iovec iov = {&byte, 1};
	struct msghdr msg = {.msg_iov = &iov,
			     .msg_iovlen = 1,
			     .msg_control = room,
			     .msg_controllen = sizeof(room)};
	int fd = -1;

	NEED(recvmsg(socks[1], &msg, 0) == 1 && CMSG_FIRSTHDR(&msg));
	memcpy(&fd, CMSG_DATA(CMSG_FIRSTHDR(&msg)), sizeof(fd));
	return fd;
}

/* Each entry point of the shim. */
static void call_all(void)
{
	char byte = 0;
	struct iovec iov = {&byte, 1};
	int fds[9];
	size_t n = 0;

	fds[n++] = open("/dev/zero", O_RDWR);
	fds[n++] = openat(AT_FDCWD, "/dev/null", O_RDWR);
	fds[n++] = dup(null);
	fds[n++] = fcntl(null, F_DUPFD, 0);
	fds[n++] = fcntl(null, F_DUPFD_CLOEXEC, 0);
	send_fd(of_handler, null);
	fds[n++] = receive(of_handler);
	NEED(pread(null, &byte, 1, TABLE) == 0 && pwrite(null, &byte, 1, CONFIG) == 1);
	NEED(preadv(null, &iov, 1, TABLE) == 0 && pwritev(null, &iov, 1, CONFIG) == 1);

	void *p = mmap(NULL, 4096, PROT_READ, MAP_SHARED, fds[0], 0);

	p = p == MAP_FAILED ? p : mremap(p, 4096, 8192, MREMAP_MAYMOVE);
	NEED(p != MAP_FAILED && munmap(p, 8192) == 0);
	NEED(ioctl(null, VFIO_DEVICE_RESET) < 0 && errno == ENOTTY);
	NEED(ioctl(null, VFIO_GROUP_GET_DEVICE_FD, USER_NAME) < 0 && errno == ENOTTY);
	if (stale < STALE_FIRST + STALES) {
		NEED(dup2(null, stale) == stale);
		NEED(pread(stale, &byte, 1, TABLE) == 0);
		fds[n++] = stale++;
		/* and one that the kernel gave to a file without a word, as with socket(2) */
		NEED(syscall(SYS_dup3, null, stale, 0) == stale);
		NEED(pwrite(stale, &byte, 1, CONFIG) == 1);
		fds[n++] = dup(stale);
		NEED(pread(fds[n - 1], &byte, 1, TABLE) == 0);
		fds[n++] = stale++;
	}
	while (n--)
		NEED(fds[n] >= 0 && close(fds[n]) == 0);
	NEED(close_range(STALE_FIRST + STALES, ~0U, 0) == 0);
}

/* Does hot resets, one for each byte. */
static void *reset_bus(void *unused)
{
	union {
		struct vfio_pci_hot_reset head;
		uint8_t bytes[sizeof(struct vfio_pci_hot_reset) + sizeof(int32_t)];
	} reset = {.head = {.argsz = sizeof(reset), .count = 1}};
	char byte;

	memcpy(reset.head.group_fds, &user.group, sizeof(int32_t));
	while (read(wanted[0], &byte, 1) == 1) {
		NEED(ioctl(neighbour, VFIO_DEVICE_PCI_HOT_RESET, &reset) == 0);
		NEED(write(done[1], &byte, 1) == 1);
	}
	return unused;
}

/* One that is not done soon waits for what the interrupted thread has. */
static void reset_meanwhile(void)
{
	static bool under_way;
	struct pollfd end = {.fd = done[0], .events = POLLIN};
	char byte = 0;

	if (!under_way)
		NEED(write(wanted[1], &byte, 1) == 1);
	under_way = poll(&end, 1, 5) == 0;
	if (!under_way)
		NEED(read(done[0], &byte, 1) == 1);
}

static void on_step(int number, siginfo_t *info, void *context)
{
	ucontext_t *c = context;
	int saved = errno;

	if (!stepping) {
		c->uc_mcontext.gregs[REG_EFL] &= ~TRAP_FLAG;
		return;
	}
	c->uc_mcontext.gregs[REG_EFL] |= TRAP_FLAG;
	if (is_in_shim((uintptr_t)c->uc_mcontext.gregs[REG_RIP])) {
		if (resetting)
			reset_meanwhile();
		call_all();
		signals++;
	}
	errno = saved;
}

/* --- uses of the device --- */

static void read_config(void)
{
	uint8_t buf[16];

	NEED(pread(user.device, buf, sizeof(buf), CONFIG + 0x18) == sizeof(buf));
}

static void read_while_reset(void)
{
	resetting = 1;
	read_config();
	resetting = 0;
}

static void write_config(void)
{
	const uint32_t ones = 0xffffffff, zero = 0;

	NEED(pwrite(user.device, &ones, 4, CONFIG + 0x24) == 4);
	NEED(pwrite(user.device, &zero, 4, CONFIG + 0x24) == 4);
}

static void use_table(void)
{
	const uint32_t data = 0x1234;
	uint32_t got;

	NEED(pwrite(user.device, &data, 4, TABLE + 8) == 4);
	NEED(pread(user.device, &got, 4, TABLE + 8) == 4 && got == data);
}

static void read_pba(void)
{
	uint64_t got;

	NEED(pread(user.device, &got, 8, TABLE + 0x600) == 8);
}

static void get_region(void)
{
	NEED(user_region(&user, 5).size > 0);
}

static void reset(void)
{
	NEED(ioctl(user.device, VFIO_DEVICE_RESET) == 0);
}

static void map(void)
{
	void *p = mmap(NULL, 4096, PROT_READ, MAP_SHARED, user.device, 1LL << 40);

	NEED(p != MAP_FAILED && munmap(p, 4096) == 0);
}

static void duplicate(void)
{
	int fd = dup(user.device), other = fcntl(user.device, F_DUPFD, 0);

	NEED(fd >= 0 && other >= 0 && dup2(fd, other) == other);
	NEED(close(fd) == 0 && close_range((unsigned int)other, (unsigned int)other, 0) == 0);
}

static void replace(void)
{
	int fd = dup(user.device);

	NEED(dup2(null, fd) == fd && close(fd) == 0);
}

static void pass(void)
{
	int fd;

	send_fd(of_program, user.device);
	fd = receive(of_program);
	NEED(ioctl(fd, VFIO_DEVICE_RESET) == 0 && close(fd) == 0);
}

static void open_and_close(void)
{
	struct user again = {.device = -1};

	again.device = ioctl(user.group, VFIO_GROUP_GET_DEVICE_FD, USER_NAME);
	NEED(again.device >= 0 && close(again.device) == 0);
}

static const struct {
	const char *name;
	void (*run)(void);
} uses[] = {
	{"read of configuration", read_config},
	{"read while the bus is reset", read_while_reset},
	{"write of configuration", write_config},
	{"table", use_table},
	{"PBA", read_pba},
	{"region info", get_region},
	{"reset", reset},
	{"mapping", map},
	{"duplicates", duplicate},
	{"another file on the number", replace},
	{"hand-out", open_and_close},
	{"passed descriptor", pass},
};

/* Numbers that the shim takes for the device's, and which are free. */
static void make_stale(void)
{
	for (int fd = STALE_FIRST; fd < STALE_FIRST + STALES; fd++) {
		NEED(dup2(user.device, fd) == fd);
		NEED(syscall(SYS_close, fd) == 0);
	}
	stale = STALE_FIRST;
}

static void step_through(const char *name, void (*run)(void))
{
	make_stale();
	signals = 0;
	stepping = 1;
	raise(SIGTRAP);
	run();
	stepping = 0;
	printf("%s: interrupted%s\n", name, signals > 20 ? "" : " too seldom");
	fprintf(stderr, "%u signals, %d stale numbers\n", signals, stale - STALE_FIRST);
	fflush(stdout);
}

/* The state ends with the last descriptor: none of those that went in a handler is left over. */
static void end(char **argv)
{
	uint32_t data = 1;

	use_table();
	close_range(STALE_FIRST, STALE_FIRST + STALES, 0);
	close(neighbour);
	user_close(&user);
	NEED(user_open(&user, argv[1], argv[2]) == 0);
	NEED(pread(user.device, &data, 4, TABLE + 8) == 4);
	printf("the table after the last close: %u\n", data);
}

int main(int argc, char **argv)
{
	struct sigaction action = {.sa_sigaction = on_step, .sa_flags = SA_SIGINFO};
	void *p = dlsym(RTLD_DEFAULT, "jail_enter");
	jail_enter_fn *enter;
	pthread_t resetter;
	struct rlimit limit;

	if (argc != 4 || user_open(&user, argv[1], argv[2]) < 0)
		return 2;
	memcpy(&enter, &p, sizeof(enter));
	getrlimit(RLIMIT_NOFILE, &limit);
	limit.rlim_cur = limit.rlim_max;
	setrlimit(RLIMIT_NOFILE, &limit);
	null = open("/dev/null", O_RDWR);
	NEED(null >= 0 && socketpair(AF_UNIX, SOCK_DGRAM, 0, of_program) == 0 &&
	     socketpair(AF_UNIX, SOCK_DGRAM, 0, of_handler) == 0);
	dl_iterate_phdr(find_object, step_through);
	NEED(text[PROGRAM].start && text[SHIM].start && text[KERNEL].start && enter &&
	     enter("") == 0);
	neighbour = ioctl(user.group, VFIO_GROUP_GET_DEVICE_FD, argv[3]);
	NEED(neighbour >= 0 && pipe(wanted) == 0 && pipe(done) == 0 &&
	     pthread_create(&resetter, NULL, reset_bus, NULL) == 0);
	sigaction(SIGTRAP, &action, NULL);
	for (size_t i = 0; i < sizeof(uses) / sizeof(uses[0]); i++)
		step_through(uses[i].name, uses[i].run);
	end(argv);
	return 0;
}
#else
/* A program can't have itself stepped. */
int main(void)
{
	return 77;
}
#endif
