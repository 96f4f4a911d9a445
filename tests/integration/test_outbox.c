/* SPDX-License-Identifier: MIT */
/* Checks the outbox: one row per member and store with the newest balance, one
 * call per store at a time, and what each answer does to a row. */
#include <stdio.h>
#include <string.h>

#include "../support/database.h"
#include "../support/test.h"
#include "io/clock.h"
#include "ledger/balances.h"
#include "ledger/outbox.h"

enum {
	LEASE_MS = 60 * 1000
};

static struct pg *pg, *other; /* for two processes `push` */
static struct arena arena;

/* Stores 1 and 2 of tenant 1 (WooCommerce, Shopify), store 3 of tenant 2. */
static const char fresh
    [] = "TRUNCATE tenant, store, identity, balance, outbox, push_lease,"
         " program_version CASCADE;"
         "INSERT INTO tenant VALUES (1), (2);"
         "INSERT INTO store (tenant_id, store_id, platform, domain, currency,"
         " timezone, webhook_token, secret, api_url)"
         " VALUES (1, 1, 2, 'a', 'EUR', 'UTC', 't', '', 'http://a'),"
         " (1, 2, 1, 'b', 'EUR', 'UTC', 't', '', 'http://b'),"
         " (2, 3, 1, 'c', 'EUR', 'UTC', 't', '', 'http://c');"
         "INSERT INTO push_lease (tenant_id, store_id)"
         " VALUES (1, 1), (1, 2), (2, 3)";

static int
setup(void **state)
{
	(void)state;
	database_run("%s", fresh);
	arena_reset(&arena);
	return 0;
}

/* Adds a member of tenant 1 who is customer 1000 + id in store 1. */
static void
add_member(int64_t id)
{
	database_run(
	    "INSERT INTO balance (tenant_id, member_id) VALUES (1, %lld);"
	    "INSERT INTO identity (tenant_id, store_id, kind, value, member_id)"
	    " VALUES (1, 1, 1, '%lld', %lld)",
	    (long long)id, (long long)(1000 + id), (long long)id);
}

/* Saves the balance of a member, as the process work does. */
static void
put(int64_t member_id, int64_t available)
{
	struct world w = { .pg = database_pg("loyald_work"), .arena = &arena };
	const struct member_balance m = {
		.key = { 1, member_id },
		.before.available = database_number(
		    "SELECT available FROM balance WHERE tenant_id = 1"
		    " AND member_id = %lld",
		    (long long)member_id),
		.now.available = available,
	};
	struct err e;

	must(balances_save(&w, &m, 1, &e), &e);
	pg_free(w.pg);
}

static bool
claim(struct pg *by, struct outbox_claim *c)
{
	const struct world w = {
		.pg = by, .arena = &arena, .now = clock_now()
	};
	struct err e;
	bool found;

	must(outbox_claim(&w, LEASE_MS, c, &found, &e), &e);
	return found;
}

static bool
settle(
    struct pg *by, const struct outbox_claim *c, const struct outbox_result *r)
{
	struct err e;
	bool lost;

	must(outbox_finish(by, &arena, c, r, &lost, &e), &e);
	return !lost;
}

/* Handles an answer that has the same outcome for all items. */
static bool
settle_all(struct pg *by, const struct outbox_claim *c,
    enum push_outcome outcome, int64_t wait_ms)
{
	struct push_answer answer = { .all = PUSH_DONE };
	struct outbox_result r = { .answer = &answer };

	for (size_t i = 0; i < c->n; i++) {
		answer.items[i] = outcome;
		r.row_wait_ms[i] = wait_ms;
		/* The platform's answer may be cut inside a character. */
		(void)snprintf(
		    answer.why[i], sizeof(answer.why[i]), "not like this \xc3");
	}
	return settle(by, c, &r);
}

static bool
settle_failed(struct pg *by, const struct outbox_claim *c, int64_t wait_ms)
{
	struct push_answer answer = { .all = PUSH_RETRY };
	struct outbox_result r = {
		.answer = &answer, .store_wait_ms = wait_ms, .why = "no answer"
	};

	for (size_t i = 0; i < c->n; i++)
		answer.items[i] = PUSH_RETRY;
	return settle(by, c, &r);
}

