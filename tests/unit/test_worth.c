/* SPDX-License-Identifier: MIT */
/* Tests which part of an order counts and how much of that part is left. The
 * numbers in comments are those of the rules in core/decide.c; test_decide.c
 * has more tests of rules 1 to 6. */
#include <string.h>

#include "../support/test.h"
#include "base/cc.h"
#include "base/money.h"
#include "core/worth.h"

#define WORD(text)                                              \
	{                                                       \
		.list = (const char *const[]){ (text) }, .n = 1 \
	}

#define ONE FACTOR_ONE

/* Shoes for 80.00 (100.00 before discounts), a hat for 20.00 and a gift
 * card. */
static struct order_line lines[3];

static const struct order_line lines_told[] = {
	{ .id = 1,
	    .quantity = 4,
	    .current = 4,
	    .before = 10000,
	    .net = 8000,
	    .tax = 1520,
	    .categories = WORD("shoes") },
	{ .id = 2,
	    .quantity = 1,
	    .current = 1,
	    .before = 2000,
	    .net = 2000,
	    .tax = 380 },
	{ .id = 3,
	    .quantity = 1,
	    .current = 1,
	    .before = 5000,
	    .net = 5000,
	    .gift_card = true },
};

/* The first refund is of two pairs of shoes, for 40.00. The second refund names
 * no line: 50.00 of the 200.00 that the order cost were paid back. */
static struct order_refund refunds[] = {
	{ .id = 1,
	    .lines = &(struct order_refund_line){ .line_id = 1,
	        .quantity = 2,
	        .net = 4000,
	        .tax = 760 },
	    .nlines = 1 },
	{ .id = 2, .share = 5000 },
};

static struct tender tenders[] = {
	{ "card", 12000 }, { "cash", 9000 }, { "cash", -1000 }, /* change */
};

static struct order
order(void)
{
	memcpy(lines, lines_told, sizeof(lines));
	return (struct order){
		.total = 20000,
		.shipping = 500,
		.shipping_tax = 95,
		.fees = -300,
		.fees_tax = -57,
		.lines = lines,
		.nlines = NITEMS(lines),
		.refunds = refunds,
		.nrefunds = NITEMS(refunds),
	};
}

static void
same(const char *what, const char *which, struct fraction f, int64_t n,
    int64_t d)
{
	assert_true(f.d > 0);
	if (f.n * d != f.d * n)
		fail_msg("%s, %s: %lld / %lld, not %lld / %lld", what, which,
		    (long long)f.n, (long long)f.d, (long long)n, (long long)d);
}

static const struct example {
	const char *what;
	struct base base;
	int64_t factors[3];
	size_t nrefunds;
	int64_t whole, left, boosted, d;
	int64_t pieces_whole, pieces;
} cases[] = {
	{ .what = "5. lines, without gift cards",
	    .whole = 10000,
	    .left = 10000,
	    .boosted = 10000,
	    .pieces_whole = 5,
	    .pieces = 5 },
	{ .what = "5. with gift cards",
	    .base = { .gift_cards = true },
	    .whole = 15000,
	    .left = 15000,
	    .boosted = 15000,
	    .pieces_whole = 6,
	    .pieces = 6 },
	{ .what = "5. before discounts, with all there is",
	    .base = { .before_discounts = true,
	        .tax = true,
	        .shipping = true,
	        .fees = true },
	    .whole = 14138,
	    .left = 14138,
	    .boosted = 14138,
	    .pieces_whole = 5,
	    .pieces = 5 },
	{ .what = "5. certain lines",
	    .base = { .lines = { &(const struct line_test){
	                             .key = LINE_CATEGORY,
	                             .any = WORD("shoes") },
	                  1 } },
	    .whole = 8000,
	    .left = 8000,
	    .boosted = 8000,
	    .pieces_whole = 4,
	    .pieces = 4 },
	{ .what = "5. shipping is no line",
	    .base = { .shipping = true,
	        .lines = { &(const struct line_test){ .key = LINE_CATEGORY,
	                       .negated = true,
	                       .any = WORD("shoes") },
	            1 } },
	    .factors = { 3 * ONE, 3 * ONE, ONE },
	    .whole = 2500,
	    .left = 2500,
	    .boosted = 6500,
	    .pieces_whole = 1,
	    .pieces = 1 },
	{ .what = "factors",
	    .base = { .gift_cards = true },
	    .factors = { 3 * ONE, ONE / 2, ONE },
	    .whole = 15000,
	    .left = 15000,
	    .boosted = 30000,
	    .pieces_whole = 6,
	    .pieces = 6 },
	{ .what = "a factor of 0",
	    .factors = { 0, 2 * ONE, ONE },
	    .whole = 2000,
	    .left = 2000,
	    .boosted = 4000,
	    .pieces_whole = 1,
	    .pieces = 1 },
	{ .what = "6. refunds of lines",
	    .factors = { 3 * ONE, ONE, ONE },
	    .nrefunds = 1,
	    .whole = 10000,
	    .left = 6000,
	    .boosted = 14000,
	    .pieces_whole = 5,
	    .pieces = 3 },
	{ .what = "6. of what counts before discounts, with tax",
	    .base = { .before_discounts = true, .tax = true },
	    .nrefunds = 1,
	    .whole = 13900,
	    .left = 13900 - 5000 - 760,
	    .boosted = 13900 - 5000 - 760,
	    .pieces_whole = 5,
	    .pieces = 3 },
	/* The refund without lines takes 10000 * 5000 / 20000 off the 6000 that
	 * are left, the same share of each line. */
	{ .what = "6. and of money",
	    .factors = { 3 * ONE, ONE, ONE },
	    .nrefunds = 2,
	    .whole = 10000 * 3,
	    .left = 3500 * 3,
	    .boosted = 14000 * 7 / 4, /* * 3500 / 6000 * 3 */
	    .d = 3,
	    .pieces_whole = 5,
	    .pieces = 3 },
	{ .what = "more refunds than there are",
	    .nrefunds = 99,
	    .whole = 10000,
	    .left = 3500,
	    .boosted = 3500,
	    .pieces_whole = 5,
	    .pieces = 3 },
};

