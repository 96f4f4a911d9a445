/* SPDX-License-Identifier: MIT */
/* Checks what is read from a text to a tape, and what is refused.  The numbers
 * are those of the rules at the head of wire/tape.h. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "arena_state.h"
#include "base/buf.h"
#include "wire/tape.h"

enum {
	WRITTEN_MAX = 4096
};

/* Writes a value as one text: kinds in short, keys before their values. */
static void
write_value(struct buf *b, struct value v, bool keys)
{
	struct value in = { 0 };
	struct str s = keys ? value_key(v) : STR("");

	if (keys)
		buf_printf(b, "%.*s=", (int)s.len, s.data);
	switch (value_kind(v)) {
	case VALUE_NULL:
		buf_puts(b, "null");
		break;
	case VALUE_TRUE:
		buf_puts(b, "true");
		break;
	case VALUE_FALSE:
		buf_puts(b, "false");
		break;
	case VALUE_INT:
		s = value_digits(v);
		buf_printf(b, "%lld", (long long)value_int(v));
		assert_true(b->len >= s.len && memcmp(b->data + b->len - s.len,
		                                   s.data, s.len) == 0);
		break;
	case VALUE_NUMBER:
		s = value_digits(v);
		buf_printf(b, "#%.*s", (int)s.len, s.data);
		break;
	case VALUE_TEXT:
		s = value_text(v);
		buf_puts(b, "'");
		buf_add(b, s.data, s.len);
		buf_puts(b, "'");
		break;
	case VALUE_LIST:
	case VALUE_OBJECT:
		buf_printf(b, "%zu(", value_size(v));
		while (value_next(v, &in)) {
			buf_puts(b, " ");
			write_value(b, in, value_is(v, VALUE_OBJECT));
		}
		buf_puts(b, ")");
		break;
	case VALUE_DOUBT:
		buf_puts(b, "doubt");
		break;
	}
}

/* Reads a text and compares what is read, or the complaint, with the wanted
 * text. */
static void
check(struct str text, bool strict, struct str wanted)
{
	struct value root = { 0 };
	struct err e;
	struct buf b;

	buf_init(&b, WRITTEN_MAX);
	if (tape_read(&arena, text, strict, &root, &e) == 0) {
		write_value(&b, root, false);
	} else {
		assert_int_equal(e.fault, FAULT_REJECT);
		assert_false(value_exists(root));
		buf_puts(&b, e.msg);
	}
	if (b.len != wanted.len || memcmp(b.data, wanted.data, b.len) != 0)
		fail_msg("%.*s is \"%.*s\" and not \"%.*s\"", (int)text.len,
		    text.data, (int)b.len, b.data, (int)wanted.len,
		    wanted.data);
	buf_fini(&b);
}

struct reading {
	struct str text, forgiving;
	struct str strict; /* NULL: the same as `forgiving` */
};

#define BOTH(text, wanted)      \
	{                       \
		text, wanted,   \
		{               \
			NULL, 0 \
		}               \
	}
#define WRONG(sentence, line, column)                             \
	STR("unparsable: the body " sentence " (line " #line ", " \
	    "column " #column ")")

static void
check_all(const struct reading *cases, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		const struct reading *c = &cases[i];

		check(c->text, false, c->forgiving);
		check(c->text, true,
		    c->strict.data != NULL ? c->strict : c->forgiving);
	}
}

