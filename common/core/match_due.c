/* SPDX-License-Identifier: MIT */
/* match_due: when time alone may change whether a condition holds.  A new test
 * that looks at the time needs its case here. */
#include "base/instant.h"
#include "core/match.h"

/* Returns b if it is still to come and earlier than a, else a. */
static int64_t
sooner(int64_t now, int64_t a, int64_t b)
{
	return b > now && b < a ? b : a;
}

/* The next day on which a test of weekdays has another answer than today. */
static int64_t
weekday_due_at(const struct zone *z, const struct test *t, int64_t now)
{
	enum {
		DAYS = 7
	};
	int today = calendar_civil(z, now).weekday;
	int64_t at = now;

	for (int i = 1; i < DAYS; i++) {
		at = calendar_day_end(z, at);
		if ((t->low >> today & 1) != (t->low >> (today + i) % DAYS & 1))
			return at;
	}
	return INSTANT_NEVER;
}

static int64_t
chosen_day_due_at(
    const struct zone *z, const struct member_view *v, int64_t now)
{
	int year, month, day;
	int64_t from;

	if (v->chosen_day == NULL ||
	    !calendar_parse(v->chosen_day, &year, &month, &day))
		return INSTANT_NEVER;
	from = calendar_midnight(z, year, month, day);
	return from > now
	           ? from
	           : sooner(now, INSTANT_NEVER, calendar_day_end(z, from));
}

static int64_t
since_due_at(const struct zone *z, const struct test *t,
    const struct member_view *v, int64_t now)
{
	int64_t newest_at = event_newest_at(v, t->name, now);

	return sooner(
	    now, INSTANT_NEVER, calendar_term(z, newest_at, t->period, 1));
}

static int64_t
consent_due_at(const struct program *p, const struct test *t,
    const struct member_view *v, int64_t now)
{
	int64_t at = INSTANT_NEVER;

	for (size_t i = 0; i < t->any.n; i++) {
		const char *id = t->any.list[i];
		const struct attribute *c = attribute_newest(
		    v->consents, v->nconsents, id);

		if (c != NULL)
			at = sooner(now, at,
			    calendar_term(
			        p->zone, c->at, consent_period(p, id), 1));
	}
	return at;
}

/* The next birthday at which the age enters or leaves the range of a test.
 * Somebody born on 29 February has it on 1 March in years without that day. */
static int64_t
born_due_at(const struct zone *z, const struct test *t,
    const struct attribute *born, int64_t now)
{
	enum {
		OLDEST = 1000
	};
	const int64_t years[] = { t->low, t->high };
	int64_t at = INSTANT_NEVER;
	int year, month, day;

	if (born == NULL || !calendar_parse(born->value, &year, &month, &day))
		return INSTANT_NEVER;
	for (size_t i = 0; i < NITEMS(years); i++)
		if (years[i] >= 0 && years[i] <= OLDEST)
			at = sooner(now, at,
			    calendar_midnight(
			        z, year + (int)years[i], month, day));
	return at;
}

static int64_t
age_due_at(const struct zone *z, const struct test *t,
    const struct member_view *v, int64_t now)
{
	int64_t at = INSTANT_NEVER;

	for (size_t i = 0; i < t->any.n; i++) {
		const struct attribute *born = attribute_newest(
		    v->attributes, v->nattributes, t->any.list[i]);

		at = sooner(now, at, born_due_at(z, t, born, now));
	}
	return at;
}

static int64_t
test_due_at(const struct test *t, const struct program *p,
    const struct member_view *v, int64_t now)
{
	switch (t->kind) {
	case TEST_WEEKDAY:
		return weekday_due_at(p->zone, t, now);
	case TEST_DATES:
		return sooner(now, sooner(now, INSTANT_NEVER, t->low), t->high);
	case TEST_SINCE:
		return since_due_at(p->zone, t, v, now);
	case TEST_CHOSEN_DAY:
		return chosen_day_due_at(p->zone, v, now);
	case TEST_CONSENT:
		return consent_due_at(p, t, v, now);
	case TEST_AGE:
		return age_due_at(p->zone, t, v, now);
	case TEST_TIER:
	case TEST_MEMBERSHIP:
	case TEST_CHANNEL:
	case TEST_BRAND:
	case TEST_SHIPPING:
	case TEST_ATTRIBUTE:
	case TEST_CUSTOMER:
	case TEST_FIELD:
	case TEST_NUMBER:
	case TEST_AMOUNT:
	case TEST_PIECES:
	case TEST_CODES:
	case TEST_NTH:
		break;
	}
	return INSTANT_NEVER;
}

int64_t
condition_due_at(const struct condition *c, const struct program *p,
    const struct member_view *v, int64_t now)
{
	int64_t at = INSTANT_NEVER;

	for (size_t i = 0; i < c->n; i++)
		at = sooner(now, at, test_due_at(&c->tests[i], p, v, now));
	return at;
}
