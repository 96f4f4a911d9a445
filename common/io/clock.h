/* SPDX-License-Identifier: MIT */
#pragma once

#include <stdint.h>

/* clock: the time, for every module but base/log.c.  Files in base use nothing
 * of io, so log.c reads the time for its lines by itself. */

int64_t clock_now(void);  /* wall clock (base/instant.h): may jump */
int64_t clock_mono(void); /* microseconds that never go back, for deadlines */
void clock_sleep_ms(int64_t);
