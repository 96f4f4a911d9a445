/* SPDX-License-Identifier: MIT */
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/instant.h"
#include "base/little.h"
#include "base/mem.h"
#include "wire/address.h"
#include "wire/sign.h"

enum {
	TOKEN_SIZE = HMAC_SIZE, /* bytes; hmac_is_equal() compares as many */
	HALF = TOKEN_SIZE / 2,
	TEXT_MAX = 64, /* most bytes of "t STORE_ID NAME " */
};

const char *
address_name(enum address a)
{
	static const char *const names[ADDRESS_END] = {
		[ADDRESS_ORDERS] = "orders",
		[ADDRESS_ORDERS_DELETED] = "orders_deleted",
		[ADDRESS_ORDERS_RESTORED] = "orders_restored",
		[ADDRESS_CUSTOMERS] = "customers",
		[ADDRESS_CUSTOMERS_DELETED] = "customers_deleted",
		[ADDRESS_PRODUCTS] = "products",
		[ADDRESS_PRODUCTS_DELETED] = "products_deleted",
		[ADDRESS_PRODUCTS_RESTORED] = "products_restored",
		[ADDRESS_EVENTS] = "events",
	};

	return a < ADDRESS_END ? names[a] : NULL;
}

bool
address_is_events(enum address a)
{
	return a == ADDRESS_EVENTS;
}

/* ---- the address of each topic --------------------------------------- */

/*
 * Finds the address to which a topic is sent.  Orders, customers and products
 * have an address for changes, a second address for deletions and, except
 * customers, a third for restorations.
 *
 * When a contact leaves a company, the body looks like that of a contact who
 * stays.  Only the address shows the difference: the topic of contacts who
 * leave has the address of deleted customers.
 */
enum address
address_of_topic(enum topic_kind kind)
{
	switch (kind) {
	case TOPIC_ORDER:
	case TOPIC_ORDER_HINT:
	case TOPIC_REFUND:
	case TOPIC_PAYMENT:
		return ADDRESS_ORDERS;
	case TOPIC_ORDER_GONE:
		return ADDRESS_ORDERS_DELETED;
	case TOPIC_ORDER_BACK:
		return ADDRESS_ORDERS_RESTORED;
	case TOPIC_CUSTOMER:
	case TOPIC_CUSTOMER_MERGE:
	case TOPIC_TAGS_ADDED:
	case TOPIC_TAGS_REMOVED:
	case TOPIC_COMPANY:
	case TOPIC_CONSENT:
		return ADDRESS_CUSTOMERS;
	case TOPIC_CUSTOMER_GONE:
	case TOPIC_COMPANY_LEFT:
		return ADDRESS_CUSTOMERS_DELETED;
	case TOPIC_PRODUCT:
		return ADDRESS_PRODUCTS;
	case TOPIC_PRODUCT_GONE:
		return ADDRESS_PRODUCTS_DELETED;
	case TOPIC_PRODUCT_BACK:
		return ADDRESS_PRODUCTS_RESTORED;
	case TOPIC_EVENT:
		return ADDRESS_EVENTS;
	}
	return (enum address)0;
}

const char *
address_topic(enum platform p, enum address a, size_t nth)
{
	const struct shop *shop = address_is_events(a) ? &shop_events
	                                               : shop_find(p);

	for (size_t i = 0; i < shop->ntopics; i++)
		if (address_of_topic(shop->topics[i].kind) == a && nth-- == 0)
			return shop->topics[i].name;
	return NULL;
}

/* Whether messages for the address `belongs` may also come to the old single
 * address: only if their bodies alone show what happened.  The body of a
 * deletion or a restoration does not show it. */
static bool
is_at_single(enum address belongs)
{
	return belongs == ADDRESS_ORDERS || belongs == ADDRESS_CUSTOMERS ||
	       belongs == ADDRESS_PRODUCTS || belongs == ADDRESS_EVENTS;
}

int
address_judge(const struct message *m, struct err *e)
{
	const struct topic *topic = topic_find(
	    shop_find(m->platform), m->topic);
	enum address belongs;
	const char *came;

	/* Address 0: an older version of loyald, which had no addresses, queued
	 * the message.  A replayed message is accepted because the operator
	 * chose to replay it. */
	if (topic == NULL || m->address == (enum address)0 ||
	    m->address == ADDRESS_REPLAYED)
		return 0;
	belongs = address_of_topic(topic->kind);
	if (m->address == belongs ||
	    (m->address == ADDRESS_SINGLE && is_at_single(belongs)))
		return 0;
	came = address_name(m->address);
	return err_set(e, FAULT_REJECT,
	    "misdirected: %s is believed at the store's address \"%s\" only, "
	    "and came to %s%s%s: loyald dlq replay believes it all the same, "
	    "loyald store show has the address",
	    topic->name, address_name(belongs),
	    came == NULL ? "the old one for everything" : "\"",
	    came == NULL ? "" : came, came == NULL ? "" : "\"");
}

