/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "core/match.h"
#include "wire/program_parts.h"

/* ---- one test ---------------------------------------------------------------- */

enum {
	EVERY_WEEKDAY = 0x7f,
	MONTH_LEAST = 28, /* days */
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

static bool
is_within(const struct test *t, const struct test *in)
{
	return in->low <= t->low && t->high <= in->high;
}

/* Whether `a` is never longer than `b`, whatever months they meet. */
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

/* Whether a test holds of nothing at all.  Amounts and ages begin at 0. */
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
	case TEST_FIELD:
	case TEST_NUMBER:
	case TEST_CODES:
	case TEST_NTH:
	case TEST_CONSENT:
		return false;
	}
	return false;
}

/* ---- two of them ---------------------------------------------------------------- */

/* Whether what passes `t` passes `all`, too; both ask for the same thing. */
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
	case TEST_CODES:
	case TEST_CONSENT:
		return is_part(&t->any, &all->any);
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

/* Whether one says what the other, of the same thing, excludes. */
static bool
are_opposite(const struct test *a, const struct test *b)
{
	const struct test *said = a->negated ? b : a;
	const struct test *excluded = a->negated ? a : b;

	return a->kind == b->kind && a->negated != b->negated &&
	       (a->name == NULL || strcmp(a->name, b->name) == 0) &&
	       is_part_of(said, excluded);
}

bool
test_never_holds(const struct test *list, size_t n, const struct test *t)
{
	for (size_t i = 0; i < n; i++)
		if (are_opposite(&list[i], t))
			return true;
	return is_never(t);
}
