/* SPDX-License-Identifier: MIT */
/*
 * fuzz_decide: checks for any order that points never go below zero, that
 * refunds never add points, that a full return leaves no points, and that the
 * sum of the posted points is always the decided sum.
 */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/cc.h"
#include "base/money.h"
#include "core/decide.h"
#include "core/settle.h"
#include "core/worth.h"

static const struct decide_ask euro = { .currency = "EUR" };

int LLVMFuzzerTestOneInput(const uint8_t *, size_t);

static const uint8_t *bytes;
static size_t left;

static int64_t
take(int64_t max)
{
	uint64_t v = 0;
	size_t n = left < sizeof(v) ? left : sizeof(v);

	if (n > 0)
		memcpy(&v, bytes, n);
	bytes += n;
	left -= n;
	return (int64_t)(v % ((uint64_t)max + 1));
}

#define CHECK(x)                 \
	do {                     \
		if (!(x))        \
			abort(); \
	} while (0)

enum {
	LINES = 4,
	REFUNDS = 4
};

static struct order_line lines[LINES];
static struct order_refund_line refund_lines[REFUNDS][1];
static struct order_refund refunds[REFUNDS];

static void
take_order(struct order *o)
{
	*o = (struct order){
		.id = 1,
		.platform = (enum platform)(1 + take(2)),
		.modified_at = 1 + take(1000),
		.created_at = 1,
		.paid_at = 1 + take(1000),
		.currency = "EUR",
		.status = "paid",
		.total = take(MONEY_MAX),
		.shipping = take(MONEY_MAX),
		.fees = take(MONEY_MAX) - take(MONEY_MAX),
		.lines = lines,
		.nlines = (size_t)take(LINES),
		.refunds = refunds,
	};
	for (size_t i = 0; i < o->nlines; i++) {
		lines[i] = (struct order_line){ .id = (int64_t)i + 1,
			.quantity = take(10),
			.net = take(MONEY_MAX),
			.tax = take(MONEY_MAX),
			.gift_card = take(4) == 0 };
		lines[i].current = take(lines[i].quantity);
		lines[i].before = lines[i].net;
	}
	for (size_t i = 0; i < REFUNDS; i++) {
		refund_lines[i][0] = (struct order_refund_line){
			.line_id = 1 + take(LINES),
			.quantity = take(10),
			.net = take(MONEY_MAX)
		};
		refunds[i] = (struct order_refund){ .id = (int64_t)i + 1,
			.share = take(MONEY_MAX),
			.lines = refund_lines[i],
			.nlines = (size_t)take(1) };
	}
}

static struct base base;
static struct rule rule;

static void
take_program(struct program *p)
{
	*p = (struct program){ .bases = &base,
		.nbases = 1,
		.rules = &rule,
		.nrules = 1,
		.award = { [PLATFORM_SHOPIFY] = { 1, { "paid" } },
		    [PLATFORM_WOOCOMMERCE] = { 1, { "paid" } },
		    [PLATFORM_EVENTS] = { 1, { "paid" } } },
		.plain = true };
	rule = (struct rule){ .id = "order",
		.on = ON_ORDER,
		.by = PER_MONEY,
		.units = take(RATE_MAX),
		.per = 1 + take(RATE_MAX - 1),
		.rounding = (enum rounding)(1 + take(2)),
		.over = WINDOW_ORDER,
		.reversal = REVERSE_RESIDUAL,
		.take_wallet = NONE,
		.pending_days = -1 };
	base.tax = take(1);
	base.shipping = take(1);
	base.fees = take(1);
	base.gift_cards = take(1);
}

/* A question that fold() asks about the worth of an order: with factors for the
 * lines, and perhaps only for the part that one tender paid. */
struct ask {
	struct base base;
	int64_t factors[LINES];
	struct tender tenders[2];
	struct worth before;
};

static void
take_ask(struct ask *a, struct order *o)
{
	static const char *const card[] = { "card" };

	*a = (struct ask){ .base = base };
	for (size_t i = 0; i < LINES; i++)
		a->factors[i] = take(3) * FACTOR_ONE / 2;
	a->tenders[0] = (struct tender){ "card", take(MONEY_MAX) };
	a->tenders[1] = (struct tender){ "cash", take(MONEY_MAX) };
	o->tenders = a->tenders;
	o->ntenders = (size_t)take(2);
	if (take(1) == 1)
		a->base.tender = (struct words){ card, 1 };
	a->base.not_tender = take(1);
}

static void
look(struct ask *a, const struct order *o)
{
	const struct worth_ask ask = { &a->base, a->factors, o->nrefunds, 0,
		NULL, NULL, false, NULL, NULL };
	struct worth w;

	worth_of(o, &ask, &w);
	CHECK(w.whole.n >= 0 && w.left.n >= 0 && w.boosted.n >= 0);
	CHECK(w.whole.d > 0 && w.left.d > 0 && w.boosted.d > 0);
	CHECK(w.pieces >= 0 && w.pieces <= w.pieces_whole);
	CHECK(w.left.n > 0 || w.boosted.n == 0);
	CHECK(fraction_milli(w.left) <= fraction_milli(w.whole));
	CHECK(fraction_milli(w.boosted) / 2 <= fraction_milli(w.left));
	if (o->nrefunds > 1)
		CHECK(w.pieces <= a->before.pieces);
	a->before = w;
}

/* Posts a decision, and checks that the balance then has exactly the decided
 * points. */
static void
follow(int64_t points, struct plain_lot *lot, struct balance *b)
{
	int64_t more = points - lot->remaining;

	if (more != 0) {
		struct posting p = settle(lot, points, 0, b);

		CHECK(p.points == (more > 0 ? more : -more));
		CHECK(p.debit != p.credit);
		CHECK((p.debit == ACCOUNT_ISSUED) == (more > 0));
		CHECK((p.credit == ACCOUNT_REVERSED) == (more < 0));
	}
	CHECK(b->available >= 0 && b->pending >= 0 && b->debt == 0);
	CHECK(b->available + b->pending == points);
	CHECK(b->lifetime_earned == points);
	CHECK(lot->remaining == points);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct program p;
	struct order o;
	struct award awards[RULES_MAX];
	struct decision d = { .awards = awards };
	struct ask ask;
	struct plain_lot lot = { .fresh = true };
	struct balance b = { 0 };
	int64_t before = INT64_MAX;

	bytes = data;
	left = size;
	take_program(&p);
	take_order(&o);
	lot.vests_at = take(1);
	take_ask(&ask, &o);

	for (o.nrefunds = 0; o.nrefunds <= REFUNDS; o.nrefunds++) {
		decide(&p, &euro, &o, &d);
		CHECK(d.points >= 0);
		look(&ask, &o);
		/* If lines were edited, a refund may add points: it may show
		 * that missing pieces were returned and not edited away.  The
		 * edits are undone here, since without edits no refund adds
		 * points. */
		for (size_t i = 0; i < o.nlines; i++)
			lines[i].current = lines[i].quantity;
		if (o.nrefunds > 1)
			CHECK(d.points <= before);
		before = d.points;
		follow(d.points, &lot, &b);
	}
	/* Refunds the whole worth of the order, including what no payment
	 * covers. */
	o.nrefunds = REFUNDS;
	refunds[0].share = order_worth(&o);
	decide(&p, &euro, &o, &d);
	if (refunds[0].share > 0)
		CHECK(d.points == 0);
	follow(d.points, &lot, &b);
	return 0;
}
