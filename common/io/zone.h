/* SPDX-License-Identifier: MIT */
#pragma once

#include "base/arena.h"
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

struct known_zone {
	const struct known_zone *next;
	struct zone zone;
	int64_t file_at; /* when the file was changed last; 0: no file */
};
/* The zones that were asked for so far.  Loading a zone takes some 3 ms, and a
 * process with many stores asks for few different zones again and again. */
struct zone_table {
	struct arena *arena;
	const struct known_zone *first;
};
/* The zones are the arena's, and end with the arena. */
void zone_table_init(struct zone_table *, struct arena *);
/* Finds a zone; loads the zone if this is the first time.  NULL, with REJECT,
 * for a name that zone_load() refuses. */
const struct zone *zone_table_find(
    struct zone_table *, const char *name, struct err *) MUST_CHECK;
/* Whether the file of one of these zones is another one now, as after an update
 * of the machine's zone database. */
bool zone_table_is_stale(const struct zone_table *);
