/* SPDX-License-Identifier: MIT */
#include <sys/stat.h>

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../support/test.h"
#include "base/cc.h"
#include "ledger/keyring.h"
#include "ledger/store_cache.h"

static struct arena arena;
static char dir[64], path[128];
static struct master_key key;

static struct store stores[] = {
	{ .store_id = 3,
	    .platform = PLATFORM_SHOPIFY,
	    .domain = "one.myshopify.com",
	    .currency = "EUR",
	    .webhook_token = "token-of-one",
	    .secrets = { { "current\0x", 9 }, { "previous", 8 } } },
	{ .store_id = 5,
	    .platform = PLATFORM_SHOPIFY,
	    .domain = "two.myshopify.com",
	    .currency = "JPY",
	    .webhook_token = "token-of-two",
	    .secrets = { { "current\0x", 9 } } },
	{ .store_id = 1000000007,
	    .platform = PLATFORM_WOOCOMMERCE,
	    .domain = "shop.example:8080",
	    .currency = "KWD",
	    .webhook_token = "token-of-three",
	    .secrets = { { "a&amp;b", 7 } } },
	{ .store_id = 1000000008,
	    .platform = PLATFORM_WOOCOMMERCE,
	    .domain = "gone.example",
	    .currency = "EUR",
	    .webhook_token = "token-of-four",
	    .disabled = true,
	    .secrets = { { "x", 1 } } },
};

#define INSTALLATION INT64_C(0x123456789abcdef)

static const struct store_list list = { INSTALLATION, stores, NITEMS(stores) };

static int
setup(void **state)
{
	(void)state;
	arena_init(&arena);
	memset(key.bytes, 7, sizeof(key.bytes));
	(void)snprintf(dir, sizeof(dir), "/tmp/loyald-cache-XXXXXX");
	if (mkdtemp(dir) == NULL)
		return -1;
	(void)snprintf(path, sizeof(path), "%s/" STORE_CACHE_FILE, dir);
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	arena_fini(&arena);
	(void)unlink(path);
	return rmdir(dir);
}

static void
save(struct store *some, size_t n)
{
	const struct store_list all = { INSTALLATION, some, n };
	struct err e = { 0 };

	if (store_cache_save(dir, &key, &arena, &all, &e) == -1)
		fail_msg("%s", e.msg);
}

static void
check_same(const struct store_list *l)
{
	const struct store *found = l->stores;
	size_t n = l->n;

	assert_int_equal(l->installation, INSTALLATION);
	assert_int_equal(n, NITEMS(stores));
	for (size_t i = 0; i < n; i++) {
		assert_int_equal(found[i].store_id, stores[i].store_id);
		assert_int_equal(found[i].platform, stores[i].platform);
		assert_int_equal(found[i].disabled, stores[i].disabled);
		assert_string_equal(found[i].domain, stores[i].domain);
		assert_string_equal(found[i].currency, stores[i].currency);
		assert_string_equal(
		    found[i].webhook_token, stores[i].webhook_token);
		for (size_t k = 0; k < SECRETS_PER_STORE; k++)
			assert_true(
			    str_eq(found[i].secrets[k], stores[i].secrets[k]));
	}
}

static void
test_round_trip(void **state)
{
	struct err e = { 0 };
	struct store_list found;
	struct stat st;

	(void)state;
	save(stores, 1);
	save(stores, NITEMS(stores)); /* replaces the file */
	assert_int_equal(store_cache_load(dir, &key, &arena, &found, &e), 0);
	check_same(&found);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	save(stores, 0);
	assert_int_equal(store_cache_load(dir, &key, &arena, &found, &e), 0);
	assert_int_equal(found.n, 0);
}

static void
test_none(void **state)
{
	struct err e = { 0 };
	struct store_list found;

	(void)state;
	assert_int_equal(store_cache_load(dir, &key, &arena, &found, &e), -1);
	assert_int_equal(e.fault, FAULT_RETRY);
}

static void
test_no_secret_in_the_open(void **state)
{
	char bytes[4096];
	ssize_t n;
	int fd;

	(void)state;
	save(stores, NITEMS(stores));
	fd = open(path, O_RDONLY);
	n = read(fd, bytes, sizeof(bytes));
	close(fd);
	assert_true(n > 0 && n < (ssize_t)sizeof(bytes));
	assert_null(memmem(bytes, (size_t)n, "previous", 8));
	assert_null(memmem(bytes, (size_t)n, "myshopify", 9));
}

/* Checks that a file is refused if any byte was changed, if any part is
 * missing, or if another key than the file's is used. */
