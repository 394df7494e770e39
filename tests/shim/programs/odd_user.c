/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What few programs do, and the shim must bear. odd_user WHAT:
 *   path         opens a path below /dev/vfio that ends with the memory, not with a NUL
 *   environment  takes the rules out of its environment, and opens a device then
 *   background   opens one as a background job of a terminal that stops those which write
 * Prints what came of it in one line.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/vfio.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include "tests/lib/user.h"

static int open_device(void)
{
	static struct user user;

	if (user_open(&user, "1", "0000:01:00.0") < 0)
		return printf("no device: errno %d\n", errno);
	return printf("BAR5 0x%llx\n", user_region(&user, 5).size);
}

static int open_unterminated(void)
{
	static const char path[] = "/dev/vfio/17";
	const size_t page = (size_t)sysconf(_SC_PAGESIZE), len = sizeof(path) - 1;
	char *p = mmap(NULL, 2 * page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	munmap(p + page, page);
	memcpy(p + page - len, path, len);

	int fd = open(p + page - len, O_RDWR);

	return printf("open %d errno %d\n", fd, fd < 0 ? errno : 0);
}

/* In a session of its own, whose terminal stops a job of the background that writes. */
static int in_background(void)
{
	struct termios modes;
	int master = posix_openpt(O_RDWR | O_NOCTTY);

	if (master < 0 || grantpt(master) < 0 || unlockpt(master) < 0 || setsid() < 0)
		return printf("no terminal: errno %d\n", errno);

	int terminal = open(ptsname(master), O_RDWR);

	ioctl(terminal, TIOCSCTTY, 0);
	tcgetattr(terminal, &modes);
	modes.c_lflag |= TOSTOP;
	tcsetattr(terminal, TCSANOW, &modes);

	pid_t pid = fork();
	int status = 0;

	if (pid == 0) {
		setpgid(0, 0);
		dup2(terminal, STDERR_FILENO);
		_exit(open_device() < 0 || fflush(stdout) == EOF);
	}
	waitpid(pid, &status, WUNTRACED);
	if (!WIFSTOPPED(status))
		return 0;
	kill(pid, SIGKILL);
	waitpid(pid, &status, 0);
	return printf("stopped\n");
}

int main(int argc, char **argv)
{
	const char *what = argc == 2 ? argv[1] : "";

	if (!strcmp(what, "path"))
		return open_unterminated() < 0;
	if (!strcmp(what, "background"))
		return (signal(SIGHUP, SIG_IGN), fork()) ? wait(NULL) < 0 : in_background() < 0;
	if (strcmp(what, "environment") != 0)
		return 2;
	unsetenv("MSIXSHIM"); /* the fake still needs its own */
	return open_device() < 0;
}
