/* SPDX-License-Identifier: MIT */
/*
 * What an order has earned, in the order the rules apply:
 *
 *  1. Of an order only known by a refund or a deletion nothing is decided.
 *  2. A deleted order has earned nothing; nor has a test order, a checkout
 *     that was not finished, or an order in another currency than the
 *     store's.
 *  3. Cancelled, failed, refunded, voided or trashed: nothing is left.
 *  4. An order earns in the statuses the program names for its platform.
 *  5. The base is what the lines came to, with what the program adds to it
 *     (before_discounts, tax, shipping, fees, gift_cards), never below
 *     zero.  What was edited out of an order without a refund is not part
 *     of it: that share of the line, rounded down.
 *  6. What was returned is taken from the base: refunds that name lines by
 *     their amounts, but of no line more than its returned pieces were
 *     worth; refunds that are only an amount by their share of the order's
 *     total, with everything that was refunded in this way together.  So
 *     any number of refunds comes to the same as one.
 *  7. Each rule gives `points` for each `per` of what is left, as one
 *     fraction, rounded once per rule and order.
 *  8. The points are pending for the program's days from when the order was
 *     paid; a guest's are held until it is known whose they are.
 *
 * tests/unit/test_decide.c, deploy/programs/README.md and the README have
 * the same numbers.
 */
#include <assert.h>
#include <string.h>

#include "base/cc.h"
#include "base/instant.h"
#include "core/decide.h"
#include "core/ratio.h"
#include "core/settle.h"

static const char *const reasons[] = {
#define REASON(name, text, sentence) text,
#include "core/reason.def"
#undef REASON
};

const char *
reason_text(enum reason r)
{
	return reasons[r];
}

static bool
is_one_of(const char *status, const char *const words[], size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (strcmp(status, words[i]) == 0)
			return true;
	return false;
}

/* 1. to 4.: the reason to give nothing, or EARNED. */
static enum reason
may_earn(const struct program *p, const char *currency, const struct order *o)
{
	static const char *const undone[] = { "cancelled", "failed", "refunded",
		"trash", "voided" };
	static const char *const draft[] = { "checkout-draft", "draft",
		"auto-draft", "new" };
	size_t platform = (size_t)o->platform - 1;

	if (o->modified_at == 0)
		return REASON_NO_ORDER_YET;
	if (order_is_deleted(o))
		return REASON_DELETED;
	if (o->test)
		return REASON_TEST;
	if (is_one_of(o->status, draft, NITEMS(draft)))
		return REASON_DRAFT;
	if (strcmp(o->currency, currency) != 0)
		return REASON_CURRENCY;
	if (is_one_of(o->status, undone, NITEMS(undone)))
		return REASON_UNDONE;
	for (size_t i = 0; i < p->naward[platform]; i++)
		if (strcmp(o->status, p->award[platform][i]) == 0)
			return REASON_EARNED;
	return REASON_STATUS;
}

/* A line's refunds: how many pieces came back, and their amounts. */
struct returned {
	int64_t quantity;
	wide net, tax;
};

/* At most the pieces' part of what the line was worth, rounded up: some
 * amounts may hold a tax that the line's do not.  For each refund by itself,
 * so that one more never takes less. */
static wide
at_most(const struct order_line *l, int64_t quantity, int64_t worth, wide back)
{
	wide most = worth;

	if (quantity > 0 && quantity < l->quantity)
		most = ratio_ceil(ratio_mul(worth, quantity), l->quantity);
	return back > most ? most : back;
}

static struct returned
line_returned(const struct order *o, const struct order_line *l)
{
	struct returned r = { 0 };

	for (size_t i = 0; i < o->nrefunds; i++) {
		const struct order_refund *f = &o->refunds[i];

		for (size_t j = 0; j < f->nlines; j++) {
			const struct order_refund_line *x = &f->lines[j];

			if (x->line_id != l->id)
				continue;
			r.quantity += x->quantity;
			r.net += at_most(l, x->quantity, l->net, x->net);
			r.tax += at_most(l, x->quantity, l->tax, x->tax);
		}
	}
	r.net = at_most(l, 0, l->net, r.net);
	r.tax = at_most(l, 0, l->tax, r.tax);
	return r;
}

