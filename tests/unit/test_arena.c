/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../support/test.h"
#include "base/arena.h"
#include "base/log.h"

/* Checks that allocated memory of any size is zeroed, aligned, and does not
 * overlap other allocations. */
static void
test_alloc(void **state)
{
	struct arena a;
	unsigned char *blocks[500];

	(void)state;
	arena_init(&a);
	for (int round = 0; round < 3; round++) {
		for (size_t i = 0; i < NITEMS(blocks); i++) {
			size_t n = i * i % 3001;

			blocks[i] = arena_alloc(&a, n);
			assert_int_equal(
			    (uintptr_t)blocks[i] % _Alignof(max_align_t), 0);
			for (size_t j = 0; j < n; j++)
				assert_int_equal(blocks[i][j], 0);
			memset(blocks[i], (int)(i & 0xff), n);
		}
		for (size_t i = 0; i < NITEMS(blocks); i++)
			for (size_t j = 0; j < i * i % 3001; j++)
				assert_int_equal(blocks[i][j], i & 0xff);
		arena_reset(&a);
	}
	arena_fini(&a);
}

static void
test_large(void **state)
{
	struct arena a;
	char *small, *large;

	(void)state;
	arena_init(&a);
	small = arena_strdup(&a, "before");
	large = arena_alloc(&a, 3 * 1024 * 1024);
	memset(large, 'x', 3 * 1024 * 1024);
	assert_string_equal(arena_strdup(&a, "behind"), "behind");
	assert_string_equal(small, "before");
	arena_fini(&a);
}

/* Checks that the memory of an earlier unit of work is given out again, zeroed,
 * and serves sizes that come in another order. */
static void
test_reset(void **state)
{
	static const size_t sizes[] = { 40000, 3000000, 50000, 900000, 60000 };
	struct arena a;
	size_t held;

	(void)state;
	arena_init(&a);
	for (size_t i = 0; i < NITEMS(sizes); i++)
		memset(arena_alloc(&a, sizes[i]), 'x', sizes[i]);
	held = arena_size(&a);
	arena_reset(&a);
	for (size_t i = NITEMS(sizes); i > 0; i--) {
		char *p = arena_alloc(&a, sizes[i - 1]);

		for (size_t j = 0; j < sizes[i - 1]; j++)
			assert_int_equal(p[j], 0);
	}
	assert_int_equal(arena_size(&a), held);
	arena_fini(&a);
}

/* Checks that an arena keeps at most 64 MB. */
static void
test_keeps_little(void **state)
{
	const size_t size = 40 * 1024 * 1024;
	struct arena a;

	(void)state;
	arena_init(&a);
	for (int i = 0; i < 4; i++)
		(void)arena_alloc(&a, size);
	assert_true(arena_size(&a) >= 4 * size);
	arena_reset(&a);
	assert_in_range(arena_size(&a), size, 64 * 1024 * 1024);
	arena_fini(&a);
}

/* Checks that a list grows only when it is full, and keeps its items. */
static void
test_grow(void **state)
{
	struct arena a;
	size_t n = 0, room = 0, moves = 0;
	int *list = NULL;

	(void)state;
	arena_init(&a);
	for (int i = 0; i < 1000; i++) {
		int *grown = arena_grow(&a, list, n, &room, sizeof(*list));

		assert_true(n < room);
		moves += grown != list;
		list = grown;
		list[n++] = i;
	}
	for (int i = 0; i < 1000; i++)
		assert_int_equal(list[i], i);
	assert_in_range(moves, 1, 8);
	arena_fini(&a);
}

static void
test_copies(void **state)
{
	struct arena a;
	char *p;

	(void)state;
	arena_init(&a);
	p = arena_memdup(&a, "a\0bcd", 3);
	assert_memory_equal(p, "a\0b\0", 4);
	p = arena_memdup(&a, NULL, 0);
	assert_string_equal(p, "");
	assert_string_equal(arena_printf(&a, "%d-%s", 7, "x"), "7-x");
	p = arena_printf(&a, "%0*d", 100000, 1);
	assert_int_equal(strlen(p), 100000);
	arena_fini(&a);
}

static void
ask_for_too_much(int how)
{
	struct arena a;

	arena_init(&a);
	(void)arena_alloc(&a, 1);
	switch (how) {
	case 0:
		(void)arena_array(&a, SIZE_MAX / 2, 3);
		break;
	case 1:
		(void)arena_alloc(&a, SIZE_MAX - 3);
		break;
	case 2:
		(void)arena_array(&a, SIZE_MAX / 16, 16);
		break;
	}
}

/* Checks that the process ends if it asks for more memory than there is, even
 * if the computed size overflows. */
static void
test_too_much(void **state)
{
	(void)state;
	for (int how = 0; how < 3; how++) {
		int status;
		pid_t pid = fork();

		assert_true(pid != -1);
		if (pid == 0) {
			/* Hides the message of die() from the output of the
			 * tests. */
			if (freopen("/dev/null", "w", stderr) == NULL)
				_exit(1);
			ask_for_too_much(how);
			_exit(0);
		}
		assert_int_equal(waitpid(pid, &status, 0), pid);
		assert_true(WIFEXITED(status));
		assert_int_equal(WEXITSTATUS(status), EXIT_FATAL);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_alloc),
		cmocka_unit_test(test_large),
		cmocka_unit_test(test_reset),
		cmocka_unit_test(test_keeps_little),
		cmocka_unit_test(test_grow),
		cmocka_unit_test(test_copies),
		cmocka_unit_test(test_too_much),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
