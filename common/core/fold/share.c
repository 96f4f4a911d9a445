/* SPDX-License-Identifier: MIT */
/*
 * share: a share is the units that one rule gives for one occurrence.  share.c
 * posts the difference between the units that a share should have and the units
 * that it has.
 *
 *  1. A share is entitled to its own units (measure.c) or to its part of a
 *     window's sum (cell.c), as far as limits allow (limit.c).
 *  2. A change of one share may change later shares in the same window.  The
 *     difference of each share is posted: first for the shares that lose units,
 *     then for those that gain units.
 */

#include "base/instant.h"
#include "core/fold/internal.h"

/* ---- giving -------------------------------------------------------------- */

static int64_t
vests_at(const struct occurrence *o, const struct rule *rule)
{
	int64_t days = rule->pending_days >= 0 ? rule->pending_days
	                                       : o->program->pending_days;
	int64_t from = o->at;

	if (o->held)
		return INSTANT_NEVER;
	if (o->order != NULL && o->order->paid_at > from)
		from = o->order->paid_at;
	if (o->order != NULL && rule->pending_from == FROM_FULFILLED) {
		if (o->order->fulfilled_at == 0)
			return INSTANT_NEVER;
		from = o->order->fulfilled_at;
	}
	/* Without pending days the units vest at the order's own time, even if
	 * the shop's clock is ahead of ours. */
	if (days == 0 && rule->pending_from == FROM_PAID)
		return o->at;
	return from + days * INSTANT_DAY;
}

static void
donate(struct run *r, const struct grant *g)
{
	int64_t units = g->units;
	const struct post post = {
		.origin = g->origin,
		.rule = g->rule,
		.purse = purse_charity(r),
		.party = g->by->charity,
		.debit = units >= 0 ? ACCOUNT_ISSUED : ACCOUNT_CHARITY,
		.credit = units >= 0 ? ACCOUNT_CHARITY : ACCOUNT_REVERSED,
		.units = units >= 0 ? units : -units,
		.why = g->why,
	};

	post_add(r, &post);
}

/* Posts a difference in the base or in the bonus of a share. */
static void
grant(struct run *r, struct occurrence *o, struct share *s, enum part part,
    int64_t units, const struct why *why)
{
	const struct rule *by = s->rule;
	struct grant g = {
		.origin = &o->origin,
		.rule = part == PART_BONUS && s->bonus_rule != NULL
		            ? s->bonus_rule
		            : by->id,
		.by = by,
		.program = o->program,
		.earned_at = o->at,
		.units = units,
		.why = why,
		.lot = &s->lots[part],
		.newest_lot = &o->newest_lot,
	};

	if (units == 0)
		return;
	if (by->charity != NULL) {
		donate(r, &g);
		return;
	}
	g.vests_at = vests_at(o, by);
	g.purse = purse_of(r, o->program, by->wallet);
	purse_grant(r, &g);
	metric_earned(r, s, *g.lot);
}

/* ---- why ----------------------------------------------------------------- */

/* Explains a share of a window: the sum before the share, and with it. */
static void
why_window(const struct share *s, struct why *why)
{
	const struct celled *x = &s->cell->shares[s->cell_at];
	const struct fraction f = { x->boosted_before + x->boosted, MILLI };

	why->window_from = s->cell->from;
	why->sum_before = ratio_floor(x->before, 1);
	why->sum_after = ratio_floor(x->before + x->sum, 1);
	why->boosted = ratio_floor(f.n, 1);
	why->given_after = fraction_times(
	    f, x->rate.units, x->rate.per, s->rule->rounding);
}

/* Whether a line might count if its product were known. */
static bool
waits_for_product(const struct occurrence *o, const struct rule *rule)
{
	const struct filter *lines = &o->program->bases[rule->base].lines;

	for (size_t i = 0; o->order != NULL && i < o->order->nlines; i++)
		if (filter_is_unknown(lines, &o->order->lines[i]))
			return true;
	return false;
}

