/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * terminal COMMAND...: runs it on a terminal, as the leader of a session, and prints what comes
 * there. Ends as it does, with 128 and its number for a signal; it does not outlive this program.
 */
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

static void run(const char *path, char **command)
{
	setsid();
	prctl(PR_SET_PDEATHSIG, SIGKILL);

	int fd = open(path, O_RDWR); /* the first one is the session's */

	for (int i = 0; i < 3; i++)
		dup2(fd, i);
	if (fd > 2)
		close(fd);
	execvp(command[0], command);
	_exit(127);
}

int main(int argc, char **argv)
{
	int master = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC), status;
	char buf[4096];
	ssize_t n;

	if (argc < 2 || master < 0 || grantpt(master) || unlockpt(master))
		return 2;

	pid_t child = fork();

	if (child == 0)
		run(ptsname(master), argv + 1);
	/* up to the end, which is an error of a terminal's */
	while ((n = read(master, buf, sizeof(buf))) > 0) {
		if (write(STDOUT_FILENO, buf, (size_t)n) != n)
			return 2;
	}
	if (child < 0 || waitpid(child, &status, 0) != child)
		return 2;
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}
