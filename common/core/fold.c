/* SPDX-License-Identifier: MIT */
/*
 * The timeline, in the order things happen:
 *
 *  1. What is due at an instant comes before what happens in it: lots vest
 *     and expire, memberships and tiers end, the calendar's rules run.
 *  2. An order happens when it is placed, as it was told last, without its
 *     refunds; each refund happens at its own time, and takes back by the
 *     rules, the tier and the multipliers its order was placed under.
 *  3. An order that was paid and then cancelled, refunded as a whole or
 *     deleted happened, and is undone when that was said.  One that was never
 *     paid did not happen.
 *  4. The program is the one frozen for the order or event; of what time
 *     alone does, the one in effect then.
 *  5. A redemption is a fact: nothing undoes it but its release.  What its
 *     wallet does not have is owed.
 */
#include <assert.h>
#include <string.h>

#include "base/instant.h"
#include "core/decide.h"
#include "core/fold_run.h"

void *
run_grow(struct run *r, void *list, size_t n, size_t *room, size_t size)
{
	void *all;

	if (n < *room)
		return list;
	*room = *room * 2 + 8;
	all = arena_array(r->arena, *room, size);
	if (n > 0)
		memcpy(all, list, n * size);
	return all;
}

const char *
run_text(struct run *r, const char *const parts[])
{
	size_t n = 0;
	char *all, *p;

	for (size_t i = 0; parts[i] != NULL; i++)
		n += strlen(parts[i]);
	all = p = arena_alloc(r->arena, n + 1);
	for (size_t i = 0; parts[i] != NULL; i++) {
		memcpy(p, parts[i], strlen(parts[i]));
		p += strlen(parts[i]);
	}
	return all;
}

const char *
run_number(struct run *r, int64_t v)
{
	enum {
		DIGITS = 20
	};
	char *s = arena_alloc(r->arena, DIGITS + 1);
	size_t i = DIGITS;

	assert(v >= 0);
	do {
		s[--i] = (char)('0' + v % 10);
		v /= 10;
	} while (v > 0);
	return s + i;
}

const char *
run_date(struct run *r, int64_t at)
{
	struct civil c = calendar_civil(run_zone(r), at);

	return run_text(
	    r, (const char *const[]){ run_number(r, c.year),
	           c.month < 10 ? "-0" : "-", run_number(r, c.month),
	           c.day < 10 ? "-0" : "-", run_number(r, c.day), NULL });
}

const struct era *
run_era(const struct run *r, int64_t at)
{
	const struct timeline *t = r->timeline;
	size_t i = t->neras - 1;

	while (i > 0 && t->eras[i].from > at)
		i--;
	return &t->eras[i];
}

const struct program *
run_program(const struct run *r)
{
	return run_era(r, r->now)->program;
}

const struct zone *
run_zone(const struct run *r)
{
	return run_program(r)->zone;
}

void
run_refuse(struct run *r, const struct fact *f, const char *reason)
{
	r->refusals = run_grow(r, r->refusals, r->nrefusals, &r->refusals_room,
	    sizeof(*r->refusals));
	r->refusals[r->nrefusals++] = (struct refusal){ f, reason };
}

/* ---- orders ------------------------------------------------------------- */

static int64_t
later(int64_t a, int64_t b)
{
	return a > b ? a : b;
}

/* 3. */
enum happened {
	NEVER_HAPPENED = 1,
	HAPPENED,
	UNDONE_LATER,
};

static enum happened
order_happened(const struct fact *f, const char **reason)
{
	enum reason why = order_may_earn(
	    f->program, f->program->currency, f->order);

	*reason = reason_text(why);
	if (why == REASON_EARNED)
		return HAPPENED;
	if ((why == REASON_UNDONE || why == REASON_DELETED) &&
	    f->order->paid_at != 0 && !f->order->test)
		return UNDONE_LATER;
	return NEVER_HAPPENED;
}

static int64_t
undone_at(const struct order *o)
{
	if (order_is_deleted(o))
		return o->deleted_at;
	return o->cancelled_at != 0 ? o->cancelled_at : o->modified_at;
}

