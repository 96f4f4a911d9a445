/* SPDX-License-Identifier: MIT */
#ifndef IO_ZONE_H
#define IO_ZONE_H

#include "base/arena.h"
#include "base/cc.h"
#include "base/err.h"
#include "core/calendar.h"

/*
 * zone: a time zone as the machine's files have it, as a table.
 *
 * The table has the changes of the years 1970 to 2100; what was in effect
 * at either end holds beyond it.  "UTC" needs no file.
 */

/* The table is the arena's.  REJECT if the name is none of a file below
 * /usr/share/zoneinfo.  It sets TZ for a moment: the process must have one
 * thread. */
int zone_load(
    struct arena *, const char *name, struct zone *, struct err *) MUST_CHECK;

#endif /* IO_ZONE_H */
