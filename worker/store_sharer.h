/* SPDX-License-Identifier: MIT */
#pragma once

#include "operation.h"

/* store_sharer: finds another store that has the same secret as this store. */

struct sharer {
	int64_t store_id; /* the first such store; 0: there is none */
	enum platform platform;
	size_t n;
};

/* Looks for a store that has the secret.  Opens the secrets of all stores to
 * compare them, and so finds a wrong master key before anything is sealed with
 * that key. */
int sharer_find(struct operation *, enum platform, int64_t store_id,
    struct str secret, struct sharer *, struct err *) MUST_CHECK;

/* Warns if another store has the same secret. */
void sharer_warn(int64_t store_id, enum platform, const struct sharer *);