static struct occurrence *
occurrence_new(struct run *r, const struct fact *f, enum source_kind source)
{
	struct occurrence *o = arena_alloc(r->arena, sizeof(*o));

	*o = (struct occurrence){
		.origin = { source, f->store_id, f->id, f->version_id },
		.program = f->program,
		.fact = f,
		.order = f->order,
		.at = f->at,
		.held = f->held,
		.tier_year_from = tier_year_begin(r, f->at),
		.occasion = {
			.at = f->at,
			.channel = f->channel,
			.brand = f->brand,
			.amount = f->amount,
			.fields = f->fields,
			.nfields = f->nfields,
		},
	};
	return o;
}

static int64_t
spent_on(const struct occurrence *o)
{
	const struct tiers *t = &o->program->tiers;

	if (o->undone)
		return 0;
	if (t->metric == METRIC_ORDERS) {
		static const struct base lines = { .gift_cards = true };

		return order_amount(o, &lines) > 0;
	}
	return order_amount(o, &o->program->bases[t->base]);
}

static void
contribute(struct run *r, struct occurrence *o)
{
	const struct tiers *t = &o->program->tiers;

	if (t->nlevels > 0 &&
	    (t->metric == METRIC_SPEND || t->metric == METRIC_ORDERS))
		tier_contribute(r, &o->spent, o->at, spent_on(o));
}

/* The order that reaches a tier may earn as in that tier already. */
static void
cross(struct run *r, struct occurrence *o)
{
	const struct tiers *t = &o->program->tiers;
	int64_t amount, before;
	const char *tier;

	if (t->nlevels == 0 || t->crossing == CROSSING_OLD ||
	    t->metric != METRIC_SPEND)
		return;
	amount = spent_on(o);
	tier = tier_after(r, amount, &before);
	o->old_tier = r->view.tier;
	r->view.tier = tier;
	if (t->crossing == CROSSING_SPLIT && amount > 0 &&
	    tier != o->old_tier) {
		o->split_n = before;
		o->split_d = amount;
	}
}

static void
order_placed(struct run *r, const struct fact *f)
{
	static const struct base counted = { .gift_cards = false };
	struct occurrence *o = occurrence_new(r, f, SOURCE_ORDER);
	const char *tier = r->view.tier;

	if (f->order->channel != NULL)
		o->occasion.channel = f->order->channel;
	o->occasion.shipping_method = f->order->shipping_method;
	o->counting = member_counting(r, f->program, f->order);
	o->occasion.amount = order_amount(o, &counted);
	o->occasion.nth = ++r->view.orders;
	r->orders = run_grow(
	    r, r->orders, r->norders, &r->orders_room, sizeof(*r->orders));
	r->orders[r->norders++] = o;
	purses_active_by_order(r, f->program);
	cross(r, o);
	earn_begin(r, o, ON_ORDER);
	r->view.tier = tier;
	contribute(r, o);
	member_fee(r, o);
	tier_update(r, "reached");
}

static void
order_never(struct run *r, const struct fact *f, const char *reason)
{
	struct occurrence *o = occurrence_new(r, f, SOURCE_ORDER);

	for (size_t i = 0; i < f->program->nrules; i++)
		if (f->program->rules[i].on == ON_ORDER)
			earn_nothing(r, o, &f->program->rules[i], reason);
}

static struct occurrence *
order_find(struct run *r, const struct fact *f)
{
	for (size_t i = r->norders; i-- > 0;)
		if (r->orders[i]->fact == f)
			return r->orders[i];
	return NULL;
}

/* 2.: a refund, or the end of the order. */
static void
order_less(struct run *r, const struct happening *h)
{
	struct occurrence *o = order_find(r, h->fact);

	if (o == NULL)
		return;
	if (h->undo)
		o->undone = true;
	else
		o->nrefunds = h->refund;
	earn_again(r, o);
	contribute(r, o);
	member_fee_refunded(r, o);
	tier_update(r, "refund");
}

/* ---- events and redemptions -------------------------------------------------- */

static void
event(struct run *r, const struct fact *f)
{
	struct occurrence *o = occurrence_new(r, f, SOURCE_EVENT);
	const struct tiers *t = &f->program->tiers;
	const char *reason = member_event(r, o);

	if (reason != NULL) {
		run_refuse(r, f, reason);
		return;
	}
	if (t->nlevels > 0 && t->metric == METRIC_EVENTS &&
	    strcmp(t->event, f->type) == 0)
		tier_contribute(r, &o->spent, o->at, 1);
	earn_begin(r, o, ON_EVENT);
	tier_update(r, "reached");
}

