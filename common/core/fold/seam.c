/* SPDX-License-Identifier: MIT */
/*
 * seam: the state of a fold at an instant, as bytes, from which another fold
 * goes on.
 *
 *  1. A seam has what later facts and time alone can ask for: balances, open
 *     lots, the tier and what it goes by, windows that may be open, what is
 *     known of the member.  A seam has no order, event, redemption or taking: a
 *     fold that asks for one before its seam is short (run.is_short), and the
 *     fold's caller folds again without a seam.
 *  2. No fact has a part on each side of a seam: a seam comes before all that
 *     happens to an order of which anything happens after the seam.
 *  3. There is no seam where the state has parts that are not written:
 *     memberships, gifts for tiers, charities, limits on all members together,
 *     units that are held for a guest.
 *  4. The bytes follow from the facts before the seam and the program alone,
 *     whether or not the fold that made the bytes began at a seam itself.
 */
#include <assert.h>
#include <string.h>

#include "base/coder.h"
#include "base/instant.h"
#include "core/fold/internal.h"

enum {
	/* Raise this number whenever a fold gives something else for old facts
	 * than before, so that the seams of older versions are made anew. */
	SEAM_VERSION = 1,
	SUMS_MAX = 1024, /* windows of rules in a seam */
};

/* Codes a sum of 128 bits as two numbers: its low 62 bits, and the others. */
static void
sum(struct coder *c, wide *v)
{
	int64_t high = (int64_t)(*v >> 62);
	int64_t low = (int64_t)(*v & (((wide)1 << 62) - 1));

	CODE(c, high);
	CODE(c, low);
	*v = (wide)high * ((wide)1 << 62) + low;
}

/* ---- purses and lots ----------------------------------------------------- */

static void
code_period(struct coder *c, struct period *p)
{
	CODE(c, p->n);
	CODE(c, p->unit);
}

static void
code_lot(struct coder *c, struct run *r, struct lot_state *l,
    const struct lot *before)
{
	struct lot *x = &l->lot;
	bool lasts = x->expires_at == INSTANT_NEVER;
	size_t place = l->contribution == NULL ? 0 : l->contribution->place + 1;

	if (place > r->ncontributions ||
	    (place > 0 && r->contributions[place - 1].of != l->contribution))
		place = 0;
	CODE(c, x->source);
	CODE(c, x->store_id);
	coder_text(c, &x->source_id);
	coder_text_like(c, &x->rule, before->rule);
	CODE(c, x->version_id);
	CODE(c, x->remaining);
	coder_near(c, &x->earned_at, before->earned_at);
	coder_near(c, &x->vests_at, x->earned_at);
	CODE(c, lasts);
	if (lasts)
		x->expires_at = INSTANT_NEVER;
	else
		coder_near(c, &x->expires_at, x->earned_at);
	CODE(c, x->vested);
	CODE(c, l->expired);
	CODE(c, place);
	c->is_bad |= x->source_id == NULL || place > r->ncontributions ||
	             x->remaining <= 0;
	if (c->reads && !c->is_bad && place > 0)
		l->contribution = r->contributions[place - 1].of;
}

static void
code_lots(struct coder *c, struct run *r, struct purse_state *p)
{
	struct lot none = { .source = (enum source_kind)0 };
	const struct lot *before = &none;
	size_t n = 0;

	for (size_t i = 0; i < p->nlots; i++)
		n += p->lots[i]->lot.remaining > 0;
	n = coder_count(c, n);
	for (size_t i = 0; i < p->nlots && !c->reads; i++) {
		struct lot_state *l = p->lots[i];

		if (l->lot.remaining == 0)
			continue;
		code_lot(c, r, l, before);
		before = &l->lot;
		r->out->lots_then[r->out->nlots_then++] = &l->lot;
	}
	for (size_t i = 0; i < n && c->reads && !c->is_bad; i++) {
		struct lot_state *l = arena_alloc(r->arena, sizeof(*l));

		code_lot(c, r, l, before);
		if (c->is_bad)
			return;
		l->lot.wallet = p->purse.wallet;
		l->lot.is_resumed = true;
		l->lot.vested_then = l->lot.vested;
		l->lot.remaining_then = l->lot.remaining;
		lot_put(r, p, l);
		lot_enter(r, l);
		before = &l->lot;
	}
}

static void
code_purse(struct coder *c, struct run *r, struct purse_state *p)
{
	struct balance *b = &p->purse.balance;
	struct expiry *x = &p->expires;

	CODE(c, p->purse.negative);
	CODE(c, b->available);
	CODE(c, b->pending);
	CODE(c, b->reserved);
	CODE(c, b->debt);
	CODE(c, b->lifetime_earned);
	CODE(c, p->active_at);
	code_period(c, &x->after);
	code_period(c, &x->plus);
	CODE(c, x->end_of);
	code_period(c, &x->inactive);
	CODE(c, x->on);
	code_lots(c, r, p);
}

