/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>

#include "base/cc.h"
#include "base/instant.h"
#include "wire/program/program.h"

#include "books.h"
#include "history.h"
#include "model.h"
#include "model_report.h"
#include "seams.h"
#include "slow.h"
#include "slow_day.h"

enum {
	SHUFFLES = 2,
	STEPS = 6,
	CASE_SECONDS = 2, /* a case takes milliseconds, unless it is endless */
	CASE_REPORT_MAX = 256 * 1024,
};

static int64_t
least(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

/* ---- property (a): the order of deliveries ---- */

/* Shuffles the deliveries: every delivery comes once, some come twice. */
static size_t
arrivals(struct dice *d, const struct history *h, size_t *list)
{
	size_t n = h->n;

	for (size_t i = 0; i < n; i++)
		list[i] = i;
	for (size_t i = 0; i < h->n; i++)
		if (dice_one_in(d, 4))
			list[n++] = i;
	for (size_t i = n; i > 1; i--) {
		size_t j = (size_t)dice_between(d, 0, (int64_t)i - 1);
		size_t x = list[i - 1];

		list[i - 1] = list[j];
		list[j] = x;
	}
	return n;
}

/* Whether the order belongs to the right customer: the customer named in the
 * newest of its snapshots that name a customer. */
static bool
is_whose_it_was_told(const struct history *h, const struct fact *f)
{
	int64_t last = 0;
	bool named = false;

	for (size_t i = 0; i < h->n; i++) {
		const struct fact *x = &h->list[i].fact;

		if (x->kind != FACT_ORDER || strcmp(x->id, f->id) != 0 ||
		    x->order->customer_id == 0 || x->order->modified_at < last)
			continue;
		named &= x->order->modified_at == last;
		named |= x->order->customer_id == f->order->customer_id;
		last = x->order->modified_at;
	}
	return last == 0 ? f->order->customer_id == 0 : named;
}

static bool
are_whose_they_were_told(
    const struct history *h, const struct inbox *in, struct buf *why)
{
	for (size_t i = 0; i < in->n; i++) {
		const struct fact *f = &in->facts[i];

		if (f->kind != FACT_ORDER || is_whose_it_was_told(h, f))
			continue;
		buf_printf(why, "order %s is customer %lld's\n", f->id,
		    (long long)f->order->customer_id);
		return false;
	}
	return true;
}

/* Whether a random order of arrival leads to the same books, if the differences
 * are posted after each arrival. */
static bool
holds_in_order(struct model *m, const struct fold *f, const struct books *b,
    struct dice *d, struct buf *why)
{
	const struct history *h = &m->history;
	size_t list[2 * TOLD_MAX], n = arrivals(d, h, list);
	struct books posted = { 0 };
	struct inbox in;

	inbox_init(&in, &m->work, h);
	for (size_t i = 0; i < n; i++) {
		struct fold now;
		struct books should;
		bool last = i == n - 1;

		inbox_take(&in, &h->list[list[i]]);
		inbox_fold(&in, last ? &m->work : &m->scratch, h->end, &now);
		books_of(last ? &m->work : &m->scratch, &now, &should);
		books_post(&m->work, &posted, &should);
		arena_reset(&m->scratch);
		if (last && !standing_equal(f, &now, why))
			return false;
	}
	return are_whose_they_were_told(h, &in, why) &&
	       books_equal(b, &posted, why);
}

static bool
holds_in_any_order(struct model *m, const struct fold *f, const struct books *b,
    struct buf *why)
{
	struct dice d;

	dice_init(&d, m->shuffle);
	for (int i = 0; i < SHUFFLES; i++)
		if (!holds_in_order(m, f, b, &d, why))
			return false;
	return true;
}

/* ---- property (b): everything undone ---- */

/* Sums the units moved into an account, less the units moved out of it, without
 * the movements of redemptions. */
static int64_t
moved(const struct books *b, const char *wallet, enum account account)
{
	int64_t sum = 0;

	for (size_t i = 0; i < b->n; i++) {
		const struct movement *x = &b->list[i].key;

		if (strcmp(x->wallet, wallet) != 0 ||
		    x->source == SOURCE_REDEMPTION)
			continue;
		if (x->credit == account)
			sum += x->units;
		if (x->debit == account)
			sum -= x->units;
	}
	return sum;
}

static int64_t
redeemed(const struct books *b, const char *wallet)
{
	int64_t sum = 0;

	for (size_t i = 0; i < b->n; i++) {
		const struct movement *x = &b->list[i].key;

		if (strcmp(x->wallet, wallet) != 0 ||
		    x->source != SOURCE_REDEMPTION)
			continue;
		if (x->credit == ACCOUNT_REDEEMED ||
		    x->credit == ACCOUNT_CHARITY)
			sum += x->units;
		if (x->debit == ACCOUNT_REDEEMED || x->debit == ACCOUNT_CHARITY)
			sum -= x->units;
	}
	return sum;
}

static bool
purse_is_undone(const struct history *h, const struct purse *p,
    const struct books *b, struct buf *why)
{
	int64_t has = p->balance.available + p->balance.pending +
	              p->balance.reserved - p->balance.debt;
	int64_t used = redeemed(b, p->wallet);
	int64_t given = moved(b, p->wallet, ACCOUNT_ISSUED) +
	                moved(b, p->wallet, ACCOUNT_REVERSED);
	bool any = strcmp(p->wallet, "charity") == 0;

	/* A debt that was forgiven while a redemption had units reserved does
	 * not come back when the units are released. */
	for (size_t i = 0; i < h->n && p->negative == NEGATIVE_FORGIVE; i++)
		any |= h->list[i].fact.kind == FACT_REDEEM;
	if (given == 0 && (any || has == -used))
		return true;
	buf_printf(why, "%s: %lld left, %lld redeemed, %lld not taken back\n",
	    p->wallet, (long long)has, (long long)used, (long long)-given);
	return false;
}

static bool
is_undone(const struct history *h, const struct fold *f, const struct books *b,
    struct buf *why)
{
	for (size_t i = 0; i < f->npurses; i++)
		if (!purse_is_undone(h, &f->purses[i], b, why))
			return false;
	if (f->ntiers == 0 || f->tiers[f->ntiers - 1].level == NULL)
		return true;
	buf_printf(why, "still %s\n", f->tiers[f->ntiers - 1].level);
	return false;
}

/* ---- property (c): the slow evaluator ---- */

/* Sums the units that a rule and its multipliers gave for an order or event.
 * If `own`, the units of the multipliers are left out. */
static int64_t
stands(const struct books *b, const struct fact *f, const char *rule, bool own)
{
	enum source_kind kind = f->kind == FACT_ORDER ? SOURCE_ORDER
	                                              : SOURCE_EVENT;
	size_t n = strlen(rule);
	int64_t sum = 0;

	for (size_t i = 0; i < b->n; i++) {
		const struct movement *x = &b->list[i].key;

		if (x->source != kind || strcmp(x->source_id, f->id) != 0 ||
		    x->rule == NULL || strncmp(x->rule, rule, n) != 0 ||
		    (x->rule[n] != '\0' && (own || x->rule[n] != '*')))
			continue;
		if (x->debit == ACCOUNT_ISSUED)
			sum += x->units;
		if (x->credit == ACCOUNT_REVERSED)
			sum -= x->units;
	}
	return sum;
}

static struct slow_line
slow_says(const struct slow *s, const struct fact *f, size_t rule)
{
	for (size_t i = 0; i < s->nlines; i++)
		if (s->lines[i].fact == f && s->lines[i].rule == rule)
			return s->lines[i];
	return (struct slow_line){ .fact = f };
}

static bool
is_same(const char *of, const char *rule, int64_t has, int64_t should,
    struct buf *why)
{
	if (has == should)
		return true;
	buf_printf(why, "%s by rule %s: %lld, should be %lld\n", of, rule,
	    (long long)has, (long long)should);
	return false;
}

static bool
rule_is_slow(struct model *m, const struct inbox *in, const struct books *b,
    size_t rule, struct buf *why)
{
	const char *id = m->spec.rules[rule].id;

	for (size_t i = 0; i < in->n; i++) {
		const struct fact *x = &in->facts[i];
		struct slow_line line = slow_says(&m->slow, x, rule);

		if (x->kind != FACT_ORDER && x->kind != FACT_EVENT)
			continue;
		if (!is_same(
		        x->id, id, stands(b, x, id, false), line.units, why))
			return false;
		if (!is_same(x->id, id, stands(b, x, id, true), line.own, why))
			return false;
	}
	return true;
}

static bool
is_slow_tier(const struct model *m, const struct fold *f, struct buf *why)
{
	const char *has = f->ntiers == 0 ? NULL : f->tiers[f->ntiers - 1].level;
	const char *should = m->slow.tier == SLOW_NO_TIER
	                         ? NULL
	                         : world_levels[m->slow.tier];

	if ((has == NULL && should == NULL) ||
	    (has != NULL && should != NULL && strcmp(has, should) == 0))
		return true;
	buf_printf(why, "the tier is %s, should be %s\n",
	    has == NULL ? "none" : has, should == NULL ? "none" : should);
	return false;
}

static bool
is_as_slow_says(struct model *m, const struct inbox *in, const struct fold *f,
    const struct books *b, struct buf *why)
{
	slow_evaluate(
	    &m->spec, &zone_model, in->facts, in->n, m->history.end, &m->slow);
	for (size_t i = 0; i < m->spec.nrules; i++)
		if (!rule_is_slow(m, in, b, i, why))
			return false;
	return is_slow_tier(m, f, why);
}

/* ---- property (f): several times ---- */

static int64_t
next_in_facts(const struct inbox *in, int64_t now)
{
	int64_t next = INSTANT_NEVER;

	for (size_t i = 0; i < in->n; i++) {
		const struct fact *f = &in->facts[i];

		if (f->at > now)
			next = least(next, f->at);
		if (f->kind != FACT_ORDER)
			continue;
		if (f->order->cancelled_at > now)
			next = least(next, f->order->cancelled_at);
		if (f->order->deleted_at > now)
			next = least(next, f->order->deleted_at);
		if (f->order->fulfilled_at > now)
			next = least(next, f->order->fulfilled_at);
		for (size_t r = 0; r < f->order->nrefunds; r++)
			if (f->order->refunds[r].at > now)
				next = least(next, f->order->refunds[r].at);
	}
	return next;
}

static void
look(struct model *m, const struct inbox *in, int64_t now, struct fold *f,
    struct books *b)
{
	inbox_fold(in, &m->work, now, f);
	books_of(&m->work, f, b);
}

static bool
is_straight(const struct model *m, int64_t now, const struct fold *f,
    const struct books *b, struct buf *why)
{
	const struct straight how = { now, m->history.neras == 1 };

	return books_are_straight(f, b, &how, why);
}

static bool
step_holds(struct model *m, const struct inbox *in, int64_t now,
    const struct books *before, struct books *b, struct buf *why)
{
	struct fold f, later;
	struct books same;
	int64_t next;

	look(m, in, now, &f, b);
	if (!is_straight(m, now, &f, b, why))
		return false;
	if (!books_contain(b, before, why)) {
		buf_puts(why, "was taken away by time alone\n");
		return false;
	}
	next = least(least(next_in_facts(in, now), f.due_at), m->history.end);
	if (next <= now) {
		if (f.due_at > now)
			return true;
		buf_puts(why, "due in the past\n");
		return false;
	}
	look(m, in, next - 1, &later, &same);
	if (books_equal(b, &same, why) && later.due_at == f.due_at)
		return true;
	buf_printf(why, "changed before it was due\n");
	return false;
}

static bool
holds_in_steps(struct model *m, const struct inbox *in, const struct books *end,
    struct buf *why)
{
	struct books before = { 0 }, b = { 0 }, posted = { 0 };
	struct dice d;
	int64_t now = m->history.n == 0 ? 1 : m->history.list[0].at;

	dice_init(&d, m->shuffle + 1);
	for (int i = 0; i <= STEPS; i++) {
		if (i == STEPS)
			now = m->history.end;
		if (!step_holds(m, in, now, &before, &b, why)) {
			char text[INSTANT_TEXT_MAX];

			instant_format(now, text);
			buf_printf(why, "at %s\n", text);
			return false;
		}
		books_post(&m->work, &posted, &b);
		before = b;
		now = dice_between(&d, now, m->history.end);
	}
	return books_equal(&posted, end, why);
}

/* ---- property (g): a bound of steps ---- */

static bool
is_bounded(struct model *m, struct inbox *in, const struct fold *f,
    const struct books *b, struct buf *why)
{
	struct fold same, less;
	struct books again;
	struct dice d;

	dice_init(&d, m->shuffle + 2);
	in->steps_most = f->steps;
	look(m, in, m->history.end, &same, &again);
	in->steps_most = dice_between(&d, 1, f->steps - 1);
	inbox_fold(in, &m->work, m->history.end, &less);
	in->steps_most = 0;
	if (!same.is_cut && same.steps == f->steps && less.is_cut &&
	    less.nmovements == 0)
		return books_equal(b, &again, why);
	buf_printf(why, "%lld steps, then %lld%s, with %lld of them%s\n",
	    (long long)f->steps, (long long)same.steps,
	    same.is_cut ? " and cut" : "", (long long)in->steps_most,
	    less.is_cut ? " cut" : " not");
	return false;
}

/* ---- all properties ---- */

static enum property
fails(struct model *m, struct buf *why)
{
	const struct history *h = &m->history;
	struct inbox in;
	struct fold f;
	struct books b;
	enum property bad = PROPERTY_NONE;

	arena_reset(&m->work);
	buf_reset(why);
	inbox_init(&in, &m->work, h);
	for (size_t i = 0; i < h->n; i++)
		inbox_take(&in, &h->list[i]);
	look(m, &in, h->end, &f, &b);
	if (!is_straight(m, h->end, &f, &b, why))
		bad = PROPERTY_STRAIGHT;
	else if (m->spec.shape.slow && !is_as_slow_says(m, &in, &f, &b, why))
		bad = PROPERTY_SLOW;
	else if (m->spec.shape.undone && !is_undone(h, &f, &b, why))
		bad = PROPERTY_UNDONE;
	else if (!holds_in_any_order(m, &f, &b, why))
		bad = PROPERTY_ORDER;
	else if (!holds_in_steps(m, &in, &b, why))
		bad = PROPERTY_STEPS;
	else if (!is_bounded(m, &in, &f, &b, why))
		bad = PROPERTY_BOUND;
	else if (!seams_hold(&m->work, &in, m->shuffle + 3, why))
		bad = PROPERTY_SEAMS;
	if (bad != PROPERTY_NONE) {
		buf_puts(why, "what stands:\n");
		books_print(&b, why);
	}
	return bad;
}

/* The place to continue after a signal: an assertion that fails or a fold
 * without end.  Both count as a property that fails, for which the history is
 * shortened as for any other property. */
static sigjmp_buf alive;

static NORETURN void
on_signal(int signal)
{
	(void)signal;
	siglongjmp(alive, 1);
}

static void
catch_signals(const struct model *m, bool on)
{
	struct sigaction action = { .sa_handler = on ? on_signal : SIG_DFL };

	if (!m->catches)
		return;
	sigaction(SIGABRT, &action, NULL);
	/* Counts the time that this process works, not the time it waits on a
	 * busy machine. */
	sigaction(SIGPROF, &action, NULL);
	(void)setitimer(ITIMER_PROF,
	    &(struct itimerval){ .it_value.tv_sec = on ? CASE_SECONDS : 0 },
	    NULL);
}

static enum property
survives(struct model *m, struct buf *why)
{
	volatile enum property bad = PROPERTY_LIVES;

	catch_signals(m, true);
	if (sigsetjmp(alive, 1) == 0)
		bad = fails(m, why);
	catch_signals(m, false);
	return bad;
}

/* Makes the history.  Returns false if an assertion failed or a loop did not
 * end in fold(), which is called to make redemptions. */
static bool
is_made(struct model *m, struct dice *d)
{
	volatile bool made = false;

	catch_signals(m, true);
	if (sigsetjmp(alive, 1) == 0) {
		history_make(d, &m->spec, &m->life, &m->scratch, &m->history);
		made = true;
	}
	catch_signals(m, false);
	return made;
}

/* Leaves out a delivery; if `whole`, all deliveries about the same order or
 * fact.  Otherwise an order could lose its refund, and would not be undone in
 * the end. */
static void
leave_out(struct history *h, size_t i, bool whole)
{
	const struct fact out = h->list[i].fact;
	size_t n = 0;

	for (size_t j = 0; j < h->n; j++) {
		const struct fact *f = &h->list[j].fact;

		if (j == i || (whole && f->kind == out.kind &&
		                  strcmp(f->id, out.id) == 0))
			continue;
		h->list[n++] = h->list[j];
	}
	h->n = n;
}

/* Leaves out deliveries, one at a time, as long as the same property fails.
 * Keeps the first delivery, the enrolment. */
static void
shrink(struct model *m, enum property bad, struct buf *why)
{
	struct history *h = &m->history;

	for (size_t i = h->n - 1; i > 0 && i < h->n; i--) {
		struct history before = *h;

		leave_out(h, i, m->spec.shape.undone);
		if (survives(m, why) != bad)
			*h = before;
		if (i > h->n)
			i = h->n;
	}
	survives(m, why);
}

static bool
read_program(struct model *m, struct dice *d, const struct spec *s,
    struct buf *file, struct program *p, struct err *e)
{
	/* `kept` accepts conditions that can never hold, as some of the random
	 * conditions. */
	static const struct program_setting setting = { .currency = "EUR",
		.exponent = 2,
		.zone = &zone_model,
		.kept = true };

	spec_render(d, s, file);
	return program_parse(&m->life, (struct str){ file->data, file->len },
	           &setting, p, e) == 0;
}

/* Reads the program.  If its shape allows all parts, now and then also reads a
 * second program, which is in effect from 2024-10-01. */
static bool
make_eras(struct model *m, struct dice *d, struct err *e)
{
	struct history *h = &m->history;
	struct shape shape = { 0 };

	h->eras[0] = (struct era){ &m->programs[0], 1, 1 };
	h->neras = 1;
	if (!read_program(m, d, &m->spec, &m->file, &m->programs[0], e))
		return false;
	if (m->spec.shape.slow || m->spec.shape.undone || !dice_one_in(d, 4))
		return true;
	spec_make(d, shape, &m->second);
	h->eras[1] = (struct era){ &m->programs[1], 2,
		day_begins(&zone_model, day_at(2024, 10, 1)) };
	h->neras = 2;
	return read_program(
	    m, d, &m->second, &m->second_file, &m->programs[1], e);
}

static bool
run_case(struct model *m, struct dice *d, struct buf *why, struct buf *report)
{
	struct shape shape = { 0 };
	struct err e = { 0 };
	enum property bad;
	int64_t kind = dice_between(d, 0, 3);

	shape.slow = kind >= 2;
	shape.undone = kind == 1;
	spec_make(d, shape, &m->spec);
	if (!make_eras(m, d, &e)) {
		buf_puts(why, e.msg);
		report_case(m, PROPERTY_FILE, why, report);
		return false;
	}
	m->shuffle = dice_throw(d);
	bad = is_made(m, d) ? survives(m, why) : PROPERTY_LIVES;
	if (bad == PROPERTY_NONE)
		return true;
	shrink(m, bad, why);
	report_case(m, bad, why, report);
	return false;
}

bool
model_case(struct dice *d, bool catches, struct buf *report)
{
	struct model *m = calloc(1, sizeof(*m));
	struct buf why;
	bool good;

	if (m == NULL)
		abort();
	m->catches = catches;
	arena_init(&m->life);
	arena_init(&m->work);
	arena_init(&m->scratch);
	buf_init(&m->file, SPEC_FILE_MAX);
	buf_init(&m->second_file, SPEC_FILE_MAX);
	buf_init(&why, CASE_REPORT_MAX);
	good = run_case(m, d, &why, report);
	buf_fini(&why);
	buf_fini(&m->second_file);
	buf_fini(&m->file);
	arena_fini(&m->scratch);
	arena_fini(&m->work);
	arena_fini(&m->life);
	free(m);
	return good;
}
