/* SPDX-License-Identifier: MIT */
#pragma once

#include "base/buf.h"
#include "wire/sign.h"

/*
 * oauth: signs the address of a call over plain http by OAuth 1.0a (RFC 5849,
 * section 3.4) with HMAC-SHA256, so that the secret is not sent.  There are
 * only a consumer's key and secret, and no token.  The signature covers the
 * method and the address, but not the body.
 */

enum {
	OAUTH_PARAMS_MAX = 16, /* parameters of an address, four of OAuth's */
};

struct oauth {
	struct str key, secret; /* of at most SECRET_MAX bytes */
	int64_t now;
	const char *nonce; /* a text that no other call has */
};

/* Appends `path` with its query, which gets the parameters of OAuth; the
 * signature comes last.  `url` is the part of the address before the path.  The
 * names and values of the path's own query must have no escapes. */
void oauth_sign(const struct oauth *, const char *method, const char *url,
    const char *path, struct buf *);
