/* SPDX-License-Identifier: MIT */
#pragma once

#include "base/key.h"
#include "io/pg/pg.h"
#include "io/zone.h"
#include "ledger/stores.h"
#include "ledger/world.h"

/*
 * catalog: the current stores and their programs, for a process that runs for
 * long.
 *
 * The stores and programs are brought up to date when the connection has been
 * notified of a change (STORES_CHANNEL), when the connection is a new one, and
 * from time to time.  Only rows that have changed are loaded and read.  On a new
 * connection all rows are: the database may be another one, in which an equal
 * version of a row says nothing.
 *
 * The catalog owns the lists and what they point to, and a caller may use them
 * until the next call of catalog_renew().  That call makes both lists anew if
 * anything has changed, and else leaves them alone.  Texts, secrets and programs
 * of rows that are gone stay in memory until they are as much as the others;
 * then everything is loaded anew.
 */

enum {
	/* Time between two loads, if no notification comes. */
	CATALOG_MS = 30 * 1000,
	/* The time between two loads in a process that only reads.  The time is
	 * shorter because a standby sends no notifications.  1 ms is added for
	 * each store. */
	CATALOG_READER_MS = 2000,
};

struct catalog {
	struct pg *pg;
	const struct master_key *key; /* NULL: secrets and tokens stay sealed */
	/* The two flags below are set by the catalog's user, after
	 * catalog_init(). */
	bool has_programs; /* also load the programs */
	bool reads;        /* the database may be a standby: no LISTEN */

	/* The arena of the lists; the owner may keep data in it that is valid
	 * as long as the lists. */
	struct arena *arena;
	/* The arena of the lists, and the arena for the next load. */
	struct arena turns[2];
	/* Texts, secrets and programs. */
	struct arena kept;
	/* Bytes of `kept` at which everything is loaded anew. */
	size_t kept_most;
	struct arena zone_arena; /* the zones of the programs */
	struct zone_table zones;
	/* The connection that everything was loaded on (pg_session()). */
	int64_t session;
	/* How many loads have changed the lists; an owner who makes something
	 * of the lists compares this number. */
	int64_t changes;
	const struct store *stores; /* sorted by store_id */
	size_t nstores;
	/* Sorted as programs_load() sorts. */
	const struct program_version *programs;
	size_t nprograms;
	/* When the rows were last looked at (monotonic clock); 0: they must be
	 * looked at. */
	int64_t loaded_at;
	/* The last load failed because loyald migrate has to be run. */
	bool is_unmigrated;
};

/* The connection and the key must outlive the catalog. */
void catalog_init(struct catalog *, struct pg *, const struct master_key *);
void catalog_fini(struct catalog *);

/* Brings the lists up to date if that is due; *renewed says whether it was.
 * After a failure the lists are empty, and due again. */
int catalog_renew(struct catalog *, bool *renewed, struct err *) MUST_CHECK;

/* Makes the struct world of one unit of work.  The world is valid until the
 * catalog is renewed. */
struct world catalog_world(const struct catalog *, struct arena *, int64_t now);

/* Whether the lists must be brought up to date. */
bool catalog_is_due(struct catalog *);
/* Says in how many milliseconds that will be, if no notification comes. */
int64_t catalog_due_ms(const struct catalog *);
/* Makes the lists due; called when they turn out to be out of date. */
void catalog_forget(struct catalog *);
