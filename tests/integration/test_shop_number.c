/* SPDX-License-Identifier: MIT */
/* Checks how a shop's API is asked for the shop's number: one call at a time
 * for a store, and what the answer changes. */
#include <stdio.h>
#include <string.h>

#include "../support/database.h"
#include "../support/test.h"
#include "ledger/shop_number.h"
#include "ledger/stores.h"

#define PROGRAM                                                               \
	"{\"name\":\"points\",\"rules\":[{\"id\":\"order\",\"on\":\"order\"," \
	"\"give\":{\"points\":1,\"per\":\"1\"}}]}"
#define API "https://shop.example"

enum {
	LEASE_MS = 60 * 1000
};

static struct pg *pg, *push;
static struct arena arena;
static const struct master_key key = { .bytes = { 1, 2, 3 } };

static int64_t
add(enum platform platform, const char *api_url, int64_t shop_id)
{
	static int last;
	const int n = ++last;
	struct store s = {
		.platform = platform,
		.domain = arena_printf(&arena, "shop%d.example", n),
		.currency = "EUR",
		.timezone = "Europe/Berlin",
		.webhook_token = arena_printf(&arena, "token%d", n),
		.secrets = { STR("secret") },
		.api_url = api_url,
		.api_token = api_url == NULL ? (struct str){ 0 } : STR("ck:cs"),
		.shop_id = shop_id,
	};
	struct err e;

	must(store_add(pg, &arena, &key, &s, STR(PROGRAM), &e), &e);
	return s.store_id;
}

static const struct store *
get(int64_t store_id)
{
	struct store *list;
	struct err e;
	size_t n;

	must(stores_load(pg, &arena, NULL, &list, &n, &e), &e);
	return stores_find(list, n, store_id);
}

static struct shop_number_wanted
wanted(void)
{
	struct store *list;
	struct err e;
	size_t n;

	must(stores_load(pg, &arena, NULL, &list, &n, &e), &e);
	return shop_number_wanted(&arena, list, n);
}

static bool
is_wanted(int64_t store_id)
{
	struct shop_number_wanted w = wanted();

	return w.n == 1 && w.store_ids[0] == store_id;
}

/* Claims one of the shops whose numbers are missing by the list of this
 * process. */
static bool
claim_of(const struct shop_number_wanted *w, struct shop_number_claim *c)
{
	struct err e;

	must(shop_number_claim(push, &arena, LEASE_MS, w, c, &e), &e);
	return c->store_id != 0;
}

static bool
claim(struct shop_number_claim *c)
{
	struct shop_number_wanted w = wanted();

	return claim_of(&w, c);
}

static int64_t
settle_for(const struct shop_number_claim *c, const char *domain,
    int64_t number, int64_t again_ms)
{
	const struct shop_number_result r = {
		.number = number,
		.api_url = API,
		.domain = domain,
		.again_ms = again_ms,
	};
	int64_t operators = -1;
	struct err e;

	must(shop_number_finish(push, &arena, c, &r, &operators, &e), &e);
	return operators;
}

static int64_t
settle(const struct shop_number_claim *c, int64_t number, int64_t again_ms)
{
	return settle_for(c, get(c->store_id)->domain, number, again_ms);
}

static void
forget_all(void)
{
	database_run("UPDATE store SET disabled_at = now()");
}

/* Checks that the API is asked only for a Shopify shop with an address and a
 * token. */
static void
test_who_is_asked(void **state)
{
	int64_t shopify = add(PLATFORM_SHOPIFY, API, 0);
	int64_t silent = add(PLATFORM_SHOPIFY, NULL, 0);
	int64_t woo = add(PLATFORM_WOOCOMMERCE, API, 0);
	struct shop_number_wanted before = wanted();
	struct shop_number_claim c, none;

	(void)state;
	(void)silent;
	(void)woo;
	assert_true(is_wanted(shopify));
	assert_true(claim(&c));
	assert_int_equal(c.store_id, shopify);
	assert_int_equal(c.tries, 0);
	/* A number is not claimed again while a call asks for it. */
	assert_false(claim(&none));
	assert_int_equal(settle(&c, 58012345678, 0), 0);
	assert_int_equal(get(shopify)->shop_id, 58012345678);
	assert_int_equal(get(shopify)->api_shop_id, 58012345678);
	/* The API is asked once, even if another process still wants the
	 * number. */
	assert_int_equal(wanted().n, 0);
	assert_false(claim(&none));
	assert_false(claim_of(&before, &none));
	forget_all();
}

/* Checks that a disabled store is not called. */
static void
test_disabled(void **state)
{
	int64_t store_id = add(PLATFORM_SHOPIFY, API, 0);
	struct shop_number_wanted before = wanted();
	struct shop_number_claim c;

	(void)state;
	assert_true(is_wanted(store_id));
	forget_all();
	assert_int_equal(wanted().n, 0);
	assert_false(claim_of(&before, &c));
}

