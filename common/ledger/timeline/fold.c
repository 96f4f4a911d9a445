/* SPDX-License-Identifier: MIT */
/*
 * Folds one member: chooses the facts that are not refused, finds the versions
 * of the program, and refuses redemptions that are not covered.
 */
#include <stdlib.h>

#include "core/beyond.h"
#include "ledger/timeline/internal.h"

static int
compare_kept(const void *a, const void *b)
{
	return fact_compare(&((const struct kept_fact *)a)->fact,
	    &((const struct kept_fact *)b)->fact);
}

/* Gives the timeline the versions of its store's program that have come into
 * effect.  If there are too many, only the newest are given.  Returns the time
 * at which the next version takes effect. */
static int64_t
set_eras(const struct world *w, struct timeline *t)
{
	size_t n, in_effect = 0, first;
	const struct program_version *v = programs_of(
	    w->programs, w->nprograms, t->store_id, &n);
	struct era *eras;

	while (in_effect < n && v[in_effect].effective_from <= w->now)
		in_effect++;
	first = in_effect > TIMELINE_VERSIONS_MAX
	            ? in_effect - TIMELINE_VERSIONS_MAX
	            : 0;
	eras = arena_array(w->arena, in_effect - first, sizeof(*eras));
	for (size_t i = first; i < in_effect; i++)
		eras[t->neras++] = (struct era){
			.program = v[i].program,
			.version_id = v[i].version_id,
			.from = v[i].effective_from,
		};
	t->eras = eras;
	return in_effect < n ? v[in_effect].effective_from : INSTANT_NEVER;
}

/* Returns how many steps the member may still take.  The result is at least 1,
 * because 0 would mean to fold() that there is no bound. */
static int64_t
steps_left(const struct world *w, const struct timeline_member *m)
{
	int64_t left = timeline_steps_most(w) - m->steps;

	return left > 0 ? left : 1;
}

/* Folds the facts that are not refused.  index[i] becomes the place in m->facts
 * of the i-th fact that was folded.  Returns false if there is no program, or
 * if the member has taken too many steps: then m->steps is larger than
 * timeline_steps_most(). */
static bool
fold_once(const struct world *w, struct timeline_member *m, size_t *index,
    struct fold *out, struct timeline *of)
{
	struct fact *facts = arena_array(
	    w->arena, m->nfacts + 1, sizeof(*facts));
	struct timeline t = {
		.facts = facts,
		.store_id = m->store_id,
		.budgets = m->budgets,
		.nbudgets = m->nbudgets,
		.payouts = m->payouts,
		.npayouts = m->npayouts,
		.now = w->now,
		.steps_most = steps_left(w, m),
		.seam = m->seam,
		.seam_keeps = m->seam_keeps,
		.seam_lots = timeline_seam_lots(w),
	};
	int64_t next_at = set_eras(w, &t);

	if (t.neras == 0)
		return false;
	for (size_t i = 0; i < m->nfacts; i++) {
		if (!timeline_has_happened(&m->facts[i]) ||
		    fact_happens_at(&m->facts[i].fact, w->now) < m->seam.at)
			continue;
		index[t.nfacts] = i;
		facts[t.nfacts++] = m->facts[i].fact;
	}
	fold(w->arena, &t, out);
	m->steps += out->steps;
	if (out->is_cut) {
		m->steps = timeline_steps_most(w) + 1;
		return false;
	}
	if (out->is_short)
		return false;
	if (next_at < out->due_at)
		out->due_at = next_at;
	/* A member that is due at `now` itself would be folded again and again,
	 * so the member is made due a second later. */
	if (out->due_at <= w->now)
		out->due_at = w->now + INSTANT_SECOND;
	*of = t;
	return true;
}

/* ---- refusals (rule 4 of timeline.h) ------------------------------------- */

static bool
is_asking(const struct kept_fact *k)
{
	switch (k->fact.kind) {
	case FACT_REDEEM:
	case FACT_CAPTURE:
	case FACT_RELEASE:
		return k->version_id == 0;
	case FACT_ORDER:
	case FACT_EVENT:
	case FACT_ADJUST:
	case FACT_USE:
	case FACT_UNUSE:
		break;
	}
	return false;
}

/* Counts the redemptions that were accepted before, but are refused by this
 * fold. */
static size_t
refused_before(const struct timeline_member *m, const struct fold *f,
    const size_t *index, const struct fact *first)
{
	size_t n = 0;

	for (size_t i = 0; i < f->nrefusals; i++) {
		const struct fact *x = f->refusals[i].fact;

		n += x->kind == FACT_REDEEM &&
		     m->facts[index[x - first]].version_id != 0;
	}
	return n;
}

/* Marks the new redemptions, captures and releases that the fold refuses.
 * Returns true if there are any. */
static bool
mark_refused(struct timeline_member *m, const struct fold *f,
    const size_t *index, const struct fact *first)
{
	bool any = false;

	for (size_t i = 0; i < f->nrefusals; i++) {
		struct kept_fact
		    *k = &m->facts[index[f->refusals[i].fact - first]];

		if (!is_asking(k))
			continue;
		k->refused = f->refusals[i].reason;
		any = true;
	}
	return any;
}

