/* SPDX-License-Identifier: MIT */
/*
 * Tests how messages become entries in a real PostgreSQL, with the time set by
 * the test: owners, guests, merges, versions, pending points, shops of one app,
 * dead letters.  After every test the ledger is verified.
 */
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../support/database.h"
#include "../support/shop.h"
#include "ledger/columns.h"
#include "ledger/dead.h"
#include "ledger/locks.h"
#include "ledger/owner.h"
#include "ledger/stmts.h"
#include "ledger/verify.h"

#define PROGRAM(rest)                                                   \
	"{'name':'points','rules':[{'id':'order','on':'order','give':{" \
	"'points':1,'per':'1'}}]" rest "}"

static int
rotate(int64_t store_id, struct str secret, struct err *e)
{
	bool changed;

	return store_rotate(pg, &arena, world.key,
	    &(struct store_secret){ store_id, secret }, &changed, e);
}

static int
able(int64_t store_id, bool disabled, struct err *e)
{
	bool changed;

	return store_disable(pg, &arena, store_id, disabled, &changed, e);
}

static struct member_summary
guest(const char *email)
{
	struct member_summary v;
	uint8_t hash[32];
	struct err e;

	email_hash(world.key, str_of(email), hash);
	must(member_find_email(pg, &arena, shop.store_id, hash, &v, &e), &e);
	assert_int_not_equal(v.member_id, 0);
	return v;
}

/* ---- tests --------------------------------------------------------------- */

/* Checks what waits for the shop of customers whom a batch has made: the balance
 * of one, and nothing of another who is deleted in the same batch. */
static void
test_first_outbox(void **state)
{
	(void)state;
	{
		struct message both[] = {
			shop_message(&shop, "orders/paid",
			    ORDER(.id = 1, .price = "10.00")),
			shop_message(&shop, "orders/paid",
			    ORDER(.id = 2, .price = "20.00", .customer = 6)),
			shop_message(&shop, "customers/delete", "{'id':6}"),
		};

		shop_post(both, NITEMS(both));
	}
	assert_int_equal(
	    database_number(
	        "SELECT count(*) FROM outbox JOIN balance USING (tenant_id, "
	        "member_id, available, pending, debt, version) WHERE "
	        "tenant_id = %lld AND store_id = %lld AND available + pending > 0 AND customer_id = 5",
	        (long long)shop.tenant_id, (long long)shop.store_id),
	    1);
	assert_int_equal(
	    database_number("SELECT count(*) FROM outbox WHERE tenant_id = "
	                    "%lld",
	        (long long)shop.tenant_id),
	    1);
}

static void
test_life_of_an_order(void **state)
{
	struct batch_result r;
	struct member_summary m;

	(void)state;
	r = shop_sends("orders/create",
	    ORDER(.id = 1, .status = "pending", .price = "56.55"));
	assert_int_equal(r.entries, 0);
	r = PAID(.id = 1, .price = "56.55", .updated = "2026-01-01T00:00:01Z");
	assert_int_equal(r.entries, 1);
	m = member("5");
	assert_int_equal(m.balance.available, 56);
	assert_int_equal(m.balance.lifetime_earned, 56);
	assert_int_equal(m.version, 1);

	/* Repeating both deliveries, the older one last, changes nothing. */
	r = PAID(.id = 1, .price = "56.55", .updated = "2026-01-01T00:00:01Z");
	assert_int_equal(r.unchanged, 1);
	r = shop_sends("orders/create",
	    ORDER(.id = 1, .status = "pending", .price = "56.55"));
	assert_int_equal(r.unchanged, 1);
	assert_int_equal(member("5").version, 1);

	/* An order that was cancelled and is then paid earns its points
	 * again. */
	UPDATED(.id = 1, .status = "voided", .price = "56.55",
	    .updated = "2026-01-01T00:00:02Z");
	assert_int_equal(points("5"), 0);
	UPDATED(.id = 1, .price = "56.55", .updated = "2026-01-01T00:00:03Z");
	assert_int_equal(points("5"), 56);
	assert_int_equal(member("5").balance.lifetime_earned, 56);
}

static void
test_refund_first(void **state)
{
	(void)state;
	shop_sends("refunds/create",
	    "{'id':9,'order_id':2,'refund_line_items':[{'id':1,"
	    "'line_item_id':1,'quantity':1,'subtotal':20.0,"
	    "'total_tax':0.0,'subtotal_set':{'shop_money':{'amount':"
	    "'20.00','currency_code':'EUR'}}}],'transactions':[],"
	    "'order_adjustments':[]}");
	PAID(.id = 2, .price = "50.99");
	assert_int_equal(points("5"), 30);
}

