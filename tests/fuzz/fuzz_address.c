/* SPDX-License-Identifier: MIT */
/*
 * fuzz_address: checks that a text behind /webhooks/ is accepted only if the
 * text is, letter for letter, the token that loyald made for a store and an
 * address.  Also checks that a topic is accepted only at its own address.
 *
 * Input: "TOKEN\nTOPIC".  The token is tried as given, and once more as changes
 * to a good token, so that the fuzzer gets near good tokens.
 */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/cc.h"
#include "wire/address.h"

int LLVMFuzzerTestOneInput(const uint8_t *, size_t);

#define CHECK(x)                 \
	do {                     \
		if (!(x))        \
			abort(); \
	} while (0)

static const struct {
	int64_t id;
	struct str webhook_token;
} stores[] = {
	{ 1, { "first", 5 } },
	{ 7, { "a path of the version before", 28 } },
	{ INT64_MAX, { "first", 5 } },
};

/* Checks that a token which is accepted is exactly the token that loyald makes
 * for the store. */
static void
check_token(const struct address_key *k, struct str token)
{
	char good[ADDRESS_TOKEN_LEN + 1];
	enum address at = (enum address)0;
	int64_t id = 0;
	unsigned found = 0;

	if (!address_claim(k, token, &id, &at))
		return;
	CHECK(address_name(at) != NULL);
	for (size_t i = 0; i < NITEMS(stores); i++) {
		if (!address_is(
		        k, token, stores[i].id, stores[i].webhook_token, at))
			continue;
		CHECK(id == stores[i].id);
		address_token(k, id, stores[i].webhook_token, at, good);
		CHECK(str_eq(str_of(good), token));
		found++;
	}
	CHECK(found <= 1);
}

/* Chooses a good token by the first two bytes, and changes it by the other
 * bytes.  Checks that only an unchanged token is accepted, and only for its own
 * store and address. */
static void
check_near(const struct address_key *k, struct str in)
{
	size_t s = in.len > 0 ? (uint8_t)in.data[0] % NITEMS(stores) : 0;
	enum address a = (enum address)(
	    ADDRESS_ORDERS + (in.len > 1 ? (uint8_t)in.data[1] % 9 : 0));
	char good[ADDRESS_TOKEN_LEN + 1], near[ADDRESS_TOKEN_LEN + 1];
	struct str token = { near, ADDRESS_TOKEN_LEN };
	enum address at;
	int64_t id;
	bool same, is;

	address_token(k, stores[s].id, stores[s].webhook_token, a, good);
	memcpy(near, good, sizeof(near));
	for (size_t i = 2; i < in.len && i - 2 < ADDRESS_TOKEN_LEN; i++)
		near[i - 2] = (char)(near[i - 2] ^ in.data[i]);
	same = memcmp(near, good, ADDRESS_TOKEN_LEN) == 0;
	is = address_claim(k, token, &id, &at);
	CHECK(!same || (is && id == stores[s].id && at == a));
	CHECK(address_is(k, token, stores[s].id, stores[s].webhook_token, a) ==
	      same);
	for (int x = ADDRESS_ORDERS; x <= ADDRESS_EVENTS; x++)
		for (size_t i = 0; i < NITEMS(stores); i++)
			CHECK((i == s && x == (int)a && same) ==
			      address_is(k, token, stores[i].id,
			          stores[i].webhook_token, (enum address)x));
}

static void
check_topic(enum platform p, struct str name)
{
	const struct topic *t = topic_find(shop_find(p), name);
	unsigned named = 0;

	if (t != NULL)
		CHECK(address_name(address_of_topic(t->kind)) != NULL);
	for (int a = 0; a < ADDRESS_END; a++) {
		struct message m = {
			.platform = p, .address = (enum address)a, .topic = name
		};
		struct err e = { .fault = FAULT_NONE };
		bool believed = address_judge(&m, &e) == 0;

		CHECK(
		    believed || (t != NULL && e.fault == FAULT_REJECT &&
		                    strncmp(e.msg, "misdirected: ", 13) == 0));
		named += believed && address_name(m.address) != NULL;
	}
	CHECK(t == NULL || named == 1);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct master_key master = { .bytes = "a key for tests" };
	static struct address_key *k;
	struct str in = { (const char *)data, size }, topic = { 0 };
	const char *end = size > 0 ? memchr(data, '\n', size) : NULL;

	if (k == NULL)
		k = address_key_new(&master);
	if (end != NULL) {
		in.len = (size_t)(end - in.data);
		topic = (struct str){ end + 1, size - in.len - 1 };
	}
	check_token(k, in);
	check_near(k, in);
	for (int i = 1; i <= PLATFORMS; i++)
		check_topic((enum platform)i, topic);
	return 0;
}
