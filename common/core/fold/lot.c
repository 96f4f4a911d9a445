/* SPDX-License-Identifier: MIT */
/*
 * lot: how long lots last, and which of them are used first.
 *
 *  1. A lot expires at its own date, or when its wallet was inactive for too
 *     long.
 *  2. Units are used from the lot that expires first; of lots that expire
 *     together, from the lot that was earned first.  Units that come back go
 *     back to the lots they came from, and expire at once if the lot's date has
 *     passed.
 *  3. Redeemed units that turned out to be missing and were forgiven do not
 *     come back when the redemption is released: the member would gain units.
 */
#include <assert.h>

#include "base/instant.h"
#include "core/fold/internal.h"

static int64_t
expiry_of(struct run *r, const struct expiry *x, int64_t earned_at)
{
	const struct zone *z = run_zone(r);
	int64_t at = INSTANT_NEVER;

	if (x->after.n != 0 && x->after.unit != UNIT_EVER) {
		at = run_term(r, earned_at, x->after, 1);
		at = run_window(r, z, WINDOW_DAY, at).until;
	}
	if (x->end_of != 0) {
		int64_t from = earned_at;

		if (x->plus.n != 0)
			from = run_term(r, from, x->plus, 1);
		at = int64_min(at, run_window(r, z, x->end_of, from).until);
	}
	if (x->on != 0)
		at = int64_min(at, x->on);
	return at;
}

int64_t
purse_inactive_at(struct run *r, struct purse_state *p)
{
	const struct zone *z = run_zone(r);
	int64_t at;

	if (p->expires.inactive.n == 0 || p->active_at == 0)
		return INSTANT_NEVER;
	if (p->inactive_in != z) {
		at = run_term(r, p->active_at, p->expires.inactive, 1);
		p->inactive_at = run_window(r, z, WINDOW_DAY, at).until;
		p->inactive_in = z;
	}
	return p->inactive_at;
}

void
lot_put(struct run *r, struct purse_state *p, struct lot_state *l)
{
	l->purse = p;
	p->lots = arena_grow(
	    r->arena, p->lots, p->nlots, &p->room, sizeof(struct lot_state *));
	l->index = p->nlots++;
	p->lots[l->index] = l;
	p->is_in_order &= l->index == 0 ||
	                  p->lots[l->index - 1]->lot.earned_at <=
	                      l->lot.earned_at;
}

struct lot_state *
lot_new(struct run *r, const struct grant *g)
{
	struct purse_state *p = g->purse;
	struct lot_state *l;

	l = arena_alloc(r->arena, sizeof(*l));
	l->lot = (struct lot){
		.source = g->origin->source,
		.store_id = g->origin->store_id,
		.source_id = g->origin->source_id,
		.version_id = g->origin->version_id,
		.rule = g->rule,
		.wallet = p->purse.wallet,
		.earned_at = g->earned_at,
		.vests_at = g->vests_at,
		.vested = g->vests_at <= r->now,
		.expires_at = expiry_of(r,
		    g->by->has_expiry ? &g->by->expires : &p->expires,
		    g->earned_at),
	};
	if (g->newest_lot != NULL) {
		l->elder = *g->newest_lot;
		*g->newest_lot = l;
	}
	lot_put(r, p, l);
	return l;
}

int64_t
lot_due_at(const struct lot_state *l)
{
	return l->lot.vested ? l->lot.expires_at
	                     : int64_min(l->lot.expires_at, l->lot.vests_at);
}

void
lot_enter(struct run *r, struct lot_state *l)
{
	struct purse_state *p = l->purse;
	int64_t at = lot_due_at(l);

	if (!l->is_awaited && at != INSTANT_NEVER) {
		l->is_awaited = true;
		heap_put(r, &r->awaited,
		    (struct heap_item){ at, (int64_t)p->index, l });
	}
	if (!l->is_offered && l->lot.vested) {
		l->is_offered = true;
		heap_put(r, &p->offered,
		    (struct heap_item){
		        l->lot.expires_at, l->lot.earned_at, l });
	}
}

void
lot_add(struct run *r, struct lot_state *l, int64_t units)
{
	if (units == 0)
		return;
	l->lot.remaining += units;
	if (l->index < l->purse->nspent)
		l->purse->nspent = l->index;
	lot_enter(r, l);
}

size_t
lots_first(struct run *r, struct purse_state *p)
{
	r->wants_lots |= p->rest != NULL;
	for (; p->nspent < p->nlots; p->nspent++) {
		if (p->lots[p->nspent]->lot.remaining != 0)
			break;
		steps_take(r->steps, 1);
	}
	return p->nspent;
}

/* 2. Whether a is used before b, if their purse expires at `inactive`. */
static bool
goes_first(
    const struct lot_state *a, const struct lot_state *b, int64_t inactive)
{
	int64_t x = int64_min(a->lot.expires_at, inactive);
	int64_t y = int64_min(b->lot.expires_at, inactive);

	if (x != y)
		return x < y;
	if (a->lot.earned_at != b->lot.earned_at)
		return a->lot.earned_at < b->lot.earned_at;
	return false; /* equal lots stay in the order in which they came */
}