static void
test_damaged(void **state)
{
	struct err e = { 0 };
	struct store_list found;
	char bytes[4096];
	ssize_t len;
	int fd;

	(void)state;
	save(stores, NITEMS(stores));
	fd = open(path, O_RDWR);
	len = read(fd, bytes, sizeof(bytes));
	for (ssize_t i = 0; i < len; i++) {
		char bad = (char)(bytes[i] ^ 1 << i % 8);

		assert_int_equal(pwrite(fd, &bad, 1, i), 1);
		assert_int_equal(
		    store_cache_load(dir, &key, &arena, &found, &e), -1);
		assert_int_equal(e.fault, FAULT_REJECT);
		assert_int_equal(pwrite(fd, &bytes[i], 1, i), 1);
		arena_reset(&arena);
	}
	assert_int_equal(store_cache_load(dir, &key, &arena, &found, &e), 0);
	key.bytes[0]++;
	assert_int_equal(store_cache_load(dir, &key, &arena, &found, &e), -1);
	assert_int_equal(e.fault, FAULT_REJECT);
	for (ssize_t cut = len - 1; cut >= 0; cut--) {
		assert_int_equal(ftruncate(fd, cut), 0);
		assert_int_equal(
		    store_cache_load(dir, &key, &arena, &found, &e), -1);
	}
	close(fd);
}

/* Checks files that are sealed with the right key, but have content that loyald
 * never writes. */
static void
test_parse_of_anything(void **state)
{
	struct str whole = store_cache_render(&arena, &list);
	struct err e = { 0 };
	struct store_list found;

	(void)state;
	assert_int_equal(store_cache_parse(&arena, whole, &found, &e), 0);
	check_same(&found);
	for (size_t cut = 0; cut < whole.len; cut++) {
		struct str part = { arena_memdup(&arena, whole.data, cut),
			cut };

		assert_int_equal(
		    store_cache_parse(&arena, part, &found, &e), -1);
		assert_int_equal(e.fault, FAULT_REJECT);
	}
	for (size_t i = 0; i < whole.len; i++) {
		char *p = arena_memdup(&arena, whole.data, whole.len + 1);

		/* If a bit of the file is flipped, nothing outside of the file
		 * is read. */
		for (int bit = 0; bit < 8; bit++) {
			p[i] = (char)(whole.data[i] ^ 1 << bit);
			(void)!store_cache_parse(
			    &arena, (struct str){ p, whole.len }, &found, &e);
		}
		arena_reset(&arena);
		whole = store_cache_render(&arena, &list);
	}
}

/* Checks a file of an older loyald, which lacks the number of the
 * installation. */
static void
test_version_2(void **state)
{
	struct str now = store_cache_render(&arena, &list);
	char *old = arena_memdup(&arena, now.data, now.len - 8);
	struct err e = { 0 };
	struct store_list found;

	(void)state;
	memcpy(old, "LOYSTOR2", 8);
	memcpy(old + 8, now.data + 16, now.len - 16);
	assert_int_equal(store_cache_parse(&arena,
	                     (struct str){ old, now.len - 8 }, &found, &e),
	    0);
	assert_int_equal(found.installation, 0);
	found.installation = INSTALLATION;
	check_same(&found);
}

static bool
is_signed(struct keyring_store *s, const char *secret, size_t len)
{
	struct hmac_key *k = hmac_key_new((struct str){ secret, len });
	uint8_t mac[HMAC_SIZE];

	hmac_sign(k, STR("body"), mac);
	hmac_key_free(k);
	return hmac_is_by_any(
	    keyring_keys(s, STORE_KEY_SECRET), s->nkeys, STR("body"), mac);
}

/* Signs a text with a key derived from the i-th secret of `by`.  Gives the kind
 * of key with which `s` accepts the signature, or 0 if `s` does not. */
static enum store_key
signer_of(struct keyring_store *s, struct keyring_store *by, enum store_key k,
    size_t i)
{
	uint8_t mac[HMAC_SIZE];

	hmac_sign(keyring_keys(by, k)[i], STR("body"), mac);
	return keyring_signer(s, STR("body"), mac);
}

/* Checks that a derived key is accepted for its own store alone, even if
 * another store has the same secret.  Keys of the previous secret are accepted,
 * too. */
static void
test_keyring_signer(void **state)
{
	struct keyring *k = keyring_new(stores, NITEMS(stores), &key);
	struct keyring_store *one = keyring_by_id(k, 3);
	struct keyring_store *two = keyring_by_id(k, 5);

	(void)state;
	for (enum store_key kind = STORE_KEY_SECRET; kind <= STORE_KEYS;
	     kind++) {
		bool is_secret = kind == STORE_KEY_SECRET;

		assert_int_equal(signer_of(one, one, kind, 0), kind);
		assert_int_equal(signer_of(one, one, kind, 1), kind);
		assert_int_equal(
		    signer_of(two, one, kind, 0), is_secret ? kind : 0);
		assert_int_equal(signer_of(two, one, kind, 1), 0);
		assert_int_equal(
		    signer_of(one, two, kind, 0), is_secret ? kind : 0);
	}
	keyring_free(k);
}

/* Finds a store by its old token, which stands for the single address of all
 * topics. */
static struct keyring_store *
by_token(const struct keyring *k, struct str token)
{
	enum address at = (enum address)0;
	struct keyring_store *s = keyring_by_token(k, token, &at);

	assert_int_equal(at, s == NULL ? 0 : ADDRESS_SINGLE);
	return s;
}

