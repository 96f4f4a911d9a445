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
 *  5. Of the lots that can be spent, a seam has those that are used first.  The
 *     others are apart (seam.rest), since most folds from a seam need none of
 *     them.  One lot stands in each purse for all that are missing: a fold that
 *     comes to that lot is short (run.wants_lots), and is done again with them.
 */
#include <assert.h>
#include <string.h>

#include "base/coder.h"
#include "base/instant.h"
#include "core/fold/internal.h"

enum {
	/* Raise this number whenever a fold gives something else for old facts
	 * than before, so that the seams of older versions are made anew. */
	SEAM_VERSION = 3,
	SUMS_MAX = 1024, /* windows of rules in a seam */
};

/* The coders of the two parts of a seam. */
enum {
	MAIN,
	REST
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

void
lot_code(struct coder *c, struct lot *x)
{
	CODE(c, x->source);
	CODE(c, x->store_id);
	coder_text(c, &x->source_id);
	coder_text(c, &x->rule);
	CODE(c, x->version_id);
	CODE(c, x->remaining);
	coder_instant(c, &x->earned_at);
	coder_instant(c, &x->vests_at);
	coder_instant(c, &x->expires_at);
	CODE(c, x->vested);
}

/* Codes a lot, and the contribution that moves when the lot vests. */
static void
code_lot(struct coder *c, struct run *r, struct lot_state *l)
{
	const struct contribution *x = l->contribution;
	size_t place = 0;

	if (x != NULL && !l->lot.vested && x->place < r->ncontributions &&
	    r->contributions[x->place].of == x)
		place = x->place + 1;
	lot_code(c, &l->lot);
	CODE(c, place);
	c->is_bad |= place > r->ncontributions;
	if (c->reads && !c->is_bad && place > 0)
		l->contribution = r->contributions[place - 1].of;
}

static void
write_lot(struct coder *c, struct run *r, struct lot_state *l, int part)
{
	struct fold *out = r->out;

	code_lot(&c[part], r, l);
	out->lots_then[part][out->nlots_then[part]++] = &l->lot;
}

/* Reads a lot of a purse.  The ids are those of the lots that are not read
 * yet. */
static void
read_lot(
    struct coder *c, struct run *r, struct purse_state *p, const int64_t **ids)
{
	struct lot_state *l = arena_alloc(r->arena, sizeof(*l));

	code_lot(c, r, l);
	l->lot.wallet = p->purse.wallet;
	l->lot.is_resumed = true;
	l->lot.vested_then = l->lot.vested;
	l->lot.remaining_then = l->lot.remaining;
	if (*ids != NULL)
		l->lot.lot_id = *(*ids)++;
	lot_put(r, p, l);
	lot_enter(r, l);
}

/* Writes the lots that have units, each of the main part with the number of
 * those of the rest that come before.  Last comes a lot that stands for the
 * rest: as the lot of the rest that is used first, with the units of all. */
static void
write_lots(struct coder *c, struct run *r, struct purse_state *p)
{
	const struct lot_state *after = lots_mark(r, p, r->timeline->seam_lots);
	struct lot rest = { .source = (enum source_kind)0 };
	size_t before = 0;

	if (after != NULL)
		rest = after->lot;
	rest.remaining = 0;
	for (size_t i = 0; i < p->nlots; i++) {
		struct lot_state *l = p->lots[i];

		if (l->lot.remaining == 0)
			continue;
		if (!l->lot.vested || l->is_soon) {
			(void)coder_more(c, true);
			CODE(c, before);
			write_lot(c, r, l, MAIN);
			before = 0;
		} else {
			before++;
			rest.remaining += l->lot.remaining;
			write_lot(c, r, l, REST);
		}
	}
	(void)coder_more(c, false);
	CODE(c, before);
	(void)coder_more(c, after != NULL);
	if (after != NULL)
		lot_code(c, &rest);
}

static void
read_lots(
    struct coder *c, struct run *r, struct purse_state *p, const int64_t *ids[])
{
	bool whole = r->timeline->seam.rest.len > 0, more;
	size_t before = 0;

