/* SPDX-License-Identifier: MIT */
/*
 * Tests folds of orders whose parts arrive in separate deliveries:
 *
 *  I-1  every order of arrival and every duplicate of {create, paid, edited,
 *       partially refunded, refunded, cancelled} give the same balance
 *
 * Further tests check at which time refunds and cancellations without a time
 * count, referrals whose order was undone, events that were undone, and which
 * of equal lots is used first.
 */
#include <string.h>

#include "../support/test.h"
#include "base/cc.h"
#include "base/instant.h"
#include "core/fold/fold.h"
#include "wire/program/program.h"

#include "../model/history.h"

#define POINTS "\"give\": { \"points\": 1, \"per\": \"1\" }"

static const char one_per_euro[] =
    "{ \"name\": \"p\", \"rules\": [{ \"id\": \"order\", \"on\": \"order\", " POINTS
    " }] }";
static const char yearly_tiers[] =
    "{ \"name\": \"p\", \"rules\": [{ \"id\": \"order\", \"on\": \"order\", " POINTS
    " }], \"tiers\": { \"window\": \"year\", "
    "\"term\": \"rest_of_year_plus_next\", \"grace_days\": 30, \"levels\": ["
    "{ \"id\": \"silver\", \"above\": \"250.00\" },"
    "{ \"id\": \"gold\", \"above\": \"500.00\" }] } }";

static const char friends[] =
    "{ \"name\": \"p\", \"rules\": ["
    "{ \"id\": \"friend\", \"on\": \"referral\", \"give\": { \"points\": 500 } },"
    "{ \"id\": \"stays\", \"on\": \"referral\", \"give\": { \"points\": 7 }, "
    "\"on_refund\": \"none\" },"
    "{ \"id\": \"other\", \"on\": \"review\", \"give\": { \"points\": 3 } }], "
    "\"tiers\": { \"metric\": \"events\", \"event\": \"referral\", "
    "\"window\": \"lifetime\", \"levels\": [{ \"id\": \"friend\", "
    "\"from\": 1 }] } }";

static const char reviews_of_vips[] =
    "{ \"name\": \"p\", \"rules\": [{ \"id\": \"vip\", \"on\": \"review\", "
    "\"give\": { \"points\": 3 }, \"when\": { \"customer\": { \"tag\": "
    "[\"vip\"] } } }] }";

static int64_t
noon(const char *date)
{
	char text[32];
	int64_t at = 0;

	strcpy(text, date);
	strcat(text, "T12:00:00Z");
	assert_int_equal(instant_parse(str_of(text), &at), 0);
	return at;
}

static const struct program *
parsed(struct arena *a, const char *file)
{
	static const struct program_setting setting = { .currency = "EUR",
		.exponent = 2 };
	struct program *p = arena_alloc(a, sizeof(*p));
	struct err e = { 0 };

	if (program_parse(a, str_of(file), &setting, p, &e) == -1)
		fail_msg("%s", e.msg);
	return p;
}

/* A cancelled order is undone at the time when it was cancelled, not at the
 * time of a later delivery about it. */