static void
code_purses(struct coder *c, struct run *r)
{
	const bool reads = c->reads;
	size_t n = coder_count(c, r->npurses);

	for (size_t i = 0; i < n && !c->is_bad; i++) {
		struct purse_state *p = reads ? NULL : r->purses[i];
		const char *wallet = reads ? NULL : p->purse.wallet;
		enum wallet_unit unit = reads ? 0 : p->purse.unit;

		coder_text(c, &wallet);
		CODE(c, unit);
		c->is_bad |= wallet == NULL;
		if (c->is_bad)
			return;
		if (reads)
			p = purse_new(r, wallet, unit);
		code_purse(c, r, p);
	}
}

/* ---- windows ------------------------------------------------------------- */

static void
code_cells(struct coder *c, struct rule_sums *s)
{
	const bool reads = c->reads;
	struct cell **place = &s->cells;
	size_t n = 0;

	for (const struct cell *x = s->cells; x != NULL; x = x->next)
		n++;
	n = coder_count(c, n);
	for (size_t i = 0; i < n; i++, place = &(*place)->next) {
		struct rule *rule = arena_alloc(c->arena, sizeof(*rule));

		assert(reads || *place != NULL);
		if (reads) {
			*place = arena_alloc(c->arena, sizeof(**place));
			(*place)->from = s->from;
			(*place)->rule = rule;
		} else {
			*rule = *(*place)->rule;
		}
		/* Only same_rate() looks at the rule of a cell. */
		rule->id = s->rule;
		CODE(c, rule->by);
		CODE(c, rule->units);
		CODE(c, rule->per);
		CODE(c, rule->rounding);
		CODE(c, rule->over);
		sum(c, &(*place)->sum);
		sum(c, &(*place)->boosted);
	}
}

static void
code_gates(struct coder *c, struct rule_sums *s)
{
	const bool reads = c->reads;
	struct gate **place = &s->gates;
	size_t n = 0;

	for (const struct gate *x = s->gates; x != NULL; x = x->next)
		n++;
	n = coder_count(c, n);
	for (size_t i = 0; i < n; i++, place = &(*place)->next) {
		if (reads)
			*place = arena_alloc(c->arena, sizeof(**place));
		assert(*place != NULL);
		CODE(c, (*place)->window);
		CODE(c, (*place)->of_program);
		CODE(c, (*place)->is_proportional);
		CODE(c, (*place)->total);
		CODE(c, (*place)->taken);
	}
}

/* Whether something after the seam may be in the window.  The longest window
 * that ends is a year. */
static bool
may_be_open(const struct rule_sums *s, int64_t seam)
{
	return s->rule != NULL && s->owner == NULL &&
	       (s->from <= 0 || s->from > seam - 367 * INSTANT_DAY);
}

static bool
sums_go_before(const struct rule_sums *a, const struct rule_sums *b)
{
	int order = strcmp(a->rule, b->rule);

	return order != 0 ? order < 0 : a->from < b->from;
}

/* Lists the sums whose windows may be open, sorted because of rule 4.  Returns
 * false if there are too many sums. */
static bool
open_sums(struct run *r, struct rule_sums **list, size_t *n)
{
	*n = 0;
	for (size_t i = 0; i < r->sums_room; i++) {
		size_t at = *n;

		if (!may_be_open(&r->sums[i], r->now))
			continue;
		if (*n == SUMS_MAX)
			return false;
		for (; at > 0 && sums_go_before(&r->sums[i], list[at - 1]);
		     at--)
			list[at] = list[at - 1];
		list[at] = &r->sums[i];
		(*n)++;
	}
	return true;
}

static void
code_sums(struct coder *c, struct run *r)
{
	const bool reads = c->reads;
	struct rule_sums *list[SUMS_MAX] = { NULL }, *s;
	size_t n = 0;

	c->is_bad |= !reads && !open_sums(r, list, &n);
	n = coder_count(c, n);
	c->is_bad |= n > SUMS_MAX;
	for (size_t i = 0; i < n && !c->is_bad; i++) {
		const char *rule = list[i] != NULL ? list[i]->rule : NULL;
		int64_t from = list[i] != NULL ? list[i]->from : 0;

		s = list[i];
		coder_text(c, &rule);
		CODE(c, from);
		c->is_bad |= rule == NULL;
		if (c->is_bad)
			return;
		if (reads)
			s = window_sums(r, rule, from, NULL);
		assert(s != NULL);
		CODE(c, s->ntakings);
		code_cells(c, s);
		code_gates(c, s);
	}
}

/* ---- the tier ------------------------------------------------------------ */