/* What of an amount of a line is still ordered (5.: edited away). */
static int64_t
still_ordered(const struct order_line *l, int64_t returned, int64_t amount)
{
	int64_t edited = l->quantity - l->current - returned;

	if (edited <= 0 || l->quantity <= 0)
		return amount;
	return amount - ratio_floor(ratio_mul(amount, edited), l->quantity);
}

struct worth {
	wide base;     /* 5. */
	wide returned; /* 6. of it, by lines */
	wide share;    /* 6. gross, by no line */
};

static struct worth
worth_of(const struct base *b, const struct order *o)
{
	struct worth w = { 0 };

	for (size_t i = 0; i < o->nlines; i++) {
		const struct order_line *l = &o->lines[i];
		struct returned r = line_returned(o, l);
		int64_t amount = b->before_discounts ? l->before : l->net;
		wide back = r.net;

		if (l->gift_card && !b->gift_cards)
			continue;
		/* Refunds are after discounts; of the amount before them the
		 * same pieces come back. */
		if (b->before_discounts && l->net > 0)
			back = ratio_floor(ratio_mul(l->before, r.net), l->net);
		if (b->tax) {
			amount += l->tax;
			back += r.tax;
		}
		w.base += still_ordered(l, r.quantity, amount);
		w.returned += back;
	}
	if (b->shipping)
		w.base += o->shipping + (b->tax ? o->shipping_tax : 0);
	if (b->fees)
		w.base += o->fees + (b->tax ? o->fees_tax : 0);
	if (w.base < 0)
		w.base = 0;
	for (size_t i = 0; i < o->nrefunds; i++)
		w.share += o->refunds[i].share;
	return w;
}

/* 6. and 7. */
static int64_t
points_of(const struct rule *r, const struct worth *w, int64_t total)
{
	/* An order that cost nothing has no share to return. */
	wide of = total > 0 ? total : 1;
	wide left = ratio_mul(w->base - w->returned, of);
	wide n;

	if (total > 0)
		left -= ratio_mul(w->base, w->share);
	else if (w->share > 0)
		left = 0;
	n = ratio_mul(left, r->points);

	switch (r->rounding) {
	case ROUND_FLOOR:
		return ratio_floor(n, ratio_mul(of, r->per));
	case ROUND_NEAREST:
		return ratio_round(n, ratio_mul(of, r->per));
	case ROUND_CEIL:
		return ratio_ceil(n, ratio_mul(of, r->per));
	}
	return 0;
}

/* 8. */
static int64_t
vesting(const struct program *p, const struct order *o, bool held)
{
	if (held)
		return INSTANT_NEVER;
	return o->paid_at + p->pending_days * INSTANT_DAY;
}

void
decide(const struct program *p, const char *currency, const struct order *o,
    bool held, struct decision *d)
{
	bool anything = false, anything_left = false;

	d->reason = may_earn(p, currency, o);
	d->nawards = p->nrules;
	d->points = 0;
	d->vests_at = vesting(p, o, held);
	assert(p->nrules <= RULES_MAX);

	for (size_t i = 0; i < p->nrules; i++) {
		const struct rule *r = &p->rules[i];
		struct worth w;

		d->awards[i] = (struct award){ .rule = r->id };
		if (d->reason != REASON_EARNED)
			continue;
		w = worth_of(&r->base, o);
		anything |= w.base > 0;
		anything_left |= w.base > w.returned &&
		                 (o->total <= 0 || w.share < o->total);
		d->awards[i].points = points_of(r, &w, o->total);
		d->points += d->awards[i].points;
	}
	if (d->reason == REASON_EARNED && d->points == 0)
		d->reason = !anything        ? REASON_ZERO_BASE
		            : !anything_left ? REASON_RETURNED
		                             : REASON_TOO_SMALL;
}
