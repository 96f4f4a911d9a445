/* SPDX-License-Identifier: MIT */
/* Checks that lots become available on their date, and only once, even if
 * several processes work at the same time. */
#include <stdio.h>
#include <string.h>

#include "../support/database.h"
#include "../support/test.h"
#include "base/instant.h"
#include "core/account.h"
#include "ledger/timeline/timeline.h"
#include "ledger/vest.h"

#define NOW (INT64_C(1700000000) * INSTANT_SECOND) /* 2023-11-14T22:13:20Z */

static struct pg *pg, *other;
static struct arena arena;

/* Gives member 1 two pending lots of 10 and 20, due a day apart. */
static int
setup(void **state)
{
	(void)state;
	database_run(
	    "ALTER TABLE entry DISABLE TRIGGER entry_is_forever;"
	    "TRUNCATE tenant, store, identity, balance, outbox, lot,"
	    " entry CASCADE;"
	    "ALTER TABLE entry ENABLE TRIGGER entry_is_forever;"
	    "INSERT INTO tenant VALUES (1);"
	    "INSERT INTO store (tenant_id, store_id, platform, domain,"
	    " currency, timezone, webhook_token, secret)"
	    " VALUES (1, 1, 2, 'a', 'EUR', 'UTC', 't', '');"
	    "INSERT INTO identity (tenant_id, store_id, kind, value,"
	    " member_id) VALUES (1, 1, 1, '1001', 1);"
	    "INSERT INTO balance (tenant_id, member_id, pending,"
	    " lifetime_earned, version) VALUES (1, 1, 30, 30, 1);"
	    "INSERT INTO lot (tenant_id, lot_id, member_id, store_id, source,"
	    " version_id, vested, remaining, earned_at, vests_at, source_id,"
	    " rule) VALUES"
	    " (1, 1, 1, 1, 1, 3, false, 10, '2023-11-01', '2023-11-14',"
	    "  '71', 'r'),"
	    " (1, 2, 1, 1, 1, 3, false, 20, '2023-11-01', '2023-11-15',"
	    "  '72', 'r');"
	    "INSERT INTO entry (tenant_id, member_id, store_id, source, debit,"
	    " credit, part, revision, version_id, points, lot_id, event_at,"
	    " source_id, rule) VALUES"
	    " (1, 1, 1, 1, 10, 1, 1, 1, 3, 10, 1, '2023-11-01', '71', 'r'),"
	    " (1, 1, 1, 1, 10, 1, 1, 1, 3, 20, 2, '2023-11-01', '72', 'r')");
	arena_reset(&arena);
	return 0;
}

static struct world
world_at(struct pg *by, int64_t now)
{
	return (struct world){ .pg = by, .arena = &arena, .now = now };
}

static size_t
vest(struct pg *by, int64_t now)
{
	const struct world w = world_at(by, now);
	struct err e;
	size_t n;

	must(vest_batch(&w, &n, &e), &e);
	return n;
}

static int64_t
due(int64_t now)
{
	const struct world w = world_at(pg, now);
	struct err e;
	int64_t n;

	must(vest_due(&w, &n, &e), &e);
	return n;
}

static void
assert_balance(int64_t available, int64_t pending)
{
	assert_int_equal(
	    database_number("SELECT available FROM balance"), available);
	assert_int_equal(
	    database_number("SELECT pending FROM balance"), pending);
}

static void
test_what_is_due_and_no_more(void **state)
{
	(void)state;
	assert_int_equal(vest(pg, NOW - 10 * INSTANT_DAY), 0);
	assert_int_equal(due(NOW), 1);
	assert_int_equal(vest(pg, NOW), 1);
	assert_balance(10, 20);
	assert_int_equal(due(NOW), 0);
	assert_int_equal(vest(pg, NOW), 0); /* nothing is left to vest */
	assert_int_equal(database_number("SELECT version FROM balance"), 2);

	assert_int_equal(vest(pg, NOW + INSTANT_DAY), 1);
	assert_balance(30, 0);
	assert_int_equal(database_number("SELECT count(*) FROM lot WHERE NOT "
	                                 "vested OR vests_at > '2023-11-15'"),
	    0);
	/* Each entry has the time of its lot, and the program version and rule
	 * of the lot. */
	assert_int_equal(
	    database_number("SELECT count(*) FROM entry WHERE source = %d AND"
	                    " source_id = lot_id::text AND revision = 1 AND"
	                    " part = 1 AND version_id = 3 AND rule = 'r' AND"
	                    " debit = %d AND credit = %d AND event_at ="
	                    " (SELECT vests_at FROM lot l WHERE"
	                    " l.lot_id = entry.lot_id)",
	        SOURCE_LOT, ACCOUNT_PENDING, ACCOUNT_AVAILABLE),
	    2);
}