static void
test_examples(void **state)
{
	(void)state;
	for (size_t i = 0; i < NITEMS(cases); i++) {
		const struct example *t = &cases[i];
		bool has = t->factors[0] + t->factors[1] > 0;
		struct order o = order();
		struct worth_ask ask = { &t->base, has ? t->factors : NULL,
			t->nrefunds, 0, NULL, NULL, false, NULL, NULL };
		struct worth w;
		int64_t d = t->d > 0 ? t->d : 1;

		worth_of(&o, &ask, &w);
		same(t->what, "whole", w.whole, t->whole, d);
		same(t->what, "left", w.left, t->left, d);
		same(t->what, "boosted", w.boosted, t->boosted, d);
		if (w.pieces != t->pieces || w.pieces_whole != t->pieces_whole)
			fail_msg("%s: %lld of %lld pieces", t->what,
			    (long long)w.pieces, (long long)w.pieces_whole);
		assert_false(w.none_left);
	}
}

static struct worth
worth(const struct order *o, struct base base, const int64_t *factors,
    size_t nrefunds)
{
	const struct worth_ask ask = { &base, factors, nrefunds, 0, NULL, NULL,
		false, NULL, NULL };
	struct worth w;

	worth_of(o, &ask, &w);
	return w;
}

/* Checks rule 2: amounts in a foreign currency are all multiplied by one
 * factor; the number of pieces is not. */
static void
test_exchange(void **state)
{
	const struct base base = { .shipping = true };
	const struct exchange x = { .n = 92, .d = 100 };
	struct order o = order();
	struct worth_ask ask = { .base = &base, .nrefunds = o.nrefunds };
	struct worth own, w;

	(void)state;
	worth_of(&o, &ask, &own);
	ask.exchange = &x;
	worth_of(&o, &ask, &w);
	assert_true(own.left.n > 0);
	assert_true(
	    w.whole.n * own.whole.d * 100 == own.whole.n * w.whole.d * 92);
	assert_true(w.left.n * own.left.d * 100 == own.left.n * w.left.d * 92);
	assert_true(w.boosted.n * own.boosted.d * 100 ==
	            own.boosted.n * w.boosted.d * 92);
	assert_true(w.foreign.n * own.whole.d == own.whole.n * w.foreign.d);
	assert_int_equal(w.pieces, own.pieces);
	assert_int_equal(w.pieces_whole, own.pieces_whole);
}

/* Checks rule 5: pieces that an edit removed from the order without a refund do
 * not count. */
