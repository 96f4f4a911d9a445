/* SPDX-License-Identifier: MIT */
/*
 * membership: memberships and their paid terms.
 *
 *  1. An order with a fee line, or an event, pays for one term.  The term
 *     begins at once, or when the time that is already paid ends, even if that
 *     time ends today.  The dates of consecutive terms are counted from the day
 *     on which the first began.
 *  2. A trial is a membership without a payment.  A term that is paid during
 *     the trial begins at the trial's end.
 *  3. A membership lasts until its paid time ends.  After that, it lasts for
 *     the days of grace, unless it was cancelled.  A payment in the grace
 *     continues it without a gap.
 *  4. Somebody who was not a member joins when paid time begins.  The rules for
 *     a term, and for a month of a term, run when the term or the month begins.
 *  5. If the program says so, the refund of a fee ends the term that the fee
 *     paid for, and takes back what the term gave.  Later terms then begin
 *     earlier.  If the member still has another term, that term counts as the
 *     term of joining.
 */
#include <string.h>

#include "base/instant.h"
#include "core/fold/internal.h"

struct paid_term {
	struct occurrence *by;
	struct period period;
	int64_t anchor, nth; /* the term is the nth period from the anchor */
	int64_t from, until;
	bool begun, undone, joined;
	int64_t months; /* ON_MEMBERSHIP_MONTH: months that have begun */
	/* The occurrences of this term for which rules gave units. */
	struct occurrence **credits;
	size_t ncredits, room;
};

enum {
	MONTHS_OF_YEAR = 12
};

static struct membership_run *
membership_of(struct run *r, const char *id)
{
	struct membership_run *m;
	size_t most = sizeof(r->memberships) / sizeof(r->memberships[0]);

	for (size_t i = 0; i < r->nmemberships; i++)
		if (strcmp(r->memberships[i].id, id) == 0)
			return &r->memberships[i];
	/* Full only if all versions of the program together have more than
	 * twice as many memberships as one version may have. */
	if (r->nmemberships == most)
		return NULL;
	m = &r->memberships[r->nmemberships++];
	m->id = id;
	return m;
}

static const struct membership *
rules_of(const struct run *r, const struct membership_run *m)
{
	const struct program *p = run_program(r);
	size_t i = program_membership(p, m->id);

	return i == NONE ? NULL : &p->memberships[i];
}

/* 3. The end of the paid time and its days of grace. */
static int64_t
ends_at(struct run *r, const struct membership_run *m)
{
	const struct membership *rules = rules_of(r, m);
	struct period grace = { 0, UNIT_DAY };

	if (m->until == INSTANT_NEVER || m->trial || m->cancelled ||
	    rules == NULL)
		return m->until;
	grace.n = rules->grace_days;
	return grace.n == 0 ? m->until : run_term(r, m->until, grace, 1);
}

static void
view_memberships(struct run *r)
{
	if (r->view.memberships == NULL)
		r->view.memberships = arena_array(r->arena,
		    sizeof(r->memberships) / sizeof(r->memberships[0]),
		    sizeof(*r->view.memberships));
	r->view.nmemberships = 0;
	for (size_t i = 0; i < r->nmemberships; i++)
		if (r->memberships[i].active)
			r->view.memberships
			    [r->view.nmemberships++] = r->memberships[i].id;
}

/* ---- 4. what begins ------------------------------------------------------ */

static void
credit(struct run *r, struct membership_run *m, struct paid_term *t,
    enum trigger on, const char *kind)
{
	const char *const parts[] = { kind, ":", m->id, ":",
		t->by->origin.source_id, ":", run_number(r, t->months), NULL };
	struct occurrence *o = earn_tick(r, on, run_text(r, parts), NULL);

	t->credits = arena_grow(r->arena, t->credits, t->ncredits, &t->room,
	    sizeof(struct occurrence *));
	t->credits[t->ncredits++] = o;
}

