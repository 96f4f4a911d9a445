/* SPDX-License-Identifier: MIT */
/* Checks stores, their secrets and their programs in a real database. */
#include <stdio.h>
#include <string.h>

#include "../support/database.h"
#include "../support/test.h"
#include "io/clock.h"
#include "ledger/catalog.h"
#include "ledger/key_trial.h"
#include "ledger/stores.h"

#define PROGRAM(per)                                                \
	"{\"name\":\"points\",\"rules\":[{\"id\":\"order\",\"on\":" \
	"\"order\",\"give\":{\"points\":1,\"per\":\"" per "\"}}]}"

static struct pg *pg;
static struct arena arena;
static const struct master_key key = { .bytes = { 1, 2, 3 } };
static const struct master_key other_key = { .bytes = { 3, 2, 1 } };

static int
rotate(int64_t store_id, struct str secret, struct err *e)
{
	bool changed;

	return store_rotate(pg, &arena, &key,
	    &(struct store_secret){ store_id, secret }, &changed, e);
}

static int
able(int64_t store_id, bool disabled, struct err *e)
{
	bool changed;

	return store_disable(pg, &arena, store_id, disabled, &changed, e);
}

static struct store
sample(const char *secret)
{
	static int n;

	return (struct store){
		.platform = PLATFORM_WOOCOMMERCE,
		.domain = arena_printf(&arena, "shop%d.example", ++n),
		.currency = "EUR",
		.timezone = "Europe/Berlin",
		.webhook_token = "token",
		.secrets = { str_of(secret) },
		.api_url = "https://shop.example/wp-json",
		.api_token = STR("ck:cs"),
	};
}

static struct store
add(const char *secret)
{
	struct store s = sample(secret);
	struct err e;

	must(store_add(pg, &arena, &key, &s, str_of(PROGRAM("1")), &e), &e);
	assert_true(s.store_id > 0);
	assert_true(s.tenant_id > 0);
	return s;
}

static const struct store *
get(int64_t store_id, const struct master_key *k)
{
	struct store *list;
	struct err e;
	size_t n;

	must(stores_load(pg, &arena, k, &list, &n, &e), &e);
	return stores_find(list, n, store_id);
}

static void
assert_str(struct str s, const char *text)
{
	assert_true(str_eq(s, str_of(text)));
}

static void
test_what_goes_in_comes_out(void **state)
{
	struct store was = add("s3cret");
	const struct store *s = get(was.store_id, &key);

	(void)state;
	assert_non_null(s);
	assert_int_equal(s->tenant_id, was.tenant_id);
	assert_int_equal(s->platform, PLATFORM_WOOCOMMERCE);
	assert_string_equal(s->domain, was.domain);
	assert_string_equal(s->currency, "EUR");
	assert_string_equal(s->timezone, "Europe/Berlin");
	assert_string_equal(s->webhook_token, "token");
	assert_string_equal(s->api_url, "https://shop.example/wp-json");
	assert_str(s->secrets[0], "s3cret");
	assert_str(s->secrets[1], "");
	assert_str(s->api_token, "ck:cs");
	assert_int_equal(s->shop_id, 0);
	assert_false(s->disabled);
	assert_false(s->has_previous);
	assert_true(s->has_token);

	s = get(was.store_id, NULL); /* no key: secrets stay empty */
	assert_str(s->secrets[0], "");
	assert_str(s->api_token, "");
	assert_true(s->has_token);
}

static void
test_nothing_in_the_open(void **state)
{
	struct store s = add("open-sesame");

	(void)state;
	assert_int_equal(
	    database_number(
	        "SELECT count(*) FROM store WHERE store_id = %lld AND ("
	        "position('open-sesame'::bytea IN secret) > 0 OR "
	        "position('ck:cs'::bytea IN api_token) > 0)",
	        (long long)s.store_id),
	    0);
}

static void
test_another_key_does_not_open(void **state)
{
	struct store s = add("a");
	struct store *list;
	struct key_trial t;
	struct err e;
	size_t n;

	(void)state;
	(void)s;
	must(key_trial_run(pg, &arena, &key, &t, &e), &e);
	assert_true(key_trial_fits(&t));
	assert_in_range(t.stores, 1, SIZE_MAX);
	/* No store has a previous secret. */
	assert_int_equal(t.secrets, t.stores);
	assert_int_equal(t.secrets_open, t.secrets);
	assert_int_equal(t.tokens, t.stores);
	assert_int_equal(t.tokens_open, t.tokens);
	must(key_trial_run(pg, &arena, &other_key, &t, &e), &e);
	assert_false(key_trial_fits(&t));
	assert_int_equal(t.tokens, t.stores);
	assert_int_equal(t.secrets_open + t.tokens_open, 0);
	assert_int_equal(
	    stores_load(pg, &arena, &other_key, &list, &n, &e), -1);
	assert_int_equal(e.fault, FAULT_CONFIG);
	assert_null(strstr(e.msg, "open-sesame"));
}

