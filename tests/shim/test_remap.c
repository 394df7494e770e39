/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A composed mapping (pages.h) is moved and cut like one of the hardware's alone:
 * trap K10, trap V20.
 */
#include "tests/lib/pages.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#define FIXED (MREMAP_MAYMOVE | MREMAP_FIXED)

enum place { NOWHERE, AWAY, ODD, NEAR, TAIL };

struct call {
	uint64_t from, was, now; /* pages */
	int flags;
	enum place to;
	int error;
};

static void assert_moved(const struct call *c, const uint8_t *p, const uint8_t *got)
{
	const uint64_t behind = c->from + c->was;

	assert_true(pages_are(got, c->from, c->now));
	assert_true(pages_are(p, 0, c->from));
	assert_true(pages_are(p + behind * PAGE, behind, PAGES - behind));
	if (got == p + c->from * PAGE)
		assert_true(pages_are_free(got + c->now * PAGE, c->was - c->now));
	else
		assert_true(pages_are_free(p + c->from * PAGE, c->was));
}

static void do_call(const struct call *c, uint64_t kind)
{
	uint8_t *p = pages_map(kind), *away = pages_other();
	uint8_t *places[] = {NULL, away, away + 1, p + (c->from + 1) * PAGE,
			     p + (c->from + c->now) * PAGE};

	errno = 0;

	uint8_t *got =
		mremap(p + c->from * PAGE, c->was * PAGE, c->now * PAGE, c->flags, places[c->to]);

	assert_int_equal(errno, c->error);
	if (c->error) {
		assert_ptr_equal(got, MAP_FAILED);
		assert_true(pages_are(p, 0, PAGES));
	} else {
		assert_moved(c, p, got);
	}
	if (c->error == EINVAL)
		assert_int_equal(away[0], 0xaa);
	else if (c->to == AWAY && !c->error)
		assert_ptr_equal(got, away);
	if (!c->error)
		munmap(got, c->now * PAGE);
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
		for (size_t kind = 0; kind < KINDS; kind++)
			do_call(&t[i], kinds[kind]);
	}
}

static uint8_t *move(uint8_t *from, uint64_t pages, uint8_t *to)
{
	return mremap(from, pages * PAGE, pages * PAGE, FIXED, to);
}

static void a_moved_mapping_is_moved_again(void **state)
{
	uint8_t *p = pages_map(COMPOSED), *a = pages_other(), *b = pages_other();

	assert_ptr_equal(mremap(p, 8 * PAGE, 8 * PAGE, 0), p);
	assert_ptr_equal(move(p, PAGES, a), a);
	assert_ptr_equal(move(a + 4 * PAGE, 8, b), b);
	assert_ptr_equal(move(b, 8, p), p);
	assert_true(pages_are(p, 4, 8));
	assert_ptr_equal(move(p + PAGE, 6, b), b);
	assert_true(pages_are(b, 5, 6));
	munmap(a, PAGES * PAGE);
	munmap(b, PAGES * PAGE);
	munmap(p, PAGES * PAGE);
}

static void what_is_left_of_a_mapping_is_moved(void **state)
{
	uint8_t *p = pages_map(COMPOSED), *a = pages_other();

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
	assert_true(pages_are(a, 4, 7));
	munmap(p + 11 * PAGE, PAGE);
	munmap(a, PAGES * PAGE);
}