static void
test_many_in_one_batch(void **state)
{
	struct message m[] = {
		shop_message(
		    &shop, "orders/paid", ORDER(.id = 1, .price = "10.00")),
		shop_message(
		    &shop, "orders/paid", ORDER(.id = 2, .price = "20.00")),
		shop_message(&shop, "orders/updated",
		    ORDER(.id = 1, .status = "refunded", .price = "10.00",
		        .updated = "2026-01-02")),
		shop_message(&shop, "orders/paid", "no JSON"),
		shop_message(&shop, "orders/paid",
		    ORDER(.id = 3, .customer = 6, .price = "30.00")),
	};
	struct dead_query query = { .store_id = shop.store_id, .max = 10 };
	struct batch_result r = shop_post(m, 5);
	struct dead_letter *dead;
	struct err e;
	size_t n;

	(void)state;
	assert_int_equal(r.dead, 1);
	assert_int_equal(points("5"), 20);
	assert_int_equal(points("6"), 30);
	must(dead_list(pg, &arena, &query, &dead, &n, &e), &e);
	assert_int_equal(n, 1);
	assert_string_equal(dead[0].why_class, "unparsable");

	/* The same batch is posted again, as after a commit without an
	 * answer. */
	shop_post(m, 5);
	must(dead_list(pg, &arena, &query, &dead, &n, &e), &e);
	assert_int_equal(n, 1);
	assert_int_equal(points("5"), 20);
	assert_int_equal(member("5").version, 1);
}

/* An order is kept as its one delivery came, or else as all of the batch's
 * deliveries tell it together: told again, it is nothing new. */
static void
test_kept_as_it_came(void **state)
{
	(void)state;
	for (int i = 0; i < 4; i++) {
		/* The newer delivery is read last, or first. */
		struct message m[] = {
			shop_message(&shop, "orders/paid",
			    ORDER(.id = 1 + i, .price = i < 2 ? "7.00" : "5.00",
			        .updated = i < 2 ? "2026-01-03"
			                         : "2026-01-02")),
			shop_message(&shop, "orders/updated",
			    ORDER(.id = 1 + i, .price = i < 2 ? "5.00" : "7.00",
			        .updated = i < 2 ? "2026-01-02"
			                         : "2026-01-03")),
		};

		for (int j = i % 2; j < 2; j++)
			shop_receive(&m[j]);
		m[1].received_at++;
		shop_post(m, 2);
		assert_int_equal(order_points(1 + i), 7);
		assert_int_equal(shop_post(m, 2).unchanged, 1);
	}
}

static void
test_reassigned(void **state)
{
	(void)state;
	PAID(.id = 1, .price = "10.00");
	UPDATED(.id = 1, .customer = 6, .price = "10.00",
	    .updated = "2026-01-02");
	assert_int_equal(points("5"), 0);
	assert_int_equal(points("6"), 10);
	/* The order comes back to its first customer. */
	UPDATED(.id = 1, .price = "10.00", .updated = "2026-01-03");
	assert_int_equal(points("5"), 10);
	assert_int_equal(points("6"), 0);
}

/* Checks that a customer whom another process makes meanwhile is not made
 * twice, and does not keep out the others of a batch. */
static void
test_made_meanwhile(void **state)
{
	struct pg *other = database_pg("loyald_work");
	struct columns name = { .arena = &arena };
	struct columns balance = { .arena = &arena };
	struct pg_rows rows;
	int64_t member_id;
	int status;
	pid_t child;
	struct err e;

	(void)state;
	columns_bigint(&name, shop.tenant_id);
	columns_bigint(&name, shop.store_id);
	columns_int(&name, OWNER_CUSTOMER);
	columns_text(&name, "77");
	columns_text(&name, NULL);
	columns_bool(&name, false);
	columns_instant(&name, 0);
	columns_bool(&name, false);
	columns_end_row(&name);
	must(pg_begin(other, &e), &e);
	must(columns_ask(other, SQL_OWNER_MAKE, &name, &rows, &e), &e);
	member_id = pg_get_bigint(&rows, 0, 4);
	pg_done(&rows);
	columns_bigint(&balance, shop.tenant_id);
	columns_bigint(&balance, member_id);
	columns_end_row(&balance);
	must(columns_tell(other, SQL_BALANCE_SHARE, &balance, &e), &e);
	child = fork();
	if (child == 0) {
		const struct message m[] = {
			shop_message(&shop, "orders/paid",
			    ORDER(.id = 1, .customer = 77, .price = "10.00")),
			shop_message(&shop, "orders/paid",
			    ORDER(.id = 2, .customer = 78, .price = "20.00")),
		};
		struct batch_result r;

		world.pg = database_pg("loyald_work");
		_exit(batch_post(&world, m, 2, &r, &e) == -1);
	}
	while (database_number(
	           "SELECT count(*) FROM pg_locks WHERE NOT granted") == 0)
		usleep(1000);
	must(pg_commit(other, &e), &e);
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(status, 0);
	assert_int_equal(member("77").member_id, member_id);
	assert_int_equal(points("77"), 10);
	assert_int_equal(points("78"), 20);
	pg_free(other);
}

/* Checks that a customer who is made and deleted in one batch is not pushed,
 * and that another one is. */
