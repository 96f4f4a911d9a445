/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "core/match.h"
#include "wire/program/internal.h"

/*
 * Finds conditions and filters that can never hold.  A new file with such a
 * condition is refused; a file that was published once (draft.kept) is not.
 */

/* ---- one test ------------------------------------------------------------ */

enum {
	EVERY_WEEKDAY = 0x7f,
	MONTH_LEAST = 28, /* days of the shortest month */
	MONTH_MOST = 31,
	YEAR_LEAST = 365,
	YEAR_MOST = 366,
};

static bool
is_part(const struct words *of, const struct words *all)
{
	for (size_t i = 0; i < of->n; i++)
		if (!words_have(all, of->list[i]))
			return false;
	return true;
}

/* Whether every pattern of `any` is matched by a pattern of `by`: then each
 * text that matches `any` also matches `by`. */
static bool
are_covered(const struct words *any, const struct words *by,
    bool (*matches)(const char *pattern, const char *text))
{
	for (size_t i = 0; i < any->n; i++) {
		bool found = false;

		for (size_t j = 0; j < by->n; j++)
			found |= matches(by->list[j], any->list[i]);
		if (!found)
			return false;
	}
	return true;
}

static bool
is_within(const struct test *t, const struct test *in)
{
	return in->low <= t->low && t->high <= in->high;
}

/* Whether period a is at most as long as period b, however long the months and
 * years are. */
static bool
is_no_longer(struct period a, struct period b)
{
	static const int64_t most[] = { [UNIT_DAY] = 1,
		[UNIT_MONTH] = MONTH_MOST,
		[UNIT_YEAR] = YEAR_MOST };
	static const int64_t least[] = { [UNIT_DAY] = 1,
		[UNIT_MONTH] = MONTH_LEAST,
		[UNIT_YEAR] = YEAR_LEAST };

	if (b.unit == UNIT_EVER || a.unit == UNIT_EVER)
		return b.unit == UNIT_EVER;
	if (a.unit == b.unit)
		return a.n <= b.n;
	return a.n * most[a.unit] <= b.n * least[b.unit];
}

/* Whether the test excludes every value that there is.  Amounts, pieces and
 * ages begin at 0. */
static bool
is_never(const struct test *t)
{
	if (!t->negated)
		return false;
	switch (t->kind) {
	case TEST_WEEKDAY:
		return t->low == EVERY_WEEKDAY;
	case TEST_AMOUNT:
	case TEST_PIECES:
	case TEST_AGE:
		return t->low <= 0 && t->high == INT64_MAX;
	case TEST_TIER:
	case TEST_MEMBERSHIP:
	case TEST_CHANNEL:
	case TEST_BRAND:
	case TEST_SHIPPING:
	case TEST_DATES:
	case TEST_SINCE:
	case TEST_CHOSEN_DAY:
	case TEST_ATTRIBUTE:
	case TEST_CUSTOMER:
	case TEST_FIELD:
	case TEST_NUMBER:
	case TEST_CODES:
	case TEST_NTH:
	case TEST_CONSENT:
		return false;
	}
	return false;
}

/* ---- two tests ----------------------------------------------------------- */

/* Whether everything that passes test t passes test `all`, too.  Both tests
 * must ask about the same thing. */
static bool
is_part_of(const struct test *t, const struct test *all)
{
	switch (t->kind) {
	case TEST_TIER:
	case TEST_MEMBERSHIP:
	case TEST_CHANNEL:
	case TEST_BRAND:
	case TEST_SHIPPING:
	case TEST_ATTRIBUTE:
	case TEST_FIELD:
	case TEST_CONSENT:
		return is_part(&t->any, &all->any);
	case TEST_CUSTOMER:
	case TEST_CODES:
		return are_covered(&t->any, &all->any, pattern_matches_nocase);
	case TEST_WEEKDAY:
		return (t->low & ~all->low) == 0;
	case TEST_DATES:
	case TEST_NUMBER:
	case TEST_AMOUNT:
	case TEST_PIECES:
		return is_within(t, all);
	case TEST_AGE:
		return is_within(t, all) && is_part(&t->any, &all->any);
	case TEST_SINCE:
		return is_no_longer(t->period, all->period);
	case TEST_CHOSEN_DAY:
		return true;
	case TEST_NTH:
		return t->low == all->low;
	}
	return false;
}

/* Whether no value passes both tests, which must ask about the same thing.
 * Always false for things of which a member can have several (memberships,
 * consents, codes, tags, children): one may pass the first test, and another
 * the second. */
static bool
have_nothing_common(const struct test *a, const struct test *b)
{
	switch (a->kind) {
	case TEST_TIER:
	case TEST_CHANNEL:
	case TEST_BRAND:
	case TEST_SHIPPING:
	case TEST_ATTRIBUTE:
	case TEST_FIELD:
		return !words_common(&a->any, &b->any);
	case TEST_WEEKDAY:
		return (a->low & b->low) == 0;
	case TEST_DATES:
	case TEST_NUMBER:
	case TEST_AMOUNT:
	case TEST_PIECES:
		return a->high <= b->low || b->high <= a->low;
	case TEST_NTH:
		return a->low != b->low;
	case TEST_MEMBERSHIP:
	case TEST_CONSENT:
	case TEST_CODES:
	case TEST_CUSTOMER:
	case TEST_AGE:
	case TEST_SINCE:
	case TEST_CHOSEN_DAY:
		return false;
	}
	return false;
}

