/* SPDX-License-Identifier: MIT */
#include <assert.h>
#include <stdio.h>

#include "wire/store_key.h"

const char *
store_key_name(enum store_key k)
{
	static const char *const names[] = {
		[STORE_KEY_SECRET] = "webhook secret",
		[STORE_KEY_STOREFRONT] = "storefront",
		[STORE_KEY_EVENTS] = "events",
		[STORE_KEY_REDEMPTIONS] = "redemptions",
	};

	return names[k];
}

void
store_key_text(const struct hmac_key *secret, enum store_key k,
    int64_t store_id, char out[STORE_KEY_LEN + 1])
{
	uint8_t mac[HMAC_SIZE];
	char label[64];
	int n;

	assert(k != STORE_KEY_SECRET);
	n = snprintf(label, sizeof(label), "loyald %s %lld", store_key_name(k),
	    (long long)store_id);
	hmac_sign(secret, (struct str){ label, (size_t)n }, mac);
	hex_encode(mac, sizeof(mac), out);
}

void
store_key_refusal(enum store_key signer, enum store_key wanted,
    int64_t store_id, char out[STORE_KEY_SENTENCE_MAX])
{
	(void)snprintf(out, STORE_KEY_SENTENCE_MAX,
	    "this is signed with the store's %s%s, and wants the store's %s "
	    "key, which loyald store show --store %lld --keys prints",
	    store_key_name(signer), signer == STORE_KEY_SECRET ? "" : " key",
	    store_key_name(wanted), (long long)store_id);
}