static void
move_drawn(struct run *r, const struct redemption *d, enum account from,
    enum account to)
{
	const struct origin origin = { SOURCE_REDEMPTION, d->fact->store_id,
		d->fact->id, d->fact->version_id };
	struct post post = {
		.origin = &origin,
		.rule = d->fact->reward,
		.purse = d->purse,
		.party = from == ACCOUNT_CHARITY || to == ACCOUNT_CHARITY
		             ? d->fact->charity
		             : NULL,
		.debit = from,
		.credit = to,
		.units = d->fact->units - d->draws.owed,
	};

	run_post(r, &post);
	post.units = d->draws.owed;
	if (from == ACCOUNT_AVAILABLE)
		post.debit = ACCOUNT_DEBT;
	if (to == ACCOUNT_AVAILABLE)
		post.credit = ACCOUNT_DEBT;
	run_post(r, &post);
}

/* What a reward gives a charity: money for units that are none. */
static void
donate(struct run *r, const struct redemption *d, bool back)
{
	const struct origin origin = { SOURCE_REDEMPTION, d->fact->store_id,
		d->fact->id, d->fact->version_id };
	const struct post post = {
		.origin = &origin,
		.rule = d->fact->reward,
		.purse = purse_charity(r),
		.party = d->fact->charity,
		.debit = back ? ACCOUNT_CHARITY : ACCOUNT_ISSUED,
		.credit = back ? ACCOUNT_REVERSED : ACCOUNT_CHARITY,
		.units = d->donated,
	};

	if (d->donated > 0)
		run_post(r, &post);
}

static int64_t
donated_by(const struct fact *f, const struct purse_state *purse)
{
	size_t i = program_reward(f->program, f->reward);
	const struct reward *w;

	if (f->charity == NULL || i == NONE)
		return 0;
	w = &f->program->rewards[i];
	if (w->kind != REWARD_CHARITY || purse->purse.unit == UNIT_MONEY)
		return 0;
	return ratio_floor(
	    ratio_mul(ratio_mul(w->amount, MILLI), f->units), w->cost);
}

static void
redeem(struct run *r, const struct fact *f)
{
	size_t wallet = program_wallet(f->program, f->wallet);
	struct redemption d = { .fact = f };

	if (wallet == NONE || f->units <= 0) {
		run_refuse(r, f, "no_such_wallet");
		return;
	}
	d.purse = purse_of(r, f->program, wallet);
	d.draws.owed = f->units - purse_draw(r, d.purse, f->units,
	                              INSTANT_NEVER, &d.draws);
	if (d.draws.owed > 0)
		run_refuse(r, f, "insufficient");
	d.donated = donated_by(f, d.purse);
	d.where = f->reserve ? ACCOUNT_RESERVED : ACCOUNT_REDEEMED;
	if (f->charity != NULL && d.purse->purse.unit == UNIT_MONEY)
		d.where = ACCOUNT_CHARITY;
	move_drawn(r, &d, ACCOUNT_AVAILABLE, d.where);
	donate(r, &d, false);
	if (f->program->wallets[wallet].active_by_redeeming)
		purse_active(r, d.purse);
	r->redemptions = run_grow(r, r->redemptions, r->nredemptions,
	    &r->redemptions_room, sizeof(d));
	r->redemptions[r->nredemptions++] = d;
}

static void
redemption_ends(struct run *r, const struct fact *f)
{
	for (size_t i = 0; i < r->nredemptions; i++) {
		struct redemption *d = &r->redemptions[i];

		if (d->fact->store_id != f->store_id ||
		    strcmp(d->fact->id, f->of) != 0)
			continue;
		if (d->where == 0 ||
		    (f->kind == FACT_CAPTURE && d->where != ACCOUNT_RESERVED)) {
			run_refuse(r, f, "ended_already");
			return;
		}
		if (f->kind == FACT_CAPTURE) {
			move_drawn(r, d, ACCOUNT_RESERVED, ACCOUNT_REDEEMED);
			d->where = ACCOUNT_REDEEMED;
			return;
		}
		move_drawn(r, d, d->where, ACCOUNT_AVAILABLE);
		purse_return(r, &d->draws, d->fact->units - d->draws.owed);
		donate(r, d, true);
		d->where = (enum account)0;
		return;
	}
	run_refuse(r, f, "no_such_redemption");
}

