/* SPDX-License-Identifier: MIT */
#pragma once

#include "wire/sign.h"

/*
 * store_key: the keys of a store, each with one right.
 *
 * A platform signs with the store's secret, so the secret is for what platforms
 * send: webhooks, and requests through Shopify's app proxy.  The merchant's own
 * programs sign with keys that are derived from the secret, one for each right:
 * a program that may ask for a balance cannot report orders, and a program that
 * may report reviews cannot redeem points.  The store's number is part of each
 * key, so that two stores with the same secret have different keys.
 *
 * A derived key is a text of 64 hexadecimal digits, and this text is used as
 * the key of HMAC.  The digits are the HMAC-SHA256 of "loyald events 3" (the
 * key's name, the store's number) under the secret, in the form in which the
 * platform uses the secret.
 */

enum store_key {
	/* The platform's secret as it was entered; not derived. */
	STORE_KEY_SECRET = 1,
	STORE_KEY_STOREFRONT, /* for tokens of the storefront */
	STORE_KEY_EVENTS,     /* for POST /events without redemptions */
	STORE_KEY_REDEMPTIONS,
	STORE_KEYS = STORE_KEY_REDEMPTIONS,
};

enum {
	STORE_KEY_LEN = 2 * HMAC_SIZE,
	STORE_KEY_SENTENCE_MAX = 256, /* bytes, with the zero */
};

/* The name of a key: "events", or "webhook secret". */
const char *store_key_name(enum store_key);

/* Writes the text of a derived key. */
void store_key_text(const struct hmac_key *secret, enum store_key,
    int64_t store_id, char out[STORE_KEY_LEN + 1]);

/* Writes the sentence that refuses a request, because it is signed with another
 * key of the store than the request needs. */
void store_key_refusal(enum store_key signer, enum store_key wanted,
    int64_t store_id, char out[STORE_KEY_SENTENCE_MAX]);