static void
test_made_and_gone(void **state)
{
	const struct message m[] = {
		shop_message(&shop, "orders/paid",
		    ORDER(.id = 1, .customer = 77, .price = "10.00")),
		shop_message(&shop, "customers/delete", "{'id':77}"),
		shop_message(&shop, "orders/paid",
		    ORDER(.id = 2, .customer = 78, .price = "20.00")),
	};

	(void)state;
	shop_post(m, 3);
	assert_int_equal(points("77"), 10);
	assert_int_equal(database_number("SELECT sum(customer_id) FROM outbox"
	                                 " WHERE store_id = %lld"
	                                 " AND available = 20",
	                     (long long)shop.store_id),
	    78);
	assert_int_equal(database_number("SELECT count(*) FROM outbox"
	                                 " WHERE store_id = %lld",
	                     (long long)shop.store_id),
	    1);
}

#define GUEST_ORDER \
	ORDER(.id = 1, .price = "10.00", .email = "Gast@Example.TEST")
#define VERIFIED(yes)                                               \
	"{'id':8,'email':'gast@example.test','verified_email':" yes \
	",'updated_at':'2026-01-02T00:00:00Z'}"

static void
test_guest(void **state)
{
	struct member_summary v;

	(void)state;
	shop_sends("orders/paid", GUEST_ORDER);
	v = guest("gast@example.test");
	assert_int_equal(v.balance.pending, 10);
	assert_int_equal(v.balance.available, 0);

	/* A customer has the guest's email address, but it is not verified. */
	shop_sends("customers/create", VERIFIED("false"));
	assert_int_equal(points("8"), 0);
	shop_sends("customers/update", VERIFIED("true"));
	assert_int_equal(points("8"), 10);
	assert_int_equal(member("8").balance.pending, 0);

	/* A refund of the guest's order takes points from the customer. */
	UPDATED(.id = 1, .status = "refunded", .price = "10.00",
	    .email = "gast@example.test", .updated = "2026-02-01");
	assert_int_equal(points("8"), 0);
	assert_int_equal(member("8").balance.debt, 0);
}

static void
test_guest_in_any_order(void **state)
{
	struct message together[2];

	(void)state;
	shop_sends("customers/create", VERIFIED("true"));
	shop_sends("orders/paid", GUEST_ORDER);
	assert_int_equal(points("8"), 10);

	/* The order and the customer come in one batch. */
	shop_new(PROGRAM(""));
	together[0] = shop_message(&shop, "orders/paid", GUEST_ORDER);
	together[1] = shop_message(&shop, "customers/create", VERIFIED("true"));
	shop_post(together, 2);
	assert_int_equal(points("8"), 10);
}

/* Checks that a batch which makes a customer with a verified address waits for
 * another that works on an order of the address' guest. */
static void
test_guest_at_the_same_time(void **state)
{
	const struct message m = shop_message(
	    &shop, "customers/create", VERIFIED("true"));
	struct batch_result r;
	uint8_t hash[32];
	int64_t key;
	struct err e;

	(void)state;
	email_hash(world.key, STR("gast@example.test"), hash);
	memcpy(&key, hash, sizeof(key));
	key = lock_key_mix(lock_key(LOCK_EMAIL, &shop), key);
	database_number(
	    "SELECT count(pg_advisory_lock(%lld)::text)", (long long)key);
	must(pg_script(world.pg, "SET lock_timeout = '50ms'", &e), &e);
	assert_int_equal(batch_post(&world, &m, 1, &r, &e), -1);
	assert_int_equal(e.fault, FAULT_RETRY);
	must(pg_script(world.pg, "SET lock_timeout = 0", &e), &e);
	database_number(
	    "SELECT count(pg_advisory_unlock(%lld))", (long long)key);
	shop_post(&m, 1);
}

/* Checks that a guest's order moves when the delivery that verifies the address
 * comes again, after a process that ended before it had moved the order. */
static void
test_guest_is_moved_later(void **state)
{
	(void)state;
	shop_sends("orders/paid", GUEST_ORDER);
	shop_sends("customers/create", VERIFIED("false"));
	database_run("UPDATE identity SET email_verified = true"
	             " WHERE tenant_id = %lld AND value = '8'",
	    (long long)shop.tenant_id);
	shop_sends("customers/update", VERIFIED("true"));
	assert_int_equal(points("8"), 10);
}

/* Checks that a guest's order does not go to a customer who once had the
 * guest's email address, but now has another address or was deleted. */
static void
test_guest_of_a_customer_of_before(void **state)
{
	static const char *const since[][2] = {
		{ "customers/update", "{'id':8,'email':'new@example.test',"
		                      "'verified_email':true,"
		                      "'updated_at':'2026-03-01T00:00:00Z'}" },
		{ "customers/update",
		    "{'id':8,'email':null,'verified_email':false,"
		    "'updated_at':'2026-03-01T00:00:00Z'}" },
		{ "customers/delete", "{'id':8}" },
	};
	struct member_summary v;

	(void)state;
	for (size_t i = 0; i < NITEMS(since); i++) {
		shop_new(PROGRAM(""));
		shop_sends("customers/create", VERIFIED("true"));
		shop_sends(since[i][0], since[i][1]);
		shop_sends("orders/paid", GUEST_ORDER);
		shop_sends("customers/create", VERIFIED("true"));
		/* The points are held for the guest, or for a deleted
		 * customer. */
		v = guest("gast@example.test");
		assert_int_equal(v.member_id == member("8").member_id
		                     ? v.held
		                     : v.balance.pending,
		    10);
	}
}

