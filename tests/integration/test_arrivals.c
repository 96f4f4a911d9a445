/* SPDX-License-Identifier: MIT */
/* Checks, in a real database, the kept times of the last delivery to each
 * address. */
#include <stdio.h>

#include "../support/database.h"
#include "../support/test.h"
#include "base/cc.h"
#include "base/instant.h"
#include "ledger/arrivals.h"

#define HOUR (ARRIVALS_EVERY_S * INSTANT_SECOND)
#define DAY1 (INT64_C(20000) * INSTANT_DAY)

static struct pg *pg; /* connected as loyald_work */
static struct arena arena;
static struct arrivals *seen;

static const struct store stores[] = {
	{ .tenant_id = 1, .store_id = 1, .platform = PLATFORM_SHOPIFY },
	{ .tenant_id = 2, .store_id = 2, .platform = PLATFORM_WOOCOMMERCE },
};

static struct message
message(int64_t store_id, enum address a, int64_t at)
{
	return (struct message){
		.platform = a == ADDRESS_EVENTS
		                ? PLATFORM_EVENTS
		                : stores[store_id == 2].platform,
		.address = a,
		.store_id = store_id,
		.received_at = at,
	};
}

static int
note(const struct message *m, size_t n)
{
	const struct world w = {
		.pg = pg,
		.arena = &arena,
		.stores = stores,
		.nstores = NITEMS(stores),
	};
	struct err e;

	return arrivals_note(seen, &w, m, n, &e);
}

static void
note_one(int64_t store_id, enum address a, int64_t at)
{
	struct message m = message(store_id, a, at);

	assert_int_equal(note(&m, 1), 0);
}

static struct arrival_list
load(void)
{
	struct arrival_list l;
	struct err e;

	if (arrivals_load(pg, &arena, &l, &e) == -1)
		fail_msg("%s", e.msg);
	return l;
}

static int64_t
at(int64_t store_id, enum platform p, enum address a)
{
	struct arrival_list l = load();

	return arrivals_at(&l, store_id, p, a);
}

static void
test_once_an_hour(void **state)
{
	const enum platform shopify = PLATFORM_SHOPIFY;

	(void)state;
	note_one(1, ADDRESS_ORDERS, DAY1);
	assert_int_equal(at(1, shopify, ADDRESS_ORDERS), DAY1);
	note_one(1, ADDRESS_ORDERS, DAY1 + HOUR - 1);
	assert_int_equal(at(1, shopify, ADDRESS_ORDERS), DAY1);
	note_one(1, ADDRESS_ORDERS, DAY1 + HOUR);
	assert_int_equal(at(1, shopify, ADDRESS_ORDERS), DAY1 + HOUR);
	/* Each address and each store has a time of its own. */
	note_one(1, ADDRESS_CUSTOMERS, DAY1 + 7);
	note_one(2, ADDRESS_ORDERS, DAY1 + 8);
	assert_int_equal(at(1, shopify, ADDRESS_CUSTOMERS), DAY1 + 7);
	assert_int_equal(at(2, PLATFORM_WOOCOMMERCE, ADDRESS_ORDERS), DAY1 + 8);
	assert_int_equal(at(1, shopify, ADDRESS_PRODUCTS), 0);
	/* A process that has just started writes the time of a delivery that
	 * comes late.  The later time in the database must stay. */
	arrivals_free(seen);
	seen = arrivals_new();
	note_one(1, ADDRESS_ORDERS, DAY1 + 1);
	assert_int_equal(at(1, shopify, ADDRESS_ORDERS), DAY1 + HOUR);
}

/* Checks that the times of webhooks and of events at the old path are kept
 * apart.  An address that comes twice in a batch has only its latest time. */
static void
test_a_batch(void **state)
{
	struct message m[] = {
		message(2, ADDRESS_SINGLE, DAY1 + 1),
		message(1, ADDRESS_SINGLE, DAY1),
		message(1, ADDRESS_SINGLE, DAY1 + 2 * HOUR),
		message(1, ADDRESS_SINGLE, DAY1 + HOUR),
		message(1, ADDRESS_SINGLE, DAY1 + 5),
	};

	(void)state;
	m[4].platform = PLATFORM_EVENTS;
	assert_int_equal(note(m, NITEMS(m)), 0);
	assert_int_equal(load().n, 3);
	assert_int_equal(
	    at(1, PLATFORM_SHOPIFY, ADDRESS_SINGLE), DAY1 + 2 * HOUR);
	assert_int_equal(at(1, PLATFORM_EVENTS, ADDRESS_SINGLE), DAY1 + 5);
	assert_int_equal(at(2, PLATFORM_WOOCOMMERCE, ADDRESS_SINGLE), DAY1 + 1);
}

/* Checks for each store the time of the last delivery to any of its addresses,
 * and the time when its shop last took a balance. */
