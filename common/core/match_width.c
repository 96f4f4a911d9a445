/* SPDX-License-Identifier: MIT */
/* match_width: how many steps a condition takes (core/steps.h).  A new test
 * that goes through a list needs its case here. */
#include "core/match.h"

static size_t
test_width(
    const struct test *t, const struct member_view *v, const struct occasion *o)
{
	enum {
		/* Steps to compare one word as a date, or as a pattern. */
		DATE = 32,
		PATTERN = 16,
	};
	size_t n = t->any.n;

	switch (t->kind) {
	case TEST_MEMBERSHIP:
		return n * v->nmemberships;
	case TEST_WEEKDAY:
	case TEST_CHOSEN_DAY:
		return DATE;
	case TEST_SINCE:
		return DATE + v->nevents;
	case TEST_ATTRIBUTE:
		return n + v->nattributes;
	case TEST_CUSTOMER:
		return (1 + n * PATTERN) * v->ntraits;
	case TEST_FIELD:
	case TEST_NUMBER:
		return n + o->nfields;
	case TEST_CODES:
		return n * PATTERN * o->codes.n;
	case TEST_CONSENT:
		return n * (DATE + v->nconsents);
	case TEST_AGE:
		return n * (DATE + v->nattributes);
	case TEST_TIER:
	case TEST_CHANNEL:
	case TEST_BRAND:
	case TEST_SHIPPING:
	case TEST_DATES:
	case TEST_AMOUNT:
	case TEST_PIECES:
	case TEST_NTH:
		break;
	}
	return n;
}

size_t
condition_width(const struct condition *c, const struct member_view *v,
    const struct occasion *o)
{
	size_t width = 0;

	for (size_t i = 0; i < c->n; i++)
		width += 1 + test_width(&c->tests[i], v, o);
	return width;
}
