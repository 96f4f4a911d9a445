/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <string.h>

#include "../support/test.h"
#include "base/cc.h"
#include "base/instant.h"
#include "wire/address.h"

static const struct master_key master = { .bytes = "a key for tests" };

/* The old token of a store, from before each address had a token of its own,
 * and the old token of another store. */
#define OLD   STR("h_8yq0wV2tM4nB6cX1zL3kJ5hG7fD9sA0pO2iU4yT6r")
#define OTHER STR("i_8yq0wV2tM4nB6cX1zL3kJ5hG7fD9sA0pO2iU4yT6r")

static const enum address named[] = { ADDRESS_ORDERS, ADDRESS_ORDERS_DELETED,
	ADDRESS_ORDERS_RESTORED, ADDRESS_CUSTOMERS, ADDRESS_CUSTOMERS_DELETED,
	ADDRESS_PRODUCTS, ADDRESS_PRODUCTS_DELETED, ADDRESS_PRODUCTS_RESTORED,
	ADDRESS_EVENTS };

/* ---- which topic belongs where --------------------------------------- */

/* All topics with their addresses, as `store show` prints them for an
 * operator. */
static const struct place {
	enum platform platform;
	const char *topic;
	enum address address;
} places[] = {
	{ PLATFORM_WOOCOMMERCE, "order.created", ADDRESS_ORDERS },
	{ PLATFORM_WOOCOMMERCE, "order.updated", ADDRESS_ORDERS },
	{ PLATFORM_WOOCOMMERCE, "order.deleted", ADDRESS_ORDERS_DELETED },
	{ PLATFORM_WOOCOMMERCE, "order.restored", ADDRESS_ORDERS_RESTORED },
	{ PLATFORM_WOOCOMMERCE, "customer.created", ADDRESS_CUSTOMERS },
	{ PLATFORM_WOOCOMMERCE, "customer.updated", ADDRESS_CUSTOMERS },
	{ PLATFORM_WOOCOMMERCE, "customer.deleted", ADDRESS_CUSTOMERS_DELETED },
	{ PLATFORM_WOOCOMMERCE, "product.created", ADDRESS_PRODUCTS },
	{ PLATFORM_WOOCOMMERCE, "product.updated", ADDRESS_PRODUCTS },
	{ PLATFORM_WOOCOMMERCE, "product.deleted", ADDRESS_PRODUCTS_DELETED },
	{ PLATFORM_WOOCOMMERCE, "product.restored", ADDRESS_PRODUCTS_RESTORED },
	{ PLATFORM_SHOPIFY, "orders/create", ADDRESS_ORDERS },
	{ PLATFORM_SHOPIFY, "orders/paid", ADDRESS_ORDERS },
	{ PLATFORM_SHOPIFY, "orders/updated", ADDRESS_ORDERS },
	{ PLATFORM_SHOPIFY, "orders/edited", ADDRESS_ORDERS },
	{ PLATFORM_SHOPIFY, "orders/cancelled", ADDRESS_ORDERS },
	{ PLATFORM_SHOPIFY, "orders/fulfilled", ADDRESS_ORDERS },
	{ PLATFORM_SHOPIFY, "orders/partially_fulfilled", ADDRESS_ORDERS },
	{ PLATFORM_SHOPIFY, "orders/delete", ADDRESS_ORDERS_DELETED },
	{ PLATFORM_SHOPIFY, "refunds/create", ADDRESS_ORDERS },
	{ PLATFORM_SHOPIFY, "order_transactions/create", ADDRESS_ORDERS },
	{ PLATFORM_SHOPIFY, "customers/create", ADDRESS_CUSTOMERS },
	{ PLATFORM_SHOPIFY, "customers/update", ADDRESS_CUSTOMERS },
	{ PLATFORM_SHOPIFY, "customers/enable", ADDRESS_CUSTOMERS },
	{ PLATFORM_SHOPIFY, "customers/disable", ADDRESS_CUSTOMERS },
	{ PLATFORM_SHOPIFY, "customers/delete", ADDRESS_CUSTOMERS_DELETED },
	{ PLATFORM_SHOPIFY, "customers/merge", ADDRESS_CUSTOMERS },
	{ PLATFORM_SHOPIFY, "customer.tags_added", ADDRESS_CUSTOMERS },
	{ PLATFORM_SHOPIFY, "customer.tags_removed", ADDRESS_CUSTOMERS },
	{ PLATFORM_SHOPIFY, "company_contacts/create", ADDRESS_CUSTOMERS },
	{ PLATFORM_SHOPIFY, "company_contacts/update", ADDRESS_CUSTOMERS },
	/* The body looks like the body for a contact that was not deleted. */
	{ PLATFORM_SHOPIFY, "company_contacts/delete",
	    ADDRESS_CUSTOMERS_DELETED },
	{ PLATFORM_SHOPIFY, "customers_email_marketing_consent/update",
	    ADDRESS_CUSTOMERS },
	{ PLATFORM_SHOPIFY, "customers/email_marketing_consent_update",
	    ADDRESS_CUSTOMERS },
	{ PLATFORM_SHOPIFY, "products/create", ADDRESS_PRODUCTS },
	{ PLATFORM_SHOPIFY, "products/update", ADDRESS_PRODUCTS },
	{ PLATFORM_SHOPIFY, "products/delete", ADDRESS_PRODUCTS_DELETED },
	{ PLATFORM_EVENTS, "event", ADDRESS_EVENTS },
};