static void
test_nobody(void **state)
{
	struct batch_result r;

	(void)state;
	r = PAID(.id = 1, .price = "10.00", .customer = NOBODY);
	assert_int_equal(r.entries, 0);
	assert_int_equal(r.dead, 0);
}

static void
test_merge(void **state)
{
	(void)state;
	PAID(.id = 1, .price = "10.00");
	PAID(.id = 2, .price = "20.00");
	PAID(.id = 3, .customer = 6, .price = "40.00");
	shop_sends("customers/merge", MERGE_5_INTO_6);
	assert_int_equal(points("6"), 70);
	assert_int_equal(member("5").member_id, member("6").member_id);
	/* The merge is repeated; then comes an order of the old customer. */
	shop_sends("customers/merge", MERGE_5_INTO_6);
	PAID(.id = 4, .price = "5.00");
	assert_int_equal(points("6"), 75);
}

static void
test_versions(void **state)
{
	struct store_changes changes = {
		.program_file = shop_json(
		    "{'name':'double','rules':[{'id':'order','on':"
		    "'order','give':{'points':2,'per':'1'}}]}")
	};
	struct err e;

	(void)state;
	PAID(.id = 1, .price = "50.00");
	must(store_change(pg, &arena, world.key, shop.store_id, &changes, &e),
	    &e);
	shop_load();
	/* A refund takes the points that the old version of the rule gave. */
	UPDATED(.id = 1, .status = "refunded", .price = "50.00",
	    .updated = "2026-02-01");
	assert_int_equal(points("5"), 0);
	assert_int_equal(member("5").balance.debt, 0);
	/* An order that was placed before the change and arrives after it earns
	 * by the old rule. */
	PAID(.id = 2, .price = "10.00");
	assert_int_equal(points("5"), 10);
	/* The shop's clock is ahead of ours.  An order that was placed after
	 * the change by that clock earns by the new rule at once. */
	PAID(.id = 3, .price = "10.00", .created = "2099-01-01");
	assert_int_equal(points("5"), 30);
}

static void
test_pending(void **state)
{
	struct member_summary v;

	(void)state;
	shop_new(PROGRAM(",'pending_days':14"));
	PAID(.id = 1, .price = "10.00", .created = "2026-03-01");
	v = member("5");
	assert_int_equal(v.balance.pending, 10);
	assert_int_equal(v.balance.available, 0);
	/* A refund takes away pending points. */
	UPDATED(.id = 1, .status = "refunded", .price = "10.00",
	    .created = "2026-03-01", .updated = "2026-03-02");
	assert_int_equal(member("5").balance.pending, 0);
	/* The pending days of this order are over when it arrives. */
	PAID(.id = 2, .price = "7.00", .created = "2026-01-01");
	assert_int_equal(points("5"), 7);
}

/* Checks that a timeline corrects a ledger that loyald itself would never
 * write.  Spending points gives a member a timeline, so a member without a
 * timeline has spent no points and owes none.  The cases forge entries that say
 * otherwise. */
static void
test_shortage(void **state)
{
	const struct {
		enum source_kind source;
		enum account debit, credit;
		const char *balance; /* forged columns of the balance */
		const char *topic, *told, *customer;
		int64_t available;
	} cases[] = {
		{ SOURCE_REDEMPTION, ACCOUNT_AVAILABLE, ACCOUNT_REDEEMED,
		    "available = 20", "orders/updated",
		    ORDER(.id = 1, .status = "refunded", .price = "50.00",
		        .updated = "2026-02-01"),
		    "5", 0 },
		{ SOURCE_REDEMPTION, ACCOUNT_AVAILABLE, ACCOUNT_REDEEMED,
		    "available = 20", "customers/merge", MERGE_5_INTO_6, "6",
		    50 },
		{ SOURCE_TIME, ACCOUNT_DEBT, ACCOUNT_REVERSED,
		    "debt = 30, lifetime_earned = 20", "orders/updated",
		    ORDER(.id = 1, .price = "51.00", .updated = "2026-02-01"),
		    "5", 51 },
	};
	struct member_summary v;

	(void)state;
	for (size_t i = 0; i < NITEMS(cases); i++) {
		shop_new(PROGRAM(""));
		PAID(.id = 1, .price = "50.00");
		v = member("5");
		database_run(
		    "INSERT INTO entry (tenant_id, member_id, store_id, source,"
		    " debit, credit, part, revision, version_id, points,"
		    " lot_id, event_at, source_id, rule) SELECT tenant_id,"
		    " member_id, store_id, %d, %d, %d, 1, 1, version_id, 30,"
		    " lot_id, now(), 'forged', 'order' FROM entry"
		    " WHERE member_id = %lld;"
		    "UPDATE balance SET %s WHERE member_id = %lld",
		    (int)cases[i].source, (int)cases[i].debit,
		    (int)cases[i].credit, (long long)v.member_id,
		    cases[i].balance, (long long)v.member_id);
		shop_sends(cases[i].topic, cases[i].told);
		v = member(cases[i].customer);
		assert_int_equal(v.balance.available, cases[i].available);
		assert_int_equal(v.balance.debt, 0);
	}
}