static void
test_edits(void **state)
{
	const struct base base = { 0 };
	struct order_refund_line back = { .line_id = 1, .quantity = 1 };
	struct order_refund one = { .lines = &back, .nlines = 1 };
	struct order o = order();
	struct worth w;

	(void)state;
	lines[0].current = 3;
	w = worth(&o, base, NULL, 0);
	same("two refunded, one gone", "whole", w.whole, 10000, 1);
	o.nrefunds = 0;
	w = worth(&o, base, NULL, 0);
	same("one edited away", "whole", w.whole, 8000, 1);
	same("one edited away", "left", w.left, 8000, 1);
	assert_int_equal(w.pieces, 4);
	assert_int_equal(w.pieces_whole, 4);
	/* The refund of the missing piece shows that the piece was returned,
	 * not removed by an edit. Before the refund, the order still counted
	 * with the piece. */
	back.net = 2000;
	o.refunds = &one;
	o.nrefunds = 1;
	w = worth(&o, base, NULL, 0);
	same("before the refund", "left", w.left, 10000, 1);
	assert_int_equal(w.pieces, 5);
	w = worth(&o, base, NULL, 1);
	same("after the refund", "left", w.left, 8000, 1);
	assert_int_equal(w.pieces, 4);
	assert_int_equal(w.pieces_whole, 5);
	/* If more pieces are refunded than were bought, no piece of that line
	 * is left. */
	back.quantity = 1000;
	assert_int_equal(worth(&o, base, NULL, 1).pieces, 1);
	/* The refund of 10.00 names the line of the shoes. An edit has removed
	 * all shoes, so nothing is left of the line. The 10.00 are taken off
	 * the other lines, the same share of each. */
	back.quantity = 0;
	back.net = 1000;
	lines[0].current = 0;
	w = worth(&o, base, (const int64_t[]){ 2 * ONE, 3 * ONE, ONE }, 1);
	same("overdrawn", "left", w.left, 1000, 1);
	same("overdrawn", "boosted", w.boosted, 3000, 1);
}

/* Cases of rule 6: the same loss counts only once. Goods for 20.00 and 80.00
 * without tax are bought; `left` is the remaining amount, before the first
 * refund and after each refund. */
static const struct loss_case {
	const char *what;
	int64_t total, shipping, fees, credit, dropped;
	int64_t current[2]; /* pieces left by edits, of 2 and 8 */
	struct order_refund refunds[3];
	size_t nrefunds;
	int64_t left[4];
	struct base base;
	bool none_left;
} losses[] = {
#define LINES(id, pieces, amount)                                          \
	.lines = (struct order_refund_line[]){ { (id), (pieces), (amount), \
	    0 } },                                                         \
	.nlines = 1
	{ .what = "a line and more money",
	    .total = 10000,
	    .current = { 2, 8 },
	    .refunds = { { .share = 4000, LINES(1, 2, 2000) } },
	    .nrefunds = 1,
	    .left = { 10000, 4000 } },
	{ .what = "a line, and goodwill later",
	    .total = 10000,
	    .current = { 2, 8 },
	    .refunds = { { LINES(1, 2, 2000) }, { .share = 1000 } },
	    .nrefunds = 2,
	    .left = { 10000, 8000, 7000 } },
	{ .what = "pending money counts as its pieces say",
	    .total = 10000,
	    .current = { 2, 8 },
	    .refunds = { { .share = -2000, LINES(1, 2, 2000) } },
	    .nrefunds = 1,
	    .left = { 10000, 8000 } },
	{ .what = "money, and then the line it was for",
	    .total = 10000,
	    .current = { 2, 8 },
	    .refunds = { { .share = 2000 },
	        { .share = -2000, LINES(1, 2, 2000) } },
	    .nrefunds = 2,
	    .left = { 10000, 8000, 8000 } },
	{ .what = "edited away, and paid back in two steps, and more",
	    .total = 10000,
	    .current = { 0, 8 },
	    .refunds = { { .share = 500 }, { .share = 1500 },
	        { .share = 800 } },
	    .nrefunds = 3,
	    .left = { 8000, 8000, 8000, 7200 } },
	{ .what = "edited out of the list, and paid back, and more",
	    .total = 10000,
	    .dropped = 2000,
	    .current = { 2, 8 },
	    .refunds = { { .share = 2000 }, { .share = 1000 } },
	    .nrefunds = 2,
	    .left = { 10000, 10000, 9000 } },
	{ .what = "a restocking fee",
	    .total = 10000,
	    .current = { 2, 8 },
	    .refunds = { { .share = -3000, LINES(2, 8, 8000) },
	        { .share = 2000 } },
	    .nrefunds = 2,
	    .left = { 10000, 2000, 2000 } },
	{ .what = "everything was paid back",
	    .total = 10000,
	    .current = { 2, 8 },
	    .refunds = { { .share = 7999, LINES(1, 2, 2000) }, { .share = 1 } },
	    .nrefunds = 2,
	    .left = { 10000, 1, 0 },
	    .none_left = true },
	{ .what = "of other lines, and more than they were",
	    .base = { .lines = { &(const struct line_test){
	                             .key = LINE_SKU, .any = WORD("A") },
	                  1 } },
	    .total = 10000,
	    .current = { 2, 8 },
	    .refunds = { { .share = 500, LINES(2, 8, 8000) },
	        { .share = 1400 } },
	    .nrefunds = 2,
	    .left = { 2000, 1500, 100 } },
	/* A refund without lines takes off its share of what the order would
	 * have cost without gift cards and wallets. */
	{ .what = "a wallet's fee",
	    .total = 4000,
	    .fees = -6000,
	    .credit = 6000,
	    .current = { 2, 8 },
	    .refunds = { { .share = 2000 } },
	    .nrefunds = 1,
	    .left = { 10000, 8000 } },
	{ .what = "a wallet's fee, where fees count",
	    .base = { .fees = true },
	    .total = 4000,
	    .fees = -6000,
	    .credit = 6000,
	    .current = { 2, 8 },
	    .refunds = { { .share = 2000 }, { .share = 2000 } },
	    .nrefunds = 2,
	    .left = { 4000, 2000, 0 },
	    .none_left = true },
	{ .what = "a discount told as a fee",
	    .total = 8000,
	    .fees = -2000,
	    .current = { 2, 8 },
	    .refunds = { { .share = 2000 } },
	    .nrefunds = 1,
	    .left = { 10000, 7500 } },
	{ .what = "a gift card that no line tells of",
	    .total = 4400,
	    .shipping = 400,
	    .current = { 2, 8 },
	    .refunds = { { .share = 1040 } },
	    .nrefunds = 1,
	    .left = { 10000, 9000 } },
	{ .what = "a gift card that paid all",
	    .total = 0,
	    .current = { 2, 8 },
	    .refunds = { { .share = 1000 } },
	    .nrefunds = 1,
	    .left = { 10000, 9000 } },
	{ .what = "roundings are no payment",
	    .total = 9996,
	    .current = { 2, 8 },
	    .refunds = { { .share = 2499 } },
	    .nrefunds = 1,
	    .left = { 10000, 7500 } },
	{ .what = "one more than roundings is",
	    .total = 9995,
	    .current = { 2, 8 },
	    .refunds = { { .share = 2500 } },
	    .nrefunds = 1,
	    .left = { 10000, 7500 } },
	{ .what = "a tip is part of the total",
	    .total = 12500,
	    .current = { 2, 8 },
	    .refunds = { { .share = 1250 } },
	    .nrefunds = 1,
	    .left = { 10000, 9000 } },
#undef LINES
};

