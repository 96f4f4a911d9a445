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
 * catalog: the stores and their programs as they are, for a process that stays.
 *
 * Both lists are loaded again when the connection has been notified of a change
 * (STORES_CHANNEL), when it is a new one, and from time to time.
 */

enum {
	CATALOG_MS = 30 * 1000, /* between two loads, without a notification */
	/* The same for a reader, since a standby sends no notifications. 1 ms
	 * more for each store. */
	CATALOG_READER_MS = 2000,
};

struct catalog {
	struct pg *pg;
	const struct master_key *key; /* NULL: secrets and tokens stay sealed */
	/* Set by the owner, after catalog_init(). */
	bool has_programs; /* programs are loaded, too */
	bool reads; /* the database may be a standby, where LISTEN fails */

	/* Emptied before each load; the owner may use it for what it makes of
	 * the lists. */
	struct arena arena;
	struct store *stores; /* by store_id */
	size_t nstores;
	/* In the order of programs_load(). */
	const struct program_version *programs;
	size_t nprograms;
	int64_t loaded_at; /* monotonic; 0: to be loaded */
	/* The last load failed because loyald migrate has to be run. */
	bool is_unmigrated;
};

/* The connection and the key must outlive the catalog. */
void catalog_init(struct catalog *, struct pg *, const struct master_key *);
void catalog_fini(struct catalog *);

/* Loads the lists if they are due; *renewed says whether that happened.  After
 * a failure the lists are empty, and due again. */
int catalog_renew(struct catalog *, bool *renewed, struct err *) MUST_CHECK;

/* The world of one unit of work, good until the catalog is renewed. */
struct world catalog_world(const struct catalog *, struct arena *, int64_t now);

/* Whether the lists may be out of date. */
bool catalog_is_due(struct catalog *);
/* How many milliseconds until the lists are due, without a notification. */
int64_t catalog_due_ms(const struct catalog *);
/* Makes the lists due, when they were found to be out of date. */
void catalog_forget(struct catalog *);

#endif /* LEDGER_CATALOG_H */