/* Adds two stores of one app, which share a secret.  `number` and
 * `other_number` are the numbers of their shops (0: not known). */
static void
add_app(struct store *first, struct store *second, int64_t number,
    int64_t other_number)
{
	static int nth;
	struct store s = { .secrets = { str_of(
		               arena_printf(&arena, "app-%d", ++nth)) } };

	s.shop_id = number;
	*first = shop_add(s, PROGRAM(""));
	s.shop_id = other_number;
	*second = shop_add(s, PROGRAM(""));
}

static size_t
dead_of(const struct store *s, const char *topic, const char *body)
{
	struct message m = shop_message(s, topic, body);

	return shop_post(&m, 1).dead;
}

#define OF(shop, n)                                                 \
	ORDER(.id = (n), .price = "10.00", .updated = "2026-01-05", \
	    .shop_id = (shop))

/* Makes a refund that names its order but no shop. */
static const char *
refund_of(int64_t order_id)
{
	return arena_printf(&arena,
	    "{'id':%lld,'order_id':%lld,'created_at':"
	    "'2026-01-06T00:00:00Z','refund_line_items':[{'id':1,"
	    "'line_item_id':1,'quantity':1,'subtotal':'10.00',"
	    "'total_tax':'0.00'}],'transactions':[],"
	    "'order_adjustments':[]}",
	    (long long)order_id + 1000, (long long)order_id);
}

/* Checks that the number of a store's shop comes from an operator or from the
 * API, and never from a body. */
static void
test_foreign_number(void **state)
{
	struct store x, y;

	(void)state;
	add_app(&x, &y, 0, 0);
	/* Stores without a number accept orders of any shop. */
	assert_int_equal(dead_of(&y, "orders/paid", OF(111, 1)), 0);
	assert_int_equal(dead_of(&x, "orders/paid", OF(111, 1)), 0);
	assert_int_equal(dead_of(&x, "orders/paid", OF(222, 2)), 0);
	shop_load();
	assert_int_equal(
	    stores_find(world.stores, world.nstores, x.store_id)->shop_id, 0);

	add_app(&x, &y, 111, 0);
	assert_int_equal(dead_of(&y, "orders/paid", OF(111, 1)), 1);
	assert_int_equal(dead_of(&x, "orders/paid", OF(222, 2)), 1);
	assert_int_equal(dead_of(&x, "orders/paid", OF(111, 1)), 0);
	assert_int_equal(dead_of(&y, "orders/paid", OF(222, 2)), 0);
	assert_int_equal(dead_of(&y, "orders/paid", OF(333, 3)), 0);
	/* A number that a store of another app has proves nothing for these
	 * stores. */
	add_app(&x, &y, 0, 222);
	assert_int_equal(dead_of(&x, "orders/paid", OF(111, 1)), 0);
	/* The number from the API is used if the operator gave none. */
	database_run("UPDATE store SET api_shop_id = 333 "
	             "WHERE store_id IN (%lld, %lld)",
	    (long long)x.store_id, (long long)y.store_id);
	shop_load();
	assert_int_equal(dead_of(&x, "orders/paid", OF(111, 2)), 1);
	assert_int_equal(dead_of(&x, "orders/paid", OF(333, 3)), 0);
	assert_int_equal(dead_of(&y, "orders/paid", OF(333, 3)), 1);
	assert_int_equal(dead_of(&y, "orders/paid", OF(222, 4)), 0);
}

/* Checks bodies about a customer, which name no shop.  The shop is known from
 * an order of the customer. */
static void
test_foreign_customer(void **state)
{
#define GID5 "'gid://shopify/Customer/5'"
	static const char *const told[][2] = {
		{ "customers/update", "{'id':5,'verified_email':true}" },
		{ "customers/delete", "{'id':5}" },
		{ "customer.tags_added",
		    "{'customerId':" GID5 ",'tags':['vip']}" },
		{ "company_contacts/create",
		    "{'customer_admin_graphql_api_id':" GID5
		    ",'company':{'name':'A'}}" },
		{ "customers/merge",
		    "{'admin_graphql_api_customer_kept_id':" GID5
		    ",'admin_graphql_api_customer_deleted_id':"
		    "'gid://shopify/Customer/6','status':'completed'}" },
		{ "customers/merge",
		    "{'admin_graphql_api_customer_deleted_id':" GID5
		    ",'admin_graphql_api_customer_kept_id':"
		    "'gid://shopify/Customer/6','status':'completed'}" },
	};
	struct store x, y;
	struct message both[2];

	(void)state;
	for (size_t i = 0; i < NITEMS(told); i++) {
		add_app(&x, &y, 111, 222);
		/* The two stores accept the body as long as no order of the
		 * customer is known. */
		assert_int_equal(dead_of(&y, told[i][0], told[i][1]), 0);
		assert_int_equal(dead_of(&x, told[i][0], told[i][1]), 0);
		assert_int_equal(dead_of(&x, "orders/paid", OF(111, 1)), 0);
		assert_int_equal(dead_of(&y, told[i][0], told[i][1]), 1);
		assert_int_equal(dead_of(&x, told[i][0], told[i][1]), 0);

		add_app(&x, &y, 111, 222);
		both[0] = shop_message(&x, "orders/paid", OF(111, 1));
		both[1] = shop_message(&y, told[i][0], told[i][1]);
		both[1].received_at++;
		assert_int_equal(shop_post(both, 2).dead, 1);

		/* Stores without numbers accept the body. */
		add_app(&x, &y, 0, 0);
		assert_int_equal(dead_of(&x, "orders/paid", OF(111, 1)), 0);
		assert_int_equal(dead_of(&y, told[i][0], told[i][1]), 0);
	}
#undef GID5
}

