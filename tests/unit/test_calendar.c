/* SPDX-License-Identifier: MIT */
/* Checks days, months and years where clocks jump. There are examples in four
 * zones of the tz database, and laws that hold for every day in these zones. */
#include <stdio.h>
#include <string.h>

#include "../support/test.h"
#include "base/cc.h"
#include "base/instant.h"
#include "core/calendar.h"

/* Instants of clock changes, in seconds since 1970, as `zdump -v` prints
 * them. */
#define SINCE(s) (INT64_C(s) * INSTANT_SECOND)
#define HOURS(h) ((h)*3600)

static const struct zone_change berlin_changes[] = {
	{ INT64_MIN, HOURS(1) },
	{ SINCE(1743296400), HOURS(2) }, /* 2025-03-30T01:00:00Z */
	{ SINCE(1761440400), HOURS(1) }, /* 2025-10-26T01:00:00Z */
	{ SINCE(1774746000), HOURS(2) }, /* 2026-03-29T01:00:00Z */
	{ SINCE(1792890000), HOURS(1) }, /* 2026-10-25T01:00:00Z */
};

/* Apia skipped the day 2011-12-30. */
static const struct zone_change apia_changes[] = {
	{ INT64_MIN, HOURS(-10) },
	{ SINCE(1325239200), HOURS(14) }, /* 2011-12-30T10:00:00Z */
};

/* In Sao Paulo clocks jump at midnight, forward to 01:00 and back to 23:00. */
static const struct zone_change paulo_changes[] = {
	{ INT64_MIN, HOURS(-3) },
	{ SINCE(1508036400), HOURS(-2) }, /* 2017-10-15T03:00:00Z */
	{ SINCE(1518919200), HOURS(-3) }, /* 2018-02-18T02:00:00Z */
};

/* The time zone of St. John's changes its offset at 00:01. */
static const struct zone_change johns_changes[] = {
	{ INT64_MIN, -9000 },
	{ SINCE(1257042660), -12600 }, /* 2009-11-01T02:31:00Z */
	{ SINCE(1268537460), -9000 },  /* 2010-03-14T03:31:00Z */
	{ SINCE(1289097060), -12600 }, /* 2010-11-07T02:31:00Z */
};

static const struct zone berlin = {
	.name = "Europe/Berlin",
	.changes = berlin_changes,
	.nchanges = NITEMS(berlin_changes),
};
static const struct zone apia = {
	.name = "Pacific/Apia",
	.changes = apia_changes,
	.nchanges = NITEMS(apia_changes),
};
static const struct zone paulo = {
	.name = "America/Sao_Paulo",
	.changes = paulo_changes,
	.nchanges = NITEMS(paulo_changes),
};
static const struct zone johns = {
	.name = "America/St_Johns",
	.changes = johns_changes,
	.nchanges = NITEMS(johns_changes),
};

static int64_t
instant(const char *text)
{
	int64_t at = 0;

	if (strcmp(text, "never") == 0)
		return INSTANT_NEVER;
	if (strcmp(text, "ever") == 0)
		return INT64_MIN;
	/* Instants that instant_parse() does not read. */
	if (strcmp(text, "first") == 0)
		return SINCE(-62135596800); /* 0001-01-01 */
	if (strcmp(text, "end") == 0)
		return SINCE(253402300800); /* 10000-01-01 */
	if (instant_parse(str_of(text), &at) == -1)
		fail_msg("%s is no instant", text);
	return at;
}

static void
check(const char *what, const char *text, int64_t got, const char *want)
{
	char shown[INSTANT_TEXT_MAX];

	if (got == instant(want))
		return;
	instant_format(got, shown);
	fail_msg("%s, %s: %s, not %s", what, text, shown, want);
}

