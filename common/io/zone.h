/* SPDX-License-Identifier: MIT */
#ifndef IO_ZONE_H
#define IO_ZONE_H

#include "base/arena.h"
#include "base/cc.h"
#include "base/err.h"
#include "core/calendar.h"

/*
 * zone: reads a time zone from the machine's files into a table.
 *
 * The table has the changes of offset of the years 1970 to 2100.  Before 1970
 * the first offset of the table holds, after 2100 the last.  "UTC" needs no
 * file.
 */

/* Loads a zone into the arena.  Fails with REJECT if there is no such file
 * below /usr/share/zoneinfo.  Sets TZ for a moment, so the process must have
 * only one thread. */
int zone_load(
    struct arena *, const char *name, struct zone *, struct err *) MUST_CHECK;

#endif /* IO_ZONE_H */
