/* SPDX-License-Identifier: MIT */
#ifndef WORKER_SHOP_CALL_H
#define WORKER_SHOP_CALL_H

#include "io/http/client.h"
#include "wire/shop/shop.h"

/* shop_call: makes a call to a shop's API that its platform's file has
 * written. */

/* The request stays the caller's, and must stay until it is answered. */
int shop_call(struct http_client *, const char *api_url,
    const struct push_request *, http_answered *, void *arg,
    struct err *) MUST_CHECK;

#endif /* WORKER_SHOP_CALL_H */