/* Writes an instant as "Thu 1970-01-01 00:00:00.000000". */
static void
wall(const struct zone *z, int64_t at, char out[64])
{
	static const char *const days[] = { "Mon", "Tue", "Wed", "Thu", "Fri",
		"Sat", "Sun" };
	struct civil c = calendar_civil(z, at);
	int64_t s = c.since_midnight / INSTANT_SECOND;

	(void)snprintf(out, 64, "%s %04d-%02d-%02d %02d:%02d:%02d.%06d",
	    days[c.weekday], c.year, c.month, c.day, (int)(s / 3600),
	    (int)(s / 60 % 60), (int)(s % 60),
	    (int)(c.since_midnight % INSTANT_SECOND));
}

static void
test_civil(void **state)
{
	static const struct {
		const struct zone *zone;
		const char *at, *wall;
	} cases[] = {
		{ &zone_utc, "2025-03-01T00:00:00Z",
		    "Sat 2025-03-01 00:00:00.000000" },
		{ &zone_utc, "9999-12-31T23:59:59.999999Z",
		    "Fri 9999-12-31 23:59:59.999999" },
		{ &berlin, "2025-03-30T00:59:59.999999Z",
		    "Sun 2025-03-30 01:59:59.999999" },
		{ &berlin, "2025-03-30T01:00:00Z",
		    "Sun 2025-03-30 03:00:00.000000" },
		{ &berlin, "2025-10-26T00:30:00Z",
		    "Sun 2025-10-26 02:30:00.000000" },
		{ &berlin, "2025-10-26T01:30:00Z",
		    "Sun 2025-10-26 02:30:00.000000" },
		{ &berlin, "2025-12-31T23:00:00Z",
		    "Thu 2026-01-01 00:00:00.000000" },
		{ &berlin, "1999-12-31T22:59:59Z",
		    "Fri 1999-12-31 23:59:59.000000" },
		{ &berlin, "2026-11-01T00:00:00Z",
		    "Sun 2026-11-01 01:00:00.000000" },
		{ &apia, "2011-12-30T09:59:59Z",
		    "Thu 2011-12-29 23:59:59.000000" },
		{ &apia, "2011-12-30T10:00:00Z",
		    "Sat 2011-12-31 00:00:00.000000" },
		{ &paulo, "2018-02-18T02:00:00Z",
		    "Sat 2018-02-17 23:00:00.000000" },
	};
	char text[64];

	(void)state;
	for (size_t i = 0; i < NITEMS(cases); i++) {
		wall(cases[i].zone, instant(cases[i].at), text);
		assert_string_equal(text, cases[i].wall);
	}
	/* An instant before 1970. */
	wall(&zone_utc, -1, text);
	assert_string_equal(text, "Wed 1969-12-31 23:59:59.999999");
	/* The smallest and the largest instant that can be stored. */
	assert_true(calendar_civil(&apia, INSTANT_NEVER).year > 290000);
	assert_true(calendar_civil(&johns, INT64_MIN).year < -290000);
}