/* Checks that a sealed secret does not open in another store's row or another
 * column. */
static void
test_secrets_cannot_be_moved(void **state)
{
	struct store a = add("a"), b = add("b");
	struct store *list;
	struct err e;
	size_t n;

	(void)state;
	database_run(
	    "UPDATE store SET secret = (SELECT secret FROM store WHERE "
	    "store_id = %lld) WHERE store_id = %lld",
	    (long long)a.store_id, (long long)b.store_id);
	assert_int_equal(stores_load(pg, &arena, &key, &list, &n, &e), -1);
	assert_int_equal(e.fault, FAULT_CONFIG);

	database_run("DELETE FROM program_version WHERE store_id = %lld;"
	             "DELETE FROM push_lease WHERE store_id = %lld;"
	             "DELETE FROM store WHERE store_id = %lld",
	    (long long)b.store_id, (long long)b.store_id,
	    (long long)b.store_id);
	database_run(
	    "UPDATE store SET secret_previous = secret WHERE store_id = %lld",
	    (long long)a.store_id);
	assert_int_equal(stores_load(pg, &arena, &key, &list, &n, &e), -1);
	database_run(
	    "UPDATE store SET secret_previous = NULL WHERE store_id = %lld",
	    (long long)a.store_id);
	assert_non_null(get(a.store_id, &key));
}

static void
test_tenants_are_shared(void **state)
{
	struct store a = add("a"), b = sample("b"), c = sample("c");
	struct err e;

	(void)state;
	b.tenant_id = a.tenant_id;
	must(store_add(pg, &arena, &key, &b, str_of(PROGRAM("1")), &e), &e);
	assert_int_equal(b.tenant_id, a.tenant_id);
	assert_int_not_equal(b.store_id, a.store_id);

	c.tenant_id = 999999;
	assert_int_equal(
	    store_add(pg, &arena, &key, &c, str_of(PROGRAM("1")), &e), -1);
	assert_int_equal(e.fault, FAULT_REJECT);
}

/* Checks that a refused change leaves nothing behind. */
static void
test_refused(void **state)
{
	int64_t before = database_number("SELECT count(*) FROM tenant");
	struct store s;
	struct err e;

	(void)state;
	s = sample("a");
	s.timezone = "Europe/Nowhere";
	assert_int_equal(
	    store_add(pg, &arena, &key, &s, str_of(PROGRAM("1")), &e), -1);
	assert_int_equal(e.fault, FAULT_REJECT);
	assert_int_equal(s.store_id, 0);

	s = sample("a");
	s.currency = "EUX";
	assert_int_equal(
	    store_add(pg, &arena, &key, &s, str_of(PROGRAM("1")), &e), -1);
	assert_int_equal(e.fault, FAULT_REJECT);

	s = sample("a");
	assert_int_equal(store_add(pg, &arena, &key, &s, STR("{}"), &e), -1);
	assert_int_equal(e.fault, FAULT_REJECT);
	assert_int_equal(
	    database_number("SELECT count(*) FROM tenant"), before);
}

static void
test_change(void **state)
{
	struct store was = add("a");
	struct store_changes some = { .api_token = STR("ck2:cs2"),
		.shop_id = 7 };
	struct store_changes rest = { .domain = "new.example",
		.timezone = "UTC",
		.api_url = "https://new.example" };
	const struct store *s;
	struct err e;

	(void)state;
	must(store_change(pg, &arena, &key, was.store_id, &some, &e), &e);
	s = get(was.store_id, &key);
	assert_string_equal(s->domain, was.domain);
	assert_str(s->api_token, "ck2:cs2");
	assert_str(s->secrets[0], "a");
	assert_int_equal(s->shop_id, 7);

	must(store_change(pg, &arena, &key, was.store_id, &rest, &e), &e);
	s = get(was.store_id, &key);
	assert_string_equal(s->domain, "new.example");
	assert_string_equal(s->timezone, "UTC");
	assert_string_equal(s->api_url, "https://new.example");
	assert_str(s->api_token, "ck2:cs2");

	rest.timezone = "UTC+1 or so";
	assert_int_equal(
	    store_change(pg, &arena, &key, was.store_id, &rest, &e), -1);
	assert_int_equal(e.fault, FAULT_REJECT);
	assert_int_equal(store_change(pg, &arena, &key, 999999, &some, &e), -1);
	assert_int_equal(e.fault, FAULT_REJECT);
}

