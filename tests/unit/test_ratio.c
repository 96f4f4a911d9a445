/* SPDX-License-Identifier: MIT */
/* Exact fractions: each way of rounding, and the edges of what fits. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/cc.h"
#include "core/ratio.h"

static void
test_roundings(void **state)
{
	static const struct {
		int64_t n, d, floor, round, ceil;
	} cases[] = {
		{ 0, 3, 0, 0, 0 },
		{ 1, 3, 0, 0, 1 },
		{ 3, 2, 1, 2, 2 },
		{ 5, 3, 1, 2, 2 },
		{ 6, 3, 2, 2, 2 },
		{ 7, 2, 3, 4, 4 },
		/* below zero and without a divisor there is nothing */
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
	/* what does not fit 128 bits is the largest there is, on its side */
	assert_true(ratio_mul(large, large) > large);
	assert_true(ratio_mul(large, -large) < -large);
	assert_true(ratio_mul(-large, -large) > large);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_roundings),
		cmocka_unit_test(test_edges),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
