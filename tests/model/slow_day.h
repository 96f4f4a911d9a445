/* SPDX-License-Identifier: MIT */
#ifndef MODEL_SLOW_DAY_H
#define MODEL_SLOW_DAY_H

#include <stdint.h>

#include "core/calendar.h"

/*
 * slow_day: a calendar that counts days one by one, so that nothing is shared
 * with core/calendar.c.  A day is the number of local days since 1970-01-01.
 */

/* A zone with summer time, 2023 to 2027: from 01:00 UTC on the last Sunday
 * of March and October. */
extern const struct zone zone_model;

int64_t day_of(const struct zone *, int64_t at);
int64_t day_begins(const struct zone *, int64_t day); /* an instant */
int64_t day_at(int year, int month, int day);
void day_date(int64_t day, int *year, int *month, int *of_month);
int day_weekday(int64_t day); /* Monday is 0 */
void day_text(int64_t day, char *);

/* Gives the beginning of the local day that is so many months, and after them
 * so many days, later than an instant. */
int64_t day_later(const struct zone *, int64_t at, int64_t days, int months);

/* Gives the first day of the day, month, quarter or year that has an instant,
 * and 0 for the other windows: all instants of a window have the same day. */
int64_t day_window(const struct zone *, enum window, int64_t at);

#endif /* MODEL_SLOW_DAY_H */
