/* SPDX-License-Identifier: MIT */
/* Checks the order of facts in a timeline, and the fields of an event. */
#include "../support/test.h"
#include "base/cc.h"
#include "core/fact.h"

static void
test_order(void **state)
{
	/* The facts are in ascending order: by time, then by kind, then by
	 * store, then by id as a text, then uses by their redemption. */
	static const struct fact facts[] = {
		{ .kind = FACT_ADJUST, .at = -5, .store_id = 9, .id = "z" },
		{ .kind = FACT_ORDER, .at = 10, .store_id = 1, .id = "10" },
		{ .kind = FACT_ORDER, .at = 10, .store_id = 1, .id = "9" },
		{ .kind = FACT_ORDER, .at = 10, .store_id = 2, .id = "10" },
		{ .kind = FACT_EVENT, .at = 10, .store_id = 1, .id = "10" },
		{ .kind = FACT_REDEEM, .at = 10, .store_id = 1, .id = "10" },
		{ .kind = FACT_CAPTURE, .at = 10, .store_id = 1, .id = "10" },
		{ .kind = FACT_RELEASE, .at = 10, .store_id = 1, .id = "10" },
		{ .kind = FACT_ADJUST, .at = 10, .store_id = 1, .id = "10" },
		{ .kind = FACT_USE,
		    .at = 10,
		    .store_id = 1,
		    .id = "10",
		    .of = "a" },
		{ .kind = FACT_USE,
		    .at = 10,
		    .store_id = 1,
		    .id = "10",
		    .of = "b" },
		{ .kind = FACT_UNUSE,
		    .at = 10,
		    .store_id = 1,
		    .id = "10",
		    .of = "a" },
		{ .kind = FACT_ORDER, .at = 11, .store_id = 1, .id = "1" },
		{ .kind = FACT_ORDER,
		    .at = INT64_MAX,
		    .store_id = INT64_MIN,
		    .id = "1" },
	};

	(void)state;
	for (size_t i = 0; i < NITEMS(facts); i++)
		for (size_t j = 0; j < NITEMS(facts); j++) {
			int way = fact_compare(&facts[i], &facts[j]);

			assert_int_equal(
			    (way > 0) - (way < 0), (i > j) - (i < j));
		}
}

static void
test_fields(void **state)
{
	static const struct field fields[] = {
		{ "state", "NY" },
		{ "stars", "5" },
		{ "stars", "1" },
	};
	struct fact f = { .fields = fields, .nfields = NITEMS(fields) };

	(void)state;
	assert_string_equal(fact_field(&f, "state"), "NY");
	/* If two fields have the same name, the first counts. */
	assert_string_equal(fact_field(&f, "stars"), "5");
	assert_null(fact_field(&f, "star"));
	assert_null(fact_field(&f, "State"));
	f.nfields = 0;
	assert_null(fact_field(&f, "state"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_order),
		cmocka_unit_test(test_fields),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
