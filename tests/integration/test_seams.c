/* SPDX-License-Identifier: MIT */
/*
 * Tests seams of timelines (common/ledger/timeline/seam.c): compares members of
 * whom few things are kept after a seam with what their whole timelines come
 * to.  Each test ends by verifying the ledger, seams included.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../support/shop.h"
#include "base/instant.h"
#include "ledger/timeline/timeline.h"

/* A program with levels by what was bought, lots that end, vouchers for points,
 * and a limit per month. */
#define PROGRAM                                                              \
	"{'name':'seams','wallets':{'points':{'expires':{'after':"           \
	"'2 months'}},'vouchers':{'unit':'vouchers'},'extra':{}},'tiers':{"  \
	"'window':'3 months','term':'2 months','levels':[{'id':'gold',"      \
	"'from':'150.00'}]},'multipliers':[{'id':'more','times':'2','when':" \
	"{'tier':['gold']}}],'rules':[{'id':'order','on':'order','give':{"   \
	"'points':1,'per':'1'}},{'id':'extra','on':'order','to':'extra',"    \
	"'give':{'points':3,'per':'event'},'limit':{'most':20,'per':"        \
	"'month'}},{'id':'voucher','on':'balance','take':{'wallet':"         \
	"'points','each':90},'give':{'points':1},'to':'vouchers'},{'id':"    \
	"'brings','on':'referral','give':{'points':5}},{'id':'brought',"     \
	"'on':'referred','give':{'points':7}}]}"

/* A program with vouchers for points that never end. */
#define LASTING                                                          \
	"{'name':'lasting','wallets':{'points':{},'vouchers':{'unit':"   \
	"'vouchers'}},'rules':[{'id':'order','on':'order','give':{"      \
	"'points':1,'per':'1'}},{'id':'voucher','on':'balance','take':{" \
	"'wallet':'points','each':90},'give':{'points':1},'to':"         \
	"'vouchers'}]}"

enum {
	CUSTOMERS = 3,
	FIRST = 5, /* the first customer of orders() */
	ORDERS = 120,
	STEPS = 400,
	KEEPS = 3,
};

/* Makes this transaction the one that wrote a row's seam, of which the length is
 * in the upper half of the number. */
#define XACT                                     \
	"seam_xact / 4294967296 * 4294967296 + " \
	"pg_current_xact_id()::text::bigint %% 4294967296"

/* Changes what the ledger has of a customer's seam, by a clause of SQL. */
static void
seam_set(const char *customer, const char *what)
{
	database_run("UPDATE member_state SET %s, seam_xact = " XACT
	             " WHERE member_id = %lld",
	    what, (long long)member(customer).member_id);
}

static int64_t
seams(void)
{
	return database_number("SELECT count(*) FROM member_state "
	                       "WHERE seam IS NOT NULL AND tenant_id = %lld",
	    (long long)shop.tenant_id);
}

/* Compares the balances of a customer, and what is left in the lots, with those of
 * the whole timeline. */
static void
is_whole(const char *customer)
{
	const struct world w = shop_world(pg);
	struct timeline_view v;
	struct err e;

	must(timeline_look(&w,
	         (struct member_key){
	             shop.tenant_id, member(customer).member_id },
	         NULL, &v, &e),
	    &e);
	for (size_t i = 0; v.found && i < v.fold.npurses; i++) {
		const struct purse *p = &v.fold.purses[i];

		assert_int_equal(p->balance.available,
		    database_number(
		        "SELECT coalesce(sum(b.available), 0) FROM balance b "
		        "JOIN wallet w USING (tenant_id) WHERE w.wallet = "
		        "b.wallet AND w.id = '%s' AND b.member_id = %lld",
		        p->wallet, (long long)member(customer).member_id));
		assert_int_equal(p->balance.available,
		    database_number(
		        "SELECT coalesce(sum(l.remaining), 0) FROM lot l "
		        "JOIN wallet w USING (tenant_id) WHERE w.wallet = "
		        "l.wallet AND l.vested AND w.id = '%s' AND l.member_id "
		        "= %lld",
		        p->wallet, (long long)member(customer).member_id));
	}
}