static void
test_one_loss(void **state)
{
	static struct order_line goods[2] = {
		{ .id = 1,
		    .quantity = 2,
		    .before = 2000,
		    .net = 2000,
		    .sku = "A" },
		{ .id = 2,
		    .quantity = 8,
		    .before = 8000,
		    .net = 8000,
		    .sku = "B" },
	};

	(void)state;
	for (size_t i = 0; i < NITEMS(losses); i++) {
		const struct loss_case *t = &losses[i];
		struct order_refund back[3];
		struct order o = { .total = t->total,
			.shipping = t->shipping,
			.fees = t->fees,
			.credit = t->credit,
			.dropped = t->dropped,
			.lines = goods,
			.nlines = 2,
			.refunds = back,
			.nrefunds = t->nrefunds };
		struct worth w;

		memcpy(back, t->refunds, sizeof(back));
		goods[0].current = t->current[0];
		goods[1].current = t->current[1];
		for (size_t n = 0; n <= t->nrefunds; n++) {
			/* The shop lists `current` pieces without those that
			 * were refunded. */
			for (size_t j = 0; n == 0 && j < t->nrefunds; j++)
				for (size_t k = 0; k < back[j].nlines; k++)
					goods[back[j].lines[k].line_id - 1]
					    .current -= back[j]
					                    .lines[k]
					                    .quantity;
			w = worth(&o, t->base, NULL, n);
			same(t->what, "left", w.left, t->left[n], 1);
		}
		assert_true(w.none_left == t->none_left);
	}
}

/* Checks that after everything was returned, in any way, no boosted amount and
 * no piece is left. */
