/* SPDX-License-Identifier: MIT */
/* tally: numbers in this file are those of the rules in core/decide.c. */
#include <assert.h>

#include "core/match.h"
#include "core/worth.h"

/* ---- lines --------------------------------------------------------------- */

/* Limits the amount that one refund took back of a line to the worth of the
 * returned pieces, rounded up.  A refund may report more, such as a tax that
 * the line does not have.  Each refund is limited by itself, so that one more
 * refund never makes the sum smaller.  A line may be worth less than nothing, such
 * as a discount that a shop has as a line: nothing of that is taken back unless a
 * refund says so. */
static wide
at_most(const struct order_line *l, int64_t quantity, int64_t worth, wide back)
{
	wide most = int64_max(worth, 0);

	if (worth > 0 && quantity > 0 && quantity < l->quantity)
		most = ratio_ceil(ratio_mul(worth, quantity), l->quantity);
	return back > most ? most : back;
}

/* Adds what a refund took of a line, each amount not yet bounded. */
static void
take_back(struct returned *r, const struct order_line *l,
    const struct order_refund_line *x)
{
	r->quantity += x->quantity;
	r->net += at_most(l, x->quantity, l->net, x->net);
	r->tax += at_most(l, x->quantity, l->tax, x->tax);
}

static struct returned
bounded(struct returned r, const struct order_line *l)
{
	r.net = at_most(l, 0, l->net, r.net);
	r.tax = at_most(l, 0, l->tax, r.tax);
	return r;
}

static struct returned
line_returned(
    const struct order *o, size_t nrefunds, const struct order_line *l)
{
	struct returned r = { 0 };

	for (size_t i = 0; i < nrefunds; i++) {
		const struct order_refund *f = &o->refunds[i];

		r.width += 1 + f->nlines;
		for (size_t j = 0; j < f->nlines; j++)
			if (f->lines[j].line_id == l->id)
				take_back(&r, l, &f->lines[j]);
	}
	return bounded(r, l);
}

/* 5. The pieces of a line that were edited away without a refund.  All refunds
 * of the order count, since the newest snapshot lacks the pieces of all of
 * them.  `returned` is the number of pieces in all refunds. */
static int64_t
edited_away(const struct order_line *l, int64_t returned)
{
	int64_t edited = l->quantity - l->current - returned;

	return l->current >= l->quantity || l->quantity <= 0 || edited < 0
	           ? 0
	           : edited;
}

static struct line_left
line_left(const struct order *o, size_t nrefunds, const struct order_line *l)
{
	struct line_left left = { .edited = 0 };
	int64_t returned;

	if (nrefunds > 0)
		left.back = line_returned(o, nrefunds, l);
	returned = left.back.quantity;
	if (nrefunds < o->nrefunds && l->current < l->quantity)
		returned = line_returned(o, o->nrefunds, l).quantity;
	left.edited = edited_away(l, returned);
	return left;
}

/* The part of a line's amount that is still ordered. */
static int64_t
still_ordered(const struct order_line *l, int64_t edited, int64_t amount)
{
	if (edited == 0)
		return amount;
	return amount - ratio_floor(ratio_mul(amount, edited), l->quantity);
}

/* ---- the loss of a whole order ----------------------------------------- */

void
loss_of(const struct order *o, size_t nrefunds, struct loss *loss)
{
	*loss = (struct loss){ .money = 0 };
	for (size_t i = 0; i < nrefunds; i++)
		loss->money += o->refunds[i].share;
	if (loss->money <= 0) {
		loss->money = 0;
		return;
	}
	loss->whole = order_worth(o);
	/* The worth of pieces that an earlier snapshot had and the newest
	 * snapshot does not list. */
	loss->money -= o->dropped;
	for (size_t i = 0; i < o->nlines; i++) {
		const struct order_line *l = &o->lines[i];
		struct line_left left = line_left(o, nrefunds, l);
		int64_t gross = l->net + l->tax, edited;

		edited = gross - still_ordered(l, left.edited, gross);
		loss->whole -= edited;
		loss->money -= edited;
		loss->lines += left.back.net + left.back.tax;
		loss->width += 1 + left.back.width;
	}
	if (loss->money < 0)
		loss->money = 0;
}

