/* SPDX-License-Identifier: MIT */
/*
 * limit: how many units of each share the limits of a rule let through.
 *
 *  1. In each window a limit lets a number of units through.  Earlier shares
 *     come first.
 *  2. When a refund makes a share smaller, later shares get units that the
 *     limit kept from them before.  Each share then has the units that it would
 *     have if the refunded order had been smaller from the beginning.
 *  3. The units of a share pass the limits of its rule one after the other.
 *  4. The units of the rule itself pass first, then those of its multipliers.
 *  5. With REVERSE_PROPORTIONAL a refund takes back a part of the units that
 *     the limits allowed, not a part of the units before limits.
 */
#include <string.h>

#include "core/fold/internal.h"

static struct gate *
gate_at(struct run *r, const struct rule *rule, const struct limit *l,
    const struct occurrence *o)
{
	const void *owner = l->window == WINDOW_ORDER ? o : NULL;
	int64_t from = window_from(r, l->window, o);
	struct rule_sums *sums = window_sums(r, rule->id, from, owner);
	struct gate *g;

	for (g = sums->gates; g != NULL; g = g->next) {
		steps_take(r->steps, STEPS_LINK);
		if (g->window == l->window && g->of_program == l->of_program)
			return g;
	}
	g = arena_alloc(r->arena, sizeof(*g));
	*g = (struct gate){
		.next = sums->gates,
		.window = l->window,
		.of_program = l->of_program,
	};
	sums->gates = g;
	return g;
}

/* Finds the units that a limit lets through; of a limit on all members
 * together, only those that the budget leaves for this member. */
static int64_t
most_of(const struct run *r, const struct rule *rule, const struct limit *l)
{
	const struct timeline *t = r->timeline;

	for (size_t i = 0; l->of_program && i < t->nbudgets; i++)
		if (strcmp(t->budgets[i].rule, rule->id) == 0)
			return t->budgets[i].left;
	return l->most;
}

/* ---- shares -------------------------------------------------------------- */

void
limits_join(struct run *r, struct share *s)
{
	const struct rule *rule = s->rule;

	if (rule->nlimits == 0)
		return;
	s->claims = arena_array(r->arena, rule->nlimits, sizeof(*s->claims));
	for (size_t i = 0; i < rule->nlimits; i++) {
		struct gate *g = gate_at(r, rule, &rule->limits[i], s->of);

		g->claims = arena_grow(
		    r->arena, g->claims, g->n, &g->room, sizeof(*g->claims));
		s->claims[i] = (struct claim_place){ g, g->n };
		g->claims[g->n++] = (struct claim){
			.share = s, .limit = i, .before = g->total
		};
		g->is_proportional |= rule->reversal == REVERSE_PROPORTIONAL;
	}
}

static void pass_on(
    struct run *r, struct share *s, size_t limit, int64_t units);

/* Works out the units that a limit lets a claim have, after the `total` of the
 * claims before it. */
static int64_t
room_for(const struct run *r, const struct claim *c, int64_t total)
{
	const struct rule *rule = c->share->rule;
	int64_t room = most_of(r, rule, &rule->limits[c->limit]) - total;

	if (room < 0)
		room = 0;
	/* 5. The room was for the share before its refunds; what is left of the
	 * share gets the same part of the room. */
	room = share_proportion(c->share, room, rule->rounding);
	return c->wanted < room ? c->wanted : room;
}

/* 1. and 2. Allots the room of a gate to the claim at `at` and to later
 * claims, until nothing changes for those that follow. */
static void
allot(struct run *r, struct gate *g, size_t at)
{
	int64_t total = g->claims[at].before;

	for (size_t i = at; i < g->n; i++) {
		struct claim *c = &g->claims[i];
		int64_t given;

		if (i > at && total == c->before && !g->is_proportional)
			return;
		steps_take(r->steps, STEPS_LINK);
		c->before = total;
		given = room_for(r, c, total);
		total += given;
		if (given == c->given)
			continue;
		g->total += given - c->given;
		c->given = given;
		pass_on(r, c->share, c->limit + 1, given);
	}
}

static void
mark_changed(struct run *r, struct share *s)
{
	if (s->is_changed)
		return;
	s->is_changed = true;
	r->changed = arena_grow(r->arena, r->changed, r->nchanged,
	    &r->changed_room, sizeof(struct share *));
	r->changed[r->nchanged++] = s;
}

/* 3. Passes the units of a share through its limits, from the given limit
 * on. */
static void
pass_on(struct run *r, struct share *s, size_t limit, int64_t units)
{
	struct claim_place *p;

	/* measure.c has already applied the limits per line. */
	while (limit < s->rule->nlimits &&
	       s->rule->limits[limit].window == WINDOW_LINE)
		limit++;
	if (limit == s->rule->nlimits) {
		if (s->allowed != units)
			mark_changed(r, s);
		s->allowed = units;
		return;
	}
	p = &s->claims[limit];
	p->gate->claims[p->at].wanted = units;
	allot(r, p->gate, p->at);
}

/* Raises the units of a share to what the charity was already paid
 * (payout.c). */
static void
keep_paid(struct share *s, int64_t *base, int64_t *all)
{
	int64_t paid = s->paid[PART_BASE] + s->paid[PART_BONUS];

	s->is_kept = *all < paid;
	if (*base < s->paid[PART_BASE])
		*base = s->paid[PART_BASE];
	if (*all < paid)
		*all = paid;
}

void
limits_update(struct run *r, struct share *s, int64_t base, int64_t all)
{
	keep_paid(s, &base, &all);
	if (s->base != base)
		mark_changed(r, s);
	s->base = base;
	if (s->entitled == all && !share_is_proportional(s))
		return;
	s->entitled = all;
	pass_on(r, s, 0, all);
}

int64_t
limits_cut(const struct run *r, const struct share *s)
{
	const struct rule *rule = s->rule;

	/* Of several limits that cut the share, the last decides. */
	for (size_t i = rule->nlimits; i-- > 0;) {
		const struct claim_place *p = &s->claims[i];
		const struct claim *c = &p->gate->claims[p->at];

		if (c->given < c->wanted)
			return most_of(r, rule, &rule->limits[c->limit]);
	}
	return 0;
}

/* ---- rules that take -------------------------------------------------------
 *
 * Each taking is an occurrence of its own, so a limit per order is of one
 * taking alone, and earlier takings use up nothing of the limit.
 */

int64_t
limits_room(struct run *r, const struct rule *rule, const struct occurrence *o)
{
	int64_t room = INT64_MAX;

	for (size_t i = 0; i < rule->nlimits; i++) {
		const struct limit *l = &rule->limits[i];
		int64_t left = most_of(r, rule, l);

		if (l->window != WINDOW_ORDER)
			left -= gate_at(r, rule, l, o)->taken;
		room = int64_min(room, left);
	}
	return int64_max(room, 0);
}

void
limits_use(struct run *r, const struct rule *rule, const struct occurrence *o,
    int64_t units)
{
	for (size_t i = 0; i < rule->nlimits; i++)
		if (rule->limits[i].window != WINDOW_ORDER)
			gate_at(r, rule, &rule->limits[i], o)->taken += units;
}