static void
test_nothing_left(void **state)
{
	const struct line_test free_line = { .key = LINE_FREE };
	const struct base gifts = { .lines = { &free_line, 1 } };
	static const int64_t factors[] = { ONE, 3 * ONE, ONE };
	struct order_refund_line back[] = {
		{ .line_id = 1, .quantity = 4, .net = 8000 },
		{ .line_id = 2, .quantity = 1, .net = 2000 },
	};
	struct order_refund all[] = {
		{ .lines = back, .nlines = 1 },
		{ .share = 4000 },
		{ .lines = back + 1, .nlines = 1 },
	};
	struct order o = order();
	struct worth w;

	(void)state;
	/* Rule 6 of decide.c: all goods came back: the shoes by their line, the
	 * hat as 40.00 of the 200.00 that were paid. */
	o.refunds = all;
	o.nrefunds = 3;
	w = worth(&o, (struct base){ 0 }, factors, 2);
	same("by line and by money", "left", w.left, 0, 1);
	same("by line and by money", "boosted", w.boosted, 0, 1);
	assert_int_equal(w.pieces, 0);
	assert_int_equal(w.pieces_whole, 5);
	assert_false(w.none_left);
	w = worth(&o, (struct base){ 0 }, factors, 3);
	same("and more", "left", w.left, 0, 1);
	same("and more", "boosted", w.boosted, 0, 1);
	assert_true(w.none_left);
	/* Rule 6 of decide.c: all of the money is paid back. */
	all[0] = (struct order_refund){ .share = 20000 };
	w = worth(&o, (struct base){ 0 }, factors, 1);
	same("by money", "left", w.left, 0, 1);
	assert_int_equal(w.pieces, 0);
	assert_true(w.none_left);
	/* Rule 6 of decide.c: if nothing was left to pay, the worth of the
	 * order is the sum of its lines. */
	o.total = 0;
	w = worth(&o, (struct base){ 0 }, factors, 1);
	same("of nothing", "left", w.left, 0, 1);
	assert_true(w.none_left);
	assert_int_equal(w.pieces, 0);
	/* Rule 5: the base is never below zero. */
	o.fees = -20000;
	w = worth(&o, (struct base){ .fees = true }, factors, 0);
	same("below zero", "whole", w.whole, 0, 1);
	same("below zero", "left", w.left, 0, 1);
	same("below zero", "boosted", w.boosted, 0, 1);
	assert_int_equal(w.pieces, 5);
	/* Rule 5: a discount in the form of a negative fee also lowers the
	 * boosted amount. */
	o.fees = -9900;
	w = worth(&o, (struct base){ .fees = true },
	    (const int64_t[]){ 3 * ONE, 3 * ONE, ONE }, 0);
	same("a fee below zero", "left", w.left, 100, 1);
	same("a fee below zero", "boosted", w.boosted, 300, 1);
	/* Pieces without a price count only if the base includes free lines,
	 * and only until the pieces are returned. */
	o = order();
	lines[0].net = lines[1].net = 0;
	w = worth(&o, (struct base){ 0 }, factors, 0);
	assert_int_equal(w.pieces, 0);
	assert_true(w.none_left);
	assert_int_equal(worth(&o, gifts, factors, 0).pieces, 5);
	assert_int_equal(worth(&o, gifts, factors, 1).pieces, 3);
	/* If the base has the prices before discounts, the pieces had a price
	 * and count. */
	assert_int_equal(
	    worth(&o, (struct base){ .before_discounts = true }, factors, 0)
	        .pieces,
	    5);
}

static void
test_tenders(void **state)
{
	struct base card = { .tender = WORD("card") };
	struct base not_card = { .tender = WORD("card"), .not_tender = true };
	struct base cash = { .tender = WORD("cash") };
	struct base other = { .tender = WORD("points") };
	struct order o = order();
	struct worth w;

	(void)state;
	/* Rule 5: 120.00 of 200.00 were paid by card; the change is part of the
	 * cash. */
	o.tenders = tenders;
	o.ntenders = NITEMS(tenders);
	w = worth(&o, card, (const int64_t[]){ 3 * ONE, ONE, ONE }, 1);
	same("card", "whole", w.whole, 6000, 1);
	same("card", "left", w.left, 3600, 1);
	same("card", "boosted", w.boosted, 8400, 1);
	assert_int_equal(w.pieces, 3);
	w = worth(&o, not_card, NULL, 1);
	same("not card", "left", w.left, 2400, 1);
	same("cash", "left", worth(&o, cash, NULL, 1).left, 2400, 1);
	w = worth(&o, other, NULL, 1);
	same("points", "whole", w.whole, 0, 1);
	same("points", "left", w.left, 0, 1);
	assert_int_equal(w.pieces, 0);
	assert_int_equal(w.pieces_whole, 0);
	other.not_tender = true;
	same("not points", "left", worth(&o, other, NULL, 1).left, 6000, 1);
	/* If no way of payment is known, nothing counts as paid by card and
	 * everything as not paid by card. */
	o.ntenders = 0;
	same("untold card", "left", worth(&o, card, NULL, 1).left, 0, 1);
	same("untold, not card", "left", worth(&o, not_card, NULL, 1).left,
	    6000, 1);
	/* Even if more change than cash is reported, no part is below zero or
	 * above the whole. */
	o.tenders = (struct tender[]){ { "card", 10 }, { "cash", -5 } };
	o.ntenders = 2;
	same("too much", "left", worth(&o, card, NULL, 1).left, 6000, 1);
	same("too much, not", "left", worth(&o, not_card, NULL, 1).left, 0, 1);
	same("too little", "left", worth(&o, cash, NULL, 1).left, 0, 1);
	o.tenders[1].amount = -10;
	same("nothing", "left", worth(&o, card, NULL, 1).left, 0, 1);
}