/* Checks that two stores still count as stores of one app while the app's
 * secret is changed, first in one store and then in the other.  A disabled
 * store is ignored. */
static void
test_foreign_app(void **state)
{
	struct store x, y, z;
	struct err e;

	(void)state;
	add_app(&x, &y, 111, 0);
	must(rotate(x.store_id, STR("the next"), &e), &e);
	shop_load();
	assert_int_equal(dead_of(&y, "orders/paid", OF(111, 1)), 1);
	z = y;
	z.tenant_id = 0;
	z.webhook_token = "the former's successor";
	z.domain = x.domain;
	must(able(x.store_id, true, &e), &e);
	z = shop_add(z, PROGRAM(""));
	assert_int_equal(dead_of(&z, "orders/paid", OF(111, 1)), 0);
	assert_int_equal(dead_of(&y, "orders/paid", OF(111, 2)), 1);
}

/* Checks bodies that belong to an order and name no shop: their shop is the one
 * that the order named. */
static void
test_foreign_parts(void **state)
{
	struct message both[2];
	struct store x, y;

	(void)state;
	add_app(&x, &y, 111, 222);
	/* The two stores accept the refund while the order is not known. */
	assert_int_equal(dead_of(&y, "refunds/create", refund_of(1)), 0);
	assert_int_equal(dead_of(&x, "refunds/create", refund_of(1)), 0);
	assert_int_equal(dead_of(&x, "orders/paid", OF(111, 1)), 0);
	assert_int_equal(dead_of(&x, "refunds/create", refund_of(1)), 0);
	/* From then on only the order's store accepts bodies about the
	 * order. */
	assert_int_equal(dead_of(&y, "refunds/create", refund_of(1)), 1);
	assert_int_equal(dead_of(&y, "orders/delete", "{'id':1}"), 1);
	assert_int_equal(dead_of(&x, "orders/delete", "{'id':1}"), 0);
	/* The rule also holds for an order and a refund in one batch. */
	both[0] = shop_message(&x, "orders/paid", OF(111, 2));
	both[1] = shop_message(&y, "refunds/create", refund_of(2));
	both[1].received_at++;
	assert_int_equal(shop_post(both, 2).dead, 1);
	/* A store without a number accepts an order, and then the order's
	 * refund. */
	add_app(&x, &y, 111, 0);
	assert_int_equal(dead_of(&x, "orders/paid", OF(111, 1)), 0);
	assert_int_equal(dead_of(&y, "orders/paid", OF(222, 2)), 0);
	assert_int_equal(dead_of(&y, "refunds/create", refund_of(2)), 0);
	assert_int_equal(dead_of(&y, "refunds/create", refund_of(1)), 1);
	add_app(&x, &y, 0, 222);
	assert_int_equal(dead_of(&x, "orders/paid", OF(111, 1)), 0);
	assert_int_equal(dead_of(&y, "refunds/create", refund_of(1)), 1);
	assert_int_equal(dead_of(&x, "refunds/create", refund_of(1)), 0);
	add_app(&x, &y, 0, 0);
	assert_int_equal(dead_of(&y, "orders/paid", OF(111, 1)), 0);
	assert_int_equal(dead_of(&x, "refunds/create", refund_of(1)), 0);
	assert_int_equal(dead_of(&y, "refunds/create", refund_of(1)), 0);
	/* The two stores accept orders that name no shop. */
	assert_int_equal(dead_of(&y, "orders/paid", OF(NO_SHOP, 3)), 0);
	assert_int_equal(dead_of(&x, "orders/paid", OF(NO_SHOP, 3)), 0);
}

static void
test_foreign(void **state)
{
	struct store second;
	struct message m;

	(void)state;
	second = shop;
	/* A message for a store that does not exist becomes a dead letter. */
	second.store_id = 999999;
	m = shop_message(&second, "orders/paid", "{}");
	assert_int_equal(shop_post(&m, 1).dead, 1);
}

