/* SPDX-License-Identifier: MIT */
#ifndef WIRE_SIGN_H
#define WIRE_SIGN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"

/*
 * sign: everything loyald does with a secret.  Uses OpenSSL's libcrypto.
 * Nothing here puts a secret, or what it decrypted, into an err.
 */

enum {
	HMAC_SIZE = 32,              /* HMAC-SHA256 */
	MASTER_KEY_SIZE = 32,        /* AES-256 */
	SEAL_OVERHEAD = 1 + 12 + 16, /* version, nonce, tag */
	SECRET_MAX = 512,            /* of a store, in bytes */
};

/* A key whose inner and outer state is computed once. */
struct hmac_key;
struct hmac_key *hmac_key_new(struct str key);
void hmac_key_free(struct hmac_key *);
void hmac_sign(const struct hmac_key *, struct str, uint8_t out[HMAC_SIZE]);
/* In constant time. */
bool hmac_is_equal(const uint8_t a[HMAC_SIZE], const uint8_t b[HMAC_SIZE]);

void sha256(struct str, uint8_t out[32]);

/* Random bytes from the system; ends the process if there are none. */
void random_bytes(void *, size_t);

/*
 * The master key: 32 bytes, in a file as 64 hexadecimal digits and a line
 * feed, mode 0600.  key_load() refuses a file that others may read.
 */
struct master_key {
	uint8_t bytes[MASTER_KEY_SIZE];
};
int key_create(const char *path, struct err *) MUST_CHECK;
int key_load(const char *path, struct master_key *, struct err *) MUST_CHECK;

/*
 * AES-256-GCM.  What is sealed opens only with the same key and the same
 * `what` ("store 3 secret"), so that one sealed thing cannot stand in for
 * another.  Format: a byte 1, twelve of nonce, the text, sixteen of tag.
 */
struct str seal(struct arena *, const struct master_key *, const char *what,
    struct str plain);
int unseal(struct arena *, const struct master_key *, const char *what,
    struct str sealed, struct str *plain, struct err *) MUST_CHECK;

/* A keyed hash of an e-mail address (trimmed, ASCII lower-cased), so that a
 * guest can be found again and the address is not kept.  An empty address
 * gives zeros. */
void email_hash(const struct master_key *, struct str email, uint8_t out[32]);

/*
 * Shopify's app proxy (docs: "Authenticate app proxies"): lower-case hex
 * HMAC-SHA256 over the decoded, sorted, unseparated "key=value" pairs of
 * the query without `signature`; repeated keys joined by a comma.
 * 0 and the values of shop, logged_in_customer_id and timestamp if the
 * signature is right under one of the keys; REJECT else.
 */
struct proxy_query {
	struct str shop;
	struct str customer_id; /* empty: nobody is logged in */
	int64_t timestamp;      /* seconds since 1970 */
};
/* Parses; nothing in it may be believed before proxy_verify(). */
int proxy_parse(struct arena *, struct str query, struct proxy_query *,
    struct err *) MUST_CHECK;
int proxy_verify(struct arena *, struct str query, struct hmac_key *const *,
    size_t nkeys, struct err *) MUST_CHECK;

/*
 * A JSON Web Token, HS256 only (RFC 7519, 7515).  `now` in seconds.
 * Ten seconds of leeway for exp and nbf; exp is required and at most
 * TOKEN_LIFE_MAX ahead.
 */
enum {
	TOKEN_LIFE_MAX = 600,
	TOKEN_LEEWAY = 10,
	TOKEN_MAX = 4096
};
struct token {
	struct str issuer;  /* iss */
	struct str subject; /* sub: the platform's customer id */
	int64_t expires;
};
/* Parses; nothing in it may be believed before token_verify(). */
int token_parse(
    struct arena *, struct str jwt, struct token *, struct err *) MUST_CHECK;
int token_verify(struct str jwt, const struct token *, int64_t now,
    struct hmac_key *const *, size_t nkeys, struct err *) MUST_CHECK;

#endif /* WIRE_SIGN_H */