static void
adjust(struct run *r, const struct fact *f)
{
	static const struct rule by_hand = { .id = "adjustment" };
	size_t wallet = program_wallet(f->program, f->wallet);
	const struct origin origin = { SOURCE_ADJUSTMENT, f->store_id, f->id,
		f->version_id };
	struct why *why = arena_alloc(r->arena, sizeof(*why));
	struct grant g = {
		.origin = &origin,
		.rule = by_hand.id,
		.by = &by_hand,
		.program = f->program,
		.earned_at = f->at,
		.vests_at = f->at,
		.units = f->units,
		.why = why,
	};

	if (wallet == NONE) {
		run_refuse(r, f, "no_such_wallet");
		return;
	}
	*why = (struct why){
		.reason = f->reason, .rule = by_hand.id, .given_after = f->units
	};
	g.purse = purse_of(r, f->program, wallet);
	(void)purse_grant(r, &g);
}

static void
fact(struct run *r, const struct fact *f)
{
	const char *reason;

	switch (f->kind) {
	case FACT_ORDER:
		if (order_happened(f, &reason) == NEVER_HAPPENED)
			order_never(r, f, reason);
		else
			order_placed(r, f);
		break;
	case FACT_EVENT:
		event(r, f);
		break;
	case FACT_REDEEM:
		redeem(r, f);
		break;
	case FACT_CAPTURE:
	case FACT_RELEASE:
		redemption_ends(r, f);
		break;
	case FACT_ADJUST:
		adjust(r, f);
		break;
	}
	takes_run(r, ON_BALANCE, NULL, 0, 0);
}

/* ---- what happens, in order ----------------------------------------------------- */

static int
happening_compare(const struct happening *a, const struct happening *b)
{
	int c;

	if (a->at != b->at)
		return a->at < b->at ? -1 : 1;
	if (a->fact != b->fact) {
		c = fact_compare(a->fact, b->fact);
		if (c != 0)
			return c;
	}
	if (a->undo != b->undo)
		return a->undo ? 1 : -1;
	return (a->refund > b->refund) - (a->refund < b->refund);
}

/* A merge sort: core has no other. */
static void
happenings_sort(struct happening *list, struct happening *room, size_t n)
{
	size_t half = n / 2, i = 0, j = half;

	if (n < 2)
		return;
	happenings_sort(list, room, half);
	happenings_sort(list + half, room, n - half);
	memcpy(room, list, n * sizeof(*list));
	for (size_t k = 0; k < n; k++)
		if (j == n ||
		    (i < half && happening_compare(&room[i], &room[j]) <= 0))
			list[k] = room[i++];
		else
			list[k] = room[j++];
}

/* A refund's own time, or the snapshot's that told of it; never before the
 * one before it. */
static size_t
add_refunds(const struct fact *f, struct happening *out)
{
	int64_t at = f->at;

	for (size_t i = 0; i < f->order->nrefunds; i++) {
		int64_t x = f->order->refunds[i].at;

		at = later(at, x != 0 ? x : f->order->modified_at);
		out[i] = (struct happening){
			.at = at, .fact = f, .refund = i + 1
		};
	}
	return f->order->nrefunds;
}

static struct happening *
happenings(struct run *r, size_t *n)
{
	const struct timeline *t = r->timeline;
	struct happening *list, *room;
	size_t most = 0;
	const char *reason;

	for (size_t i = 0; i < t->nfacts; i++)
		most += 2 + (t->facts[i].kind == FACT_ORDER
		                    ? t->facts[i].order->nrefunds
		                    : 0);
	list = arena_array(r->arena, most + 1, sizeof(*list));
	room = arena_array(r->arena, most + 1, sizeof(*room));
	*n = 0;
	for (size_t i = 0; i < t->nfacts; i++) {
		const struct fact *f = &t->facts[i];

		list[(*n)++] = (struct happening){ .at = f->at, .fact = f };
		if (f->kind != FACT_ORDER ||
		    order_happened(f, &reason) == NEVER_HAPPENED)
			continue;
		*n += add_refunds(f, &list[*n]);
		if (order_happened(f, &reason) == UNDONE_LATER)
			list[(*n)++] = (struct happening){
				.at = later(f->at, undone_at(f->order)),
				.fact = f,
				.undo = true,
			};
	}
	happenings_sort(list, room, *n);
	return list;
}

