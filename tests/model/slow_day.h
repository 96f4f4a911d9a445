/* SPDX-License-Identifier: MIT */
#ifndef MODEL_SLOW_DAY_H
#define MODEL_SLOW_DAY_H

#include <stdint.h>

#include "core/calendar.h"

/*
 * slow_day: days counted one by one, so that nothing is shared with
 * core/calendar.c.  A day is the number of local days since 1970-01-01.
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

/* Where the local day begins that is so many days and months later. */
int64_t day_later(const struct zone *, int64_t at, int64_t days, int months);

/* The first day of the day, month, quarter or year an instant is in; the
 * same number for all of one window. */
int64_t day_window(const struct zone *, enum window, int64_t at);

#endif /* MODEL_SLOW_DAY_H */