static void
test_midnight(void **state)
{
	static const struct {
		const char *what;
		const struct zone *zone;
		int year, month, day;
		const char *at;
	} cases[] = {
		{ "plain", &zone_utc, 2025, 3, 1, "2025-03-01T00:00:00Z" },
		{ "winter", &berlin, 2025, 1, 1, "2024-12-31T23:00:00Z" },
		{ "summer", &berlin, 2025, 7, 1, "2025-06-30T22:00:00Z" },
		{ "clocks forward that day", &berlin, 2025, 3, 30,
		    "2025-03-29T23:00:00Z" },
		{ "the day after", &berlin, 2025, 3, 31,
		    "2025-03-30T22:00:00Z" },
		{ "clocks back that day", &berlin, 2025, 10, 26,
		    "2025-10-25T22:00:00Z" },
		{ "the day after", &berlin, 2025, 10, 27,
		    "2025-10-26T23:00:00Z" },
		{ "a day that begins at 01:00", &paulo, 2017, 10, 15,
		    "2017-10-15T03:00:00Z" },
		{ "a 23:00 that comes twice", &paulo, 2018, 2, 18,
		    "2018-02-18T03:00:00Z" },
		{ "the one before", &paulo, 2018, 2, 17,
		    "2018-02-17T02:00:00Z" },
		{ "a midnight that comes twice", &johns, 2010, 11, 7,
		    "2010-11-07T02:30:00Z" },
		{ "a day there was not", &apia, 2011, 12, 30,
		    "2011-12-30T10:00:00Z" },
		{ "is where the next begins", &apia, 2011, 12, 31,
		    "2011-12-30T10:00:00Z" },
		{ "and before it", &apia, 2011, 12, 29,
		    "2011-12-29T10:00:00Z" },
		{ "month 13", &zone_utc, 2025, 13, 1, "2026-01-01T00:00:00Z" },
		{ "month 0", &zone_utc, 2025, 0, 1, "2024-12-01T00:00:00Z" },
		{ "month -12", &zone_utc, 2025, -12, 1,
		    "2023-12-01T00:00:00Z" },
		{ "month 25", &zone_utc, 2025, 25, 1, "2027-01-01T00:00:00Z" },
		{ "day 0", &zone_utc, 2024, 3, 0, "2024-02-29T00:00:00Z" },
		{ "day 32", &zone_utc, 2024, 12, 32, "2025-01-01T00:00:00Z" },
		{ "day 366", &zone_utc, 2024, 1, 366, "2024-12-31T00:00:00Z" },
		{ "the last day", &zone_utc, 9999, 12, 31,
		    "9999-12-31T00:00:00Z" },
		{ "the first day", &zone_utc, 1, 1, 1, "first" },
		{ "the day before", &zone_utc, 0, 12, 31, "ever" },
		{ "the end of the last", &zone_utc, 9999, 12, 32, "end" },
		{ "the day after", &zone_utc, 10000, 1, 2, "never" },
		{ "far after", &zone_utc, 10001, 1, 1, "never" },
		{ "as far as can be", &zone_utc, 2147483647, 1, 1, "never" },
		{ "far before", &zone_utc, 0, 1, 1, "ever" },
		{ "as far as can be", &zone_utc, -2147483647, 1, 1, "ever" },
	};

	(void)state;
	for (size_t i = 0; i < NITEMS(cases); i++)
		check("midnight", cases[i].what,
		    calendar_midnight(cases[i].zone, cases[i].year,
		        cases[i].month, cases[i].day),
		    cases[i].at);
	assert_int_equal(calendar_midnight(&zone_utc, 1970, 1, 1), 0);
	assert_int_equal(
	    calendar_midnight(&zone_utc, 1969, 12, 31), -INSTANT_DAY);
}