static int64_t
count(const char *where)
{
	return database_number("SELECT count(*) FROM outbox WHERE %s", where);
}

static void
test_newest_balance_only(void **state)
{
	struct outbox_claim c;

	(void)state;
	add_member(1);
	put(1, 10);
	put(1, 30);
	assert_true(claim(pg, &c));
	assert_int_equal(c.tenant_id, 1);
	assert_int_equal(c.store_id, 1);
	assert_int_equal(c.n, 1);
	assert_int_equal(c.member_ids[0], 1);
	assert_int_equal(c.items[0].customer_id, 1001);
	assert_int_equal(c.items[0].available, 30);
	assert_int_equal(c.items[0].version, 2);
	assert_true(settle_all(pg, &c, PUSH_DONE, 0));
	assert_int_equal(count("true"), 0);
	assert_false(claim(pg, &c));
}

static void
test_every_store_that_knows_the_member(void **state)
{
	(void)state;
	add_member(1);
	database_run("INSERT INTO identity (tenant_id, store_id, kind, value,"
	             " member_id, modified_at, gone_at) VALUES"
	             " (1, 2, 1, '77', 1, '2026-01-01', NULL),"
	             " (1, 2, 1, '78', 1, '2026-02-01', NULL),"
	             " (1, 2, 1, '79', 1, '2026-03-01', now()),"
	             " (1, 2, 2, 'abcdef', 1, NULL, NULL)");
	put(1, 10);
	assert_int_equal(count("true"), 2);
	assert_int_equal(count("store_id = 1 AND customer_id = 1001"), 1);
	/* The row names the newest of the customers that still exist. */
	assert_int_equal(count("store_id = 2 AND customer_id = 78"), 1);
}

static void
test_same_balance_again_changes_nothing(void **state)
{
	(void)state;
	add_member(1);
	put(1, 10);
	database_run("UPDATE outbox SET tries = 3, rejected_at = now()");
	put(1, 10);
	assert_int_equal(count("tries = 3 AND rejected_at IS NOT NULL"), 1);
	put(1, 11);
	assert_int_equal(count("tries = 0 AND rejected_at IS NULL"), 1);
}

static void
test_one_call_per_store(void **state)
{
	struct outbox_claim c, d;

	(void)state;
	add_member(1);
	add_member(2);
	put(1, 10);
	put(2, 10);
	assert_true(claim(pg, &c));
	assert_int_equal(c.n, 2);
	assert_false(claim(other, &d));
	/* A row of another store can be claimed meanwhile. */
	database_run("INSERT INTO outbox (tenant_id, store_id, member_id,"
	             " customer_id, available, pending, debt, version)"
	             " VALUES (2, 3, 9, 9, 1, 0, 0, 1)");
	assert_true(claim(other, &d));
	assert_int_equal(d.store_id, 3);
	assert_true(settle_all(pg, &c, PUSH_DONE, 0));
	assert_true(settle_all(other, &d, PUSH_DONE, 0));
	assert_int_equal(count("true"), 0);
}

/* Checks that a process which claims rows does not wait for a locked store. */
static void
test_claims_do_not_wait(void **state)
{
	struct outbox_claim c;
	int64_t begin;

	(void)state;
	add_member(1);
	put(1, 10);
	database_run("BEGIN");
	database_run("SELECT FROM push_lease WHERE store_id = 1 FOR UPDATE");
	begin = clock_mono();
	assert_false(claim(pg, &c));
	assert_in_range(clock_mono() - begin, 0, 2000000);
	database_run("ROLLBACK");
	assert_true(claim(pg, &c));
}

static void
test_newer_one_stays(void **state)
{
	struct outbox_claim c;

	(void)state;
	add_member(1);
	put(1, 10);
	assert_true(claim(pg, &c));
	put(1, 20); /* while the call is under way */
	assert_true(settle_all(pg, &c, PUSH_DONE, 0));
	assert_int_equal(count("available = 20 AND version = 2"), 1);
	assert_true(claim(pg, &c));
	assert_int_equal(c.items[0].available, 20);
	/* The refusal of the old balance is not a refusal of the new one. */
	put(1, 21);
	assert_true(settle_all(pg, &c, PUSH_REJECT, 0));
	assert_int_equal(count("rejected_at IS NULL AND tries = 0"), 1);
}

