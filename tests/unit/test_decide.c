/* SPDX-License-Identifier: MIT */
/* Tests how many points an order earns. "Rule 1" and so on are the rules in
 * core/decide.c. */
#include <string.h>

#include "../support/test.h"
#include "base/cc.h"
#include "base/instant.h"
#include "base/money.h"
#include "core/decide.h"

static const struct decide_ask euro = { .currency = "EUR" };

#define AT(day) ((day)*INSTANT_DAY)

/* The parts of the default program (one point per whole unit of money), in
 * structs that a test can change. */
struct parts {
	struct base base;
	struct rule rule;
};

static struct program
plain(struct parts *parts)
{
	parts->base = (struct base){ 0 };
	parts->rule = (struct rule){
		.id = "order",
		.on = ON_ORDER,
		.by = PER_MONEY,
		.units = 1,
		.per = 100,
		.rounding = ROUND_FLOOR,
		.over = WINDOW_ORDER,
		.reversal = REVERSE_RESIDUAL,
		.take_wallet = NONE,
		.pending_days = -1,
		.pending_from = FROM_PAID,
	};
	return (struct program){
		.name = "points",
		.bases = &parts->base,
		.nbases = 1,
		.rules = &parts->rule,
		.nrules = 1,
		.award = { [PLATFORM_SHOPIFY] = { 3,
		               { "paid", "partially_refunded", "refunded" } },
		    [PLATFORM_WOOCOMMERCE] = { 2,
		        { "processing", "completed" } },
		    [PLATFORM_EVENTS] = { 1, { "paid" } } },
		.plain = true,
	};
}

static struct order_line mugs[] = {
	{ .id = 1,
	    .quantity = 3,
	    .current = 3,
	    .before = 5039,
	    .net = 5039,
	    .tax = 958 },
	{ .id = 2,
	    .quantity = 1,
	    .current = 1,
	    .before = 616,
	    .net = 616,
	    .tax = 117 },
};

/* A recorded order of WooCommerce: 56.55 net, 72.20 gross. */
static struct order
woo(const char *status)
{
	struct order o = {
		.id = 13,
		.platform = PLATFORM_WOOCOMMERCE,
		.modified_at = AT(2),
		.currency = "EUR",
		.created_at = AT(1),
		.paid_at = AT(1),
		.customer_id = 2,
		.total = 7220,
		.shipping = 412,
		.shipping_tax = 78,
		.lines = mugs,
		.nlines = NITEMS(mugs),
	};

	strcpy(o.status, status);
	return o;
}

static struct order
shopify(const char *status)
{
	struct order o = woo(status);

	o.platform = PLATFORM_SHOPIFY;
	return o;
}

static int64_t
points_by(const struct program *p, const struct order *o, enum reason reason)
{
	struct award awards[RULES_MAX];
	struct decision d = { .awards = awards };

	decide(p, &euro, o, &d);
	assert_string_equal(reason_text(d.reason), reason_text(reason));
	return d.points;
}

/* Decides by the default program, and checks the reason. */
static int64_t
points(const struct order *o, enum reason reason)
{
	struct parts parts;
	struct program p = plain(&parts);

	return points_by(&p, o, reason);
}

static void
test_refused(void **state)
{
	struct order o;

	(void)state;
	/* Rule 1 of decide.c: only a deletion of the order is known. */
	o = (struct order){
		.id = 13, .platform = PLATFORM_WOOCOMMERCE, .deleted_at = AT(3)
	};
	assert_int_equal(points(&o, REASON_NO_ORDER_YET), 0);

	/* Rule 2 of decide.c: deleted orders, test orders, drafts and orders in
	 * another currency earn nothing. */
	o = woo("completed");
	o.deleted_at = AT(2) + 1;
	assert_int_equal(points(&o, REASON_DELETED), 0);
	o.deleted_at = AT(2); /* at the time of the snapshot, which wins */
	assert_int_equal(points(&o, REASON_EARNED), 56);
	o = woo("completed");
	o.test = true;
	assert_int_equal(points(&o, REASON_TEST), 0);
	o = woo("checkout-draft");
	assert_int_equal(points(&o, REASON_DRAFT), 0);
	o = woo("completed");
	strcpy(o.currency, "JPY");
	assert_int_equal(points(&o, REASON_CURRENCY), 0);
	/* An order that never earned keeps its reason when it is deleted. */
	o.deleted_at = AT(3);
	assert_int_equal(points(&o, REASON_CURRENCY), 0);
	o = woo("completed");
	o.deleted_at = AT(3);
	o.test = true;
	assert_int_equal(points(&o, REASON_TEST), 0);
}

