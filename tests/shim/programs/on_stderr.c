/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * on_stderr KIND SIGNALS FILE COMMAND...: runs it with a standard error of that kind, and writes
 * what comes out there to FILE. Ends as it does, with 128 and its number for a signal.
 *
 *   file, full (/dev/full), closed, terminal
 *   pipe, socket         that are read
 *   no-pipe, no-socket   that nobody reads any more
 *
 * SIGPIPE and SIGXFSZ have their default dispositions, or are "ignored".
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

struct ends {
	int ours, its; /* -1: none */
};

static struct ends open_terminal(void)
{
	struct ends e = {posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC), -1};
	struct termios settings;

	if (e.ours < 0 || grantpt(e.ours) || unlockpt(e.ours))
		exit(77);
	e.its = open(ptsname(e.ours), O_RDWR | O_NOCTTY | O_CLOEXEC);
	if (tcgetattr(e.its, &settings))
		exit(77);
	settings.c_oflag &= ~(tcflag_t)OPOST; /* lines end as they are written */
	tcsetattr(e.its, TCSANOW, &settings);
	return e;
}

static struct ends open_kind(const char *kind, const char *path)
{
	int fds[2] = {-1, -1};

	if (strcmp(kind, "file") == 0)
		fds[1] = open(path, O_WRONLY | O_APPEND | O_CLOEXEC);
	else if (strcmp(kind, "full") == 0)
		fds[1] = open("/dev/full", O_WRONLY | O_CLOEXEC);
	else if (strcmp(kind, "terminal") == 0)
		return open_terminal();
	else if (strstr(kind, "pipe")
			 ? pipe2(fds, O_CLOEXEC)
			 : strstr(kind, "socket") &&
				   socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds))
		exit(2);
	if (strncmp(kind, "no-", 3) == 0) {
		close(fds[0]);
		fds[0] = -1;
	}
	return (struct ends){fds[0], fds[1]};
}

static void run(int its, char **command)
{
	if (its >= 0)
		dup2(its, STDERR_FILENO);
	else
		close(STDERR_FILENO);
	execvp(command[0], command);
	_exit(127);
}

/* Up to the end, which is an error of a terminal's. */
static void copy(int from, const char *path)
{
	int to = open(path, O_WRONLY | O_APPEND | O_CLOEXEC);
	char buf[4096];
	ssize_t n;

	while ((n = read(from, buf, sizeof(buf))) > 0) {
		if (write(to, buf, (size_t)n) != n)
			exit(2);
	}
	close(to);
}

int main(int argc, char **argv)
{
	int status;

	if (argc < 5)
		return 2;

	void (*how)(int) = strcmp(argv[2], "ignored") == 0 ? SIG_IGN : SIG_DFL;
	int file = open(argv[3], O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	struct ends e = open_kind(argv[1], argv[3]);
	pid_t child = fork();

	if (child == 0) {
		signal(SIGPIPE, how);
		signal(SIGXFSZ, how);
		run(e.its, argv + 4);
	}
	close(file);
	close(e.its);
	if (e.ours >= 0)
		copy(e.ours, argv[3]);
	if (child < 0 || waitpid(child, &status, 0) != child)
		return 2;
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}
