/* SPDX-License-Identifier: MIT */
#ifndef WIRE_STORE_KEY_H
#define WIRE_STORE_KEY_H

#include <stdint.h>

#include "wire/sign.h"

/*
 * store_key: the keys of a store, each with one right.
 *
 * A platform signs with the store's secret, and so the secret is for what a
 * platform sends: webhooks, and Shopify's app proxy.  What the merchant's own
 * programs sign has keys derived from it, one for each right, so that who may
 * ask for a balance cannot tell of orders, and who may tell of reviews cannot
 * redeem points.  The store's number is part of a key: two stores with one
 * secret have different ones.
 *
 * A key is a text, and the text is what HMAC is keyed with: 64 digits,
 * hexadecimal, the HMAC-SHA256 of "loyald events 3" (its name, the store's
 * number) under the secret as the platform uses it.
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

/* The text of a derived key. */
void store_key_text(const struct hmac_key *secret, enum store_key,
    int64_t store_id, char out[STORE_KEY_LEN + 1]);

/* The sentence for a request that was signed with another key of the store than
 * it needs. */
void store_key_refusal(enum store_key signer, enum store_key wanted,
    int64_t store_id, char out[STORE_KEY_SENTENCE_MAX]);

#endif /* WIRE_STORE_KEY_H */
