/* SPDX-License-Identifier: MIT */
/*
 * taking: undoes takings, which are the times that a rule took units of one
 * wallet to give units (its gift) in another.  Takings are undone when units
 * have to be taken back that a rule has already taken.
 *
 *  1. First come the takings of exactly these units whose gift expired unused:
 *     nobody misses the gift.  Then come the newest takings, as far as their
 *     gifts are unused.  A rule whose on_refund keeps what it gave also keeps
 *     what it took.
 */
#include <string.h>

#include "core/fold/internal.h"

const struct why *
taking_why(struct run *r, const struct taking *t, int64_t before)
{
	struct why *why = arena_alloc(r->arena, sizeof(*why));

	*why = (struct why){
		.reason = "taken",
		.rule = t->rule->id,
		.base = t->units,
		.base_left = t->units,
		.units = t->rate.units,
		.per = t->rule->by == PER_MONEY ? t->rate.per
		                                : t->rule->take_each,
		.factor = FACTOR_ONE,
		.tier = r->tier,
		.over = WINDOW_ORDER,
		.given_before = before,
		.given_after = t->given,
		.uncapped = t->given - before,
		.passed = t->given - before,
	};
	return why;
}

/* The units that are left of a taking's gift, or, if `expired`, those that
 * expired. */
static int64_t *
left_of(const struct taking *t, bool expired)
{
	return expired ? &t->lot->expired : &t->lot->lot.remaining;
}

/* A taking may take `take_each` units several times at once.  Returns how many
 * of these times can be undone. */
static int64_t
undoable(const struct taking *t, bool expired)
{
	int64_t left = t->lot != NULL ? *left_of(t, expired) : 0;

	if (t->times == 0)
		return 0;
	if (t->given == 0)
		return t->times;
	if (left >= t->given)
		return t->times;
	return ratio_floor(ratio_mul(left, t->times), t->given);
}

/* The units by which a taking's gift shrinks if `times` of its times are
 * undone.  The rest of the gift is what the other times would have given
 * alone. */
static int64_t
given_less(const struct taking *t, int64_t times)
{
	return t->given -
	       ratio_floor(ratio_mul(t->given, t->times - times), t->times);
}

static void
draws_count(const struct draws *d, int sign)
{
	for (size_t i = 0; i < d->n; i++)
		d->list[i].lot->taken += sign * d->list[i].units;
}

static void
undo(struct run *r, struct taking *t, int64_t times, bool expired)
{
	int64_t given = given_less(t, times);
	int64_t units = t->rule->take_each * times;
	const struct occurrence o = {
		.program = run_program(r),
		.at = t->at,
		.tier_year_from = t->tier_year_from,
	};
	struct post post = {
		.origin = &t->origin,
		.rule = t->rule->id,
		.debit = ACCOUNT_AVAILABLE,
		.credit = ACCOUNT_REVERSED,
		.units = given,
		.lot = t->lot,
	};

	t->times -= times;
	t->given -= given;
	t->units -= units;
	post.why = taking_why(r, t, t->given + given);
	if (t->lot != NULL) {
		post.purse = t->lot->purse;
		if (expired)
			post.debit = ACCOUNT_EXPIRED;
		else if (!t->lot->lot.vested)
			post.debit = ACCOUNT_PENDING;
		*left_of(t, expired) -= given;
		post_add(r, &post);
		limits_use(r, t->rule, &o, -given);
	}
	draws_count(&t->draws, -1);
	lots_return(r, &t->draws, units);
	draws_count(&t->draws, 1);
	post.purse = t->from;
	post.debit = ACCOUNT_REDEEMED;
	post.credit = ACCOUNT_AVAILABLE;
	post.units = units;
	post.lot = NULL;
	post_add(r, &post);
}

/* Undoes later takings that took the gift of this taking. */
static void
undo_what_followed(struct run *r, struct taking *t, int64_t times)
{
	int64_t missing;

	if (t->lot == NULL || t->times == 0 || t->is_undone)
		return;
	if (times > t->times)
		times = t->times;
	missing = given_less(t, times) - t->lot->lot.remaining;
	if (missing <= 0)
		return;
	/* Rules may feed one another in a circle: without the flag, the same
	 * taking would be undone again meanwhile. */
	t->is_undone = true;
	takings_undo(r, t->lot->purse, t->lot->lot.source_id, missing);
	t->is_undone = false;
}

static bool
stays(const struct taking *t)
{
	return t->rule->reversal == REVERSE_NONE;
}

/* Undoes a taking as often as is needed to give the wallet back `units` units.
 * Returns how many units the wallet got back. */
static int64_t
undo_for(struct run *r, struct taking *t, int64_t units, bool expired)
{
	int64_t each = t->rule->take_each;
	int64_t times = (units + each - 1) / each, can;

	if (!expired)
		undo_what_followed(r, t, times);
	can = undoable(t, expired);
	if (times > can)
		times = can;
	if (times > 0)
		undo(r, t, times, expired);
	return times * each;
}

/* Whether a taking took units of a lot with this source id. */
static bool
took_of(const struct taking *t, const char *source_id)
{
	for (size_t i = 0; i < t->draws.n; i++)
		if (strcmp(t->draws.list[i].lot->lot.source_id, source_id) == 0)
			return true;
	return false;
}

void
takings_add(struct run *r, const struct taking *t)
{
	struct taking *to;

	r->takings = arena_grow(r->arena, r->takings, r->ntakings,
	    &r->takings_room, sizeof(*r->takings));
	to = &r->takings[r->ntakings++];
	*to = *t;
	draws_count(&to->draws, 1);
	if (stays(to))
		return;
	to->older = to->from->newest_taking;
	to->from->newest_taking = r->ntakings;
	if (to->lot != NULL)
		to->lot->gift_for = to->from;
}

/* Finds the taking at a place in the list of a purse, or the next older one,
 * without those that are undone altogether: these leave the list. */
static struct taking *
taking_at(struct run *r, size_t *at)
{
	while (*at != 0 && r->takings[*at - 1].times == 0)
		*at = r->takings[*at - 1].older;
	steps_take(r->steps, STEPS_LINK);
	return *at == 0 ? NULL : &r->takings[*at - 1];
}

/* 1. Takings whose gifts expired unused are undone first. */
void
takings_undo(
    struct run *r, struct purse_state *p, const char *source_id, int64_t units)
{
	struct taking *t = NULL;

	r->is_short |= r->lacks;
	if (p->gifts_expired)
		t = taking_at(r, &p->newest_taking);
	for (; t != NULL && units > 0; t = taking_at(r, &t->older)) {
		if (t->lot == NULL || t->lot->expired == 0)
			continue;
		steps_take(r->steps, t->draws.n);
		if (took_of(t, source_id))
			units -= undo_for(r, t, units, true);
	}
	t = taking_at(r, &p->newest_taking);
	for (; t != NULL && units > 0; t = taking_at(r, &t->older))
		units -= undo_for(r, t, units, false);
}