static void
test_before(void **state)
{
	struct parts parts;
	const struct program p = plain(&parts);
	struct decide_ask ask = euro;
	struct order o = woo("completed");
	struct award awards[RULES_MAX];
	struct decision d = { .awards = awards };

	(void)state;
	/* Rule 4 of decide.c: an order that was made exactly at the start
	 * earns. */
	ask.since = AT(1);
	decide(&p, &ask, &o, &d);
	assert_int_equal(d.points, 56);
	ask.since = AT(1) + 1;
	decide(&p, &ask, &o, &d);
	assert_int_equal(d.reason, REASON_BEFORE);
	assert_int_equal(d.points, 0);
	/* An order from before the start earns nothing, however often it is
	 * saved and whenever it is paid. */
	o.modified_at = o.paid_at = AT(5);
	decide(&p, &ask, &o, &d);
	assert_int_equal(d.reason, REASON_BEFORE);
	/* An order that is imported after the start, but was paid before the
	 * start, earns nothing. */
	o = shopify("paid");
	o.created_at = AT(3);
	decide(&p, &ask, &o, &d);
	assert_int_equal(d.reason, REASON_BEFORE);
	o.paid_at = AT(1) + 1;
	decide(&p, &ask, &o, &d);
	assert_int_equal(d.reason, REASON_EARNED);
	o.paid_at = 0; /* the time of payment is unknown */
	decide(&p, &ask, &o, &d);
	assert_int_equal(d.reason, REASON_EARNED);
	/* An order that earns nothing for another reason keeps that reason,
	 * even if it is from before the start. */
	o = woo("cancelled");
	decide(&p, &ask, &o, &d);
	assert_int_equal(d.reason, REASON_UNDONE);
	o = woo("pending");
	decide(&p, &ask, &o, &d);
	assert_int_equal(d.reason, REASON_STATUS);
}

static void
test_statuses(void **state)
{
	static const char *const undone[] = { "cancelled", "failed", "refunded",
		"trash", "voided" };
	struct order o;

	(void)state;
	/* Rule 3 of decide.c: an undone order earns nothing. */
	for (size_t i = 0; i < NITEMS(undone); i++) {
		o = woo(undone[i]);
		assert_int_equal(points(&o, REASON_UNDONE), 0);
	}
	/* Rule 4 of decide.c: an order earns in the statuses that the program
	 * names. */
	o = woo("processing");
	assert_int_equal(points(&o, REASON_EARNED), 56);
	o = woo("completed");
	assert_int_equal(points(&o, REASON_EARNED), 56);
	o = woo("on-hold");
	assert_int_equal(points(&o, REASON_STATUS), 0);
	o = woo(""); /* an empty status is in no list */
	assert_int_equal(points(&o, REASON_STATUS), 0);
	o = woo("paid"); /* a status of the other platform */
	assert_int_equal(points(&o, REASON_STATUS), 0);
	o = shopify("paid");
	assert_int_equal(points(&o, REASON_EARNED), 56);
	o = shopify("partially_refunded");
	assert_int_equal(points(&o, REASON_EARNED), 56);
	o = shopify("pending");
	assert_int_equal(points(&o, REASON_STATUS), 0);
	o = woo("paid");
	o.platform = PLATFORM_EVENTS;
	assert_int_equal(points(&o, REASON_EARNED), 56);
	o = shopify("refunded");
	assert_int_equal(points(&o, REASON_UNDONE), 0);
}

static void
test_base(void **state)
{
	struct order_line lines[] = {
		{ .id = 1,
		    .quantity = 2,
		    .current = 2,
		    .before = 1000,
		    .net = 900,
		    .tax = 171 },
		{ .id = 2,
		    .quantity = 1,
		    .current = 1,
		    .before = 5000,
		    .net = 5000,
		    .gift_card = true },
	};
	struct {
		const char *what;
		struct base base;
		int64_t points;
	} cases[] = {
		{ "5. lines after discounts", { 0 }, 9 },
		{ "5. before discounts", { .before_discounts = true }, 10 },
		{ "5. with tax", { .tax = true }, 10 },
		{ "5. with shipping", { .shipping = true }, 14 },
		{ "5. with shipping and its tax",
		    { .shipping = true, .tax = true }, 16 },
		{ "5. with fees", { .fees = true }, 7 },
		{ "5. with gift cards", { .gift_cards = true }, 59 },
	};
	struct parts parts;
	struct program p = plain(&parts);
	struct order o = woo("completed");

	(void)state;
	o.lines = lines;
	o.nlines = NITEMS(lines);
	o.shipping = 500;
	o.shipping_tax = 95;
	o.fees = -200;
	for (size_t i = 0; i < NITEMS(cases); i++) {
		int64_t got;

		parts.base = cases[i].base;
		got = points_by(&p, &o, REASON_EARNED);
		if (got != cases[i].points)
			fail_msg("%s: %lld, not %lld", cases[i].what,
			    (long long)got, (long long)cases[i].points);
	}
	/* Rule 5 of decide.c: the base is never below zero. */
	parts.base = (struct base){ .fees = true };
	o.fees = -100000;
	assert_int_equal(points_by(&p, &o, REASON_ZERO_BASE), 0);
	/* Rule 5 of decide.c: a refund gives no points to an order whose base
	 * is below zero. */
	o.refunds = &(struct order_refund){ .id = 1, .share = 99999 };
	o.nrefunds = 1;
	assert_int_equal(points_by(&p, &o, REASON_ZERO_BASE), 0);
	/* Rule 5 of decide.c: an order without lines has nothing to count. */
	o = woo("completed");
	o.nlines = 0;
	assert_int_equal(points(&o, REASON_ZERO_BASE), 0);
	/* Rule 5 of decide.c: one of three pieces was removed by an edit,
	 * without a refund. The base is 5039 - 1679 + 616. */
	o = woo("completed");
	mugs[0].current = 2;
	assert_int_equal(points(&o, REASON_EARNED), 39);
	mugs[0].current = 3;
}