/* Checks that push sends at once after a change of the store, instead of
 * waiting longer because of an earlier error. */
static void
test_change_is_tried_at_once(void **state)
{
	struct store was = add("a"), other = add("b");
	struct store_changes c = { .api_token = STR("ck2:cs2") };
	struct err e;

	(void)state;
	(void)other;
	database_run(
	    "UPDATE push_lease SET tries = 9, not_before = 'infinity';"
	    "INSERT INTO outbox (tenant_id, store_id, member_id, customer_id,"
	    " available, pending, debt, version, not_before)"
	    " SELECT tenant_id, store_id, 1, 1, 1, 0, 0, 1, 'infinity'"
	    " FROM store");
	must(store_change(pg, &arena, &key, was.store_id, &c, &e), &e);
	assert_int_equal(
	    database_number("SELECT store_id FROM outbox WHERE tries = 0"
	                    " AND not_before < now()"),
	    was.store_id);
	assert_int_equal(
	    database_number("SELECT store_id FROM push_lease WHERE tries = 0"
	                    " AND not_before < now()"),
	    was.store_id);
}

static void
test_rotate(void **state)
{
	struct store was = add("first");
	const struct store *s;
	struct err e;

	(void)state;
	must(rotate(was.store_id, STR("second"), &e), &e);
	s = get(was.store_id, &key);
	assert_str(s->secrets[0], "second");
	assert_str(s->secrets[1], "first");
	assert_true(s->has_previous);

	must(rotate(was.store_id, STR("third"), &e), &e);
	s = get(was.store_id, &key);
	assert_str(s->secrets[0], "third");
	assert_str(s->secrets[1], "second");

	must(rotate(was.store_id, (struct str){ 0 }, &e), &e);
	s = get(was.store_id, &key);
	assert_str(s->secrets[0], "third");
	assert_str(s->secrets[1], "");
	assert_false(s->has_previous);
}

static void
test_disable(void **state)
{
	struct store was = add("a");
	struct err e;

	(void)state;
	must(able(was.store_id, true, &e), &e);
	assert_true(get(was.store_id, &key)->disabled);
	must(able(was.store_id, false, &e), &e);
	assert_false(get(was.store_id, &key)->disabled);
	assert_int_equal(able(999999, true, &e), -1);
	assert_int_equal(e.fault, FAULT_REJECT);
}

/* Checks that one shop cannot be two stores.  A second store is refused with a
 * message that names the first, unless the first is disabled. */
static void
test_one_domain(void **state)
{
	struct store first = add("a"), second = sample("b"), third = add("c");
	struct store_changes c = { .domain = first.domain };
	const char *number = arena_printf(
	    &arena, "store %lld has", (long long)first.store_id);
	struct err e;

	(void)state;
	second.domain = first.domain;
	assert_int_equal(
	    store_add(pg, &arena, &key, &second, str_of(PROGRAM("1")), &e), -1);
	assert_int_equal(e.fault, FAULT_REJECT);
	assert_non_null(strstr(e.msg, number));
	/* The domain may be in capitals, as in older databases. */
	database_run(
	    "UPDATE store SET domain = upper(domain) WHERE store_id = %lld",
	    (long long)first.store_id);
	assert_int_equal(
	    store_add(pg, &arena, &key, &second, str_of(PROGRAM("1")), &e), -1);
	assert_int_equal(
	    store_change(pg, &arena, &key, third.store_id, &c, &e), -1);
	assert_non_null(strstr(e.msg, number));
	assert_string_equal(get(third.store_id, NULL)->domain, third.domain);
	/* The domain may have a trailing dot and a port. */
	database_run(
	    "UPDATE store SET domain = domain || '.:443' WHERE store_id = %lld",
	    (long long)first.store_id);
	assert_int_equal(
	    store_add(pg, &arena, &key, &second, str_of(PROGRAM("1")), &e), -1);
	assert_non_null(strstr(e.msg, number));
	/* The domain of the store itself is accepted. */
	must(store_change(pg, &arena, &key, first.store_id, &c, &e), &e);
	/* A shop of another platform is another shop. */
	second.platform = PLATFORM_SHOPIFY;
	must(
	    store_add(pg, &arena, &key, &second, str_of(PROGRAM("1")), &e), &e);

	second = sample("b");
	second.domain = first.domain;
	must(able(first.store_id, true, &e), &e);
	must(
	    store_add(pg, &arena, &key, &second, str_of(PROGRAM("1")), &e), &e);
	assert_int_equal(able(first.store_id, false, &e), -1);
	assert_int_equal(e.fault, FAULT_REJECT);
	assert_non_null(strstr(e.msg, arena_printf(&arena, "store %lld has",
	                                  (long long)second.store_id)));
	assert_true(get(first.store_id, NULL)->disabled);
	/* A disabled store may have any domain. */
	must(store_change(pg, &arena, &key, first.store_id, &c, &e), &e);
	c.domain = "elsewhere.example";
	must(store_change(pg, &arena, &key, first.store_id, &c, &e), &e);
	must(able(first.store_id, false, &e), &e);
}