static bool
ask_the_same(const struct test *a, const struct test *b)
{
	return a->kind == b->kind &&
	       (a->name == NULL || strcmp(a->name, b->name) == 0);
}

/* Whether the two tests exclude each other. */
static bool
are_apart(const struct test *a, const struct test *b)
{
	if (!ask_the_same(a, b) || (a->negated && b->negated))
		return false;
	if (a->negated)
		return is_part_of(b, a);
	return b->negated ? is_part_of(a, b) : have_nothing_common(a, b);
}

bool
test_never_holds(const struct test *list, size_t n, const struct test *t)
{
	for (size_t i = 0; i < n; i++)
		if (are_apart(&list[i], t))
			return true;
	return is_never(t);
}

/* ---- days ---------------------------------------------------------------- */

enum {
	/* Ten years.  A longer span is assumed to have every date on every day
	 * of the week. */
	DAYS_LOOKED_AT = 3660,
};

static bool
is_day_of(const struct rule *r, const struct civil *c)
{
	switch (r->on) {
	case ON_DATE:
		return c->month == r->month && c->day == r->day;
	case ON_MONTH:
		return c->day == 1;
	case ON_QUARTER:
		return c->day == 1 && c->month % 3 == 1;
	case ON_YEAR:
		return c->day == 1 && c->month == 1;
	case ON_ORDER:
	case ON_EVENT:
	case ON_BIRTHDAY:
	case ON_TIER:
	case ON_TIER_YEAR:
	case ON_MEMBERSHIP:
	case ON_MEMBERSHIP_PERIOD:
	case ON_MEMBERSHIP_MONTH:
	case ON_BALANCE:
		return true;
	}
	return true;
}

static bool
day_passes(const struct test *t, const struct civil *c, int64_t at)
{
	if (t->kind == TEST_WEEKDAY)
		return ((t->low >> c->weekday & 1) != 0) != t->negated;
	if (t->kind == TEST_DATES)
		return (t->low <= at && at < t->high) != t->negated;
	return true;
}

/* Whether the rule fires on none of the days that the condition allows.
 * Without a rule (NULL): whether the condition allows no day at all. */
static bool
days_never(
    const struct draft *d, const struct condition *c, const struct rule *r)
{
	const struct test *span = NULL;
	int64_t at;

	for (size_t i = 0; i < c->n; i++)
		if (c->tests[i].kind == TEST_DATES && !c->tests[i].negated)
			span = &c->tests[i];
	if (span == NULL || span->low == INT64_MIN || span->high == INT64_MAX)
		return false;
	at = span->low;
	for (int days = 0; at < span->high; days++) {
		struct civil day = calendar_civil(d->p.zone, at);
		bool passes = days == DAYS_LOOKED_AT || r == NULL ||
		              is_day_of(r, &day);

		for (size_t i = 0; i < c->n && days < DAYS_LOOKED_AT; i++)
			passes &= day_passes(&c->tests[i], &day, at);
		if (passes)
			return false;
		at = calendar_day_end(d->p.zone, at);
	}
	return true;
}

/* ---- rules and multipliers ----------------------------------------------- */

static struct words
level_ids(const struct draft *d)
{
	const char **list = arena_array(
	    d->arena, d->p.tiers.nlevels, sizeof(*list));

	for (size_t i = 0; i < d->p.tiers.nlevels; i++)
		list[i] = d->p.tiers.levels[i].id;
	return (struct words){ list, d->p.tiers.nlevels };
}

static struct words
membership_ids(const struct draft *d)
{
	const char **list = arena_array(
	    d->arena, d->p.nmemberships, sizeof(*list));

	for (size_t i = 0; i < d->p.nmemberships; i++)
		list[i] = d->memberships[i].id;
	return (struct words){ list, d->p.nmemberships };
}

/* Whether the rule's "not" excludes every occasion of its trigger: a member
 * who enters a tier is in a tier, so a "not" with all tiers leaves nothing. */
static bool
trigger_excludes(const struct draft *d, const struct rule *r)
{
	struct test is = { .kind = TEST_TIER };

	if (r->on == ON_TIER || r->on == ON_TIER_YEAR) {
		is.any = level_ids(d);
	} else if (r->on == ON_MEMBERSHIP || r->on == ON_MEMBERSHIP_PERIOD ||
	           r->on == ON_MEMBERSHIP_MONTH) {
		is.kind = TEST_MEMBERSHIP;
		is.any = membership_ids(d);
	} else {
		return false;
	}
	for (size_t i = 0; i < r->when.n; i++)
		if (are_apart(&is, &r->when.tests[i]))
			return true;
	return false;
}