static void
code_contributions(struct coder *c, struct run *r)
{
	const bool reads = c->reads;
	size_t n = coder_count(c, r->ncontributions);
	struct contribution *all = NULL;
	int64_t before = 0;

	if (reads) {
		all = arena_array(r->arena, n + 1, sizeof(*all));
		r->contributions = arena_array(
		    r->arena, n + 1, sizeof(*r->contributions));
		r->ncontributions = n;
		r->contributions_room = n + 1;
	}
	for (size_t i = 0; i < n; i++) {
		struct counted *x = &r->contributions[i];

		if (reads)
			x->of = &all[i];
		assert(x->of != NULL);
		coder_near(c, &x->of->at, before);
		CODE(c, x->of->amount);
		x->at = before = x->of->at;
	}
	if (reads)
		metric_sums_from(r, 0);
}

static void
code_holdings(struct coder *c, struct run *r)
{
	const bool reads = c->reads;
	size_t n = coder_count(c, r->nholdings);

	if (reads) {
		r->holdings = arena_array(
		    r->arena, n + 1, sizeof(*r->holdings));
		r->nholdings = n;
		r->holdings_room = n + 1;
	}
	for (size_t i = 0; i < n; i++) {
		struct level_hold *h = &r->holdings[i];

		coder_text(c, &h->level);
		CODE(c, h->since);
		CODE(c, h->qualified_at);
		CODE(c, h->anchor);
		CODE(c, h->nth);
		CODE(c, h->until);
		CODE(c, h->gone);
	}
	CODE(c, r->held);
	c->is_bad |= r->held > r->nholdings;
}

/* Codes the number of changes of the tier, and the last change. */
static void
code_changes(struct coder *c, struct run *r)
{
	const bool reads = c->reads;
	size_t n = r->nchanges_before + r->nchanges;
	struct tier_change *t;

	CODE(c, n);
	if (n == 0)
		return;
	if (reads) {
		r->changes = arena_array(r->arena, 1, sizeof(*r->changes));
		r->nchanges = r->changes_room = 1;
		r->nchanges_before = n - 1;
	}
	t = &r->changes[r->nchanges - 1];
	coder_text(c, &t->level);
	CODE(c, t->at);
	CODE(c, t->until);
	CODE(c, t->metric);
	CODE(c, t->threshold);
	CODE(c, t->window.from);
	CODE(c, t->window.until);
	coder_text(c, &t->cause);
}

static void
code_tier(struct coder *c, struct run *r)
{
	coder_text(c, &r->tier);
	CODE(c, r->tier_since);
	CODE(c, r->tier_until);
	coder_text(c, &r->tier_below);
	CODE(c, r->tier_years);
	CODE(c, r->grace_from);
	CODE(c, r->grace_until);
	r->view.tier = r->tier;
	r->view.tier_since = r->tier_since;
	code_contributions(c, r);
	code_holdings(c, r);
	code_changes(c, r);
}

/* ---- the member ---------------------------------------------------------- */

static void
code_attributes(
    struct coder *c, struct attribute **list, size_t *n, size_t *room)
{
	*n = coder_count(c, *n);
	if (c->reads)
		*list = arena_array(c->arena, *room = *n + 1, sizeof(**list));
	for (size_t i = 0; i < *n; i++) {
		coder_text(c, &(*list)[i].name);
		coder_text(c, &(*list)[i].value);
		CODE(c, (*list)[i].at);
		c->is_bad |= (*list)[i].name == NULL;
	}
}

static void
code_traits(struct coder *c, struct run *r)
{
	struct member_view *v = &r->view;

	v->ntraits = coder_count(c, v->ntraits);
	if (c->reads)
		v->traits = arena_array(r->arena,
		    r->traits_room = v->ntraits + 1, sizeof(*v->traits));
	for (size_t i = 0; i < v->ntraits; i++) {
		CODE(c, v->traits[i].store_id);
		coder_text(c, &v->traits[i].name);
		coder_text(c, &v->traits[i].value);
		c->is_bad |= v->traits[i].name == NULL ||
		             v->traits[i].value == NULL;
	}
}

static void
code_events(struct coder *c, struct run *r)
{
	struct member_view *v = &r->view;

	v->nevents = coder_count(c, v->nevents);
	if (c->reads)
		v->events = arena_array(r->arena,
		    r->events_room = v->nevents + 1, sizeof(*v->events));
	for (size_t i = 0; i < v->nevents; i++) {
		coder_text(c, &v->events[i].type);
		CODE(c, v->events[i].at);
		c->is_bad |= v->events[i].type == NULL;
	}
}

static void
code_birthdays(struct coder *c, struct run *r)
{
	r->nbirthdays = coder_count(c, r->nbirthdays);
	if (c->reads)
		r->birthdays = arena_array(r->arena,
		    r->birthdays_room = r->nbirthdays + 1,
		    sizeof(*r->birthdays));
	for (size_t i = 0; i < r->nbirthdays; i++) {
		coder_text(c, &r->birthdays[i].attribute);
		CODE(c, r->birthdays[i].next_at);
		CODE(c, r->birthdays[i].next_year);
		CODE(c, r->birthdays[i].year);
		c->is_bad |= r->birthdays[i].attribute == NULL;
	}
}

