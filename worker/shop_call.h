/* SPDX-License-Identifier: MIT */
#pragma once

#include "io/http/client.h"
#include "wire/shop/shop.h"

/* shop_call: sends a request to a shop's API.  The functions of the shop's
 * platform make the request. */

/* The request belongs to the caller, and must stay until the call is
 * answered. */
int shop_call(struct http_client *, const char *api_url,
    const struct push_request *, http_answered *, void *arg,
    struct err *) MUST_CHECK;
