/* SPDX-License-Identifier: MIT */
/* Works out the points that the ledger should have for each order of a batch,
 * and makes the missing postings.  Orders of members with a timeline are only
 * marked, so that the fold decides their points. */
#include <assert.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "core/beyond.h"
#include "core/tally.h"
#include "ledger/batch/internal.h"

/* Makes sure that each rule that gives points to the order's member has a
 * struct holding. */
static void
make_holdings(struct arena *a, struct order_news *s)
{
	size_t most = s->nholdings + s->decision.nawards;
	struct holding *all = arena_array(a, most + 1, sizeof(*all));
	size_t n = s->nholdings;

	if (n > 0)
		memcpy(all, s->holdings, n * sizeof(*all));
	for (size_t i = 0; i < s->decision.nawards; i++) {
		const struct award *w = &s->decision.awards[i];
		size_t j = 0;

		while (
		    j < s->nholdings && (all[j].member_id != s->member_id ||
		                            strcmp(all[j].rule, w->rule) != 0))
			j++;
		if (j == s->nholdings && w->points > 0)
			all[n++] = (struct holding){
				.member_id = s->member_id,
				.rule = w->rule,
				.lot.fresh = true,
			};
	}
	s->holdings = all;
	s->nholdings = s->holdings_room = n;
}

/* Finds the points that the holding's rule should have given for the order.
 * The result is no points if the holding and the order belong to different
 * members, or if the program no longer has the rule. */
static const struct award *
should_have(const struct order_news *s, const struct holding *h)
{
	static const struct award nothing;

	if (s->member_id == 0 || h->member_id != s->member_id)
		return &nothing;
	for (size_t i = 0; i < s->decision.nawards; i++)
		if (strcmp(s->decision.awards[i].rule, h->rule) == 0)
			return &s->decision.awards[i];
	return &nothing;
}

/* Explains why points are given or taken back.  The explanation is saved,
 * because it cannot be worked out any more once the order has changed. */
static const struct why *
why_of(struct arena *a, const struct order_news *s, const struct holding *h,
    const struct award *w)
{
	struct why *why = arena_alloc(a, sizeof(*why));

	*why = (struct why){
		.reason = h->points == 0 ? "earned" : "settled",
		.rule = h->rule,
		.base = w->base,
		.base_left = w->base_left,
		.factor = FACTOR_ONE,
		.over = WINDOW_ORDER,
		.boosted = w->left_milli,
		.given_before = h->points,
		.given_after = w->points,
		.uncapped = w->points - h->points,
		.passed = w->points - h->points,
	};
	if (w->rate != NULL) {
		why->currency = s->order.currency;
		why->rate = w->rate;
		why->foreign = w->foreign;
	}
	if (w->by != NULL) {
		why->units = w->by->units;
		why->per = w->by->per;
	}
	if (w->points == 0 && s->decision.reason != REASON_EARNED)
		why->reason = reason_text(s->decision.reason);
	return why;
}

/* Sets the date at which a pending lot becomes available, since a change of the
 * order may have changed this date. */
static void
move_date(
    struct plain_lot *l, const struct order_news *s, const struct holding *h)
{
	if (h->member_id != s->member_id || l->vested)
		return;
	l->changed |= !l->fresh && l->vests_at != s->decision.vests_at;
	l->vests_at = s->decision.vests_at;
}

static int
settle_holding(const struct world *w, struct batch *b, struct order_news *s,
    struct holding *h, struct err *e)
{
	const struct award *award = should_have(s, h);
	int64_t more = award->points - h->points;
	struct balance *account;
	struct posting posting;

	move_date(&h->lot, s, h);
	if (more == 0)
		return 0;
	account = &balance_of(b, s->store->tenant_id, h->member_id)->now;
	assert(h->lot.remaining == h->points && account->debt == 0);
	if (account->available + account->pending + more > UNITS_MAX)
		return err_set(e, FAULT_REJECT,
		    "order %" PRId64 ": member %" PRId64 " would have more "
		    "than 10^15 points",
		    s->order.id, h->member_id);
	posting = settle(&h->lot, award->points, w->now, account);
	b->entries = arena_grow(w->arena, b->entries, b->nentries,
	    &b->entries_room, sizeof(*b->entries));
	b->entries[b->nentries++] = (struct entry){
		.news = s,
		.holding = h,
		.part = ++s->parts,
		.posting = posting,
		.why = why_of(w->arena, s, h, award),
	};
	h->points = award->points;
	return 0;
}

/* Sorts holdings that have points first.  If an order moves to another member,
 * points are thus taken from the old member before the new member gets any. */
static int
compare_holdings(const void *a, const void *b)
{
	const struct holding *x = a, *y = b;

	if ((x->points > 0) != (y->points > 0))
		return x->points > 0 ? -1 : 1;
	if (x->member_id != y->member_id)
		return x->member_id < y->member_id ? -1 : 1;
	return strcmp(x->rule, y->rule);
}