/* Checks that after a call without an answer the next call for the number
 * waits, but balances are still sent. */
static void
test_no_answer(void **state)
{
	int64_t store_id = add(PLATFORM_SHOPIFY, API, 0);
	struct shop_number_claim c;

	(void)state;
	assert_true(claim(&c));
	assert_int_equal(settle(&c, 0, LEASE_MS), 0);
	assert_int_equal(get(store_id)->shop_id, 0);
	assert_true(is_wanted(store_id));
	assert_false(claim(&c));
	assert_int_equal(
	    database_number(
	        "SELECT count(*) FROM push_lease JOIN store "
	        "USING (tenant_id, store_id) WHERE disabled_at IS NULL "
	        "AND not_before <= now() AND leased_until <= now()"),
	    1);
	database_run("UPDATE push_lease SET ask_not_before = now()");
	assert_true(claim(&c));
	assert_int_equal(c.tries, 1);
	assert_int_equal(settle(&c, 7, 0), 0);
	assert_int_equal(get(store_id)->shop_id, 7);
	forget_all();
}

/* Checks that a number that an operator has entered is kept, and that the
 * caller gets that number. */
static void
test_operators(void **state)
{
	int64_t store_id = add(PLATFORM_SHOPIFY, API, 12);
	struct shop_number_claim c;

	(void)state;
	assert_true(claim(&c));
	assert_int_equal(settle(&c, 34, 0), 12);
	assert_int_equal(get(store_id)->shop_id, 12);
	assert_int_equal(get(store_id)->api_shop_id, 34);
	forget_all();
}

/* Checks that an answer is ignored after the lease has run out, and if the
 * store has another API by now. */
static void
test_too_late(void **state)
{
	int64_t store_id = add(PLATFORM_SHOPIFY, API, 0);
	struct store_changes moved = { .api_url = "https://other.example" };
	struct shop_number_claim late, c;
	struct err e;

	(void)state;
	assert_true(claim(&late));
	database_run("UPDATE push_lease SET leased_until = '-infinity'");
	assert_true(claim(&c));
	assert_int_equal(settle(&late, 1, 0), 0);
	assert_int_equal(get(store_id)->shop_id, 0);
	must(store_change(pg, &arena, &key, store_id, &moved, &e), &e);
	assert_int_equal(settle(&c, 2, 0), 0);
	assert_int_equal(get(store_id)->shop_id, 0);
	assert_true(is_wanted(store_id));
	/* Another API address removes the number; setting the same address
	 * again keeps the number. */
	moved.api_url = API;
	must(store_change(pg, &arena, &key, store_id, &moved, &e), &e);
	assert_true(claim(&c));
	assert_int_equal(settle(&c, 3, 0), 0);
	must(store_change(pg, &arena, &key, store_id, &moved, &e), &e);
	assert_int_equal(get(store_id)->shop_id, 3);
	moved.api_url = "https://other.example";
	must(store_change(pg, &arena, &key, store_id, &moved, &e), &e);
	assert_int_equal(get(store_id)->shop_id, 0);
	forget_all();
}

/* Checks that a number is valid only for the domain for which it was asked. */
static void
test_another_domain(void **state)
{
	int64_t store_id = add(PLATFORM_SHOPIFY, API, 0);
	struct store_changes named = { .domain = get(store_id)->domain };
	struct shop_number_claim c;
	struct err e;

	(void)state;
	assert_true(claim(&c));
	assert_int_equal(settle(&c, 3, 0), 0);
	must(store_change(pg, &arena, &key, store_id, &named, &e), &e);
	assert_int_equal(get(store_id)->shop_id, 3);
	named.domain = "renamed.example";
	must(store_change(pg, &arena, &key, store_id, &named, &e), &e);
	assert_int_equal(get(store_id)->shop_id, 0);
	/* The domain may also change while the call is under way. */
	assert_true(claim(&c));
	named.domain = "again.example";
	must(store_change(pg, &arena, &key, store_id, &named, &e), &e);
	assert_int_equal(settle_for(&c, "renamed.example", 3, 0), 0);
	assert_int_equal(get(store_id)->shop_id, 0);
	assert_true(is_wanted(store_id));
	forget_all();
}

static int
setup(void **state)
{
	(void)state;
	(void)database_new();
	pg = database_pg("loyald_operator");
	push = database_pg("loyald_push");
	arena_init(&arena);
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	pg_free(push);
	pg_free(pg);
	arena_fini(&arena);
	database_drop();
	return 0;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_who_is_asked),
		cmocka_unit_test(test_disabled),
		cmocka_unit_test(test_no_answer),
		cmocka_unit_test(test_operators),
		cmocka_unit_test(test_too_late),
		cmocka_unit_test(test_another_domain),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
