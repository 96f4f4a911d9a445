/* SPDX-License-Identifier: MIT */
#include "core/calendar.h"
#include "base/instant.h"

enum {
	YEAR_LAST = 9999,
	MONTHS = 12,
	/* 0001-01-01 and 10000-01-01, in days since 1970-01-01. */
	DAYS_FIRST = -719162,
	DAYS_LAST = 2932897,
};

/* More than the distance of any time zone from UTC. */
#define OFFSET_MAX (2 * INSTANT_DAY)

static const struct zone_change utc[] = { { .at = INT64_MIN } };

const struct zone zone_utc = {
	.name = "UTC", .changes = utc, .nchanges = NITEMS(utc)
};

/* ---- offsets ------------------------------------------------------------- */

/* Finds the index of the last change that is not after `at`.  The first change
 * also holds for all time before it. */
static size_t
change_at(const struct zone *z, int64_t at)
{
	size_t low = 0, high = z->nchanges;

	while (high - low > 1) {
		size_t middle = low + (high - low) / 2;

		if (z->changes[middle].at <= at)
			low = middle;
		else
			high = middle;
	}
	return low;
}

static int64_t
offset_of(const struct zone *z, size_t change)
{
	return z->changes[change].offset_s * INSTANT_SECOND;
}

/* Finds the nearest instant to which an offset can be added without
 * overflow. */
static int64_t
within(int64_t at)
{
	if (at > INT64_MAX - OFFSET_MAX)
		return INT64_MAX - OFFSET_MAX;
	return at < INT64_MIN + OFFSET_MAX ? INT64_MIN + OFFSET_MAX : at;
}

/* Finds the first instant at which the local clock shows `wall` or more.  If
 * clocks are set back and show `wall` twice, the first time counts.  If clocks
 * are set forward past `wall`, the instant of the change is returned. */
static int64_t
first_instant(const struct zone *z, int64_t wall)
{
	size_t i = change_at(z, wall - OFFSET_MAX);

	for (;; i++) {
		int64_t at = wall - offset_of(z, i);

		/* The change itself has set the clock beyond `wall`. */
		if (i > 0 && at < z->changes[i].at)
			at = z->changes[i].at;
		if (i + 1 == z->nchanges || at < z->changes[i + 1].at)
			return at;
	}
}

/* ---- dates --------------------------------------------------------------- */

/* Reads n digits at *p and moves *p behind them; -1 if there are fewer
 * digits. */
static int
digits(const char **p, int n)
{
	int v = 0;

	for (; n > 0; n--, (*p)++) {
		if (**p < '0' || **p > '9')
			return -1;
		v = v * 10 + (**p - '0');
	}
	return v;
}

bool
calendar_parse(const char *s, int *year, int *month, int *day)
{
	int y = digits(&s, 4), m, d;

	if (y < 1 || *s++ != '-')
		return false;
	m = digits(&s, 2);
	if (m < 1 || m > 12 || *s++ != '-')
		return false;
	d = digits(&s, 2);
	if (d < 1 || d > days_in_month(y, m) || *s != '\0')
		return false;
	*year = y;
	*month = m;
	*day = d;
	return true;
}

static int
weekday_of(int64_t days)
{
	/* 1970-01-01 was a Thursday. */
	int64_t since_monday = (days + 3) % 7;

	return (int)(since_monday < 0 ? since_monday + 7 : since_monday);
}

struct civil
calendar_civil(const struct zone *z, int64_t at)
{
	int64_t wall = within(at) + offset_of(z, change_at(z, at));
	int64_t days = wall / INSTANT_DAY, rest = wall % INSTANT_DAY;
	struct civil c;

	if (rest < 0) {
		rest += INSTANT_DAY;
		days--;
	}
	civil_from_days(days, &c.year, &c.month, &c.day);
	c.weekday = weekday_of(days);
	c.since_midnight = rest;
	return c;
}

/* Counts the days from 1970-01-01 to a date, whose month and day may be out of
 * range. */
static int64_t
days_of(int64_t year, int64_t month, int64_t day)
{
	int64_t months = year * MONTHS + month - 1;

	year = months / MONTHS - (months % MONTHS < 0);
	return days_from_civil(year, months - year * MONTHS + 1, 1) + day - 1;
}

/* Converts a local date and time of day into an instant.  A date before the
 * first year gives INT64_MIN, a date after the last year INSTANT_NEVER. */