static void
test_term(void **state)
{
	static const struct {
		const char *what;
		const struct zone *zone;
		const char *at;
		struct period period;
		int64_t n;
		const char *end;
	} cases[] = {
		{ "a day", &zone_utc, "2025-02-28T12:34:56.789Z",
		    { 1, UNIT_DAY }, 1, "2025-03-01T00:00:00Z" },
		{ "from its first instant", &zone_utc, "2025-02-28T00:00:00Z",
		    { 1, UNIT_DAY }, 1, "2025-03-01T00:00:00Z" },
		{ "from its last", &zone_utc, "2025-02-28T23:59:59.999999Z",
		    { 1, UNIT_DAY }, 1, "2025-03-01T00:00:00Z" },
		{ "30 days", &zone_utc, "2024-02-01T00:00:00Z",
		    { 30, UNIT_DAY }, 1, "2024-03-02T00:00:00Z" },
		{ "31 January and a month", &zone_utc, "2025-01-31T10:00:00Z",
		    { 1, UNIT_MONTH }, 1, "2025-02-28T00:00:00Z" },
		{ "in a leap year", &zone_utc, "2024-01-31T10:00:00Z",
		    { 1, UNIT_MONTH }, 1, "2024-02-29T00:00:00Z" },
		{ "two of them, counted from the first", &zone_utc,
		    "2025-01-31T10:00:00Z", { 1, UNIT_MONTH }, 2,
		    "2025-03-31T00:00:00Z" },
		{ "18 months", &zone_utc, "2025-08-31T00:00:00Z",
		    { 18, UNIT_MONTH }, 1, "2027-02-28T00:00:00Z" },
		{ "a year from 29 February", &zone_utc, "2024-02-29T08:00:00Z",
		    { 1, UNIT_YEAR }, 1, "2025-02-28T00:00:00Z" },
		{ "four of them", &zone_utc, "2024-02-29T08:00:00Z",
		    { 1, UNIT_YEAR }, 4, "2028-02-29T00:00:00Z" },
		{ "a month back", &zone_utc, "2025-03-31T10:00:00Z",
		    { 1, UNIT_MONTH }, -1, "2025-02-28T00:00:00Z" },
		{ "back across January", &zone_utc, "2025-01-15T10:00:00Z",
		    { 2, UNIT_MONTH }, -1, "2024-11-15T00:00:00Z" },
		{ "nothing", &zone_utc, "2025-03-31T10:00:00Z",
		    { 1, UNIT_YEAR }, 0, "2025-03-31T00:00:00Z" },
		{ "a day of 23 hours", &berlin, "2025-03-29T23:30:00Z",
		    { 1, UNIT_DAY }, 1, "2025-03-30T22:00:00Z" },
		{ "a day of 25 hours", &berlin, "2025-10-25T22:30:00Z",
		    { 1, UNIT_DAY }, 1, "2025-10-26T23:00:00Z" },
		{ "half a year", &berlin, "2025-01-15T11:00:00Z",
		    { 6, UNIT_MONTH }, 1, "2025-07-14T22:00:00Z" },
		/* 15 October 2017 begins at one o'clock */
		{ "no midnight", &paulo, "2017-10-14T12:00:00Z",
		    { 1, UNIT_DAY }, 1, "2017-10-15T03:00:00Z" },
		{ "no midnight, a month later", &paulo, "2017-09-15T02:59:59Z",
		    { 1, UNIT_MONTH }, 1, "2017-10-14T03:00:00Z" },
		{ "from a day that had none", &paulo, "2017-10-15T03:00:00Z",
		    { 1, UNIT_DAY }, 1, "2017-10-16T02:00:00Z" },
		{ "an hour that comes twice", &paulo, "2018-02-18T02:30:00Z",
		    { 1, UNIT_DAY }, 1, "2018-02-18T03:00:00Z" },
		/* the clock goes back to 23:30 of the 6th after the 7th has
		 * begun */
		{ "a day that has begun", &johns, "2010-11-07T03:00:00Z",
		    { 1, UNIT_DAY }, 1, "2010-11-08T03:30:00Z" },
		{ "into a day there was not", &apia, "2011-12-29T20:00:00Z",
		    { 1, UNIT_DAY }, 1, "2011-12-30T10:00:00Z" },
		{ "over it", &apia, "2011-12-29T20:00:00Z", { 2, UNIT_DAY }, 1,
		    "2011-12-30T10:00:00Z" },
		{ "for ever", &zone_utc, "2025-03-31T10:00:00Z",
		    { 0, UNIT_EVER }, 1, "never" },
		{ "since ever", &zone_utc, "2025-03-31T10:00:00Z",
		    { 0, UNIT_EVER }, -1, "ever" },
		{ "neither", &zone_utc, "2025-03-31T10:00:00Z",
		    { 0, UNIT_EVER }, 0, "2025-03-31T00:00:00Z" },
		{ "a life's days", &zone_utc, "2025-01-01T00:00:00Z",
		    { 36524, UNIT_DAY }, 1, "2125-01-01T00:00:00Z" },
		{ "from never", &berlin, "never", { 1, UNIT_DAY }, -1,
		    "never" },
		{ "from ever", &berlin, "ever", { 1, UNIT_DAY }, 1, "ever" },
		{ "the last year", &zone_utc, "9998-06-01T00:00:00Z",
		    { 1, UNIT_YEAR }, 1, "9999-06-01T00:00:00Z" },
		{ "more than there is", &zone_utc, "9999-06-01T00:00:00Z",
		    { 2, UNIT_YEAR }, 1, "never" },
		{ "far more", &zone_utc, "2025-06-01T00:00:00Z",
		    { INT64_MAX, UNIT_YEAR }, 1, "never" },
		{ "as much as can be", &zone_utc, "2025-06-01T00:00:00Z",
		    { INT64_MAX, UNIT_DAY }, INT64_MAX, "never" },
		{ "as much back", &zone_utc, "2025-06-01T00:00:00Z",
		    { INT64_MAX, UNIT_MONTH }, -INT64_MAX, "ever" },
	};

	(void)state;
	for (size_t i = 0; i < NITEMS(cases); i++)
		check("term", cases[i].what,
		    calendar_term(cases[i].zone, instant(cases[i].at),
		        cases[i].period, cases[i].n),
		    cases[i].end);
}

