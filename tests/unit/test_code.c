/* SPDX-License-Identifier: MIT */
/* Checks the form of codes, and that codes of rewards are derived. */
#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "../support/test.h"
#include "base/cc.h"
#include "wire/code.h"

static const struct master_key key = { .bytes = { 1, 2, 3 } };
static const struct master_key other = { .bytes = { 1, 2, 4 } };

static void
test_form(void **state)
{
	char plain[CODE_PLAIN_SIZE], read[CODE_PLAIN_SIZE], text[CODE_SIZE];

	(void)state;
	for (int i = 0; i < 1000; i++) {
		char redemption[32];

		(void)snprintf(redemption, sizeof(redemption), "r%d", i);
		reward_code(&key, 7, redemption, 1, plain);
		assert_null(strpbrk(plain, "01oi"));
		code_write(plain, text);
		assert_int_equal(strlen(text), CODE_SIZE - 1);
		for (const char *c = text; *c != '\0'; c++)
			assert_false(islower((unsigned char)*c));
		assert_true(code_read(str_of(text), read));
		assert_string_equal(read, plain);
		assert_true(code_read(str_of(plain), read));
	}
}

static void
test_refused(void **state)
{
	char plain[CODE_PLAIN_SIZE], read[CODE_PLAIN_SIZE];
	int passed = 0;

	(void)state;
	reward_code(&key, 7, "r", 1, plain);
	for (size_t i = 0; i < CODE_SYMBOLS; i++) {
		char wrong[CODE_PLAIN_SIZE];

		memcpy(wrong, plain, sizeof(wrong));
		wrong[i] = wrong[i] == 'z' ? '2' : 'z';
		passed += code_read(str_of(wrong), read);
		wrong[i] = '0';
		assert_false(code_read(str_of(wrong), read));
	}
	assert_true(passed <= 1);
	assert_false(code_read(STR(""), read));
	assert_false(code_read(STR("SPRING"), read));
	plain[CODE_SYMBOLS - 1] = '\0';
	assert_false(code_read(str_of(plain), read));
	assert_false(code_read(STR("22222222222222222"), read));
}

/* Anything else than the same redemption under the same key has another code. */
static void
test_derived(void **state)
{
	char a[CODE_PLAIN_SIZE], b[CODE_PLAIN_SIZE];

	(void)state;
	reward_code(&key, 7, "r", 1, a);
	reward_code(&key, 7, "r", 1, b);
	assert_string_equal(a, b);
	reward_code(&key, 7, "r", 2, b);
	assert_string_not_equal(a, b);
	reward_code(&key, 8, "r", 1, b);
	assert_string_not_equal(a, b);
	reward_code(&key, 7, "s", 1, b);
	assert_string_not_equal(a, b);
	reward_code(&other, 7, "r", 1, b);
	assert_string_not_equal(a, b);
}

/* Members' codes: all mistakes at one place, at two places, and all swaps are found,
 * and none of them is the code of a reward. */
static void
test_member(void **state)
{
	static const char symbols[] = "23456789abcdefghjklmnpqrstuvwxyz";
	const uint8_t random[MEMBER_CODE_BYTES] = { 0, 31, 77, 255, 9, 130, 4 };
	char plain[MEMBER_CODE_PLAIN_SIZE], read[CODE_PLAIN_SIZE],
	    text[MEMBER_CODE_SIZE];

	(void)state;
	member_code_make(random, plain);
	member_code_write(plain, text);
	assert_int_equal(strlen(text), MEMBER_CODE_SIZE - 1);
	assert_true(member_code_read(str_of(text), read));
	assert_string_equal(read, plain);
	assert_false(code_read(str_of(text), read));
	assert_false(member_code_read(STR(""), read));
	assert_false(member_code_read(STR("222222222222"), read));
	for (size_t n = 0; n < MEMBER_CODE_SYMBOLS * 32L * 9 * 32; n++) {
		size_t i = n / 32 / 9 / 32, k = n / 32 % 9;
		char wrong[MEMBER_CODE_PLAIN_SIZE];

		memcpy(wrong, plain, sizeof(wrong));
		wrong[i] = symbols[n / 32 / 9 % 32];
		wrong[k] = symbols[n % 32];
		assert_int_equal(member_code_read(str_of(wrong), read),
		    strcmp(wrong, plain) == 0);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_form),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_derived),
		cmocka_unit_test(test_member),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
