/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "../support/test.h"
#include "wire/sign.h"

static const struct master_key test_key = {
	.bytes = { 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17,
	    18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31 }
};

static void
assert_hex(const uint8_t *bytes, size_t n, const char *want)
{
	char hex[257];

	assert_true(2 * n < sizeof(hex));
	hex_encode(bytes, n, hex);
	hex[strlen(want)] = '\0';
	assert_string_equal(hex, want);
}

/* Returns a text that repeats one byte n times. */
static struct str
repeated(char byte, size_t n)
{
	static char room[256];

	assert_true(n <= sizeof(room));
	memset(room, byte, n);
	return (struct str){ room, n };
}

static void
check_hmac(struct str key, struct str text, const char *want)
{
	struct hmac_key *k = hmac_key_new(key);
	uint8_t mac[HMAC_SIZE];

	/* Signs twice, since signing must not change the state of the key. */
	hmac_sign(k, text, mac);
	hmac_sign(k, text, mac);
	assert_hex(mac, sizeof(mac), want);
	hmac_key_free(k);
}

/* Checks the cases of RFC 4231, section 4, which has only the first 128 bits of
 * case 5. */
static void
test_hmac_rfc4231(void **state)
{
	char key4[25], text3[50], text4[50];

	(void)state;
	for (int i = 0; i < 25; i++)
		key4[i] = (char)(i + 1);
	memset(text3, 0xdd, sizeof(text3));
	memset(text4, 0xcd, sizeof(text4));

	check_hmac(repeated(0x0b, 20), STR("Hi There"),
	    "b0344c61d8db38535ca8afceaf0bf12b"
	    "881dc200c9833da726e9376c2e32cff7");
	check_hmac(STR("Jefe"), STR("what do ya want for nothing?"),
	    "5bdcc146bf60754e6a042426089575c7"
	    "5a003f089d2739839dec58b964ec3843");
	check_hmac(repeated((char)0xaa, 20), (struct str){ text3, 50 },
	    "773ea91e36800e46854db8ebd09181a7"
	    "2959098b3ef8c122d9635514ced565fe");
	check_hmac((struct str){ key4, 25 }, (struct str){ text4, 50 },
	    "82558a389a443c0ea4cc819899f2083a"
	    "85f0faa3e578f8077a2e3ff46729665b");
	check_hmac(repeated(0x0c, 20), STR("Test With Truncation"),
	    "a3b6167473100ee06e0c796c2955552b");
	check_hmac(repeated((char)0xaa, 131),
	    STR("Test Using Larger Than Block-Size Key - Hash Key First"),
	    "60e431591ee0b67f0d8a26aacbf5b77f"
	    "8e0bc6213728c5140546040f0ee37f54");
	check_hmac(repeated((char)0xaa, 131),
	    STR("This is a test using a larger than block-size key and a "
	        "larger than block-size data. The key needs to be hashed "
	        "before being used by the HMAC algorithm."),
	    "9b09ffa71b942fcb27635fbcd5b0e944"
	    "bfdc63644f0713938a7f51535c3a35e2");
}

/* Checks the empty text, and keys about as long as the block of 64 bytes. */
static void
test_hmac_edges(void **state)
{
	(void)state;
	check_hmac(STR(""), STR(""),
	    "b613679a0814d9ec772f95d778c35fc5"
	    "ff1697c493715653c6c712144292c5ad");
	check_hmac(repeated('k', 64), STR("x"),
	    "f91c4c403625fb06910ef93999265bbd"
	    "2d62baeaec6ff36455498cc124fe3e66");
	check_hmac(repeated('k', 65), STR("x"),
	    "75092ca3ee2b307470c227697b42b3e6"
	    "5376aa3bae98fb5a1f7b7536daa9588a");
	hmac_key_free(NULL);
}

