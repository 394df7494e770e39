/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A composed mapping (pages.h) is protected, advised and written back like one of the
 * hardware's: trap V20.
 */
#include "tests/lib/pages.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

static void madvise_is_as_of_one_mapping(void **state)
{
	const struct {
		int advice, error;
	} t[] = {
		{MADV_NORMAL, 0},	{MADV_RANDOM, 0},	 {MADV_SEQUENTIAL, 0},
		{MADV_DONTFORK, 0},	{MADV_DONTDUMP, 0},	 {MADV_DOFORK, EINVAL},
		{MADV_DODUMP, EINVAL},	{MADV_DONTNEED, EINVAL}, {MADV_FREE, EINVAL},
		{MADV_PAGEOUT, EINVAL}, {MADV_REMOVE, ENODEV},	 {MADV_COLD, EINVAL},
		{0x7fff, EINVAL},
	};

	for (size_t i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		for (size_t kind = 0; kind < KINDS; kind++) {
			uint8_t *p = pages_map(kinds[kind]);

			errno = 0;
			assert_int_equal(madvise(p, PAGES * PAGE, t[i].advice),
					 t[i].error ? -1 : 0);
			assert_int_equal(errno, t[i].error);
			assert_true(pages_are(p, 0, PAGES));
			munmap(p, PAGES * PAGE);
		}
	}
}

/* Huge pages are advised for any memory, or for none. */
static void huge_page_advice_is_the_kernels(void **state)
{
	uint8_t *p = pages_map(COMPOSED), *a = pages_other();

	assert_int_equal(madvise(p, PAGES * PAGE, MADV_HUGEPAGE),
			 madvise(a, PAGES * PAGE, MADV_HUGEPAGE));
	assert_int_equal(madvise(p, PAGES * PAGE, MADV_NOHUGEPAGE),
			 madvise(a, PAGES * PAGE, MADV_NOHUGEPAGE));
	assert_true(pages_are(p, 0, PAGES));
	munmap(p, PAGES * PAGE);
	munmap(a, PAGES * PAGE);
}

static void what_is_not_to_be_copied_is_not(void **state)
{
	uint8_t *p = pages_map(COMPOSED);

	assert_int_equal(madvise(p, PAGES * PAGE, MADV_DONTFORK), 0);

	pid_t pid = fork();

	if (pid == 0)
		_exit(page_is_mapped(p) + page_is_mapped(p + 7 * PAGE) +
		      page_is_mapped(p + 8 * PAGE) + page_is_mapped(p + 15 * PAGE));
	assert_int_equal(exit_status(pid), 0);
	munmap(p, PAGES * PAGE);
}

/* Lines of /proc/self/smaps: whether the mapping that `p` is in is left out of core dumps. */
static bool is_dumped(const uint8_t *p)
{
	FILE *f = fopen("/proc/self/smaps", "r");
	unsigned long from, to;
	bool here = false, dumped = true;
	char line[512];

	assert_non_null(f);
	while (fgets(line, sizeof(line), f)) {
		if (sscanf(line, "%lx-%lx ", &from, &to) == 2)
			here = from <= (uintptr_t)p && (uintptr_t)p < to;
		else if (here && strncmp(line, "VmFlags:", 8) == 0)
			dumped = !strstr(line, " dd");
	}
	fclose(f);
	return dumped;
}

/* Nor is any other mapping of a device; the fake's are, which are files. */
static void core_dumps_are_without_it(void **state)
{
	uint8_t *p = pages_map(COMPOSED);

	assert_false(is_dumped(p + 8 * PAGE));
	assert_true(is_dumped((const uint8_t *)&user));
	munmap(p, PAGES * PAGE);
}

static void msync_is_as_of_one_mapping(void **state)
{
	for (size_t kind = 0; kind < KINDS; kind++) {
		uint8_t *p = pages_map(kinds[kind]);

		assert_int_equal(msync(p, PAGES * PAGE, MS_ASYNC), 0);
		assert_int_equal(msync(p, PAGES * PAGE, MS_INVALIDATE), 0);
		assert_int_equal(msync(p, PAGES * PAGE, MS_SYNC), -1);
		assert_int_equal(errno, EINVAL);
		munmap(p, PAGES * PAGE);
	}
}

/* Whether the kernel can read or write a byte there for us. */
static bool can(int prot, uint8_t *p, const int pipes[2])
{
	char byte = 0;

	if (prot == PROT_READ)
		return write(pipes[1], p, 1) == 1 && read(pipes[0], &byte, 1) == 1;
	assert_int_equal(write(pipes[1], &byte, 1), 1);
	if (read(pipes[0], p, 1) == 1)
		return true;
	assert_int_equal(read(pipes[0], &byte, 1), 1);
	return false;
}

static void mprotect_reaches_both_parts(void **state)
{
	static const int prots[] = {PROT_READ, PROT_NONE, RW};
	uint8_t *p = pages_map(COMPOSED);
	int pipes[2];

	assert_int_equal(pipe(pipes), 0);
	for (size_t i = 0; i < 3; i++) {
		assert_int_equal(mprotect(p, PAGES * PAGE, prots[i]), 0);
		for (uint64_t page = 0; page < PAGES; page++) {
			assert_int_equal(can(PROT_READ, p + page * PAGE, pipes),
					 !!(prots[i] & PROT_READ));
			assert_int_equal(can(PROT_WRITE, p + page * PAGE, pipes),
					 !!(prots[i] & PROT_WRITE));
		}
	}
	assert_true(pages_are(p, 0, PAGES));
	/* a range of other protection is moved with it */
	assert_int_equal(mprotect(p, PAGES * PAGE, PROT_READ), 0);

	uint8_t *a = pages_other();

	assert_ptr_equal(mremap(p, PAGES * PAGE, PAGES * PAGE, MREMAP_MAYMOVE | MREMAP_FIXED, a),
			 a);
	assert_true(pages_are(a, 0, PAGES));
	assert_false(can(PROT_WRITE, a + 8 * PAGE, pipes));
	munmap(a, PAGES * PAGE);
	close(pipes[0]);
	close(pipes[1]);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, fixture_open, fixture_close)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(madvise_is_as_of_one_mapping),    CASE(huge_page_advice_is_the_kernels),
		CASE(what_is_not_to_be_copied_is_not), CASE(core_dumps_are_without_it),
		CASE(msync_is_as_of_one_mapping),      CASE(mprotect_reaches_both_parts),
	};

	return cmocka_run_group_tests_name("advise", tests, NULL, NULL);
}
