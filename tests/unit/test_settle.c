/* SPDX-License-Identifier: MIT */
/* The difference to what stands; the numbers are those of core/settle.h. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/cc.h"
#include "core/settle.h"

enum {
	NOW = 1000
};

static struct postings p;

static void
expect(const struct posting *want, size_t n)
{
	assert_int_equal(p.n, n);
	for (size_t i = 0; i < n; i++) {
		assert_int_equal(p.list[i].debit, want[i].debit);
		assert_int_equal(p.list[i].credit, want[i].credit);
		assert_int_equal(p.list[i].points, want[i].points);
		assert_ptr_equal(p.list[i].lot, want[i].lot);
	}
	p.n = 0;
}

#define EXPECT(...)                                           \
	expect((const struct posting[]){ __VA_ARGS__ },       \
	    sizeof((const struct posting[]){ __VA_ARGS__ }) / \
	        sizeof(struct posting))

static void
test_more(void **state)
{
	struct lot own = { .vests_at = NOW, .fresh = true };
	struct balance b = { 0 };

	(void)state;
	/* 1. and 3.: its date has come */
	settle(0, 56, NOW, &own, NULL, 0, &b, &p);
	EXPECT({ ACCOUNT_ISSUED, ACCOUNT_AVAILABLE, 56, &own });
	assert_true(own.vested && own.changed);
	assert_int_equal(own.remaining, 56);
	assert_int_equal(b.available, 56);
	assert_int_equal(b.lifetime_earned, 56);

	/* nothing to do, nothing done */
	own.changed = false;
	settle(56, 56, NOW, &own, NULL, 0, &b, &p);
	assert_int_equal(p.n, 0);
	assert_false(own.changed);
}

static void
test_more_pending(void **state)
{
	struct lot own = { .vests_at = NOW + 1, .fresh = true };
	struct balance b = { .debt = 5 };

	(void)state;
	/* 1. debt first, also of what is pending */
	settle(0, 20, NOW, &own, NULL, 0, &b, &p);
	EXPECT({ ACCOUNT_ISSUED, ACCOUNT_DEBT, 5, NULL },
	    { ACCOUNT_ISSUED, ACCOUNT_PENDING, 15, &own });
	assert_false(own.vested);
	assert_int_equal(b.pending, 15);
	assert_int_equal(b.debt, 0);

	/* 4. what is owed when its date has come is repaid, too */
	b.debt = 2;
	settle_vest(&own, &b, &p);
	EXPECT({ ACCOUNT_PENDING, ACCOUNT_DEBT, 2, &own },
	    { ACCOUNT_PENDING, ACCOUNT_AVAILABLE, 13, &own });
	assert_int_equal(own.remaining, 13);
	assert_int_equal(b.pending, 0);
	assert_int_equal(b.available, 13);
	assert_int_equal(b.debt, 0);
	assert_int_equal(b.lifetime_earned, 20);
}

static void
test_more_with_debt(void **state)
{
	struct lot own = { .vested = true };
	struct balance b = { .debt = 30 };

	(void)state;
	/* 1. debt first */
	settle(0, 20, NOW, &own, NULL, 0, &b, &p);
	EXPECT({ ACCOUNT_ISSUED, ACCOUNT_DEBT, 20, NULL });
	assert_int_equal(b.debt, 10);
	assert_int_equal(own.remaining, 0);
	settle(20, 50, NOW, &own, NULL, 0, &b, &p);
	EXPECT({ ACCOUNT_ISSUED, ACCOUNT_DEBT, 10, NULL },
	    { ACCOUNT_ISSUED, ACCOUNT_AVAILABLE, 20, &own });
	assert_int_equal(b.available, 20);
	assert_int_equal(b.debt, 0);
}

static void
test_less(void **state)
{
	struct lot own = { .remaining = 10, .vested = true };
	struct lot others[] = {
		{ .remaining = 15, .vested = true },
		{ .remaining = 8 },
	};
	struct balance b = {
		.available = 25, .pending = 8, .lifetime_earned = 73
	};

	(void)state;
	/* 2. own, then the others in turn, then debt; 40 of 50 were spent */
	settle(50, 0, NOW, &own, others, 2, &b, &p);
	EXPECT({ ACCOUNT_AVAILABLE, ACCOUNT_REVERSED, 10, &own },
	    { ACCOUNT_AVAILABLE, ACCOUNT_REVERSED, 15, &others[0] },
	    { ACCOUNT_PENDING, ACCOUNT_REVERSED, 8, &others[1] },
	    { ACCOUNT_DEBT, ACCOUNT_REVERSED, 17, NULL });
	assert_int_equal(b.available, 0);
	assert_int_equal(b.pending, 0);
	assert_int_equal(b.debt, 17);
	assert_int_equal(b.lifetime_earned, 23);
	assert_true(own.changed && others[0].changed && others[1].changed);
}

static void
test_less_is_enough(void **state)
{
	struct lot own = { .remaining = 56, .vested = true };
	struct lot other = { .remaining = 9, .vested = true };
	struct balance b = { .available = 65, .lifetime_earned = 65 };

	(void)state;
	/* 2. its own lot covers it */
	settle(56, 52, NOW, &own, &other, 1, &b, &p);
	EXPECT({ ACCOUNT_AVAILABLE, ACCOUNT_REVERSED, 4, &own });
	assert_int_equal(own.remaining, 52);
	assert_false(other.changed);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_more),
		cmocka_unit_test(test_more_pending),
		cmocka_unit_test(test_more_with_debt),
		cmocka_unit_test(test_less),
		cmocka_unit_test(test_less_is_enough),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
