/* SPDX-License-Identifier: MIT */
/*
 * fuzz_tape: reads any bytes to a tape and, by the same rules, to jansson's
 * values (jansson_load.h), forgivingly and strictly.  Both accept or refuse
 * alike, with the same sentence and the same place, and all values are the
 * same.  Input: the text.
 *
 * The one difference from jansson_load.h that is meant:
 *
 *  1. In an object of very many keys, a key that is there twice is found when
 *     the object ends, so that a strict reading may complain of something
 *     behind that key instead.
 *
 * A strict reading is also held against jansson's own reader, with
 * JSON_REJECT_DUPLICATES, JSON_ALLOW_NUL and JSON_DECODE_ANY.  These
 * differences are meant:
 *
 *  2. jansson refuses whole numbers beyond 64 bits and doubles that overflow; a
 *     tape has numbers of any size.
 *  3. jansson reads to a depth of 2048, a tape to NESTED_MAX.
 *  4. jansson passes over a zero byte behind a number.
 */
#include <stdlib.h>

#include "jansson_load.h"

int LLVMFuzzerTestOneInput(const uint8_t *, size_t);

#define CHECK(x)                 \
	do {                     \
		if (!(x))        \
			abort(); \
	} while (0)

static void check_same(struct value, const json_t *);

static bool
is_text(struct str s, const json_t *v)
{
	return s.len == json_string_length(v) &&
	       memcmp(s.data, json_string_value(v), s.len) == 0;
}

/* Whether a number was written as in the text that jansson_load() made. */
static bool
is_digits(struct str s, const json_t *v)
{
	const char *marked = json_string_value(v);
	bool same = json_string_length(v) == s.len + 1 &&
	            marked[0] == NUMBER_MARK[0];

	for (size_t i = 0; same && i < s.len; i++)
		same = marked[i + 1] == (s.data[i] == 'E' ? 'e' : s.data[i]);
	return same;
}

static void
check_list(struct value list, const json_t *old)
{
	struct value v = { 0 };
	size_t n = 0;

	CHECK(value_size(list) == json_array_size(old));
	for (; value_next(list, &v); n++) {
		if (n < 16)
			CHECK(value_at(list, n).node == v.node);
		check_same(v, json_array_get(old, n));
	}
	CHECK(n == json_array_size(old));
	CHECK(!value_exists(value_at(list, n)));
}

/* Checks that an object has the same keys in the same order, and that a look-up
 * finds the value which stands there. */
static void
check_object(struct value object, json_t *old)
{
	struct value v = { 0 };
	const char *key;
	json_t *other;

	CHECK(value_size(object) == json_object_size(old));
	json_object_foreach(old, key, other)
	{
		CHECK(value_next(object, &v));
		CHECK(str_eq(value_key(v), str_of(key)));
		if (json_object_size(old) < 1000)
			CHECK(value_get(object, key).node == v.node);
		check_same(v, other);
	}
	CHECK(!value_next(object, &v));
	CHECK(!value_exists(value_get(object, "no such key")));
}

static void
check_same(struct value v, const json_t *old)
{
	struct value next = { 0 };

	switch (value_kind(v)) {
	case VALUE_NULL:
		CHECK(json_is_null(old));
		break;
	case VALUE_TRUE:
		CHECK(json_is_true(old));
		break;
	case VALUE_FALSE:
		CHECK(json_is_false(old));
		break;
	case VALUE_INT:
		CHECK(json_is_integer(old));
		CHECK(value_int(v) == json_integer_value(old));
		break;
	case VALUE_NUMBER:
		CHECK(is_digits(value_digits(v), old));
		break;
	case VALUE_TEXT:
		CHECK(json_is_string(old) && is_text(value_text(v), old));
		break;
	case VALUE_LIST:
		CHECK(json_is_array(old));
		check_list(v, old);
		return;
	case VALUE_OBJECT:
		CHECK(json_is_object(old));
		check_object(v, (json_t *)(uintptr_t)old);
		return;
	case VALUE_DOUBT:
		CHECK(json_is_real(old));
		break;
	}
	CHECK(value_kind(v) != 0);
	CHECK(value_size(v) == 0 && !value_next(v, &next));
	CHECK(!value_exists(value_get(v, "id")));
	CHECK(!value_exists(value_at(v, 0)));
}

static bool
has(const struct err *e, const char *word)
{
	return strstr(e->msg, word) != NULL;
}

/* Checks one reading against jansson_load(). */
static bool
check_reading(struct arena *a, struct str text, bool strict, struct err *e)
{
	struct err other = { .fault = FAULT_NONE };
	json_t *old = jansson_load(text, strict, &other);
	struct value root = { 0 };
	bool ok = tape_read(a, text, strict, &root, e) == 0;

	CHECK(ok == (old != NULL));
	CHECK(ok == (e->fault == FAULT_NONE));
	CHECK(ok == value_exists(root));
	CHECK(e->fault == other.fault);
	if (ok)
		check_same(root, old);
	else if (!has(e, "names a key twice") &&
	         !has(&other, "names a key twice")) /* 1. */
		CHECK(strcmp(e->msg, other.msg) == 0);
	json_decref(old);
	return ok;
}

/* Checks a strict reading against jansson's own. */
static void
check_strict(struct str text, bool ok, const struct err *e)
{
	json_error_t why = { .line = 0 };
	json_t *old = json_loadb(text.data, text.len,
	    JSON_REJECT_DUPLICATES | JSON_ALLOW_NUL | JSON_DECODE_ANY, &why);
	enum json_error_code code = old == NULL ? json_error_code(&why)
	                                        : json_error_unknown;

	if (old != NULL && !ok)
		CHECK(has(e, "is nested too deep") ||             /* 3. */
		      memchr(text.data, '\0', text.len) != NULL); /* 4. */
	if (old == NULL && ok)
		CHECK(code == json_error_numeric_overflow); /* 2. */
	json_decref(old);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	/* A copy without anything behind it, so that ASan sees whoever reads
	 * there. */
	char *copy = malloc(size + (size == 0));
	struct str text = { copy, size };
	struct err e = { .fault = FAULT_NONE };
	struct arena a;

	CHECK(copy != NULL);
	if (size > 0)
		memcpy(copy, data, size);
	arena_init(&a);
	(void)check_reading(&a, text, false, &e);
	e = (struct err){ .fault = FAULT_NONE };
	check_strict(text, check_reading(&a, text, true, &e), &e);
	arena_fini(&a);
	free(copy);
	return 0;
}