static void
test_values(void **state)
{
	static const struct reading cases[] = {
		BOTH(STR(" null "), STR("null")),
		BOTH(
		    STR("\t\r\n[true,false,null]"), STR("3( true false null)")),
		BOTH(STR("[]"), STR("0()")),
		BOTH(STR("{ }"), STR("0()")),
		BOTH(STR("[[],{},[[]]]"), STR("3( 0() 0() 1( 0()))")),
		BOTH(STR("{\"a\" : {\"b\":[1 , \"c\"]},\"\":2}"),
		    STR("2( a=1( b=2( 1 'c')) =2)")),
		BOTH(STR("\"\""), STR("''")),
		BOTH(STR("\"eight by\""), STR("'eight by'")),
		BOTH(STR("\"a text of more than eight bytes\""),
		    STR("'a text of more than eight bytes'")),
		/* 2. numbers of any size */
		BOTH(STR("[0,-0,-1,12]"), STR("4( 0 0 -1 12)")),
		BOTH(STR("[9223372036854775807,-9223372036854775808]"),
		    STR("2( 9223372036854775807 -9223372036854775808)")),
		BOTH(STR("[9223372036854775808,-9223372036854775809]"),
		    STR("2( #9223372036854775808 #-9223372036854775809)")),
		BOTH(STR("[1.50,-0.0,1E5,1e+400,123e-7]"),
		    STR("5( #1.50 #-0.0 #1E5 #1e+400 #123e-7)")),
		BOTH(STR("\"\\\"\\\\\\/\\b\\f\\n\\r\\t\\u0041\\u00e9\""),
		    STR("'\"\\/\b\f\n\r\tA\xc3\xa9'")),
		BOTH(STR("\"\\ud83d\\ude00 \\uFFFF \\u0000\""),
		    STR("'\xf0\x9f\x98\x80 \xef\xbf\xbf \0'")),
		BOTH(STR("\"\xc3\xa9 \xe6\xbc\xa2 \xf0\x9f\x98\x80\x7f\""),
		    STR("'\xc3\xa9 \xe6\xbc\xa2 \xf0\x9f\x98\x80\x7f'")),
		BOTH(STR("{\"\\u0061\\/\":1}"), STR("1( a/=1)")),
	};

	(void)state;
	check_all(cases, NITEMS(cases));
}

/* A byte that cannot be taken as it is may stand anywhere in a text, many of
 * whose bytes are looked at together. */
static void
test_anywhere(void **state)
{
	static const struct {
		const char *written, *read;
		int strict; /* 0: a strict reading takes this; -1: refuses */
	} cases[] = {
		{ "\\n", "\n", 0 },
		{ "\xc3\xa9", "\xc3\xa9", 0 },
		{ "\x7f", "\x7f", 0 },
		{ "\x1f", "\x1f", -1 },
		{ "\xff", "\xef\xbf\xbd", -1 },
	};

	(void)state;
	for (int n = 0; n < 40 * (int)NITEMS(cases); n++) {
		int i = n % (int)NITEMS(cases), before = n / (int)NITEMS(cases);
		struct str text = str_of(arena_printf(&arena, "\"%*s%s%20s\"",
		    before, "", cases[i].written, "!"));
		struct value v;
		struct err e;

		check(text, false,
		    str_of(arena_printf(&arena, "'%*s%s%20s'", before, "",
		        cases[i].read, "!")));
		assert_int_equal(
		    tape_read(&arena, text, true, &v, &e), cases[i].strict);
	}
}

