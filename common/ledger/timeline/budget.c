/* SPDX-License-Identifier: MIT */
/*
 * Budgets: limits on what all members together may get from a rule.  In a
 * program file such a limit has "of": "program".
 *
 * A member keeps what they have got from a budget, and may get more until the
 * budget is used up.  A budget is the only thing in a timeline that depends on
 * when a fact became known.  Only limits over a lifetime are budgets; limits
 * over a window apply to each member alone.
 */
#include <assert.h>
#include <string.h>

#include "ledger/stmts.h"
#include "ledger/timeline/internal.h"

/* The smallest budget of a rule; -1: the rule has none. */
static int64_t
most_of(const struct rule *r)
{
	int64_t most = -1;

	for (size_t i = 0; i < r->nlimits; i++) {
		const struct limit *l = &r->limits[i];

		if (l->of_program && l->window == WINDOW_LIFETIME &&
		    (most == -1 || l->most < most))
			most = l->most;
	}
	return most;
}

static struct shared_budget *
budget_at(const struct timeline_batch *b, int64_t store_id, const char *rule)
{
	for (size_t i = 0; i < b->nbudgets; i++)
		if (b->budgets[i].store_id == store_id &&
		    strcmp(b->budgets[i].rule, rule) == 0)
			return &b->budgets[i];
	return NULL;
}

static void
add_budgets(struct timeline_batch *b, const struct timeline_member *m)
{
	const struct world *w = b->world;
	const struct program_version *v = programs_find(
	    w->programs, w->nprograms, m->store_id, 0, w->now);

	for (size_t i = 0; v != NULL && i < v->program->nrules; i++) {
		const struct rule *r = &v->program->rules[i];
		int64_t most = most_of(r);

		if (most == -1 || budget_at(b, m->store_id, r->id) != NULL)
			continue;
		b->budgets = arena_grow(w->arena, b->budgets, b->nbudgets,
		    &b->budgets_room, sizeof(*b->budgets));
		b->budgets[b->nbudgets++] = (struct shared_budget){
			.tenant_id = m->key.tenant_id,
			.store_id = m->store_id,
			.rule = r->id,
			.most = most,
		};
	}
}

static void
budget_params(const struct timeline_batch *b, struct pg_params *p)
{
	struct arena *a = b->world->arena;
	size_t n = b->nbudgets;
	int64_t *tenants = arena_array(a, n, sizeof(*tenants));
	int64_t *stores = arena_array(a, n, sizeof(*stores));
	struct str *rules = arena_array(a, n, sizeof(*rules));

	for (size_t i = 0; i < n; i++) {
		tenants[i] = b->budgets[i].tenant_id;
		stores[i] = b->budgets[i].store_id;
		rules[i] = str_of(b->budgets[i].rule);
	}
	*p = (struct pg_params){ .arena = a };
	pg_bigints(p, tenants, n);
	pg_bigints(p, stores, n);
	pg_strs(p, rules, n);
}

int
timeline_budgets_load(struct timeline_batch *b, bool lock, struct err *e)
{
	struct pg *pg = b->world->pg;
	struct pg_params p;
	struct pg_rows rows;

	for (size_t i = 0; i < b->n; i++)
		add_budgets(b, &b->members[i]);
	if (b->nbudgets == 0)
		return 0;
	budget_params(b, &p);
	if ((lock && pg_tell(pg, SQL_BUDGET_MAKE, &p, e) == -1) ||
	    pg_ask(pg, lock ? SQL_BUDGET_LOCK : SQL_BUDGET_LOAD, &p, &rows,
	        e) == -1)
		return -1;
	for (int row = 0; row < rows.n; row++) {
		size_t i = (size_t)pg_get_bigint(&rows, row, 0) - 1;

		assert(i < b->nbudgets);
		b->budgets[i].given = pg_get_bigint(&rows, row, 1);
	}
	pg_done(&rows);
	return 0;
}

/* Sums the units that the member has got from a rule according to the ledger.
 */
static int64_t
given_to(const struct timeline_member *m, const char *rule)
{
	int64_t sum = 0;

	for (size_t i = 0; i < m->nposted; i++) {
		const struct folded_entry *s = &m->posted[i];

		if (!rule_is_of(s->rule, rule))
			continue;
		if (s->debit == ACCOUNT_ISSUED)
			sum += s->units;
		if (s->credit == ACCOUNT_REVERSED)
			sum -= s->units;
	}
	return sum;
}

void
timeline_budgets_share(
    const struct timeline_batch *b, struct timeline_member *m)
{
	m->budgets = arena_array(
	    b->world->arena, b->nbudgets + 1, sizeof(*m->budgets));
	m->nbudgets = 0;
	for (size_t i = 0; i < b->nbudgets; i++) {
		const struct shared_budget *s = &b->budgets[i];
		int64_t others = s->given - given_to(m, s->rule);

		if (s->store_id != m->store_id)
			continue;
		m->budgets[m->nbudgets++] = (struct budget){
			.rule = s->rule,
			.left = s->most > others ? s->most - others : 0,
		};
	}
}

void
timeline_budgets_use(
    const struct timeline_batch *b, const struct timeline_member *m)
{
	for (size_t i = 0; i < b->nbudgets; i++) {
		struct shared_budget *s = &b->budgets[i];
		int64_t now = 0;

		if (s->store_id != m->store_id || !m->folded)
			continue;
		for (size_t j = 0; j < m->fold.nmovements; j++) {
			const struct movement *v = &m->fold.movements[j];

			if (!rule_is_of(v->rule, s->rule))
				continue;
			if (v->debit == ACCOUNT_ISSUED)
				now += v->units;
			if (v->credit == ACCOUNT_REVERSED)
				now -= v->units;
		}
		s->given += now - given_to(m, s->rule);
	}
}

int
timeline_budgets_save(const struct timeline_batch *b, struct err *e)
{
	struct arena *a = b->world->arena;
	int64_t *given = arena_array(a, b->nbudgets + 1, sizeof(*given));
	struct pg_params p;

	if (b->nbudgets == 0)
		return 0;
	for (size_t i = 0; i < b->nbudgets; i++)
		given[i] = b->budgets[i].given;
	budget_params(b, &p);
	pg_bigints(&p, given, b->nbudgets);
	return pg_tell(b->world->pg, SQL_BUDGET_PUT, &p, e);
}
