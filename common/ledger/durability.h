/* SPDX-License-Identifier: MIT */
#ifndef LEDGER_DURABILITY_H
#define LEDGER_DURABILITY_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "io/pg/pg.h"

/*
 * durability: what README.md's promise needs of PostgreSQL: that it syncs,
 * and that no standby can become the primary without what was committed.
 */

struct durability {
	bool has_fsync;
	bool waits;           /* synchronous_standby_names is set */
	int64_t standbys;     /* connected; a backup under way looks like one */
	int64_t asynchronous; /* of them, as far as the login may see */
};

int durability_load(struct pg *, struct durability *, struct err *) MUST_CHECK;

enum durability_lack {
	DURABILITY_LACKS_FSYNC = 1,
	DURABILITY_LACKS_SYNC = 2, /* a standby that nobody waits for */
};
unsigned durability_lacks(const struct durability *);

/* A commit waits for a standby, and there is none: it waits on. */
bool durability_is_stuck(const struct durability *);

#endif /* LEDGER_DURABILITY_H */
