/* SPDX-License-Identifier: MIT */
/*
 * purse: units given to a wallet, taken back, vested and expired.
 *
 *  1. Units that are given repay debt first, even if they would be pending.
 *  2. Units are taken back from their own lot, whether pending, available or
 *     already expired, and from lots of the same order.  Next come the other
 *     lots that can be spent, soonest expiry first, then pending lots.  Next,
 *     takings are undone (taking.c).  Units that are still missing are owed or
 *     forgiven, as the wallet says.
 *  3. A lot vests on its day, and expires on its own day or together with its
 *     wallet (lot.c).
 */
#include <string.h>

#include "base/instant.h"
#include "core/fold/internal.h"

static struct purse_state *
purse_find(struct run *r, const char *wallet)
{
	for (size_t i = 0; i < r->npurses; i++)
		if (strcmp(r->purses[i]->purse.wallet, wallet) == 0)
			return r->purses[i];
	return NULL;
}

struct purse_state *
purse_new(struct run *r, const char *wallet, enum wallet_unit unit)
{
	struct purse_state *p = arena_alloc(r->arena, sizeof(*p));

	p->purse.wallet = wallet;
	p->purse.unit = unit;
	p->purse.negative = NEGATIVE_DEBT;
	p->index = r->npurses;
	p->is_in_order = true;
	r->purses = arena_grow(r->arena, r->purses, r->npurses, &r->purses_room,
	    sizeof(struct purse_state *));
	r->purses[r->npurses++] = p;
	return p;
}

struct purse_state *
purse_of(struct run *r, const struct program *p, size_t wallet)
{
	const struct wallet *w = &p->wallets[wallet];
	struct purse_state *s = purse_find(r, w->id);
	bool fresh = s == NULL;

	if (fresh)
		s = purse_new(r, w->id, w->unit);
	/* An order keeps the program that it was placed under, but wallets
	 * always follow the program in effect. */
	if (fresh || p == run_program(r)) {
		s->purse.negative = w->negative;
		s->expires = w->expires;
		s->inactive_in = NULL;
	}
	return s;
}

struct purse_state *
purse_charity(struct run *r)
{
	struct purse_state *s = purse_find(r, "charity");

	return s != NULL ? s : purse_new(r, "charity", UNIT_MONEY);
}

void
purse_active(struct run *r, struct purse_state *p)
{
	if (r->now > p->active_at) {
		p->active_at = r->now;
		p->inactive_in = NULL;
	}
}

void
purses_active_by_order(struct run *r, const struct program *p)
{
	for (size_t i = 0; i < p->nwallets; i++)
		if (p->wallets[i].active_by_order)
			purse_active(r, purse_of(r, p, i));
}

/* ---- giving -------------------------------------------------------------- */

static bool
earning_is_activity(const struct grant *g)
{
	size_t w = program_wallet(g->program, g->purse->purse.wallet);

	return w != NONE && g->program->wallets[w].active_by_earning;
}

/* The account that granted units come from; taken_back_to() is the account that
 * they return to when they are taken back. */
static enum account
granted_from(const struct grant *g)
{
	return g->by_hand ? ACCOUNT_ADJUSTED : ACCOUNT_ISSUED;
}

static enum account
taken_back_to(const struct grant *g)
{
	return g->by_hand ? ACCOUNT_ADJUSTED : ACCOUNT_REVERSED;
}

/* 1. Gives units, which repay debt first. */
static void
give(struct run *r, const struct grant *g, struct lot_state *l)
{
	struct post post = {
		.origin = g->origin,
		.rule = g->rule,
		.purse = g->purse,
		.debit = granted_from(g),
		.why = g->why,
	};
	int64_t repaid = int64_min(g->units, g->purse->purse.balance.debt);

	if (repaid > 0) {
		post.credit = ACCOUNT_DEBT;
		post.units = repaid;
		post_add(r, &post);
	}
	if (repaid == g->units)
		return;
	post.credit = l->lot.vested ? ACCOUNT_AVAILABLE : ACCOUNT_PENDING;
	post.units = g->units - repaid;
	post.lot = l;
	post_add(r, &post);
	lot_add(r, l, post.units);
}

/* ---- taking back --------------------------------------------------------- */