/* Checks rule 5 for an order that names several ways of payment without
 * amounts: the amounts come from its payments. */
static void
test_splits(void **state)
{
	struct base gift = { .tender = WORD("gift_card") };
	struct base not_gift = { .tender = WORD("gift_card"),
		.not_tender = true };
	struct base all = { .tender = { .n = 2,
		                .list = (const char *const[]){
		                    "gift_card", "card" } } };
	struct tender names[] = { { "gift_card", 0 }, { "card", 0 } };
	struct order_payment paid[] = {
		{ 1, "gift_card", 10000, "EUR" },
		{ 2, "card", 6000, "EUR" },
		{ 3, "card", 4000, "EUR" },
		{ 4, "gift_card", 1, "USD" },
	};
	struct order o = order();

	(void)state;
	memcpy(o.currency, "EUR", sizeof(o.currency));
	o.nrefunds = 0;
	o.tenders = names;
	o.ntenders = 2;
	same("unknown", "left", worth(&o, gift, NULL, 0).left, 0, 1);
	same("unknown", "left", worth(&o, not_gift, NULL, 0).left, 0, 1);
	assert_true(split_is_unknown(&gift, &o));
	assert_true(split_is_unknown(&not_gift, &o));
	assert_int_equal(worth(&o, gift, NULL, 0).pieces, 0);
	/* The amounts do not matter if the base includes all ways of payment of
	 * the order, or none of them. */
	same("all", "left", worth(&o, all, NULL, 0).left, 10000, 1);
	all.not_tender = true;
	same("none of all", "left", worth(&o, all, NULL, 0).left, 0, 1);
	assert_false(split_is_unknown(&all, &o));
	gift.tender = (struct words)WORD("points");
	same("none", "left", worth(&o, gift, NULL, 0).left, 0, 1);
	gift.not_tender = true;
	same("not none", "left", worth(&o, gift, NULL, 0).left, 10000, 1);
	gift = (struct base){ .tender = WORD("gift_card") };
	/* The amount of each way of payment is unknown until the payments cover
	 * the whole total, and each way has a payment. */
	o.payments = paid;
	for (o.npayments = 0; o.npayments < 3; o.npayments++)
		assert_true(split_is_unknown(&gift, &o));
	assert_false(split_is_unknown(&gift, &o));
	same("told", "left", worth(&o, gift, NULL, 0).left, 5000, 1);
	same("told", "left", worth(&o, not_gift, NULL, 0).left, 5000, 1);
	/* The sum of the payments may differ from the total by what rounding
	 * changes. */
	paid[2].amount = 3995;
	assert_false(split_is_unknown(&gift, &o));
	paid[2].amount = 3994;
	assert_true(split_is_unknown(&gift, &o));
	/* The card has no payment, so the amounts are unknown. */
	paid[1].gateway = paid[2].gateway = "gift_card";
	paid[2].amount = 90000;
	assert_true(split_is_unknown(&gift, &o));
	/* If all payments are in another currency than the order, each counts
	 * by its share of the sum of the payments. */
	paid[1].gateway = "card";
	for (int i = 0; i < 3; i++)
		paid[i].currency[0] = 'X';
	paid[0].amount = 30;
	paid[1].amount = 10;
	paid[2].amount = 0;
	same("abroad", "left", worth(&o, gift, NULL, 0).left, 7500, 1);
	o.npayments = 4;
	assert_true(split_is_unknown(&gift, &o));
}

/* Checks that the pieces of a line are multiplied by the factor of that line.
 */
static void
test_pieces(void **state)
{
	static const int64_t factors[] = { 3 * ONE, ONE / 2, ONE };
	struct order o = order();
	struct worth w;

	(void)state;
	w = worth(&o, (struct base){ 0 }, factors, 0);
	assert_true(w.pieces_boosted == 4 * 3 * ONE + ONE / 2);
	w = worth(&o, (struct base){ 0 }, NULL, 0);
	assert_true(w.pieces_boosted == 5 * ONE);
	w = worth(&o, (struct base){ .gift_cards = true }, factors, 1);
	assert_true(w.pieces_boosted == 2 * 3 * ONE + ONE / 2 + ONE);
	o.refunds = &(struct order_refund){ .share = 20000 };
	o.nrefunds = 1;
	w = worth(&o, (struct base){ 0 }, factors, 1);
	assert_true(w.pieces_boosted == 0);
}

