/* SPDX-License-Identifier: MIT */
#include <jansson.h>

#include "../support/test.h"
#include "base/arena.h"
#include "base/cc.h"
#include "base/instant.h"
#include "base/jsonw.h"
#include "base/utf8.h"

enum {
	OUT_MAX = 4096
};

static void
test_shapes(void **state)
{
	struct buf b;
	struct jsonw j;

	(void)state;
	buf_init(&b, OUT_MAX);
	jsonw_init(&j, &b);
	jsonw_object(&j, NULL);
	jsonw_int(&j, "least", INT64_MIN);
	jsonw_array(&j, "list");
	jsonw_int(&j, NULL, 1);
	jsonw_bool(&j, NULL, true);
	jsonw_text(&j, NULL, NULL);
	jsonw_object(&j, NULL);
	jsonw_object_end(&j);
	jsonw_array(&j, NULL);
	jsonw_array_end(&j);
	jsonw_array_end(&j);
	jsonw_bool(&j, "no", false);
	jsonw_instant(&j, "at", INT64_C(1700000000) * INSTANT_SECOND);
	jsonw_instant(&j, "none", 0);
	jsonw_instant(&j, "never", INSTANT_NEVER);
	assert_false(jsonw_is_done(&j));
	jsonw_object_end(&j);
	assert_true(jsonw_is_done(&j));
	assert_string_equal(b.data,
	    "{\"least\":-9223372036854775808,"
	    "\"list\":[1,true,null,{},[]],\"no\":false,"
	    "\"at\":\"2023-11-14T22:13:20Z\",\"none\":null,\"never\":null}");
	buf_fini(&b);
}

static const struct text_case {
	const char *rule;
	struct str in;
	const char *out;
} texts[] = {
	{ .rule = "empty", .in = STR(""), .out = "\"\"" },
	{ .rule = "quote and backslash",
	    .in = STR("a\"b\\c/"),
	    .out = "\"a\\\"b\\\\c/\"" },
	{ .rule = "control characters",
	    .in = STR("\n\t\x01\x7f"),
	    .out = "\"\\u000a\\u0009\\u0001\\u007f\"" },
	{ .rule = "a zero byte", .in = { "a\0b", 3 }, .out = "\"a\\u0000b\"" },
	{ .rule = "two, three and four bytes",
	    .in = STR("\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80"),
	    .out = "\"\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80\"" },
	{ .rule = "overlong",
	    .in = STR("\xc0\xaf"),
	    .out = "\"\xef\xbf\xbd\xef\xbf\xbd\"" },
	{ .rule = "overlong, three bytes",
	    .in = STR("\xe0\x9f\xbf"),
	    .out = "\"\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\"" },
	{ .rule = "surrogate",
	    .in = STR("\xed\xa0\x80"),
	    .out = "\"\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\"" },
	{ .rule = "beyond U+10FFFF",
	    .in = STR("\xf4\x90\x80\x80"),
	    .out = "\"\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\"" },
	{ .rule = "cut off",
	    .in = STR("a\xe2\x82"),
	    .out = "\"a\xef\xbf\xbd\xef\xbf\xbd\"" },
	{ .rule = "a lead byte, then ASCII",
	    .in = STR("\xc3(\xff"),
	    .out = "\"\xef\xbf\xbd(\xef\xbf\xbd\"" },
};

static void
test_texts(void **state)
{
	(void)state;
	for (size_t i = 0; i < NITEMS(texts); i++) {
		struct buf b;
		struct jsonw j;
		json_t *read;

		buf_init(&b, OUT_MAX);
		jsonw_init(&j, &b);
		jsonw_str(&j, NULL, texts[i].in);
		print_message("%s\n", texts[i].rule);
		assert_true(jsonw_is_done(&j));
		assert_string_equal(b.data, texts[i].out);
		/* The JSON library jansson must be able to read the text. */
		read = json_loadb(
		    b.data, b.len, JSON_DECODE_ANY | JSON_ALLOW_NUL, NULL);
		assert_non_null(read);
		json_decref(read);
		buf_fini(&b);
	}
}

static void
test_too_long(void **state)
{
	struct buf b;
	struct jsonw j;

	(void)state;
	buf_init(&b, 8);
	jsonw_init(&j, &b);
	jsonw_text(&j, NULL, "longer than that");
	assert_false(jsonw_is_done(&j));
	buf_fini(&b);
}

static void
test_clean(void **state)
{
	struct arena a;

	(void)state;
	arena_init(&a);
	for (size_t i = 0; i < NITEMS(texts); i++) {
		struct str in = texts[i].in, out;

		out = str_of(arena_utf8(&a, in));
		assert_int_equal(out.len, in.len); /* no zero byte was lost */
		while (out.len > 0) {
			size_t len = utf8_len(out);

			assert_true(len > 0);
			out.data += len;
			out.len -= len;
		}
	}
	assert_string_equal(
	    arena_utf8(&a, (struct str){ "\xc3\xa4\0\xe2\x82", 5 }),
	    "\xc3\xa4???");
	arena_fini(&a);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_shapes),
		cmocka_unit_test(test_texts),
		cmocka_unit_test(test_clean),
		cmocka_unit_test(test_too_long),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