/* Checks that the token of every address of every store finds the store and the
 * address, and finds nothing under another master key. */
static void
test_keyring_of_addresses(void **state)
{
	static const struct master_key other = { .bytes = "another" };
	struct address_key *keys = address_key_new(&key);
	struct keyring *k = keyring_new(stores, NITEMS(stores), &key);
	struct keyring *wrong = keyring_new(stores, NITEMS(stores), &other);
	char token[ADDRESS_TOKEN_LEN + 1];

	(void)state;
	for (size_t i = 0; i < NITEMS(stores); i++) {
		const struct store *s = &stores[i];
		struct str old = str_of(s->webhook_token);

		for (int a = ADDRESS_ORDERS; a <= ADDRESS_EVENTS; a++) {
			struct keyring_store *found;
			enum address at;

			address_token(
			    keys, s->store_id, old, (enum address)a, token);
			found = keyring_by_token(k, str_of(token), &at);
			assert_int_equal(found->store_id, s->store_id);
			assert_int_equal(at, a);
			assert_null(
			    keyring_by_token(wrong, str_of(token), &at));
			/* The tokens of a store that is not in the list, and of
			 * a store with another old token, find nothing. */
			address_token(
			    keys, s->store_id + 1, old, (enum address)a, token);
			assert_null(keyring_by_token(k, str_of(token), &at));
			address_token(keys, s->store_id, STR("x"),
			    (enum address)a, token);
			assert_null(keyring_by_token(k, str_of(token), &at));
		}
	}
	keyring_free(k);
	keyring_free(wrong);
	address_key_free(keys);
}

static void
test_keyring(void **state)
{
	struct keyring *k = keyring_new(stores, NITEMS(stores), &key);
	struct keyring_store *s;

	(void)state;
	assert_int_equal(keyring_size(k), NITEMS(stores));
	s = by_token(k, STR("token-of-one"));
	assert_int_equal(s->store_id, 3);
	assert_true(is_signed(s, "current\0x", 9));
	assert_true(is_signed(s, "previous", 8));
	assert_false(is_signed(s, "current", 7));
	/* WordPress decodes "&amp;" in a secret before it signs. */
	s = by_token(k, STR("token-of-three"));
	assert_true(is_signed(s, "a&b", 3));
	assert_false(is_signed(s, "a&amp;b", 7));

	assert_null(by_token(k, STR("TOKEN-OF-ONE")));
	assert_null(by_token(k, STR("token-of-on")));
	assert_null(by_token(k, STR("")));
	assert_true(by_token(k, STR("token-of-four"))->disabled);

	s = keyring_by_domain(k, STOREFRONT_PROXY, STR("TWO.MyShopify.com"));
	assert_int_equal(s->store_id, 5);
	assert_null(
	    keyring_by_domain(k, STOREFRONT_TOKEN, STR("two.myshopify.com")));
	assert_null(
	    keyring_by_domain(k, STOREFRONT_TOKEN, STR("gone.example")));
	assert_int_equal(keyring_by_id(k, 1000000007)->store_id, 1000000007);
	assert_null(keyring_by_id(k, 4));
	assert_null(keyring_by_id(k, 1000000009));
	assert_null(keyring_by_id(NULL, 3));
	assert_null(by_token(NULL, STR("x")));
	assert_int_equal(keyring_size(NULL), 0);
	keyring_free(k);

	k = keyring_new(stores, 0, &key);
	assert_null(by_token(k, STR("token-of-one")));
	keyring_free(k);
}

static void
test_keyring_of_many(void **state)
{
	enum {
		MANY = 5000
	};
	struct store *many = arena_array(&arena, MANY, sizeof(*many));
	struct keyring *k;

	(void)state;
	for (int i = 0; i < MANY; i++)
		many[i] = (struct store){ .store_id = 10 + i,
			.platform = PLATFORM_SHOPIFY,
			.domain = arena_printf(&arena, "shop%d.example", i),
			.webhook_token = arena_printf(&arena, "t%d", i),
			.secrets = { STR("same") } };
	k = keyring_new(many, MANY, &key);
	for (int i = 0; i < MANY; i++) {
		struct str token = str_of(many[i].webhook_token);
		struct str domain = str_of(many[i].domain);

		assert_int_equal(by_token(k, token)->store_id, 10 + i);
		assert_int_equal(
		    keyring_by_domain(k, STOREFRONT_PROXY, domain)->store_id,
		    10 + i);
		assert_int_equal(keyring_by_id(k, 10 + i)->store_id, 10 + i);
	}
	keyring_free(k);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		TEST(test_round_trip),
		TEST(test_none),
		TEST(test_no_secret_in_the_open),
		TEST(test_damaged),
		TEST(test_parse_of_anything),
		TEST(test_version_2),
		TEST(test_keyring),
		TEST(test_keyring_signer),
		TEST(test_keyring_of_addresses),
		TEST(test_keyring_of_many),
	};

	return cmocka_run_group_tests_name("store_cache", tests, NULL, NULL);
}
