/* SPDX-License-Identifier: MIT */
/* Checks that a child process reads the stores from the database, so that only
 * the child waits if the database hangs. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <event2/event.h>

#include "../../worker/store_watch.h"
#include "../support/database.h"
#include "../support/test.h"
#include "base/cc.h"
#include "base/log.h"
#include "io/child.h"
#include "io/clock.h"
#include "ledger/store_cache.h"
#include "ledger/stores_seal.h"

enum {
	TURN_US = 5000,
	TURNS_MAX = 4000, /* turns of TURN_US each: 20 s */
	MORE_MAX = 3 * 1024 * 1024,
	HEX_MAX = 512,
};

static struct event_base *base;
static const char *dsn;
static char dir[64], path[128];
static struct master_key key;

static void
turn(void)
{
	struct timeval tv = { .tv_usec = TURN_US };

	(void)event_base_loopexit(base, &tv);
	(void)event_base_dispatch(base);
}

static void
await_confirmed(const struct store_watch *w)
{
	for (int i = 0; !store_watch_is_confirmed(w); i++) {
		assert_true(i < TURNS_MAX);
		turn();
	}
}

/* Seals a secret of a store, as hexadecimal digits. */
static void
seal_hex(int id, struct str secret, char hex[HEX_MAX])
{
	struct arena a;
	struct str sealed;

	arena_init(&a);
	sealed = seal(&a, &key, store_seal_name(&a, id, SEAL_SECRET), secret);
	assert_true(2 * sealed.len < HEX_MAX);
	hex_encode((const uint8_t *)sealed.data, sealed.len, hex);
	arena_fini(&a);
}

static void
add(int id)
{
	char hex[HEX_MAX];

	seal_hex(id, STR("secret"), hex);
	database_run("INSERT INTO tenant VALUES (%d) ON CONFLICT DO NOTHING;"
	             "INSERT INTO store (tenant_id, store_id, platform, domain,"
	             " currency, timezone, webhook_token, secret) VALUES"
	             " (%d, %d, 2, 'd%d', 'EUR', 'UTC', 't%d', '\\x%s');"
	             "NOTIFY " STORES_CHANNEL,
	    id, id, id, id, id, hex);
}

static bool
knows(const struct store_watch *w, const char *token)
{
	enum address a;

	return keyring_by_token(store_watch_keyring(w), str_of(token), &a) !=
	       NULL;
}

/* Checks that the stores are known even if their file cannot be written.  Only
 * the next start of the process needs the file. */
static void
test_a_folder_that_cannot_be_written(void **state)
{
	struct store_watch *w = store_watch_new(
	    base, dsn, "/proc/no/folder", &key);

	(void)state;
	assert_null(store_watch_keyring(w));
	assert_false(store_watch_is_confirmed(w));
	await_confirmed(w);
	assert_true(knows(w, "t1"));
	store_watch_free(w);
}

/* Checks that without a database the stores of the file are used, but are not
 * confirmed, since the database may have more stores. */
static void
test_only_the_file(void **state)
{
	struct store_watch *w = store_watch_new(base, dsn, dir, &key);

	(void)state;
	await_confirmed(w);
	store_watch_free(w);
	assert_int_equal(access(path, R_OK), 0);
	w = store_watch_new(base, "host=/nowhere", dir, &key);
	for (int i = 0; i < 40; i++)
		turn();
	assert_true(knows(w, "t1"));
	assert_false(store_watch_is_confirmed(w));
	assert_true(store_watch_age_ms(w) >= 100);
	store_watch_free(w);
}

static void
test_a_store_is_added(void **state)
{
	struct store_watch *w = store_watch_new(base, dsn, dir, &key);

	(void)state;
	await_confirmed(w);
	add(2);
	for (int i = 0; keyring_size(store_watch_keyring(w)) != 2; i++) {
		assert_true(i < TURNS_MAX);
		turn();
	}
	assert_true(store_watch_is_confirmed(w));
	store_watch_free(w);
}

/* ---- changes of store 1 -------------------------------------------------- */

static void
rotate(void)
{
	char hex[HEX_MAX];

	seal_hex(1, STR("another"), hex);
	database_run(
	    "UPDATE store SET secret = '\\x%s' WHERE store_id = 1", hex);
}

static bool
has_rotated(const struct store_watch *w)
{
	struct keyring_store *s = keyring_by_id(store_watch_keyring(w), 1);
	struct hmac_key *k = hmac_key_new(STR("another"));
	uint8_t mac[HMAC_SIZE];

	hmac_sign(k, STR("text"), mac);
	hmac_key_free(k);
	return hmac_is_by_any(
	    keyring_keys(s, STORE_KEY_SECRET), s->nkeys, STR("text"), mac);
}

static void
change_token(void)
{
	database_run(
	    "UPDATE store SET webhook_token = 't9' WHERE store_id = 1");
}

static bool
has_token(const struct store_watch *w)
{
	return knows(w, "t9") && !knows(w, "t1");
}

static void
disable(void)
{
	database_run("UPDATE store SET disabled_at = now() WHERE store_id = 1");
}

static bool
is_disabled(const struct store_watch *w)
{
	return keyring_by_id(store_watch_keyring(w), 1)->disabled;
}

static void
remove_store(void)
{
	database_run("DELETE FROM store WHERE store_id = 1");
}

static bool
is_removed(const struct store_watch *w)
{
	return keyring_by_id(store_watch_keyring(w), 1) == NULL;
}