/* The first lot in the order of expiry that is not empty. */
static struct lot_state *
first_offered(struct run *r, struct purse_state *p)
{
	while (p->offered.n > 0) {
		struct lot_state *l = p->offered.list[0].lot;

		if (l->lot.remaining != 0) {
			r->wants_lots |= l == p->rest;
			return l;
		}
		l->is_offered = false;
		(void)heap_take(r, &p->offered);
	}
	return NULL;
}

struct lot_state *
lots_mark(struct run *r, struct purse_state *p, size_t n)
{
	struct lot_state *l;
	struct heap soon = { .n = 0 };

	for (size_t i = 0; i < p->nlots; i++)
		p->lots[i]->is_soon = false;
	while ((l = first_offered(r, p)) != NULL && soon.n < n) {
		heap_put(r, &soon, p->offered.list[0]);
		(void)heap_take(r, &p->offered);
		l->is_soon = true;
	}
	while (soon.n > 0) {
		heap_put(r, &p->offered, soon.list[0]);
		(void)heap_take(r, &soon);
	}
	return l;
}

struct lot_state *
lot_next(struct run *r, struct purse_state *p, int64_t before)
{
	struct lot_state *best = first_offered(r, p);
	int64_t inactive = purse_inactive_at(r, p);

	if (best == NULL ||
	    (before == INSTANT_NEVER &&
	        (inactive == INSTANT_NEVER || best->lot.expires_at < inactive)))
		return best;
	/* All lots that would expire later than the purse are equal. */
	best = NULL;
	for (size_t i = lots_first(r, p); i < p->nlots; i++) {
		struct lot_state *l = p->lots[i];

		steps_take(r->steps, 1);
		if (p->is_in_order && l->lot.earned_at >= before)
			break;
		if (!l->lot.vested || l->lot.remaining == 0 ||
		    l->lot.earned_at >= before)
			continue;
		if (best == NULL || goes_first(l, best, inactive))
			best = l;
		if (p->is_in_order && before == INSTANT_NEVER)
			break;
	}
	return best;
}

int64_t
lots_spendable(struct run *r, struct purse_state *p, int64_t before)
{
	int64_t sum = 0;

	if (before == INSTANT_NEVER)
		return p->purse.balance.available;
	for (size_t i = lots_first(r, p); i < p->nlots; i++) {
		const struct lot *l = &p->lots[i]->lot;

		steps_take(r->steps, 1);
		if (l->vested && l->earned_at < before)
			sum += l->remaining;
		else if (p->is_in_order && l->earned_at >= before)
			break;
	}
	return sum;
}

int64_t
lots_draw(struct run *r, struct purse_state *p, int64_t units, int64_t before,
    struct draws *d)
{
	struct lot_state *l;
	int64_t left = units;

	while (left > 0 && (l = lot_next(r, p, before)) != NULL) {
		int64_t taken = int64_min(left, l->lot.remaining);

		l->lot.remaining -= taken;
		left -= taken;
		d->list = arena_grow(
		    r->arena, d->list, d->n, &d->room, sizeof(*d->list));
		d->list[d->n++] = (struct draw){ l, taken };
	}
	return units - left;
}

void
lots_return(struct run *r, struct draws *d, int64_t units)
{
	while (units > 0 && d->n > 0) {
		struct draw *last = &d->list[d->n - 1];
		int64_t back = int64_min(units, last->units);

		lot_add(r, last->lot, back);
		last->units -= back;
		units -= back;
		if (last->units == 0)
			d->n--;
	}
	assert(units == 0);
}

/* 3. Forgives units that a redemption drew from the lot `own`, or from any lot
 * if `own` is NULL.  Returns how many units were forgiven. */
static int64_t
forgive(struct redemption *d, const struct lot_state *own, int64_t units)
{
	int64_t left = units;

	for (size_t i = d->draws.n; i-- > 0 && left > 0;) {
		struct draw *draw = &d->draws.list[i];
		int64_t n = draw->units < left ? draw->units : left;

		if (own != NULL && draw->lot != own)
			continue;
		draw->units -= n;
		left -= n;
	}
	d->forgiven += units - left;
	return units - left;
}

/* 3. Forgives first in redemptions that drew from the lot itself, then in the
 * newest redemptions. */
void
lots_forgive(struct run *r, const struct lot_state *own, struct purse_state *p,
    int64_t units)
{
	r->is_short |= r->lacks;
	for (int any = own == NULL; any < 2 && units > 0; any++) {
		for (size_t i = r->nredemptions; i-- > 0 && units > 0;) {
			struct redemption *d = &r->redemptions[i];

			steps_take(r->steps, 1 + d->draws.n);
			if (d->purse == p && d->where != 0)
				units -= forgive(d, any ? NULL : own, units);
		}
		/* Units that rules with `take` took are missing in the lot, too,
		 * like redeemed units. */
		if (!any)
			units -= own->taken;
	}
}
