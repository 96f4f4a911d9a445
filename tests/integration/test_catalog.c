/* SPDX-License-Identifier: MIT */
/* Checks that a catalog loads what has changed in the database, and nothing
 * else: what stays is where it was in memory. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../support/database.h"
#include "../support/test.h"
#include "base/cc.h"
#include "ledger/catalog.h"

#define PROGRAM(per)                                                \
	"{\"name\":\"points\",\"rules\":[{\"id\":\"order\",\"on\":" \
	"\"order\",\"give\":{\"points\":1,\"per\":\"" per "\"}}]}"

enum {
	STORES = 5,
	MANY = 2000, /* changes, in all more than a catalog keeps */
};

static struct pg *pg;
static struct arena arena;
static const struct master_key key = { .bytes = { 1, 2, 3 } };
static int64_t ids[STORES]; /* the stores' numbers */
static int64_t tenants[STORES];

static struct catalog catalog;

static void
add(size_t i)
{
	struct store s = {
		.platform = PLATFORM_WOOCOMMERCE,
		.domain = arena_printf(&arena, "shop%zu.example", i),
		.currency = "EUR",
		.timezone = "Europe/Berlin",
		.webhook_token = arena_printf(&arena, "token%zu", i),
		.secrets = { STR("s3cret") },
		.api_url = "https://shop.example/wp-json",
		.api_token = STR("ck:cs"),
	};
	struct err e;

	must(store_add(pg, &arena, &key, &s, str_of(PROGRAM("1")), &e), &e);
	ids[i] = s.store_id;
	tenants[i] = s.tenant_id;
}

static void
renew(void)
{
	bool renewed;
	struct err e;

	catalog_forget(&catalog);
	must(catalog_renew(&catalog, &renewed, &e), &e);
	assert_true(renewed);
}

/* The store with number ids[i]. */
static const struct store *
store(size_t i)
{
	return stores_find(catalog.stores, catalog.nstores, ids[i]);
}

/* The first version of that store's program. */
static const struct program *
program(size_t i)
{
	const struct program_version *v = programs_find(
	    catalog.programs, catalog.nprograms, ids[i], 1, 0);

	return v == NULL ? NULL : v->program;
}

/* Where a store's text and program are in memory. */
struct place {
	const char *domain, *secret;
	const struct program *program;
};

static struct place
place(size_t i)
{
	const struct store *s = store(i);

	return s == NULL ? (struct place){ 0 }
	                 : (struct place){ s->domain, s->secrets[0].data,
		                   program(i) };
}

/* ---- one change ---------------------------------------------------------- */

static bool
has_rotated(const struct store *s)
{
	return str_eq(s->secrets[0], STR("another")) &&
	       str_eq(s->secrets[1], STR("s3cret")) && s->has_previous;
}

static void
rotate(int64_t id)
{
	bool changed;
	struct err e;

	must(store_rotate(pg, &arena, &key,
	         &(struct store_secret){ id, STR("another") }, &changed, &e),
	    &e);
}

static void
disable(int64_t id)
{
	bool changed;
	struct err e;

	must(store_disable(pg, &arena, id, true, &changed, &e), &e);
}

static bool
is_disabled(const struct store *s)
{
	return s->disabled;
}

static void
change(int64_t id, struct store_changes c)
{
	struct err e;

	must(store_change(pg, &arena, &key, id, &c, &e), &e);
}

static void
move_zone(int64_t id)
{
	change(id, (struct store_changes){ .timezone = "Asia/Tokyo" });
}

static bool
has_moved(const struct store *s)
{
	const struct program *p = program(0);

	return strcmp(s->timezone, "Asia/Tokyo") == 0 &&
	       strcmp(p->zone->name, "Asia/Tokyo") == 0;
}

static void
tell_number(int64_t id)
{
	database_run("UPDATE store SET api_shop_id = 7 WHERE store_id = %lld",
	    (long long)id);
}

static bool
has_number(const struct store *s)
{
	return s->api_shop_id == 7 && s->shop_id == 7;
}

static void
change_token(int64_t id)
{
	change(id, (struct store_changes){ .api_token = STR("ck2:cs2") });
}

static bool
has_token(const struct store *s)
{
	return str_eq(s->api_token, STR("ck2:cs2"));
}

static void
publish(int64_t id)
{
	change(
	    id, (struct store_changes){ .program_file = str_of(PROGRAM("2")) });
}

