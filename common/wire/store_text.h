/* SPDX-License-Identifier: MIT */
#pragma once

#include "base/arena.h"
#include "base/message.h"

/*
 * store_text: checks the texts that an operator enters for a store.  A refusal
 * is REJECT, with a sentence that holds no secret.
 */

enum {
	API_URL_MAX = 1024,  /* bytes */
	API_TOKEN_MAX = 512, /* bytes */
	BRAND_MAX = 255,     /* bytes */
};

/* Reads a host name, with or without a port, and without scheme and path.
 * Gives each host one spelling: lower case, without a dot at the end and
 * without the ports of https and http. */
int domain_parse(
    struct arena *, struct str, const char **, struct err *) MUST_CHECK;

/* Reads "https://host[:port][/path]", or http, and drops slashes at the end.  A
 * user name or a query is refused, since the address is shown to people. */
int api_url_parse(
    struct arena *, struct str, const char **, struct err *) MUST_CHECK;

/* Checks a brand, the name by which programs know a store: 1 to BRAND_MAX
 * printable bytes. */
int brand_check(struct str, struct err *) MUST_CHECK;

/* Returns the text of a file with a secret, without one line feed at the
 * end. */
struct str secret_trim(struct str file);

/* Checks a webhook secret: one line of 1 to SECRET_MAX bytes (wire/sign.h) that
 * does not look like an API token. */
int secret_check(struct str, struct err *) MUST_CHECK;

/* Checks an API token: one word of printable ASCII, in the platform's form,
 * that does not look like another text of a platform, such as a secret (struct
 * shop). */
int api_token_check(enum platform, struct str, struct err *) MUST_CHECK;
