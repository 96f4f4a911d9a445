/* SPDX-License-Identifier: MIT */
/*
 * Charities that were paid what they were owed:
 *
 *  1. A payout is of everything that was given up to its instant, that
 *     included.  What it was of cannot be taken back, as a charity does not
 *     give money back.
 *  2. A rule's donation stays as far as it was paid out, whatever becomes of
 *     its order: that is the shop's loss, and neither the member's nor the
 *     next donations'.  This is so as well where it becomes known only after
 *     the payout that less was left before it: the payout was of more.
 *  3. A redemption whose gift was paid out is not released.
 */
#include <string.h>

#include "base/instant.h"
#include "core/fold_run.h"

/* What is given at the instant of a payout comes before it. */
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

/* What a charity has of the member now. */
static int64_t
given_to(const struct run *r, const char *charity)
{
	int64_t sum = 0;

	for (size_t i = 0; i < r->nmovements; i++) {
		const struct movement *m = &r->movements[i];

		if (m->party == NULL || strcmp(m->party, charity) != 0)
			continue;
		if (m->credit == ACCOUNT_CHARITY)
			sum += m->units;
		if (m->debit == ACCOUNT_CHARITY)
			sum -= m->units;
	}
	return sum;
}

/* What it was paid by the payouts so far; 0 if that is not known of all. */
static int64_t
paid_to(const struct run *r, const char *charity)
{
	int64_t sum = 0;

	for (size_t i = 0; i < r->npaid; i++) {
		const struct payout *p = &r->timeline->payouts[i];

		if (strcmp(p->charity, charity) != 0)
			continue;
		if (!p->is_posted)
			return 0;
		sum += p->units;
	}
	return sum;
}

/* 2.: a share has so many units more again, as far as it ever had them. */
static int64_t
give_again(struct run *r, struct share *s, int64_t units)
{
	int64_t had = s->paid[PART_BASE] + s->paid[PART_BONUS];

	if (units > s->most - had)
		units = s->most - had;
	s->paid[PART_BASE] += units;
	limits_tell(r, s, s->base, s->entitled);
	return units;
}

/* 2. */
static void
pay(struct run *r, const char *charity)
{
	int64_t missing = paid_to(r, charity) - given_to(r, charity);

	for (size_t i = r->noccurrences; i-- > 0;)
		for (size_t j = 0; j < r->occurrences[i]->nshares; j++) {
			struct share *s = &r->occurrences[i]->shares[j];

			if (!is_for(s, charity))
				continue;
			memcpy(s->paid, s->posted, sizeof(s->paid));
			if (missing > 0)
				missing -= give_again(r, s, missing);
		}
	shares_post(r);
}

void
payouts_due(struct run *r)
{
	while (payouts_due_at(r) <= r->now)
		pay(r, r->timeline->payouts[r->npaid++].charity);
}

void
payouts_keep(struct share *s, int64_t *base, int64_t *all)
{
	int64_t paid = s->paid[PART_BASE] + s->paid[PART_BONUS];

	s->is_kept = *all < paid;
	if (*base < s->paid[PART_BASE])
		*base = s->paid[PART_BASE];
	if (*all < paid)
		*all = paid;
}

/* 3. */
bool
payouts_have(const struct run *r, const struct redemption *d)
{
	const struct timeline *t = r->timeline;

	if (d->where != ACCOUNT_CHARITY && d->donated == 0)
		return false;
	for (size_t i = 0; i < t->npayouts; i++)
		if (t->payouts[i].at >= d->fact->at &&
		    strcmp(t->payouts[i].charity, d->fact->charity) == 0)
			return true;
	return false;
}