/* With something else in the middle it is several mappings, whatever it was. */
static void a_hole_is_no_edge(void **state)
{
	int results[KINDS];

	for (size_t kind = 0; kind < KINDS; kind++) {
		uint8_t *p = pages_map(kinds[kind]), *a = pages_other();

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
	uint8_t *p = pages_map(COMPOSED), *a = pages_other();

	assert_ptr_equal(mmap(p, PAGES * PAGE, RW, MAP_SHARED | MAP_FIXED, user.device,
			      pages_offset(COMPOSED + 4 * PAGE)),
			 p);
	assert_ptr_equal(move(p, PAGES, a), a);
	assert_true(pages_are(a, 4, 12));
	munmap(a, PAGES * PAGE);
}

/* What is noted of a mapping that ended unseen is of no effect on others at its place. */
static void other_memory_at_the_same_place_is_moved(void **state)
{
	uint8_t *p = pages_map(COMPOSED), *a = pages_other();

	assert_int_equal(syscall(SYS_munmap, p, PAGES * PAGE), 0);
	assert_int_equal(syscall(SYS_mmap, p, PAGES * PAGE, RW,
				 MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0),
			 p);
	for (uint64_t i = 0; i < PAGES; i++)
		p[i * PAGE + 0xff0] = (uint8_t)(0x40 + i);
	assert_ptr_equal(mremap(p, PAGES * PAGE, 12 * PAGE, FIXED, a), a);
	assert_true(pages_are(a, 0, 12));
	assert_true(pages_are_free(p, PAGES));
	assert_int_equal(munmap(a, PAGES * PAGE), 0);
}

static void a_child_has_mappings_of_its_own(void **state)
{
	uint8_t *p = pages_map(COMPOSED), *a = pages_other();
	pid_t pid = fork();

	if (pid == 0)
		_exit(move(p, PAGES, a) == a && a[15 * PAGE + 0xff0] == 0x4f && !page_is_mapped(p)
			      ? 7
			      : 1);
	assert_int_equal(exit_status(pid), 7);
	assert_true(pages_are(p, 0, PAGES));
	assert_ptr_equal(move(p, PAGES, a), a);
	assert_true(pages_are(a, 0, PAGES));
	munmap(a, PAGES * PAGE);
}

/* An older kernel is asked three times: for the whole, and for its two parts. (trap K10) */
static void half_a_move_is_none(void **state)
{
	static const char *const calls[] = {"1", "2", "3"};

	const size_t count = getenv("OLDER_KERNEL") ? 3 : 1;

	for (size_t i = 0; i < count; i++) {
		uint8_t *p = pages_map(COMPOSED), *a = pages_other();

		setenv("MREMAP_FAILS", calls[i], 1);
		errno = 0;

		const uint8_t *got = mremap(p, PAGES * PAGE, 12 * PAGE, FIXED, a);

		unsetenv("MREMAP_FAILS");
		assert_ptr_equal(got, MAP_FAILED);
		assert_int_equal(errno, ENOMEM);
		assert_true(pages_are(p, 0, PAGES));
		if (i == 0)
			assert_int_equal(a[0], 0xaa);
		else
			assert_true(pages_are_free(a, 12));
		/* nor is anything forgotten */
		assert_ptr_equal(move(p, PAGES, a), a);
		assert_true(pages_are(a, 0, PAGES));
		munmap(a, PAGES * PAGE);
	}
}

/* The ways in which a mapping ends. */
static void is_unmapped(uint8_t *p)
{
	assert_int_equal(munmap(p, PAGES * PAGE), 0);
}

static void is_mapped_over(uint8_t *p)
{
	const int flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED;

	assert_ptr_equal(mmap(p, PAGES * PAGE, RW, flags, -1, 0), p);
	assert_int_equal(syscall(SYS_munmap, p, PAGES * PAGE), 0);
}

static void is_moved_over(uint8_t *p)
{
	assert_ptr_equal(move(pages_other(), PAGES, p), p);
	assert_int_equal(syscall(SYS_munmap, p, PAGES * PAGE), 0);
}

/* More at a time than are noted; all are forgotten, as one shows that has its edge elsewhere. */
static void mappings_may_be_many(void **state)
{
	static void (*const ends[])(uint8_t *) = {is_unmapped, is_mapped_over, is_moved_over};

	for (size_t way = 0; way < sizeof(ends) / sizeof(ends[0]); way++) {
		uint8_t *p[100], *a = pages_other();

		for (size_t i = 0; i < 100; i++)
			p[i] = pages_map(COMPOSED);
		for (size_t i = 0; i < 100; i++)
			ends[way](p[i]);
		p[0] = pages_map(COMPOSED + 4 * PAGE);
		assert_ptr_equal(move(p[0], PAGES, a), a);
		assert_true(pages_are(a, 0, PAGES));
		assert_int_equal(munmap(a, PAGES * PAGE), 0);
	}
}

/*
 * A move that an older kernel refuses is made in parts, unless another thread has taken the place
 * that the kernel had emptied: then all is where it was. Returns what went wrong, or NULL.
 */
static void *map_and_move(void *arg)
{
	const off_t at = pages_offset(COMPOSED);

	for (int i = 0; i < 100; i++) {
		uint8_t *p = mmap(NULL, PAGES * PAGE, RW, MAP_SHARED, user.device, at);
		uint8_t *a =
			mmap(NULL, PAGES * PAGE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

		if (p == MAP_FAILED || a == MAP_FAILED || !pages_are(p, 0, PAGES))
			return "no mapping";

		const bool moved = move(p, PAGES, a) == a;

		if (!moved && errno != EFAULT)
			return "another error";
		if (!pages_are(moved ? a : p, 0, PAGES))
			return "pages are lost";
		if (munmap(moved ? a : p, PAGES * PAGE) < 0)
			return "no munmap";
	}
	return NULL;
}

static void threads_move_mappings_of_their_own(void **state)
{
	uint8_t *p = pages_map(COMPOSED); /* which makes the marks, for all */
	pthread_t threads[4];

	for (size_t i = 0; i < 4; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, map_and_move, NULL), 0);
	for (size_t i = 0; i < 4; i++) {
		void *wrong;

		assert_int_equal(pthread_join(threads[i], &wrong), 0);
		assert_null(wrong);
	}
	assert_true(pages_are(p, 0, PAGES));
	munmap(p, PAGES * PAGE);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, fixture_open, fixture_close)

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
		CASE(threads_move_mappings_of_their_own),
	};

	return cmocka_run_group_tests_name("remap", tests, NULL, NULL);
}