/* Makes the message of the n-th order or of an older order, which is then told
 * again, perhaps voided. */
static struct message
anything(int n)
{
	int k = rand() % 10 < 7 ? n : rand() % (n + 1), day = k / 3;
	char price[16], created[32], changed[32];
	bool again = k != n;

	(void)snprintf(price, sizeof(price), "%d.00", 1 + k * 37 % 90);
	(void)snprintf(created, sizeof(created), "2025-%02d-%02dT10:%02d:00Z",
	    1 + day / 28 % 12, 1 + day % 28, k % 3 * 7);
	(void)snprintf(changed, sizeof(changed), "2026-01-%02dT10:00:%02dZ",
	    1 + n % 28, n % 60);
	return shop_message(&shop, "orders/updated",
	    ORDER(.id = 1 + k, .price = price, .created = created,
	        .updated = again ? changed : created,
	        .status = again && rand() % 2 == 0 ? "voided" : "paid",
	        .customer = 1 + k % CUSTOMERS));
}

static void
test_random(void **state)
{
	static const char *const damage[] = { "seam = NULL", "since = NULL",
		"seam = '\\x00'", "since = set_byte(since, 0, 9)",
		"seam = set_byte(seam, length(seam) - 3, 77)",
		"since = substr(since, 1, length(since) - 2)",
		"seam = substr(seam, 2)" };
	int64_t most = 0;

	(void)state;
	srand(11);
	for (int n = 0; n < ORDERS * CUSTOMERS / 2; n++) {
		struct message m[] = { anything(n), anything(n) };

		assert_int_equal(shop_post(m, 1 + (size_t)rand() % 2).dead, 0);
		if (rand() % 8 == 0 && n > CUSTOMERS)
			seam_set(n % 2 ? "1" : "2",
			    damage[(size_t)rand() % NITEMS(damage)]);
		if (n % 20 == 19) {
			is_whole("1");
			is_whole("2");
			is_whole("3");
			most = seams() > most ? seams() : most;
		}
	}
	assert_true(most >= CUSTOMERS - 1);
}

/* Posts orders of all customers, one a day. */
static void
orders(int n)
{
	for (int i = 0; i < n * CUSTOMERS; i++) {
		char created[32];
		struct message m;

		(void)snprintf(created, sizeof(created), "2025-%02d-%02d",
		    1 + i / 28, 1 + i % 28);
		m = shop_message(&shop, "orders/paid",
		    ORDER(.id = 1 + i, .price = "40.00", .created = created,
		        .customer = FIRST + i % CUSTOMERS));
		assert_int_equal(shop_post(&m, 1).dead, 0);
	}
	assert_int_equal(seams(), CUSTOMERS);
}

/* Voids an order before the seam in a batch which writes its orders before the
 * fold, since a referral of the same batch is tied to one. */
static void
test_written_first(void **state)
{
	struct message both[2];

	(void)state;
	orders(20);
	both[0] = shop_event("r1", "referral", "2026-01-01", "{'id':2}",
	    ",'friend':{'id':'8'},'order':'9'");
	both[1] = shop_message(&shop, "orders/updated",
	    ORDER(.id = 1, .price = "40.00", .created = "2025-01-01",
	        .updated = "2026-01-01", .status = "voided",
	        .customer = FIRST));
	assert_int_equal(shop_post(both, 2).dead, 0);
	is_whole("5");
	assert_int_equal(order_points(1), 0);
}

/* Tells an order from before the seam again, as one of after the seam. */
static void
test_created_later(void **state)
{
	(void)state;
	orders(20);
	UPDATED(.id = 1, .price = "40.00", .created = "2025-12-01",
	    .updated = "2026-01-01", .customer = FIRST);
	is_whole("5");
}