/* Why the rule applies in none of the tiers that the order now lies in; NULL if
 * it applies in one. */
static const char *
not_in_tier(const struct occurrence *o, const struct share *s)
{
	const char *why_not = NULL;

	for (size_t i = 0; i < s->nfacets; i++) {
		if (cross_part(o, i, false).n == 0)
			continue;
		why_not = s->facets[i].why_not;
		if (why_not == NULL)
			return NULL;
	}
	return why_not;
}

/* The fields that the rule asks for and that cannot be read, as bits. */
static int
unreadable_for(const struct occurrence *o, const struct rule *rule)
{
	const struct base *base = &o->program->bases[rule->base];
	const struct filter *lines = &base->lines;
	int bits;

	if (o->order == NULL)
		return 0;
	bits = amounts_unreadable(base, o->order);
	for (size_t i = 0; i < o->order->nlines; i++) {
		const struct order_line *l = &o->order->lines[i];

		bits |= filter_unreadable(lines, l);
		if (rule->by == PER_ITEM && filter_has(lines, l))
			bits |= l->unreadable & UNREADABLE_PIECES;
	}
	return bits;
}

/* Why nothing of an occurrence counts. */
static const char *
nothing_counts(const struct occurrence *o, const struct rule *rule)
{
	enum reason unreadable = reason_unreadable(unreadable_for(o, rule));

	if (unreadable != REASON_NONE)
		return reason_text(unreadable);
	return waits_for_product(o, rule) ? "product_unknown" : "zero_base";
}

/* Why a rule gave nothing for an occurrence. */
static const char *
reason_of(const struct occurrence *o, const struct share *s,
    const struct measure *m, const struct why *why)
{
	const char *why_not = not_in_tier(o, s);

	if (s->off != NULL)
		return s->off;
	if (why_not != NULL && !share_is_gone(o, s))
		return why_not;
	if (why->limit != 0 && why->uncapped > 0)
		return "limit_reached";
	if (share_is_gone(o, s))
		return "undone";
	if (m->left.n <= 0 && m->whole.n > 0)
		return "returned";
	if (m->left.n <= 0 && o->order != NULL &&
	    split_is_unknown(&o->program->bases[s->rule->base], o->order))
		return "split_unknown";
	if (m->left.n <= 0)
		return nothing_counts(o, s->rule);
	return why->sum_after != 0 ? "carried" : "too_small";
}

/* The counted amount as explanations show it.  With a limit per line it is
 * rounded up: rounded down, it would seem too little for the units given. */
static int64_t
boosted_milli(const struct share *s)
{
	const struct rule *r = s->rule;
	bool by_line = r->nlimits > 0 && r->limits[0].window == WINDOW_LINE;

	return fraction_times(
	    s->measure.boosted, MILLI, 1, by_line ? ROUND_CEIL : ROUND_FLOOR);
}

/* The units that the ledger should have for each part of a share: the base
 * without multipliers, and the bonus. */
static void
parts_of(const struct share *s, int64_t part[PARTS])
{
	part[PART_BASE] = s->base < s->allowed ? s->base : s->allowed;
	part[PART_BONUS] = s->allowed - part[PART_BASE];
}