/* Checks that changes are seen without a notification, as on a standby. */
static void
test_changes(void **state)
{
	static const struct {
		void (*make)(void);
		bool (*is_seen)(const struct store_watch *);
	} cases[] = { { rotate, has_rotated }, { change_token, has_token },
		{ disable, is_disabled }, { remove_store, is_removed } };
	struct store_watch *w = store_watch_new(base, dsn, dir, &key);

	(void)state;
	await_confirmed(w);
	for (size_t i = 0; i < NITEMS(cases); i++) {
		assert_false(cases[i].is_seen(w));
		cases[i].make();
		for (int k = 0; !cases[i].is_seen(w); k++) {
			assert_true(k < TURNS_MAX);
			turn();
		}
		assert_non_null(keyring_by_id(store_watch_keyring(w), 2));
	}
	store_watch_free(w);
	add(1);
}

/* Checks that a look which finds nothing changed leaves the keyring alone. */
static void
test_nothing_changes(void **state)
{
	struct store_watch *w = store_watch_new(base, dsn, dir, &key);

	(void)state;
	await_confirmed(w);
	keyring_by_id(store_watch_keyring(w), 2)->warned_at = 5;
	for (int looks = 0, k = 0; looks < 2; k++) {
		int64_t age = store_watch_age_ms(w);

		if (k % 100 == 0)
			database_run("NOTIFY " STORES_CHANNEL);
		turn();
		looks += store_watch_age_ms(w) < age;
		assert_true(k < TURNS_MAX);
	}
	assert_int_equal(
	    keyring_by_id(store_watch_keyring(w), 2)->warned_at, 5);
	store_watch_free(w);
}

/* Checks that after a failed read the list of stores is not confirmed, since
 * the database may have more stores. */
static void
test_a_look_fails(void **state)
{
	struct store_watch *w = store_watch_new(base, dsn, dir, &key);

	(void)state;
	await_confirmed(w);
	database_run("NOTIFY " STORES_CHANNEL);
	database_run("BEGIN; LOCK TABLE store IN ACCESS EXCLUSIVE MODE");
	for (int i = 0; store_watch_is_confirmed(w); i++) {
		assert_true(i < TURNS_MAX);
		turn();
	}
	assert_true(store_watch_age_ms(w) < WATCH_CONFIRMED_MS);
	database_run("ROLLBACK");
	await_confirmed(w);
	store_watch_free(w);
}

/* ---- what a child is ----------------------------------------------------- */

/* Runs in a child process: sends each message back, and ends at the message
 * 9. */
static int
echo(void *arg, int fd)
{
	struct arena a;
	struct str more;
	int n;

	(void)arg;
	arena_init(&a);
	while (child_next(fd, &n, sizeof(n), &a, &more) == 1 && n != 9) {
		if (!child_send(fd, &n, sizeof(n), more))
			return EXIT_WORLD;
		arena_reset(&a);
	}
	return 7;
}

static int
hear(int fd, int *n, struct arena *a, struct str *more)
{
	int r = 0;

	for (int i = 0; r == 0 && i < TURNS_MAX; i++) {
		r = child_next(fd, n, sizeof(*n), a, more);
		if (r == 0)
			clock_sleep_ms(TURN_US / 1000);
	}
	return r;
}

/* Checks that messages of every size come back whole, one at a time. */
static void
test_child(void **state)
{
	static const size_t sizes[] = { 0, 1, CHILD_INLINE_MAX - 1,
		CHILD_INLINE_MAX, CHILD_INLINE_MAX + 1, MORE_MAX };
	char *bytes = test_malloc(MORE_MAX);
	struct child c = { 0 };
	struct str more;
	struct arena a;
	struct err e;
	int n;

	(void)state;
	for (size_t i = 0; i < MORE_MAX; i++)
		bytes[i] = (char)(i * 7 + i / 1000);
	arena_init(&a);
	assert_int_equal(child_stop(&c), -1);
	assert_int_equal(child_start(&c, echo, NULL, &e), 0);
	assert_int_equal(child_next(c.fd, &n, sizeof(n), &a, &more), 0);
	for (size_t i = 0; i < NITEMS(sizes); i++) {
		n = 100 + (int)i;
		assert_true(child_send(
		    c.fd, &n, sizeof(n), (struct str){ bytes, sizes[i] }));
		n = 0;
		assert_int_equal(hear(c.fd, &n, &a, &more), 1);
		assert_int_equal(n, 100 + (int)i);
		assert_true(str_eq(more, (struct str){ bytes, sizes[i] }));
		arena_reset(&a);
	}
	n = 9;
	assert_true(child_send(c.fd, &n, sizeof(n), STR("")));
	assert_int_equal(hear(c.fd, &n, &a, &more), -1);
	assert_int_equal(child_stop(&c), 7);
	assert_int_equal(child_stop(&c), -1);
	test_free(bytes);
	arena_fini(&a);
}

static int
setup_group(void **state)
{
	(void)state;
	log_init("test", LOG_ERROR);
	dsn = database_new();
	memset(key.bytes, 7, sizeof(key.bytes));
	add(1);
	base = event_base_new();
	(void)snprintf(dir, sizeof(dir), "/tmp/loyald-watch-XXXXXX");
	if (base == NULL || mkdtemp(dir) == NULL)
		return -1;
	(void)snprintf(path, sizeof(path), "%s/" STORE_CACHE_FILE, dir);
	return 0;
}

static int
teardown_group(void **state)
{
	(void)state;
	event_base_free(base);
	(void)unlink(path);
	(void)rmdir(dir);
	database_drop();
	return 0;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_folder_that_cannot_be_written),
		cmocka_unit_test(test_only_the_file),
		cmocka_unit_test(test_a_store_is_added),
		cmocka_unit_test(test_changes),
		cmocka_unit_test(test_nothing_changes),
		cmocka_unit_test(test_a_look_fails),
		cmocka_unit_test(test_child),
	};

	return cmocka_run_group_tests(tests, setup_group, teardown_group);
}