static void
test_cancelled_then(void **state)
{
	struct arena a;
	struct history h = { .neras = 1 };
	struct life {
		struct order order;
		struct order_line line;
	} l = {
		.line = { .id = 1,
		    .quantity = 1,
		    .current = 1,
		    .before = 10000,
		    .net = 10000 },
		.order = { .id = 1,
		    .platform = PLATFORM_WOOCOMMERCE,
		    .status = "cancelled",
		    .currency = "EUR",
		    .modified_at = noon("2025-03-01"),
		    .created_at = noon("2025-01-01"),
		    .paid_at = noon("2025-01-01"),
		    .cancelled_at = noon("2025-02-01"),
		    .was_paid = true,
		    .total = 10000,
		    .nlines = 1 },
	};
	struct told t = { .fact = { .kind = FACT_ORDER,
		              .store_id = STORE,
		              .id = "1",
		              .order = &l.order } };
	struct inbox in;
	struct fold f;

	(void)state;
	l.order.lines = &l.line;
	arena_init(&a);
	h.eras[0] = (struct era){ parsed(&a, one_per_euro), 1, 1 };
	inbox_init(&in, &a, &h);
	inbox_take(&in, &t);
	inbox_fold(&in, &a, noon("2025-02-01") - 1, &f);
	assert_int_equal(f.purses[0].balance.available, 100);
	/* A shop's clock may be ahead: the cancellation is due when it comes. */
	assert_int_equal(f.due_at, noon("2025-02-01"));
	inbox_fold(&in, &a, noon("2025-02-01"), &f);
	assert_int_equal(f.purses[0].balance.available, 0);
	assert_int_equal(f.due_at, INSTANT_NEVER);
	/* cancelled and then deleted: undone by the cancellation */
	l.order.deleted_at = noon("2025-03-15");
	inbox_init(&in, &a, &h);
	inbox_take(&in, &t);
	inbox_fold(&in, &a, noon("2025-02-01"), &f);
	assert_int_equal(f.purses[0].balance.available, 0);
	/* deleted but not cancelled: undone by the deletion */
	strcpy(l.order.status, "completed");
	l.order.cancelled_at = 0;
	inbox_init(&in, &a, &h);
	inbox_take(&in, &t);
	inbox_fold(&in, &a, noon("2025-03-15") - 1, &f);
	assert_int_equal(f.purses[0].balance.available, 100);
	inbox_fold(&in, &a, noon("2025-03-15"), &f);
	assert_int_equal(f.purses[0].balance.available, 0);
	arena_fini(&a);
}

/* Folds an order of 50.00 with a line of -5.00, of which 1.00 was paid back: how
 * many points it has before and after the refund. */
static void
below_zero(const char *program, size_t nrefunds, int64_t points[2])
{
	struct arena a;
	struct history h = { .neras = 1 };
	struct order_line lines[] = {
		{ .id = 1,
		    .quantity = 1,
		    .current = 1,
		    .before = 5000,
		    .net = 5000 },
		{ .id = 2,
		    .quantity = 1,
		    .current = 1,
		    .before = -500,
		    .net = -500 },
	};
	struct order_refund refund = {
		.id = 1, .at = noon("2025-02-01"), .share = 100
	};
	struct order order = { .id = 1,
		.platform = PLATFORM_WOOCOMMERCE,
		.status = "completed",
		.currency = "EUR",
		.modified_at = noon("2025-01-01"),
		.created_at = noon("2025-01-01"),
		.paid_at = noon("2025-01-01"),
		.was_paid = true,
		.total = 4500,
		.lines = lines,
		.nlines = NITEMS(lines),
		.refunds = &refund,
		.nrefunds = nrefunds };
	struct told t = { .fact = { .kind = FACT_ORDER,
		              .store_id = STORE,
		              .id = "1",
		              .order = &order } };
	struct inbox in;
	struct fold f;

	arena_init(&a);
	h.eras[0] = (struct era){ parsed(&a, program), 1, 1 };
	inbox_init(&in, &a, &h);
	inbox_take(&in, &t);
	inbox_fold(&in, &a, noon("2025-02-01") - 1, &f);
	points[0] = f.purses[0].balance.available;
	if (nrefunds > 0)
		assert_int_equal(f.due_at, refund.at);
	inbox_fold(&in, &a, noon("2025-02-01"), &f);
	points[1] = f.purses[0].balance.available;
	arena_fini(&a);
}

/* A line may be worth less than nothing, as a discount of some shops is.  A
 * refund takes nothing back of such a line unless the refund names it. */
