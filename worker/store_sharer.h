/* SPDX-License-Identifier: MIT */
#ifndef STORE_SHARER_H
#define STORE_SHARER_H

#include "ledger/stores.h"
#include "operation.h"

/* store_sharer: another store, any of whose secrets a store's is as well. */

struct sharer {
	int64_t store_id; /* the first; 0: there is none */
	enum platform platform;
	size_t n;
};

/* Looks at the other stores, and so also finds that the master key is not
 * theirs before anything is sealed with it. */
int sharer_find(struct operation *, enum platform, int64_t store_id,
    struct str secret, struct sharer *, struct err *) MUST_CHECK;

/* Warns, if there is one. */
void sharer_warn(int64_t store_id, enum platform, const struct sharer *);

#endif /* STORE_SHARER_H */
