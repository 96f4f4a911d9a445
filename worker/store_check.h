/* SPDX-License-Identifier: MIT */
#pragma once

#include "base/config/config.h"
#include "base/jsonw.h"
#include "ledger/stores.h"
#include "operation.h"
#include "wire/shop/check.h"

/*
 * store_check: asks a store's API whether its address and its token are right,
 * and prints what it found.  The check always ends: each of its few calls takes
 * LOYALD_PUSH_TIMEOUT_MS at most, and after a call without an answer no other
 * call is made.
 */

/* Asks the shop of a store that was loaded with its token.  Returns NULL if the
 * store has no API address or no token.  The findings are in the arena. */
const struct shop_check *store_check(
    struct arena *, const struct store *, const struct config *);
/* Loads the store from the database and asks its shop. */
int store_check_of(struct operation *, int64_t store_id, const struct config *,
    const struct shop_check **, struct err *) MUST_CHECK;

/* Prints the findings; NULL: prints nothing. */
void store_check_print(const struct shop_check *);
/* Adds "check" to an open object; NULL: the shop was not asked. */
void store_check_json(struct jsonw *, const struct shop_check *);
/* Warns, if something is wrong, that the store was saved but does not work
 * yet. */
void store_check_warn(const struct shop_check *);
