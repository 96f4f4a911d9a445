/* SPDX-License-Identifier: MIT */
/* Tests which of a friend's referrals count, and from when a referral is
 * undone. */
#include <string.h>

#include "../support/test.h"
#include "base/cc.h"
#include "core/referral.h"
#include "program_file.h"

enum {
	ANNA = 1,
	BERT,
	CARL,
	FRIEND
};

static struct program program;

/* An order of 10.00, placed at the time 100, and its refunds. */
struct bought {
	struct order order;
	struct order_line line;
	struct order_refund refunds[3];
	struct fact fact;
};

static const struct fact *
bought(struct bought *b, const char *status, int64_t r1, int64_t r2)
{
	*b = (struct bought){
		.line = { .id = 1,
		    .quantity = 1,
		    .current = 1,
		    .net = 1000,
		    .before = 1000 },
		.order = { .id = 7,
		    .platform = PLATFORM_WOOCOMMERCE,
		    .modified_at = 300,
		    .created_at = 100,
		    .paid_at = 100,
		    .was_paid = true,
		    .currency = "EUR",
		    .total = 1000,
		    .nlines = 1 },
	};
	strcpy(b->order.status, status);
	b->order.lines = &b->line;
	b->order.refunds = b->refunds;
	b->refunds[0] = (struct order_refund){
		.id = 1, .share = r1, .at = 150
	};
	b->refunds[1] = (struct order_refund){ .id = 2, .share = r2 };
	b->order.nrefunds = r2 != 0 ? 2 : r1 != 0;
	b->fact = (struct fact){ .kind = FACT_ORDER,
		.at = 100,
		.order = &b->order,
		.program = &program };
	return &b->fact;
}

static struct referral
by(int64_t referrer, int64_t at, const char *id)
{
	return (struct referral){ .at = at,
		.store_id = 1,
		.id = id,
		.referrer = referrer,
		.friend = FRIEND };
}

static struct referral
tied(int64_t referrer, int64_t at, const char *id, const struct fact *order)
{
	struct referral r = by(referrer, at, id);

	r.is_tied = true;
	r.order = order;
	r.ordered_by = FRIEND;
	return r;
}

/* Checks the result for a single referral. */
static void
check(struct referral r, const char *nothing, int64_t undone_at)
{
	r.nothing = "before";
	r.undone_at = 99;
	referrals_judge(&arena, &r, 1);
	if (nothing == NULL)
		assert_null(r.nothing);
	else
		assert_string_equal(r.nothing, nothing);
	assert_int_equal(r.undone_at, undone_at);
}

static void
test_self(void **state)
{
	struct bought b;
	struct referral r = tied(ANNA, 5, "a", bought(&b, "completed", 0, 0));

	(void)state;
	check(by(ANNA, 5, "a"), NULL, 0);
	check(by(FRIEND, 5, "a"), "self_referral", 0);
	check(r, NULL, 0);
	r.ordered_by = ANNA;
	check(r, "self_referral", 0);
	/* a referral that is tied to no order counts, whoever the buyer is */
	r = by(ANNA, 5, "a");
	r.ordered_by = ANNA;
	check(r, NULL, 0);
}

static void
test_order(void **state)
{
	struct bought b;

	(void)state;
	check(tied(ANNA, 5, "a", NULL), "no_order_yet", 0);
	(void)bought(&b, "completed", 0, 0);
	b.order.modified_at = 0;
	check(tied(ANNA, 5, "a", &b.fact), "no_order_yet", 0);
	check(tied(ANNA, 5, "a", bought(&b, "pending", 0, 0)), "status", 0);
	(void)bought(&b, "completed", 0, 0);
	strcpy(b.order.currency, "USD");
	check(tied(ANNA, 5, "a", &b.fact), "other_currency", 0);
	(void)bought(&b, "completed", 0, 0);
	b.line.net = 0;
	check(tied(ANNA, 5, "a", &b.fact), "zero_base", 0);
	/* A refund of a part leaves the referral as it is. The refund that
	 * completes the full amount undoes the referral. A refund without a
	 * time has the time of the order's last change. */
	check(tied(ANNA, 5, "a", bought(&b, "completed", 999, 0)), NULL, 0);
	check(tied(ANNA, 5, "a", bought(&b, "completed", 1000, 0)), NULL, 150);
	check(tied(ANNA, 5, "a", bought(&b, "completed", 400, 600)), NULL, 300);
	/* undone at the time of the refund, not of the later status */
	check(tied(ANNA, 5, "a", bought(&b, "refunded", 1000, 0)), NULL, 150);
	/* a refund that is dated before its order gets the time of the order */
	(void)bought(&b, "completed", 1000, 0);
	b.refunds[0].at = 50;
	check(tied(ANNA, 5, "a", &b.fact), NULL, 100);
	/* an order is cancelled at cancelled_at or, if that is not set, at its
	 * last change */
	check(tied(ANNA, 5, "a", bought(&b, "cancelled", 0, 0)), NULL, 300);
	b.order.cancelled_at = 200;
	check(tied(ANNA, 5, "a", &b.fact), NULL, 200);
	b.order.cancelled_at = 90;
	check(tied(ANNA, 5, "a", &b.fact), NULL, 100);
	b.order.was_paid = false;
	check(tied(ANNA, 5, "a", &b.fact), "undone", 0);
}

/* Judges a list of referrals in several orders: each referral comes first once.
 * Each letter of `want` is the result of one referral: c counts, u undone, or
 * the first letter of the reason why the referral gives nothing. */
static void
counts(const struct referral *list, size_t n, const char *want)
{
	struct referral r[3];
	char found[4];

	for (size_t turn = 0; turn < n; turn++) {
		memset(found, 0, sizeof(found));
		for (size_t i = 0; i < n; i++)
			r[i] = list[(i + turn) % n];
		referrals_judge(&arena, r, n);
		for (size_t i = 0; i < n; i++)
			found[(i + turn) % n] = r[i].nothing != NULL
			                            ? r[i].nothing[0]
			                        : r[i].undone_at ? 'u'
			                                         : 'c';
		assert_string_equal(found, want);
	}
}

static void
test_once(void **state)
{
	struct bought x, y;
	const struct fact *back = bought(&x, "completed", 1000, 0);
	const struct fact *kept = bought(&y, "completed", 0, 0);
	struct referral list[3] = { by(ANNA, 5, "a"), by(BERT, 4, "b"),
		by(CARL, 6, "c") };

	(void)state;
	counts(list, 3, "fcf");
	list[0].at = 4; /* at one time, the lower store or id wins */
	counts(list, 3, "cff");
	list[0].store_id = 2;
	counts(list, 3, "fcf");
	list[1].referrer = FRIEND; /* does not count: self-referral */
	counts(list, 3, "csf");
	list[0] = tied(ANNA, 3, "a", back);
	list[1] = tied(BERT, 4, "b", kept);
	counts(list, 3, "ucf");
	list[1] = tied(BERT, 4, "b", back); /* only the first had counted */
	list[2] = tied(CARL, 6, "c", NULL);
	counts(list, 3, "ufn");
	list[0] = tied(ANNA, 3, "a", kept);
	counts(list, 3, "cfn");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_self),
		cmocka_unit_test(test_order),
		cmocka_unit_test(test_once),
	};
	int failed;

	arena_init(&arena);
	program = parsed(FILE("'rules':[{'id':'o','on':'order','give':{"
	                      "'points':1,'per':'1'}}]"));
	strcpy(program.currency, "EUR");
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	arena_fini(&arena);
	return failed;
}
