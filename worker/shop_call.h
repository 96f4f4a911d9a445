/* SPDX-License-Identifier: MIT */
#pragma once

#include "io/http/client.h"
#include "ledger/stores.h"
#include "wire/shop/shop.h"

/* shop_call: sends a request to a shop's API.  The functions of the shop's
 * platform make the request. */

/* Returns what a call to the store's API is made with: the store's address and
 * token, which stay the store's, the time and random digits. */
struct shop_access shop_access_of(const struct store *);

/* The request belongs to the caller, and must stay until the call is
 * answered. */
int shop_call(struct http_client *, const char *api_url,
    const struct push_request *, http_answered *, void *arg,
    struct err *) MUST_CHECK;
