/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What becomes of mappings, under MSIXSHIM=bar1,map=compose over the SAS3008 of the fake: BAR1 has
 * 64 KiB of the hardware's and is shown with 128 KiB. A composed mapping, half of each, is moved,
 * cut and advised like one of the hardware's alone.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "user.h"

#define PHYS  0x10000ULL
#define BAR1  (1ULL << 40)
#define PAGE  0x1000ULL
#define PAGES 16 /* of a mapping; where it is composed, the edge is in the middle */
#define RW    (PROT_READ | PROT_WRITE)
#define FIXED (MREMAP_MAYMOVE | MREMAP_FIXED)

/* Where in BAR1 a mapping of each kind starts. */
#define SINGLE	 0
#define COMPOSED (PHYS / 2)

static const uint64_t kinds[] = {SINGLE, COMPOSED};

static struct user user;

static int open_device(void **state)
{
	return user_open(&user, USER_GROUP, USER_NAME);
}

static int close_device(void **state)
{
	user_close(&user);
	return 0;
}

/* A mapping, each of its pages with a mark. */
static uint8_t *map(uint64_t kind)
{
	uint8_t *p = mmap(NULL, PAGES * PAGE, RW, MAP_SHARED, user.device, (off_t)(BAR1 + kind));

	assert_ptr_not_equal(p, MAP_FAILED);
	for (uint64_t i = 0; i < PAGES; i++)
		p[i * PAGE + 0xff0] = (uint8_t)(0x40 + i);
	return p;
}

static bool is_mapped(const uint8_t *p)
{
	unsigned char in_memory;

	return mincore((void *)p, PAGE, &in_memory) == 0;
}

/* Pages [first, first + n) of the mapping are at `p`. */
static void assert_pages(const uint8_t *p, uint64_t first, uint64_t n)
{
	for (uint64_t i = 0; i < n; i++) {
		assert_true(is_mapped(p + i * PAGE));
		assert_int_equal(p[i * PAGE + 0xff0], 0x40 + first + i);
	}
}

static void assert_nothing(const uint8_t *p, uint64_t n)
{
	for (uint64_t i = 0; i < n; i++)
		assert_false(is_mapped(p + i * PAGE));
}

