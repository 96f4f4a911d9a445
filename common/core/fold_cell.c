/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "base/instant.h"
#include "core/fold_run.h"

/* The place of a rule in a table with room: it is there, or this is free. */
static struct rule_sums *
sums_slot(struct rule_sums *table, size_t room, const char *rule)
{
	size_t i = (size_t)hash_text(HASH_BEGIN, rule) & (room - 1);

	while (table[i].rule != NULL && strcmp(table[i].rule, rule) != 0)
		i = (i + 1) & (room - 1);
	return &table[i];
}

static struct rule_sums *
sums_of(struct run *r, const char *rule)
{
	enum {
		FIRST = 16 /* a power of two */
	};
	struct rule_sums *slot;

	if (r->nsums * 2 >= r->sums_room) {
		size_t room = r->sums_room == 0 ? FIRST : r->sums_room * 2;
		struct rule_sums *all = arena_array(
		    r->arena, room, sizeof(*all));

		for (size_t i = 0; i < r->sums_room; i++)
			if (r->sums[i].rule != NULL)
				*sums_slot(
				    all, room, r->sums[i].rule) = r->sums[i];
		r->sums = all;
		r->sums_room = room;
	}
	slot = sums_slot(r->sums, r->sums_room, rule);
	if (slot->rule == NULL) {
		slot->rule = rule;
		r->nsums++;
	}
	return slot;
}

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
	struct rule_sums *sums = sums_of(r, rule->id);
	int64_t from = window_from(rule->over, o);
	struct cell *c;

	for (c = sums->cells; c != NULL; c = c->next)
		if (c->from == from && same_rate(c->rule, rule))
			return c;
	c = arena_alloc(r->arena, sizeof(*c));
	*c = (struct cell){ .next = sums->cells, .rule = rule, .from = from };
	sums->cells = c;
	return c;
}

/* ---- limits -------------------------------------------------------------- */

static struct gate *
gate_at(struct run *r, const struct rule *rule, const struct limit *l,
    const struct occurrence *o)
{
	const void *owner = l->window == WINDOW_ORDER ? o : NULL;
	int64_t from = window_from(l->window, o);
	struct rule_sums *sums = sums_of(r, rule->id);
	struct gate *g;

	for (g = sums->gates; g != NULL; g = g->next)
		if (g->owner == owner && g->window == l->window &&
		    g->from == from && g->of_program == l->of_program)
			return g;
	g = arena_alloc(r->arena, sizeof(*g));
	*g = (struct gate){
		.next = sums->gates,
		.owner = owner,
		.window = l->window,
		.of_program = l->of_program,
		.from = from,
	};
	sums->gates = g;
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
		int64_t passed;

		if (l->window == WINDOW_LINE) /* fold_earn.c has them */
			continue;
		passed = gate_pass(gate_at(r, rule, l, o), units, most);
		if (passed != units)
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
