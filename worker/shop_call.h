/* SPDX-License-Identifier: MIT */
#ifndef WORKER_SHOP_CALL_H
#define WORKER_SHOP_CALL_H

#include "io/http/client.h"
#include "wire/shop/shop.h"

/* shop_call: a call to a shop's API, as its platform's file has written it. */

/* The request is the caller's until it was answered. */
int shop_call(struct http_client *, const char *api_url,
    const struct push_request *, http_answered *, void *arg,
    struct err *) MUST_CHECK;

#endif /* WORKER_SHOP_CALL_H */
