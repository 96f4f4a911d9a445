/* SPDX-License-Identifier: MIT */
#include <stdio.h>

#include "base/cc.h"
#include "base/instant.h"

#include "slow_day.h"

#define SECONDS(at) (INSTANT_SECOND * INT64_C(at))

static const struct zone_change changes[] = {
	{ INT64_MIN, 3600 },
	{ SECONDS(1679792400), 7200 }, /* 2023-03-26 */
	{ SECONDS(1698541200), 3600 },
	{ SECONDS(1711846800), 7200 },
	{ SECONDS(1729990800), 3600 },
	{ SECONDS(1743296400), 7200 },
	{ SECONDS(1761440400), 3600 },
	{ SECONDS(1774746000), 7200 },
	{ SECONDS(1792890000), 3600 },
	{ SECONDS(1806195600), 7200 },
	{ SECONDS(1824944400), 3600 },
};

const struct zone zone_model = { "Model", changes, NITEMS(changes) };

static int64_t
local(const struct zone *z, int64_t at)
{
	int64_t offset = 0;

	for (size_t i = 0; i < z->nchanges; i++)
		if (at >= z->changes[i].at)
			offset = z->changes[i].offset_s;
	return at + offset * INSTANT_SECOND;
}

/* Gives the earliest instant at which clocks show a local time, by trying every
 * offset that the zone ever has.  For a time that clocks skip, uses the offset
 * before the skip. */
static int64_t
instant(const struct zone *z, int64_t wanted)
{
	int64_t best = INSTANT_NEVER;

	if (z->nchanges == 0)
		return wanted;
	for (size_t i = 0; i < z->nchanges; i++) {
		int64_t at = wanted - z->changes[i].offset_s * INSTANT_SECOND;

		if (local(z, at) == wanted && at < best)
			best = at;
	}
	return best == INSTANT_NEVER ? wanted - 3600 * INSTANT_SECOND : best;
}

static bool
is_leap(int year)
{
	return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
}

static int
month_days(int year, int month)
{
	static const int days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30,
		31 };

	return days[month - 1] + (month == 2 && is_leap(year));
}

void
day_date(int64_t day, int *year, int *month, int *of_month)
{
	*year = 1970;
	*month = 1;
	while (day >= 365 + is_leap(*year))
		day -= 365 + is_leap((*year)++);
	while (day >= month_days(*year, *month))
		day -= month_days(*year, (*month)++);
	*of_month = (int)day + 1;
}

int64_t
day_at(int year, int month, int of_month)
{
	int64_t day = of_month - 1;

	for (int y = 1970; y < year; y++)
		day += 365 + is_leap(y);
	for (int m = 1; m < month; m++)
		day += month_days(year, m);
	return day;
}

int64_t
day_of(const struct zone *z, int64_t at)
{
	return local(z, at) / INSTANT_DAY;
}

int64_t
day_begins(const struct zone *z, int64_t day)
{
	return instant(z, day * INSTANT_DAY);
}

/* Day 0, 1970-01-01, was a Thursday. */
int
day_weekday(int64_t day)
{
	return (int)((day + 3) % 7);
}

void
day_text(int64_t day, char *text)
{
	int y, m, d;

	day_date(day, &y, &m, &d);
	sprintf(text, "%04d-%02d-%02d", y, m, d);
}

int64_t
day_later(const struct zone *z, int64_t at, int64_t days, int months)
{
	int y, m, d;

	day_date(day_of(z, at), &y, &m, &d);
	for (; months > 0; months--) {
		y += m == 12;
		m = m == 12 ? 1 : m + 1;
	}
	for (; months < 0; months++) {
		y -= m == 1;
		m = m == 1 ? 12 : m - 1;
	}
	if (d > month_days(y, m))
		d = month_days(y, m);
	return day_begins(z, day_at(y, m, d) + days);
}

int64_t
day_window(const struct zone *z, enum window window, int64_t at)
{
	int64_t day = day_of(z, at);
	int y, m, d;

	day_date(day, &y, &m, &d);
	switch (window) {
	case WINDOW_DAY:
		return day;
	case WINDOW_MONTH:
		return day_at(y, m, 1);
	case WINDOW_QUARTER:
		return day_at(y, (m - 1) / 3 * 3 + 1, 1);
	case WINDOW_YEAR:
		return day_at(y, 1, 1);
	case WINDOW_LINE:
	case WINDOW_ORDER:
	case WINDOW_TIER_YEAR:
	case WINDOW_LIFETIME:
		return 0;
	}
	return 0;
}