static int64_t
take_from(
    struct run *r, const struct grant *g, struct lot_state *l, int64_t units)
{
	int64_t taken = int64_min(units, l->lot.remaining);
	const struct post post = {
		.origin = g->origin,
		.rule = g->rule,
		.purse = g->purse,
		.debit = l->lot.vested ? ACCOUNT_AVAILABLE : ACCOUNT_PENDING,
		.credit = taken_back_to(g),
		.units = taken,
		.lot = l,
		.why = g->why,
	};

	if (taken == 0)
		return 0;
	post_add(r, &post);
	l->lot.remaining -= taken;
	return taken;
}

/* Takes back units that have expired already, so that they are not taken from
 * the member's other units as well. */
static int64_t
take_expired(
    struct run *r, const struct grant *g, struct lot_state *l, int64_t units)
{
	const struct post post = {
		.origin = g->origin,
		.rule = g->rule,
		.purse = g->purse,
		.debit = ACCOUNT_EXPIRED,
		.credit = taken_back_to(g),
		.units = int64_min(units, l->expired),
		.lot = l,
		.why = g->why,
	};

	if (post.units > 0)
		post_add(r, &post);
	l->expired -= post.units;
	return post.units;
}

/* Takes units back from other lots of the same order or event, the newest
 * first. */
static int64_t
take_from_siblings(struct run *r, const struct grant *g, int64_t units)
{
	int64_t left = units;

	if (g->newest_lot == NULL)
		return 0;
	for (struct lot_state *l = *g->newest_lot; l != NULL && left > 0;
	     l = l->elder) {
		steps_take(r->steps, STEPS_LINK);
		if (l->purse != g->purse)
			continue;
		left -= take_from(r, g, l, left);
		left -= take_expired(r, g, l, left);
	}
	return units - left;
}

/* Takes units back from all lots that have units.  Pending lots of other
 * occurrences come last. */
static int64_t
take_what_is_there(struct run *r, const struct grant *g, int64_t units)
{
	struct lot_state *own = *g->lot, *l;
	int64_t left = units;

	if (own != NULL) {
		left -= take_from(r, g, own, left);
		left -= take_expired(r, g, own, left);
	}
	left -= take_from_siblings(r, g, left);
	while (left > 0 && (l = lot_next(r, g->purse, INSTANT_NEVER)) != NULL)
		left -= take_from(r, g, l, left);
	for (size_t i = left > 0 ? lots_first(r, g->purse) : 0;
	     i < g->purse->nlots && left > 0; i++) {
		steps_take(r->steps, 1);
		left -= take_from(r, g, g->purse->lots[i], left);
	}
	return units - left;
}

/* 2. Takes units back, first from their own lot. */
static void
take_back(struct run *r, const struct grant *g)
{
	int64_t left = -g->units;
	struct post post = {
		.origin = g->origin,
		.rule = g->rule,
		.purse = g->purse,
		.debit = g->purse->purse.negative == NEGATIVE_FORGIVE
		             ? ACCOUNT_ADJUSTED
		             : ACCOUNT_DEBT,
		.credit = taken_back_to(g),
		.why = g->why,
	};

	left -= take_what_is_there(r, g, left);
	if (left > 0) {
		takings_undo(r, g->purse, g->origin->source_id, left);
		left -= take_what_is_there(r, g, left);
	}
	if (left == 0)
		return;
	post.units = left;
	/* Missing units of an adjustment by hand are forgiven: debit and credit
	 * are the same account, so nothing moves. */
	if (post.debit != post.credit)
		post_add(r, &post);
	if (post.debit == ACCOUNT_ADJUSTED)
		lots_forgive(r, *g->lot, g->purse, left);
}

void
purse_grant(struct run *r, const struct grant *g)
{
	if (g->units > 0) {
		if (*g->lot == NULL)
			*g->lot = lot_new(r, g);
		give(r, g, *g->lot);
		if (earning_is_activity(g))
			purse_active(r, g->purse);
	} else if (g->units < 0) {
		take_back(r, g);
	}
}

void
purse_refill(struct run *r, const struct grant *g)
{
	if (*g->lot == NULL)
		*g->lot = lot_new(r, g);
	lot_add(r, *g->lot, g->units);
}

/* ---- what is due (3.) ---------------------------------------------------- */