/* Whether another paid term ends exactly where this term begins. */
static bool
goes_on(const struct run *r, const struct membership_run *m,
    const struct paid_term *t)
{
	steps_take(r->steps, m->nterms);
	for (size_t i = 0; i < m->nterms; i++)
		if (&m->terms[i] != t && m->terms[i].begun &&
		    !m->terms[i].undone && m->terms[i].until == t->from)
			return true;
	return false;
}

static void
join(struct run *r, struct membership_run *m, struct paid_term *t)
{
	m->from = t->from;
	t->joined = true;
	credit(r, m, t, ON_MEMBERSHIP, "membership");
}

static void
term_begin(struct run *r, struct membership_run *m, struct paid_term *t)
{
	t->begun = true;
	m->trial = false;
	m->active = true;
	view_memberships(r);
	if (!goes_on(r, m, t))
		join(r, m, t);
	credit(r, m, t, ON_MEMBERSHIP_PERIOD, "period");
	credit(r, m, t, ON_MEMBERSHIP_MONTH, "month");
	t->months = 1;
}

/* Sets the begin and end of a paid term.  Consecutive terms are counted from
 * the day on which the first of them began: 31 January, 28 February, 31
 * March. */
static void
term_place(struct run *r, const struct membership_run *m, struct paid_term *t,
    int64_t from)
{
	t->anchor = from;
	t->nth = 1;
	steps_take(r->steps, m->nterms);
	for (size_t i = 0; i < m->nterms; i++) {
		const struct paid_term *x = &m->terms[i];

		if (x == t || x->undone || x->until != from ||
		    x->period.n != t->period.n ||
		    x->period.unit != t->period.unit)
			continue;
		t->anchor = x->anchor;
		t->nth = x->nth + 1;
	}
	t->from = from;
	t->until = run_term(r, t->anchor, t->period, t->nth);
}

/* 1. Whether a term that is paid now begins when the paid time ends, rather
 * than at once. */
static bool
is_in_time(struct run *r, const struct membership_run *m)
{
	return m->active ||
	       (m->until != 0 &&
	           r->now < calendar_day_end(run_zone(r), m->until));
}

/* 1. and 2. Adds a paid term, which begins now or at the end of the time that
 * is paid already. */
static void
pay(struct run *r, struct membership_run *m, const struct membership *rules,
    struct occurrence *by)
{
	/* A membership for life has no end, so a second payment for life counts
	 * only if the first is refunded. */
	int64_t from = is_in_time(r, m) ? m->until : r->now;
	struct paid_term *t;

	m->terms = arena_grow(
	    r->arena, m->terms, m->nterms, &m->room, sizeof(*t));
	t = &m->terms[m->nterms++];
	*t = (struct paid_term){ .by = by, .period = rules->term };
	term_place(r, m, t, from);
	m->until = t->until;
	m->cancelled = false;
	if (t->from <= r->now)
		term_begin(r, m, t);
}

static const struct membership *
named(const struct occurrence *o, const char **reason)
{
	const char *id = fact_field(o->fact, "membership");
	size_t i = id != NULL ? program_membership(o->program, id) : NONE;

	*reason = i == NONE ? "no_such_membership" : NULL;
	return i == NONE ? NULL : &o->program->memberships[i];
}

const char *
membership_paid(struct run *r, struct occurrence *o)
{
	const char *reason;
	const struct membership *rules = named(o, &reason);
	struct membership_run *m;

	if (rules == NULL)
		return reason;
	m = membership_of(r, rules->id);
	if (m == NULL)
		return "too_many_memberships";
	pay(r, m, rules, o);
	return NULL;
}

