/* SPDX-License-Identifier: MIT */
/* Checks that the explanation of a number is the same after it was written as
 * JSON and read back. */
#include <string.h>

#include "../support/test.h"
#include "arena_state.h"
#include "base/cc.h"
#include "wire/why_json.h"

static const struct row {
	const char *name;
	struct why why;
	const char *json;
} rows[] = {
	{ "nothing applies: nothing is written", { .reason = NULL }, "{}" },
	{ "a plain order",
	    { .reason = "earned",
	        .rule = "order",
	        .base = 12075,
	        .base_left = 12075,
	        .units = 1,
	        .per = 100,
	        .factor = 10000,
	        .over = WINDOW_ORDER },
	    "{\"reason\":\"earned\",\"rule\":\"order\",\"base\":12075,"
	    "\"base_left\":12075,\"units\":1,\"per\":100,\"factor\":10000,"
	    "\"over\":\"order\"}" },
	{ "a zero", { .reason = "excluded_state", .rule = "fill" },
	    "{\"reason\":\"excluded_state\",\"rule\":\"fill\"}" },
	{ "everything",
	    { .reason = "earned",
	        .rule = "order*gold",
	        .base = 1,
	        .base_left = 2,
	        .currency = "USD",
	        .rate = "0.92",
	        .foreign = 17,
	        .units = -3,
	        .per = 4,
	        .factor = 5,
	        .multipliers = { "gold", "d\"ay", "x", "y" },
	        .nmultipliers = 4,
	        .tier = "gold",
	        .over = WINDOW_TIER_YEAR,
	        .window_from = INT64_MAX,
	        .sum_before = INT64_MIN,
	        .sum_after = 8,
	        .boosted = 13,
	        .whole = 14,
	        .given_before = 9,
	        .given_after = 10,
	        .uncapped = 11,
	        .limit = 12,
	        .passed = -15,
	        .bonus = 16 },
	    "{\"reason\":\"earned\",\"rule\":\"order*gold\",\"base\":1,"
	    "\"base_left\":2,\"currency\":\"USD\",\"rate\":\"0.92\","
	    "\"foreign\":17,\"units\":-3,\"per\":4,\"factor\":5,"
	    "\"multipliers\":[\"gold\",\"d\\\"ay\",\"x\",\"y\"],"
	    "\"tier\":\"gold\",\"over\":\"tier_year\","
	    "\"window_from\":9223372036854775807,"
	    "\"sum_before\":-9223372036854775808,\"sum_after\":8,"
	    "\"boosted\":13,\"whole\":14,"
	    "\"given_before\":9,\"given_after\":10,\"uncapped\":11,"
	    "\"limit\":12,\"passed\":-15,\"bonus\":16}" },
};

static void
test_both_ways(void **state)
{
	(void)state;
	for (size_t i = 0; i < NITEMS(rows); i++) {
		struct why back = { .rule = "junk" };
		struct str first = why_kept(&arena, &rows[i].why);
		struct err e;

		assert_string_equal(first.data, rows[i].json);
		assert_int_equal(why_parse(&arena, first, &back, &e), 0);
		assert_int_equal(back.base_left, rows[i].why.base_left);
		assert_int_equal(back.over, rows[i].why.over);
		assert_string_equal(why_kept(&arena, &back).data, rows[i].json);
		/* The text that entries keep says the same. */
		first = why_pack(&arena, &rows[i].why);
		assert_int_equal(why_parse(&arena, first, &back, &e), 0);
		assert_string_equal(why_kept(&arena, &back).data, rows[i].json);
	}
}

static void
test_windows(void **state)
{
	(void)state;
	for (int w = WINDOW_LINE; w <= WINDOW_LIFETIME; w++) {
		struct why why = { .over = (enum window)w }, back;
		struct err e;

		assert_int_equal(
		    why_parse(&arena, why_kept(&arena, &why), &back, &e), 0);
		assert_int_equal(back.over, w);
	}
}

static void
test_refused(void **state)
{
	static const char *const wrong[] = {
		"",
		"[]",
		"null",
		"{",
		"{} x",
		"{\"colour\":1}",
		"{\"base\":\"1\"}",
		"{\"base\":1.5}",
		"{\"base\":9223372036854775808}",
		"{\"base\":1,\"base\":1}",
		"{\"base\":null}",
		"{\"rule\":1}",
		"{\"over\":\"week\"}",
		"{\"over\":1}",
		"{\"multipliers\":\"x\"}",
		"{\"multipliers\":[]}",
		"{\"multipliers\":[1]}",
		"{\"multipliers\":[\"a\",\"b\",\"c\",\"d\",\"e\"]}",
	};

	(void)state;
	for (size_t i = 0; i < NITEMS(wrong); i++) {
		struct why why = { .rule = "untouched" };
		struct err e = { .fault = FAULT_NONE };

		assert_int_equal(
		    why_parse(&arena, str_of(wrong[i]), &why, &e), -1);
		assert_int_equal(e.fault, FAULT_FATAL);
		assert_string_equal(why.rule, "untouched");
	}
}

/* Checks that WHY_JSON_MAX has room for the longest explanation that there can
 * be. */
static void
test_longest(void **state)
{
	const int64_t least = INT64_MIN;
	char id[2 * RULE_ID_MAX];
	struct why why;

	(void)state;
	memset(id, 'x', sizeof(id) - 1);
	id[sizeof(id) - 1] = '\0';
	for (size_t i = 0; i < sizeof(why) / sizeof(least); i++)
		memcpy((char *)&why + i * sizeof(least), &least, sizeof(least));
	why.reason = why.rule = why.tier = id;
	why.currency = "USD";
	why.rate = "1000000.123456789012";
	why.over = WINDOW_TIER_YEAR;
	why.nmultipliers = WHY_MULTIPLIERS_MAX;
	for (size_t i = 0; i < WHY_MULTIPLIERS_MAX; i++)
		why.multipliers[i] = id;
	assert_true(why_kept(&arena, &why).len < WHY_JSON_MAX);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_both_ways),
		cmocka_unit_test(test_windows),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_longest),
	};

	return cmocka_run_group_tests(tests, arena_setup, arena_teardown);
}
