/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "../support/test.h"
#include "base/err.h"

static void
test_set(void **state)
{
	struct err e = { .fault = FAULT_NONE };

	(void)state;
	assert_int_equal(err_set(&e, FAULT_RETRY, "no %s", "answer"), -1);
	assert_int_equal(e.fault, FAULT_RETRY);
	assert_string_equal(e.msg, "no answer");
	/* The new text of an err may be formatted from its old text. */
	(void)err_set(&e, FAULT_FATAL, "still %s", e.msg);
	assert_int_equal(e.fault, FAULT_FATAL);
	assert_string_equal(e.msg, "still no answer");
}

static void
test_wrap(void **state)
{
	struct err e;

	(void)state;
	(void)err_set(&e, FAULT_REJECT, "no order");
	assert_int_equal(err_wrap(&e, "line %d", 3), -1);
	assert_int_equal(e.fault, FAULT_REJECT);
	assert_string_equal(e.msg, "line 3: no order");
}

/* Checks that a message which is too long loses its end, and stays valid
 * UTF-8. */
static void
test_cut(void **state)
{
	char text[sizeof(((struct err *)NULL)->msg) + 100];
	struct err e;

	(void)state;
	memset(text, 'x', sizeof(text));
	text[sizeof(text) - 1] = '\0';
	(void)err_set(&e, FAULT_RETRY, "%s", text);
	assert_int_equal(strlen(e.msg), sizeof(e.msg) - 1);
	(void)err_wrap(&e, "outer");
	assert_int_equal(strlen(e.msg), sizeof(e.msg) - 1);
	assert_int_equal(strncmp(e.msg, "outer: xxx", 10), 0);
	(void)err_wrap(&e, "%s", text);
	assert_int_equal(strlen(e.msg), sizeof(e.msg) - 1);
}

/* Checks that a text is cut after a whole word, and ends with a sign that it
 * was cut. */
static void
test_cut_at_words(void **state)
{
	char text[1000] = "";
	struct err e;

	(void)state;
	while (strlen(text) < sizeof(text) - sizeof("forty-two, "))
		(void)strcat(text, "forty-two, ");
	for (int wraps = 0; wraps < 12; wraps++) {
		(void)err_set(&e, FAULT_REJECT, "%s", text);
		for (int i = 0; i < wraps; i++)
			(void)err_wrap(&e, "x");
		assert_string_equal(strrchr(e.msg, '-'), "-two, ...");
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_set),
		cmocka_unit_test(test_wrap),
		cmocka_unit_test(test_cut),
		cmocka_unit_test(test_cut_at_words),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
