/* SPDX-License-Identifier: MIT */
#include "../support/test.h"
#include "base/cc.h"
#include "core/liability.h"

/* An example by KPMG for the accounting standard ASC 606. Goods are sold for
 * 100,000, with 10,000 points worth 1 each, of which 97 % are expected to be
 * redeemed. */
static void
test_allocation(void **state)
{
	(void)state;
	assert_int_equal(
	    liability_allocate(10000000, 10000, 100, 9700), 884230);
	assert_int_equal(liability_allocate(10000000, 10000, 100, 0), 0);
	/* a half is rounded up */
	assert_int_equal(liability_allocate(1, 1, 1, SHARE_ONE), 1);
	assert_int_equal(liability_allocate(0, 10000, 100, 9700), 0);
}

/* The years of KPMG's example, in which a rounded 9,000 of the price is
 * allocated to the points. */
static void
test_recognition(void **state)
{
	static const struct {
		int64_t redeemed, expected, before, more;
	} years[] = {
		{ 4500, 9700, 0, 417526 },
		{ 8500, 9900, 417526, 355201 },
		/* the second year, if fewer points are expected to be
		 * redeemed */
		{ 8500, 9200, 417526, 413996 },
		{ 9900, 9900, 772727, 127273 },
		/* no more is recognised than was allocated */
		{ 9950, 9900, 900000, 0 },
		{ 0, 0, 0, 900000 },
	};

	(void)state;
	for (size_t i = 0; i < NITEMS(years); i++)
		assert_int_equal(liability_recognise(900000, years[i].redeemed,
		                     years[i].expected) -
		                     years[i].before,
		    years[i].more);
}

static void
test_owed(void **state)
{
	(void)state;
	/* a million points worth a cent each; a fifth is never redeemed */
	assert_int_equal(liability_of(1000000, 1000, 2000), 800000);
	assert_int_equal(liability_of(1000000, 1000, 0), 1000000);
	assert_int_equal(liability_of(1000000, 1000, SHARE_ONE), 0);
	/* half a cent is rounded up */
	assert_int_equal(liability_of(1, 500, 0), 1);
	assert_int_equal(liability_of(1, 499, 0), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_allocation),
		cmocka_unit_test(test_recognition),
		cmocka_unit_test(test_owed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