static void
test_every_topic_has_its_place(void **state)
{
	(void)state;
	for (size_t i = 0; i < NITEMS(places); i++) {
		const struct topic *t = topic_find(
		    shop_find(places[i].platform), str_of(places[i].topic));

		assert_non_null(t);
		assert_int_equal(address_of_topic(t->kind), places[i].address);
	}
	assert_int_equal(shop_shopify.ntopics + shop_woocommerce.ntopics +
	                     shop_events.ntopics,
	    NITEMS(places));
}

/* `store show` prints exactly the topics that belong to an address. */
static void
test_topics_of_an_address(void **state)
{
	static const enum platform platforms[] = { PLATFORM_SHOPIFY,
		PLATFORM_WOOCOMMERCE };
	size_t n = 0;

	(void)state;
	for (size_t i = 0; i < NITEMS(platforms); i++)
		for (size_t j = 0; j < NITEMS(named); j++)
			for (size_t k = 0;
			     address_topic(platforms[i], named[j], k) != NULL;
			     k++)
				n++;
	/* Stores of both platforms have an address for the topic "event". */
	assert_int_equal(n, NITEMS(places) + 1);
	assert_string_equal(
	    address_topic(PLATFORM_WOOCOMMERCE, ADDRESS_ORDERS, 1),
	    "order.updated");
	assert_string_equal(
	    address_topic(PLATFORM_SHOPIFY, ADDRESS_EVENTS, 0), "event");
	/* Shopify has no topic for restored orders. */
	assert_null(
	    address_topic(PLATFORM_SHOPIFY, ADDRESS_ORDERS_RESTORED, 0));
	assert_null(
	    address_topic(PLATFORM_SHOPIFY, ADDRESS_PRODUCTS_RESTORED, 0));
}

static bool
believes(const struct place *p, enum address at)
{
	struct message m = { .platform = p->platform,
		.address = at,
		.topic = str_of(p->topic) };
	struct err e = { .fault = FAULT_NONE };

	if (address_judge(&m, &e) == 0)
		return true;
	assert_int_equal(e.fault, FAULT_REJECT);
	assert_memory_equal(e.msg, "misdirected: ", 13);
	assert_non_null(strstr(e.msg, p->topic));
	assert_non_null(strstr(e.msg, address_name(p->address)));
	assert_non_null(strstr(e.msg, "loyald dlq replay"));
	assert_non_null(strstr(e.msg, "loyald store show has the address"));
	return false;
}

