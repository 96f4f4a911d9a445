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
 * Both are loaded again when somebody has changed them (STORES_CHANNEL), when
 * the connection is a new one, and from time to time.
 */

enum {
	CATALOG_MS = 30 * 1000, /* between two loads, if nobody notified us */
	/* The same for a reader, whom nobody notifies on a standby; and 1 ms
	 * for each store. */
	CATALOG_READER_MS = 2000,
};

struct catalog {
	struct pg *pg;
	const struct master_key *key; /* NULL: secrets and tokens stay closed */
	/* Set by the owner, after catalog_init(). */
	bool has_programs; /* they are loaded, too */
	bool reads; /* the database may be a standby, where LISTEN fails */

	struct arena arena;   /* emptied before each load; the owner may use it
	                         for what is made of the lists */
	struct store *stores; /* by store_id */
	size_t nstores;
	const struct program_version
	    *programs; /* as programs_load() has them */
	size_t nprograms;
	int64_t loaded_at;  /* monotonic; 0: to be loaded */
	bool is_unmigrated; /* the last load failed since the schema is not as
			       this binary needs it */
};

/* The connection and the key must outlive the catalog. */
void catalog_init(struct catalog *, struct pg *, const struct master_key *);
void catalog_fini(struct catalog *);

/* Loads the lists if catalog_is_due(), and says whether it did.  After a
 * failure both lists are empty and due again. */
int catalog_renew(struct catalog *, bool *renewed, struct err *) MUST_CHECK;

/* The world of a unit of work, until the catalog is renewed. */
struct world catalog_world(const struct catalog *, struct arena *, int64_t now);

/* Whether the lists may be other ones by now. */
bool catalog_is_due(struct catalog *);
/* How long until the lists are due, if nobody notifies us. */
int64_t catalog_due_ms(const struct catalog *);
/* Makes the lists due, as what they say was found to be wrong. */
void catalog_forget(struct catalog *);

#endif /* LEDGER_CATALOG_H */
