/* SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "ledger/keyring.h"

struct keyring {
	struct arena arena;
	struct keyring_store *stores; /* sorted by store_id */
	size_t n;
	struct address_key *addresses;
	/* Hash tables with open addressing.  A slot has 1 + the index of a
	 * store; a slot with 0 is free. */
	uint32_t *by_token, *by_domain;
	size_t mask;
};

/* FNV-1a of the text in lower case.  The hash need not resist attacks, since
 * only operators choose the texts. */
static size_t
hash(struct str s)
{
	uint64_t h = 0xcbf29ce484222325;

	for (size_t i = 0; i < s.len; i++) {
		unsigned char c = (unsigned char)s.data[i];

		if (c >= 'A' && c <= 'Z')
			c = (unsigned char)(c - 'A' + 'a');
		h = (h ^ c) * 0x100000001b3;
	}
	return (size_t)(h ^ h >> 32);
}

static void
index_add(const struct keyring *k, uint32_t *index, struct str key, size_t i)
{
	size_t at = hash(key) & k->mask;

	while (index[at] != 0)
		at = (at + 1) & k->mask;
	index[at] = (uint32_t)i + 1;
}

static void
store_take(struct keyring *k, const struct store *s, struct keyring_store *out)
{
	*out = (struct keyring_store){
		.store_id = s->store_id,
		.shop = shop_find(s->platform),
		.domain = str_of(arena_strdup(&k->arena, s->domain)),
		.token = str_of(arena_strdup(&k->arena, s->webhook_token)),
		.currency = arena_strdup(
		    &k->arena, s->currency == NULL ? "" : s->currency),
		.disabled = s->disabled,
	};
	for (size_t i = 0; i < SECRETS_PER_STORE; i++)
		if (s->secrets[i].len > 0)
			out->keys[STORE_KEY_SECRET]
			         [out->nkeys++] = hmac_key_new(
			    out->shop->secret(&k->arena, s->secrets[i]));
}

struct keyring *
keyring_new(const struct store *stores, size_t n, const struct master_key *key)
{
	struct keyring *k = mem_new(sizeof(*k), "the stores' keys");
	size_t size = 16;

	while (size < 2 * n)
		size *= 2;
	arena_init(&k->arena);
	k->addresses = address_key_new(key);
	k->mask = size - 1;
	k->n = n;
	k->stores = arena_array(&k->arena, n + 1, sizeof(*k->stores));
	k->by_token = arena_array(&k->arena, size, sizeof(*k->by_token));
	k->by_domain = arena_array(&k->arena, size, sizeof(*k->by_domain));
	for (size_t i = 0; i < n; i++) {
		store_take(k, &stores[i], &k->stores[i]);
		index_add(k, k->by_token, k->stores[i].token, i);
		if (!k->stores[i].disabled)
			index_add(k, k->by_domain, k->stores[i].domain, i);
	}
	return k;
}

void
keyring_free(struct keyring *k)
{
	if (k == NULL)
		return;
	for (size_t i = 0; i < k->n; i++)
		for (size_t kind = STORE_KEY_SECRET; kind <= STORE_KEYS; kind++)
			for (size_t j = 0; j < k->stores[i].nkeys; j++)
				hmac_key_free(k->stores[i].keys[kind][j]);
	address_key_free(k->addresses);
	arena_fini(&k->arena);
	free(k);
}

size_t
keyring_size(const struct keyring *k)
{
	return k == NULL ? 0 : k->n;
}

static struct keyring_store *
by_old_token(const struct keyring *k, struct str token)
{
	for (size_t at = hash(token) & k->mask; k->by_token[at] != 0;
	     at = (at + 1) & k->mask) {
		struct keyring_store *s = &k->stores[k->by_token[at] - 1];

		if (str_eq(s->token, token))
			return s;
	}
	return NULL;
}

struct keyring_store *
keyring_by_token(
    const struct keyring *k, struct str token, enum address *address)
{
	struct keyring_store *s;
	enum address claimed;
	int64_t store_id;

	if (k == NULL)
		return NULL;
	s = by_old_token(k, token);
	if (s != NULL) {
		*address = ADDRESS_SINGLE;
		return s;
	}
	if (!address_claim(k->addresses, token, &store_id, &claimed))
		return NULL;
	s = keyring_by_id(k, store_id);
	if (s == NULL ||
	    !address_is(k->addresses, token, store_id, s->token, claimed))
		return NULL;
	*address = claimed;
	return s;
}

struct keyring_store *
keyring_by_domain(
    const struct keyring *k, enum storefront storefront, struct str domain)
{
	if (k == NULL)
		return NULL;
	for (size_t at = hash(domain) & k->mask; k->by_domain[at] != 0;
	     at = (at + 1) & k->mask) {
		struct keyring_store *s = &k->stores[k->by_domain[at] - 1];

		if (s->shop->storefront == storefront &&
		    str_eq_nocase(s->domain, domain))
			return s;
	}
	return NULL;
}

struct keyring_store *
keyring_by_id(const struct keyring *k, int64_t store_id)
{
	size_t lo = 0, hi = keyring_size(k);

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;

		if (k->stores[mid].store_id < store_id)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo < keyring_size(k) && k->stores[lo].store_id == store_id
	           ? &k->stores[lo]
	           : NULL;
}

struct hmac_key *const *
keyring_keys(struct keyring_store *s, enum store_key kind)
{
	char text[STORE_KEY_LEN + 1];

	for (size_t i = 0; i < s->nkeys; i++) {
		if (s->keys[kind][i] != NULL)
			continue;
		store_key_text(
		    s->keys[STORE_KEY_SECRET][i], kind, s->store_id, text);
		s->keys[kind][i] = hmac_key_new(str_of(text));
	}
	explicit_bzero(text, sizeof(text));
	return s->keys[kind];
}

enum store_key
keyring_signer(
    struct keyring_store *s, struct str text, const uint8_t mac[HMAC_SIZE])
{
	for (enum store_key k = STORE_KEY_SECRET; k <= STORE_KEYS; k++)
		if (hmac_is_by_any(keyring_keys(s, k), s->nkeys, text, mac))
			return k;
	return (enum store_key)0;
}