static void
test_refunds_of_money(void **state)
{
	struct order_refund refunds[] = {
		{ .id = 14, .share = 500 },
		{ .id = 15, .share = 1999 },
		{ .id = 16, .share = 4721 },
	};
	/* Rule 6 of decide.c: the points are floor(56.55 * (72.20 - refunded) /
	 * 72.20). */
	static const int64_t left[] = { 56, 52, 36, 0 };
	struct order o = woo("completed");

	(void)state;
	o.refunds = refunds;
	for (o.nrefunds = 0; o.nrefunds <= 3; o.nrefunds++)
		assert_int_equal(points(&o, o.nrefunds == 3 ? REASON_RETURNED
		                                            : REASON_EARNED),
		    left[o.nrefunds]);
	/* Rule 6 of decide.c: a refund of nothing takes nothing. */
	refunds[0].share = 0;
	o.nrefunds = 1;
	assert_int_equal(points(&o, REASON_EARNED), 56);
	/* Rule 6 of decide.c: a refund of more than was paid takes all points
	 * back, and no more. */
	refunds[0].share = 999999;
	assert_int_equal(points(&o, REASON_RETURNED), 0);
	/* Rule 6 of decide.c: a refund also takes the points of an order whose
	 * total was 0. */
	o.total = 0;
	assert_int_equal(points(&o, REASON_RETURNED), 0);
	refunds[0].share = 0;
	assert_int_equal(points(&o, REASON_EARNED), 56);
}

static void
test_refunds_of_lines(void **state)
{
	struct order_refund_line one[] = {
		{ .line_id = 1, .quantity = 1, .net = 1679, .tax = 319 }
	};
	struct order_refund_line rest[] = {
		{ .line_id = 1, .quantity = 2, .net = 3360, .tax = 639 },
		{ .line_id = 2, .quantity = 1, .net = 616, .tax = 117 },
	};
	struct order_refund refunds[] = {
		{ .id = 1, .lines = one, .nlines = 1 },
		{ .id = 2, .lines = rest, .nlines = 2 },
	};
	struct order o = shopify("partially_refunded");

	(void)state;
	o.refunds = refunds;
	o.nrefunds = 1;
	/* Rule 6 of decide.c: the refund of a piece leaves 5655 - 1679. */
	assert_int_equal(points(&o, REASON_EARNED), 39);
	/* Rule 6 of decide.c: nothing changes when a later snapshot says that
	 * two pieces are left. */
	mugs[0].current = 2;
	assert_int_equal(points(&o, REASON_EARNED), 39);
	mugs[0].current = 3;
	/* Rule 6 of decide.c: a further refund of 10.00 (of 72.20), without
	 * lines, leaves 5655 - 1679 - 783.2. */
	o.refunds[1] = (struct order_refund){ .id = 2, .share = 1000 };
	o.nrefunds = 2;
	assert_int_equal(points(&o, REASON_EARNED), 31);
	/* Rule 6 of decide.c: a refunded line takes at most the worth of its
	 * returned pieces, which leaves 5655 - 1680. */
	one[0].net = 1679 + 319;
	o.nrefunds = 1;
	assert_int_equal(points(&o, REASON_EARNED), 39);
	one[0].net = 99999;
	assert_int_equal(points(&o, REASON_EARNED), 39);
	one[0].net = 1679;
	/* Rule 6 of decide.c: first money alone is refunded, then pieces. The
	 * second refund takes more, and leaves 5655 - 3000 - 1680. */
	one[0].quantity = 0;
	one[0].net = 3000;
	o.refunds[1] = (struct order_refund){ .id = 2,
		.lines = &(struct order_refund_line){ .line_id = 1,
		    .quantity = 1,
		    .net = 1680 },
		.nlines = 1 };
	assert_int_equal(points(&o, REASON_EARNED), 26);
	o.nrefunds = 2;
	assert_int_equal(points(&o, REASON_EARNED), 9);
	one[0] = (struct order_refund_line){
		.line_id = 1, .quantity = 1, .net = 1679, .tax = 319
	};
	/* Rule 6 of decide.c: if all pieces were returned, no points are
	 * left. */
	o.refunds[1] = (struct order_refund){
		.id = 2, .lines = rest, .nlines = 2
	};
	assert_int_equal(points(&o, REASON_RETURNED), 0);
}