static void
test_retry(void **state)
{
	struct outbox_claim c;

	(void)state;
	add_member(1);
	put(1, 10);
	assert_true(claim(pg, &c));
	assert_int_equal(c.row_tries[0], 0);
	assert_true(settle_all(pg, &c, PUSH_RETRY, 60000));
	assert_int_equal(count("tries = 1 AND not_before > now() AND"
	                       " last_error = 'not like this ?'"),
	    1);
	assert_false(claim(pg, &c));
	database_run("UPDATE outbox SET not_before = now()");
	assert_true(claim(pg, &c));
	assert_int_equal(c.row_tries[0], 1);
}

static void
test_reject(void **state)
{
	struct outbox_claim c;

	(void)state;
	add_member(1);
	put(1, 10);
	assert_true(claim(pg, &c));
	assert_true(settle_all(pg, &c, PUSH_REJECT, 0));
	assert_int_equal(count("rejected_at IS NOT NULL"), 1);
	assert_false(claim(pg, &c));
	put(1, 11); /* the next balance is sent again */
	assert_true(claim(pg, &c));
}

/* Wakes what waits for store 1 of tenant 1, and returns how many rows. */
static size_t
wake(bool rejected)
{
	const struct outbox_wake w = { 1, 1, rejected };
	struct pg *operator= database_pg("loyald_operator");
	struct err e;
	size_t n;

	must(outbox_wake(operator, & arena, &w, &n, &e), &e);
	pg_free(operator);
	return n;
}

/* Checks that what failed is due at once, and another store's is not. */
static void
test_wake(void **state)
{
	struct outbox_claim c;

	(void)state;
	add_member(1);
	put(1, 10);
	assert_true(claim(pg, &c));
	assert_true(settle_all(pg, &c, PUSH_REJECT, 0));
	add_member(2);
	put(2, 10);
	assert_true(claim(pg, &c));
	assert_true(settle_all(pg, &c, PUSH_RETRY, 60000));
	database_run(
	    "UPDATE outbox SET waits_since = now() - interval '1 day';"
	    "UPDATE push_lease SET not_before = 'infinity', tries = 4;"
	    "INSERT INTO outbox (tenant_id, store_id, member_id,"
	    " customer_id, available, pending, debt, version,"
	    " not_before) VALUES (2, 3, 1, 7, 1, 0, 0, 1, 'infinity');"
	    "INSERT INTO store_app (tenant_id, store_id, app, renew_at, tries)"
	    " VALUES (1, 1, '', 'infinity', 3), (2, 3, '', 'infinity', 3)");
	assert_false(claim(pg, &c));

	/* A new token: member 1 was refused for good, and stays so. */
	assert_int_equal(wake(false), 1);
	assert_true(claim(pg, &c));
	assert_int_equal(c.tries, 0);
	assert_int_equal(c.n, 1);
	assert_int_equal(c.member_ids[0], 2);
	assert_int_equal(c.row_tries[0], 0);
	assert_true(settle_all(pg, &c, PUSH_RETRY, 60000));

	assert_int_equal(wake(true), 2);
	assert_int_equal(count("rejected_at IS NULL AND last_error IS NULL"
	                       " AND tries = 0 AND store_id = 1"),
	    2);
	assert_int_equal(count("member_id = 1 AND store_id = 1"
	                       " AND waits_since > now() - interval '1 hour'"),
	    1);
	assert_int_equal(database_number("SELECT store_id FROM store_app"
	                                 " WHERE renew_at < now()"),
	    1);
	assert_true(claim(pg, &c));
	assert_int_equal(c.n, 2);
	assert_false(claim(pg, &c));
	assert_int_equal(wake(true), 0);
}

/* ---- tags of tiers --------------------------------------------------------- */

static const struct membership club = { .id = "club" };
static const struct program tiers = {
	.zone = &zone_utc,
	.memberships = &club,
	.nmemberships = 1,
	.tiers = { .nlevels = 2,
	    .levels = { { .id = "silver" }, { .id = "gold" } } },
};
static const struct program_version version = {
	.tenant_id = 1, .store_id = 2, .version_id = 1, .program = &tiers
};

