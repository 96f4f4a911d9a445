/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "wire/explain/internal.h"

enum {
	DAYS_OF_WEEK = 7,
};

/* ---- ranges ------------------------------------------------------------- */

static const char *
range_of(struct teller *t, const struct test *test,
    const char *(*number)(struct teller *, int64_t))
{
	const char *low = "", *high = "";

	if (test->low != INT64_MIN)
		low = tell(t, SAY_AT_LEAST, "x", number(t, test->low), NULL);
	if (test->high != INT64_MAX)
		high = tell(t, SAY_LESS_THAN, "x", number(t, test->high), NULL);
	return tell_join(t, low, language_piece(t->language, SAY_AND), high);
}

static const char *
years(struct teller *t, int64_t n)
{
	return tell_count(t, n, FORMS_YEAR);
}

static const char *
pieces(struct teller *t, int64_t n)
{
	return tell_count(t, n, FORMS_ITEM);
}

/* ---- tests of a condition ----------------------------------------------- */

static const char *
channels(struct teller *t, const struct words *w)
{
	const char *s = "";

	for (size_t i = 0; i < w->n; i++) {
		const char *one;

		if (strcmp(w->list[i], "online") == 0)
			one = tell(t, SAY_CHANNEL_ONLINE, NULL);
		else if (strcmp(w->list[i], "pos") == 0)
			one = tell(t, SAY_CHANNEL_POS, NULL);
		else
			one = tell(t, SAY_CHANNEL_OTHER, "x", w->list[i], NULL);
		s = tell_join(t, s, language_piece(t->language, SAY_OR), one);
	}
	return s;
}

static const char *
codes(struct teller *t, const struct words *w)
{
	if (w->n == 1 && strcmp(w->list[0], "*") == 0)
		return tell(t, SAY_IF_ANY_CODE, NULL);
	return tell(t, SAY_IF_CODE, "x", tell_words(t, w), NULL);
}

static const char *
weekdays(struct teller *t, int64_t days)
{
	const char *s = "";

	for (int i = 0; i < DAYS_OF_WEEK; i++)
		if ((days >> i & 1) != 0)
			s = tell_join(t, s, language_piece(t->language, SAY_OR),
			    language_piece(
			        t->language, (enum piece)(SAY_WEEKDAY_1 + i)));
	return s;
}

static const char *
dates(struct teller *t, const struct test *test)
{
	const char *from = "", *until = "";

	if (test->low != INT64_MIN)
		from = tell(
		    t, SAY_IF_FROM, "date", tell_date(t, test->low), NULL);
	if (test->high != INT64_MAX)
		until = tell(t, SAY_IF_UNTIL, "date",
		    tell_date(t, test->high - 1), NULL);
	return tell_then(t, from, until);
}

static const char *
named(struct teller *t, enum piece piece, const struct test *test)
{
	return tell(
	    t, piece, "name", test->name, "x", tell_words(t, &test->any), NULL);
}

static const char *
customers(struct teller *t, const struct test *test)
{
	static const struct {
		const char *name;
		enum piece piece;
	} known[] = {
		{ "tag", SAY_IF_TAG },
		{ "role", SAY_IF_ROLE },
		{ "company", SAY_IF_COMPANY },
	};
	size_t i = 0;

	while (i < NITEMS(known) - 1 && strcmp(known[i].name, test->name) != 0)
		i++;
	return tell(t, known[i].piece, "x", tell_words(t, &test->any), NULL);
}

static const char *
ranged(struct teller *t, enum piece piece, const struct test *test,
    const char *(*number)(struct teller *, int64_t))
{
	return tell(t, piece, "name", tell_words(t, &test->any), "range",
	    range_of(t, test, number), NULL);
}

static const char *
test_of(struct teller *t, const struct test *test)
{
	const struct words *any = &test->any;

	switch (test->kind) {
	case TEST_TIER:
		return tell(t, SAY_IF_TIER, "x", tell_levels(t, any), NULL);
	case TEST_MEMBERSHIP:
		return tell(
		    t, SAY_IF_MEMBERSHIP, "x", tell_memberships(t, any), NULL);
	case TEST_CHANNEL:
		return channels(t, any);
	case TEST_BRAND:
		return tell(t, SAY_IF_BRAND, "x", tell_words(t, any), NULL);
	case TEST_SHIPPING:
		return tell(t, SAY_IF_SHIPPING, "x", tell_words(t, any), NULL);
	case TEST_WEEKDAY:
		return weekdays(t, test->low);
	case TEST_DATES:
		return dates(t, test);
	case TEST_SINCE:
		return tell(t, SAY_IF_SINCE, "period",
		    tell_period(t, test->period), "event",
		    tell_event(t, test->name), NULL);
	case TEST_CHOSEN_DAY:
		return tell(t, SAY_IF_CHOSEN_DAY, NULL);
	case TEST_ATTRIBUTE:
		return named(t, SAY_IF_ATTRIBUTE, test);
	case TEST_CUSTOMER:
		return customers(t, test);
	case TEST_FIELD:
		return named(t, SAY_IF_FIELD, test);
	case TEST_NUMBER:
		return tell(t, SAY_IF_FIELD, "name", test->name, "x",
		    range_of(t, test, tell_number), NULL);
	case TEST_AMOUNT:
		return ranged(t, SAY_IF_AMOUNT, test, tell_money);
	case TEST_PIECES:
		return ranged(t, SAY_IF_PIECES, test, pieces);
	case TEST_CODES:
		return codes(t, any);
	case TEST_NTH:
		return tell(
		    t, SAY_IF_NTH, "n", tell_number(t, test->low), NULL);
	case TEST_CONSENT:
		return tell(t, SAY_IF_CONSENT, "x", tell_words(t, any), NULL);
	case TEST_AGE:
		return ranged(t, SAY_IF_AGE, test, years);
	}
	return "";
}

