/* SPDX-License-Identifier: MIT */
#ifndef CORE_CALENDAR_H
#define CORE_CALENDAR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * calendar: days, months and years in a program's time zone.
 *
 * Instants are microseconds in UTC (base/instant.h).  A zone is a table of the
 * changes of its distance from UTC.  io/zone.h makes the table, so that the
 * arithmetic here needs no clock and no files.  Intervals are [start, end).
 */

struct zone_change {
	int64_t at;       /* the offset holds from this instant on */
	int32_t offset_s; /* local time is UTC plus so many seconds */
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

/* A length of time as "18 months". n is 0 if the program does not set any. */
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
	/* Each year, counted from the entry into the tier. */
	WINDOW_TIER_YEAR,
	WINDOW_LIFETIME,
};

struct span {
	int64_t from, until; /* [from, until) */
};

struct civil calendar_civil(const struct zone *, int64_t at);

/* The first instant of a local day; month and day may be out of range and
 * are carried over (month 13 is January of the next year, day 0 the last of
 * the month before). */
int64_t calendar_midnight(const struct zone *, int year, int month, int day);

/* The first instant of a local day at which the local clock shows so many
 * microseconds after midnight, or more. */
int64_t calendar_at(
    const struct zone *, int year, int month, int day, int64_t since_midnight);

/* Reads "2025-08-15"; false if it is no date that exists. */
bool calendar_parse(const char *, int *year, int *month, int *day);

/* The weekday of a date; Monday is 0. */
int calendar_weekday(int year, int month, int day);

/* The end of n terms that began on the local day of `at`: the first instant of
 * the day that much later.  A day that the month does not have is its last day
 * (31 January plus one month is 28 February).  Successive terms are therefore
 * counted from the day of the first one, not from the end of the term before.
 * INSTANT_NEVER for UNIT_EVER. */
int64_t calendar_term(
    const struct zone *, int64_t at, struct period, int64_t n);

/* The midnight that ends the local day of `at`. */
int64_t calendar_day_end(const struct zone *, int64_t at);

/* The day, month, quarter or year of `at`; all time for the other windows. */
struct span calendar_window(const struct zone *, enum window, int64_t at);

/* Whole years from one local day to another, as an age is counted. */
int calendar_age(const struct zone *, struct civil born, int64_t at);

#endif /* CORE_CALENDAR_H */
