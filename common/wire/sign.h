/* SPDX-License-Identifier: MIT */
#ifndef WIRE_SIGN_H
#define WIRE_SIGN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/key.h"
#include "base/str.h"

/*
 * sign: what loyald does with a secret: signatures, sealing, keyed hashes.
 * What platforms build upon it is in proxy.h and token.h; the file of the
 * master key is io/key_file.h.  Uses OpenSSL's libcrypto.
 * No function puts a secret or a decrypted text into an err.
 */

enum {
	HMAC_SIZE = 32,              /* HMAC-SHA256 */
	SEAL_OVERHEAD = 1 + 12 + 16, /* version, nonce, tag */
	SECRET_MAX = 512,            /* bytes of a store's secret */
};

/* A key whose inner and outer state is computed once. */
struct hmac_key;
struct hmac_key *hmac_key_new(struct str key);
void hmac_key_free(struct hmac_key *);
void hmac_sign(const struct hmac_key *, struct str, uint8_t out[HMAC_SIZE]);
/* Compares in constant time. */
bool hmac_is_equal(const uint8_t a[HMAC_SIZE], const uint8_t b[HMAC_SIZE]);
/* Whether `mac` is that of the text under one of the keys. */
bool hmac_is_by_any(struct hmac_key *const *, size_t nkeys, struct str,
    const uint8_t mac[HMAC_SIZE]);

void sha256(struct str, uint8_t out[32]);
/* A number for a text, from 1 to 2^62: the first 62 bits of its SHA-256, or 1
 * if they are 0. */
int64_t number_of_text(struct str);

/* Fills in random bytes from the system; ends the process if there are none. */
void random_bytes(void *, size_t);

/* Seals and opens a text by AES-256-GCM.  It opens only with the same key and
 * the same `what` ("store 3 secret"), so that one sealed text cannot stand in
 * for another.  Format: a byte 1, twelve bytes of nonce, the text, sixteen
 * bytes of tag.  REJECT if a text cannot be opened: it was changed, or is
 * another text, or was sealed with another master key.  The error cannot say
 * which. */
struct str seal(struct arena *, const struct master_key *, const char *what,
    struct str plain);
int unseal(struct arena *, const struct master_key *, const char *what,
    struct str sealed, struct str *plain, struct err *) MUST_CHECK;

/* A keyed hash of an e-mail address (trimmed, ASCII lower-cased), so that a
 * guest can be found again although the address is not kept.  A text that is no
 * address, or that nobody can have, gives zeros. */
void email_hash(const struct master_key *, struct str email, uint8_t out[32]);

/* A keyed hash of a body that is kept sealed, so that the same body is known
 * again.  It is keyed, since anybody who sees a plain hash could guess at the
 * body until the hash fits. */
void body_hash(const struct master_key *, struct str body, uint8_t out[32]);

/* A keyed hash of the empty text, in sixteen hexadecimal digits, so that two
 * copies of a key can be compared by eye without being shown. */
enum {
	KEY_FINGERPRINT_SIZE = 16 + 1
};
void key_fingerprint(const struct master_key *, char out[KEY_FINGERPRINT_SIZE]);

#endif /* WIRE_SIGN_H */
