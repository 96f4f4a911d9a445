/* SPDX-License-Identifier: MIT */
/* Checks from which amounts on a rule could give more units for an order than
 * the allowed UNITS_MAX. */
#include "../support/test.h"
#include "base/cc.h"
#include "core/beyond.h"

static struct rule rule = { .id = "r", .on = ON_ORDER, .by = PER_MONEY };
static struct multiplier twice = { .id = "m" };

static bool
is_beyond(struct order_line line, int64_t units, int64_t per, size_t factors)
{
	struct order o = { .lines = &line, .nlines = 1, .currency = "EUR" };
	const struct fact f = { .kind = FACT_ORDER, .order = &o };
	const struct program p = { .currency = "EUR",
		.rules = &rule,
		.nrules = 1,
		.multipliers = &twice,
		.nmultipliers = factors };

	rule.units = units;
	rule.per = per;
	return rule_beyond(&p, &f) == &rule;
}

static void
test_orders(void **state)
{
	static const struct {
		const char *what;
		struct order_line line;
		enum amount_per by;
		int64_t units, per;
		size_t factors;
		bool beyond;
	} cases[] = {
		{ "as much as may be", { .net = UNITS_MAX }, PER_MONEY, 1, 1, 0,
		    false },
		{ "one more", { .net = UNITS_MAX + 1 }, PER_MONEY, 1, 1, 0,
		    true },
		{ "before discounts", { .before = UNITS_MAX + 1 }, PER_MONEY, 1,
		    1, 0, true },
		{ "with its tax", { .net = UNITS_MAX, .tax = 1 }, PER_MONEY, 1,
		    1, 0, true },
		{ "by its rate", { .net = 1000001 }, PER_MONEY, 1000000000, 1,
		    0, true },
		{ "what a minor unit more makes", { .net = 1000000 }, PER_MONEY,
		    1000000000, 1, 0, false },
		{ "with a factor of up to 1000", { .net = UNITS_MAX / 999 },
		    PER_MONEY, 1, 1, 1, true },
		{ "and less", { .net = UNITS_MAX / 1000 }, PER_MONEY, 1, 1, 1,
		    false },
		{ "by pieces", { .net = UNITS_MAX, .quantity = 1000000 },
		    PER_ITEM, 1000000000, 1, 0, false },
		{ "by pieces, with a factor", { .quantity = 1000001 }, PER_ITEM,
		    1000000000, 1, 0, true },
		{ "by the order", { .net = UNITS_MAX, .quantity = 9 },
		    PER_EVENT, UNITS_MAX, 1, 0, false },
	};

	(void)state;
	for (size_t i = 0; i < NITEMS(cases); i++) {
		rule.by = cases[i].by;
		if (is_beyond(cases[i].line, cases[i].units, cases[i].per,
		        cases[i].factors) != cases[i].beyond)
			fail_msg("%s", cases[i].what);
	}
}

static void
test_more(void **state)
{
	struct order_line line = { .net = UNITS_MAX };
	struct order o = { .lines = &line,
		.nlines = 1,
		.currency = "EUR",
		.fees = -1,
		.fees_tax = -1 };
	const struct fact f = { .kind = FACT_ORDER, .order = &o };
	const struct declared years[] = { { 2025, 1, 1 }, { 2026, 2, 1 } };
	struct program p = { .currency = "EUR", .rules = &rule, .nrules = 1 };

	(void)state;
	rule = (struct rule){
		.id = "r", .on = ON_ORDER, .by = PER_MONEY, .units = 1, .per = 1
	};
	/* A negative fee does not allow a larger order. */
	assert_null(rule_beyond(&p, &f));
	o.fees = 1;
	o.fees_tax = 0;
	assert_ptr_equal(rule_beyond(&p, &f), &rule);
	o.fees = 0;
	o.shipping_tax = 1;
	assert_ptr_equal(rule_beyond(&p, &f), &rule);
	/* A rule with rates for single years uses these rates, and not its
	 * usual rate. */
	o.shipping_tax = 0;
	rule.units = 9;
	rule.declared = years;
	rule.ndeclared = 1;
	assert_null(rule_beyond(&p, &f));
	rule.ndeclared = 2;
	assert_ptr_equal(rule_beyond(&p, &f), &rule);
	/* A rule on events gives nothing for an order, however large. */
	rule.on = ON_EVENT;
	rule.event = "review";
	assert_null(rule_beyond(&p, &f));
}

static void
test_events(void **state)
{
	struct rule review = { .id = "review",
		.on = ON_EVENT,
		.event = "review",
		.by = PER_COUNT,
		.units = 1000000000,
		.per = 1 };
	const struct program p = { .rules = &review, .nrules = 1 };
	struct fact f = {
		.kind = FACT_EVENT, .type = "review", .count = 1000000
	};

	(void)state;
	assert_null(rule_beyond(&p, &f));
	f.count++;
	assert_ptr_equal(rule_beyond(&p, &f), &review);
	f.type = "other";
	assert_null(rule_beyond(&p, &f));
	f = (struct fact){ .kind = FACT_EVENT,
		.type = "review",
		.amount = 10000010,
		.finer = 1 };
	review.by = PER_MONEY;
	assert_ptr_equal(rule_beyond(&p, &f), &review);
	f.finer = 2;
	assert_null(rule_beyond(&p, &f));
	f = (struct fact){ .kind = FACT_REDEEM, .units = UNITS_MAX };
	assert_null(rule_beyond(&p, &f));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_orders),
		cmocka_unit_test(test_more),
		cmocka_unit_test(test_events),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