static struct why *
why_of(struct run *r, const struct share *s)
{
	struct why *why = arena_alloc(r->arena, sizeof(*why));
	const struct measure m = s->measure;
	const struct rate rate = measure_rate(s->of, s->rule);
	int64_t part[PARTS];

	parts_of(s, part);
	*why = (struct why){
		.reason = "earned",
		.rule = s->rule->id,
		.base = ratio_floor(m.whole.n, m.whole.d),
		.base_left = ratio_floor(m.left.n, m.left.d),
		.units = rate.units,
		.per = rate.per,
		/* Explanations show one factor.  There is none to show if lines
		 * have factors of their own, or if the order lies in several
		 * tiers. */
		.factor = s->nfacets > 1 || s->facets[0].factors != NULL
		              ? FACTOR_ONE
		              : s->facets[0].factor,
		.tier = s->tier,
		.over = s->rule->over,
		.boosted = boosted_milli(s),
		.given_after = s->entitled,
		.uncapped = s->entitled - s->entitled_posted,
		.nmultipliers = s->nmultipliers,
	};
	for (size_t i = 0; i < s->nmultipliers; i++)
		why->multipliers[i] = s->multipliers[i]->id;
	if (s->of->exchange != NULL && s->of->exchange->rate != NULL) {
		why->currency = s->of->order->currency;
		why->rate = s->of->exchange->rate;
		why->foreign = ratio_floor(m.foreign.n, m.foreign.d);
	}
	if (s->cell != NULL)
		why_window(s, why);
	else if (s->is_again && s->rule->reversal == REVERSE_PROPORTIONAL)
		why->whole = s->whole_all;
	why->given_before = why->given_after - why->uncapped;
	why->bonus = part[PART_BONUS] - s->posted[PART_BONUS];
	why->passed = part[PART_BASE] - s->posted[PART_BASE] + why->bonus;
	why->limit = limits_cut(r, s);
	if (!s->is_again && why->passed != 0)
		return why;
	why->reason = s->entitled == 0 || why->passed == 0
	                  ? reason_of(s->of, s, &m, why)
	                  : "settled";
	if (why->uncapped == 0 && why->passed != 0)
		why->reason = "limit_moved";
	if (s->is_kept)
		why->reason = "paid_out";
	return why;
}

void
share_post_none(struct run *r, const struct occurrence *o,
    const struct rule *rule, const struct why *why)
{
	struct post post = {
		.origin = &o->origin,
		.rule = rule->id,
		.debit = ACCOUNT_ISSUED,
		.credit = ACCOUNT_AVAILABLE,
		.why = why,
	};

	post.purse = rule->charity != NULL
	                 ? purse_charity(r)
	                 : purse_of(r, o->program, rule->wallet);
	post_add(r, &post);
}

void
share_post_nothing(struct run *r, struct share *s)
{
	if (s->allowed == 0)
		share_post_none(r, s->of, s->rule, why_of(r, s));
}

/* ---- settling ------------------------------------------------------------ */

void
share_entitle(struct run *r, struct share *s)
{
	int64_t base, all;
	struct measure m;

	steps_take(r->steps, STEPS_SHARE);
	m = measure_of(s->of, s);
	s->measure = m;
	measure_units(s->of, s, &m, &base, &all);
	if (s->whole < 0) {
		s->whole = base;
		s->whole_all = all;
	}
	if (s->cell != NULL)
		cell_update(r, s, base, all);
	else
		limits_update(r, s, base, all);
}

static int64_t
difference(const struct share *s)
{
	return s->allowed - s->posted[PART_BASE] - s->posted[PART_BONUS];
}

static void
post(struct run *r, struct share *s)
{
	const struct why *why = NULL;
	int64_t part[PARTS];

	parts_of(s, part);
	if (part[PART_BASE] != s->posted[PART_BASE] ||
	    part[PART_BONUS] != s->posted[PART_BONUS]) {
		steps_take(r->steps, STEPS_SHARE);
		why = why_of(r, s);
	}
	for (int i = 0; i < PARTS; i++) {
		int64_t units = part[i] - s->posted[i];

		s->posted[i] = part[i];
		grant(r, s->of, s, (enum part)i, units, why);
	}
	if (s->most < s->allowed)
		s->most = s->allowed;
	s->entitled_posted = s->entitled;
	s->is_again = true;
	s->is_changed = false;
}

/* 2. Posts the differences, first of the shares that lose units. */
void
shares_post(struct run *r)
{
	for (size_t i = r->nchanged; i-- > 0;)
		if (difference(r->changed[i]) < 0)
			post(r, r->changed[i]);
	for (size_t i = 0; i < r->nchanged; i++)
		if (r->changed[i]->is_changed)
			post(r, r->changed[i]);
	r->nchanged = 0;
}
