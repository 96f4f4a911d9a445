/* SPDX-License-Identifier: MIT */
#pragma once

#include "base/config/config.h"
#include "ledger/stores.h"
#include "wire/shop/check.h"

/* store_token: the first API token by an app that an operator has entered. */

/* Asks the shop of a store for a token, which takes LOYALD_PUSH_TIMEOUT_MS at
 * most.  The app gets its next refresh token, and the time after which push gets
 * the next token.  If there is none, returns what is wrong, in the arena; else NULL. */
const struct shop_check *store_token_first(struct arena *,
    const struct config *, const struct store *, struct store_app *,
    struct str *token);