/* 1. A text that is no JSON is refused, with the place. */
static void
test_form(void **state)
{
	static const struct reading cases[] = {
		BOTH(STR(""), WRONG("ends too early", 1, 0)),
		BOTH(STR(" \n "), WRONG("ends too early", 2, 1)),
		BOTH(STR("x"), WRONG("is not JSON", 1, 1)),
		BOTH(STR("nul"), WRONG("is not JSON", 1, 1)),
		BOTH(STR("[1,\n2,,3]"), WRONG("is not JSON", 2, 3)),
		BOTH(STR("[1,]"), WRONG("is not JSON", 1, 4)),
		BOTH(STR("[1"), WRONG("ends too early", 1, 2)),
		BOTH(STR("[1}"), WRONG("is not JSON", 1, 3)),
		BOTH(STR("[}"), WRONG("is not JSON", 1, 2)),
		BOTH(STR("{]"), WRONG("is not JSON", 1, 2)),
		BOTH(STR("{\"a\":1]"), WRONG("is not JSON", 1, 7)),
		BOTH(STR("{\"a\" 1}"), WRONG("is not JSON", 1, 6)),
		BOTH(STR("{\"a\":1,}"), WRONG("is not JSON", 1, 8)),
		BOTH(STR("{a:1}"), WRONG("is not JSON", 1, 2)),
		BOTH(STR("{\"a"), WRONG("ends too early", 1, 3)),
		BOTH(STR("{} x"), WRONG("goes on after its end", 1, 4)),
		BOTH(STR("\xef\xbb\xbf{}"), WRONG("is not JSON", 1, 1)),
		BOTH(STR("01"), WRONG("goes on after its end", 1, 2)),
		BOTH(STR("[01]"), WRONG("is not JSON", 1, 3)),
		BOTH(STR("[1.]"), WRONG("is not JSON", 1, 4)),
		BOTH(STR("[.5]"), WRONG("is not JSON", 1, 2)),
		BOTH(STR("[1e]"), WRONG("is not JSON", 1, 4)),
		BOTH(STR("[+1]"), WRONG("is not JSON", 1, 2)),
		BOTH(STR("-"), WRONG("ends too early", 1, 1)),
		BOTH(STR("\"\\x\""), WRONG("is not JSON", 1, 3)),
		BOTH(STR("\"\\u12g4\""), WRONG("is not JSON", 1, 6)),
		BOTH(STR("\"\\u12"), WRONG("ends too early", 1, 5)),
		BOTH(STR("\"abcdefg\\"), WRONG("ends too early", 1, 9)),
	};

	(void)state;
	check_all(cases, NITEMS(cases));
}

/* 3. A doubtful value, which a strict reading refuses. */
static void
test_doubts(void **state)
{
	static const struct reading cases[] = {
		{ STR("{\"a\":1,\"b\":[2],\"a\":{},\"c\":3}"),
		    STR("3( a=doubt b=1( 2) c=3)"),
		    WRONG("names a key twice", 1, 22) },
		{ STR("{\"b\":[2,[3]],\"b\":1,\"b\":2}"), STR("1( b=doubt)"),
		    WRONG("names a key twice", 1, 19) },
		{ STR("{\"a\":1,\"\\u0061\":2}"), STR("1( a=doubt)"),
		    WRONG("names a key twice", 1, 18) },
		BOTH(STR("{\"a\":1,\"a\":x}"), WRONG("is not JSON", 1, 12)),
		/* The same key in two objects is no repetition. */
		BOTH(STR("[{\"a\":1},{\"a\":{\"a\":1}}]"),
		    STR("2( 1( a=1) 1( a=1( a=1)))")),
	};

	(void)state;
	check_all(cases, NITEMS(cases));
}

/* 4. Bytes that are no text are mended, which a strict reading does not do. */
static void
test_texts(void **state)
{
	static const struct reading cases[] = {
		{ STR("\"a\xff\xc0\x80z\""),
		    STR("'a\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbdz'"),
		    WRONG("is not UTF-8", 1, 4) },
		{ STR("\"\xed\xa0\x80\""),
		    STR("'\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd'"),
		    WRONG("is not UTF-8", 1, 3) },
		{ STR("\"\xc3\""), STR("'\xef\xbf\xbd'"),
		    WRONG("is not UTF-8", 1, 3) },
		{ STR("\"\\ud800x\\udc00\""),
		    STR("'\xef\xbf\xbdx\xef\xbf\xbd'"),
		    WRONG("has half a character", 1, 8) },
		{ STR("\"\\udc00\\udc00\""), STR("'\xef\xbf\xbd\xef\xbf\xbd'"),
		    WRONG("has half a character", 1, 8) },
		{ STR("\"\\ud800\\u0041\""),
		    STR("'\xef\xbf\xbd"
		        "A'"),
		    WRONG("has half a character", 1, 8) },
		{ STR("\"a\1b\0c\n\""), STR("'a\1b\0c\n'"),
		    WRONG("is not JSON", 1, 3) },
		{ STR("{\"a\\u0000\":[1],\"b\":2}"), STR("1( b=2)"),
		    WRONG("has a zero byte in a key", 1, 15) },
		{ STR("{\"b\0\":1,\"b\":2,\"b\0\":3}"), STR("1( b=2)"),
		    WRONG("is not JSON", 1, 4) },
		{ STR("{\"\xff\":1,\"\xfe\":2}"), STR("1( \xef\xbf\xbd=doubt)"),
		    WRONG("is not UTF-8", 1, 4) },
	};

	(void)state;
	check_all(cases, NITEMS(cases));
}

