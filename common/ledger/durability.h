/* SPDX-License-Identifier: MIT */
#pragma once

#include "io/pg/pg.h"

/*
 * durability: whether PostgreSQL is configured so that it loses nothing, as
 * README.md promises.  Every commit must be synced to disk, and a standby that
 * lacks a commit must not become the primary.
 */

struct durability {
	bool has_fsync;
	/* Commits wait for a standby: synchronous_standby_names is set. */
	bool waits;
	int64_t standbys; /* number connected; a running backup counts too */
	/* Number of standbys that no commit waits for, as far as the database
	 * login may see them. */
	int64_t asynchronous;
};

int durability_load(struct pg *, struct durability *, struct err *) MUST_CHECK;

enum durability_lack {
	DURABILITY_LACKS_FSYNC = 1,
	/* There is a standby that no commit waits for. */
	DURABILITY_LACKS_SYNC = 2,
};
unsigned durability_lacks(const struct durability *);

/* Whether commits wait for a standby while none is connected. */
bool durability_is_stuck(const struct durability *);