/* Checks that a body that is sent under a wrong topic changes nothing. */
static void
test_misdirected(void **state)
{
	const char *order = ORDER(.id = 1, .price = "56.55");
	static const char *const topics[] = { "orders/delete",
		"customers/create", "customers/delete", "products/delete",
		"refunds/create", "customers/merge", "orders/edited" };
	struct batch_result r;

	(void)state;
	shop_sends("orders/paid", order);
	for (size_t i = 0; i < NITEMS(topics); i++) {
		r = shop_sends(topics[i], order);
		assert_int_equal(r.dead, 1);
		assert_int_equal(r.misdirected, 1);
	}
	assert_int_equal(points("5"), 56);
	assert_int_equal(member("5").version, 1);
	/* A body that is no JSON becomes a dead letter, but not a misdirected
	 * one. */
	r = shop_sends("orders/paid", "{");
	assert_int_equal(r.dead, 1);
	assert_int_equal(r.misdirected, 0);
	/* A body that fits the topic is accepted. */
	r = shop_sends("orders/delete", "{'id':1}");
	assert_int_equal(r.dead, 0);
	assert_int_equal(points("5"), 0);
}

/* Checks that a message with several faults is reported as misdirected.  The
 * operator has to see that fault, since replaying the message would confirm its
 * topic. */
static void
test_misdirected_is_judged_first(void **state)
{
	struct store nowhere = shop;
	struct message m = shop_message(&shop, "orders/delete", "{'id':1}");

	(void)state;
	m.address = ADDRESS_ORDERS;
	assert_int_equal(shop_post(&m, 1).misdirected, 1);
	m.deliveries = DELIVERIES_MAX + 1;
	assert_int_equal(shop_post(&m, 1).misdirected, 1);
	nowhere.store_id = 999999;
	m = shop_message(&nowhere, "orders/delete", "{'id':1}");
	m.address = ADDRESS_ORDERS;
	assert_int_equal(shop_post(&m, 1).misdirected, 1);
	/* A message without a known platform has no topic. */
	m = shop_message(&shop, "orders/delete", "{'id':1}");
	m.platform = (enum platform)0;
	m.address = ADDRESS_ORDERS;
	assert_int_equal(shop_post(&m, 1).misdirected, 0);
	/* The message is accepted at the address of its topic, as a replayed
	 * message, and without an address, as from an older version. */
	m = shop_message(&shop, "orders/delete", "{'id':1}");
	m.address = ADDRESS_ORDERS_DELETED;
	assert_int_equal(shop_post(&m, 1).dead, 0);
	m.address = ADDRESS_REPLAYED;
	assert_int_equal(shop_post(&m, 1).dead, 0);
	m.address = (enum address)0;
	assert_int_equal(shop_post(&m, 1).dead, 0);
}

static void
test_poison(void **state)
{
	struct message m = shop_message(
	    &shop, "orders/paid", ORDER(.id = 1, .price = "10.00"));

	(void)state;
	m.deliveries = DELIVERIES_MAX;
	assert_int_equal(shop_post(&m, 1).dead, 0);
	m.deliveries = DELIVERIES_MAX + 1;
	assert_int_equal(shop_post(&m, 1).dead, 1);
	m.platform = (enum platform)0;
	m.deliveries = 1;
	m.stream_id[0] = 'x';
	assert_int_equal(shop_post(&m, 1).dead, 1);
}

static void
test_forever(void **state)
{
	struct err e;

	(void)state;
	PAID(.id = 1, .price = "10.00");
	assert_int_equal(
	    pg_script(pg, "UPDATE entry SET points = points + 1", &e), -1);
	assert_non_null(strstr(e.msg, "never changed or removed"));
	assert_int_equal(pg_script(pg, "DELETE FROM entry", &e), -1);
	assert_int_equal(pg_script(pg, "TRUNCATE entry", &e), -1);
}

/* Gives all lots rows, as the version before did. */
static const char keep_lots[] =
    "INSERT INTO lot (tenant_id, lot_id, member_id, store_id, source,"
    " version_id, vested, remaining, earned_at, vests_at, source_id, rule)"
    " SELECT tenant_id, lot_id, member_id, store_id, 1, max(version_id), true,"
    " sum(CASE WHEN debit = 10 THEN points ELSE -points END), min(event_at),"
    " min(event_at), source_id, rule FROM entry e WHERE source = 1 AND"
    " lot_id IS NOT NULL AND"
    " NOT EXISTS (SELECT FROM lot l WHERE l.lot_id = e.lot_id)"
    " GROUP BY tenant_id, lot_id, member_id, store_id, source_id, rule";

#define FORGE(what)                                          \
	"ALTER TABLE entry DISABLE TRIGGER ALL;"             \
	"UPDATE entry SET " what " WHERE source_id = '100';" \
	"ALTER TABLE entry ENABLE TRIGGER ALL"