/* Checks that an older database in which two stores have one domain still
 * works. */
static void
test_one_domain_twice(void **state)
{
	struct store first = add("a"), second = add("b");
	struct store_changes c = { .timezone = "UTC" };
	struct err e;

	(void)state;
	database_run("UPDATE store SET domain = '%s' WHERE store_id = %lld",
	    first.domain, (long long)second.store_id);
	must(store_change(pg, &arena, &key, second.store_id, &c, &e), &e);
	must(able(second.store_id, false, &e), &e);
	assert_false(get(second.store_id, NULL)->disabled);
}

/* Waits for a notification. */
static bool
is_told(struct pg *ear)
{
	for (int i = 0; i < 200; i++) {
		if (pg_was_notified(ear))
			return true;
		clock_sleep_ms(10);
	}
	return false;
}

static void
test_changes_are_told(void **state)
{
	struct pg *ear = database_pg("loyald_push");
	struct store s;
	struct err e;

	(void)state;
	must(pg_listen(ear, STORES_CHANNEL, &e), &e);
	assert_false(pg_was_notified(ear));
	s = add("a");
	assert_true(is_told(ear));
	must(able(s.store_id, true, &e), &e);
	assert_true(is_told(ear));
	must(rotate(s.store_id, STR("b"), &e), &e);
	assert_true(is_told(ear));
	must(store_change(pg, &arena, &key, s.store_id,
	         &(struct store_changes){ .shop_id = 1 }, &e),
	    &e);
	assert_true(is_told(ear));
	assert_false(pg_was_notified(ear));
	pg_free(ear);
}

/* Waits until the catalog is notified of a change, and lets the catalog read
 * the change. */
static void
hear(struct catalog *c)
{
	bool renewed;
	struct err e;

	for (int i = 0; !catalog_is_due(c); i++) {
		assert_true(i < 200);
		clock_sleep_ms(10);
	}
	must(catalog_renew(c, &renewed, &e), &e);
	assert_true(renewed);
}

/* Ends the connection, as a restart of PostgreSQL does. */
static void
lose(struct pg *ear)
{
	struct err e;

	must(pg_script(ear, "SET application_name = 'lost'", &e), &e);
	database_run("SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
	             "WHERE application_name = 'lost'");
}

static void
catalog_follows(struct catalog *c)
{
	struct store s;
	bool renewed;
	struct err e;

	must(catalog_renew(c, &renewed, &e), &e);
	assert_true(renewed);
	must(catalog_renew(c, &renewed, &e), &e);
	assert_false(renewed);
	s = add("catalog");
	hear(c);
	assert_non_null(stores_find(c->stores, c->nstores, s.store_id));
	must(able(s.store_id, true, &e), &e);
	hear(c);
	assert_true(stores_find(c->stores, c->nstores, s.store_id)->disabled);
	assert_false(catalog_is_due(c));
	catalog_forget(c);
	hear(c);
	/* A notification that is sent while the connection is lost never
	 * arrives. */
	lose(c->pg);
	hear(c);
}

static void
test_catalog(void **state)
{
	struct pg *ear = database_pg("loyald_schedule");
	struct catalog c;

	(void)state;
	catalog_init(&c, ear, NULL);
	c.has_programs = true;
	catalog_follows(&c);
	assert_true(c.nprograms >= c.nstores);
	catalog_fini(&c);

	catalog_init(&c, ear, NULL);
	c.reads = true;
	catalog_follows(&c);
	assert_int_equal(c.nprograms, 0);
	catalog_fini(&c);
	pg_free(ear);
}