/* Claims store 2, of Shopify, which has a program with tiers. */
static bool
claim_tagged(struct outbox_claim *c)
{
	const struct world w = { .pg = pg,
		.arena = &arena,
		.programs = &version,
		.nprograms = 1,
		.now = clock_now() };
	struct err e;
	bool found;

	must(outbox_claim(&w, LEASE_MS, c, &found, &e), &e);
	return found;
}

/* Has balances of members 1 to n, who have this tier, wait for store 2. */
static void
put_tagged(int n, const char *tier)
{
	database_run(
	    "INSERT INTO balance (tenant_id, member_id)"
	    " SELECT 1, i FROM generate_series(1, %d) i ON CONFLICT DO NOTHING;"
	    "INSERT INTO member_state (tenant_id, member_id)"
	    " SELECT 1, i FROM generate_series(1, %d) i ON CONFLICT DO NOTHING;"
	    "UPDATE member_state SET tier = %s;"
	    "INSERT INTO outbox (tenant_id, store_id, member_id, customer_id,"
	    " available, pending, debt, version) SELECT 1, 2, i, 100 + i, 1, 0, 0,"
	    " 1 FROM generate_series(1, %d) i",
	    n, n, tier, n);
}

/* Settles an answer that took all balances; `tagged`: and changed the tags. */
static void
settle_tagged(const struct outbox_claim *c, bool tagged, int64_t doubt_ms)
{
	struct push_answer answer = { .all = PUSH_DONE, .defined = true };
	const struct outbox_result r = { .answer = &answer,
		.doubt_ms = doubt_ms };

	for (size_t i = 0; i < c->n; i++) {
		answer.items[i] = doubt_ms > 0 ? PUSH_RETRY : PUSH_DONE;
		answer.tagged[i] = tagged && push_item_has_tags(&c->items[i]);
	}
	assert_true(settle(pg, c, &r));
}

static int64_t
tags(const char *where)
{
	return database_number("SELECT count(*) FROM push_tag WHERE %s", where);
}

static void
test_tags(void **state)
{
	struct outbox_claim c;

	(void)state;
	put_tagged(7, "'gold'");
	assert_true(claim_tagged(&c));
	assert_true(c.define);
	assert_int_equal(c.n, PUSH_TAGGED_MAX);
	assert_string_equal(c.items[0].tags.list[0], "loyalty-tier:gold");
	assert_int_equal(c.items[0].tags_on.n, 1);
	assert_int_equal(c.items[0].tags_off.n, 0);
	/* The tags are written down before the call. */
	assert_int_equal(tags("NOT is_set AND tag = 'loyalty-tier:gold'"), 5);
	settle_tagged(&c, true, 0);
	assert_int_equal(tags("is_set"), 5);
	assert_true(claim_tagged(&c));
	assert_false(c.define);
	assert_int_equal(c.n, 2);
	settle_tagged(&c, false, 0); /* the shop left the tags as they were */
	assert_int_equal(tags("is_set"), 5);
	assert_false(claim_tagged(&c));

	/* Tags that are there are not set again; the two are. */
	put_tagged(7, "'gold'");
	assert_true(claim_tagged(&c));
	assert_int_equal(c.n, 7);
	for (size_t i = 0; i < 7; i++)
		assert_int_equal(
		    push_item_has_tags(&c.items[i]), i >= PUSH_TAGGED_MAX);
	settle_tagged(&c, true, 0);
	assert_int_equal(tags("is_set"), 7);
}