static void
test_hmac_compare(void **state)
{
	struct hmac_key *keys[] = { hmac_key_new(STR("new")),
		hmac_key_new(STR("old")) };
	uint8_t mac[HMAC_SIZE], other[HMAC_SIZE];

	(void)state;
	hmac_sign(keys[1], STR("text"), mac);
	for (size_t i = 0; i < 8 * HMAC_SIZE; i++) {
		memcpy(other, mac, sizeof(mac));
		other[i / 8] ^= (uint8_t)(1 << i % 8);
		assert_false(hmac_is_equal(mac, other));
	}
	assert_true(hmac_is_equal(mac, mac));

	assert_true(hmac_is_by_any(keys, 2, STR("text"), mac));
	assert_false(hmac_is_by_any(keys, 1, STR("text"), mac));
	assert_false(hmac_is_by_any(keys, 2, STR("text "), mac));
	assert_false(hmac_is_by_any(NULL, 0, STR("text"), mac));
	hmac_key_free(keys[0]);
	hmac_key_free(keys[1]);
}

static size_t
file_read(const char *name, const char *ext, char *out, size_t size)
{
	char path[256];
	size_t n;
	FILE *f;

	(void)snprintf(
	    path, sizeof(path), "tests/data/woocommerce/%s%s", name, ext);
	f = fopen(path, "rb");
	assert_non_null(f);
	n = fread(out, 1, size - 1, f);
	assert_true(n < size - 1);
	(void)fclose(f);
	out[n] = '\0';
	return n;
}

/* Checks the signatures of recorded deliveries of a real WooCommerce. */
static void
test_hmac_woocommerce(void **state)
{
	static char body[65536], http[65536];
	static const char header[] = "X-WC-Webhook-Signature: ";
	json_t *index = json_load_file(
	    "tests/data/woocommerce/index.json", 0, NULL);
	size_t checked = 0;

	(void)state;
	assert_true(json_is_array(index));
	for (size_t i = 0; i < json_array_size(index); i++) {
		json_t *o = json_array_get(index, i);
		const char *name = json_string_value(
		    json_object_get(o, "file"));
		const char *secret = json_string_value(
		    json_object_get(o, "secret"));
		uint8_t mac[HMAC_SIZE], sent[HMAC_SIZE];
		struct hmac_key *key;
		const char *value;
		size_t n;

		if (secret == NULL)
			continue;
		n = file_read(name, ".body", body, sizeof(body));
		(void)file_read(name, ".http", http, sizeof(http));
		value = strstr(http, header);
		assert_non_null(value);
		value += strlen(header);
		assert_int_equal(
		    base64_decode((struct str){ value, strcspn(value, "\r\n") },
		        sent, sizeof(sent)),
		    0);
		key = hmac_key_new(str_of(secret));
		hmac_sign(key, (struct str){ body, n }, mac);
		assert_true(hmac_is_equal(mac, sent));
		body[n / 2] ^= 1;
		hmac_sign(key, (struct str){ body, n }, mac);
		assert_false(hmac_is_equal(mac, sent));
		hmac_key_free(key);
		checked++;
	}
	assert_true(checked > 50);
	json_decref(index);
}

static void
test_sha256(void **state)
{
	uint8_t hash[32];

	(void)state;
	sha256(STR(""), hash);
	assert_hex(hash, 32,
	    "e3b0c44298fc1c149afbf4c8996fb924"
	    "27ae41e4649b934ca495991b7852b855");
	sha256(STR("abc"), hash);
	assert_hex(hash, 32,
	    "ba7816bf8f01cfea414140de5dae2223"
	    "b00361a396177a9cb410ff61f20015ad");
}

static void
test_random(void **state)
{
	uint8_t a[32] = { 0 }, b[32] = { 0 };

	(void)state;
	random_bytes(a, sizeof(a));
	random_bytes(b, sizeof(b));
	assert_memory_not_equal(a, b, sizeof(a));
	random_bytes(a, 0);
}

/* Opens test case 16 of the Galois/Counter Mode paper, put into the format of
 * seal(). */
