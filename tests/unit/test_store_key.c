/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "../support/test.h"
#include "base/cc.h"
#include "wire/store_key.h"

/* The expected keys are from a command like: printf 'loyald events 3' |
 * openssl dgst -sha256 -hmac s3cret */
static void
test_texts(void **state)
{
	static const struct {
		enum store_key kind;
		const char *name, *text;
	} cases[] = {
		{ STORE_KEY_STOREFRONT, "storefront",
		    "e3cd3f845df9aa122c813f4fb3c8f954"
		    "dd58a5992ab6fc8cca8e2913f0341d8b" },
		{ STORE_KEY_EVENTS, "events",
		    "786e5df3c63787e95cbb28eb40e865fe"
		    "4c71554e314077362b38486ae7848b71" },
		{ STORE_KEY_REDEMPTIONS, "redemptions",
		    "49c7cec60eeae3b85bf0c9f068024699"
		    "84759a8a4f8a21078336374f9f5bbe6b" },
	};
	struct hmac_key *secret = hmac_key_new(STR("s3cret"));

	(void)state;
	assert_int_equal(STORE_KEYS, STORE_KEY_REDEMPTIONS);
	for (size_t i = 0; i < NITEMS(cases); i++) {
		char text[STORE_KEY_LEN + 1], other[STORE_KEY_LEN + 1];

		store_key_text(secret, cases[i].kind, 3, text);
		assert_string_equal(text, cases[i].text);
		assert_string_equal(
		    store_key_name(cases[i].kind), cases[i].name);
		/* Another store with the same secret has another key. */
		store_key_text(secret, cases[i].kind, 33, other);
		assert_string_not_equal(text, other);
	}
	hmac_key_free(secret);
}

static void
test_sentences(void **state)
{
	char text[STORE_KEY_SENTENCE_MAX];

	(void)state;
	store_key_refusal(STORE_KEY_SECRET, STORE_KEY_EVENTS, 3, text);
	assert_string_equal(text,
	    "this is signed with the store's webhook secret, and wants the "
	    "store's events key, which loyald store show --store 3 --keys "
	    "prints");
	/* The longest message fits, so its end is not cut off. */
	store_key_refusal(
	    STORE_KEY_SECRET, STORE_KEY_REDEMPTIONS, INT64_MAX, text);
	assert_non_null(strstr(text, " --keys prints"));
	store_key_refusal(
	    STORE_KEY_REDEMPTIONS, STORE_KEY_STOREFRONT, INT64_MAX, text);
	assert_non_null(strstr(text, "the store's redemptions key, and wants"));
	assert_non_null(strstr(text, " --keys prints"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_texts),
		cmocka_unit_test(test_sentences),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