static int64_t
due_at(struct run *r)
{
	const int64_t at[] = { purses_due_at(r), member_due_at(r),
		tier_due_at(r), ticks_due_at(r) };
	int64_t first = INSTANT_NEVER;

	for (size_t i = 0; i < sizeof(at) / sizeof(at[0]); i++)
		if (at[i] < first)
			first = at[i];
	return first;
}

/* 1.: everything up to and at an instant. */
static void
wait_until(struct run *r, int64_t at)
{
	for (;;) {
		int64_t due = due_at(r);

		if (due > at || due == INSTANT_NEVER)
			break;
		r->now = later(due, r->now);
		purses_due(r);
		member_due(r);
		tier_due(r);
		ticks_due(r);
		takes_run(r, ON_BALANCE, NULL, 0, 0);
	}
	r->now = later(at, r->now);
}

/* ---- the result ---------------------------------------------------------------------- */

static void
give_parcels(struct run *r)
{
	struct fold *out = r->out;
	size_t n = 0;

	for (size_t i = 0; i < r->npurses; i++)
		n += r->purses[i]->nlots;
	out->parcels = arena_array(r->arena, n + 1, sizeof(*out->parcels));
	out->purses = arena_array(
	    r->arena, r->npurses + 1, sizeof(*out->purses));
	for (size_t i = 0; i < r->npurses; i++) {
		struct purse_state *p = r->purses[i];

		out->purses[out->npurses++] = p->purse;
		for (size_t j = 0; j < p->nlots; j++)
			out->parcels[out->nparcels++] = &p->lots[j]->parcel;
	}
}

static void
give_memberships(struct run *r)
{
	const struct program *p = run_program(r);
	struct fold *out = r->out;

	out->memberships = arena_array(
	    r->arena, p->nmemberships + 1, sizeof(*out->memberships));
	out->nmemberships = p->nmemberships;
	for (size_t i = 0; i < p->nmemberships; i++) {
		struct membership_state *s = &out->memberships[i];

		s->membership = p->memberships[i].id;
		for (size_t j = 0; j < r->nmemberships; j++) {
			const struct membership_run *m = &r->memberships[j];

			if (strcmp(m->id, s->membership) != 0)
				continue;
			s->from = m->from;
			s->until = m->until;
			s->trial = m->trial;
			s->active = m->active;
			s->cancelled = m->cancelled;
		}
	}
}

static void
give_result(struct run *r)
{
	const struct program *p = run_program(r);
	struct fold *out = r->out;

	for (size_t i = 0; i < p->nwallets; i++)
		(void)purse_of(r, p, i);
	give_parcels(r);
	give_memberships(r);
	out->movements = r->movements;
	out->nmovements = r->nmovements;
	out->tiers = r->changes;
	out->ntiers = r->nchanges;
	out->refusals = r->refusals;
	out->nrefusals = r->nrefusals;
	out->chosen_day = r->view.chosen_day;
	out->tier_since = r->tier_since;
	out->enrolled_at = r->enrolled_at;
	out->due_at = due_at(r);
	out->view = &r->view;
}

void
fold(struct arena *a, const struct timeline *t, struct fold *out)
{
	struct run *r = arena_alloc(a, sizeof(*r));
	struct happening *list;
	size_t n;

	assert(t->neras > 0);
	*out = (struct fold){ 0 };
	r->arena = a;
	r->timeline = t;
	r->out = out;
	r->tier_until = INSTANT_NEVER;
	list = happenings(r, &n);
	r->now = n > 0 && list[0].at < t->now ? list[0].at : t->now;
	r->enrolled_at = r->now;
	for (size_t i = 0; i < n && list[i].at <= t->now; i++) {
		const struct happening *h = &list[i];

		wait_until(r, h->at);
		if (h->refund > 0 || h->undo)
			order_less(r, h);
		else
			fact(r, h->fact);
	}
	wait_until(r, t->now);
	give_result(r);
}

int64_t
fold_available(const struct fold *f, const char *wallet)
{
	for (size_t i = 0; i < f->npurses; i++)
		if (wallet == NULL || strcmp(f->purses[i].wallet, wallet) == 0)
			return f->purses[i].balance.available;
	return 0;
}
