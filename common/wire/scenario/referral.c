/* SPDX-License-Identifier: MIT */
/* Judges the referrals of a test among all its members, as
 * ledger/timeline/referral.c does for the ledger. */
#include <string.h>

#include "core/referral.h"
#include "wire/scenario/internal.h"
#include "wire/shop/events.h"

bool
staged_referred(struct stage *g, const struct staged *s, struct staged *out)
{
	if (s->referral == NULL)
		return false;
	*out = *s;
	out->member = s->friend;
	out->fact.type = "referred";
	out->fact.id = arena_printf(
	    &g->arena, "%s" REFERRED_AFTER, s->referral);
	return true;
}

static bool
is_referral(const struct staged *s)
{
	return s->referral != NULL && s->referral == s->fact.id;
}

static struct referral
referral_of(const struct stage *g, const struct staged *s)
{
	const struct fact *f = &s->fact;
	struct referral r = {
		.at = f->at,
		.store_id = f->store_id,
		.id = f->id,
		.referrer = (int64_t)s->member + 1,
		.friend = (int64_t)s->friend + 1,
		.is_tied = f->tied_to != NULL,
	};

	for (size_t i = 0; r.is_tied && i < g->nfacts; i++) {
		const struct staged *x = &g->facts[i];

		if (x->fact.kind != FACT_ORDER ||
		    strcmp(x->fact.id, f->tied_to) != 0)
			continue;
		r.order = &x->fact;
		r.ordered_by = (int64_t)x->member + 1;
	}
	return r;
}

/* Writes the verdict into both facts of the referral, the referrer's and the
 * friend's. */
static void
tell(struct stage *g, const struct referral *r)
{
	for (size_t i = 0; i < g->nfacts; i++) {
		struct staged *s = &g->facts[i];

		if (s->referral == NULL || strcmp(s->referral, r->id) != 0)
			continue;
		s->fact.nothing = r->nothing;
		s->fact.undone_at = r->undone_at;
	}
}

void
stage_judge(struct stage *g)
{
	struct referral *list = arena_array(
	    &g->scratch, g->nfacts + 1, sizeof(*list));

	for (size_t friend = 0; friend < g->scenario->nmembers; friend ++) {
		size_t n = 0;

		for (size_t i = 0; i < g->nfacts; i++)
			if (is_referral(&g->facts[i]) &&
			    g->facts[i].friend == friend)
				list[n++] = referral_of(g, &g->facts[i]);
		referrals_judge(&g->scratch, list, n);
		for (size_t i = 0; i < n; i++)
			tell(g, &list[i]);
	}
}