static void
test_unseal_vector(void **state)
{
	static const char sealed_hex[] =
	    "01cafebabefacedbaddecaf888"
	    "522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa"
	    "8cb08e48590dbb3da7b08b1056828838c5f61e6393ba7a0abcc9f662"
	    "76fc6ece0f4e1768cddf8853bb2d551b";
	static const char what[] = "\xfe\xed\xfa\xce\xde\xad\xbe\xef"
	                           "\xfe\xed\xfa\xce\xde\xad\xbe\xef"
	                           "\xab\xad\xda\xd2";
	uint8_t sealed[1 + 12 + 60 + 16];
	struct master_key key;
	struct arena a;
	struct str plain;
	struct err e;

	(void)state;
	arena_init(&a);
	assert_int_equal(hex_decode(STR("feffe9928665731c6d6a8f9467308308"
	                                "feffe9928665731c6d6a8f9467308308"),
	                     key.bytes, sizeof(key.bytes)),
	    0);
	assert_int_equal(
	    hex_decode(STR(sealed_hex), sealed, sizeof(sealed)), 0);
	assert_int_equal(
	    unseal(&a, &key, what,
	        (struct str){ (char *)sealed, sizeof(sealed) }, &plain, &e),
	    0);
	assert_int_equal(plain.len, 60);
	assert_hex((const uint8_t *)plain.data, plain.len,
	    "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a72"
	    "1c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b39");
	arena_fini(&a);
}

static void
test_seal_round_trip(void **state)
{
	static char large[100000];
	const struct str texts[] = { STR(""), STR("x"), STR("a\0b"),
		STR("sixteen bytes!!!"), { large, sizeof(large) } };
	struct arena a;

	(void)state;
	arena_init(&a);
	for (size_t i = 0; i < NITEMS(texts); i++) {
		struct str s = seal(&a, &test_key, "store 3 secret", texts[i]);
		struct str again = seal(
		    &a, &test_key, "store 3 secret", texts[i]);
		struct str back;
		struct err e;

		assert_int_equal(s.len, texts[i].len + SEAL_OVERHEAD);
		assert_int_equal(s.data[0], 1);
		/* Each sealing uses a new nonce. */
		assert_memory_not_equal(s.data + 1, again.data + 1, 12);
		assert_int_equal(
		    unseal(&a, &test_key, "store 3 secret", s, &back, &e), 0);
		assert_true(str_eq(back, texts[i]));
	}
	arena_fini(&a);
}

/* Checks that a sealed text cannot be opened after any change, and that no
 * error message contains a part of the text. */
static void
test_seal_tampered(void **state)
{
	struct str secret = STR("hush-hush"), s, back = STR("untouched");
	struct master_key other = test_key;
	struct arena a;
	struct err e;

	(void)state;
	arena_init(&a);
	s = seal(&a, &test_key, "store 3 secret", secret);
	for (size_t i = 0; i < 8 * s.len; i++) {
		char *copy = arena_memdup(&a, s.data, s.len);

		copy[i / 8] ^= (char)(1 << i % 8);
		assert_int_equal(unseal(&a, &test_key, "store 3 secret",
		                     (struct str){ copy, s.len }, &back, &e),
		    -1);
		assert_int_equal(e.fault, FAULT_REJECT);
		assert_null(strstr(e.msg, "hush"));
	}
	for (size_t n = 0; n < s.len; n++)
		assert_int_equal(unseal(&a, &test_key, "store 3 secret",
		                     (struct str){ s.data, n }, &back, &e),
		    -1);
	assert_int_equal(
	    unseal(&a, &test_key, "store 4 secret", s, &back, &e), -1);
	assert_non_null(strstr(e.msg, "store 4 secret"));
	assert_int_equal(unseal(&a, &test_key, "", s, &back, &e), -1);
	other.bytes[31] ^= 1;
	assert_int_equal(
	    unseal(&a, &other, "store 3 secret", s, &back, &e), -1);
	assert_true(str_eq(back, STR("untouched")));
	arena_fini(&a);
}

static void
check_email(struct str email, const char *want)
{
	struct master_key kept = test_key;
	uint8_t hash[32];

	email_hash(&test_key, email, hash);
	assert_hex(hash, sizeof(hash), want);
	email_key_keep(&kept);
	email_hash(&kept, email, hash);
	assert_hex(hash, sizeof(hash), want);
	hmac_key_free(kept.email);
}

