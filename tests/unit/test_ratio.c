/* SPDX-License-Identifier: MIT */
/* Checks exact fractions: each way of rounding, and the largest numbers that
 * fit. */
#include "../support/test.h"
#include "base/cc.h"
#include "core/ratio.h"

static void
test_roundings(void **state)
{
	static const struct {
		int64_t n, d, floor, round, ceil;
	} cases[] = {
		{ 0, 3, 0, 0, 0 },
		{ 1, 1, 1, 1, 1 },
		{ 1, 3, 0, 0, 1 },
		{ 3, 2, 1, 2, 2 },
		{ 5, 3, 1, 2, 2 },
		{ 6, 3, 2, 2, 2 },
		{ 7, 2, 3, 4, 4 },
		/* A negative fraction, and one without a divisor, are zero. */
		{ -1, 3, 0, 0, 0 },
		{ 1, 0, 0, 0, 0 },
		{ 1, -3, 0, 0, 0 },
	};

	(void)state;
	for (size_t i = 0; i < NITEMS(cases); i++) {
		assert_int_equal(
		    ratio_floor(cases[i].n, cases[i].d), cases[i].floor);
		assert_int_equal(
		    ratio_round(cases[i].n, cases[i].d), cases[i].round);
		assert_int_equal(
		    ratio_ceil(cases[i].n, cases[i].d), cases[i].ceil);
	}
}

static void
test_edges(void **state)
{
	wide large = ratio_mul(INT64_MAX, INT64_MAX);

	(void)state;
	assert_int_equal(ratio_floor(large, INT64_MAX), INT64_MAX);
	assert_int_equal(ratio_floor(large, 1), INT64_MAX);
	assert_int_equal(ratio_round(large, 2), INT64_MAX);
	assert_int_equal(ratio_ceil(large, 3), INT64_MAX);
	/* A product beyond 128 bits is the largest number of its sign. */
	assert_true(ratio_mul(large, large) > large);
	assert_true(ratio_mul(large, -large) < -large);
	assert_true(ratio_mul(-large, -large) > large);
}

static void
test_times(void **state)
{
	static const struct {
		int64_t n, d, a, b, whole;
		enum rest rest;
	} cases[] = {
		{ 6, 2, 1, 1, 3, REST_NONE },
		{ 7, 2, 1, 1, 3, REST_HALF },
		{ 7, 3, 2, 1, 4, REST_HALF },
		{ 7, 3, 1, 1, 2, REST_LESS },
		{ 1, 3, 1, 1, 0, REST_LESS },
		{ 2, 3, 1, 1, 0, REST_HALF },
		{ 0, 3, 1, 1, 0, REST_NONE },
		{ -1, 3, 1, 1, 0, REST_NONE },
		{ 1, 0, 1, 1, 0, REST_NONE },
		{ 1, 1, 0, 1, 0, REST_NONE },
		{ 1, 1, 1, 0, 0, REST_NONE },
		{ INT64_MAX, 1, INT64_MAX, 1, INT64_MAX, REST_NONE },
	};
	/* The scale makes each product exceed 128 bits: the fraction n / d
	 * is passed as n * scale / (d * scale). */
	const wide scale = (wide)1 << 61;
	enum rest rest;

	(void)state;
	for (size_t i = 0; i < NITEMS(cases); i++) {
		int64_t whole = ratio_times(
		    cases[i].n, cases[i].d, cases[i].a, cases[i].b, &rest);

		assert_int_equal(whole, cases[i].whole);
		assert_int_equal(rest, cases[i].rest);
		if (cases[i].n > 1000)
			continue;
		whole = ratio_times(cases[i].n * scale * scale,
		    cases[i].d * scale * scale, cases[i].a << 60,
		    cases[i].b << 60, &rest);
		assert_int_equal(whole, cases[i].whole);
		assert_int_equal(rest, cases[i].rest);
	}
	/* A fraction that is the least bit below or above 2 has another rest
	 * than 2 itself. */
	assert_int_equal(ratio_times(2 * scale * scale - 1, scale * scale,
	                     INT64_MAX, INT64_MAX, &rest),
	    1);
	assert_int_equal(rest, REST_HALF);
	assert_int_equal(ratio_times(2 * scale * scale, scale * scale,
	                     INT64_MAX, INT64_MAX, &rest),
	    2);
	assert_int_equal(rest, REST_NONE);
	assert_int_equal(ratio_times(2 * scale * scale + 1, scale * scale,
	                     INT64_MAX, INT64_MAX, &rest),
	    2);
	assert_int_equal(rest, REST_LESS);
	/* A result beyond 64 bits becomes INT64_MAX. */
	assert_int_equal(
	    ratio_times(scale * scale, 1, INT64_MAX, 1, &rest), INT64_MAX);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_roundings),
		cmocka_unit_test(test_edges),
		cmocka_unit_test(test_times),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