static void
test_a_topic_is_believed_at_its_address_alone(void **state)
{
	(void)state;
	for (size_t i = 0; i < NITEMS(places); i++)
		for (size_t j = 0; j < NITEMS(named); j++)
			assert_int_equal(believes(&places[i], named[j]),
			    named[j] == places[i].address);
}

/* The single address of early versions accepts all topics except deletions and
 * restorations. */
static void
test_the_old_address(void **state)
{
	(void)state;
	for (size_t i = 0; i < NITEMS(places); i++) {
		const char *name = address_name(places[i].address);
		bool is_state = strstr(name, "_deleted") == NULL &&
		                strstr(name, "_restored") == NULL;

		assert_int_equal(
		    believes(&places[i], ADDRESS_SINGLE), is_state);
	}
}

/* A message of version 1, a replayed message and a message with an unknown
 * topic are accepted whatever their address. */
static void
test_what_is_not_judged(void **state)
{
	const struct place unknown = { PLATFORM_SHOPIFY, "app/uninstalled",
		ADDRESS_ORDERS };

	(void)state;
	for (size_t i = 0; i < NITEMS(places); i++) {
		assert_true(believes(&places[i], (enum address)0));
		assert_true(believes(&places[i], ADDRESS_REPLAYED));
	}
	assert_true(believes(&unknown, ADDRESS_CUSTOMERS));
}

static void
test_who_uses_the_old_address(void **state)
{
	static const struct {
		const char *what;
		int64_t old_days, own_days; /* days ago; -1: never */
		bool is;
	} cases[] = {
		{ "a new store that nothing came to", -1, -1, false },
		{ "a new store", -1, 0, false },
		{ "a store of before, for long", 400, -1, true },
		{ "one that began to move", 1, 0, true },
		{ "one whose last webhook of before is rare", 29, 0, true },
		{ "one that has moved", 30, 0, false },
		{ "one that has moved long ago and is silent", 400, 399,
		    false },
	};
	const int64_t now = 500 * INSTANT_DAY;

	(void)state;
	for (size_t i = 0; i < NITEMS(cases); i++) {
		int64_t old = cases[i].old_days, own = cases[i].own_days;

		if (address_is_old_used(old < 0 ? 0 : now - old * INSTANT_DAY,
		        own < 0 ? 0 : now - own * INSTANT_DAY,
		        now) != cases[i].is)
			fail_msg("%s", cases[i].what);
	}
}

/* ---- tokens ---------------------------------------------------------- */

/* Tokens must never change, because shops store the addresses that contain
 * them. */
static void
test_tokens_stay(void **state)
{
	struct address_key *k = address_key_new(&master);
	char path[ADDRESS_PATH_MAX];

	(void)state;
	address_path(k, 7, OLD, ADDRESS_ORDERS, path);
	assert_string_equal(path,
	    "/webhooks/"
	    "FT5GgfXWKyP7xz4kGzL9Nz6KXOsUCSJNTOhVyWHQk9E");
	address_path(k, 7, OLD, ADDRESS_EVENTS, path);
	assert_string_equal(path,
	    "/events/"
	    "Swu4X7r34nMuz8mA6EgwtvoR0FczCcT36-tTFUFG-ck");
	address_path(k, 7, OLD, ADDRESS_SINGLE, path);
	assert_string_equal(
	    path, "/webhooks/h_8yq0wV2tM4nB6cX1zL3kJ5hG7fD9sA0pO2iU4yT6r");
	address_key_free(k);
}

static void
test_a_token_tells_whose_it_is(void **state)
{
	static const int64_t ids[] = { 1, 7, 256, 100000, INT64_MAX };
	struct address_key *k = address_key_new(&master);

	(void)state;
	for (size_t i = 0; i < NITEMS(ids); i++) {
		for (size_t j = 0; j < NITEMS(named); j++) {
			char token[ADDRESS_TOKEN_LEN + 1];
			enum address at = (enum address)0;
			int64_t id = 0;

			address_token(k, ids[i], OLD, named[j], token);
			assert_int_equal(strlen(token), ADDRESS_TOKEN_LEN);
			assert_true(address_claim(k, str_of(token), &id, &at));
			assert_int_equal(id, ids[i]);
			assert_int_equal(at, named[j]);
			assert_true(address_is(k, str_of(token), id, OLD, at));
		}
	}
	address_key_free(k);
}

