/* SPDX-License-Identifier: MIT */
#pragma once

#include <stdint.h>

#include "core/calendar.h"

/*
 * slow_day: a calendar that counts days one by one, and shares nothing with
 * core/calendar.c.  A day is the number of local days since 1970-01-01.
 */

/* A zone with summer time in the years 2023 to 2027.  Clocks change at 01:00
 * UTC on the last Sunday of March and of October. */
extern const struct zone zone_model;

int64_t day_of(const struct zone *, int64_t at);
int64_t day_begins(const struct zone *, int64_t day); /* gives an instant */
int64_t day_at(int year, int month, int day);
void day_date(int64_t day, int *year, int *month, int *of_month);
int day_weekday(int64_t day); /* Monday is 0 */
void day_text(int64_t day, char *);

/* Gives the beginning of a local day.  The day is `months` months later than
 * the day of an instant, and then `days` days later. */
int64_t day_later(const struct zone *, int64_t at, int64_t days, int months);

/* Gives the first day of the window (day, month, quarter or year) that includes
 * an instant; 0 for windows of other kinds.  Two instants are in the same
 * window if the results are equal. */
int64_t day_window(const struct zone *, enum window, int64_t at);