	do {
		more = coder_more(c, true);
		CODE(c, before);
		for (; whole && before > 0 && !c[REST].is_bad; before--)
			read_lot(&c[REST], r, p, &ids[REST]);
		if (more)
			read_lot(c, r, p, &ids[MAIN]);
	} while (more);
	if (coder_more(c, true)) {
		struct lot_state *l = arena_alloc(r->arena, sizeof(*l));

		lot_code(c, &l->lot);
		p->rest = whole ? NULL : l;
		if (whole)
			return;
		lot_put(r, p, l);
		lot_enter(r, l);
	}
}

static void
code_purse(
    struct coder *c, struct run *r, struct purse_state *p, const int64_t *ids[])
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
	if (c->reads)
		read_lots(c, r, p, ids);
	else
		write_lots(c, r, p);
}

static void
code_purses(struct coder *c, struct run *r)
{
	const struct seam *from = &r->timeline->seam;
	const int64_t *ids[] = { from->ids, from->rest_ids };

	for (size_t i = 0; coder_more(c, i < r->npurses); i++) {
		struct purse_state *p = c->reads ? NULL : r->purses[i];
		const char *wallet = c->reads ? NULL : p->purse.wallet;
		enum wallet_unit unit = c->reads ? 0 : p->purse.unit;

		coder_text(c, &wallet);
		CODE(c, unit);
		if (p == NULL)
			p = purse_new(r, wallet, unit);
		code_purse(c, r, p, ids);
	}
}

/* ---- windows ------------------------------------------------------------- */

static void
code_cells(struct coder *c, struct rule_sums *s)
{
	for (struct cell **x = &s->cells; coder_more(c, *x != NULL);
	     x = &(*x)->next) {
		struct rule *rule = arena_alloc(c->arena, sizeof(*rule));

		if (c->reads) {
			*x = arena_alloc(c->arena, sizeof(**x));
			(*x)->from = s->from;
			(*x)->rule = rule;
		}
		assert(*x != NULL && (*x)->rule != NULL);
		/* Only same_rate() and worth_in() look at the rule of a cell. */
		*rule = *(*x)->rule;
		rule->id = s->rule;
		CODE(c, rule->by);
		CODE(c, rule->units);
		CODE(c, rule->per);
		CODE(c, rule->rounding);
		CODE(c, rule->over);
		sum(c, &(*x)->sum);
		sum(c, &(*x)->boosted);
	}
}