/* Returns a text of n brackets, a value in them, and n brackets more. */
static struct str
nested(size_t n, const char *inside, size_t closed)
{
	size_t len = n + strlen(inside) + closed;
	char *text = arena_alloc(&arena, len + 1);

	memset(text, '[', n);
	memcpy(text + n, inside, strlen(inside));
	memset(text + n + strlen(inside), ']', closed);
	return (struct str){ text, len };
}

/* 3. The depth of a text is bounded. */
static void
test_depth(void **state)
{
	struct value v = { 0 };
	struct err e;

	(void)state;
	must(tape_read(
	         &arena, nested(NESTED_MAX, "7", NESTED_MAX), true, &v, &e),
	    &e);
	for (int i = 0; i < NESTED_MAX; i++)
		v = value_at(v, 0);
	assert_int_equal(value_int(v), 7);

	/* A list too deep is a value in doubt, whatever is in it. */
	must(tape_read(&arena,
	         nested(NESTED_MAX + 1, "[{\"\\n\\\"]\": tru]", NESTED_MAX + 2),
	         false, &v, &e),
	    &e);
	for (int i = 0; i < NESTED_MAX; i++)
		v = value_at(v, 0);
	assert_true(value_is(v, VALUE_DOUBT));

	check(nested(NESTED_MAX + 1, "1", NESTED_MAX + 1), true,
	    WRONG("is nested too deep", 1, 130));
	check(nested(100000, "", 0), false, WRONG("ends too early", 1, 100000));
	check(nested(NESTED_MAX + 1, "\"\\x", 9), false,
	    WRONG("is not JSON", 1, 132));
}

/* 3. In objects of many keys, too, a repeated key is found, and look-ups find
 * the first one. */
static void
test_many_keys(void **state)
{
	for (int n = 1; n <= 1000; n = n * 3 + 1) {
		struct value root, list, v = { 0 };
		struct err e;
		struct buf b;
		char key[32];

		/* Long keys that differ in the middle have one hash. */
		buf_init(&b, 1 << 16);
		for (int i = 0; i < n; i++)
			buf_printf(&b, "%s\"beginning%06dend____\":%d",
			    i == 0 ? "[{" : ",", i, i);
		buf_puts(&b, ",\"beginning000000end____\":-1},7]");
		must(tape_read(&arena, (struct str){ b.data, b.len }, false,
		         &list, &e),
		    &e);
		assert_int_equal(value_int(value_at(list, 1)), 7);
		root = value_at(list, 0);
		assert_int_equal(value_size(root), n);
		for (int i = 0; i < n; i++)
			assert_true(value_next(root, &v));
		assert_false(value_next(root, &v));
		for (int i = 1; i < n; i++) {
			(void)snprintf(
			    key, sizeof(key), "beginning%06dend____", i);
			assert_int_equal(value_int(value_get(root, key)), i);
		}
		assert_true(value_is(
		    value_get(root, "beginning000000end____"), VALUE_DOUBT));
		assert_false(
		    value_exists(value_get(root, "beginning999999end____")));
		assert_int_equal(
		    tape_read(
		        &arena, (struct str){ b.data, b.len }, true, &list, &e),
		    -1);
		assert_non_null(strstr(e.msg, "names a key twice"));
		buf_fini(&b);
		(void)state;
	}
}