/* A call that was given up may still set a tag. */
static void
test_tags_in_doubt(void **state)
{
	struct outbox_claim c;

	(void)state;
	put_tagged(1, "'silver'");
	assert_true(claim_tagged(&c));
	settle_tagged(&c, false, 60000);
	database_run("UPDATE member_state SET tier = 'gold';"
	             "UPDATE outbox SET not_before = now()");
	assert_true(claim_tagged(&c));
	assert_true(c.doubtful[0]);
	assert_string_equal(c.items[0].tags.list[0], "loyalty-tier:gold");
	assert_int_equal(c.items[0].tags_on.n, 1);
	assert_int_equal(c.items[0].tags_off.n, 2);
	assert_string_equal(c.items[0].tags_off.list[0], "loyalty-tier:silver");
	settle_tagged(&c, true, 0);
	assert_int_equal(tags("NOT is_set"), 2);

	/* Once it can no longer arrive, all is set once more, and settled. */
	database_run(
	    "UPDATE outbox SET not_before = now(), doubt_until = now()");
	assert_true(claim_tagged(&c));
	assert_int_equal(c.items[0].tags_on.n, 1);
	assert_int_equal(c.items[0].tags_off.n, 2);
	settle_tagged(&c, true, 0);
	assert_int_equal(tags("is_set AND tag = 'loyalty-tier:gold'"), 1);
	assert_int_equal(tags("true"), 1);

	/* A member of a club has a tag of that, too. */
	put_tagged(1, "'gold', memberships = '{\"club\": {\"active\": true}}'");
	assert_true(claim_tagged(&c));
	assert_int_equal(c.items[0].tags.n, 2);
	assert_int_equal(c.items[0].tags_on.n, 1);
	assert_string_equal(c.items[0].tags_on.list[0], "loyalty-member:club");
	settle_tagged(&c, true, 0);
	assert_int_equal(tags("is_set"), 2);
	put_tagged(1, "'gold'");
	assert_true(claim_tagged(&c));
	assert_int_equal(c.items[0].tags_on.n, 0);
	settle_tagged(&c, true, 0);

	/* Without a tier the customer loses the tags of all tiers. */
	put_tagged(1, "NULL, memberships = '{}'");
	assert_true(claim_tagged(&c));
	assert_int_equal(c.items[0].tags.n, 0);
	assert_int_equal(c.items[0].tags_off.n, 3);
	settle_tagged(&c, true, 0);
	assert_int_equal(tags("true"), 0);
}

static void
test_failed_call(void **state)
{
	struct outbox_claim c;

	(void)state;
	add_member(1);
	add_member(2);
	put(1, 10);
	put(2, 10);
	assert_true(claim(pg, &c));
	assert_int_equal(c.tries, 0);
	assert_true(settle_failed(pg, &c, 60000));
	assert_int_equal(count("tries = 0 AND not_before <= now()"), 2);
	assert_false(claim(pg, &c));
	assert_int_equal(
	    database_number("SELECT count(*) FROM push_lease WHERE tries = 1 "
	                    "AND last_error = 'no answer'"),
	    1);
	/* After each failure half as many rows are sent, so that in the end the
	 * row that makes the call fail is alone. */
	database_run("UPDATE push_lease SET not_before = now(), tries = 7"
	             " WHERE store_id = 1");
	assert_true(claim(pg, &c));
	assert_int_equal(c.tries, 7);
	assert_int_equal(c.n, 1);
	assert_true(settle_failed(pg, &c, 0));
	assert_int_equal(count("tries = 1"), 1);
	assert_true(claim(pg, &c));
	assert_true(settle_all(pg, &c, PUSH_DONE, 0));
	assert_int_equal(
	    database_number("SELECT count(*) FROM push_lease WHERE tries = 0 "
	                    "AND last_error IS NULL"),
	    3);
}

/* Checks that a process which has lost its lease changes nothing any more. */
static void
test_lost_lease(void **state)
{
	struct outbox_claim slow, c;

	(void)state;
	add_member(1);
	put(1, 10);
	assert_true(claim(pg, &slow));
	database_run("UPDATE push_lease SET leased_until = now()"
	             " WHERE store_id = 1");
	assert_true(claim(other, &c));
	assert_false(settle_all(pg, &slow, PUSH_DONE, 0));
	assert_int_equal(count("true"), 1);
	assert_false(claim(pg, &slow)); /* the other process still has it */
	assert_true(settle_all(other, &c, PUSH_DONE, 0));
	assert_int_equal(count("true"), 0);
}

/* Checks that, after a call was given up, a row is sent once more later: the
 * first call may still arrive late, with an older balance. */
