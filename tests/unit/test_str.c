/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "../support/test.h"
#include "base/str.h"

static void
test_eq(void **state)
{
	(void)state;
	assert_true(str_eq(STR("abc"), str_of("abc")));
	assert_true(str_eq(STR(""), str_of(NULL)));
	assert_false(str_eq(STR("abc"), STR("abd")));
	assert_false(str_eq(STR("abc"), STR("ab")));
	assert_false(str_eq(STR("a\0b"), STR("a\0c")));
	assert_false(str_eq(STR("abc"), STR("ABC")));
}

static void
test_cmp(void **state)
{
	(void)state;
	assert_int_equal(str_cmp(STR("a\0b"), STR("a\0b")), 0);
	assert_int_equal(str_cmp(STR(""), str_of(NULL)), 0);
	assert_true(str_cmp(STR("ab"), STR("abc")) < 0);
	assert_true(str_cmp(STR("abc"), STR("ab")) > 0);
	assert_true(str_cmp(STR("b"), STR("abc")) > 0);
	assert_true(str_cmp(STR("a\x7f"), STR("a\x80")) < 0);
}

static void
test_eq_nocase(void **state)
{
	(void)state;
	assert_true(str_eq_nocase(STR("X-Shopify"), STR("x-sHOPIFY")));
	assert_false(str_eq_nocase(STR("abc"), STR("abcd")));
	/* Only letters are compared without regard to capitals: @ and `, or [
	 * and {, stay different. */
	assert_false(str_eq_nocase(STR("@["), STR("`{")));
	/* A zero byte does not end the comparison. */
	assert_false(str_eq_nocase(STR("a\0b"), STR("a\0c")));
	assert_true(str_eq_nocase(STR("a\0B"), STR("A\0b")));
}

static void
test_int64(void **state)
{
	static const struct {
		const char *text;
		int rc;
		int64_t n;
	} cases[] = {
		{ .text = "0", .n = 0 },
		{ .text = "-0", .n = 0 },
		{ .text = "+7", .n = 7 },
		{ .text = "0042", .n = 42 },
		{ .text = "820982911946154508", .n = 820982911946154508 },
		{ .text = "9223372036854775807", .n = INT64_MAX },
		{ .text = "-9223372036854775808", .n = INT64_MIN },
		{ .text = "9223372036854775808", .rc = -1 },
		{ .text = "-9223372036854775809", .rc = -1 },
		{ .text = "99999999999999999999", .rc = -1 },
		{ .text = "", .rc = -1 },
		{ .text = "-", .rc = -1 },
		{ .text = "+", .rc = -1 },
		{ .text = "--1", .rc = -1 },
		{ .text = " 1", .rc = -1 },
		{ .text = "1 ", .rc = -1 },
		{ .text = "1.0", .rc = -1 },
		{ .text = "1e3", .rc = -1 },
		{ .text = "0x10", .rc = -1 },
	};

	(void)state;
	for (size_t i = 0; i < NITEMS(cases); i++) {
		int64_t n = 4711;

		assert_int_equal(
		    str_int64(str_of(cases[i].text), &n), cases[i].rc);
		assert_int_equal(n, cases[i].rc == 0 ? cases[i].n : 4711);
	}
}

/* The examples of base64 in RFC 4648, section 10. */
static const struct {
	const char *plain, *coded;
} rfc4648[] = {
	{ "", "" },
	{ "f", "Zg==" },
	{ "fo", "Zm8=" },
	{ "foo", "Zm9v" },
	{ "foob", "Zm9vYg==" },
	{ "fooba", "Zm9vYmE=" },
	{ "foobar", "Zm9vYmFy" },
};

static void
test_base64(void **state)
{
	(void)state;
	for (size_t i = 0; i < NITEMS(rfc4648); i++) {
		const char *plain = rfc4648[i].plain;
		size_t n = strlen(plain);
		char coded[16];
		uint8_t back[8];

		base64_encode((const uint8_t *)plain, n, coded);
		assert_string_equal(coded, rfc4648[i].coded);
		assert_int_equal(base64_decode(str_of(coded), back, n), 0);
		assert_memory_equal(back, plain, n);
		/* A buffer must have the exact size. */
		assert_int_equal(base64_decode(str_of(coded), back, n + 1), -1);
		if (n > 0)
			assert_int_equal(
			    base64_decode(str_of(coded), back, n - 1), -1);
	}
}

static void
test_base64_refuses(void **state)
{
	static const struct {
		const char *rule, *text;
		size_t n;
	} cases[] = {
		{ "no padding", "Zg", 1 },
		{ "too little padding", "Zg=", 1 },
		{ "padding where none belongs", "Zm9=", 3 },
		{ "only padding", "====", 1 },
		{ "unused bits that are not zero", "Zh==", 1 },
		{ "a line feed behind", "Zm9v\n", 3 },
		{ "a blank in it", "Zm 9", 3 },
		{ "the other alphabet", "__-_", 3 },
		{ "hexadecimal digits", "666f6f", 3 },
	};
	uint8_t out[8];

	(void)state;
	for (size_t i = 0; i < NITEMS(cases); i++)
		if (base64_decode(str_of(cases[i].text), out, cases[i].n) != -1)
			fail_msg("%s was taken", cases[i].rule);
}

static void
test_base64url(void **state)
{
	static const uint8_t bytes[] = { 0xfb, 0xff, 0xbf, 0xfe };
	uint8_t back[4];
	char text[8];

	(void)state;
	base64url_encode(bytes, sizeof(bytes), text);
	assert_string_equal(text, "-_-__g");
	assert_int_equal(base64url_decode(str_of(text), back, sizeof(back)), 4);
	assert_memory_equal(back, bytes, 4);
	assert_int_equal(base64url_decode(STR(""), back, 0), 0);
	assert_int_equal(base64url_decode(str_of(text), back, 3), -1);
	assert_int_equal(base64url_decode(STR("-_-__g=="), back, 4), -1);
	assert_int_equal(base64url_decode(STR("+/+//g"), back, 4), -1);
	assert_int_equal(base64url_decode(STR("-_-__h"), back, 4), -1);
	assert_int_equal(base64url_decode(STR("-_-__"), back, 4), -1);
}

static void
test_hex(void **state)
{
	static const uint8_t bytes[] = { 0x00, 0x09, 0xaf, 0xff };
	uint8_t back[4];
	char text[9];

	(void)state;
	hex_encode(bytes, sizeof(bytes), text);
	assert_string_equal(text, "0009afff");
	assert_int_equal(hex_decode(STR("0009aFFf"), back, 4), 0);
	assert_memory_equal(back, bytes, 4);
	assert_int_equal(hex_decode(STR("0009afff"), back, 3), -1);
	assert_int_equal(hex_decode(STR("0009aff"), back, 4), -1);
	assert_int_equal(hex_decode(STR("0009afg0"), back, 4), -1);
	assert_int_equal(hex_decode(STR("0x09afff"), back, 4), -1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_eq),
		cmocka_unit_test(test_cmp),
		cmocka_unit_test(test_eq_nocase),
		cmocka_unit_test(test_int64),
		cmocka_unit_test(test_base64),
		cmocka_unit_test(test_base64_refuses),
		cmocka_unit_test(test_base64url),
		cmocka_unit_test(test_hex),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
