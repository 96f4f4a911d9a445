/* SPDX-License-Identifier: MIT */
#pragma once

#include "wire/sign.h"

/*
 * proxy: the query of a request that came through Shopify's app proxy (docs:
 * "Authenticate app proxies").
 *
 * The parameter `signature` is the lower-case hex HMAC-SHA256 of all other
 * parameters: decoded "key=value" pairs, sorted, with nothing between them.
 * The values of a repeated key are joined by a comma.
 *
 * Since nothing separates the pairs, one signature fits several ways to cut the
 * text.  A query is therefore refused if the name of a parameter that loyald
 * reads occurs twice, even if inside another name or value.
 */

enum {
	PROXY_QUERY_MAX = 8192, /* bytes */
	PROXY_PARAMS_MAX = 64,  /* parameters of one query */
	PROXY_AGE_MAX = 90,     /* most seconds between timestamp and now,
	                            as in Shopify's own library */
};

struct proxy_query {
	struct str shop;        /* "name.myshopify.com" */
	struct str customer_id; /* digits; empty: nobody is logged in */
	int64_t timestamp;      /* seconds since 1970 */
};

/* Parses a query, so that the caller learns for which shop to verify it.
 * Nothing in a query may be believed before proxy_verify().  REJECT if a value
 * is missing or given twice. */
int proxy_parse(struct arena *, struct str query, struct proxy_query *,
    struct err *) MUST_CHECK;

/* Verifies a query: REJECT unless the signature is right under one of the keys.
 * The caller checks that the timestamp is recent. */
int proxy_verify(struct arena *, struct str query, struct hmac_key *const *,
    size_t nkeys, struct err *) MUST_CHECK;
