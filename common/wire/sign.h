/* SPDX-License-Identifier: MIT */
#pragma once

#include "base/arena.h"
#include "base/err.h"
#include "base/key.h"

/*
 * sign: all that loyald does with a secret: signatures, encryption, keyed
 * hashes.  proxy.h and token.h build upon it; the file of the master key is
 * read by io/key_file.h.  Uses OpenSSL's libcrypto.  No function puts a secret
 * or a decrypted text into an error message.
 */

enum {
	HMAC_SIZE = 32,              /* HMAC-SHA256 */
	SEAL_OVERHEAD = 1 + 12 + 16, /* version, nonce, tag */
	SECRET_MAX = 512,            /* bytes of a store's secret */
};

/* A key of HMAC, with its two hash states computed in advance. */
struct hmac_key;
struct hmac_key *hmac_key_new(struct str key);
void hmac_key_free(struct hmac_key *);
void hmac_sign(const struct hmac_key *, struct str, uint8_t out[HMAC_SIZE]);
/* Compares two HMACs in constant time. */
bool hmac_is_equal(const uint8_t a[HMAC_SIZE], const uint8_t b[HMAC_SIZE]);
/* Whether `mac` is the HMAC of the text under one of the keys. */
bool hmac_is_by_any(struct hmac_key *const *, size_t nkeys, struct str,
    const uint8_t mac[HMAC_SIZE]);

void sha256(struct str, uint8_t out[32]);
/* Returns a number for a text, from 1 to 2^62: the first 62 bits of its
 * SHA-256, or 1 if these bits are 0. */
int64_t number_of_text(struct str);

/* Fills in random bytes from the system; ends the process if there are none. */
void random_bytes(void *, size_t);

/* Encrypts and decrypts a text by AES-256-GCM.  unseal() works only with the
 * same key and the same `what` ("store 3 secret"), so that one sealed text
 * cannot stand in for another.  Format: a byte 1, twelve bytes of nonce, the
 * text, sixteen bytes of tag.  REJECT if a text cannot be decrypted: the text
 * was changed, or sealed with another `what` or another master key.  The error
 * cannot say which. */
struct str seal(struct arena *, const struct master_key *, const char *what,
    struct str plain);
int unseal(struct arena *, const struct master_key *, const char *what,
    struct str sealed, struct str *plain, struct err *) MUST_CHECK;

/* Gives a keyed hash of an e-mail address (trimmed, ASCII lower-cased), so that
 * a guest can be found again although the address is not kept.  A text that is
 * no address, and an address that nobody can have, give zeros. */
void email_hash(const struct master_key *, struct str email, uint8_t out[32]);
/* Keeps what email_hash() derives from the key each time, which costs more than
 * the hash.  The caller ends with hmac_key_free(key->email). */
void email_key_keep(struct master_key *key);

/* Gives a keyed hash of a body that is kept encrypted, so that the same body is
 * recognised.  The hash is keyed, since anybody who sees a plain hash could
 * guess bodies until one fits. */
void body_hash(const struct master_key *, struct str body, uint8_t out[32]);

/* Gives a keyed hash of what a code is for (code.h), from which the code is
 * made. */
void code_hash(const struct master_key *, struct str what, uint8_t out[32]);

/* A keyed hash of the empty text, in sixteen hexadecimal digits.  Two copies of
 * the master key can be compared by this hash, without showing the key. */
enum {
	KEY_FINGERPRINT_SIZE = 16 + 1
};
void key_fingerprint(const struct master_key *, char out[KEY_FINGERPRINT_SIZE]);
