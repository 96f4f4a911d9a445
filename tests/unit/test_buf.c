/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "../support/test.h"
#include "base/buf.h"

/* Checks that all bytes added are there, in order and followed by a zero
 * byte. */
static void
test_add(void **state)
{
	struct buf b;

	(void)state;
	buf_init(&b, 100000);
	for (int i = 0; i < 10000; i++) {
		buf_add(&b, "ab", 2);
		buf_puts(&b, "c");
		buf_printf(&b, "%d", i % 10);
	}
	assert_false(buf_is_full(&b));
	assert_int_equal(b.len, 40000);
	assert_int_equal(b.data[b.len], '\0');
	for (size_t i = 0; i < b.len; i += 4) {
		assert_memory_equal(b.data + i, "abc", 3);
		assert_int_equal(b.data[i + 3], '0' + (int)(i / 4 % 10));
	}
	buf_fini(&b);
}

/* Checks that a text which fits to the last byte is added, and that a longer
 * text is left out as a whole. */
static void
test_full(void **state)
{
	static const size_t maxima[] = { 0, 1, 255, 256, 257, 1000 };

	(void)state;
	for (size_t i = 0; i < NITEMS(maxima); i++) {
		struct buf b;

		buf_init(&b, maxima[i]);
		for (size_t n = 0; n < maxima[i]; n++)
			buf_add(&b, "x", 1);
		assert_false(buf_is_full(&b));
		buf_add(&b, "", 0);
		assert_false(buf_is_full(&b));
		buf_add(&b, "y", 1);
		assert_true(buf_is_full(&b));
		assert_int_equal(b.len, maxima[i]);
		assert_null(memchr(b.data, 'y', b.len));
		assert_int_equal(b.data[b.len], '\0');
		buf_fini(&b);
	}
}

/* Checks that a full buffer stays full, even if a short text would still fit.
 */
static void
test_stays_full(void **state)
{
	struct buf b;

	(void)state;
	buf_init(&b, 10);
	buf_printf(&b, "%s", "eleven char");
	assert_true(buf_is_full(&b));
	assert_int_equal(b.len, 0);
	buf_puts(&b, "ten chars!");
	assert_true(buf_is_full(&b));
	buf_reset(&b);
	assert_false(buf_is_full(&b));
	assert_string_equal(b.data, "");
	buf_printf(&b, "%s", "ten chars!");
	assert_false(buf_is_full(&b));
	assert_string_equal(b.data, "ten chars!");
	buf_fini(&b);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_add),
		cmocka_unit_test(test_full),
		cmocka_unit_test(test_stays_full),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
