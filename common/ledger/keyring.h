/* SPDX-License-Identifier: MIT */
#ifndef LEDGER_KEYRING_H
#define LEDGER_KEYRING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ledger/stores.h"
#include "wire/address.h"
#include "wire/shop/shop.h"
#include "wire/sign.h"
#include "wire/store_key.h"

/*
 * keyring: the stores, for checking signatures: a store is found by the token
 * of a path, by domain or by number, and its keys are ready to use.  The
 * keyring owns everything in it, and is made anew when a store changes.
 */

struct keyring_store {
	int64_t store_id;
	const struct shop *shop;
	struct str domain, token;
	const char *currency;
	bool disabled;
	/* Keys of each kind: one for each of the store's secrets. */
	size_t nkeys;
	/* By enum store_key.  A derived key is made when it is first asked for,
	 * as most stores never use theirs. */
	struct hmac_key *keys[STORE_KEYS + 1][SECRETS_PER_STORE];
	/* Used only by the caller; 0 at first. */
	int64_t warned_at, key_warned_at;
};

struct keyring;
struct keyring *keyring_new(
    const struct store *, size_t n, const struct master_key *);
void keyring_free(struct keyring *);

size_t keyring_size(const struct keyring *);
/* Finds the store by the token at the end of a path, and which of the store's
 * addresses the token is for: ADDRESS_SINGLE for the store's old token.  NULL
 * if there is no such store, or if the keyring is NULL. */
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

#endif /* LEDGER_KEYRING_H */