/* The expected hashes were made with Python's hmac. */
static void
test_email_hash(void **state)
{
	static const char anna[] = "146a3f456c9c2d46ccf6861ced04bef3"
	                           "7db45f5ecdde10396e4eced106beae8f";
	static const char none[] = "00000000000000000000000000000000"
	                           "00000000000000000000000000000000";
	static const char longest[] = "e342c4121eff74b6c2c2f89e1c35fc41"
	                              "e3bc177b52253bff414a8eaab0167add";
	char text[313];
	uint8_t a[32], b[32];
	struct master_key other = test_key;

	(void)state;
	check_email(STR("anna@example.test"), anna);
	check_email(STR("  Anna@Example.TEST\r\n"), anna);
	check_email(STR(""), none);
	check_email(STR(" \t "), none);
	/* Words that platforms write instead of a deleted address. */
	check_email(STR("[REDACTED]"), none);
	check_email(STR("deleted@site.invalid"), none);
	check_email(STR(" Deleted@Site.Invalid\n"), none);
	email_hash(&test_key, STR("a@my-site.invalid"), a);
	assert_int_not_equal(a[0] | a[1] | a[2], 0);
	email_hash(&test_key, STR("deleted@site.invalid.test"), a);
	assert_int_not_equal(a[0] | a[1] | a[2], 0);
	memset(text, 'X', 300);
	memcpy(text + 300, "@example.test", 13);
	check_email((struct str){ text, sizeof(text) }, longest);

	email_hash(&test_key, STR("a@b"), a);
	email_hash(&test_key, STR("a@c"), b);
	assert_memory_not_equal(a, b, 32);
	other.bytes[0] ^= 1;
	email_hash(&other, STR("a@b"), b);
	assert_memory_not_equal(a, b, 32);
	/* Only ASCII letters are made small, and blanks are removed only at the
	 * ends. */
	email_hash(&test_key, STR("\xc3\x84@b"), a);
	email_hash(&test_key, STR("\xc3\xa4@b"), b);
	assert_memory_not_equal(a, b, 32);
	email_hash(&test_key, STR("a b@c"), a);
	email_hash(&test_key, STR("ab@c"), b);
	assert_memory_not_equal(a, b, 32);
}

static void
test_body(void **state)
{
	static const struct master_key key = { .bytes = { 1, 2, 3 } };
	static const struct master_key other = { .bytes = { 1, 2, 4 } };
	const struct str body = STR("{\"email\":\"anna@example.test\"}");
	uint8_t a[32], b[32];

	(void)state;
	body_hash(&key, body, a);
	body_hash(&key, body, b);
	assert_memory_equal(a, b, 32);
	body_hash(&other, body, b);
	assert_memory_not_equal(a, b, 32);
	sha256(body, b);
	assert_memory_not_equal(a, b, 32);
	/* Bodies and addresses are hashed under different keys, so the two
	 * hashes of one text differ. */
	body_hash(&key, STR("anna@example.test"), a);
	email_hash(&key, STR("anna@example.test"), b);
	assert_memory_not_equal(a, b, 32);
}

/* Checks that the same key always has the same fingerprint, and that the
 * fingerprint does not reveal the key. */
static void
test_fingerprint(void **state)
{
	static const struct master_key one = { .bytes = { 1 } },
	                               two = { .bytes = { 2 } };
	char a[KEY_FINGERPRINT_SIZE], b[KEY_FINGERPRINT_SIZE], hex[65];
	uint8_t hash[32];

	(void)state;
	key_fingerprint(&one, a);
	key_fingerprint(&one, b);
	assert_string_equal(a, b);
	assert_int_equal(strlen(a), 16);
	key_fingerprint(&two, b);
	assert_string_not_equal(a, b);
	body_hash(&one, STR(""), hash);
	hex_encode(hash, sizeof(hash), hex);
	assert_int_not_equal(memcmp(a, hex, 16), 0);
	hex_encode(one.bytes, sizeof(one.bytes), hex);
	assert_null(strstr(hex, a));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_hmac_rfc4231),
		cmocka_unit_test(test_hmac_edges),
		cmocka_unit_test(test_hmac_compare),
		cmocka_unit_test(test_hmac_woocommerce),
		cmocka_unit_test(test_sha256),
		cmocka_unit_test(test_random),
		cmocka_unit_test(test_unseal_vector),
		cmocka_unit_test(test_seal_round_trip),
		cmocka_unit_test(test_seal_tampered),
		cmocka_unit_test(test_email_hash),
		cmocka_unit_test(test_body),
		cmocka_unit_test(test_fingerprint),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
