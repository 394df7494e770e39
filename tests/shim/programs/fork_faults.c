/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Prints how many page faults a child takes that is forked and exits at once. */
#include <stdio.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

int main(void)
{
	struct rusage usage;
	int status;
	pid_t pid = fork();

	if (pid == 0)
		_exit(0);
	if (pid < 0 || wait4(pid, &status, 0, &usage) != pid)
		return 1;
	printf("%ld\n", usage.ru_minflt);
	return 0;
}