const char *
membership_started(struct run *r, struct occurrence *o)
{
	const char *reason, *trial = fact_field(o->fact, "trial");
	const struct membership *rules = named(o, &reason);
	struct period days = { 0, UNIT_DAY };
	struct membership_run *m;

	if (rules == NULL)
		return reason;
	if (trial == NULL || strcmp(trial, "true") != 0)
		return rules->price == 0 ? membership_paid(r, o) : "not_paid";
	m = membership_of(r, rules->id);
	if (m == NULL || rules->trial_days == 0 || m->until != 0)
		return "no_trial";
	days.n = rules->trial_days;
	m->trial = m->active = true;
	m->from = r->now;
	m->until = run_term(r, r->now, days, 1);
	view_memberships(r);
	return NULL;
}

const char *
membership_cancelled(struct run *r, struct occurrence *o)
{
	const char *reason;
	const struct membership *rules = named(o, &reason);
	struct membership_run *m;

	if (rules == NULL)
		return reason;
	m = membership_of(r, rules->id);
	if (m == NULL || !m->active)
		return "not_a_member";
	m->cancelled = true;
	return NULL;
}

/* ---- orders -------------------------------------------------------------- */

static bool
is_fee(const struct membership *m, const struct order_line *l)
{
	return m->fee.n > 0 && filter_has(&m->fee, l);
}

const int64_t *
membership_counting(
    struct run *r, const struct program *p, const struct order *o)
{
	int64_t *counting = NULL;

	steps_take(r->steps, o->nlines * p->nmemberships);
	for (size_t i = 0; i < o->nlines; i++)
		for (size_t j = 0; j < p->nmemberships; j++) {
			if (!is_fee(&p->memberships[j], &o->lines[i]))
				continue;
			if (counting == NULL) {
				counting = arena_array(
				    r->arena, o->nlines, sizeof(*counting));
				for (size_t k = 0; k < o->nlines; k++)
					counting[k] = FACTOR_ONE;
			}
			counting[i] = 0;
		}
	return counting;
}

/* Whether the order still pays for the membership, after its refunds so far. */
static bool
still_pays(const struct occurrence *o, const struct membership *m)
{
	const struct base fee = { .gift_cards = true, .lines = m->fee };
	const struct worth_ask ask = {
		.base = &fee,
		.nrefunds = o->nrefunds,
		.free_pieces = true,
		.tallies = o->tallies,
	};
	struct worth w;

	if (o->undone)
		return false;
	worth_of(o->order, &ask, &w);
	steps_take(o->steps, w.width);
	return w.pieces > 0 && (w.left.n > 0 || w.whole.n == 0);
}

void
membership_fee(struct run *r, struct occurrence *o)
{
	for (size_t i = 0; i < o->program->nmemberships; i++) {
		const struct membership *rules = &o->program->memberships[i];
		struct membership_run *m;

		if (rules->fee.n == 0 || !still_pays(o, rules))
			continue;
		m = membership_of(r, rules->id);
		if (m != NULL)
			pay(r, m, rules, o);
	}
}

/* Lets the terms that were paid later begin earlier, as if `gone` had never
 * been paid. */
static void
move_up(struct run *r, struct membership_run *m, const struct paid_term *gone)
{
	int64_t from = gone->begun ? r->now : gone->from;

	if (gone->until <= r->now)
		return;
	steps_take(r->steps, m->nterms);
	for (size_t i = 0; i < m->nterms; i++) {
		struct paid_term *t = &m->terms[i];

		if (t <= gone || t->undone || t->begun)
			continue;
		term_place(r, m, t, from);
		from = t->until;
	}
}

/* 5. If a term has begun and the term before it is gone, this term becomes the
 * term of joining. */
static void
join_again(struct run *r, struct membership_run *m)
{
	steps_take(r->steps, m->nterms);
	for (size_t i = 0; i < m->nterms; i++) {
		struct paid_term *t = &m->terms[i];

		if (t->begun && !t->undone && !t->joined && !goes_on(r, m, t))
			join(r, m, t);
	}
}