/* Adds a line that counts to the sums, or takes it off (sign -1). */
static inline void
line_add(const struct worth_ask *ask, const struct order_line *l,
    const struct line_left *left, int64_t factor, int sign, struct sums *s)
{
	const struct base *b = ask->base;
	const struct returned *r = &left->back;
	int64_t amount = b->before_discounts ? l->before : l->net;
	int64_t pieces, cost = amount;
	wide back = r->net;

	s->width += r->width;
	/* Refunds are amounts after discounts.  Before discounts, the returned
	 * pieces are the same part of the line. */
	if (b->before_discounts && l->net > 0)
		back = ratio_floor(ratio_mul(l->before, r->net), l->net);
	else if (b->before_discounts && l->quantity > 0)
		back = ratio_floor(
		    ratio_mul(l->before,
		        r->quantity < l->quantity ? r->quantity : l->quantity),
		    l->quantity);
	if (b->tax) {
		amount += l->tax;
		back += r->tax;
	}
	amount = still_ordered(l, left->edited, amount);
	s->base += (wide)sign * amount;
	s->returned += sign * back;
	if (amount > back) {
		s->kept += sign * (amount - back);
		s->boosted += sign * ratio_mul(amount - back, factor);
	}
	if (cost <= 0 && !ask->free_pieces && !filter_means_free(&b->lines))
		return;
	pieces = l->quantity - left->edited;
	s->pieces_whole += sign * pieces;
	pieces = pieces > r->quantity ? pieces - r->quantity : 0;
	s->pieces += sign * pieces;
	s->pieces_boosted += sign * ratio_mul(pieces, factor);
}

static bool
line_counts(const struct base *b, const struct order_line *l)
{
	return (!l->gift_card || b->gift_cards) && filter_has(&b->lines, l);
}

int
amounts_unreadable(const struct base *b, const struct order *o)
{
	int of_lines = (b->tax ? UNREADABLE_TAX : 0) |
	               (b->before_discounts ? UNREADABLE_BEFORE : 0);
	int of_rest = (b->shipping ? UNREADABLE_SHIPPING_COST : 0) |
	              (b->fees ? UNREADABLE_FEES : 0);
	int bits = 0;

	if (b->tax && of_rest != 0)
		of_rest |= UNREADABLE_TAX;
	for (size_t i = 0; i < o->nlines; i++)
		if ((o->lines[i].unreadable & of_lines) != 0 &&
		    line_counts(b, &o->lines[i]))
			bits |= o->lines[i].unreadable & of_lines;
	return bits | (o->unreadable & of_rest);
}

/* The steps that a look at a line or an order takes, if comparing two words
 * takes one step. */
enum {
	LOOKED = 8
};

/* The steps of asking a filter about each line of an order. */
static size_t
lines_width(const struct order *o, const struct base *b)
{
	size_t words = 0, width = 0;

	for (size_t i = 0; i < b->lines.n; i++)
		words += 1 + b->lines.tests[i].any.n;
	for (size_t i = 0; i < o->nlines; i++) {
		const struct order_line *l = &o->lines[i];

		width += LOOKED + words +
		         words * (l->categories.n + l->tags.n) / 4;
	}
	return width;
}

/* Sums the lines of an order that count. */
static struct sums
lines_sum(const struct order *o, const struct worth_ask *ask)
{
	const struct base *b = ask->base;
	struct sums s = { .width = LOOKED + lines_width(o, b) };

	for (size_t i = 0; i < o->nlines; i++) {
		const struct order_line *l = &o->lines[i];
		int64_t factor = ask->factors ? ask->factors[i] : FACTOR_ONE;
		struct line_left left;

		if (factor == 0 || !line_counts(b, l))
			continue;
		left = ask->line != NULL ? *ask->line
		                         : line_left(o, ask->nrefunds, l);
		line_add(ask, l, &left, factor, 1, &s);
	}
	return s;
}

/* ---- refund by refund ---------------------------------------------------- */

/* The sums of the lines for one question, after the refunds so far. */
struct tally {
	struct base base;
	struct worth_ask ask; /* with that base */
	struct sums sums;
	int unreadable; /* amounts_unreadable() */
	/* Whether the base means each line, and whether each line counts. */
	bool *means, *counts;
	struct fraction tendered; /* see tallies_tendered() */
	size_t asked; /* the number of refunds when it was asked last */
};

struct tallies {
	struct arena *arena;
	const struct order *order;
	size_t nrefunds;
	struct line_left *lines; /* `back` is not bounded yet */
	/* The lines whose ids have one remainder: the first's index + 1, and,
	 * by index, the next one's; 0: none. */
	uint32_t *first, *next;
	size_t nfirst;
	wide worth, share, edited, back; /* as in loss_of() */
	uint32_t *taken;                 /* see tallies_taken() */
	size_t ntaken, taken_room;
	struct tally **list;
	size_t n, room;
	size_t last; /* the index of the tally that was asked for last */
	size_t width;
};

static struct line_left
left_of_line(const struct tallies *t, size_t i)
{
	struct line_left left = t->lines[i];

	left.back = bounded(left.back, &t->order->lines[i]);
	return left;
}