static void
test_doubt(void **state)
{
	struct push_answer answer = { .all = PUSH_RETRY };
	struct outbox_result r = {
		.answer = &answer, .doubt_ms = 60000, .why = "given up"
	};
	struct outbox_claim c;

	(void)state;
	add_member(1);
	add_member(2);
	put(1, 10);
	put(2, 20);
	assert_true(claim(pg, &c));
	assert_false(c.doubtful[0] || c.doubtful[1]);
	for (size_t i = 0; i < c.n; i++)
		answer.items[i] = PUSH_RETRY;
	assert_true(settle(pg, &c, &r));
	put(1, 11); /* the row stays doubtful */

	/* Each of the two calls carries half of the rows that are due. */
	for (int i = 0; i < 2; i++) {
		assert_true(claim(pg, &c));
		for (size_t j = 0; j < c.n; j++)
			assert_true(c.doubtful[j]);
		assert_true(settle_all(pg, &c, PUSH_DONE, 0));
		if (count("not_before > now() + interval '50 s'") == 2)
			break;
	}
	assert_int_equal(count("not_before = doubt_until"), 2);
	assert_false(claim(pg, &c));

	database_run("UPDATE outbox SET doubt_until = now(),"
	             " not_before = now()");
	assert_true(claim(pg, &c));
	assert_int_equal(c.n, 2);
	assert_false(c.doubtful[0] || c.doubtful[1]);
	assert_true(settle_all(pg, &c, PUSH_DONE, 0));
	assert_int_equal(count("true"), 0);
}

/* Checks that members whose balances change all the time do not keep other
 * members waiting. */
static void
test_turns(void **state)
{
	struct outbox_claim c;
	bool seen[301] = { false };

	(void)state;
	database_run("INSERT INTO outbox (tenant_id, store_id, member_id,"
	             " customer_id, available, pending, debt, version)"
	             " SELECT 1, 1, i, i, i, 0, 0, 1"
	             " FROM generate_series(1, 300) AS i");
	for (int turn = 0; turn < 3; turn++) {
		assert_true(claim(pg, &c));
		assert_int_equal(c.n, 100);
		for (size_t i = 0; i < c.n; i++)
			seen[c.member_ids[i]] = true;
		/* All rows change again immediately. */
		database_run("UPDATE outbox SET version = version + 1");
		assert_true(settle_all(pg, &c, PUSH_DONE, 0));
	}
	for (int i = 1; i <= 300; i++)
		assert_true(seen[i]);
	assert_int_equal(count("true"), 300);
}

static void
test_stores_that_cannot_be_pushed_to(void **state)
{
	struct outbox_claim c;
	int64_t rows, wait_ms;
	struct err e;

	(void)state;
	add_member(1);
	put(1, 10);
	database_run("UPDATE store SET api_url = NULL WHERE store_id = 1");
	assert_false(claim(pg, &c));
	must(outbox_due(pg, &rows, &wait_ms, &e), &e);
	assert_int_equal(rows, 0);
	database_run("UPDATE store SET api_url = 'http://a',"
	             " disabled_at = now() WHERE store_id = 1");
	assert_false(claim(pg, &c));
	must(outbox_due(pg, &rows, &wait_ms, &e), &e);
	assert_int_equal(rows, 0);
	database_run("UPDATE store SET disabled_at = NULL");
	assert_true(claim(pg, &c));
}

static void
test_due(void **state)
{
	int64_t rows, wait_ms;
	struct outbox_claim c;
	struct err e;

	(void)state;
	must(outbox_due(pg, &rows, &wait_ms, &e), &e);
	assert_int_equal(rows, 0);
	add_member(1);
	add_member(2);
	put(1, 10);
	put(2, 10);
	must(outbox_due(pg, &rows, &wait_ms, &e), &e);
	assert_int_equal(rows, 2);
	assert_int_equal(wait_ms, 0);
	assert_true(claim(pg, &c));
	must(outbox_due(pg, &rows, &wait_ms, &e), &e);
	assert_int_equal(rows, 2);
	assert_in_range(wait_ms, LEASE_MS - 5000, LEASE_MS);
	assert_true(settle_all(pg, &c, PUSH_RETRY, 20000));
	must(outbox_due(pg, &rows, &wait_ms, &e), &e);
	assert_in_range(wait_ms, 15000, 20000);
	database_run("UPDATE outbox SET rejected_at = now()");
	must(outbox_due(pg, &rows, &wait_ms, &e), &e);
	assert_int_equal(rows, 0);
}

static void
assert_size(int64_t rows, int64_t oldest_s)
{
	int64_t n, s;
	struct err e;

	must(outbox_size(pg, &arena, &n, &s, &e), &e);
	assert_int_equal(n, rows);
	/* The bounds are wide, since the database's clock goes on during the
	 * test. */
	assert_in_range(s, oldest_s, oldest_s + 600);
}