/* Checks times of a day, including times that clocks skip on that day. */
static void
test_times(void **state)
{
	static const struct {
		const struct zone *zone;
		int year, month, day, hour, minute;
		const char *at;
	} cases[] = {
		{ &berlin, 2025, 3, 30, 1, 59, "2025-03-30T00:59:00Z" },
		{ &berlin, 2025, 3, 30, 2, 30, "2025-03-30T01:00:00Z" },
		{ &berlin, 2025, 3, 30, 3, 30, "2025-03-30T01:30:00Z" },
		{ &berlin, 2025, 10, 26, 2, 30, "2025-10-26T00:30:00Z" },
		{ &paulo, 2017, 10, 15, 0, 0, "2017-10-15T03:00:00Z" },
		{ &paulo, 2017, 10, 15, 0, 59, "2017-10-15T03:00:00Z" },
		{ &paulo, 2017, 10, 15, 12, 0, "2017-10-15T14:00:00Z" },
		{ &paulo, 2018, 2, 17, 23, 30, "2018-02-18T01:30:00Z" },
	};

	(void)state;
	for (size_t i = 0; i < NITEMS(cases); i++)
		check("time", cases[i].at,
		    calendar_at(cases[i].zone, cases[i].year, cases[i].month,
		        cases[i].day,
		        (cases[i].hour * INT64_C(60) + cases[i].minute) * 60 *
		            INSTANT_SECOND),
		    cases[i].at);
}