/* Lets a refund take something of a line. */
static void
line_change(struct tallies *t, size_t i, const struct order_refund_line *x)
{
	const struct order_line *l = &t->order->lines[i];
	const struct line_left before = left_of_line(t, i);
	struct line_left after;

	t->taken = arena_grow(
	    t->arena, t->taken, t->ntaken, &t->taken_room, sizeof(*t->taken));
	t->taken[t->ntaken++] = (uint32_t)i;
	take_back(&t->lines[i].back, l, x);
	after = left_of_line(t, i);
	t->back += after.back.net + after.back.tax;
	t->back -= before.back.net + before.back.tax;
	t->width += t->n;
	for (size_t j = 0; j < t->n; j++) {
		struct tally *y = t->list[j];
		int64_t factor = y->ask.factors ? y->ask.factors[i]
		                                : FACTOR_ONE;

		if (!y->counts[i])
			continue;
		line_add(&y->ask, l, &before, factor, -1, &y->sums);
		line_add(&y->ask, l, &after, factor, 1, &y->sums);
	}
}

/* The first line with an id, or the next one after line i - 1, as its index
 * + 1; 0: none. */
static size_t
line_at(const struct tallies *t, int64_t id, size_t i)
{
	i = i == 0 ? t->first[(uint64_t)id % t->nfirst] : t->next[i - 1];
	while (i != 0 && t->order->lines[i - 1].id != id)
		i = t->next[i - 1];
	return i;
}

/* Forgets questions that nobody asks any more, such as those with factors of
 * multipliers that ended: a refund would cost more for each of them. */
static void
forget(struct tallies *t)
{
	enum {
		KEPT = 8 /* refunds */
	};
	size_t n = 0;

	for (size_t i = 0; i < t->n; i++)
		if (t->list[i]->asked + KEPT > t->nrefunds)
			t->list[n++] = t->list[i];
	t->n = n;
	if (t->last >= n)
		t->last = 0;
}

static void
refunds_until(struct tallies *t, size_t nrefunds)
{
	assert(t->nrefunds <= nrefunds);
	for (; t->nrefunds < nrefunds; t->nrefunds++) {
		const struct order_refund *f = &t->order->refunds[t->nrefunds];

		forget(t);
		t->share += f->share;
		for (size_t i = 0; i < f->nlines; i++)
			for (size_t j = line_at(t, f->lines[i].line_id, 0);
			     j != 0; j = line_at(t, f->lines[i].line_id, j))
				line_change(t, j - 1, &f->lines[i]);
	}
}

/* Works out what was edited out of each line, by all refunds. */
static void
edits_find(struct tallies *t)
{
	const struct order *o = t->order;
	int64_t *returned = arena_array(
	    t->arena, o->nlines + 1, sizeof(*returned));

	for (size_t i = 0; i < o->nrefunds; i++)
		for (size_t k = 0; k < o->refunds[i].nlines; k++) {
			const struct order_refund_line *x = &o->refunds[i]
			                                         .lines[k];

			for (size_t j = line_at(t, x->line_id, 0); j != 0;
			     j = line_at(t, x->line_id, j))
				returned[j - 1] += x->quantity;
		}
	for (size_t i = 0; i < o->nlines; i++) {
		const struct order_line *l = &o->lines[i];
		int64_t gross = l->net + l->tax;

		t->lines[i].edited = edited_away(l, returned[i]);
		t->edited += gross -
		             still_ordered(l, t->lines[i].edited, gross);
	}
}

struct tallies *
tallies_new(struct arena *a, const struct order *o)
{
	struct tallies *t = arena_alloc(a, sizeof(*t));

	*t = (struct tallies){ .arena = a,
		.order = o,
		.lines = arena_array(a, o->nlines + 1, sizeof(*t->lines)),
		.nfirst = o->nlines * 2 + 1,
		.next = arena_array(a, o->nlines + 1, sizeof(*t->next)),
		.worth = order_worth(o),
		.width = o->nlines };
	t->first = arena_array(a, t->nfirst, sizeof(*t->first));
	for (size_t i = o->nlines; i-- > 0;) {
		uint32_t
		    *first = &t->first[(uint64_t)o->lines[i].id % t->nfirst];

		t->next[i] = *first;
		*first = (uint32_t)i + 1;
	}
	edits_find(t);
	return t;
}

static bool
is_asked(const struct tally *y, const struct worth_ask *ask)
{
	const struct base *a = &y->base, *b = ask->base;

	return a->lines.tests == b->lines.tests && a->lines.n == b->lines.n &&
	       a->before_discounts == b->before_discounts && a->tax == b->tax &&
	       a->shipping == b->shipping && a->fees == b->fees &&
	       a->gift_cards == b->gift_cards &&
	       a->tender.list == b->tender.list && a->tender.n == b->tender.n &&
	       a->not_tender == b->not_tender &&
	       y->ask.factors == ask->factors &&
	       y->ask.free_pieces == ask->free_pieces;
}