static void
test_heard(void **state)
{
	struct pg *schedule = database_pg("loyald_schedule");
	struct arrival_list l;
	struct store_heard *list;
	struct err e;
	size_t n;

	(void)state;
	note_one(1, ADDRESS_ORDERS, DAY1 + 3);
	note_one(1, ADDRESS_EVENTS, DAY1 + 5);
	note_one(1, ADDRESS_PRODUCTS, DAY1 + 4);
	l = load();
	assert_int_equal(arrivals_last(&l, 1), DAY1 + 5);
	assert_int_equal(arrivals_last(&l, 2), 0);
	database_run("INSERT INTO push_lease (tenant_id, store_id, pushed_at)"
	             " VALUES (2, 2, '2024-10-04')");
	assert_int_equal(stores_heard(schedule, &arena, 9, &list, &n, &e), 0);
	assert_int_equal(n, 2);
	assert_int_equal(list[0].store_id, 1);
	assert_int_equal(list[0].delivered_at, DAY1 + 5);
	assert_int_equal(list[0].pushed_at, 0);
	assert_int_equal(list[1].store_id, 2);
	assert_int_equal(list[1].delivered_at, 0);
	assert_int_equal(list[1].pushed_at, DAY1);
	assert_int_equal(stores_heard(schedule, &arena, 1, &list, &n, &e), 0);
	assert_int_equal(n, 1);
	database_run("UPDATE store SET disabled_at = now() WHERE store_id = 1");
	assert_int_equal(stores_heard(schedule, &arena, 9, &list, &n, &e), 0);
	assert_int_equal(n, 1);
	assert_int_equal(list[0].store_id, 2);
	database_run("UPDATE store SET disabled_at = NULL;"
	             "TRUNCATE push_lease");
	pg_free(schedule);
}

/* Checks that no time is kept of a message that was replayed, that has no
 * address or no time, or whose store does not exist. */
static void
test_what_is_none(void **state)
{
	struct message m[] = {
		message(1, ADDRESS_REPLAYED, DAY1),
		message(1, (enum address)0, DAY1),
		message(3, ADDRESS_ORDERS, DAY1),
		{ .store_id = 1, .address = ADDRESS_ORDERS },
	};

	(void)state;
	assert_int_equal(note(m, NITEMS(m)), 0);
	assert_int_equal(note(m, 0), 0);
	assert_int_equal(load().n, 0);
}

static void
test_what_failed_is_written_later(void **state)
{
	struct message m = message(1, ADDRESS_ORDERS, DAY1);

	(void)state;
	database_run("REVOKE INSERT ON arrival FROM loyald_work");
	assert_int_equal(note(&m, 1), -1);
	database_run("GRANT INSERT ON arrival TO loyald_work");
	assert_int_equal(note(&m, 1), 0);
	assert_int_equal(at(1, PLATFORM_SHOPIFY, ADDRESS_ORDERS), DAY1);
}

static void
test_who_uses_the_old_path(void **state)
{
	struct arrival_list l;

	(void)state;
	note_one(1, ADDRESS_SINGLE, DAY1);
	note_one(1, ADDRESS_EVENTS, DAY1);
	note_one(2, ADDRESS_SINGLE, DAY1);
	note_one(2, ADDRESS_ORDERS, DAY1 + HOUR);
	l = load();
	/* A store whose events come to the new address may still send its
	 * webhooks to the old one. */
	assert_true(arrivals_use_old(
	    &l, 1, PLATFORM_SHOPIFY, DAY1 + 300 * INSTANT_DAY));
	assert_false(arrivals_use_old(&l, 1, PLATFORM_EVENTS, DAY1));
	assert_true(
	    arrivals_use_old(&l, 2, PLATFORM_WOOCOMMERCE, DAY1 + INSTANT_DAY));
	assert_false(arrivals_use_old(
	    &l, 2, PLATFORM_WOOCOMMERCE, DAY1 + 300 * INSTANT_DAY));
	assert_false(arrivals_use_old(&l, 3, PLATFORM_SHOPIFY, DAY1));
}

static int
setup_one(void **state)
{
	(void)state;
	database_run("TRUNCATE arrival");
	seen = arrivals_new();
	return 0;
}

static int
teardown_one(void **state)
{
	(void)state;
	arrivals_free(seen);
	arena_reset(&arena);
	return 0;
}

static int
setup(void **state)
{
	(void)state;
	(void)database_new();
	database_run("INSERT INTO tenant (tenant_id) VALUES (1), (2);"
	             "INSERT INTO store (tenant_id, store_id, platform, domain,"
	             " currency, timezone, webhook_token, secret) VALUES"
	             " (1, 1, 1, 'a.example', 'EUR', 'UTC', 'a', ''),"
	             " (2, 2, 2, 'b.example', 'EUR', 'UTC', 'b', '')");
	pg = database_pg("loyald_work");
	arena_init(&arena);
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	pg_free(pg);
	arena_fini(&arena);
	database_drop();
	return 0;
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup_one, teardown_one)

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		TEST(test_once_an_hour),
		TEST(test_a_batch),
		TEST(test_heard),
		TEST(test_what_is_none),
		TEST(test_what_failed_is_written_later),
		TEST(test_who_uses_the_old_path),
	};

	return cmocka_run_group_tests_name("arrivals", tests, setup, teardown);
}