/* Tells an order of after the seam again as a smaller one, which no longer gives a
 * voucher for the points of many orders of before the seam. */
static void
test_given_back(void **state)
{
	(void)state;
	shop_new(LASTING);
	world.seam_keeps = KEEPS;
	for (int i = 0; i < 40; i++) {
		char created[32];
		struct message m;

		(void)snprintf(created, sizeof(created), "2025-%02d-%02d",
		    1 + i / 28, 1 + i % 28);
		m = shop_message(&shop, "orders/paid",
		    ORDER(.id = 1 + i, .price = "2.00", .created = created,
		        .customer = FIRST));
		assert_int_equal(shop_post(&m, 1).dead, 0);
	}
	assert_int_equal(seams(), 1);
	PAID(.id = 900, .price = "40.00", .created = "2025-12-01",
	    .customer = FIRST);
	is_whole("5");
	UPDATED(.id = 900, .price = "1.00", .created = "2025-12-01",
	    .updated = "2026-01-01", .customer = FIRST);
	assert_int_equal(seams(), 1);
	is_whole("5");
}

/* Makes a member of two who have seams: orders from before both seams move. */
static void
test_merge(void **state)
{
	(void)state;
	orders(20);
	shop_sends("customers/merge", MERGE_5_INTO_6);
	is_whole("6");
	assert_int_equal(member("5").member_id, member("6").member_id);
}

/* Checks that verify finds a seam whose bytes are good and whose content
 * lies. */
static void
test_lie(void **state)
{
	(void)state;
	orders(20);
	database_run("CREATE TABLE kept AS SELECT * FROM member_state");
	shop_verify_finds("seams",
	    "UPDATE member_state s SET seam = k.seam, since = k.since, "
	    "seam_xact = k.seam_xact / 4294967296 * 4294967296 + "
	    "pg_current_xact_id()::text::bigint % 4294967296 "
	    "FROM kept k WHERE k.seam IS NOT NULL AND k.tenant_id = s.tenant_id "
	    "AND k.member_id <> s.member_id",
	    "UPDATE member_state s SET seam = NULL");
	database_run("DROP TABLE kept");
}

/* Folds from a seam of before an older order was voided.  The seam gives a
 * balance that the ledger does not have, and the whole timeline is folded before
 * anything is refused. */
static void
test_wrong_balance(void **state)
{
	struct message m = shop_message(&shop, "orders/paid",
	    ORDER(.id = 500, .price = "40.00", .created = "2025-12-01",
	        .customer = FIRST));

	(void)state;
	orders(20);
	database_run("CREATE TABLE kept AS SELECT * FROM member_state");
	UPDATED(.id = 1, .price = "40.00", .created = "2025-01-01",
	    .updated = "2026-01-01", .status = "voided", .customer = FIRST);
	database_run(
	    "UPDATE member_state s SET seam = k.seam, since = k.since, "
	    "seam_xact = k.seam_xact / 4294967296 * 4294967296 + "
	    "pg_current_xact_id()::text::bigint %% 4294967296 FROM kept k "
	    "WHERE s.member_id = k.member_id AND s.member_id = %lld",
	    (long long)member("5").member_id);
	database_run("DROP TABLE kept");
	assert_int_equal(shop_post(&m, 1).dead, 0);
	is_whole("5");
	assert_int_equal(order_points(500), 40);
}

static int
set_up(void **state)
{
	(void)state;
	shop_new(PROGRAM);
	world.seam_keeps = KEEPS;
	return 0;
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, shop_verify)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_random),
		TEST(test_written_first),
		TEST(test_created_later),
		TEST(test_given_back),
		TEST(test_merge),
		TEST(test_lie),
		TEST(test_wrong_balance),
	};

	return cmocka_run_group_tests(tests, shop_begin, shop_end);
}