static void
test_line_below_zero(void **state)
{
#define DOUBLED                                                              \
	"\"multipliers\": [{ \"id\": \"m\", \"times\": \"2\", \"lines\": { " \
	"\"category\": [\"a\"] } }], "
#define CROSSING                                                        \
	"\"tiers\": { \"metric\": \"spend\", \"crossing\": \"split\", " \
	"\"levels\": [{ \"id\": \"s\", \"from\": \"10.00\" }] }, "
#define ORDER_RULE "\"rules\": [{ \"id\": \"r\", \"on\": \"order\", " POINTS
	static const struct {
		const char *program;
		int64_t points[2];
	} cases[] = {
		{ "{ \"name\": \"p\", " ORDER_RULE " }] }", { 45, 44 } },
		{ "{ \"name\": \"p\", " DOUBLED ORDER_RULE " }] }",
		    { 45, 44 } },
		{ "{ \"name\": \"p\", " ORDER_RULE ", \"over\": \"line\" }] }",
		    { 50, 48 } },
		{ "{ \"name\": \"p\", " CROSSING DOUBLED ORDER_RULE
		  ", \"over\": \"line\" }] }",
		    { 50, 48 } },
		{ "{ \"name\": \"p\", " CROSSING DOUBLED ORDER_RULE
		  ", \"limit\": { \"most\": 1000, \"per\": \"line\" } }] }",
		    { 45, 44 } },
	};

	(void)state;
	for (size_t i = 0; i < NITEMS(cases); i++) {
		int64_t got[2];

		below_zero(cases[i].program, 0, got);
		assert_int_equal(got[0], cases[i].points[0]);
		below_zero(cases[i].program, 1, got);
		assert_int_equal(got[0], cases[i].points[0]);
		assert_int_equal(got[1], cases[i].points[1]);
	}
}

static const char *
tier_of(const struct fold *f)
{
	return f->ntiers > 0 ? f->tiers[f->ntiers - 1].level : NULL;
}

/* If a referral is undone, its units are taken back at that time. A referral
 * that never counted gives nothing, with a reason (core/referral.h). */
static void
test_referral(void **state)
{
	struct arena a;
	struct fact f = { .kind = FACT_EVENT,
		.at = noon("2025-01-01"),
		.store_id = STORE,
		.id = "r",
		.type = "referral",
		.count = 1,
		.version_id = 1 };
	struct era era = { .version_id = 1, .from = 1 };
	struct timeline t = { .facts = &f,
		.nfacts = 1,
		.eras = &era,
		.neras = 1,
		.store_id = STORE };
	struct fold out;

	(void)state;
	arena_init(&a);
	f.program = era.program = parsed(&a, friends);
	t.now = noon("2025-06-01");
	fold(&a, &t, &out);
	assert_int_equal(out.purses[0].balance.available, 507);
	assert_string_equal(tier_of(&out), "friend");
	f.undone_at = noon("2025-02-01");
	t.now = noon("2025-02-01") - 1;
	fold(&a, &t, &out);
	assert_int_equal(out.purses[0].balance.available, 507);
	assert_int_equal(out.due_at, f.undone_at);
	t.now = noon("2025-02-01");
	fold(&a, &t, &out);
	assert_int_equal(out.purses[0].balance.available, 7);
	assert_null(tier_of(&out));
	/* a referral undone before its own time is undone at once */
	f.undone_at = 5;
	fold(&a, &t, &out);
	assert_int_equal(out.purses[0].balance.available, 7);
	f.undone_at = 0;
	f.nothing = "self_referral";
	fold(&a, &t, &out);
	assert_int_equal(out.purses[0].balance.available, 0);
	assert_null(tier_of(&out));
	assert_int_equal(out.nmovements, 2);
	assert_string_equal(out.movements[0].why->reason, "self_referral");
	assert_string_equal(out.movements[0].rule, "friend");
	assert_string_equal(out.movements[1].rule, "stays");
	arena_fini(&a);
}

/* Folds the facts in the program of a file, as on 2025-02-01. */
static void
fold_facts(struct arena *a, const char *file, struct fact facts[], size_t n,
    struct fold *f)
{
	struct era era = { parsed(a, file), 1, 1 };
	struct timeline t = { .facts = facts,
		.nfacts = n,
		.eras = &era,
		.neras = 1,
		.store_id = STORE,
		.now = noon("2025-02-01") };

