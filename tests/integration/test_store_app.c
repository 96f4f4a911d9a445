/* SPDX-License-Identifier: MIT */
/* Checks which store's app is asked for a token, what the answer changes, and what
 * follows when a shop refuses a token. */
#include <stdio.h>
#include <string.h>

#include "../support/database.h"
#include "../support/test.h"
#include "ledger/outbox.h"
#include "ledger/store_app.h"
#include "ledger/stores.h"

#define PROGRAM                                                               \
	"{\"name\":\"points\",\"rules\":[{\"id\":\"order\",\"on\":\"order\"," \
	"\"give\":{\"points\":1,\"per\":\"1\"}}]}"
#define API "https://shop.example"

enum {
	RENEW_MS = 18 * 3600 * 1000
};

static struct pg *pg, *push;
static struct arena arena;
static const struct master_key key = { .bytes = { 1, 2, 3 } };

/* Makes the one store that there is, with an app and a token. */
static int64_t
store_new(void)
{
	struct store s = {
		.platform = PLATFORM_SHOPIFY,
		.domain = "shop.example",
		.currency = "EUR",
		.timezone = "Europe/Berlin",
		.webhook_token = "token",
		.secrets = { STR("secret") },
		.api_url = API,
		.api_token = STR("shpat_old"),
		.app = { .text = STR("app:s3cret"), .renew_ms = RENEW_MS },
	};
	struct err e;

	database_run("TRUNCATE tenant, store, outbox, push_lease, store_app,"
	             " program_version CASCADE");
	must(store_add(pg, &arena, &key, &s, STR(PROGRAM), &e), &e);
	return s.store_id;
}

static struct store *
load(void)
{
	struct store *list;
	struct err e;
	size_t n;

	must(stores_load(pg, &arena, &key, &list, &n, &e), &e);
	assert_int_equal(n, 1);
	return list;
}

static struct token_used
used(void)
{
	const struct store *s = load();

	return (struct token_used){ s->tenant_id, s->store_id, s->row_version };
}

/* ---- a token is refused -------------------------------------------------- */

static bool
is_replaced(const struct token_used *u)
{
	bool replaced;
	struct err e;

	must(app_refused(push, &arena, u, &replaced, &e), &e);
	return replaced;
}

/* Checks when a token that is refused is renewed: unless the one of now came within
 * ten minutes, or the app has got none since. */
static void
test_refused(void **state)
{
	static const struct {
		const char *what, *set;
		bool due;
	} cases[] = {
		{ "the first", "got_at = '-infinity'", true },
		{ "an old one", "got_at = now() - interval '601 s'", true },
		{ "a new one", "got_at = now() - interval '540 s'", false },
		{ "of an app that failed", "got_at = '-infinity', tries = 1",
		    false },
		{ "of one that is due already",
		    "got_at = '-infinity', renew_at = '-infinity'", true },
	};

	(void)state;
	for (size_t i = 0; i < NITEMS(cases); i++) {
		struct token_used u;

		(void)store_new();
		database_run("UPDATE store_app SET %s", cases[i].set);
		database_run("UPDATE push_lease SET not_before = 'infinity'");
		u = used();
		assert_false(is_replaced(&u));
		if (database_number("SELECT count(*) FROM store_app"
		                    " WHERE renew_at <= now()") != cases[i].due)
			fail_msg("%s", cases[i].what);
		assert_int_equal(
		    database_number("SELECT count(*) FROM push_lease"
		                    " WHERE not_before = 'infinity'"),
		    1);
	}
}

/* Checks that what waits since a token was refused is due at once if the store has
 * another one by then, which is not renewed. */
static void
test_refused_after_another(void **state)
{
	struct token_used u;

	(void)state;
	(void)store_new();
	u = used();
	database_run("UPDATE store SET api_token = ''");
	database_run("UPDATE push_lease SET not_before = now()"
	             " + interval '60 s', tries = 1, last_error = 'no'");
	database_run("INSERT INTO outbox (tenant_id, store_id, member_id,"
	             " customer_id, available, pending, debt, version,"
	             " not_before, tries) SELECT tenant_id, store_id, 1, 2, 3,"
	             " 0, 0, 1, now() + interval '60 s', 1 FROM store");
	assert_true(is_replaced(&u));
	assert_int_equal(
	    database_number("SELECT count(*) FROM push_lease JOIN outbox"
	                    " USING (tenant_id, store_id)"
	                    " WHERE push_lease.not_before <= now()"
	                    " AND outbox.not_before <= now()"),
	    1);
	assert_int_equal(database_number("SELECT count(*) FROM store_app"
	                                 " WHERE renew_at <= now()"),
	    0);
}

