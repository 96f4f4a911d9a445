/* SPDX-License-Identifier: MIT */
/* Checks the posting that settle() makes when a lot should hold more or fewer
 * points. The numbers in comments are those of the rules in core/settle.h. */
#include "../support/test.h"
#include "base/cc.h"
#include "core/settle.h"

enum {
	NOW = 1000
};

static void
test_settle(void **state)
{
	static const struct {
		const char *name;
		struct plain_lot before;
		int64_t should;
		struct posting posting;
		bool vested;
	} cases[] = {
		{ "1. and 2. more, and its date has come",
		    { .vests_at = NOW, .fresh = true }, 56,
		    { ACCOUNT_ISSUED, ACCOUNT_AVAILABLE, 56 }, true },
		{ "2. its date has not come",
		    { .vests_at = NOW + 1, .fresh = true }, 20,
		    { ACCOUNT_ISSUED, ACCOUNT_PENDING, 20 }, false },
		{ "2. pending until settle_vest()",
		    { .remaining = 10, .vests_at = NOW }, 12,
		    { ACCOUNT_ISSUED, ACCOUNT_PENDING, 2 }, false },
		{ "1. more of what is available",
		    { .remaining = 10, .vests_at = NOW, .vested = true }, 30,
		    { ACCOUNT_ISSUED, ACCOUNT_AVAILABLE, 20 }, true },
		{ "1. less",
		    { .remaining = 56, .vests_at = NOW, .vested = true }, 52,
		    { ACCOUNT_AVAILABLE, ACCOUNT_REVERSED, 4 }, true },
		{ "1. nothing is left", { .remaining = 8, .vests_at = NOW + 1 },
		    0, { ACCOUNT_PENDING, ACCOUNT_REVERSED, 8 }, false },
	};

	(void)state;
	for (size_t i = 0; i < NITEMS(cases); i++) {
		struct plain_lot l = cases[i].before;
		struct balance b = { .available = 100, .pending = 100 };
		struct posting p = settle(&l, cases[i].should, NOW, &b);
		int64_t more = cases[i].should - cases[i].before.remaining;

		print_message("%s\n", cases[i].name);
		assert_int_equal(p.debit, cases[i].posting.debit);
		assert_int_equal(p.credit, cases[i].posting.credit);
		assert_int_equal(p.points, cases[i].posting.points);
		assert_int_equal(l.remaining, cases[i].should);
		assert_int_equal(l.vested, cases[i].vested);
		assert_true(l.changed);
		assert_int_equal(b.available, l.vested ? 100 + more : 100);
		assert_int_equal(b.pending, l.vested ? 100 : 100 + more);
		assert_int_equal(b.lifetime_earned, more);
		assert_int_equal(b.debt, 0);
	}
}

static void
test_vest(void **state)
{
	struct plain_lot l = { .remaining = 15, .vests_at = NOW };
	struct balance b = { .pending = 20, .lifetime_earned = 20 };
	struct posting p;

	(void)state;
	/* 3. pending points become available */
	p = settle_vest(&l, &b);
	assert_int_equal(p.debit, ACCOUNT_PENDING);
	assert_int_equal(p.credit, ACCOUNT_AVAILABLE);
	assert_int_equal(p.points, 15);
	assert_true(l.vested && l.changed);
	assert_int_equal(l.remaining, 15);
	assert_int_equal(b.pending, 5);
	assert_int_equal(b.available, 15);
	assert_int_equal(b.lifetime_earned, 20);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_settle),
		cmocka_unit_test(test_vest),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