	for (size_t i = 0; i < n; i++) {
		facts[i].program = era.program;
		facts[i].version_id = era.version_id;
	}
	fold(a, &t, f);
}

/* An event that is undone at a time before its own time has no effect from the
 * beginning. */
static void
test_undone_before(void **state)
{
	struct arena a;
	struct fact facts[] = {
		{ .kind = FACT_EVENT,
		    .at = noon("2025-01-01"),
		    .store_id = STORE,
		    .id = "u",
		    .type = EVENT_UNDO,
		    .of = "r" },
		{ .kind = FACT_EVENT,
		    .at = noon("2025-01-02"),
		    .store_id = STORE,
		    .id = "r",
		    .type = "review",
		    .count = 1 },
	};
	struct fold f;

	(void)state;
	arena_init(&a);
	fold_facts(&a, friends, facts, NITEMS(facts), &f);
	assert_int_equal(f.purses[0].balance.available, 0);
	assert_int_equal(f.purses[0].balance.lifetime_earned, 0);
	assert_int_equal(f.nrefusals, 0);
	/* undoing another event takes nothing away */
	facts[0].of = "other";
	fold_facts(&a, friends, facts, NITEMS(facts), &f);
	assert_int_equal(f.purses[0].balance.available, 3);
	arena_fini(&a);
}

/* A shop cannot remove a tag that another shop has set. */
static void
test_tags_of_two_shops(void **state)
{
	static const struct {
		const char *type;
		int64_t store_id;
	} said[] = {
		{ CUSTOMER_TAGS_ADDED, STORE },
		{ CUSTOMER_TAGS_ADDED, STORE + 1 },
		{ CUSTOMER_TAGS_REMOVED, STORE + 1 },
		{ "review", STORE },
		{ CUSTOMER_TAGS_REMOVED, STORE },
		{ "review", STORE },
	};
	const struct field tag = { "tag", "vip" };
	struct fact facts[NITEMS(said)];
	struct arena a;
	struct fold f;

	(void)state;
	arena_init(&a);
	for (size_t i = 0; i < NITEMS(said); i++)
		facts[i] = (struct fact){ .kind = FACT_EVENT,
			.at = noon("2025-01-01") + (int64_t)i * INSTANT_DAY,
			.store_id = said[i].store_id,
			.id = said[i].type,
			.type = said[i].type,
			.count = 1,
			.fields = &tag,
			.nfields = 1 };
	fold_facts(&a, reviews_of_vips, facts, NITEMS(facts), &f);
	assert_int_equal(f.purses[0].balance.available, 3);
	arena_fini(&a);
}

/* A refund without a time counts from the time when it became known. */
static void
test_refund_without_time(void **state)
{
	struct arena a;
	struct history h = { .neras = 1 };
	struct order_refund back = { .id = 1, .share = 5000 };
	struct order_line line = { .id = 1,
		.quantity = 1,
		.current = 1,
		.before = 10000,
		.net = 10000 };
	struct order o = { .id = 1,
		.platform = PLATFORM_WOOCOMMERCE,
		.status = "completed",
		.currency = "EUR",
		.modified_at = noon("2025-02-01"),
		.created_at = noon("2025-01-01"),
		.paid_at = noon("2025-01-01"),
		.was_paid = true,
		.total = 10000,
		.lines = &line,
		.nlines = 1,
		.refunds = &back,
		.nrefunds = 1 };
	struct told t = { .fact = { .kind = FACT_ORDER,
		              .store_id = STORE,
		              .id = "1",
		              .order = &o } };
	struct inbox in;
	struct fold f;

	(void)state;
	arena_init(&a);
	h.eras[0] = (struct era){ parsed(&a, one_per_euro), 1, 1 };
	inbox_init(&in, &a, &h);
	inbox_take(&in, &t);
	inbox_fold(&in, &a, noon("2025-02-01") - 1, &f);
	assert_int_equal(f.purses[0].balance.available, 100);
	inbox_fold(&in, &a, noon("2025-02-01"), &f);
	assert_int_equal(f.purses[0].balance.available, 50);
	arena_fini(&a);
}

