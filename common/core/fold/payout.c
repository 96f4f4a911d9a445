/* SPDX-License-Identifier: MIT */
/*
 * payout: payouts to charities.
 *
 *  1. A payout covers everything that was given up to its instant, gifts at
 *     that very instant included.  No payout is taken back, since a charity
 *     does not give money back.
 *  2. Donations of a rule that were paid out stay, even if their order is
 *     refunded later.  The shop bears that loss: neither the member nor later
 *     donations pay for it.  A late report may show that less was left of an
 *     order at the time of the payout.  Then the payout was too large, and
 *     stays.  A late report may also show that more was left.  Then the payout
 *     was too small: the rest is still owed to the charity, and is taken back
 *     if its order is.  The orders that were reported again since the payout
 *     are taken as the cause of the difference, then the newest orders.
 *  3. A redemption whose gift was paid out is not released (redeem.c).
 */
#include <string.h>

#include "base/instant.h"
#include "core/fold/internal.h"

enum {
	TOLD_ANEW = 2, /* the highest answer of told_anew() */
};

/* A payout is one instant later than its own time, so that gifts of the same
 * instant come first. */
int64_t
payouts_due_at(const struct run *r)
{
	const struct timeline *t = r->timeline;

	return r->npaid < t->npayouts ? t->payouts[r->npaid].at + 1
	                              : INSTANT_NEVER;
}

static bool
is_for(const struct share *s, const char *charity)
{
	return s->rule->charity != NULL &&
	       strcmp(s->rule->charity, charity) == 0;
}

int64_t
movements_given(const struct movement *list, size_t n, const char *charity)
{
	int64_t sum = 0;

	for (size_t i = 0; i < n; i++) {
		const struct movement *m = &list[i];

		if (m->party == NULL || strcmp(m->party, charity) != 0)
			continue;
		if (m->credit == ACCOUNT_CHARITY)
			sum += m->units;
		if (m->debit == ACCOUNT_CHARITY)
			sum -= m->units;
	}
	return sum;
}

/* By how many units the payouts so far exceed the member's gifts to a charity.
 * Below zero: the payouts are smaller.  0: equal, or not known. */
static int64_t
paid_beyond(const struct run *r, const char *charity)
{
	int64_t sum = 0;
	bool moved = false;

	steps_take(r->steps, r->npaid + r->nmovements);
	for (size_t i = 0; i < r->npaid; i++) {
		const struct payout *p = &r->timeline->payouts[i];

		if (strcmp(p->charity, charity) != 0)
			continue;
		if (!p->is_posted)
			return 0;
		sum += p->units;
		moved |= p->moved;
	}
	sum -= movements_given(r->movements, r->nmovements, charity);
	return sum < 0 && moved ? 0 : sum;
}

static int64_t
sum_of(const int64_t part[PARTS])
{
	return part[PART_BASE] + part[PART_BONUS];
}

/* 2. Counts up to `units` units more of a share as paid out, but no more in all
 * than the share ever had. */
static int64_t
give_again(struct run *r, struct share *s, int64_t units)
{
	int64_t had = sum_of(s->paid);

	if (units > s->most - had)
		units = s->most - had;
	s->paid[PART_BASE] += units;
	limits_update(r, s, s->base, s->entitled);
	return units;
}

/* 2. Marks the units of a share as paid out, but leaves out up to `units` of
 * those that came since the last payout.  Returns how many were left out. */
static int64_t
pay_less(struct share *s, int64_t units)
{
	int64_t since = sum_of(s->posted) - sum_of(s->paid);
	int64_t bonus;

	if (units > since)
		units = since > 0 ? since : 0;
	memcpy(s->paid, s->posted, sizeof(s->paid));
	bonus = units < s->paid[PART_BONUS] ? units : s->paid[PART_BONUS];
	s->paid[PART_BONUS] -= bonus;
	s->paid[PART_BASE] -= units - bonus;
	return units;
}

/* 2. How likely it is that the order was worth less at the payout of `since`.
 * 0: the shop has not reported the order since.  1: the shop has, for a return
 * or a cancellation.  TOLD_ANEW: the shop has, for another reason. */
static int
told_anew(const struct run *r, const struct order *o, int64_t since)
{
	if (o == NULL || o->modified_at <= since)
		return 0;
	if (o->cancelled_at > since || o->deleted_at > since)
		return 1;
	steps_take(r->steps, o->nrefunds);
	for (size_t i = 0; i < o->nrefunds; i++)
		if (o->refunds[i].at > since)
			return 1;
	return TOLD_ANEW;
}

/* 2. Spreads `beyond`, the units paid out in excess (below zero: paid too
 * little), over the orders for which told_anew() returns `told`.  Returns the
 * part of `beyond` that is still to be spread. */
static int64_t
pay_shares(struct run *r, const struct payout *p, int told, int64_t beyond)
{
	for (size_t i = r->noccurrences; i-- > 0;) {
		struct occurrence *o = r->occurrences[i];

		steps_take(r->steps, 1 + o->nshares);
		if (told_anew(r, o->order, p->at) != told)
			continue;
		for (size_t j = 0; j < o->nshares; j++) {
			struct share *s = &o->shares[j];

			if (!is_for(s, p->charity))
				continue;
			beyond += pay_less(s, beyond < 0 ? -beyond : 0);
			if (beyond > 0)
				beyond -= give_again(r, s, beyond);
		}
	}
	return beyond;
}

static void
pay(struct run *r, const struct payout *p)
{
	int64_t beyond = paid_beyond(r, p->charity);

	for (int told = TOLD_ANEW; told >= 0; told--)
		beyond = pay_shares(r, p, told, beyond);
	shares_post(r);
}

void
payouts_due(struct run *r)
{
	while (payouts_due_at(r) <= r->now)
		pay(r, &r->timeline->payouts[r->npaid++]);
}
