/* SPDX-License-Identifier: MIT */
#pragma once

#include <stdbool.h>
#include <stdint.h>

/* clock: the time, for every module but base/log.c.  Files in base use nothing
 * of io, so log.c reads the time for its lines by itself. */

int64_t clock_now(void);  /* wall clock (base/instant.h): may jump */
int64_t clock_mono(void); /* microseconds that never go back, for deadlines */
void clock_sleep_ms(int64_t);
/* Whether something is due that is done every so many milliseconds: if so, sets
 * *at, the time when it was last done, to clock_mono().  0: it never was. */
bool clock_is_due(int64_t *at, int64_t ms);