static void
test_the_platform_is_told(void **state)
{
	(void)state;
	assert_int_equal(vest(pg, NOW), 1);
	assert_int_equal(
	    database_number("SELECT count(*) FROM outbox WHERE store_id = 1"
	                    " AND customer_id = 1001 AND available = 10 AND"
	                    " pending = 20 AND version = 2"),
	    1);
}

/* Checks that a guest's points, which are held, do not become available. */
static void
test_held_for_a_guest(void **state)
{
	(void)state;
	database_run("UPDATE lot SET vests_at = 'infinity'");
	assert_int_equal(due(INSTANT_NEVER - 1), 0);
	assert_int_equal(vest(pg, NOW + 1000 * INSTANT_DAY), 0);
	assert_balance(0, 30);
}

/* Checks that a member whom another process has locked is passed over. */
static void
test_two_at_once(void **state)
{
	(void)state;
	database_run("BEGIN");
	database_run("SELECT FROM balance FOR UPDATE");
	assert_int_equal(vest(pg, NOW), 0);
	assert_int_equal(due(NOW), 1);
	database_run("COMMIT");
	assert_int_equal(vest(pg, NOW), 1);
	assert_int_equal(vest(other, NOW), 0);
	assert_balance(10, 20);
}

static void
test_more_than_a_batch(void **state)
{
	size_t n, all = 0;

	(void)state;
	database_run(
	    "INSERT INTO balance (tenant_id, member_id, pending,"
	    " lifetime_earned) SELECT 1, i, 1, 1"
	    " FROM generate_series(2, 700) i;"
	    "INSERT INTO lot (tenant_id, lot_id, member_id, store_id, source,"
	    " version_id, vested, remaining, earned_at, vests_at, source_id,"
	    " rule) SELECT 1, i + 1000, i, 1, 1, 3, false, 1, '2023-11-01',"
	    " '2023-11-14', (i + 1000)::text, 'r'"
	    " FROM generate_series(2, 700) i;"
	    "INSERT INTO entry (tenant_id, member_id, store_id, source, debit,"
	    " credit, part, revision, version_id, points, lot_id, event_at,"
	    " source_id, rule) SELECT 1, i, 1, 1, 10, 1, 1, 1, 3, 1, i + 1000,"
	    " '2023-11-01', (i + 1000)::text, 'r'"
	    " FROM generate_series(2, 700) i");
	while ((n = vest(all % 2 ? other : pg, NOW)) > 0) {
		assert_in_range(n, 1, VEST_LOTS_MAX);
		all += n;
	}
	assert_int_equal(all, 700);
	assert_int_equal(
	    database_number("SELECT sum(available) FROM balance"), 709);
	assert_int_equal(
	    database_number(
	        "SELECT count(*) FROM entry WHERE source = %d", SOURCE_LOT),
	    700);
}

/* Checks that if the schema refuses one entry, nothing is changed. */
static void
test_all_or_nothing(void **state)
{
	const struct world w = world_at(pg, NOW);
	struct err e;
	size_t n;

	(void)state;
	database_run(
	    "INSERT INTO entry (tenant_id, member_id, store_id, source, debit,"
	    " credit, part, revision, version_id, points, lot_id, event_at,"
	    " source_id, rule) VALUES"
	    " (1, 1, 1, 2, 1, 2, 1, 1, 3, 10, 1, '2023-11-14', '1', 'r')");
	assert_int_equal(vest_batch(&w, &n, &e), -1);
	assert_int_equal(e.fault, FAULT_REJECT);
	assert_balance(0, 30);
	assert_int_equal(
	    database_number("SELECT count(*) FROM lot WHERE vested"), 0);
}