static bool
has_published(const struct store *s)
{
	const struct program_version *v = programs_find(
	    catalog.programs, catalog.nprograms, s->store_id, 0, INT64_MAX);

	return v->version_id == 2 && v->program->rules[0].per == 200 &&
	       program(0)->rules[0].per == 100;
}

/* Nobody does this, but whoever did saw it take effect. */
static void
edit_program(int64_t id)
{
	database_run("UPDATE program_version SET file = '%s'"
	             " WHERE store_id = %lld",
	    PROGRAM("3"), (long long)id);
}

static bool
is_edited(const struct store *s)
{
	return s != NULL && program(0)->rules[0].per == 300;
}

static void
remove_store(int64_t id)
{
	database_run("DELETE FROM program_version WHERE store_id = %lld;"
	             "DELETE FROM push_lease WHERE store_id = %lld;"
	             "DELETE FROM store WHERE store_id = %lld",
	    (long long)id, (long long)id, (long long)id);
}

static bool
is_removed(const struct store *s)
{
	return s == NULL && program(0) == NULL &&
	       catalog.nstores == STORES - 1 && catalog.nprograms == STORES - 1;
}

/* Checks that each change of the first store is seen, that the store is then in
 * another place if its row has changed, its program in another if that depends
 * on the change, and that all else is where it was. */
static void
test_changes(void **state)
{
	static const struct {
		const char *what;
		void (*make)(int64_t store_id);
		bool (*is_seen)(const struct store *);
		bool moves_store, moves_program;
	} cases[] = {
		{ "nothing", NULL, NULL, false, false },
		{ "a secret", rotate, has_rotated, true, false },
		{ "a token", change_token, has_token, true, false },
		{ "the platform's number", tell_number, has_number, true,
		    false },
		{ "a time zone", move_zone, has_moved, true, true },
		{ "disabled", disable, is_disabled, true, false },
		{ "a new program", publish, has_published, true, false },
		{ "another file", edit_program, is_edited, false, true },
		{ "deleted", remove_store, is_removed, true, true },
	};

	(void)state;
	for (size_t i = 0; i < NITEMS(cases); i++) {
		struct place was[STORES], now;
		int64_t changes;

		renew();
		changes = catalog.changes;
		for (size_t k = 0; k < STORES; k++)
			was[k] = place(k);
		if (cases[i].make != NULL)
			cases[i].make(ids[0]);
		renew();
		print_message("%s\n", cases[i].what);
		assert_int_equal(
		    catalog.changes, changes + (cases[i].make != NULL));
		if (cases[i].is_seen != NULL)
			assert_true(cases[i].is_seen(store(0)));
		now = place(0);
		assert_int_equal(
		    now.domain != was[0].domain, cases[i].moves_store);
		assert_int_equal(
		    now.secret != was[0].secret, cases[i].moves_store);
		assert_int_equal(
		    now.program != was[0].program, cases[i].moves_program);
		for (size_t k = 1; k < STORES; k++) {
			now = place(k);
			assert_memory_equal(&now, &was[k], sizeof(now));
		}
	}
	add(0);
	renew();
	assert_int_equal(catalog.nstores, STORES);
	assert_non_null(program(0));
}

/* Checks that a tenant's first store hears of the second, and of its end, though
 * its own row stays as it is. */
static void
test_shares(void **state)
{
	struct store s = { .tenant_id = tenants[1],
		.platform = PLATFORM_WOOCOMMERCE,
		.domain = "second.example",
		.currency = "EUR",
		.timezone = "UTC",
		.webhook_token = "second",
		.secrets = { STR("s3cret") } };
	struct err e;

	(void)state;
	renew();
	assert_false(store(1)->shares);
	must(store_add(pg, &arena, &key, &s, str_of(PROGRAM("1")), &e), &e);
	renew();
	assert_true(store(1)->shares);
	assert_true(
	    stores_find(catalog.stores, catalog.nstores, s.store_id)->shares);
	assert_false(store(2)->shares);
	remove_store(s.store_id);
	renew();
	assert_false(store(1)->shares);
}

/* Checks that versions with equal files share a program, but not with another
 * file's, or with those of a store of another zone or currency. */
