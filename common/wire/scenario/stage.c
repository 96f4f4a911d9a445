/* SPDX-License-Identifier: MIT */
/* Keeps the members of a test, what happened to them, and what they share: the
 * versions of the program, payments to charities, limits of all members
 * together. */
#include <string.h>

#include "core/order_parts.h"
#include "wire/scenario/internal.h"

/* ---- limits of all members together -------------------------------------- */

/* Returns the rule's smallest lifetime limit that all members share; -1: the
 * rule has none.  Members who earn first use the limit first, as in
 * ledger/timeline/budget.c. */
static int64_t
most_of(const struct rule *r)
{
	int64_t most = -1;

	for (size_t i = 0; i < r->nlimits; i++)
		if (r->limits[i].of_program &&
		    r->limits[i].window == WINDOW_LIFETIME &&
		    (most == -1 || r->limits[i].most < most))
			most = r->limits[i].most;
	return most;
}

static struct staged_use *
use_of(struct stage *g, const char *rule, size_t member)
{
	size_t i = 0;

	while (i < g->nuses && (g->uses[i].member != member ||
	                           strcmp(g->uses[i].rule, rule) != 0))
		i++;
	g->uses = arena_grow(
	    &g->arena, g->uses, g->nuses, &g->uses_room, sizeof(*g->uses));
	if (i == g->nuses)
		g->uses[g->nuses++] = (struct staged_use){ rule, member, 0 };
	return &g->uses[i];
}

static int64_t
left_for(const struct stage *g, const struct rule *r, size_t member)
{
	int64_t left = most_of(r);

	for (size_t i = 0; i < g->nuses; i++)
		if (g->uses[i].member != member &&
		    strcmp(g->uses[i].rule, r->id) == 0)
			left -= g->uses[i].units;
	return left > 0 ? left : 0;
}

static void
share_limits(struct stage *g, size_t member)
{
	const struct program *p = g->program;
	struct budget *list = arena_array(
	    &g->scratch, p->nrules, sizeof(*list));

	g->timeline.budgets = list;
	for (size_t i = 0; i < p->nrules; i++)
		if (most_of(&p->rules[i]) != -1)
			list[g->timeline.nbudgets++] = (struct budget){
				.rule = p->rules[i].id,
				.left = left_for(g, &p->rules[i], member),
			};
}

static void
settle_limits(struct stage *g, size_t member)
{
	for (size_t i = 0; i < g->timeline.nbudgets; i++) {
		const char *rule = g->timeline.budgets[i].rule;
		struct staged_use *use = use_of(g, rule, member);

		use->units = 0;
		for (size_t j = 0; j < g->fold.nmovements; j++) {
			const struct movement *m = &g->fold.movements[j];

			if (!rule_is_of(m->rule, rule))
				continue;
			if (m->debit == ACCOUNT_ISSUED)
				use->units += m->units;
			if (m->credit == ACCOUNT_REVERSED)
				use->units -= m->units;
		}
	}
}

/* ---- what happened ------------------------------------------------------- */

static bool
is_same_fact(const struct fact *a, const struct fact *b)
{
	return a->kind == b->kind && strcmp(a->id, b->id) == 0 &&
	       (!fact_is_use(a) || strcmp(a->of, b->of) == 0);
}

/* Merges a new report of an order into the known order.  A report that is older
 * than the known order can change only what the order was worth when it was
 * paid. */
static const struct order *
newest(struct stage *g, const struct order *known, const struct order *now)
{
	struct order *o = arena_alloc(&g->arena, sizeof(*o));

	*o = now->modified_at < known->modified_at ? *known : *now;
	order_parts_merge(&g->arena, known, now, o);
	order_count_dropped(&g->arena, o);
	return o;
}

/* Replaces a known fact by a new report.  The fact keeps the version of the
 * program with which it was folded first. */
static void
told_again(struct stage *g, struct staged *known, const struct staged *now)
{
	struct fact f = now->fact;

	if (f.kind == FACT_ORDER) {
		f.order = newest(g, known->fact.order, f.order);
		if (now->fact.order->modified_at <
		    known->fact.order->modified_at) {
			known->fact.order = f.order;
			return;
		}
	}
	f.program = known->fact.program;
	f.version_id = known->fact.version_id;
	*known = *now;
	known->fact = f;
}