static void
test_rounding(void **state)
{
	static const struct {
		enum rounding rounding;
		int64_t net, points;
	} cases[] = {
		{ ROUND_FLOOR, 199, 1 },
		{ ROUND_NEAREST, 149, 1 },
		{ ROUND_NEAREST, 150, 2 },
		{ ROUND_CEIL, 101, 2 },
		{ ROUND_CEIL, 100, 1 },
	};
	struct rule rules[2];
	struct order_line line = { .id = 1, .quantity = 1, .current = 1 };
	struct parts parts;
	struct program p = plain(&parts);
	struct order o = woo("completed");

	(void)state;
	o.lines = &line;
	o.nlines = 1;
	for (size_t i = 0; i < NITEMS(cases); i++) {
		/* Rule 7 of decide.c: the points are rounded once. */
		line.net = line.before = cases[i].net;
		parts.rule.rounding = cases[i].rounding;
		assert_int_equal(
		    points_by(&p, &o, REASON_EARNED), cases[i].points);
	}
	/* Rule 7 of decide.c: an order that is too small for a whole point
	 * earns none. */
	line.net = 99;
	assert_int_equal(points(&o, REASON_TOO_SMALL), 0);
	line.net = 1;
	assert_int_equal(points(&o, REASON_TOO_SMALL), 0);
	/* Rule 7 of decide.c: each rule is rounded by itself. */
	rules[0] = rules[1] = parts.rule;
	rules[0].rounding = ROUND_FLOOR;
	rules[1].rounding = ROUND_CEIL;
	rules[1].units = 2;
	p.rules = rules;
	p.nrules = 2;
	line.net = 199;
	assert_int_equal(points_by(&p, &o, REASON_EARNED), 1 + 4);
	p.rules = &parts.rule;
	p.nrules = 1;
	/* Rule 7 of decide.c: the points are rounded after the multiplication:
	 * 3 points per 2.00 give 2 points for 1.99. */
	parts.rule.units = 3;
	parts.rule.per = 200;
	parts.rule.rounding = ROUND_FLOOR;
	line.net = 199;
	assert_int_equal(points_by(&p, &o, REASON_EARNED), 2);
	/* Rule 7 of decide.c: products are computed in 128 bits, since these
	 * large numbers need more than 64. */
	line.net = MONEY_MAX;
	o.total = MONEY_MAX;
	parts.rule.units = 1000000;
	parts.rule.per = 1000000;
	assert_int_equal(points_by(&p, &o, REASON_EARNED), MONEY_MAX);
	/* Rule 7 of decide.c: points beyond the largest number become the
	 * largest number, also if they are the sum of two rules. */
	parts.rule.per = 1;
	assert_int_equal(points_by(&p, &o, REASON_EARNED), INT64_MAX);
	p.rules = (struct rule[]){ parts.rule, parts.rule };
	p.nrules = 2;
	assert_int_equal(points_by(&p, &o, REASON_EARNED), INT64_MAX);
}

static void
test_vesting(void **state)
{
	struct parts parts;
	struct program p = plain(&parts);
	struct order o = woo("completed");
	struct award awards[RULES_MAX];
	struct decision d = { .awards = awards };

	(void)state;
	/* Rule 8 of decide.c: points are pending from the payment, and a
	 * guest's points are held. */
	decide(&p, &euro, &o, &d);
	assert_int_equal(d.vests_at, AT(1));
	p.pending_days = 14;
	decide(&p, &euro, &o, &d);
	assert_int_equal(d.vests_at, AT(15));
	decide(&p, &(struct decide_ask){ .currency = "EUR", .held = true }, &o,
	    &d);
	assert_int_equal(d.vests_at, INSTANT_NEVER);
	assert_int_equal(d.points, 56);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_before),
		cmocka_unit_test(test_statuses),
		cmocka_unit_test(test_base),
		cmocka_unit_test(test_refunds_of_money),
		cmocka_unit_test(test_refunds_of_lines),
		cmocka_unit_test(test_rounding),
		cmocka_unit_test(test_vesting),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
