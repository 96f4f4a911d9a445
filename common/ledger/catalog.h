/* SPDX-License-Identifier: MIT */
#ifndef LEDGER_CATALOG_H
#define LEDGER_CATALOG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/key.h"
#include "io/pg/pg.h"
#include "ledger/stores.h"
#include "ledger/world.h"

/*
 * catalog: the current stores and their programs, for a process that runs for
 * long.
 *
 * Both lists are loaded again when the connection has been notified of a change
 * (STORES_CHANNEL), when the connection is a new one, and from time to time.
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

	/* Holds the lists, and is emptied before each load.  The catalog's user
	 * may keep data here that is valid as long as the lists. */
	struct arena arena;
	struct store *stores; /* sorted by store_id */
	size_t nstores;
	/* Sorted as programs_load() sorts. */
	const struct program_version *programs;
	size_t nprograms;
	/* When the lists were loaded (monotonic clock); 0: they must be loaded.
	 */
	int64_t loaded_at;
	/* The last load failed because loyald migrate has to be run. */
	bool is_unmigrated;
};

/* The connection and the key must outlive the catalog. */
void catalog_init(struct catalog *, struct pg *, const struct master_key *);
void catalog_fini(struct catalog *);

/* Loads the lists if they are due; *renewed says whether that happened.  After
 * a failure the lists are empty, and due again. */
int catalog_renew(struct catalog *, bool *renewed, struct err *) MUST_CHECK;

/* Makes the struct world of one unit of work.  The world is valid until the
 * catalog is renewed. */
struct world catalog_world(const struct catalog *, struct arena *, int64_t now);

/* Whether the lists must be loaded again. */
bool catalog_is_due(struct catalog *);
/* Says in how many milliseconds the lists must be loaded again if no
 * notification comes. */
int64_t catalog_due_ms(const struct catalog *);
/* Makes catalog_renew() load the lists again; called when they turn out to be
 * out of date. */
void catalog_forget(struct catalog *);

#endif /* LEDGER_CATALOG_H */