/* Checks an order of one piece that costs one minor unit (0.01): the least
 * amount counts, too. */
static void
test_least(void **state)
{
	struct base card = { .tender = WORD("card") };
	struct order_refund_line back = { .line_id = 1, .net = 1 };
	struct order_refund one = { .share = 1 };
	struct order_line line = {
		.id = 1, .quantity = 1, .current = 1, .before = 2, .net = 1
	};
	struct order o = { .lines = &line, .nlines = 1, .total = 1 };
	struct worth w;

	(void)state;
	o.tenders = (struct tender[]){ { "card", 1 } };
	o.ntenders = 1;
	same("all of it", "left", worth(&o, card, NULL, 0).left, 1, 1);
	o.refunds = &one;
	o.nrefunds = 1;
	w = worth(&o, (struct base){ 0 }, NULL, 1);
	same("money back", "left", w.left, 0, 1);
	assert_int_equal(w.pieces, 0);
	assert_int_equal(w.pieces_whole, 1);
	assert_true(w.none_left);
	o.total = 2;
	w = worth(&o, (struct base){ 0 }, (const int64_t[]){ 2 * ONE }, 1);
	same("half of it", "left", w.left, 1, 2);
	same("half of it", "boosted", w.boosted, 1, 1);
	o.total = 0;
	w = worth(&o, (struct base){ 0 }, NULL, 1);
	same("of nothing", "left", w.left, 0, 1);
	one = (struct order_refund){ .lines = &back, .nlines = 1 };
	w = worth(&o, (struct base){ .before_discounts = true }, NULL, 1);
	same("before discounts", "left", w.left, 0, 1);
	line.current = 0;
	w = worth(&o, (struct base){ 0 }, NULL, 0);
	same("the only piece", "whole", w.whole, 0, 1);
	assert_int_equal(w.pieces_whole, 0);
}

/* Checks amounts near the bounds, whose products need more than 128 bits. */
static void
test_huge(void **state)
{
	static const int64_t factors[] = { 3 * ONE, ONE, ONE };
	struct base all = { .gift_cards = true };
	struct base card = { .gift_cards = true, .tender = WORD("card") };
	struct order o = order();
	struct worth w, part;

	(void)state;
	lines[0].net = o.total = MONEY_MAX;
	lines[1].net = lines[2].net = lines[0].tax = lines[1].tax = 0;
	o.shipping = o.shipping_tax = o.fees = o.fees_tax = 0;
	o.refunds = &(struct order_refund){ .share = MONEY_MAX / 2 };
	o.nrefunds = 1;
	o.tenders = (struct tender[]){ { "card", MONEY_MAX / 5 * 3 },
		{ "cash", MONEY_MAX / 5 * 2 } };
	o.ntenders = 2;
	/* The result fits into 128 bits once the fraction is reduced. */
	w = worth(&o, card, factors, 1);
	assert_int_equal(
	    fraction_times(w.left, 1, 1, ROUND_CEIL), MONEY_MAX / 10 * 3);
	assert_int_equal(
	    fraction_times(w.left, 1, 1, ROUND_FLOOR), MONEY_MAX / 10 * 3);
	assert_int_equal(
	    fraction_times(w.boosted, 1, 1, ROUND_CEIL), MONEY_MAX / 10 * 9);
	assert_int_equal(
	    fraction_times(w.boosted, 1, 1, ROUND_FLOOR), MONEY_MAX / 10 * 9);
	/* A result that does not fit exactly is rounded down, never up. */
	for (int64_t i = 1; i < 500; i++) {
		int64_t exact, got, gold;

		lines[0].net = MONEY_MAX - 11 * i;
		lines[1].net = MONEY_MAX / 7 - i;
		lines[2].net = MONEY_MAX - 7919 * i;
		o.total = MONEY_MAX - 104729 * i;
		o.refunds[0].share = MONEY_MAX / 3 - i;
		o.tenders[0].amount = MONEY_MAX - 13 * i;
		o.tenders[1].amount = MONEY_MAX / 11 - 5 * i;
		w = worth(&o, all, factors, 1);
		part = worth(&o, card, factors, 1);
		got = fraction_times(part.left, 1, 1, ROUND_FLOOR);
		exact = fraction_times(w.left, o.tenders[0].amount,
		    o.tenders[0].amount + o.tenders[1].amount, ROUND_FLOOR);
		assert_in_range(exact - got, 0, 1);
		/* left * (3 a + b + c) / (a + b + c), with the lines a, b and c
		 */
		exact = fraction_times(w.left,
		    3 * lines[0].net + lines[1].net + lines[2].net,
		    lines[0].net + lines[1].net + lines[2].net, ROUND_FLOOR);
		gold = fraction_times(w.boosted, 1, 1, ROUND_FLOOR);
		assert_in_range(exact - gold, 0, 1);
	}
}