void
never_refuse(const struct draft *d, const struct node *up,
    const struct condition *c, const struct rule *r)
{
	struct node when;

	if (d->kept || !node_get(up, "when", &when))
		return;
	if (days_never(d, c, r))
		node_refuse(&when, "names no day that there is");
	else if (r != NULL && trigger_excludes(d, r))
		node_refuse(
		    &when, "leaves nothing: \"not\" excludes all of \"on\"");
}

/* Whether the test makes sense when the rule fires: some tests need data that
 * only orders have, or only events. */
static bool
has_ground(const struct test *t, const struct rule *r)
{
	if (t->kind == TEST_NTH || t->kind == TEST_SHIPPING ||
	    t->kind == TEST_PIECES || t->kind == TEST_CODES)
		return t->negated || r->on == ON_ORDER;
	if (t->kind == TEST_FIELD || t->kind == TEST_NUMBER)
		return t->negated || r->on == ON_EVENT;
	return true;
}

static bool
can_multiply(const struct multiplier *m, const struct rule *r)
{
	if (m->rules.n > 0 ? !words_have(&m->rules, r->id)
	                   : r->on != ON_ORDER && r->on != ON_EVENT)
		return false;
	for (size_t i = 0; i < m->when.n; i++) {
		const struct test *t = &m->when.tests[i];

		if (!has_ground(t, r) ||
		    test_never_holds(r->when.tests, r->when.n, t))
			return false;
	}
	return true;
}

void
multiplier_refuse(
    const struct draft *d, const struct node *n, const struct multiplier *m)
{
	if (d->kept)
		return;
	for (size_t i = 0; i < d->p.nrules; i++)
		if (can_multiply(m, &d->rules[i]))
			return;
	node_refuse(n,
	    "never multiplies anything: it holds for no rule together with the "
	    "rule's own \"when\"");
}

/* ---- lines --------------------------------------------------------------- */

static bool
is_covered(const struct line_test *t, const struct line_test *by)
{
	return t->key == LINE_SKU
	           ? are_covered(&t->any, &by->any, pattern_matches)
	           : is_part(&t->any, &by->any);
}

bool
filter_never_has(const struct filter *f)
{
	for (size_t i = 0; i < f->n; i++)
		for (size_t j = 0; j < f->n; j++)
			if (f->tests[i].key == f->tests[j].key &&
			    !f->tests[i].negated && f->tests[j].negated &&
			    is_covered(&f->tests[i], &f->tests[j]))
				return true;
	return false;
}

/* ---- between two rules --------------------------------------------------- */

static bool
test_same(const struct test *a, const struct test *b)
{
	return ask_the_same(a, b) && a->negated == b->negated &&
	       a->low == b->low && a->high == b->high &&
	       is_part(&a->any, &b->any) && is_part(&b->any, &a->any) &&
	       a->period.n == b->period.n && a->period.unit == b->period.unit;
}

/* Finds the test of a kind in the rule's condition; NULL: the condition has
 * none. */
static const struct test *
range_in(const struct rule *r, enum test_kind kind)
{
	for (size_t i = 0; i < r->when.n; i++)
		if (r->when.tests[i].kind == kind && !r->when.tests[i].negated)
			return &r->when.tests[i];
	return NULL;
}

static bool
same_but_for(const struct rule *a, const struct rule *b, enum test_kind kind)
{
	if (a->on != b->on || a->wallet != b->wallet || a->base != b->base ||
	    a->when.n != b->when.n ||
	    (a->event != NULL && strcmp(a->event, b->event) != 0))
		return false;
	for (size_t i = 0; i < a->when.n; i++)
		if (a->when.tests[i].kind != kind &&
		    !test_same(&a->when.tests[i], &b->when.tests[i]))
			return false;
	return true;
}

/* Whether a rule with the trigger and wallet of `like` gives something for
 * exactly this amount. */
static bool
gives_at(const struct draft *d, const struct rule *like, int64_t amount)
{
	for (size_t i = 0; i < d->p.nrules; i++) {
		const struct rule *r = &d->rules[i];
		const struct test *t = range_in(r, TEST_AMOUNT);

		if (r->on == like->on && r->wallet == like->wallet &&
		    (t == NULL || (t->low <= amount && amount < t->high)))
			return true;
	}
	return false;
}

static bool
leaves_a_cent(const struct draft *d, const struct rule *a, const struct rule *b)
{
	const struct test *low = range_in(a, TEST_AMOUNT);
	const struct test *high = range_in(b, TEST_AMOUNT);

	return low != NULL && high != NULL && low->high != INT64_MAX &&
	       high->low == low->high + 1 && same_but_for(a, b, TEST_AMOUNT) &&
	       !gives_at(d, a, low->high);
}

void
cents_refuse(const struct draft *d, const struct node *list)
{
	for (size_t i = 0; i < d->p.nrules && !d->kept; i++)
		for (size_t j = 0; j < d->p.nrules; j++) {
			struct node item = node_item(list, j);

			if (leaves_a_cent(d, &d->rules[i], &d->rules[j]))
				node_refuse(&item,
				    "leaves a cent between itself and \"%s\": "
				    "one ends \"below\" what the other is "
				    "\"above\"; say \"from\"",
				    d->rules[i].id);
		}
}