/* Asks the filter of a base about each line, unless a question did so before. */
static bool *
means_of(struct tallies *t, const struct base *b)
{
	const struct order *o = t->order;
	bool *means;

	for (size_t i = 0; i < t->n; i++) {
		const struct base *a = &t->list[i]->base;

		if (a->lines.tests == b->lines.tests &&
		    a->lines.n == b->lines.n && a->gift_cards == b->gift_cards)
			return t->list[i]->means;
	}
	means = arena_array(t->arena, o->nlines + 1, sizeof(*means));
	for (size_t i = 0; i < o->nlines; i++)
		means[i] = line_counts(b, &o->lines[i]);
	t->width += lines_width(o, b);
	return means;
}

static struct tally *
tally_new(struct tallies *t, const struct worth_ask *ask)
{
	const struct order *o = t->order;
	struct tally *y = arena_alloc(t->arena, sizeof(*y));

	y->base = *ask->base;
	y->asked = t->nrefunds;
	y->ask = (struct worth_ask){ .base = &y->base,
		.factors = ask->factors,
		.free_pieces = ask->free_pieces };
	y->unreadable = amounts_unreadable(&y->base, o);
	y->means = means_of(t, &y->base);
	y->counts = arena_array(t->arena, o->nlines + 1, sizeof(*y->counts));
	for (size_t i = 0; i < o->nlines; i++) {
		const struct line_left left = left_of_line(t, i);
		int64_t factor = ask->factors ? ask->factors[i] : FACTOR_ONE;

		y->counts[i] = factor != 0 && y->means[i];
		if (y->counts[i])
			line_add(
			    &y->ask, &o->lines[i], &left, factor, 1, &y->sums);
	}
	t->width += o->nlines * LOOKED;
	t->list = arena_grow(
	    t->arena, t->list, t->n, &t->room, sizeof(*t->list));
	t->list[t->n++] = y;
	return y;
}

/* Questions are asked again in about the same order, so the search begins at
 * the last one and goes both ways. */
static struct tally *
tally_of(struct tallies *t, const struct worth_ask *ask)
{
	for (size_t i = 0; i < t->n; i++) {
		size_t up = (t->last + i) % t->n;
		size_t down = (t->last + t->n - i) % t->n;

		t->width++;
		if (!is_asked(t->list[up], ask))
			up = down;
		if (!is_asked(t->list[up], ask))
			continue;
		t->list[up]->asked = t->nrefunds;
		return t->list[t->last = up];
	}
	t->last = t->n;
	return tally_new(t, ask);
}

struct fraction *
tallies_tendered(struct tallies *t, const struct worth_ask *ask)
{
	return &tally_of(t, ask)->tendered;
}

struct line_left
tallies_line(struct tallies *t, size_t nrefunds, size_t i)
{
	refunds_until(t, nrefunds);
	return left_of_line(t, i);
}

wide
tallies_worth(const struct tallies *t)
{
	return t->worth - t->edited;
}

void
tallies_loss(struct tallies *t, size_t nrefunds, struct loss *loss)
{
	refunds_until(t, nrefunds);
	*loss = (struct loss){ .money = t->share, .width = 1 };
	if (loss->money <= 0) {
		loss->money = 0;
		return;
	}
	loss->whole = tallies_worth(t);
	loss->lines = t->back;
	loss->money -= t->order->dropped + t->edited;
	if (loss->money < 0)
		loss->money = 0;
}

const uint32_t *
tallies_taken(const struct tallies *t, size_t *n)
{
	*n = t->ntaken;
	return t->taken;
}

struct sums
tallies_sums_of_line(struct tallies *t, const struct worth_ask *ask, size_t i)
{
	const struct tally *y = tally_of(t, ask);
	const struct line_left left = left_of_line(t, i);
	struct sums s = { .base = 0 };

	if (y->counts[i])
		line_add(&y->ask, &t->order->lines[i], &left,
		    ask->factors ? ask->factors[i] : FACTOR_ONE, 1, &s);
	return s;
}

struct sums
sums_of(const struct order *o, const struct worth_ask *ask, int *unreadable)
{
	struct tallies *t = ask->tallies;
	struct tally *y;
	struct sums s;

	if (t == NULL) {
		*unreadable = amounts_unreadable(ask->base, o);
		return lines_sum(o, ask);
	}
	assert(t->order == o);
	refunds_until(t, ask->nrefunds);
	y = tally_of(t, ask);
	*unreadable = y->unreadable;
	s = y->sums;
	s.width = LOOKED + t->width;
	t->width = 0;
	return s;
}
