/* SPDX-License-Identifier: MIT */
#pragma once

#include "ledger/stores.h"
#include "wire/address.h"
#include "wire/shop/shop.h"
#include "wire/sign.h"
#include "wire/store_key.h"

/*
 * keyring: the stores with their keys, for checking signatures.  A store is
 * found by the token in a path, by its domain or by its number.  The keyring
 * owns everything in it; when a store changes, a new keyring is made.
 */

struct keyring_store {
	int64_t store_id;
	const struct shop *shop;
	struct str domain, token;
	const char *currency;
	bool disabled;
	/* Number of keys of each kind: one for each of the store's secrets. */
	size_t nkeys;
	/* Indexed by enum store_key.  A derived key is made when it is first
	 * asked for, because most stores never need one. */
	struct hmac_key *keys[STORE_KEYS + 1][SECRETS_PER_STORE];
	/* For the caller's own use; 0 at first. */
	int64_t warned_at, key_warned_at;
};

struct keyring;
struct keyring *keyring_new(
    const struct store *, size_t n, const struct master_key *);
void keyring_free(struct keyring *);

size_t keyring_size(const struct keyring *);
/* Finds the store to which the token at the end of a path belongs, and which of
 * the store's addresses the token is for (ADDRESS_SINGLE if it is the store's
 * old token).  NULL if there is no such store, or if the keyring is NULL. */
struct keyring_store *keyring_by_token(
    const struct keyring *, struct str, enum address *);
/* Finds the first store that has this domain and storefront and is not
 * disabled.  Case does not matter. */
struct keyring_store *keyring_by_domain(
    const struct keyring *, enum storefront, struct str domain);
struct keyring_store *keyring_by_id(const struct keyring *, int64_t store_id);

/* Returns the store's keys of one kind, keyring_store.nkeys of them. */
struct hmac_key *const *keyring_keys(struct keyring_store *, enum store_key);
/* The kind of the key that the text was signed with; 0: it is none of the
 * store's keys. */
enum store_key keyring_signer(
    struct keyring_store *, struct str, const uint8_t mac[HMAC_SIZE]);