void
stage_put(struct stage *g, const struct staged *s)
{
	size_t at = 0;

	for (size_t i = 0; i < g->nfacts; i++)
		if (is_same_fact(&g->facts[i].fact, &s->fact)) {
			told_again(g, &g->facts[i], s);
			return;
		}
	while (at < g->nfacts && fact_compare(&g->facts[at].fact, &s->fact) < 0)
		at++;
	g->facts = arena_grow(
	    &g->arena, g->facts, g->nfacts, &g->facts_room, sizeof(*s));
	memmove(
	    &g->facts[at + 1], &g->facts[at], (g->nfacts - at) * sizeof(*s));
	g->facts[at] = *s;
	g->nfacts++;
}

void
stage_drop(struct stage *g, const struct fact *f)
{
	for (size_t i = 0; i < g->nfacts; i++) {
		if (!is_same_fact(&g->facts[i].fact, f))
			continue;
		g->nfacts--;
		memmove(&g->facts[i], &g->facts[i + 1],
		    (g->nfacts - i) * sizeof(*g->facts));
		return;
	}
}

void
stage_date(const struct stage *g, struct fact *f)
{
	size_t i = g->neras - 1;

	while (i > 0 && g->eras[i].from > f->at)
		i--;
	f->store_id = SCENARIO_STORE;
	f->program = g->eras[i].program;
	f->version_id = g->eras[i].version_id;
}

const char *
stage_refusal(const struct stage *g, const struct fact *of)
{
	const struct fold *f = &g->fold;

	for (size_t i = 0; i < f->nrefusals; i++)
		if (is_same_fact(f->refusals[i].fact, of))
			return f->refusals[i].reason;
	return NULL;
}

/* ---- one member ---------------------------------------------------------- */

void
stage_fold(struct stage *g, size_t member)
{
	struct fact *facts = arena_array(
	    &g->scratch, g->nfacts + 1, sizeof(*facts));

	struct payout *payouts = arena_array(
	    &g->scratch, g->npayments + 1, sizeof(*payouts));

	stage_judge(g);
	g->member = member;
	g->timeline = (struct timeline){
		.facts = facts,
		.eras = g->eras,
		.neras = g->neras,
		.store_id = SCENARIO_STORE,
		.payouts = payouts,
		.now = g->step->told_at,
	};
	for (size_t i = 0; i < g->npayments; i++)
		if (g->payments[i].member == member)
			payouts[g->timeline.npayouts++] = g->payments[i].payout;
	for (size_t i = 0; i < g->nfacts; i++)
		if (g->facts[i].member == member)
			facts[g->timeline.nfacts++] = g->facts[i].fact;
	share_limits(g, member);
	fold(&g->scratch, &g->timeline, &g->fold);
	settle_limits(g, member);
}

/* ---- what the shop does -------------------------------------------------- */

void
stage_program(struct stage *g, const struct program *p)
{
	g->program = p;
	g->eras[g->neras] = (struct era){
		.program = p,
		.version_id = (int32_t)g->neras + 1,
		.from = g->neras == 0 ? 0 : g->step->told_at,
	};
	g->neras++;
}

void
stage_merge(struct stage *g, size_t from, size_t into)
{
	for (size_t i = 0; i < MEMBERS_MAX; i++)
		if (g->is[i] == from)
			g->is[i] = into;
	for (size_t i = 0; i < g->nfacts; i++)
		if (g->facts[i].member == from)
			g->facts[i].member = into;
	for (size_t i = 0; i < g->nfacts; i++)
		if (g->facts[i].friend == from)
			g->facts[i].friend = into;
	for (size_t i = 0; i < g->npayments; i++)
		if (g->payments[i].member == from)
			g->payments[i].member = into;
	for (size_t i = 0; i < g->nuses; i++)
		if (g->uses[i].member == from)
			g->uses[i].units = 0;
}

bool
stage_pay(struct stage *g, const char *charity)
{
	int64_t owed[MEMBERS_MAX], sum = 0;

	for (size_t i = 0; i < g->scenario->nmembers; i++) {
		owed[i] = 0;
		if (g->is[i] != i)
			continue;
		stage_fold(g, i);
		owed[i] = stage_owed(g, charity);
		sum += owed[i];
	}
	if (sum <= 0)
		return false;
	for (size_t i = 0; i < g->scenario->nmembers; i++)
		g->payments[g->npayments++] = (struct staged_payment){
			{ charity, g->step->told_at, true, owed[i], false }, i
		};
	return true;
}