/* ---- a claim ------------------------------------------------------------- */

static bool
claim(struct app_claim *c)
{
	struct err e;

	c->key = &key;
	must(app_claim(push, &arena, 60000, c, &e), &e);
	return c->store_id != 0;
}

/* Ends a claim with a token, and returns whether that was kept. */
static bool
renewed(const struct app_claim *c)
{
	const struct token_answer answer = {
		.token = STR("shpat_new"),
		.app = STR("app:s3cret:shprt_next"),
		.lasts_ms = 4 * 3600 * 1000,
	};
	bool lost;
	struct err e;

	must(app_renewed(push, &arena, c, &answer, &lost, &e), &e);
	return !lost;
}

/* Checks that the next token is due by the database's clock, as claims are: that of
 * an operator's machine may be ahead. */
static void
test_due(void **state)
{
	struct store_changes c = { .app = { .text = STR("app:s3cret") } };
	int64_t store_id;
	struct app_claim claimed;
	struct err e;

	(void)state;
	store_id = store_new();
	assert_in_range(
	    database_number("SELECT extract(epoch FROM renew_at - now())"
	                    "::bigint * 1000 FROM store_app"),
	    RENEW_MS - 60 * 1000, RENEW_MS);
	assert_false(claim(&claimed));
	/* An app without a token is due at once. */
	must(store_change(pg, &arena, &key, store_id, &c, &e), &e);
	assert_true(claim(&claimed));
}

/* Checks that an app comes with the address of its store, and that a token is for
 * that address alone. */
static void
test_address(void **state)
{
	struct app_claim c;

	(void)state;
	(void)store_new();
	assert_false(claim(&c));
	database_run("UPDATE store SET api_url = 'https://b.example'");
	database_run("UPDATE store_app SET renew_at = now()");
	assert_true(claim(&c));
	assert_int_equal(c.platform, PLATFORM_SHOPIFY);
	assert_string_equal(c.api_url, "https://b.example");
	assert_true(str_eq(c.app, STR("app:s3cret")));

	database_run("UPDATE store SET api_url = 'https://c.example'");
	assert_false(renewed(&c));
	assert_true(str_eq(load()->api_token, STR("shpat_old")));
	assert_int_equal(database_number("SELECT count(*) FROM store_app"
	                                 " WHERE got_at = '-infinity'"),
	    1);

	database_run("UPDATE store SET api_url = 'https://b.example'");
	assert_true(renewed(&c));
	assert_true(str_eq(load()->api_token, STR("shpat_new")));
	assert_int_equal(
	    database_number("SELECT count(*) FROM store_app WHERE got_at ="
	                    " renew_at - interval '3 h'"),
	    1);
	assert_false(renewed(&c)); /* the claim has ended */
}

/* Checks that a store that is being changed is not claimed before that has ended. */
static void
test_changed_now(void **state)
{
	struct app_claim c;

	(void)state;
	(void)store_new();
	database_run("UPDATE store_app SET renew_at = now()");
	database_run("BEGIN");
	database_run("UPDATE store SET api_url = 'https://b.example'");
	assert_false(claim(&c));
	database_run("COMMIT");
	assert_true(claim(&c));
	assert_string_equal(c.api_url, "https://b.example");
}

static int
setup_group(void **state)
{
	(void)state;
	(void)database_new();
	pg = database_pg("loyald_operator");
	push = database_pg("loyald_push");
	arena_init(&arena);
	return 0;
}

static int
teardown_group(void **state)
{
	(void)state;
	pg_free(pg);
	pg_free(push);
	arena_fini(&arena);
	database_drop();
	return 0;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_refused_after_another),
		cmocka_unit_test(test_due),
		cmocka_unit_test(test_address),
		cmocka_unit_test(test_changed_now),
	};

	return cmocka_run_group_tests(tests, setup_group, teardown_group);
}
