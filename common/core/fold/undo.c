/* SPDX-License-Identifier: MIT */
/*
 * undo: events that undo another event of the same store and member.
 *
 *  1. An undoing takes effect at its own time, but never before the event that
 *     it undoes.  Which of the two became known first does not matter.
 *  2. From that time on, rules take back what they gave for the event, as for
 *     an order that is returned as a whole.  Limits, sums and tiers, and
 *     conditions on the time since such an event, no longer count the event.  A
 *     rule whose on_refund keeps what it gave takes nothing back.
 *  3. Facts of the member (profile, consent, membership) cannot be undone: a
 *     newer event of the same type replaces them.
 */
#include <string.h>

#include "core/fold/internal.h"

static bool
is_undo(const struct fact *f)
{
	return f->kind == FACT_EVENT && f->of != NULL &&
	       strcmp(f->type, EVENT_UNDO) == 0;
}

/* 3. Facts of the member cannot be undone. */
static bool
can_be_undone(const struct fact *f)
{
	static const char *const lasting[] = { "enrolment", "profile",
		"consent", "chosen_day", "membership_started",
		"membership_payment", "membership_cancelled" };

	for (size_t i = 0; i < NITEMS(lasting); i++)
		if (strcmp(f->type, lasting[i]) == 0)
			return false;
	return !is_undo(f);
}

const struct fact *
undo_target(struct run *r, const struct fact *f)
{
	return is_undo(f) ? run_fact(r, FACT_EVENT, f->store_id, f->of) : NULL;
}

/* 2. Sets when an event of this type last happened, without undone events. */
static void
since_again(struct run *r, const char *type)
{
	struct member_view *v = &r->view;
	int64_t at = INT64_MIN;
	size_t i = 0;

	steps_take(r->steps, r->noccurrences + v->nevents);
	r->is_short |= r->is_resumed;
	for (size_t j = 0; j < r->noccurrences; j++) {
		const struct occurrence *o = r->occurrences[j];

		if (o->order == NULL && o->fact != NULL && !o->undone &&
		    strcmp(o->fact->type, type) == 0 && o->at > at)
			at = o->at;
	}
	while (i < v->nevents && strcmp(v->events[i].type, type) != 0)
		i++;
	if (i < v->nevents && at != INT64_MIN)
		v->events[i].at = at;
	else if (i < v->nevents)
		v->events[i] = v->events[--v->nevents];
}

static void
undo(struct run *r, struct occurrence *o)
{
	o->undone = true;
	since_again(r, o->fact->type);
	earn_again(r, o);
	metric_update(r, o);
	tier_update(r, true);
}

/* Undoes an event, or a referral whose order was undone (core/referral.h). */
void
undo_event(struct run *r, const struct happening *h)
{
	struct occurrence *o = run_placed(r, h->fact)->occurrence;
	const char *reason = NULL;

	if (!can_be_undone(h->fact))
		reason = "cannot_be_undone";
	else if (o == NULL)
		reason = "no_such_event";
	else if (o->undone)
		reason = "undone_already";
	else
		undo(r, o);
	if (reason != NULL && h->by != NULL)
		run_refuse(r, h->by, reason);
}