/* Where other things are, as big as a mapping. */
static uint8_t *other_memory(void)
{
	uint8_t *p = mmap(NULL, PAGES * PAGE, RW, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	assert_ptr_not_equal(p, MAP_FAILED);
	memset(p, 0xaa, PAGES * PAGE);
	return p;
}

enum place { NOWHERE, AWAY, ODD, NEAR, TAIL };

struct call {
	uint64_t from, old, new; /* pages */
	int flags;
	enum place to;
	int error;
};

static void assert_moved(const struct call *c, const uint8_t *p, const uint8_t *got)
{
	const uint64_t behind = c->from + c->old;

	assert_pages(got, c->from, c->new);
	assert_pages(p, 0, c->from);
	assert_pages(p + behind * PAGE, behind, PAGES - behind);
	if (got == p + c->from * PAGE)
		assert_nothing(got + c->new *PAGE, c->old - c->new);
	else
		assert_nothing(p + c->from * PAGE, c->old);
}

static void do_call(const struct call *c, uint64_t kind)
{
	uint8_t *p = map(kind), *away = other_memory();
	uint8_t *places[] = {NULL, away, away + 1, p + (c->from + 1) * PAGE,
			     p + (c->from + c->new) * PAGE};

	errno = 0;

	uint8_t *got =
		mremap(p + c->from * PAGE, c->old * PAGE, c->new *PAGE, c->flags, places[c->to]);

	assert_int_equal(errno, c->error);
	if (c->error) {
		assert_ptr_equal(got, MAP_FAILED);
		assert_pages(p, 0, PAGES);
	} else {
		assert_moved(c, p, got);
	}
	if (c->error == EINVAL)
		assert_int_equal(away[0], 0xaa);
	else if (c->to == AWAY && !c->error)
		assert_ptr_equal(got, away);
	if (!c->error)
		munmap(got, c->new *PAGE);
	munmap(p, PAGES * PAGE);
	munmap(away, PAGES * PAGE);
}

static void mremap_is_as_of_one_mapping(void **state)
{
	static const struct call t[] = {
		{0, 16, 16, FIXED, AWAY, 0},
		{4, 8, 8, FIXED, AWAY, 0},
		{7, 2, 2, FIXED, AWAY, 0},
		{0, 8, 8, FIXED, AWAY, 0},
		{8, 8, 8, FIXED, AWAY, 0},
		/* less of it */
		{0, 16, 12, FIXED, AWAY, 0},
		{0, 16, 8, FIXED, AWAY, 0},
		{0, 16, 4, FIXED, AWAY, 0},
		{6, 6, 4, FIXED, AWAY, 0},
		{0, 16, 12, 0, NOWHERE, 0},
		{0, 16, 4, MREMAP_MAYMOVE, NOWHERE, 0},
		{0, 16, 16, 0, NOWHERE, 0},
		{0, 16, 16, MREMAP_MAYMOVE, NOWHERE, 0},
		/* more of it: VM_DONTEXPAND */
		{0, 16, 17, 0, NOWHERE, EFAULT},
		{0, 16, 17, MREMAP_MAYMOVE, NOWHERE, EFAULT},
		{0, 8, 16, FIXED, AWAY, EFAULT},
		{4, 8, 9, FIXED, AWAY, EFAULT},
		{0, 0, 16, MREMAP_MAYMOVE, NOWHERE, EFAULT},
		/* wrong */
		{0, 16, 16, MREMAP_FIXED, AWAY, EINVAL},
		{0, 16, 16, FIXED, ODD, EINVAL},
		{0, 16, 16, FIXED, NEAR, EINVAL},
		{4, 8, 5, FIXED, TAIL, EINVAL},
		{0, 16, 0, FIXED, AWAY, EINVAL},
		{0, 16, 16, FIXED | 8, AWAY, EINVAL},
		{0, 16, 16, FIXED | 4 /* MREMAP_DONTUNMAP */, AWAY, EINVAL},
		{0, 16, 16, MREMAP_MAYMOVE | 4, NOWHERE, EINVAL},
	};

	for (size_t i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		for (size_t kind = 0; kind < 2; kind++)
			do_call(&t[i], kinds[kind]);
	}
}

static uint8_t *move(uint8_t *from, uint64_t pages, uint8_t *to)
{
	return mremap(from, pages * PAGE, pages * PAGE, FIXED, to);
}

static void a_moved_mapping_is_moved_again(void **state)
{
	uint8_t *p = map(COMPOSED), *a = other_memory(), *b = other_memory();

	assert_ptr_equal(mremap(p, 8 * PAGE, 8 * PAGE, 0), p);
	assert_ptr_equal(move(p, PAGES, a), a);
	assert_ptr_equal(move(a + 4 * PAGE, 8, b), b);
	assert_ptr_equal(move(b, 8, p), p);
	assert_pages(p, 4, 8);
	assert_ptr_equal(move(p + PAGE, 6, b), b);
	assert_pages(b, 5, 6);
	munmap(a, PAGES * PAGE);
	munmap(b, PAGES * PAGE);
	munmap(p, PAGES * PAGE);
}

static void what_is_left_of_a_mapping_is_moved(void **state)
{
	uint8_t *p = map(COMPOSED), *a = other_memory();

	assert_int_equal(munmap(p, 0), -1);
	assert_int_equal(errno, EINVAL);
	assert_int_equal(munmap(p + PAGES * PAGE / 2, 0), -1);
	assert_int_equal(munmap(p + 1, PAGES * PAGE), -1);
	assert_int_equal(errno, EINVAL);
	assert_int_equal(munmap(p, 4 * PAGE), 0);
	assert_int_equal(munmap(p + 12 * PAGE, 4 * PAGE), 0);
	assert_ptr_equal(
		mmap(p + 11 * PAGE, PAGE, RW, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0),
		p + 11 * PAGE);
	assert_ptr_equal(move(p + 4 * PAGE, 7, a), a);
	assert_pages(a, 4, 7);
	munmap(p + 11 * PAGE, PAGE);
	munmap(a, PAGES * PAGE);
}

/* With something else in the middle it is several mappings, whatever it was. */
static void a_hole_is_no_edge(void **state)
{
	int results[2];

	for (size_t kind = 0; kind < 2; kind++) {
		uint8_t *p = map(kinds[kind]), *a = other_memory();

		assert_int_equal(munmap(p + 7 * PAGE, 2 * PAGE), 0);
		errno = 0;
		move(p, PAGES, a);
		results[kind] = errno;
		munmap(p, PAGES * PAGE);
		munmap(a, PAGES * PAGE);
	}
	assert_int_equal(results[0], results[1]);
}

/* The device is mapped again where one of its mappings is. */
static void a_mapping_replaces_another(void **state)
{
	uint8_t *p = map(COMPOSED), *a = other_memory();

	assert_ptr_equal(mmap(p, PAGES * PAGE, RW, MAP_SHARED | MAP_FIXED, user.device,
			      (off_t)(BAR1 + COMPOSED + 4 * PAGE)),
			 p);
	assert_ptr_equal(move(p, PAGES, a), a);
	assert_pages(a, 4, 12);
	munmap(a, PAGES * PAGE);
}

/* What is noted of a mapping that ended unseen is of no effect on others at its place. */
static void other_memory_at_the_same_place_is_moved(void **state)
{
	uint8_t *p = map(COMPOSED), *a = other_memory();

	assert_int_equal(syscall(SYS_munmap, p, PAGES * PAGE), 0);
	assert_int_equal(syscall(SYS_mmap, p, PAGES * PAGE, RW,
				 MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0),
			 p);
	for (uint64_t i = 0; i < PAGES; i++)
		p[i * PAGE + 0xff0] = (uint8_t)(0x40 + i);
	assert_ptr_equal(mremap(p, PAGES * PAGE, 12 * PAGE, FIXED, a), a);
	assert_pages(a, 0, 12);
	assert_nothing(p, PAGES);
	assert_int_equal(munmap(a, PAGES * PAGE), 0);
}

static void assert_status(pid_t pid, int expected)
{
	int status;

	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), expected);
}