static int
decide_order(
    const struct world *w, struct batch *b, struct order_news *s, struct err *e)
{
	const struct program_version *v = programs_find(w->programs,
	    w->nprograms, s->store->store_id, s->version_id,
	    s->order.created_at);
	const struct decide_ask ask = {
		.currency = s->store->currency,
		/* An order that has earned points keeps the points, even if the
		 * store's start (earn_from) is set to a later time. */
		.since = s->version_id == 0 ? s->store->earn_from : 0,
		.held = s->held,
		.tallies = s->order.nrefunds > 0
		               ? tallies_new(w->arena, &s->order)
		               : NULL,
	};
	const struct rule *beyond;

	if (v == NULL) {
		s->decision.reason = REASON_NO_PROGRAM;
		return 0;
	}
	beyond = rule_beyond(v->program,
	    &(struct fact){ .kind = FACT_ORDER, .order = &s->order });
	if (beyond != NULL)
		return err_set(e, FAULT_REJECT,
		    "order %" PRId64 ": rule %s gives more than 10^15 for "
		    "what it comes to; mend the amount, or the rule's rate",
		    s->order.id, beyond->id);
	s->decision.awards = arena_array(
	    w->arena, v->program->nrules, sizeof(*s->decision.awards));
	decide(v->program, &ask, &s->order, &s->decision);
	/* If the program has no pending days, a shop's clock that is ahead of
	 * ours must not delay the points. */
	if (v->program->pending_days == 0 && !s->held &&
	    s->decision.vests_at > w->now)
		s->decision.vests_at = w->now;
	if (s->member_id == 0) {
		s->decision.points = 0;
		if (s->decision.reason == REASON_EARNED)
			s->decision.reason = REASON_ANONYMOUS;
	}
	make_holdings(w->arena, s);
	if (s->nholdings > 1)
		qsort(s->holdings, s->nholdings, sizeof(*s->holdings),
		    compare_holdings);
	for (size_t i = 0; i < s->nholdings; i++)
		if (settle_holding(w, b, s, &s->holdings[i], e) == -1)
			return -1;
	if (s->parts > 0) {
		s->version_id = v->version_id;
		s->revision++;
	}
	return 0;
}

/* True if a lot of the order no longer holds all points that the order gave, or
 * its member has fewer.
 * Spending takes points from a lot, but also gives the member a timeline, so
 * for a member without a timeline the result should be false.  If it is true
 * all the same, the fold must decide the order, because decide() cannot take
 * back points that were spent. */
static bool
is_short(const struct batch *b, const struct order_news *s)
{
	for (size_t i = 0; i < s->nholdings; i++) {
		const struct holding *h = &s->holdings[i];
		const struct balance *had = &balance_of(
		    b, s->store->tenant_id, h->member_id)
		                                 ->before;

		if (h->lot.remaining != h->points ||
		    h->points > had->available + had->pending)
			return true;
	}
	return false;
}

/* True if the fold must decide the order's points, and not decide().  A reason
 * is that a program of the tenant looks beyond one order.  Another reason is
 * that the order's present or former member has a timeline, owes points or has
 * spent some of the order's points.  If true, marks both members as folded,
 * that is, as members with a timeline. */
static bool
is_for_timelines(const struct world *w, struct batch *b, struct order_news *s)
{
	int64_t members[] = { s->member_id, s->held_by };
	struct member_balance *accounts[NITEMS(members)];
	bool folded = programs_look_back(
	                  w->programs, w->nprograms, s->store->store_id) ||
	              is_short(b, s);

	for (size_t i = 0; i < NITEMS(members); i++) {
		accounts[i] = members[i] == 0
		                  ? NULL
		                  : balance_of(
		                        b, s->store->tenant_id, members[i]);
		folded |= accounts[i] != NULL &&
		          (accounts[i]->folded || accounts[i]->before.debt > 0);
	}
	for (size_t i = 0; i < NITEMS(members); i++)
		if (folded && accounts[i] != NULL)
			accounts[i]->folded = true;
	if (s->reason == NULL || s->member_id == 0)
		s->reason = reason_text(s->order.modified_at == 0
		                            ? REASON_NO_ORDER_YET
		                        : s->member_id == 0 ? REASON_ANONYMOUS
		                                            : REASON_NONE);
	return folded;
}

/* Marks the members of new facts as folded, that is, as members with a
 * timeline.  An event needs a timeline only if a program of the tenant looks
 * beyond one order.  Every other fact always needs a timeline. */
static void
mark_facts(const struct world *w, struct batch *b)
{
	for (size_t i = 0; i < b->nfacts; i++) {
		const struct fact_news *f = &b->facts[i];

		if (!f->unchanged && (f->told->fact.kind != FACT_EVENT ||
		                         programs_look_back(w->programs,
		                             w->nprograms, f->store->store_id)))
			balance_of(b, f->store->tenant_id, f->member_id)
			    ->folded = true;
	}
}

struct member_key *
batch_folded(struct arena *a, const struct batch *b, size_t *n)
{
	struct member_key *keys = arena_array(
	    a, b->nbalances + 1, sizeof(*keys));

	*n = 0;
	for (size_t i = 0; i < b->nbalances; i++)
		if (b->balances[i].folded)
			keys[(*n)++] = b->balances[i].key;
	return keys;
}

int
batch_decide(const struct world *w, struct batch *b, struct err *e)
{
	mark_facts(w, b);
	for (size_t i = 0; i < b->norders; i++) {
		struct order_news *s = &b->orders[i];

		if (!s->unchanged)
			s->folded = is_for_timelines(w, b, s);
	}
	for (size_t i = 0; i < b->norders; i++) {
		struct order_news *s = &b->orders[i];

		if (!s->unchanged && !s->folded &&
		    decide_order(w, b, s, e) == -1)
			return -1;
	}
	return 0;
}