static void
test_windows(void **state)
{
	static const struct {
		const struct zone *zone;
		enum window window;
		const char *at, *from, *until;
	} cases[] = {
		{ &zone_utc, WINDOW_DAY, "2025-03-30T00:00:00Z",
		    "2025-03-30T00:00:00Z", "2025-03-31T00:00:00Z" },
		{ &zone_utc, WINDOW_DAY, "2025-03-30T23:59:59.999999Z",
		    "2025-03-30T00:00:00Z", "2025-03-31T00:00:00Z" },
		{ &berlin, WINDOW_DAY, "2025-03-30T12:00:00Z",
		    "2025-03-29T23:00:00Z", "2025-03-30T22:00:00Z" },
		{ &berlin, WINDOW_MONTH, "2025-10-31T22:59:59Z",
		    "2025-09-30T22:00:00Z", "2025-10-31T23:00:00Z" },
		{ &berlin, WINDOW_MONTH, "2025-10-31T23:00:00Z",
		    "2025-10-31T23:00:00Z", "2025-11-30T23:00:00Z" },
		{ &zone_utc, WINDOW_QUARTER, "2025-03-31T23:59:59Z",
		    "2025-01-01T00:00:00Z", "2025-04-01T00:00:00Z" },
		{ &zone_utc, WINDOW_QUARTER, "2025-04-01T00:00:00Z",
		    "2025-04-01T00:00:00Z", "2025-07-01T00:00:00Z" },
		{ &zone_utc, WINDOW_QUARTER, "2025-12-31T00:00:00Z",
		    "2025-10-01T00:00:00Z", "2026-01-01T00:00:00Z" },
		{ &berlin, WINDOW_YEAR, "2025-12-31T22:59:59Z",
		    "2024-12-31T23:00:00Z", "2025-12-31T23:00:00Z" },
		{ &berlin, WINDOW_YEAR, "2025-12-31T23:00:00Z",
		    "2025-12-31T23:00:00Z", "2026-12-31T23:00:00Z" },
		{ &apia, WINDOW_DAY, "2011-12-30T09:00:00Z",
		    "2011-12-29T10:00:00Z", "2011-12-30T10:00:00Z" },
		{ &apia, WINDOW_DAY, "2011-12-30T10:00:00Z",
		    "2011-12-30T10:00:00Z", "2011-12-31T10:00:00Z" },
		{ &paulo, WINDOW_DAY, "2018-02-18T02:30:00Z",
		    "2018-02-17T02:00:00Z", "2018-02-18T03:00:00Z" },
		/* the clock goes back to 23:30 of the 6th after the 7th has
		 * begun */
		{ &johns, WINDOW_DAY, "2010-11-07T03:00:00Z",
		    "2010-11-07T02:30:00Z", "2010-11-08T03:30:00Z" },
		{ &johns, WINDOW_MONTH, "2009-11-01T03:00:00Z",
		    "2009-11-01T02:30:00Z", "2009-12-01T03:30:00Z" },
		{ &zone_utc, WINDOW_LINE, "2025-03-30T00:00:00Z", "ever",
		    "never" },
		{ &zone_utc, WINDOW_ORDER, "2025-03-30T00:00:00Z", "ever",
		    "never" },
		{ &zone_utc, WINDOW_TIER_YEAR, "2025-03-30T00:00:00Z", "ever",
		    "never" },
		{ &zone_utc, WINDOW_LIFETIME, "2025-03-30T00:00:00Z", "ever",
		    "never" },
	};

	(void)state;
	for (size_t i = 0; i < NITEMS(cases); i++) {
		struct span s = calendar_window(
		    cases[i].zone, cases[i].window, instant(cases[i].at));

		check("from", cases[i].at, s.from, cases[i].from);
		check("until", cases[i].at, s.until, cases[i].until);
		if (cases[i].window == WINDOW_DAY)
			check("day's end", cases[i].at,
			    calendar_day_end(
			        cases[i].zone, instant(cases[i].at)),
			    cases[i].until);
	}
	check("day's end", "of never", calendar_day_end(&berlin, INSTANT_NEVER),
	    "never");
}

static void
test_dates(void **state)
{
	(void)state;
	assert_int_equal(calendar_weekday(2025, 8, 11), 0);
	assert_int_equal(calendar_weekday(2025, 8, 17), 6);
	assert_int_equal(calendar_weekday(1970, 1, 1), 3);
	assert_int_equal(calendar_weekday(1969, 12, 28), 6);
	assert_int_equal(calendar_weekday(1900, 1, 1), 0);
	/* A year before year 1 has the days of the year 400 years later. */
	for (int month = 1; month <= 12; month++)
		assert_int_equal(calendar_weekday(-1, month, 1),
		    calendar_weekday(1999, month, 1));
	assert_int_equal(days_in_month(2024, 2), 29);
	assert_int_equal(days_in_month(2025, 2), 28);
	assert_int_equal(days_in_month(1900, 2), 28);
	assert_int_equal(days_in_month(2000, 2), 29);
	assert_int_equal(days_in_month(2025, 12), 31);
}