static void a_child_has_mappings_of_its_own(void **state)
{
	uint8_t *p = map(COMPOSED), *a = other_memory();
	pid_t pid = fork();

	if (pid == 0)
		_exit(move(p, PAGES, a) == a && a[15 * PAGE + 0xff0] == 0x4f && !is_mapped(p) ? 7
											      : 1);
	assert_status(pid, 7);
	assert_pages(p, 0, PAGES);
	assert_ptr_equal(move(p, PAGES, a), a);
	assert_pages(a, 0, PAGES);
	munmap(a, PAGES * PAGE);
}

/* An older kernel is asked three times: for the whole, and for its two parts. */
static void half_a_move_is_none(void **state)
{
	static const char *const calls[] = {"1", "2", "3"};

	const size_t count = getenv("OLDER_KERNEL") ? 3 : 1;

	for (size_t i = 0; i < count; i++) {
		uint8_t *p = map(COMPOSED), *a = other_memory();

		setenv("MREMAP_FAILS", calls[i], 1);
		errno = 0;

		const uint8_t *got = mremap(p, PAGES * PAGE, 12 * PAGE, FIXED, a);

		unsetenv("MREMAP_FAILS");
		assert_ptr_equal(got, MAP_FAILED);
		assert_int_equal(errno, ENOMEM);
		assert_pages(p, 0, PAGES);
		if (i == 0)
			assert_int_equal(a[0], 0xaa);
		else
			assert_nothing(a, 12);
		/* nor is anything forgotten */
		assert_ptr_equal(move(p, PAGES, a), a);
		assert_pages(a, 0, PAGES);
		munmap(a, PAGES * PAGE);
	}
}

/* More at a time than are noted; all are forgotten, as one shows that has its edge elsewhere. */
static void mappings_may_be_many(void **state)
{
	uint8_t *p[100], *a = other_memory();

	for (size_t round = 0; round < 3; round++) {
		for (size_t i = 0; i < 100; i++)
			p[i] = map(COMPOSED);
		for (size_t i = 0; i < 100; i++)
			assert_int_equal(munmap(p[i], PAGES * PAGE), 0);
	}
	p[0] = map(COMPOSED + 4 * PAGE);
	assert_ptr_equal(move(p[0], PAGES, a), a);
	assert_pages(a, 0, PAGES);
	munmap(a, PAGES * PAGE);
}

