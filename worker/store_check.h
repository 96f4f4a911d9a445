/* SPDX-License-Identifier: MIT */
#ifndef WORKER_STORE_CHECK_H
#define WORKER_STORE_CHECK_H

#include "base/config/config.h"
#include "base/jsonw.h"
#include "ledger/stores.h"
#include "operation.h"
#include "wire/shop/check.h"

/*
 * store_check: asks a store's API whether its address and its token are right,
 * and prints what it found.  Whatever the shop does, it ends: each of a few
 * calls has LOYALD_PUSH_TIMEOUT_MS, and none follows one that found nobody.
 */

/* Asks the shop of a store that was loaded with its token.  NULL: it has no
 * address or no token to ask with.  The findings are the arena's. */
const struct shop_check *store_check(
    struct arena *, const struct store *, const struct config *);
/* Loads the store from the database and asks its shop. */
int store_check_of(struct operation *, int64_t store_id, const struct config *,
    const struct shop_check **, struct err *) MUST_CHECK;

/* Prints the findings; NULL: prints nothing. */
void store_check_print(const struct shop_check *);
/* Adds "check" to an open object; NULL: the shop was not asked. */
void store_check_json(struct jsonw *, const struct shop_check *);
/* Warns, if something is wrong, that the store as kept does not work yet. */
void store_check_warn(const struct shop_check *);

#endif /* WORKER_STORE_CHECK_H */
