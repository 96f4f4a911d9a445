/* SPDX-License-Identifier: MIT */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * calendar: days, months and years in a program's time zone.
 *
 * Instants are microseconds in UTC (base/instant.h).  A zone is a table of the
 * changes of the offset of its local time from UTC.  io/zone.h makes the table,
 * so that the arithmetic here needs no clock and no files.  Intervals are
 * [start, end).
 */

struct zone_change {
	int64_t at;       /* the offset holds from this instant on */
	int32_t offset_s; /* local time is UTC plus offset_s seconds */
};

struct zone {
	const char *name; /* in IANA's database: "Europe/Berlin" */
	/* In the order of time.  The first change also holds for all time
	 * before it. */
	const struct zone_change *changes;
	size_t nchanges;
};

extern const struct zone zone_utc;

/* A local day and time of day. */
struct civil {
	int year, month, day;   /* month and day from 1 */
	int weekday;            /* 0 is Monday (ISO 8601) */
	int64_t since_midnight; /* microseconds on the wall clock */
};

enum unit {
	UNIT_DAY = 1,
	UNIT_MONTH,
	UNIT_YEAR,
	UNIT_EVER, /* a period without end */
};

/* A length of time like "18 months".  If the program sets no period, n is 0. */
struct period {
	int64_t n;
	enum unit unit;
};

/* The window over which a sum or a limit counts. */
enum window {
	WINDOW_LINE = 1, /* each line of an order by itself */
	WINDOW_ORDER,    /* each order or event by itself */
	WINDOW_DAY,
	WINDOW_MONTH,
	WINDOW_QUARTER,
	WINDOW_YEAR,
	/* Each year since the member entered the tier. */
	WINDOW_TIER_YEAR,
	WINDOW_LIFETIME,
};

struct span {
	int64_t from, until; /* [from, until) */
};

struct civil calendar_civil(const struct zone *, int64_t at);

/* The first instant of a local day.  The month and the day may be out of range
 * and are carried over (month 13 is January of the next year, day 0 is the last
 * day of the month before). */
int64_t calendar_midnight(const struct zone *, int year, int month, int day);

/* The first instant of a local day at which the local clock shows
 * `since_midnight` microseconds after midnight, or more. */
int64_t calendar_at(
    const struct zone *, int year, int month, int day, int64_t since_midnight);

/* Reads "2025-08-15"; false if it is no date that exists. */
bool calendar_parse(const char *, int *year, int *month, int *day);

/* The weekday of a date; Monday is 0. */
int calendar_weekday(int year, int month, int day);

/* Finds the end of n terms (each one period long) that began on the local day
 * of `at`: the first instant of the day on which the last term is over.  If
 * that month has no such day, the last day of the month is taken: 31 January
 * plus one month is 28 February.  A caller must therefore count all terms from
 * the first day, since 28 February plus one month is 28 March.  INSTANT_NEVER
 * for UNIT_EVER. */
int64_t calendar_term(
    const struct zone *, int64_t at, struct period, int64_t n);

/* Finds the midnight that ends the local day of `at`. */
int64_t calendar_day_end(const struct zone *, int64_t at);

/* The day, month, quarter or year of `at`; all time for the other windows. */
struct span calendar_window(const struct zone *, enum window, int64_t at);

/* Counts the whole years from the day of birth to the local day of `at`. */
int calendar_age(const struct zone *, struct civil born, int64_t at);