/* 3. Checks that a body of 2 MB is read in a moment if half of its keys are left
 * out and the other half are one key that comes again and again. */
static void
test_many_left_out(void **state)
{
	static const char *const firsts[] = { "\"a\":1", "\"\\u0000\":1" };

	(void)state;
	for (size_t i = 0; i < NITEMS(firsts); i++) {
		struct value root = { 0 };
		struct err e;
		struct buf b;

		buf_init(&b, 4 << 20);
		buf_puts(&b, "{\"id\":7");
		for (int n = 0; n < 150000; n++)
			buf_printf(&b, ",%s", firsts[i]);
		for (int n = 0; n < 150000; n++)
			buf_puts(&b, ",\"b\":1");
		buf_puts(&b, "}");
		/* Comparing each key with each takes minutes. */
		alarm(20);
		must(tape_read(&arena, (struct str){ b.data, b.len }, false,
		         &root, &e),
		    &e);
		alarm(0);
		assert_int_equal(value_size(root), i == 0 ? 3 : 2);
		assert_int_equal(value_int(value_get(root, "id")), 7);
		assert_true(value_is(value_get(root, "b"), VALUE_DOUBT));
		buf_fini(&b);
	}
}

/* Every function takes values of every kind, and no value. */
static void
test_nothing(void **state)
{
	struct value root = { 0 }, v = { 0 }, in = { 0 };
	struct err e;

	(void)state;
	must(tape_read(
	         &arena, STR("[null,true,1,1.5,\"a\",[],{}]"), true, &root, &e),
	    &e);
	do {
		assert_int_equal(value_size(v), 0);
		assert_false(value_exists(value_get(v, "a")));
		assert_false(value_exists(value_at(v, 0)));
		assert_false(value_next(v, &in));
		assert_int_equal(
		    value_text(v).len, value_is(v, VALUE_TEXT) ? 1 : 0);
		assert_int_equal(value_int(v), value_is(v, VALUE_INT));
		assert_int_equal(value_is_set(v),
		    value_exists(v) && !value_is(v, VALUE_NULL));
	} while (value_next(root, &v));
	/* Behind the last entry there is none, and then the first one. */
	assert_false(value_exists(v));
	assert_true(value_next(root, &v) && value_is(v, VALUE_NULL));
	assert_int_equal(value_int(value_at(root, 2)), 1);
	assert_false(value_exists(value_at(root, 7)));
}

/* The memory of a tape is bounded by the size of its text. */
static void
test_memory(void **state)
{
	static const char *const worst[] = { "1,", "[],", "\"\xff\",", "\xff",
		"\\/", "{\"\xff\":0}," };
	enum {
		SIZE = 1 << 20,
		BYTES = 24
	};

	(void)state;
	for (size_t i = 0; i < NITEMS(worst); i++) {
		bool text = strchr(worst[i], ',') == NULL;
		struct value root = { 0 };
		struct arena own;
		struct err e;
		struct buf b;

		buf_init(&b, SIZE + 64);
		buf_puts(&b, text ? "[\"" : "[");
		while (b.len < SIZE)
			buf_puts(&b, worst[i]);
		buf_puts(&b, text ? "\"]" : "0]");
		arena_init(&own);
		must(tape_read(
		         &own, (struct str){ b.data, b.len }, false, &root, &e),
		    &e);
		assert_true(arena_size(&own) <= BYTES * b.len);
		arena_fini(&own);
		buf_fini(&b);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_values),
		cmocka_unit_test(test_anywhere),
		cmocka_unit_test(test_form),
		cmocka_unit_test(test_doubts),
		cmocka_unit_test(test_texts),
		cmocka_unit_test(test_depth),
		cmocka_unit_test(test_many_keys),
		cmocka_unit_test(test_many_left_out),
		cmocka_unit_test(test_nothing),
		cmocka_unit_test(test_memory),
	};

	return cmocka_run_group_tests(tests, arena_setup, arena_teardown);
}
