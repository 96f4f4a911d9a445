/* SPDX-License-Identifier: MIT */
#pragma once

#include "io/pg/pg.h"
#include "ledger/programs.h"
#include "ledger/stores.h"

struct member_key {
	int64_t tenant_id, member_id;
};

/* A member that a transaction has made, and the one store that knows it. */
struct member_made {
	struct member_key key;
	int64_t store_id;
	int64_t customer_id; /* by which it is pushed; 0: it is not */
};

/*
 * world: what the ledger's functions work with: a database, the memory of one
 * unit of work, the stores with their programs, and the time.
 *
 * The caller owns everything in a world, and keeps it until the call has
 * returned.  Results are in the arena, until the caller resets the arena.
 */
struct world {
	struct pg *pg;
	struct arena *arena;
	const struct master_key *key; /* NULL: no encryption, no hashing */
	const struct store *stores;   /* sorted by store_id */
	size_t nstores;
	/* The program versions, sorted as programs_load() sorts them. */
	const struct program_version *programs;
	size_t nprograms;
	int64_t now; /* the present instant by the caller's clock */
	/* The most steps (core/fold/fold.h) that folding one member may take:
	 * in a batch of several members, and alone.  0: the maxima of
	 * ledger/timeline/timeline.h.  Tests set lower bounds. */
	int64_t steps_most, alone_most;
	/* The least number of things after a new seam; 0: KEEPS_LEAST of
	 * ledger/timeline/seam.c.  Tests set smaller numbers. */
	size_t seam_keeps;
};