static void madvise_is_as_of_one_mapping(void **state)
{
	const struct {
		int advice, error;
	} t[] = {
		{MADV_NORMAL, 0},	{MADV_RANDOM, 0},	 {MADV_SEQUENTIAL, 0},
		{MADV_DONTFORK, 0},	{MADV_DONTDUMP, 0},	 {MADV_DOFORK, EINVAL},
		{MADV_DODUMP, EINVAL},	{MADV_DONTNEED, EINVAL}, {MADV_FREE, EINVAL},
		{MADV_PAGEOUT, EINVAL}, {MADV_COLD, EINVAL},	 {0x7fff, EINVAL},
	};

	for (size_t i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		for (size_t kind = 0; kind < 2; kind++) {
			uint8_t *p = map(kinds[kind]);

			errno = 0;
			assert_int_equal(madvise(p, PAGES * PAGE, t[i].advice),
					 t[i].error ? -1 : 0);
			assert_int_equal(errno, t[i].error);
			assert_pages(p, 0, PAGES);
			munmap(p, PAGES * PAGE);
		}
	}
}

/* Huge pages are wished for of any memory, or of none. */
static void wishes_for_huge_pages_are_the_kernels(void **state)
{
	uint8_t *p = map(COMPOSED), *a = other_memory();

	assert_int_equal(madvise(p, PAGES * PAGE, MADV_HUGEPAGE),
			 madvise(a, PAGES * PAGE, MADV_HUGEPAGE));
	assert_int_equal(madvise(p, PAGES * PAGE, MADV_NOHUGEPAGE),
			 madvise(a, PAGES * PAGE, MADV_NOHUGEPAGE));
	assert_pages(p, 0, PAGES);
	munmap(p, PAGES * PAGE);
	munmap(a, PAGES * PAGE);
}

static void what_is_not_to_be_copied_is_not(void **state)
{
	uint8_t *p = map(COMPOSED);

	assert_int_equal(madvise(p, PAGES * PAGE, MADV_DONTFORK), 0);

	pid_t pid = fork();

	if (pid == 0)
		_exit(is_mapped(p) + is_mapped(p + 7 * PAGE) + is_mapped(p + 8 * PAGE) +
		      is_mapped(p + 15 * PAGE));
	assert_status(pid, 0);
	munmap(p, PAGES * PAGE);
}

static void msync_is_as_of_one_mapping(void **state)
{
	for (size_t kind = 0; kind < 2; kind++) {
		uint8_t *p = map(kinds[kind]);

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
	uint8_t *p = map(COMPOSED);
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
	assert_pages(p, 0, PAGES);
	/* a range of other protection is moved with it */
	assert_int_equal(mprotect(p, PAGES * PAGE, PROT_READ), 0);

	uint8_t *a = other_memory();

	assert_ptr_equal(move(p, PAGES, a), a);
	assert_pages(a, 0, PAGES);
	assert_false(can(PROT_WRITE, a + 8 * PAGE, pipes));
	munmap(a, PAGES * PAGE);
	close(pipes[0]);
	close(pipes[1]);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, open_device, close_device)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(mremap_is_as_of_one_mapping),
		CASE(a_moved_mapping_is_moved_again),
		CASE(what_is_left_of_a_mapping_is_moved),
		CASE(a_hole_is_no_edge),
		CASE(a_mapping_replaces_another),
		CASE(other_memory_at_the_same_place_is_moved),
		CASE(a_child_has_mappings_of_its_own),
		CASE(half_a_move_is_none),
		CASE(mappings_may_be_many),
		CASE(madvise_is_as_of_one_mapping),
		CASE(wishes_for_huge_pages_are_the_kernels),
		CASE(what_is_not_to_be_copied_is_not),
		CASE(msync_is_as_of_one_mapping),
		CASE(mprotect_reaches_both_parts),
	};

	return cmocka_run_group_tests_name("remap", tests, NULL, NULL);
}