static void
test_fractions(void **state)
{
	static const struct {
		int64_t n, d, units, per;
		int64_t floor, nearest, ceil;
	} fractions[] = {
		{ 0, 1, 5, 3, 0, 0, 0 },
		{ 149, 1, 1, 100, 1, 1, 2 },
		{ 150, 1, 1, 100, 1, 2, 2 },
		{ 200, 1, 1, 100, 2, 2, 2 },
		{ 1, 3, 2, 1, 0, 1, 1 },
		{ 1, 3, 1, 1, 0, 0, 1 },
		{ 1040, 1, 20, 1, 20800, 20800, 20800 },
		{ INT64_MAX, 1, 1, 1, INT64_MAX, INT64_MAX, INT64_MAX },
		{ INT64_MAX, 1, 3, 2, INT64_MAX, INT64_MAX, INT64_MAX },
		{ 5, 1, 0, 1, 0, 0, 0 },
	};
	const wide huge = ratio_mul(INT64_MAX, INT64_MAX);

	(void)state;
	for (size_t i = 0; i < NITEMS(fractions); i++) {
		struct fraction f = { fractions[i].n, fractions[i].d };
		int64_t units = fractions[i].units, per = fractions[i].per;

		assert_int_equal(fraction_times(f, units, per, ROUND_FLOOR),
		    fractions[i].floor);
		assert_int_equal(fraction_times(f, units, per, ROUND_NEAREST),
		    fractions[i].nearest);
		assert_int_equal(fraction_times(f, units, per, ROUND_CEIL),
		    fractions[i].ceil);
	}
	/* Results are exact even if products exceed 128 bits. */
	assert_int_equal(fraction_times((struct fraction){ huge, huge },
	                     RATE_MAX, RATE_MAX, ROUND_FLOOR),
	    1);
	assert_int_equal(fraction_times((struct fraction){ huge - 1, huge },
	                     RATE_MAX, RATE_MAX, ROUND_FLOOR),
	    0);
	assert_int_equal(fraction_times((struct fraction){ huge + 1, huge },
	                     RATE_MAX, RATE_MAX, ROUND_CEIL),
	    2);
	assert_int_equal(fraction_milli((struct fraction){ 1, 3 }), 333);
	assert_int_equal(fraction_milli((struct fraction){ 6, 3 }), 2000);
}

/* Checks that amounts of three decimals are added as they are, and rounded by
 * the caller alone. */
static void
test_finer(void **state)
{
	static const struct base base = { .tax = true };
	struct order_line two[] = {
		{ .id = 1, .quantity = 1, .current = 1, .net = 49995 },
		{ .id = 2, .quantity = 1, .current = 1, .net = 50004 },
	};
	struct order o = {
		.finer = 1, .lines = two, .nlines = 2, .total = 99999
	};
	const struct worth_ask ask = { .base = &base };
	struct worth w;

	(void)state;
	worth_of(&o, &ask, &w);
	/* The sum is 99.999; two rounded lines would give 100.00. */
	assert_int_equal(fraction_times(w.left, 1, 100, ROUND_FLOOR), 99);
	assert_int_equal(fraction_times(w.left, 1, 100, ROUND_CEIL), 100);
	assert_int_equal(fraction_times(w.left, 1000, 100, ROUND_FLOOR), 99999);
	assert_int_equal(fraction_milli(w.left), 9999900);
	two[1].net = 50005;
	worth_of(&o, &ask, &w);
	assert_int_equal(fraction_times(w.left, 1, 100, ROUND_FLOOR), 100);
	two[1].tax = 995;
	o.total = 100995;
	worth_of(&o, &ask, &w);
	assert_int_equal(fraction_times(w.left, 10, 100, ROUND_FLOOR), 1009);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_examples),
		cmocka_unit_test(test_exchange),
		cmocka_unit_test(test_edits),
		cmocka_unit_test(test_one_loss),
		cmocka_unit_test(test_nothing_left),
		cmocka_unit_test(test_tenders),
		cmocka_unit_test(test_splits),
		cmocka_unit_test(test_pieces),
		cmocka_unit_test(test_least),
		cmocka_unit_test(test_huge),
		cmocka_unit_test(test_fractions),
		cmocka_unit_test(test_finer),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
