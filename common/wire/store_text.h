/* SPDX-License-Identifier: MIT */
#ifndef WIRE_STORE_TEXT_H
#define WIRE_STORE_TEXT_H

#include "base/arena.h"
#include "base/err.h"
#include "base/message.h"
#include "base/str.h"

/*
 * store_text: what an operator tells of a store, checked before it is
 * believed.  Pure.  Whatever is refused is REJECT with a sentence, which
 * never holds a secret.
 */

enum {
	API_URL_MAX = 1024,  /* bytes */
	API_TOKEN_MAX = 512, /* bytes */
	BRAND_MAX = 255,     /* bytes */
};

/* A host name, perhaps with a port: no scheme, no path.  Each host in one
 * spelling: lower-cased, without the dot of the root and the ports of https
 * and http. */
int domain_parse(
    struct arena *, struct str, const char **, struct err *) MUST_CHECK;

/* "https://host[:port][/path]", or http; the slash at its end is dropped.
 * No user, no query: neither belongs into an address that is shown. */
int api_url_parse(
    struct arena *, struct str, const char **, struct err *) MUST_CHECK;

/* What conditions on "brand" name: printable, 1 to 255 bytes. */
int brand_check(struct str, struct err *) MUST_CHECK;

/* What a secret's file holds: one line feed at its end is dropped, nothing
 * else. */
struct str secret_trim(struct str file);

/* A secret is one line of 1 to SECRET_MAX bytes (wire/sign.h), no API token. */
int secret_check(struct str, struct err *) MUST_CHECK;

/* An API token is one word of printable ASCII, as it will stand in a header;
 * WooCommerce's is "consumer_key:consumer_secret".  Other things that a
 * platform hands out are refused, if they are evidently that. */
int api_token_check(enum platform, struct str, struct err *) MUST_CHECK;

#endif /* WIRE_STORE_TEXT_H */