static void
test_equal_programs(void **state)
{
	(void)state;
	change(ids[3], (struct store_changes){ .timezone = "America/Lima" });
	database_run("UPDATE store SET currency = 'SEK' WHERE store_id = %lld",
	    (long long)ids[4]);
	publish(ids[2]);
	renew();
	assert_string_equal(program(4)->currency, "SEK");
	catalog_fini(&catalog);
	catalog_init(&catalog, pg, &key);
	catalog.has_programs = true;
	renew();
	assert_ptr_equal(program(1), program(2));
	assert_true(has_published(store(2)));
	assert_ptr_equal(program(1)->zone, program(4)->zone);
	assert_string_equal(program(3)->zone->name, "America/Lima");
	assert_string_equal(program(4)->currency, "SEK");
}

/* Checks that what many changes leave behind is forgotten, and the lists are
 * right all the same. */
static void
test_many_changes(void **state)
{
	size_t least;

	(void)state;
	renew();
	least = arena_size(&catalog.kept);
	for (int i = 0; i < MANY; i++) {
		database_run("UPDATE store SET brand = '%0*d'"
		             " WHERE store_id = %lld",
		    500, i, (long long)ids[i % STORES]);
		renew();
		assert_int_equal(atoi(store((size_t)i % STORES)->brand), i);
		assert_int_equal(program(0)->rules[0].per, 100);
		assert_true(arena_size(&catalog.kept) < 3 * least + 500000);
	}
}

/* Spoils what is in memory of a store and its program.  The marks are gone when
 * both have been loaded again. */
static void
mark(void)
{
	*(char *)(uintptr_t)store(1)->domain = '!';
	((struct program *)(uintptr_t)program(1))->pending_days = 99;
}

static bool
is_marked(void)
{
	bool is = store(1)->domain[0] == '!';

	assert_int_equal(program(1)->pending_days, is ? 99 : 0);
	return is;
}

/* Checks that nothing is taken over from another connection, since its database
 * may be another one, and that the catalog itself notices the connection. */
static void
test_another_connection(void **state)
{
	bool renewed;
	struct err e;

	(void)state;
	renew();
	mark();
	renew();
	assert_true(is_marked());
	must(pg_script(pg, "SET application_name = 'lost'", &e), &e);
	database_run("SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
	             "WHERE application_name = 'lost'");
	assert_int_equal(pg_script(pg, "SELECT 1", &e), -1);
	must(pg_script(pg, "SELECT 1", &e), &e);
	must(catalog_renew(&catalog, &renewed, &e), &e);
	assert_true(renewed);
	assert_false(is_marked());
	assert_string_equal(store(1)->domain, "shop1.example");
}

/* Checks that the lists are empty after a load that fails in the middle, and
 * whole after the next load. */
static void
test_failure(void **state)
{
	bool renewed;
	int64_t changes;
	struct err e;

	(void)state;
	renew();
	changes = catalog.changes;
	disable(ids[2]);
	database_run("ALTER TABLE program_version RENAME TO gone");
	catalog_forget(&catalog);
	assert_int_equal(catalog_renew(&catalog, &renewed, &e), -1);
	assert_int_equal(catalog.nstores + catalog.nprograms, 0);
	assert_true(catalog_is_due(&catalog));
	database_run("ALTER TABLE gone RENAME TO program_version");
	must(catalog_renew(&catalog, &renewed, &e), &e);
	assert_true(renewed);
	assert_true(catalog.changes > changes);
	assert_true(store(2)->disabled);
	assert_non_null(program(2));
	assert_false(catalog_is_due(&catalog));
}

/* Checks that programs follow when the machine's zone files change. */
static void
test_zone_files(void **state)
{
	(void)state;
	renew();
	mark();
	/* As if the file had been an earlier one. */
	((struct known_zone *)(uintptr_t)catalog.zones.first)->file_at--;
	renew();
	assert_false(is_marked());
	mark();
	renew();
	assert_true(is_marked());
}

static int
setup(void **state)
{
	(void)state;
	(void)database_new();
	pg = database_pg("loyald_operator");
	arena_init(&arena);
	for (size_t i = 0; i < STORES; i++)
		add(i);
	catalog_init(&catalog, pg, &key);
	catalog.has_programs = true;
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	catalog_fini(&catalog);
	pg_free(pg);
	arena_fini(&arena);
	database_drop();
	return 0;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_changes),
		cmocka_unit_test(test_shares),
		cmocka_unit_test(test_equal_programs),
		cmocka_unit_test(test_many_changes),
		cmocka_unit_test(test_another_connection),
		cmocka_unit_test(test_failure),
		cmocka_unit_test(test_zone_files),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