/* Says a test of a condition.  A text for the merchant also shows the reason
 * that customers read if the test fails (test.otherwise). */
static const char *
test_or_else(struct teller *t, const struct test *test)
{
	const char *s = test_of(t, test);

	if (!t->by_id || test->otherwise == NULL)
		return s;
	return tell_all(t, s, " (else ", test->otherwise, ")", NULL);
}

const char *
tell_condition(struct teller *t, const void *condition)
{
	const struct condition *c = condition;
	const char *all = "", *none = "";

	for (size_t i = 0; i < c->n; i++) {
		const struct test *test = &c->tests[i];
		const char **to = test->negated ? &none : &all;

		*to = tell_join(t, *to, ", ", test_or_else(t, test));
	}
	if (all[0] != '\0')
		all = tell(t, SAY_ONLY, "list", all, NULL);
	if (none[0] != '\0')
		none = tell(t, SAY_NOT, "list", none, NULL);
	return tell_then(t, all, none);
}

/* ---- lines -------------------------------------------------------------- */

static const char *
line_test_of(struct teller *t, const struct line_test *test)
{
	static const enum piece pieces[] = {
		[LINE_CATEGORY] = SAY_LINE_CATEGORY,
		[LINE_TAG] = SAY_LINE_TAG,
		[LINE_VENDOR] = SAY_LINE_VENDOR,
		[LINE_TYPE] = SAY_LINE_TYPE,
		[LINE_SKU] = SAY_LINE_SKU,
		[LINE_PRODUCT] = SAY_LINE_PRODUCT,
		[LINE_ON_SALE] = SAY_LINE_ON_SALE,
		[LINE_GIFT_CARD] = SAY_GIFT_CARDS,
		[LINE_FREE] = SAY_LINE_FREE,
		[LINE_PART] = SAY_LINE_PART,
		[LINE_BUNDLE] = SAY_LINE_BUNDLE,
	};

	if (!line_key_has_words(test->key))
		return tell(t, pieces[test->key], NULL);
	return tell(t, pieces[test->key], "x", tell_words(t, &test->any), NULL);
}

static const char *
filter_of(struct teller *t, const struct filter *f, enum piece only,
    enum piece except)
{
	const char *all = "", *none = "";

	for (size_t i = 0; i < f->n; i++) {
		const struct line_test *test = &f->tests[i];
		const char *one = line_test_of(t, test);

		if (test->negated)
			none = tell_join(t, none, ", ", one);
		else
			all = tell_join(
			    t, all, language_piece(t->language, SAY_AND), one);
	}
	if (all[0] != '\0')
		all = tell(t, only, "list", all, NULL);
	if (none[0] != '\0')
		none = tell(t, except, "list", none, NULL);
	return tell_then(t, all, none);
}

const char *
tell_filter(struct teller *t, const void *filter)
{
	return filter_of(t, filter, SAY_ONLY_FOR, SAY_NOT_FOR);
}

const char *
tell_fee(struct teller *t, const void *filter)
{
	return filter_of(t, filter, SAY_FEE, SAY_FEE_NOT);
}

const char *
tell_base(struct teller *t, const struct base *b)
{
	const struct {
		bool counts;
		enum piece piece;
	} too[] = {
		{ b->tax, SAY_TAX },
		{ b->shipping, SAY_SHIPPING },
		{ b->fees, SAY_FEES },
		{ b->gift_cards, SAY_GIFT_CARDS },
	};
	const char *s = "", *list = "";

	if (b->before_discounts)
		s = tell(t, SAY_BEFORE_DISCOUNTS, NULL);
	for (size_t i = 0; i < NITEMS(too); i++)
		if (too[i].counts)
			list = tell_join(
			    t, list, ", ", tell(t, too[i].piece, NULL));
	if (list[0] != '\0')
		s = tell_then(
		    t, s, tell(t, SAY_COUNTS_TOO, "list", list, NULL));
	s = tell_then(t, s, tell_filter(t, &b->lines));
	if (b->tender.n > 0)
		s = tell_then(t, s,
		    tell(t, b->not_tender ? SAY_NOT_TENDER : SAY_TENDER, "list",
		        tell_words(t, &b->tender), NULL));
	return s;
}

const char *
tell_window(struct teller *t, enum window w, bool of_order)
{
	static const enum piece pieces[] = {
		[WINDOW_LINE] = SAY_PER_LINE,
		[WINDOW_ORDER] = SAY_PER_ORDER,
		[WINDOW_DAY] = SAY_PER_DAY,
		[WINDOW_MONTH] = SAY_PER_MONTH,
		[WINDOW_QUARTER] = SAY_PER_QUARTER,
		[WINDOW_YEAR] = SAY_PER_YEAR,
		[WINDOW_TIER_YEAR] = SAY_PER_TIER_YEAR,
		[WINDOW_LIFETIME] = SAY_PER_LIFETIME,
	};

	if (w <= WINDOW_ORDER && !of_order)
		return tell(t, SAY_PER_TIME, NULL);
	return tell(t, pieces[w], NULL);
}
