/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "fixture.h"

#include <sys/wait.h>

struct user user;
const char *fixture_way = USER_GROUP;

int fixture_open(void **state)
{
	return user_open(&user, fixture_way, USER_NAME);
}

int fixture_close(void **state)
{
	user_close(&user);
	return 0;
}

int exit_status(pid_t pid)
{
	int status;

	assert_int_equal(waitpid(pid, &status, 0), pid);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}