static int64_t
oldest(int64_t now)
{
	const struct world w = world_at(pg, now);
	struct err e;
	int64_t at;

	must(timeline_due_oldest(&w, &at, &e), &e);
	return at;
}

/* Checks the oldest due time of all lots, timelines and payouts. */
static void
test_oldest(void **state)
{
	const int64_t day = NOW / INSTANT_DAY * INSTANT_DAY; /* 2023-11-14 */

	(void)state;
	assert_int_equal(oldest(day - 1), 0);
	assert_int_equal(oldest(day), day);
	assert_int_equal(oldest(day + 5 * INSTANT_DAY), day);
	assert_int_equal(vest(pg, NOW), 1);
	assert_int_equal(oldest(NOW), 0);
	assert_int_equal(oldest(day + 5 * INSTANT_DAY), day + INSTANT_DAY);

	/* Lots of a member with a timeline are ignored. */
	database_run("INSERT INTO member_state (tenant_id, member_id, due_at)"
	             " VALUES (1, 1, '2023-11-17')");
	assert_int_equal(oldest(day + 5 * INSTANT_DAY), day + 3 * INSTANT_DAY);
	assert_int_equal(oldest(day + 2 * INSTANT_DAY), 0);
	database_run("INSERT INTO payout (tenant_id, charity, paid_at, paid_by)"
	             " VALUES (1, 'c', '2023-11-16', 'me')");
	assert_int_equal(oldest(day + 5 * INSTANT_DAY), day + 2 * INSTANT_DAY);
	database_run("UPDATE payout SET units = 0");
	/* A timeline that takes too many steps is not due again for a day. */
	database_run("UPDATE member_state SET steps = 1000000000000,"
	             " folded_at = '2023-11-18 12:00'");
	assert_int_equal(oldest(day + 5 * INSTANT_DAY - 1), 0);
	assert_int_equal(oldest(day + 6 * INSTANT_DAY), day + 3 * INSTANT_DAY);
	database_run("TRUNCATE member_state, payout");
}

/* Checks that lots and balances are the sums of the entries.  Runs after each
 * test except the one that forges an entry. */
static int
check(void **state)
{
	(void)state;
	assert_int_equal(
	    database_number(
	        "SELECT count(*) FROM lot l WHERE remaining <>"
	        " (SELECT sum(CASE WHEN credit IN (%d, %d) THEN points ELSE 0"
	        " END - CASE WHEN debit IN (%d, %d) THEN points ELSE 0 END)"
	        " FROM entry e WHERE e.lot_id = l.lot_id)",
	        ACCOUNT_PENDING, ACCOUNT_AVAILABLE, ACCOUNT_PENDING,
	        ACCOUNT_AVAILABLE),
	    0);
	assert_int_equal(
	    database_number(
	        "SELECT count(*) FROM balance b WHERE available <>"
	        " coalesce((SELECT sum(remaining) FROM lot l WHERE vested AND"
	        " l.member_id = b.member_id), 0) OR pending <>"
	        " coalesce((SELECT sum(remaining) FROM lot l WHERE NOT vested"
	        " AND l.member_id = b.member_id), 0)"),
	    0);
	return 0;
}

static int
setup_group(void **state)
{
	(void)state;
	(void)database_new();
	pg = database_pg("loyald_schedule");
	other = database_pg("loyald_schedule");
	arena_init(&arena);
	return 0;
}

static int
teardown_group(void **state)
{
	(void)state;
	pg_free(pg);
	pg_free(other);
	arena_fini(&arena);
	database_drop();
	return 0;
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, check)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_what_is_due_and_no_more),
		TEST(test_the_platform_is_told),
		TEST(test_held_for_a_guest),
		TEST(test_two_at_once),
		TEST(test_more_than_a_batch),
		TEST(test_oldest),
		cmocka_unit_test_setup(test_all_or_nothing, setup),
	};

	return cmocka_run_group_tests(tests, setup_group, teardown_group);
}