/* Checks that the command `verify` finds every kind of damage. */
static void
test_verify_finds(void **state)
{
	static const struct {
		const char *check, *damage, *repair;
	} cases[] = {
		{ "balances", "UPDATE balance SET available = available + 1",
		    "UPDATE balance SET available = available - 1" },
		{ "lots", "UPDATE lot SET remaining = remaining + 1",
		    "UPDATE lot SET remaining = remaining - 1" },
		{ "lot_sums", "UPDATE lot SET vested = NOT vested",
		    "UPDATE lot SET vested = NOT vested" },
		{ "orders", "UPDATE order_state SET points = points + 1",
		    "UPDATE order_state SET points = points - 1" },
		{ "rules", "UPDATE lot SET rule = rule || 'x'",
		    "UPDATE lot SET rule = left(rule, -1)" },
		/* Foreign keys refused these before 0007_one_write_path. */
		{ "members",
		    "INSERT INTO balance (tenant_id, member_id) VALUES (-1, -1)",
		    "DELETE FROM balance WHERE tenant_id = -1" },
		{ "members", "UPDATE balance SET member_id = -member_id",
		    "UPDATE balance SET member_id = -member_id" },
		{ "members", "UPDATE identity SET member_id = -member_id",
		    "UPDATE identity SET member_id = -member_id" },
		{ "members", "UPDATE identity SET store_id = -store_id",
		    "UPDATE identity SET store_id = -store_id" },
		{ "members",
		    "INSERT INTO member_state (tenant_id, member_id) "
		    "VALUES (-1, -1)",
		    "DELETE FROM member_state WHERE tenant_id = -1" },
		/* An index refused this before 0009_one_index. */
		{ "lots",
		    "INSERT INTO lot SELECT tenant_id, -lot_id, member_id,"
		    " store_id, source, wallet, version_id, vested, 0,"
		    " earned_at, vests_at, expires_at, source_id, rule"
		    " FROM lot",
		    "DELETE FROM lot WHERE lot_id < 0" },
		{ "kept", "UPDATE order_state SET record = record || '\\x00'",
		    "UPDATE order_state SET record = "
		    "substr(record, 1, length(record) - 1)" },
		{ "kept", "UPDATE order_state SET order_id = -order_id",
		    "UPDATE order_state SET order_id = -order_id" },
		/* A lot without a row is what its order's entries say. */
		{ "lots", FORGE("revision = 2, source = 6"),
		    FORGE("revision = 1, source = 1") },
		{ "rules", FORGE("revision = 2, source = 6"),
		    FORGE("revision = 1, source = 1") },
		{ "lots", FORGE("debit = 5"), FORGE("debit = 10") },
		{ "lot_sums", FORGE("points = points + 1"),
		    FORGE("points = points - 1") },
		{ "forever", "ALTER TABLE entry DISABLE TRIGGER ALL",
		    "ALTER TABLE entry ENABLE TRIGGER ALL" },
	};

	(void)state;
	PAID(.id = 1, .price = "10.00");
	database_run("%s", keep_lots);
	shop_verify(NULL);
	PAID(.id = 100, .price = "10.00");
	for (size_t i = 0; i < NITEMS(cases); i++)
		shop_verify_finds(
		    cases[i].check, cases[i].damage, cases[i].repair);
}

/* Checks that verify reads all orders, in JSON, too, and names each that it
 * cannot read: two of 1,201. */
static void
test_verify_reads_all(void **state)
{
	static const char all[] =
	    "INSERT INTO order_state (tenant_id, store_id, order_id,"
	    " reason, facts)"
	    " SELECT -1, 1, g, '', CASE WHEN g IN (700, 1201) THEN '{}' ELSE"
	    " format('{\"id\":%s,\"platform\":\"shopify\"}', g) END"
	    " FROM generate_series(1, 1201) g";
	const char *names[] = { "order 700 of", "order 1201 of" };
	struct verification v;
	size_t found = 0;
	struct err e;

	(void)state;
	PAID(.id = 1, .price = "10.00");
	database_run("%s", all);
	must(ledger_verify(pg, &arena, &v, &e), &e);
	for (size_t i = 0; i < v.nproblems; i++) {
		if (strcmp(v.problems[i].check, "kept") != 0)
			continue;
		assert_in_range(found, 0, NITEMS(names) - 1);
		assert_non_null(strstr(v.problems[i].what, names[found]));
		found++;
	}
	assert_int_equal(found, NITEMS(names));
	database_run("DELETE FROM order_state WHERE tenant_id = -1");
}

/* ---- before and after ---------------------------------------------------- */

static int
setup(void **state)
{
	(void)state;
	arena_reset(&arena);
	shop_new(PROGRAM(""));
	return 0;
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, shop_verify)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_first_outbox),
		TEST(test_life_of_an_order),
		TEST(test_refund_first),
		TEST(test_many_in_one_batch),
		TEST(test_kept_as_it_came),
		TEST(test_reassigned),
		TEST(test_made_meanwhile),
		TEST(test_made_and_gone),
		TEST(test_guest),
		TEST(test_guest_in_any_order),
		TEST(test_guest_at_the_same_time),
		TEST(test_guest_is_moved_later),
		TEST(test_guest_of_a_customer_of_before),
		TEST(test_nobody),
		TEST(test_merge),
		TEST(test_versions),
		TEST(test_pending),
		TEST(test_shortage),
		TEST(test_foreign),
		TEST(test_misdirected),
		TEST(test_misdirected_is_judged_first),
		TEST(test_foreign_number),
		TEST(test_foreign_customer),
		TEST(test_foreign_app),
		TEST(test_foreign_parts),
		TEST(test_poison),
		TEST(test_forever),
		TEST(test_verify_finds),
		TEST(test_verify_reads_all),
	};

	return cmocka_run_group_tests(tests, shop_begin, shop_end);
}