static void
code_member(struct coder *c, struct run *r)
{
	struct member_view *v = &r->view;

	CODE(c, v->orders);
	CODE(c, r->enrolled_at);
	CODE(c, r->has_enrolled);
	CODE(c, r->chosen_from);
	CODE(c, r->chosen_year);
	coder_text(c, &v->chosen_day);
	code_attributes(
	    c, &v->attributes, &v->nattributes, &r->attributes_room);
	code_attributes(c, &v->consents, &v->nconsents, &r->consents_room);
	code_traits(c, r);
	code_events(c, r);
	code_birthdays(c, r);
}

/* ---- the whole ----------------------------------------------------------- */

static void
code_all(struct coder *c, struct run *r)
{
	int64_t version = SEAM_VERSION, at = r->now;
	bool lacks = r->lacks || r->ntakings > 0 || r->nredemptions > 0;

	CODE(c, version);
	CODE(c, at);
	c->is_bad |= version != SEAM_VERSION || at != r->now;
	CODE(c, lacks);
	if (c->reads)
		r->lacks = lacks;
	CODE(c, r->ticked_at);
	/* The lots point to contributions, which therefore come first. */
	code_tier(c, r);
	code_purses(c, r);
	code_sums(c, r);
	code_member(c, r);
}

/* 3. Whether a seam can have all parts that the state may have. */
static bool
can_be_made(const struct run *r)
{
	const struct timeline *t = r->timeline;

	if (t->nbudgets > 0 || t->npayouts > 0)
		return false;
	for (size_t i = 0; i < t->nfacts; i++)
		if (t->facts[i].held)
			return false;
	for (size_t i = 0; i < t->neras; i++) {
		const struct program *p = t->eras[i].program;

		for (size_t j = 0; j < p->nrules; j++)
			if (p->rules[j].on == ON_TIER ||
			    p->rules[j].on == ON_TIER_YEAR ||
			    p->rules[j].charity != NULL)
				return false;
	}
	return true;
}

/* Finds when something first happened to what a happening is about. */
static int64_t
begins_at(struct run *r, const struct happening *h)
{
	const struct fact *f = h->fact, *of = NULL;
	int64_t now = r->timeline->now, at = fact_happens_at(f, now);

	if (h->by != NULL)
		at = int64_min(at, h->by->at);
	if (f->kind == FACT_CAPTURE || f->kind == FACT_RELEASE)
		of = run_fact(r, FACT_REDEEM, f->store_id, f->of);
	return of == NULL ? at : int64_min(at, fact_happens_at(of, now));
}

int64_t
seam_choose(struct run *r, const struct happening *list, size_t n)
{
	const struct timeline *t = r->timeline;
	int64_t first = INSTANT_NEVER;
	size_t kept = 0;

	if ((t->seam_keeps == 0 && t->seam_next_at == 0) || !can_be_made(r))
		return 0;
	if (t->seam_next_at != 0)
		return t->seam_next_at;
	/* 2. Goes back until nothing that is kept began before the seam. */
	for (size_t i = n; i-- > 0;) {
		const struct happening *h = &list[i];

		if (kept >= t->seam_keeps && h->at < first && h->at <= t->now)
			return i < t->seam_keeps ? 0 : first;
		kept += h->at <= t->now;
		first = int64_min(first, begins_at(r, h));
	}
	return 0;
}

void
seam_make(struct run *r, int64_t at)
{
	struct fold *out = r->out;
	struct coder c = { .arena = r->arena };
	size_t nlots = 0;

	for (size_t i = 0; i < r->npurses; i++)
		nlots += r->purses[i]->nlots;
	out->lots_then = arena_array(r->arena, nlots + 1, sizeof(struct lot *));
	out->units_then = arena_array(
	    r->arena, r->nmovements + 1, sizeof(*out->units_then));
	for (size_t i = 0; i < r->nmovements; i++)
		out->units_then[i] = r->movements[i].units;
	out->nmovements_then = r->nmovements;
	code_all(&c, r);
	if (c.is_bad || r->nmemberships > 0)
		return;
	steps_take(r->steps, c.n);
	out->seam = (struct seam){ at, coder_bytes(&c) };
}

void
seam_resume(struct run *r)
{
	const struct seam *s = &r->timeline->seam;
	struct coder c = coder_read(r->arena, s->bytes);

	r->is_resumed = true;
	run_wait(r, s->at);
	steps_take(r->steps, c.n);
	code_all(&c, r);
	r->counted_by = run_program(r);
	r->is_short |= !coder_is_done(&c);
}
