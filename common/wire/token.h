/* SPDX-License-Identifier: MIT */
#pragma once

#include "wire/sign.h"

/*
 * token: reads JSON Web Tokens (RFC 7519, 7515) that are signed with HS256.
 *
 * Claims: iss and sub (texts) and exp are required; nbf is honoured; aud,
 * if there is one, must be or contain TOKEN_AUDIENCE; others are skipped.
 * Times are whole seconds since 1970.  A token lives TOKEN_LIFE_MAX
 * seconds at most, and clocks may differ by TOKEN_LEEWAY.
 */

#define TOKEN_AUDIENCE "loyald"

enum {
	TOKEN_LIFE_MAX = 600,
	TOKEN_LEEWAY = 10,
	TOKEN_MAX = 4096, /* bytes */
};

struct token {
	struct str issuer;  /* claim iss */
	struct str subject; /* claim sub: the customer's id at the platform */
	int64_t expires;    /* claim exp */
	int64_t not_before; /* claim nbf; 0: there is none */
};

/* Parses a token, to find out which store's keys must verify the token.
 * Nothing in the token may be believed before token_verify().  REJECT if the
 * text is not such a token. */
int token_parse(
    struct arena *, struct str jwt, struct token *, struct err *) MUST_CHECK;

/* Verifies a token: REJECT unless the token is signed with one of the keys and
 * valid at the time `now`, in seconds.  The struct token is the one that
 * token_parse() made of the same text. */
int token_verify(struct str jwt, const struct token *, int64_t now,
    struct hmac_key *const *, size_t nkeys, struct err *) MUST_CHECK;

/* Finds the signed part of a token and its signature; REJECT if the token has
 * no signature. */
int token_signature(struct str jwt, struct str *text, uint8_t mac[HMAC_SIZE],
    struct err *) MUST_CHECK;