static void
term_undo(struct run *r, struct membership_run *m, struct paid_term *t)
{
	t->undone = true;
	for (size_t i = t->ncredits; i-- > 0;) {
		t->credits[i]->revoked = true;
		earn_again(r, t->credits[i]);
	}
	move_up(r, m, t);
	m->until = r->now;
	for (size_t i = 0; i < m->nterms; i++)
		if (!m->terms[i].undone && m->terms[i].until > m->until)
			m->until = m->terms[i].until;
	if (m->until == r->now) {
		m->active = false;
		view_memberships(r);
	}
	join_again(r, m);
}

void
membership_fee_refunded(struct run *r, struct occurrence *o)
{
	for (size_t i = 0; i < r->nmemberships; i++) {
		struct membership_run *m = &r->memberships[i];
		size_t at = program_membership(o->program, m->id);
		const struct membership *rules;

		if (at == NONE)
			continue;
		rules = &o->program->memberships[at];
		if (rules->refund == MEMBERSHIP_STAYS || still_pays(o, rules))
			continue;
		steps_take(r->steps, m->nterms);
		for (size_t j = 0; j < m->nterms; j++)
			if (m->terms[j].by == o && !m->terms[j].undone)
				term_undo(r, m, &m->terms[j]);
	}
}

/* ---- what is due --------------------------------------------------------- */

/* When the month begins that comes after the first `months` months of a
 * term. */
static int64_t
month_begin(struct run *r, const struct paid_term *t, int64_t months)
{
	const struct period month = { 1, UNIT_MONTH };
	int64_t from = t->anchor;

	if (t->period.unit == UNIT_MONTH)
		months += (t->nth - 1) * t->period.n;
	else if (t->period.unit == UNIT_YEAR)
		months += (t->nth - 1) * t->period.n * MONTHS_OF_YEAR;
	else
		from = t->from;
	return run_term(r, from, month, months);
}

/* The begin of the term's next month for which the program in effect has a
 * rule; earlier months are skipped. */
static int64_t
month_at(struct run *r, struct paid_term *t)
{
	int64_t at, began = run_era(r, r->now)->from;

	if (!ticks_have(r, ON_MEMBERSHIP_MONTH))
		return INSTANT_NEVER;
	for (;; t->months++) {
		steps_take(r->steps, STEPS_DATE);
		at = month_begin(r, t, t->months);
		if (at >= t->until)
			return INSTANT_NEVER;
		if (at >= began)
			return at;
	}
}

static int64_t
term_due_at(struct run *r, struct paid_term *t)
{
	if (t->undone)
		return INSTANT_NEVER;
	return t->begun ? month_at(r, t) : t->from;
}

int64_t
memberships_due_at(struct run *r)
{
	int64_t at = INSTANT_NEVER;

	for (size_t i = 0; i < r->nmemberships; i++) {
		struct membership_run *m = &r->memberships[i];

		steps_take(r->steps, m->nterms);
		for (size_t j = 0; j < m->nterms; j++) {
			int64_t x = term_due_at(r, &m->terms[j]);

			if (x < at)
				at = x;
		}
		if (m->active && ends_at(r, m) < at)
			at = ends_at(r, m);
	}
	return at;
}

static void
term_due(struct run *r, struct membership_run *m, struct paid_term *t)
{
	if (term_due_at(r, t) > r->now)
		return;
	if (!t->begun) {
		term_begin(r, m, t);
		return;
	}
	credit(r, m, t, ON_MEMBERSHIP_MONTH, "month");
	t->months++;
}

void
memberships_due(struct run *r)
{
	for (size_t i = 0; i < r->nmemberships; i++) {
		struct membership_run *m = &r->memberships[i];

		steps_take(r->steps, m->nterms);
		for (size_t j = 0; j < m->nterms; j++)
			term_due(r, m, &m->terms[j]);
		if (!m->active || ends_at(r, m) > r->now)
			continue;
		m->active = m->trial = false;
		view_memberships(r);
	}
}