static struct origin
lot_origin(const struct lot_state *l)
{
	return (struct origin){
		.source = l->lot.source,
		.store_id = l->lot.store_id,
		.source_id = l->lot.source_id,
		.version_id = l->lot.version_id,
	};
}

/* When all that is left in a purse expires for want of activity. */
static int64_t
purse_expires_at(struct run *r, struct purse_state *p)
{
	const struct balance *b = &p->purse.balance;

	return b->available > 0 || b->pending > 0 ? purse_inactive_at(r, p)
	                                          : INSTANT_NEVER;
}

/* When the next lot vests or expires by its own dates. */
static int64_t
lots_due_at(struct run *r)
{
	struct heap *h = &r->awaited;

	while (h->n > 0) {
		struct lot_state *l = h->list[0].lot;

		if (l->lot.remaining > 0 && h->list[0].first == lot_due_at(l))
			return h->list[0].first;
		/* The lot is empty, or vested when its purse expired. */
		heap_take(r, h)->is_awaited = false;
		if (l->lot.remaining > 0)
			lot_enter(r, l);
	}
	return INSTANT_NEVER;
}

int64_t
purses_due_at(struct run *r)
{
	int64_t at = lots_due_at(r);

	for (size_t i = 0; i < r->npurses; i++)
		at = int64_min(at, purse_expires_at(r, r->purses[i]));
	return at;
}

/* Vests a lot: its units repay debt first, the rest can be spent. */
static void
vest(struct run *r, struct lot_state *l)
{
	struct origin origin = lot_origin(l);
	int64_t repaid = int64_min(
	    l->lot.remaining, l->purse->purse.balance.debt);
	struct post post = {
		.origin = &origin,
		.rule = l->lot.rule,
		.purse = l->purse,
		.debit = ACCOUNT_PENDING,
		.credit = ACCOUNT_DEBT,
		.units = repaid,
		.lot = l,
	};

	l->lot.vested = true;
	post_add(r, &post);
	l->lot.remaining -= repaid;
	post.credit = ACCOUNT_AVAILABLE;
	post.units = l->lot.remaining;
	post_add(r, &post);
	if (l->contribution != NULL)
		metric_move(r, l->contribution, r->now);
}

static void
expire(struct run *r, struct lot_state *l)
{
	struct origin origin = lot_origin(l);
	const struct post post = {
		.origin = &origin,
		.rule = l->lot.rule,
		.purse = l->purse,
		.debit = l->lot.vested ? ACCOUNT_AVAILABLE : ACCOUNT_PENDING,
		.credit = ACCOUNT_EXPIRED,
		.units = l->lot.remaining,
		.lot = l,
	};

	post_add(r, &post);
	if (l->gift_for != NULL)
		l->gift_for->gifts_expired = true;
	l->expired += l->lot.remaining;
	l->lot.remaining = 0;
}

static void
lot_due(struct run *r, struct lot_state *l)
{
	int64_t inactive = purse_inactive_at(r, l->purse);

	if (l->lot.remaining == 0)
		return;
	r->wants_lots |= l == l->purse->rest;
	if (!l->lot.vested && l->lot.vests_at <= r->now)
		vest(r, l);
	if (int64_min(l->lot.expires_at, inactive) <= r->now)
		expire(r, l);
	else if (l->lot.remaining > 0)
		lot_enter(r, l);
}

/* Lets lots vest and expire in the order in which they came, purse by purse. */
void
purses_due(struct run *r)
{
	while (lots_due_at(r) <= r->now) {
		struct lot_state *l = heap_take(r, &r->awaited);

		l->is_awaited = false;
		heap_put(r, &r->due,
		    (struct heap_item){
		        (int64_t)l->purse->index, (int64_t)l->index, l });
	}
	for (size_t i = 0; i < r->npurses; i++) {
		struct purse_state *p = r->purses[i];
		bool all = purse_expires_at(r, p) <= r->now;

		while (r->due.n > 0 && r->due.list[0].lot->purse == p) {
			struct lot_state *l = heap_take(r, &r->due);

			if (!all)
				lot_due(r, l);
		}
		for (size_t j = all ? lots_first(r, p) : p->nlots; j < p->nlots;
		     j++) {
			steps_take(r->steps, 1);
			lot_due(r, p->lots[j]);
		}
	}
}