static void
test_age(void **state)
{
	static const struct {
		struct civil born;
		const struct zone *zone;
		const char *at;
		int age;
	} cases[] = {
		{ { .year = 2000, .month = 6, .day = 15 }, &zone_utc,
		    "2018-06-14T23:59:59Z", 17 },
		{ { .year = 2000, .month = 6, .day = 15 }, &zone_utc,
		    "2018-06-15T00:00:00Z", 18 },
		{ { .year = 2000, .month = 6, .day = 15 }, &zone_utc,
		    "2018-07-01T00:00:00Z", 18 },
		{ { .year = 2000, .month = 6, .day = 15 }, &zone_utc,
		    "2018-05-20T00:00:00Z", 17 },
		/* An age changes at the start of the local day. */
		{ { .year = 2007, .month = 7, .day = 1 }, &berlin,
		    "2025-06-30T22:00:00Z", 18 },
		{ { .year = 2007, .month = 7, .day = 1 }, &berlin,
		    "2025-06-30T21:59:59Z", 17 },
		/* A birthday on 29 February counts on 1 March in a year without
		 * that day. */
		{ { .year = 2004, .month = 2, .day = 29 }, &zone_utc,
		    "2025-02-28T12:00:00Z", 20 },
		{ { .year = 2004, .month = 2, .day = 29 }, &zone_utc,
		    "2025-03-01T00:00:00Z", 21 },
		{ { .year = 1931, .month = 1, .day = 1 }, &zone_utc,
		    "2025-03-01T00:00:00Z", 94 },
	};

	(void)state;
	for (size_t i = 0; i < NITEMS(cases); i++)
		assert_int_equal(calendar_age(cases[i].zone, cases[i].born,
		                     instant(cases[i].at)),
		    cases[i].age);
}

/* Checks that days follow each other without a gap, and that the day of every
 * instant includes the instant. */
static void
laws_of(const struct zone *z, int year)
{
	for (int day = 0; day < 800; day++) {
		int64_t from = calendar_midnight(z, year, 1, day);
		int64_t until = calendar_midnight(z, year, 1, day + 1);

		assert_true(from <= until);
		for (int64_t at = from; at < until; at += INSTANT_DAY / 96) {
			struct span s = calendar_window(z, WINDOW_DAY, at);

			assert_int_equal(s.from, from);
			assert_int_equal(s.until, until);
			s = calendar_window(z, WINDOW_MONTH, at);
			assert_true(s.from <= at && at < s.until);
			assert_int_equal(calendar_term(z, at,
			                     (struct period){ 1, UNIT_DAY }, 0),
			    from);
		}
	}
}

static void
test_laws(void **state)
{
	(void)state;
	laws_of(&zone_utc, 2024);
	laws_of(&berlin, 2025);
	laws_of(&apia, 2011);
	laws_of(&paulo, 2017);
	laws_of(&johns, 2009);
}

static void
test_parse(void **state)
{
	static const char *const no[] = { "", "2025", "2025-08", "2025-08-",
		"2025-8-15", "2025-08-5", "2025-00-10", "2025-13-10",
		"2025-08-00", "2025-08-32", "2025-02-29", "2025-04-31",
		"2025-08-15 ", "2025-08-15T00:00:00Z", " 2025-08-15",
		"2O25-08-15", "2025-0;-15", "2025-08-1.", "2025/08/15",
		"2025-08/15", "0000-01-01", "-025-08-15", "20250815" };
	int year = 7, month = 8, day = 9;

	(void)state;
	for (size_t i = 0; i < NITEMS(no); i++) {
		if (calendar_parse(no[i], &year, &month, &day))
			fail_msg("%s is no date", no[i]);
		assert_true(year == 7 && month == 8 && day == 9);
	}
	assert_true(calendar_parse("2024-02-29", &year, &month, &day));
	assert_true(year == 2024 && month == 2 && day == 29);
	assert_true(calendar_parse("9999-12-31", &year, &month, &day));
	assert_true(year == 9999 && month == 12 && day == 31);
	assert_true(calendar_parse("0001-01-01", &year, &month, &day));
	assert_true(year == 1 && month == 1 && day == 1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_civil),
		cmocka_unit_test(test_midnight),
		cmocka_unit_test(test_term),
		cmocka_unit_test(test_times),
		cmocka_unit_test(test_windows),
		cmocka_unit_test(test_dates),
		cmocka_unit_test(test_age),
		cmocka_unit_test(test_laws),
		cmocka_unit_test(test_parse),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