static int64_t
instant_of(const struct zone *z, int64_t days, int64_t since_midnight)
{
	if (days < DAYS_FIRST)
		return INT64_MIN;
	if (days > DAYS_LAST)
		return INSTANT_NEVER;
	return first_instant(z, days * INSTANT_DAY + since_midnight);
}

int64_t
calendar_at(
    const struct zone *z, int year, int month, int day, int64_t since_midnight)
{
	return instant_of(z, days_of(year, month, day), since_midnight);
}

int64_t
calendar_midnight(const struct zone *z, int year, int month, int day)
{
	return calendar_at(z, year, month, day, 0);
}

int
calendar_weekday(int year, int month, int day)
{
	return weekday_of(days_of(year, month, day));
}

/* ---- periods ------------------------------------------------------------- */

/* Finds the day that is so many months after a date, in days since
 * 1970-01-01. */
static int64_t
months_later(const struct civil *c, int64_t months)
{
	int64_t first = days_of(c->year, c->month + months, 1);
	int year, month, day;

	civil_from_days(first, &year, &month, &day);
	day = days_in_month(year, month);
	return first + (c->day < day ? c->day : day) - 1;
}

int64_t
calendar_term(const struct zone *z, int64_t at, struct period p, int64_t n)
{
	/* More days than the calendar has. */
	const int64_t many = INT64_C(400) * YEAR_LAST;
	bool is_back = (n < 0) != (p.n < 0);
	struct civil c;
	int64_t days, tomorrow;

	if (at == INSTANT_NEVER || (p.unit == UNIT_EVER && n > 0))
		return INSTANT_NEVER;
	if (at == INT64_MIN || (p.unit == UNIT_EVER && n < 0))
		return INT64_MIN;
	if (p.unit == UNIT_EVER)
		n = 0;
	if (__builtin_mul_overflow(n, p.n, &n) || n > many || n < -many)
		return is_back ? INT64_MIN : INSTANT_NEVER;

	c = calendar_civil(z, at);
	tomorrow = calendar_midnight(z, c.year, c.month, c.day + 1);
	if (at >= tomorrow)
		c = calendar_civil(z, tomorrow);
	days = days_of(c.year, c.month, c.day + n);
	if (p.unit == UNIT_MONTH)
		days = months_later(&c, n);
	else if (p.unit == UNIT_YEAR)
		days = months_later(&c, n * MONTHS);
	return instant_of(z, days, 0);
}

/* ---- spans --------------------------------------------------------------- */

/* Makes the span that begins on a date and is so many months and days long. */
static struct span
span_of(const struct zone *z, const struct civil *first, int months, int days)
{
	return (struct span){
		calendar_midnight(z, first->year, first->month, first->day),
		calendar_midnight(
		    z, first->year, first->month + months, first->day + days),
	};
}

struct span
calendar_window(const struct zone *z, enum window w, int64_t at)
{
	struct civil c = calendar_civil(z, at);
	int months = 0, days = 0;
	struct span s;

	switch (w) {
	case WINDOW_DAY:
		days = 1;
		break;
	case WINDOW_MONTH:
		c.day = 1;
		months = 1;
		break;
	case WINDOW_QUARTER:
		c.day = 1;
		months = 3;
		c.month -= (c.month - 1) % months;
		break;
	case WINDOW_YEAR:
		c.day = c.month = 1;
		months = MONTHS;
		break;
	case WINDOW_LINE:
	case WINDOW_ORDER:
	case WINDOW_TIER_YEAR:
	case WINDOW_LIFETIME:
		return (struct span){ INT64_MIN, INSTANT_NEVER };
	}
	s = span_of(z, &c, months, days);
	/* Where clocks are set back across midnight, the last hour of the old
	 * day comes once more after the new day has begun.  The repeated hour
	 * belongs to the new day. */
	if (at >= s.until && s.until != INSTANT_NEVER) {
		c.month += months;
		c.day += days;
		s = span_of(z, &c, months, days);
	}
	return s;
}

int64_t
calendar_day_end(const struct zone *z, int64_t at)
{
	return calendar_window(z, WINDOW_DAY, at).until;
}

/* In years without 29 February, somebody born on that day becomes a year older
 * on 1 March. */
int
calendar_age(const struct zone *z, struct civil born, int64_t at)
{
	struct civil c = calendar_civil(z, at);
	bool had_birthday = c.month > born.month ||
	                    (c.month == born.month && c.day >= born.day);

	return c.year - born.year - !had_birthday;
}
