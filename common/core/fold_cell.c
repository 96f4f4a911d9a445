/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "base/instant.h"
#include "core/fold_run.h"

/* A sum goes on over versions of a program as long as the rate is the same:
 * what was carried at one rate means nothing at another. */
static bool
same_rate(const struct rule *a, const struct rule *b)
{
	return strcmp(a->id, b->id) == 0 && a->by == b->by &&
	       a->units == b->units && a->per == b->per &&
	       a->rounding == b->rounding && a->over == b->over;
}

/* The year in the tier that an instant is in. */
int64_t
tier_year_begin(struct run *r, int64_t at)
{
	const struct period year = { 1, UNIT_YEAR };
	int64_t from = r->tier_since, next;

	if (from == 0 || at < from)
		return 0;
	for (int64_t n = 1;; n++) {
		next = calendar_add(run_zone(r), r->tier_since, year, n);
		if (next > at)
			return from;
		from = next;
	}
}

static int64_t
window_from(enum window w, const struct occurrence *o)
{
	switch (w) {
	case WINDOW_LINE:
	case WINDOW_ORDER:
		return 0;
	case WINDOW_TIER_YEAR:
		return o->tier_year_from;
	case WINDOW_DAY:
	case WINDOW_MONTH:
	case WINDOW_QUARTER:
	case WINDOW_YEAR:
		return calendar_window(o->program->zone, w, o->at).from;
	case WINDOW_LIFETIME:
		break;
	}
	return INT64_MIN;
}

struct cell *
cell_at(struct run *r, const struct rule *rule, const struct occurrence *o)
{
	int64_t from = window_from(rule->over, o);
	struct cell *c;

	/* The newest first: windows go on. */
	for (size_t i = r->ncells; i-- > 0;)
		if (r->cells[i]->from == from &&
		    same_rate(r->cells[i]->rule, rule))
			return r->cells[i];
	c = arena_alloc(r->arena, sizeof(*c));
	c->rule = rule;
	c->from = from;
	r->cells = run_grow(
	    r, r->cells, r->ncells, &r->cells_room, sizeof(*r->cells));
	r->cells[r->ncells++] = c;
	return c;
}

/* ---- limits -------------------------------------------------------------- */

static struct gate *
gate_at(struct run *r, const struct rule *rule, const struct limit *l,
    const struct occurrence *o)
{
	bool own = l->window == WINDOW_ORDER || l->window == WINDOW_LINE;
	const void *owner = own ? o : NULL;
	int64_t from = window_from(l->window, o);
	struct gate *g;

	for (size_t i = r->ngates; i-- > 0;) {
		g = r->gates[i];
		if (g->owner == owner && g->window == l->window &&
		    g->from == from && strcmp(g->rule, rule->id) == 0)
			return g;
	}
	g = arena_alloc(r->arena, sizeof(*g));
	*g = (struct gate){
		.rule = rule->id,
		.owner = owner,
		.window = l->window,
		.from = from,
	};
	r->gates = run_grow(
	    r, r->gates, r->ngates, &r->gates_room, sizeof(*r->gates));
	r->gates[r->ngates++] = g;
	return g;
}

/* A budget of all members together leaves this one so much. */
static int64_t
most_of(const struct run *r, const struct rule *rule, const struct limit *l)
{
	const struct timeline *t = r->timeline;

	for (size_t i = 0; l->of_program && i < t->nbudgets; i++)
		if (strcmp(t->budgets[i].rule, rule->id) == 0)
			return t->budgets[i].left;
	return l->most;
}

/*
 * The window's total is what is wanted in it, at most the limit; what
 * passes is the difference to what has passed before.  So a refund makes
 * room only for what was cut off, and everything taken back comes to
 * nothing.
 */
static int64_t
gate_pass(struct gate *g, int64_t units, int64_t most)
{
	int64_t target, passed;

	g->wanted += units;
	target = g->wanted < most ? g->wanted : most;
	/* A later version's lower limit takes nothing back. */
	if (units >= 0 && target < g->given)
		target = g->given;
	passed = target - g->given;
	g->given = target;
	return passed;
}

int64_t
gates_pass(struct run *r, const struct rule *rule, const struct occurrence *o,
    int64_t units, int64_t *cut)
{
	for (size_t i = 0; i < rule->nlimits; i++) {
		const struct limit *l = &rule->limits[i];
		int64_t most = most_of(r, rule, l);
		int64_t passed = gate_pass(gate_at(r, rule, l, o), units, most);

		if (passed < units)
			*cut = most;
		units = passed;
	}
	return units;
}

int64_t
gates_room_left(
    struct run *r, const struct rule *rule, const struct occurrence *o)
{
	int64_t room = INT64_MAX;

	for (size_t i = 0; i < rule->nlimits; i++) {
		const struct limit *l = &rule->limits[i];
		const struct gate *g = gate_at(r, rule, l, o);
		int64_t left = most_of(r, rule, l) - g->given;

		if (left < room)
			room = left;
	}
	return room > 0 ? room : 0;
}
