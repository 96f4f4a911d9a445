/* SPDX-License-Identifier: MIT */
/* The numbers in the names of the tests are those in wire/seen.h. */
#include <string.h>

#include "../support/test.h"
#include "base/little.h"
#include "wire/seen.h"

enum {
	SECOND = 1000000,
	NOW = 1000 * SECOND,
	EPOCH = 7,
};

static struct seen *seen;

static int
setup(void **state)
{
	(void)state;
	seen = seen_new();
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	seen_free(seen);
	return 0;
}

/* Makes a body whose signature is a number, spread as a hash would be. */
static struct seen_body
body_of(uint64_t i)
{
	struct seen_body b = { .store_id = 1, .address = ADDRESS_ORDERS };

	for (size_t at = 0; at < HMAC_SIZE; at += sizeof(i)) {
		i = (i ^ i >> 29) * 0xbf58476d1ce4e5b9 + 1;
		little_put(b.signature + at, i ^ i >> 32, sizeof(i));
	}
	return b;
}

/* 1. and 2. Checks that a body with another signature, store or address is
 * another body. */
static void
test_same_body(void **state)
{
	struct seen_body b = body_of(1), other;

	(void)state;
	assert_false(seen_has(seen, EPOCH, &b, NOW));
	seen_add(seen, EPOCH, &b, NOW);
	assert_true(seen_has(seen, EPOCH, &b, NOW));
	for (size_t i = 0; i < HMAC_SIZE / 2; i++) {
		other = b;
		other.signature[i] ^= 0x10;
		assert_false(seen_has(seen, EPOCH, &other, NOW));
	}
	other = b;
	other.store_id++;
	assert_false(seen_has(seen, EPOCH, &other, NOW));
	other = b;
	other.address = ADDRESS_SINGLE;
	assert_false(seen_has(seen, EPOCH, &other, NOW));
}

/* 3. Checks that a body is forgotten in time, counted from when it was added
 * last. */
static void
test_time(void **state)
{
	const int64_t most = (int64_t)SEEN_SECONDS * SECOND;
	struct seen_body b = body_of(1);

	(void)state;
	seen_add(seen, EPOCH, &b, NOW);
	assert_true(seen_has(seen, EPOCH, &b, NOW + most - 1));
	assert_false(seen_has(seen, EPOCH, &b, NOW + most));
	seen_add(seen, EPOCH, &b, NOW + most);
	assert_true(seen_has(seen, EPOCH, &b, NOW + 2 * most - 1));
	assert_false(seen_has(seen, EPOCH, &b, NOW + 2 * most));
}

/* Adds n bodies, and counts those that are known afterwards. */
static unsigned
known_of(unsigned n)
{
	unsigned known = 0;

	for (unsigned i = 0; i < n; i++) {
		struct seen_body b = body_of(i);

		seen_add(seen, EPOCH, &b, NOW + i);
	}
	for (unsigned i = 0; i < n; i++) {
		struct seen_body b = body_of(i);

		known += seen_has(seen, EPOCH, &b, NOW + n);
	}
	return known;
}

/* 4. Checks that few bodies are pushed out of a table that has room, and that a
 * full one is used wholly. */
static void
test_room(void **state)
{
	unsigned quarter = SEEN_MAX / 4, half = SEEN_MAX / 2;

	(void)state;
	assert_in_range(known_of(quarter), quarter - quarter / 100, quarter);
	assert_in_range(known_of(half), half - half / 20, half);
	assert_in_range(
	    known_of(3 * SEEN_MAX), SEEN_MAX - SEEN_MAX / 50, SEEN_MAX);
}

/* 4. Checks that the oldest of the bodies that share their places goes, also if
 * a body was added again meanwhile. */
static void
test_oldest_goes(void **state)
{
	struct seen_body b[5];

	(void)state;
	for (unsigned i = 0; i < NITEMS(b); i++) {
		b[i] = body_of(1);
		b[i].signature[8] = (uint8_t)i;
	}
	for (unsigned i = 0; i < 4; i++)
		seen_add(seen, EPOCH, &b[i], NOW + (int64_t)i * SECOND);
	seen_add(seen, EPOCH, &b[0], NOW + 10 * SECOND);
	for (unsigned i = 0; i < 4; i++)
		assert_true(seen_has(seen, EPOCH, &b[i], NOW + 10 * SECOND));
	seen_add(seen, EPOCH, &b[4], NOW + 11 * SECOND);
	for (unsigned i = 0; i < NITEMS(b); i++)
		assert_int_equal(
		    seen_has(seen, EPOCH, &b[i], NOW + 11 * SECOND), i != 1);
}

/* 5. Checks that another epoch knows nothing, and that nothing of an earlier
 * epoch comes back. */
static void
test_epochs(void **state)
{
	struct seen_body b = body_of(1), c = body_of(2);

	(void)state;
	seen_add(seen, EPOCH, &b, NOW);
	assert_false(seen_has(seen, EPOCH + 1, &b, NOW));
	assert_false(seen_has(seen, EPOCH, &b, NOW));
	seen_add(seen, EPOCH, &b, NOW);
	seen_add(seen, EPOCH + 1, &c, NOW);
	assert_true(seen_has(seen, EPOCH + 1, &c, NOW));
	assert_false(seen_has(seen, EPOCH + 1, &b, NOW));
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		TEST(test_same_body),
		TEST(test_time),
		TEST(test_room),
		TEST(test_oldest_goes),
		TEST(test_epochs),
	};

	return cmocka_run_group_tests_name("seen", tests, NULL, NULL);
}
