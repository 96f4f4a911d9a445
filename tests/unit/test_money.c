/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "../support/test.h"
#include "base/money.h"

static void
test_exponent(void **state)
{
	static const struct {
		const char *code;
		int exponent;
	} cases[] = {
		{ "EUR", 2 },
		{ "USD", 2 },
		{ "JPY", 0 },
		{ "ISK", 0 },
		{ "KWD", 3 },
		{ "TND", 3 },
		{ "CLF", 4 },
		{ "XCG", 2 },
		{ "AED", 2 },
		{ "ZWG", 2 },
		{ "BIF", 0 },
		{ "XPF", 0 },
		{ "UYW", 4 },
		{ "IRT", 2 },
		{ "JEP", 2 },
		{ "GGP", 2 },
		{ "BTC", 8 },
		{ "BYR", 0 },
		{ "HRK", 2 },
		{ "eur", -1 },
		{ "EURO", -1 },
		{ "EU", -1 },
		{ "", -1 },
		{ "XXX", -1 },
		{ "UR ", -1 },
		{ "R U", -1 },
	};

	(void)state;
	for (size_t i = 0; i < NITEMS(cases); i++)
		assert_int_equal(
		    currency_exponent(cases[i].code), cases[i].exponent);
}

static void
test_parse(void **state)
{
	static const struct {
		const char *rule, *text;
		int exponent, rc;
		int64_t minor;
	} cases[] = {
		{ "plain", "72.20", .exponent = 2, .minor = 7220 },
		{ "no decimals", "47", .exponent = 0, .minor = 47 },
		{ "fewer decimals", "4.2", .exponent = 2, .minor = 420 },
		{ "none of two", "47", .exponent = 2, .minor = 4700 },
		{ "three", "11.901", .exponent = 3, .minor = 11901 },
		{ "negative", "-5.00", .exponent = 2, .minor = -500 },
		{ "minus zero", "-0.00", .exponent = 2, .minor = 0 },
		{ "leading zeros", "0007.10", .exponent = 2, .minor = 710 },
		{ "half rounds up", "0.005", .exponent = 2, .minor = 1 },
		{ "less does not", "0.00499999", .exponent = 2, .minor = 0 },
		{ "away from zero", "-0.005", .exponent = 2, .minor = -1 },
		{ "a float's tail", "16.798319333333335", .exponent = 2,
		    .minor = 1680 },
		{ "carry", "1.995", .exponent = 2, .minor = 200 },
		{ "exponent 0 rounds", "47.50", .exponent = 0, .minor = 48 },
		{ "largest", "10000000000000.00", .exponent = 2,
		    .minor = MONEY_MAX },
		{ "beyond", "10000000000000.01", .exponent = 2, .rc = -1 },
		{ "rounded beyond", "10000000000000.005", .exponent = 2,
		    .rc = -1 },
		{ "far beyond", "99999999999999999999", .exponent = 2,
		    .rc = -1 },
		{ "beyond by decimals", "1000000000000000", .exponent = 2,
		    .rc = -1 },
		{ "nothing", "", .exponent = 2, .rc = -1 },
		{ "a sign alone", "-", .exponent = 2, .rc = -1 },
		{ "a dot alone", ".", .exponent = 2, .rc = -1 },
		{ "no digit before", ".50", .exponent = 2, .rc = -1 },
		{ "no digit behind", "5.", .exponent = 2, .rc = -1 },
		{ "two dots", "1.2.3", .exponent = 2, .rc = -1 },
		{ "a comma", "7,50", .exponent = 2, .rc = -1 },
		{ "thousands", "1,000.00", .exponent = 2, .rc = -1 },
		{ "a power", "1e3", .exponent = 2, .rc = -1 },
		{ "a plus", "+5.00", .exponent = 2, .rc = -1 },
		{ "a blank", " 5.00", .exponent = 2, .rc = -1 },
		{ "a currency", "5.00 EUR", .exponent = 2, .rc = -1 },
		{ "no number", "NaN", .exponent = 2, .rc = -1 },
	};

	(void)state;
	for (size_t i = 0; i < NITEMS(cases); i++) {
		int64_t minor = 4711;
		int rc = money_parse(
		    str_of(cases[i].text), cases[i].exponent, &minor);

		if (rc != cases[i].rc ||
		    minor != (rc == 0 ? cases[i].minor : 4711))
			fail_msg("%s: %s gave %d and %lld", cases[i].rule,
			    cases[i].text, rc, (long long)minor);
	}
}

static void
test_format(void **state)
{
	static const struct {
		int64_t minor;
		int exponent;
		const char *text;
	} cases[] = {
		{ 7220, 2, "72.20" },
		{ 5, 2, "0.05" },
		{ -5, 2, "-0.05" },
		{ 0, 2, "0.00" },
		{ 47, 0, "47" },
		{ -47, 0, "-47" },
		{ 11901, 3, "11.901" },
		{ 1, 4, "0.0001" },
		{ MONEY_MAX, 2, "10000000000000.00" },
		{ INT64_MIN, 2, "-92233720368547758.08" },
	};

	(void)state;
	for (size_t i = 0; i < NITEMS(cases); i++) {
		char text[MONEY_TEXT_MAX];

		money_format(cases[i].minor, cases[i].exponent, text);
		assert_string_equal(text, cases[i].text);
	}
}

/* Checks that a written amount is read back as it was. */
static void
test_round_trip(void **state)
{
	(void)state;
	for (int exponent = 0; exponent <= 4; exponent++)
		for (int64_t n = -MONEY_MAX; n <= MONEY_MAX;
		     n += MONEY_MAX / 997) {
			char text[MONEY_TEXT_MAX];
			int64_t back;

			money_format(n, exponent, text);
			assert_int_equal(
			    money_parse(str_of(text), exponent, &back), 0);
			assert_int_equal(back, n);
		}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_exponent),
		cmocka_unit_test(test_parse),
		cmocka_unit_test(test_format),
		cmocka_unit_test(test_round_trip),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