static void
assert_empty(void)
{
	int64_t n, s;
	struct err e;

	must(outbox_size(pg, &arena, &n, &s, &e), &e);
	assert_int_equal(n, 0);
	assert_int_equal(s, 0);
}

/* Checks since when a row waits: since the first balance that the shop did not
 * get, even if a newer balance has replaced it.  A balance that the shop
 * refused does not count. */
static void
test_size(void **state)
{
	struct outbox_claim c;

	(void)state;
	assert_empty();
	add_member(1);
	add_member(2);
	put(1, 10);
	put(2, 10);
	assert_size(2, 0);
	database_run("UPDATE outbox SET waits_since = now() - interval '2 h'"
	             " WHERE member_id = 1");
	put(1, 11);
	assert_size(2, 7200);
	assert_true(claim(pg, &c));
	assert_true(settle_failed(pg, &c, 0));
	assert_size(2, 7200);
	database_run("UPDATE outbox SET rejected_at = now()"
	             " WHERE member_id = 1");
	assert_size(1, 0);
	put(1, 12);
	assert_size(2, 0);
	database_run("UPDATE store SET disabled_at = now() WHERE store_id = 1");
	assert_empty();
	database_run("UPDATE store SET disabled_at = NULL, api_url = NULL"
	             " WHERE store_id = 1");
	assert_empty();
	database_run("UPDATE store SET api_url = 'http://a'");
	while (claim(pg, &c))
		assert_true(settle_all(pg, &c, PUSH_DONE, 0));
	assert_empty();
}

/* Checks that no more than OUTBOX_SIZE_MAX rows are counted, of all stores
 * together. */
static void
test_size_is_bounded(void **state)
{
	(void)state;
	database_run(
	    "INSERT INTO outbox (tenant_id, store_id, member_id, customer_id,"
	    " available, pending, debt, version)"
	    " SELECT 1, 1 + i %% 2, i, i, 1, 0, 0, 1"
	    " FROM generate_series(1, 100007) i");
	assert_size(OUTBOX_SIZE_MAX, 0);
}

/* Checks that pushed_at is set only when the shop took a balance, and not by a
 * failed call or a refused balance. */
static void
test_pushed_at(void **state)
{
	static const char pushed
	    [] = "SELECT count(*) FROM push_lease WHERE pushed_at IS NOT NULL";
	struct outbox_claim c;

	(void)state;
	add_member(1);
	add_member(2);
	put(1, 10);
	put(2, 10);
	assert_true(claim(pg, &c));
	assert_true(settle_failed(pg, &c, 0));
	assert_int_equal(database_number("%s", pushed), 0);
	assert_true(claim(pg, &c));
	assert_true(settle_all(pg, &c, PUSH_REJECT, 0));
	assert_int_equal(database_number("%s", pushed), 0);
	put(2, 10);
	database_run("UPDATE outbox SET rejected_at = NULL");
	assert_true(claim(pg, &c));
	assert_true(settle_all(pg, &c, PUSH_DONE, 0));
	assert_int_equal(database_number("%s", pushed), 1);
	assert_int_equal(
	    database_number("SELECT store_id FROM push_lease"
	                    " WHERE pushed_at >= now() - interval '10 min'"),
	    1);
}

static int
setup_group(void **state)
{
	(void)state;
	(void)database_new();
	pg = database_pg("loyald_push");
	other = database_pg("loyald_push");
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

#define TEST(f) cmocka_unit_test_setup(f, setup)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_newest_balance_only),
		TEST(test_every_store_that_knows_the_member),
		TEST(test_same_balance_again_changes_nothing),
		TEST(test_one_call_per_store),
		TEST(test_claims_do_not_wait),
		TEST(test_newer_one_stays),
		TEST(test_retry),
		TEST(test_reject),
		TEST(test_wake),
		TEST(test_tags),
		TEST(test_tags_in_doubt),
		TEST(test_failed_call),
		TEST(test_lost_lease),
		TEST(test_doubt),
		TEST(test_turns),
		TEST(test_stores_that_cannot_be_pushed_to),
		TEST(test_due),
		TEST(test_size),
		TEST(test_size_is_bounded),
		TEST(test_pushed_at),
	};

	return cmocka_run_group_tests(tests, setup_group, teardown_group);
}
