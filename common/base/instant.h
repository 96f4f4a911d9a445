/* SPDX-License-Identifier: MIT */
#pragma once

#include "base/str.h"

/*
 * instant: a moment, in microseconds since 1970-01-01T00:00:00Z.
 *
 * Zero means "no moment": nothing that loyald knows of happened in 1970.
 */

#define INSTANT_NEVER  INT64_MAX /* after every moment */
#define INSTANT_SECOND INT64_C(1000000)
#define INSTANT_DAY    (INT64_C(24) * 60 * 60 * INSTANT_SECOND)

/*
 * Reads RFC 3339 ("2026-11-22T06:24:45.123Z", "...+02:00"), with up to nine
 * decimals, of which decimals beyond microseconds are dropped.  A time without
 * a zone is UTC, as WooCommerce's *_gmt fields are.  Only years from 1971 to
 * 9999 are accepted.
 */
int instant_parse(struct str, int64_t *) MUST_CHECK;

/* Writes "2026-11-22T06:24:45.123456Z"; without decimals if the microseconds
 * are 0.  Every number can be written, but beyond the year 9999 the text is not
 * RFC 3339. */
enum {
	INSTANT_TEXT_MAX = 32
};
void instant_format(int64_t, char out[INSTANT_TEXT_MAX]);

/* Turn a date of the Gregorian calendar, which is extended to the time before
 * 1582, into days since 1970-01-01, and back.  Months and days of a month are
 * from 1. */
int64_t days_from_civil(int64_t year, int64_t month, int64_t day);
void civil_from_days(int64_t days, int *year, int *month, int *day);
int days_in_month(int year, int month);