bool
address_is_old_used(int64_t old_at, int64_t own_at, int64_t now)
{
	return old_at != 0 &&
	       (own_at == 0 || now - old_at < ADDRESS_OLD_DAYS * INSTANT_DAY);
}

/* ---- tokens ---------------------------------------------------------- */

struct address_key {
	struct hmac_key *hmac;
};

struct address_key *
address_key_new(const struct master_key *master)
{
	/* Tokens have a key of their own, so that a token reveals nothing about
	 * other uses of the master key. */
	static const char label[] = "loyald addresses 1";
	struct address_key *k = mem_new(sizeof(*k), "a key");
	struct hmac_key *above;
	uint8_t subkey[HMAC_SIZE];

	above = hmac_key_new(
	    (struct str){ (const char *)master->bytes, MASTER_KEY_SIZE });
	hmac_sign(above, STR(label), subkey);
	hmac_key_free(above);
	k->hmac = hmac_key_new(
	    (struct str){ (const char *)subkey, sizeof(subkey) });
	explicit_bzero(subkey, sizeof(subkey));
	return k;
}

void
address_key_free(struct address_key *k)
{
	if (k != NULL)
		hmac_key_free(k->hmac);
	free(k);
}

/* Hides the second half of a token, or reveals a hidden half: XOR does
 * both. */
static void
mask(const struct address_key *k, const uint8_t first[HALF],
    uint8_t second[HALF])
{
	uint8_t text[1 + HALF] = { 'm' }, mac[HMAC_SIZE];

	memcpy(text + 1, first, HALF);
	hmac_sign(
	    k->hmac, (struct str){ (const char *)text, sizeof(text) }, mac);
	for (size_t i = 0; i < HALF; i++)
		second[i] ^= mac[i];
}

static void
token_bytes(const struct address_key *k, int64_t store_id,
    struct str webhook_token, enum address a, uint8_t out[TOKEN_SIZE])
{
	uint8_t mac[HMAC_SIZE], hash[32], *second = out + HALF;
	char text[TEXT_MAX + sizeof(hash)];
	const char *name = address_name(a);
	int n;

	assert(name != NULL);
	n = snprintf(text, TEXT_MAX, "t %lld %s ", (long long)store_id, name);
	assert(n > 0 && n < TEXT_MAX);
	sha256(webhook_token, hash);
	memcpy(text + n, hash, sizeof(hash));
	hmac_sign(k->hmac, (struct str){ text, (size_t)n + sizeof(hash) }, mac);
	memcpy(out, mac, HALF);
	memset(second, 0, HALF);
	little_put(second, (uint64_t)store_id, sizeof(store_id));
	second[sizeof(store_id)] = (uint8_t)a;
	mask(k, out, second);
}

void
address_token(const struct address_key *k, int64_t store_id,
    struct str webhook_token, enum address a, char out[ADDRESS_TOKEN_LEN + 1])
{
	uint8_t bytes[TOKEN_SIZE];

	token_bytes(k, store_id, webhook_token, a, bytes);
	base64url_encode(bytes, sizeof(bytes), out);
}

void
address_path(const struct address_key *k, int64_t store_id,
    struct str webhook_token, enum address a, char out[ADDRESS_PATH_MAX])
{
	char token[ADDRESS_TOKEN_LEN + 1];

	if (a == ADDRESS_SINGLE)
		(void)snprintf(token, sizeof(token), "%.*s",
		    (int)webhook_token.len, webhook_token.data);
	else
		address_token(k, store_id, webhook_token, a, token);
	(void)snprintf(out, ADDRESS_PATH_MAX, "%s%s",
	    address_is_events(a) ? ADDRESS_EVENTS_PATH : ADDRESS_WEBHOOKS_PATH,
	    token);
}

bool
address_claim(const struct address_key *k, struct str token, int64_t *store_id,
    enum address *a)
{
	uint8_t bytes[TOKEN_SIZE], *second = bytes + HALF;
	uint64_t id;

	if (token.len != ADDRESS_TOKEN_LEN ||
	    base64url_decode(token, bytes, sizeof(bytes)) != TOKEN_SIZE)
		return false;
	mask(k, bytes, second);
	id = little_get(second, sizeof(id));
	for (size_t i = sizeof(id) + 1; i < HALF; i++)
		if (second[i] != 0)
			return false;
	if (address_name((enum address)second[sizeof(id)]) == NULL)
		return false;
	*store_id = (int64_t)id;
	*a = (enum address)second[sizeof(id)];
	return true;
}

bool
address_is(const struct address_key *k, struct str token, int64_t store_id,
    struct str webhook_token, enum address a)
{
	uint8_t given[TOKEN_SIZE], good[TOKEN_SIZE];

	if (token.len != ADDRESS_TOKEN_LEN ||
	    base64url_decode(token, given, sizeof(given)) != TOKEN_SIZE)
		return false;
	token_bytes(k, store_id, webhook_token, a, good);
	return hmac_is_equal(given, good);
}