static void
code_gates(struct coder *c, struct rule_sums *s)
{
	for (struct gate **x = &s->gates; coder_more(c, *x != NULL);
	     x = &(*x)->next) {
		if (c->reads)
			*x = arena_alloc(c->arena, sizeof(**x));
		assert(*x != NULL);
		CODE(c, (*x)->window);
		CODE(c, (*x)->of_program);
		CODE(c, (*x)->is_proportional);
		CODE(c, (*x)->total);
		CODE(c, (*x)->taken);
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
	struct rule_sums *list[SUMS_MAX] = { NULL }, *s;
	size_t n = 0;

	c->is_bad |= !c->reads && !open_sums(r, list, &n);
	for (size_t i = 0; i < SUMS_MAX && coder_more(c, i < n); i++) {
		const char *rule = list[i] != NULL ? list[i]->rule : NULL;
		int64_t from = list[i] != NULL ? list[i]->from : 0;

		coder_text(c, &rule);
		CODE(c, from);
		if (c->is_bad)
			return;
		s = c->reads ? window_sums(r, rule, from, NULL) : list[i];
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
	struct contribution *all;

	r->contributions = coder_list(c, r->contributions, &r->ncontributions,
	    &r->contributions_room, sizeof(*r->contributions));
	all = arena_array(
	    r->arena, c->reads ? r->ncontributions + 1 : 1, sizeof(*all));
	for (size_t i = 0; i < r->ncontributions; i++) {
		struct counted *x = &r->contributions[i];

		if (c->reads)
			x->of = &all[i];
		coder_instant(c, &x->of->at);
		CODE(c, x->of->amount);
		x->at = x->of->at;
	}
	if (c->reads)
		metric_sums_from(r, 0);
}

static void
code_holdings(struct coder *c, struct run *r)
{
	r->holdings = coder_list(c, r->holdings, &r->nholdings,
	    &r->holdings_room, sizeof(*r->holdings));
	for (size_t i = 0; i < r->nholdings; i++) {
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
	size_t n = r->nchanges_before + r->nchanges;
	struct tier_change *t;

	CODE(c, n);
	if (n == 0)
		return;
	if (c->reads) {
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
	*list = coder_list(c, *list, n, room, sizeof(**list));
	for (size_t i = 0; i < *n; i++) {
		coder_text(c, &(*list)[i].name);
		coder_text(c, &(*list)[i].value);
		CODE(c, (*list)[i].at);
	}
}

static void
code_traits(struct coder *c, struct run *r)
{
	struct member_view *v = &r->view;

	v->traits = coder_list(
	    c, v->traits, &v->ntraits, &r->traits_room, sizeof(*v->traits));
	for (size_t i = 0; i < v->ntraits; i++) {
		CODE(c, v->traits[i].store_id);
		coder_text(c, &v->traits[i].name);
		coder_text(c, &v->traits[i].value);
	}
}

static void
code_events(struct coder *c, struct run *r)
{
	struct member_view *v = &r->view;

	v->events = coder_list(
	    c, v->events, &v->nevents, &r->events_room, sizeof(*v->events));
	for (size_t i = 0; i < v->nevents; i++) {
		coder_text(c, &v->events[i].type);
		coder_instant(c, &v->events[i].at);
	}
}

static void
code_birthdays(struct coder *c, struct run *r)
{
	r->birthdays = coder_list(c, r->birthdays, &r->nbirthdays,
	    &r->birthdays_room, sizeof(*r->birthdays));
	for (size_t i = 0; i < r->nbirthdays; i++) {
		coder_text(c, &r->birthdays[i].attribute);
		CODE(c, r->birthdays[i].next_at);
		CODE(c, r->birthdays[i].next_year);
		CODE(c, r->birthdays[i].year);
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
	if (f->kind == FACT_CAPTURE || f->kind == FACT_RELEASE ||
	    fact_is_use(f))
		of = redemption_of(r, f);
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
	struct coder c[] = { { .arena = r->arena }, { .arena = r->arena } };
	size_t nlots = 0;

	for (size_t i = 0; i < r->npurses; i++) {
		nlots += r->purses[i]->nlots;
		r->wants_lots |= r->purses[i]->rest != NULL;
	}
	for (int i = MAIN; i <= REST; i++)
		out->lots_then[i] = arena_array(
		    r->arena, nlots + 1, sizeof(struct lot *));
	code_all(c, r);
	if (c->is_bad || r->nmemberships > 0)
		return;
	steps_take(r->steps, c[MAIN].n + c[REST].n);
	out->seam = (struct seam){ .at = at,
		.bytes = coder_bytes(&c[MAIN]),
		.rest = coder_bytes(&c[REST]) };
}

void
seam_resume(struct run *r)
{
	const struct seam *s = &r->timeline->seam;
	struct coder c[] = { coder_read(r->arena, s->bytes),
		coder_read(r->arena, s->rest) };

	r->is_resumed = true;
	run_wait(r, s->at);
	steps_take(r->steps, c[MAIN].n + c[REST].n);
	code_all(c, r);
	r->counted_by = run_program(r);
	r->is_short |= !coder_is_done(&c[MAIN]) || !coder_is_done(&c[REST]);
}