/* ---- I-1 ---- */

enum {
	PARTS = 6,
};

/* The deliveries of an order, in order of time: created, paid, edited,
 * partially refunded, refunded, cancelled. The last of them may be missing. */
struct life {
	struct order parts[PARTS];
	struct order_line lines[PARTS];
	struct order_refund refunds[2];
	struct order_refund_line refund_lines[2];
};

static void
make_life(struct life *l, enum platform platform)
{
	static const char *const status[PARTS] = { "pending", "paid", "paid",
		"partially_refunded", "refunded", "cancelled" };
	static const char *const woo[PARTS] = { "pending", "processing",
		"completed", "completed", "completed", "cancelled" };
	bool apart = platform == PLATFORM_SHOPIFY;

	*l = (struct life){ .refund_lines = {
		                { 1, 1, 3333, 0 }, { 1, 1, 3333, 0 } } };
	for (int i = 0; i < 2; i++)
		l->refunds[i] = (struct order_refund){ .id = 100 + i,
			.lines = &l->refund_lines[i],
			.nlines = 1,
			.at = noon(i == 0 ? "2025-01-04" : "2025-01-05") };
	for (int i = 0; i < PARTS; i++) {
		int returned = i < 3 ? 0 : i == 3 ? 1 : 2;
		int edited = i >= 2;

		l->lines[i] = (struct order_line){ .id = 1,
			.quantity = 3,
			.current = apart ? 3 - edited - returned : 3,
			.before = 9999,
			.net = 9999 };
		l->parts[i] = (struct order){ .id = 1,
			.platform = platform,
			.modified_at = noon("2025-01-01") + i * INSTANT_DAY,
			.rank = i,
			.currency = "EUR",
			.created_at = noon("2025-01-01"),
			.paid_at = i > 0 ? noon("2025-01-02") : 0,
			.was_paid = i > 0,
			.total = 9999,
			.lines = &l->lines[i],
			.nlines = 1,
			.cancelled_at = i == 5 ? noon("2025-01-06") : 0,
			.refunds = l->refunds,
			.nrefunds = (size_t)returned };
		strcpy(l->parts[i].status, apart ? status[i] : woo[i]);
	}
}

/* Computes the balance and tier after these parts have arrived in the order of
 * `list`. */
static void
arrive(struct arena *a, const struct history *h, const struct life *l,
    const int *list, int n, struct fold *f)
{
	struct inbox in;

	inbox_init(&in, a, h);
	for (int i = 0; i < n; i++) {
		struct told t = { .fact = { .kind = FACT_ORDER,
			              .store_id = STORE,
			              .id = "1",
			              .order = &l->parts[list[i]] } };

		inbox_take(&in, &t);
	}
	inbox_fold(&in, a, noon("2025-02-01"), f);
}

static void
assert_same(const struct fold *a, const struct fold *b)
{
	assert_int_equal(
	    a->purses[0].balance.available, b->purses[0].balance.available);
	assert_int_equal(a->purses[0].balance.debt, b->purses[0].balance.debt);
	assert_int_equal(a->ntiers, b->ntiers);
	assert_int_equal(a->tier_since, b->tier_since);
	assert_int_equal(a->metric, b->metric);
	assert_int_equal(a->nmovements, b->nmovements);
}

/* Makes the list its next permutation in lexical order. */
static bool
permute(int *list, int n)
{
	int i = n - 1, j = n - 1, x;

	while (i > 0 && list[i - 1] > list[i])
		i--;
	if (i == 0)
		return false;
	while (list[j] < list[i - 1])
		j--;
	x = list[i - 1];
	list[i - 1] = list[j];
	list[j] = x;
	for (j = n - 1; i < j; i++, j--) {
		x = list[i];
		list[i] = list[j];
		list[j] = x;
	}
	return true;
}

/* Checks the first `n` parts of a life in every order of arrival, also with
 * each part repeated once. */