static void
publish(int64_t store_id, const char *program)
{
	struct store_changes c = { .program_file = str_of(program) };
	struct err e;

	must(store_change(pg, &arena, &key, store_id, &c, &e), &e);
}

static void
test_programs(void **state)
{
	struct store was = add("a");
	const struct program_version *v;
	struct store *stores;
	size_t nstores;
	struct world w;
	struct err e;

	(void)state;
	publish(was.store_id, PROGRAM("1")); /* the same program again */
	publish(was.store_id, PROGRAM("2"));
	publish(was.store_id, PROGRAM("1"));
	must(stores_load(pg, &arena, NULL, &stores, &nstores, &e), &e);
	w = (struct world){ .pg = pg, .stores = stores, .nstores = nstores };
	must(programs_load(&w, &arena, &e), &e);

	/* The first version is in effect for all time before the second, the
	 * last version from now on. */
	v = programs_find(w.programs, w.nprograms, was.store_id, 0, 1);
	assert_int_equal(v->version_id, 1);
	assert_int_equal(v->effective_from, 0);
	assert_int_equal(v->program->rules[0].per, 100);
	v = programs_find(w.programs, w.nprograms, was.store_id, 0, INT64_MAX);
	assert_int_equal(v->version_id, 3);
	v = programs_find(w.programs, w.nprograms, was.store_id, 2, 1);
	assert_int_equal(v->version_id, 2);
	assert_int_equal(v->program->rules[0].per, 200);
	assert_int_equal(programs_find(w.programs, w.nprograms, was.store_id, 0,
	                     v->effective_from)
	                     ->version_id,
	    2);
	assert_int_equal(programs_find(w.programs, w.nprograms, was.store_id, 0,
	                     v->effective_from - 1)
	                     ->version_id,
	    1);
	assert_null(programs_find(w.programs, w.nprograms, was.store_id, 4, 1));
	assert_null(programs_find(w.programs, w.nprograms, 999999, 0, 1));
}

/* Checks that a published version stays a program of the store even if
 * publishing it now would be refused. */
static void
test_kept(void **state)
{
	struct store was = add("a");
	struct store *stores;
	size_t nstores;
	struct world w;
	struct err e;

	(void)state;
	database_run(
	    "INSERT INTO program_version (tenant_id, store_id, version_id, "
	    "sha256, file, effective_from) VALUES (%lld, %lld, 2, '\\x02', "
	    "'{\"name\":\"x\",\"rules\":[{\"id\":\"a\",\"on\":\"order\","
	    "\"give\":{\"points\":1},\"when\":{\"channel\":[\"pos\"],"
	    "\"not\":{\"channel\":[\"pos\"]}}}]}', now())",
	    (long long)was.tenant_id, (long long)was.store_id);
	must(stores_load(pg, &arena, NULL, &stores, &nstores, &e), &e);
	w = (struct world){ .pg = pg, .stores = stores, .nstores = nstores };
	must(programs_load(&w, &arena, &e), &e);
	assert_int_equal(
	    programs_find(w.programs, w.nprograms, was.store_id, 2, 1)
	        ->program->rules[0]
	        .when.n,
	    2);
}

static void
test_find(void **state)
{
	const struct store list[] = { { .store_id = 2 }, { .store_id = 5 },
		{ .store_id = 9 } };

	(void)state;
	for (int64_t id = 0; id < 12; id++) {
		const struct store *s = stores_find(list, 3, id);

		if (id == 2 || id == 5 || id == 9)
			assert_int_equal(s->store_id, id);
		else
			assert_null(s);
	}
	assert_null(stores_find(NULL, 0, 1));
}

static int
setup(void **state)
{
	(void)state;
	(void)database_new();
	pg = database_pg("loyald_operator");
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

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_find),
		cmocka_unit_test(test_what_goes_in_comes_out),
		cmocka_unit_test(test_nothing_in_the_open),
		cmocka_unit_test(test_another_key_does_not_open),
		cmocka_unit_test(test_secrets_cannot_be_moved),
		cmocka_unit_test(test_tenants_are_shared),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_change),
		cmocka_unit_test(test_change_is_tried_at_once),
		cmocka_unit_test(test_rotate),
		cmocka_unit_test(test_disable),
		cmocka_unit_test(test_one_domain),
		cmocka_unit_test(test_one_domain_twice),
		cmocka_unit_test(test_changes_are_told),
		cmocka_unit_test(test_catalog),
		cmocka_unit_test(test_programs),
		cmocka_unit_test(test_kept),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