/* Finds the newest redemption, capture or release that was not accepted before;
 * NULL: there is none. */
static struct kept_fact *
last_asking(const struct timeline_member *m)
{
	for (size_t i = m->nfacts; i > 0; i--)
		if (is_asking(&m->facts[i - 1]) &&
		    timeline_has_happened(&m->facts[i - 1]))
			return &m->facts[i - 1];
	return NULL;
}

/* Counts what refused_before() counts, but in a fold that leaves out the new
 * redemptions, captures and releases. */
static size_t
refused_without(const struct world *w, struct timeline_member *m)
{
	size_t *index = arena_array(w->arena, m->nfacts + 1, sizeof(*index));
	struct timeline_member old = *m;
	struct timeline t;
	struct fold f = { 0 };
	bool is_folded;

	old.facts = arena_array(w->arena, m->nfacts + 1, sizeof(*old.facts));
	for (size_t i = 0; i < m->nfacts; i++) {
		old.facts[i] = m->facts[i];
		if (is_asking(&old.facts[i]))
			old.facts[i].refused = "asks";
	}
	is_folded = fold_once(w, &old, index, &f, &t);
	m->steps = old.steps;
	m->fold.is_short |= f.is_short;
	m->fold.wants_lots |= f.wants_lots;
	return !is_folded ? 0 : refused_before(&old, &f, index, t.facts);
}

/* Folds again and again, and refuses new redemptions, until no new redemption
 * makes the fold refuse a redemption that was accepted before.  Returns false
 * for the same reasons as fold_once(). */
static bool
fold_accepting(const struct world *w, struct timeline_member *m)
{
	size_t *index = arena_array(w->arena, m->nfacts + 1, sizeof(*index));

	for (;;) {
		struct kept_fact *last;
		size_t n;

		if (!fold_once(w, m, index, &m->fold, &m->timeline))
			return false;
		if (mark_refused(m, &m->fold, index, m->timeline.facts))
			continue;
		last = last_asking(m);
		n = refused_before(m, &m->fold, index, m->timeline.facts);
		if (last == NULL || n == 0 || n <= refused_without(w, m) ||
		    m->fold.is_short)
			return m->steps <= timeline_steps_most(w) &&
			       !m->fold.is_short;
		last->refused = "insufficient";
	}
}

/* REJECT if a rule would give more for a fact than the largest sum that is
 * allowed. */
static int
facts_check(const struct timeline_member *m, struct err *e)
{
	for (size_t i = 0; i < m->nfacts; i++) {
		const struct fact *f = &m->facts[i].fact;
		const struct rule *r = f->program == NULL
		                           ? NULL
		                           : rule_beyond(f->program, f);

		if (r != NULL)
			return err_set(e, FAULT_REJECT,
			    "%s %s: rule %s gives more than 10^15 for what it "
			    "comes to; mend the amount, or the rule's rate",
			    f->order != NULL ? "order" : "event", f->id, r->id);
	}
	return 0;
}

/* Whether the ledger has a lot of before the member's seam that the fold does
 * not have: that lot is at the end of the seam, and an earlier fold took from the
 * lot what this fold may leave there. */
static bool
misses_lots(const struct timeline_member *m)
{
	for (size_t i = 0; i < m->nlots; i++) {
		const struct lot *l = m->lots[i].lot;
		size_t j = 0;

		if (l->earned_at >= m->seam.at)
			continue;
		while (
		    j < m->fold.nlots && m->fold.lots[j]->lot_id != l->lot_id)
			j++;
		if (j == m->fold.nlots)
			return true;
	}
	return false;
}

int
timeline_fold(
    const struct timeline_batch *b, struct timeline_member *m, struct err *e)
{
	const struct world *w = b->world;

	for (size_t i = 0; i < m->nfacts; i++)
		timeline_attach(w, &m->facts[i]);
	if (facts_check(m, e) == -1)
		return -1;
	if (m->nfacts > 1)
		qsort(m->facts, m->nfacts, sizeof(*m->facts), compare_kept);
	/* A member whom no store knows any more belongs to the store of the
	 * first fact or, without facts, to the store of an entry. */
	if (m->store_id == 0 && m->nfacts > 0)
		m->store_id = m->facts[0].fact.store_id;
	if (m->store_id == 0 && m->nposted > 0)
		m->store_id = m->posted[0].store_id;
	timeline_budgets_share(b, m);
	m->folded_at = w->now;
	m->seam_keeps = timeline_seam_keeps(b, m);
	m->folded = fold_accepting(w, m);
	if (m->fold.wants_lots || misses_lots(m)) {
		if (timeline_seam_rest(b, m, e) == -1)
			return -1;
		m->folded = fold_accepting(w, m);
	}
	timeline_budgets_use(b, m);
	return 0;
}