static void
check_orders(enum platform platform, int n, int64_t points)
{
	struct arena a, keep;
	struct history h = { .neras = 1 };
	struct life life;
	struct fold straight, other;
	int list[PARTS + 1] = { 0, 1, 2, 3, 4, 5 };

	arena_init(&a);
	arena_init(&keep);
	h.eras[0] = (struct era){ parsed(&keep, yearly_tiers), 1, 1 };
	make_life(&life, platform);
	arrive(&keep, &h, &life, list, n, &straight);
	assert_int_equal(straight.purses[0].balance.available, points);
	do {
		for (int again = 0; again < n; again++) {
			list[n] = again;
			arrive(&a, &h, &life, list, n + 1, &other);
			assert_same(&straight, &other);
			arena_reset(&a);
		}
		list[n] = n;
	} while (permute(list, n));
	arena_fini(&a);
	arena_fini(&keep);
}

static void
test_i1_shopify(void **state)
{
	(void)state;
	check_orders(PLATFORM_SHOPIFY, 2, 99);
	check_orders(PLATFORM_SHOPIFY, 3, 66);
	check_orders(PLATFORM_SHOPIFY, 4, 33);
	check_orders(PLATFORM_SHOPIFY, 5, 0);
	check_orders(PLATFORM_SHOPIFY, 6, 0);
}

static void
test_i1_woocommerce(void **state)
{
	(void)state;
	check_orders(PLATFORM_WOOCOMMERCE, 2, 99);
	check_orders(PLATFORM_WOOCOMMERCE, 3, 99);
	check_orders(PLATFORM_WOOCOMMERCE, 4, 66);
	check_orders(PLATFORM_WOOCOMMERCE, 5, 33);
	check_orders(PLATFORM_WOOCOMMERCE, 6, 0);
}

/* Of lots that are earned and expire together, the lot of the first rule is
 * used first. */
static void
test_equal_lots(void **state)
{
	enum {
		LOTS = 4
	};
	static const char four[] =
	    "{ \"name\": \"p\", \"rules\": ["
	    "{ \"id\": \"a\", \"on\": \"review\", \"give\": { \"points\": 5 } },"
	    "{ \"id\": \"b\", \"on\": \"review\", \"give\": { \"points\": 5 } },"
	    "{ \"id\": \"c\", \"on\": \"review\", \"give\": { \"points\": 5 } },"
	    "{ \"id\": \"d\", \"on\": \"review\", \"give\": { \"points\": 5 } }]"
	    " }";
	const int64_t left[LOTS] = { 0, 0, 3, 5 };
	struct arena a;
	struct history h = { .neras = 1 };
	struct told review = { .fact = { .kind = FACT_EVENT,
		                   .at = noon("2025-01-01"),
		                   .store_id = STORE,
		                   .id = "1",
		                   .type = "review",
		                   .count = 1 } };
	struct told redeemed = { .fact = { .kind = FACT_REDEEM,
		                     .at = noon("2025-01-02"),
		                     .store_id = STORE,
		                     .id = "2",
		                     .wallet = "points",
		                     .units = 12 } };
	struct inbox in;
	struct fold f;

	(void)state;
	arena_init(&a);
	h.eras[0] = (struct era){ parsed(&a, four), 1, 1 };
	inbox_init(&in, &a, &h);
	inbox_take(&in, &review);
	inbox_take(&in, &redeemed);
	inbox_fold(&in, &a, noon("2025-01-03"), &f);
	assert_int_equal(f.nlots, LOTS);
	for (size_t i = 0; i < LOTS; i++)
		assert_int_equal(f.lots[i]->remaining, left[i]);
	arena_fini(&a);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_equal_lots),
		cmocka_unit_test(test_refund_without_time),
		cmocka_unit_test(test_cancelled_then),
		cmocka_unit_test(test_line_below_zero),
		cmocka_unit_test(test_referral),
		cmocka_unit_test(test_undone_before),
		cmocka_unit_test(test_tags_of_two_shops),
		cmocka_unit_test(test_i1_shopify),
		cmocka_unit_test(test_i1_woocommerce),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