/* A token is refused for another store, address or master key. It is also
 * refused if the store's old token differs, as that of the store with the same
 * number in another database does. */
static void
test_a_token_is_of_one_thing_only(void **state)
{
	static const struct master_key another = { .bytes = "b key for tests" };
	struct address_key *k = address_key_new(&master);
	struct address_key *wrong = address_key_new(&another);
	char token[ADDRESS_TOKEN_LEN + 1], other[ADDRESS_TOKEN_LEN + 1];
	enum address at;
	int64_t id;

	(void)state;
	for (size_t i = 0; i < NITEMS(named); i++) {
		struct str t = { token, ADDRESS_TOKEN_LEN };

		address_token(k, 7, OLD, named[i], token);
		assert_false(address_is(k, t, 8, OLD, named[i]));
		assert_false(address_is(k, t, 7, OTHER, named[i]));
		assert_false(address_is(wrong, t, 7, OLD, named[i]));
		assert_false(address_claim(wrong, t, &id, &at));
		for (size_t j = 0; j < NITEMS(named); j++)
			assert_int_equal(
			    address_is(k, t, 7, OLD, named[j]), i == j);
		/* Tokens of two addresses have no half in common. */
		for (size_t j = 0; j < i; j++) {
			size_t same = 0;

			address_token(k, 7, OLD, named[j], other);
			for (size_t c = 0; c < ADDRESS_TOKEN_LEN; c++)
				same += token[c] == other[c];
			assert_true(same < 8);
		}
	}
	address_key_free(k);
	address_key_free(wrong);
}

/* A token with one changed character belongs to no store. */
static void
test_near_misses(void **state)
{
	static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
	                               "abcdefghijklmnopqrstuvwxyz"
	                               "0123456789-_";
	struct address_key *k = address_key_new(&master);
	char token[ADDRESS_TOKEN_LEN + 2], was;
	enum address at;
	int64_t id;

	(void)state;
	address_token(k, 7, OLD, ADDRESS_ORDERS, token);
	for (size_t i = 0; i < ADDRESS_TOKEN_LEN; i++) {
		was = token[i];
		for (const char *c = alphabet; *c != '\0'; c++) {
			struct str t = { token, ADDRESS_TOKEN_LEN };

			token[i] = *c;
			if (*c == was)
				continue;
			assert_false(address_claim(k, t, &id, &at) &&
			             address_is(k, t, id, OLD, at));
			assert_false(address_is(k, t, 7, OLD, ADDRESS_ORDERS));
		}
		token[i] = was;
	}
	for (size_t n = 0; n < ADDRESS_TOKEN_LEN; n++)
		assert_false(
		    address_claim(k, (struct str){ token, n }, &id, &at));
	token[ADDRESS_TOKEN_LEN] = 'A';
	assert_false(address_claim(
	    k, (struct str){ token, ADDRESS_TOKEN_LEN + 1 }, &id, &at));
	assert_false(address_claim(k, OLD, &id, &at));
	assert_false(address_claim(k, STR(""), &id, &at));
	address_key_free(k);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_topic_has_its_place),
		cmocka_unit_test(test_topics_of_an_address),
		cmocka_unit_test(test_a_topic_is_believed_at_its_address_alone),
		cmocka_unit_test(test_the_old_address),
		cmocka_unit_test(test_what_is_not_judged),
		cmocka_unit_test(test_who_uses_the_old_address),
		cmocka_unit_test(test_tokens_stay),
		cmocka_unit_test(test_a_token_tells_whose_it_is),
		cmocka_unit_test(test_a_token_is_of_one_thing_only),
		cmocka_unit_test(test_near_misses),
	};

	return cmocka_run_group_tests_name("address", tests, NULL, NULL);
}
