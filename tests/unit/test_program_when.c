/* SPDX-License-Identifier: MIT */
#include "program_file.h"

/* Tests which conditions are refused, and how accepted conditions are
 * parsed. */

#define WHEN(more)  ORDER("'when':{" more "}")
#define EWHEN(more) EVENT("'when':{" more "}")

static const struct refused refused_when[] = {
	{ ORDER("'when':[]"),
	    "line 1, column 65: rules[0].when must be an object, {...}" },
	{ ORDER("'when':{}"), "line 1, column 65: rules[0].when says nothing" },
	{ WHEN("'or':1"),
	    "line 1, column 73: rules[0].when.or is unknown; what can be "
	    "said here: tier, membership, channel, brand, shipping_method, "
	    "weekday, from, until, since, chosen_day, attribute, "
	    "customer, field, amount, pieces, codes, nth, consent, age, not, "
	    "otherwise" },
	{ WHEN("'otherwise':'x'"),
	    "line 1, column 65: rules[0].when says nothing" },
	{ WHEN("'nth':1,'otherwise':'Not now'"),
	    "line 1, column 81: rules[0].when.otherwise may only have the "
	    "letters a-z, digits, - and _" },
	{ WHEN("'tier':['gold']"),
	    "line 1, column 81: rules[0].when.tier[0] is no tier of this "
	    "file: \"gold\"" },
	{ WHEN("'tier':'gold'"),
	    "line 1, column 73: rules[0].when.tier must be a list, [...]" },
	{ WHEN("'membership':['m']"),
	    "line 1, column 87: rules[0].when.membership[0] is no "
	    "membership of this file: \"m\"" },
	{ WHEN("'consent':['c']"),
	    "line 1, column 84: rules[0].when.consent[0] is no consent of "
	    "this file: \"c\"" },
	{ WHEN("'channel':[]"),
	    "line 1, column 73: rules[0].when.channel must have 1 to 256 "
	    "items, not 0" },
	{ WHEN("'channel':'pos'"),
	    "line 1, column 73: rules[0].when.channel must be a list, [...]" },
	{ WHEN("'brand':[1]"),
	    "line 1, column 82: rules[0].when.brand[0] must be a text of 1 "
	    "to 255 bytes" },
	{ WHEN("'shipping_method':['a','a']"),
	    "line 1, column 96: rules[0].when.shipping_method[1] is said "
	    "twice" },
	{ WHEN("'weekday':['monday']"),
	    "line 1, column 84: rules[0].when.weekday[0] must be one of "
	    "these words: mon, tue, wed, thu, fri, sat, sun" },
	{ WHEN("'weekday':'mon'"),
	    "line 1, column 73: rules[0].when.weekday must be a list, [...]" },
	{ WHEN("'weekday':['mon','mon']"),
	    "line 1, column 90: rules[0].when.weekday[1] is said twice" },
	{ WHEN("'weekday':[]"),
	    "line 1, column 73: rules[0].when.weekday must have 1 to 256 "
	    "items, not 0" },
	{ WHEN("'from':'2025-02-29'"),
	    "line 1, column 73: rules[0].when.from names a day that does not "
	    "exist" },
	{ WHEN("'from':'2025-03-02','until':'2025-03-01'"),
	    "line 1, column 93: rules[0].when.until is before \"from\"" },
	{ WHEN("'until':'tomorrow'"),
	    "line 1, column 73: rules[0].when.until must be a date from "
	    "1971 on, like \"2026-12-31\"" },
	{ WHEN("'until':1"),
	    "line 1, column 73: rules[0].when.until must be a date from "
	    "1971 on, like \"2026-12-31\"" },
	{ WHEN("'since':'enrolment'"),
	    "line 1, column 73: rules[0].when.since must be an object, "
	    "{...}" },
	{ WHEN("'since':{'less_than':'1 day'}"),
	    "line 1, column 73: rules[0].when.since lacks \"event\", since "
	    "what" },
	{ WHEN("'since':{'event':'enrolment'}"),
	    "line 1, column 73: rules[0].when.since lacks \"less_than\", "
	    "how long" },
	{ WHEN("'since':{'event':'order','less_than':'1 day'}"),
	    "line 1, column 82: rules[0].when.since.event is no type of an "
	    "event" },
	{ WHEN("'since':{'event':'e','less_than':'day'}"),
	    "line 1, column 94: rules[0].when.since.less_than must be a "
	    "period: \"30 days\", \"18 months\", \"1 year\" (at most 100 "
	    "years) or \"ever\"" },
	{ WHEN("'since':{'event':'e','within':'1 day'}"),
	    "line 1, column 73: rules[0].when.since lacks \"less_than\", how "
	    "long\n"
	    "line 1, column 94: rules[0].when.since.within is unknown; what "
	    "can be said here: event, less_than" },
	{ WHEN("'since':{'event':'E','less_than':'1 day'}"),
	    "line 1, column 82: rules[0].when.since.event may only have "
	    "the letters a-z, digits, - and _" },
	{ WHEN("'chosen_day':false"),
	    "line 1, column 73: rules[0].when.chosen_day must be true; the "
	    "opposite belongs into \"not\"" },
	{ WHEN("'chosen_day':1"),
	    "line 1, column 73: rules[0].when.chosen_day must be true or "
	    "false" },
	{ WHEN("'attribute':['state']"),
	    "line 1, column 73: rules[0].when.attribute must be an object, "
	    "{...}" },
	{ WHEN("'attribute':{}"),
	    "line 1, column 73: rules[0].when.attribute says nothing" },
	{ WHEN("'attribute':{'state':'NY'}"),
	    "line 1, column 86: rules[0].when.attribute.state must be a "
	    "list, [...]" },
	{ WHEN("'attribute':{'state':{'from':1}}"),
	    "line 1, column 86: rules[0].when.attribute.state must be a "
	    "list, [...]" },
	{ WHEN("'attribute':{'':['x']}"),
	    "line 1, column 86: rules[0].when.attribute. has no name" },
	{ EWHEN("'field':[]"),
	    "line 1, column 69: rules[0].when.field must be an object, "
	    "{...}" },
	{ EWHEN("'field':{}"),
	    "line 1, column 69: rules[0].when.field says nothing" },
	{ EWHEN("'field':{'k':'x'}"),
	    "line 1, column 78: rules[0].when.field.k must be a list, [...]" },
	{ EWHEN("'field':{'k':[]}"),
	    "line 1, column 78: rules[0].when.field.k must have 1 to 256 "
	    "items, not 0" },
	{ EWHEN("'field':{'k':{}}"),
	    "line 1, column 78: rules[0].when.field.k says no range: "
	    "\"from\", \"above\", \"below\"" },
	{ EWHEN("'field':{'k':{'to':1}}"),
	    "line 1, column 83: rules[0].when.field.k.to is unknown; what "
	    "can be said here: from, above, below" },
	{ EWHEN("'field':{'k':{'from':'1'}}"),
	    "line 1, column 83: rules[0].when.field.k.from must be a whole "
	    "number from -1000000000 to 1000000000" },
	{ EWHEN("'field':{'k':{'from':1.5}}"),
	    "line 1, column 83: rules[0].when.field.k.from must be a whole "
	    "number from -1000000000 to 1000000000" },
	{ EWHEN("'field':{'k':{'below':1000000001}}"),
	    "line 1, column 83: rules[0].when.field.k.below must be a "
	    "whole number from -1000000000 to 1000000000" },
	{ EWHEN("'field':{'k':{'from':5,'below':5}}"),
	    "line 1, column 78: rules[0].when.field.k is a range that has "
	    "nothing in it" },
	{ EWHEN("'field':{'k':{'above':4,'below':5}}"),
	    "line 1, column 78: rules[0].when.field.k is a range that has "
	    "nothing in it" },
	{ EWHEN("'field':{'k':{'from':1,'above':1}}"),
	    "line 1, column 92: rules[0].when.field.k.above cannot be said "
	    "here: \"from\" says it already" },
	{ WHEN("'field':{'k':['x']}"),
	    "line 1, column 73: rules[0].when.field cannot be said here: "
	    "only events have fields" },
	{ WHEN("'not':{'field':{'k':['x']}}"),
	    "line 1, column 80: rules[0].when.not.field cannot be said "
	    "here: only events have fields" },
	{ WHEN("'amount':'5'"),
	    "line 1, column 73: rules[0].when.amount must be an object, "
	    "{...}" },
	{ WHEN("'amount':{}"),
	    "line 1, column 73: rules[0].when.amount says no range: "
	    "\"from\", \"above\", \"below\"" },
	{ WHEN("'amount':{'from':5}"),
	    "line 1, column 83: rules[0].when.amount.from must be money: a "
	    "text in quotes, like \"1\" or \"0.50\"" },
	{ WHEN("'amount':{'above':'-1'}"),
	    "line 1, column 83: rules[0].when.amount.above must be an "
	    "amount of money from \"0.00\" to \"10000000000000.00\"" },
	{ WHEN("'amount':{'below':'0'}"),
	    "line 1, column 73: rules[0].when.amount is a range that has "
	    "nothing in it" },
	{ WHEN("'amount':{'below':'0.001'}"),
	    "line 1, column 83: rules[0].when.amount.below may have at most 2 "
	    "decimals" },
	{ WHEN("'amount':{'from':'5','below':'5.00'}"),
	    "line 1, column 73: rules[0].when.amount is a range that has "
	    "nothing in it" },
	{ WHEN("'amount':{'upto':'5'}"),
	    "line 1, column 83: rules[0].when.amount.upto is unknown; what "
	    "can be said here: from, above, below" },
	{ WHEN("'customer':{'group':['x']}"),
	    "line 1, column 85: rules[0].when.customer.group is unknown; "
	    "what can be said here: tag, role, company" },
	{ WHEN("'customer':{}"),
	    "line 1, column 73: rules[0].when.customer says nothing" },
	{ WHEN("'customer':{'tag':'vip'}"),
	    "line 1, column 85: rules[0].when.customer.tag must be a list, "
	    "[...]" },
	{ WHEN("'pieces':3"),
	    "line 1, column 73: rules[0].when.pieces must be an object, "
	    "{...}" },
	{ WHEN("'pieces':{'from':-1}"),
	    "line 1, column 83: rules[0].when.pieces.from must be a whole "
	    "number from 0 to 1000000000" },
	{ WHEN("'pieces':{'below':0}"),
	    "line 1, column 73: rules[0].when.pieces is a range that has "
	    "nothing in it" },
	{ EWHEN("'pieces':{'from':3}"),
	    "line 1, column 69: rules[0].when.pieces cannot be said here: "
	    "only orders have that" },
	{ WHEN("'codes':'some'"),
	    "line 1, column 73: rules[0].when.codes must be one of these "
	    "words: any, none" },
	{ WHEN("'codes':[]"),
	    "line 1, column 73: rules[0].when.codes must have 1 to 256 "
	    "items, not 0" },
	{ EWHEN("'not':{'codes':['A']}"),
	    "line 1, column 76: rules[0].when.not.codes cannot be said "
	    "here: only orders have that" },
	{ WHEN("'nth':0"),
	    "line 1, column 73: rules[0].when.nth must be a whole number "
	    "from 1 to 1000000" },
	{ WHEN("'nth':'1'"),
	    "line 1, column 73: rules[0].when.nth must be a whole number "
	    "from 1 to 1000000" },
	{ EWHEN("'nth':1"),
	    "line 1, column 69: rules[0].when.nth cannot be said here: "
	    "only orders have that" },
	{ EWHEN("'shipping_method':['x']"),
	    "line 1, column 69: rules[0].when.shipping_method cannot be "
	    "said here: only orders have that" },
	{ RULE("'on':'birthday','give':{'points':1},"
	       "'when':{'amount':{'from':'1'}}"),
	    "line 1, column 76: rules[0].when.amount cannot be said here: "
	    "only orders and events have that" },
	{ RULE("'on':'birthday','give':{'points':1},"
	       "'when':{'not':{'channel':['pos']}}"),
	    "line 1, column 83: rules[0].when.not.channel cannot be said "
	    "here: only orders and events have that" },
	{ WHEN("'age':18"),
	    "line 1, column 73: rules[0].when.age must be an object, {...}" },
	{ WHEN("'age':{'from':18}"),
	    "line 1, column 73: rules[0].when.age lacks \"attribute\", "
	    "where the birthday is" },
	{ WHEN("'age':{'attribute':'b'}"),
	    "line 1, column 73: rules[0].when.age says no range: \"from\", "
	    "\"above\", \"below\"" },
	{ WHEN("'age':{'attribute':'b','from':151}"),
	    "line 1, column 96: rules[0].when.age.from must be a whole "
	    "number from 0 to 150" },
	{ WHEN("'age':{'attribute':1,'from':1}"),
	    "line 1, column 80: rules[0].when.age.attribute must be a text "
	    "of 1 to 255 bytes" },
	{ WHEN("'age':{'attribute':[],'from':1}"),
	    "line 1, column 80: rules[0].when.age.attribute must have 1 to "
	    "256 items, not 0" },
	{ WHEN("'age':{'attribute':'b','till':1}"),
	    "line 1, column 96: rules[0].when.age.till is unknown; what "
	    "can be said here: attribute, from, above, below" },
	{ WHEN("'not':[]"),
	    "line 1, column 73: rules[0].when.not must be an object, {...}" },
	{ WHEN("'not':{}"),
	    "line 1, column 73: rules[0].when.not says nothing" },
	{ WHEN("'not':{'not':{'nth':1}}"),
	    "line 1, column 80: rules[0].when.not.not cannot be said "
	    "inside \"not\"" },
};

/* Parses a program with one rule, and returns the condition of this rule. */
static const struct condition *
when_of(const char *text)
{
	struct program *p = arena_alloc(&arena, sizeof(*p));

	*p = parsed(text);
	assert_int_equal(p->nrules, 1);
	return &p->rules[0].when;
}

static void
test_ranges(void **state)
{
	static const struct {
		const char *text;
		enum test_kind kind;
		int64_t low, high;
	} cases[] = {
		{ WHEN("'amount':{'from':'49.00'}"), TEST_AMOUNT, 4900,
		    INT64_MAX },
		{ WHEN("'amount':{'above':'49.00'}"), TEST_AMOUNT, 4901,
		    INT64_MAX },
		{ WHEN("'amount':{'below':'49.00'}"), TEST_AMOUNT, INT64_MIN,
		    4900 },
		{ WHEN("'amount':{'below':'0.01'}"), TEST_AMOUNT, INT64_MIN,
		    1 },
		{ WHEN("'age':{'attribute':'b','from':18}"), TEST_AGE, 18,
		    INT64_MAX },
		{ WHEN("'age':{'attribute':['b','c'],'from':3}"), TEST_AGE, 3,
		    INT64_MAX },
		{ WHEN("'age':{'attribute':'b','above':18,'below':20}"),
		    TEST_AGE, 19, 20 },
		{ EWHEN("'field':{'score':{'from':-3,'below':50}}"),
		    TEST_NUMBER, -3, 50 },
		{ EWHEN("'field':{'score':{'above':0}}"), TEST_NUMBER, 1,
		    INT64_MAX },
		{ WHEN("'pieces':{'above':2,'below':9}"), TEST_PIECES, 3, 9 },
		{ WHEN("'nth':3"), TEST_NTH, 3, INT64_MAX },
		{ WHEN("'weekday':['sun','mon']"), TEST_WEEKDAY, 65,
		    INT64_MAX },
	};

	(void)state;
	for (size_t i = 0; i < NITEMS(cases); i++) {
		const struct condition *c = when_of(cases[i].text);

		assert_int_equal(c->n, 1);
		assert_int_equal(c->tests[0].kind, cases[i].kind);
		assert_int_equal(c->tests[0].low, cases[i].low);
		assert_int_equal(c->tests[0].high, cases[i].high);
		assert_false(c->tests[0].negated);
	}
}

/* Checks that days go from midnight to midnight in the store's time zone,
 * also where clocks jump. */
static void
test_dates(void **state)
{
	static const struct zone_change berlin[] = {
		{ INT64_MIN, 3600 },
		{ INT64_C(1743296400000000), 7200 }, /* 2025-03-30, 2:00 */
	};
	static const struct zone zone = { "Europe/Berlin", berlin, 2 };
	const struct program_setting set = {
		.currency = "EUR", .exponent = 2, .zone = &zone
	};
	const struct test *test;
	struct program p;
	struct err e;

	(void)state;
	assert_int_equal(
	    program_parse(&arena,
	        quoted(WHEN("'from':'2025-03-30','until':'2025-03-30'")), &set,
	        &p, &e),
	    0);
	assert_int_equal(p.rules[0].when.n, 1);
	test = &p.rules[0].when.tests[0];
	assert_int_equal(test->kind, TEST_DATES);
	assert_int_equal(test->low, INT64_C(1743289200000000));
	assert_int_equal(test->high - test->low, INT64_C(23) * 3600 * 1000000);
	assert_ptr_equal(p.zone, &zone);

	test = when_of(WHEN("'until':'2025-12-31'"))->tests;
	assert_int_equal(test->low, INT64_MIN);
	assert_int_equal(test->high, INT64_C(1767225600000000));
	test = when_of(WHEN("'from':'1971-01-01'"))->tests;
	assert_int_equal(test->low, INT64_C(365) * 86400 * 1000000);
	test = when_of(WHEN("'from':'2026-01-01'"))->tests;
	assert_int_equal(test->low, INT64_C(1767225600000000));
	assert_int_equal(test->high, INT64_MAX);
}

/* Checks that the tests of a condition stay in the order of the file, because
 * the first test that fails is the reason why a rule gave nothing. */
static void
test_order(void **state)
{
	const struct condition *c = when_of(
	    WHEN("'nth':1,'not':{'codes':['A']},'channel':['pos']"));

	(void)state;
	assert_int_equal(c->tests[0].kind, TEST_NTH);
	assert_int_equal(c->tests[1].kind, TEST_CODES);
	assert_int_equal(c->tests[2].kind, TEST_CHANNEL);
}

/* Checks that "otherwise" applies to every test of its condition, and that
 * "not" may have an "otherwise" of its own. */
static void
test_otherwise(void **state)
{
	const struct condition *c = when_of(
	    WHEN("'nth':1,'not':{'channel':['pos'],'otherwise':'in_store'},"
	         "'brand':['b'],'otherwise':'not_first'"));

	(void)state;
	assert_int_equal(c->n, 3);
	assert_int_equal(c->tests[0].kind, TEST_NTH);
	assert_false(c->tests[0].negated);
	assert_string_equal(c->tests[0].otherwise, "not_first");
	assert_int_equal(c->tests[1].kind, TEST_CHANNEL);
	assert_true(c->tests[1].negated);
	assert_string_equal(c->tests[1].otherwise, "in_store");
	assert_int_equal(c->tests[2].kind, TEST_BRAND);
	assert_false(c->tests[2].negated);
	assert_string_equal(c->tests[2].otherwise, "not_first");
	assert_null(when_of(WHEN("'nth':1"))->tests[0].otherwise);
}

static void
test_names(void **state)
{
	const struct condition *c = when_of(
	    EWHEN("'attribute':{'state':['NY','CA'],'b':['x']},"
	          "'field':{'kind':['wheelchair']},"
	          "'since':{'event':'enrolment','less_than':'ever'}"));

	(void)state;
	assert_int_equal(c->n, 4);
	assert_int_equal(c->tests[0].kind, TEST_ATTRIBUTE);
	assert_string_equal(c->tests[0].name, "state");
	assert_int_equal(c->tests[0].any.n, 2);
	assert_string_equal(c->tests[0].any.list[1], "CA");
	assert_string_equal(c->tests[1].name, "b");
	assert_int_equal(c->tests[2].kind, TEST_FIELD);
	assert_string_equal(c->tests[2].name, "kind");
	assert_int_equal(c->tests[3].kind, TEST_SINCE);
	assert_string_equal(c->tests[3].name, "enrolment");
	assert_int_equal(c->tests[3].period.unit, UNIT_EVER);
}

/* Checks that a condition has room for 32 tests of any kind. */
static void
test_full(void **state)
{
	static const char *const more[] = { "'channel':['x']", "'brand':['x']",
		"'shipping_method':['x']", "'weekday':['mon']",
		"'from':'2025-01-01'", "'until':'2025-01-01'",
		"'since':{'event':'e','less_than':'1 day'}",
		"'chosen_day':true", "'amount':{'from':'1'}", "'nth':1",
		"'age':{'attribute':'b','from':1}",
		"'not':{'attribute':{'x':['x']}}" };

	(void)state;
	for (size_t i = 0; i < NITEMS(more); i++) {
		char text[2048] = "", list[1024] = "", want[64];
		struct program p;
		struct err e;

		for (int j = 0; j < TESTS_MAX; j++)
			(void)snprintf(list + strlen(list),
			    sizeof(list) - strlen(list), "%s'a%d':['x']",
			    j > 0 ? "," : "", j);
		(void)snprintf(text, sizeof(text),
		    WHEN("'attribute':{%s},'otherwise':'w'"), list);
		assert_int_equal(when_of(text)->n, TESTS_MAX);
		assert_string_equal(
		    when_of(text)->tests[TESTS_MAX - 1].otherwise, "w");
		(void)snprintf(text, sizeof(text), WHEN("'attribute':{%s},%s"),
		    list, more[i]);
		assert_int_equal(parse_in(2, quoted(text), &p, &e), -1);
		(void)snprintf(want, sizeof(want),
		    "is one test too many: at most %d in one condition",
		    TESTS_MAX);
		if (strstr(e.msg, want) == NULL)
			fail_msg("%s: %s", more[i], e.msg);
	}
}

static void
test_refused(void **state)
{
	(void)state;
	assert_refused(refused_when, NITEMS(refused_when));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_ranges),
		cmocka_unit_test(test_dates),
		cmocka_unit_test(test_order),
		cmocka_unit_test(test_otherwise),
		cmocka_unit_test(test_names),
		cmocka_unit_test(test_full),
		cmocka_unit_test(test_refused),
	};

	return cmocka_run_group_tests(tests, arena_setup, arena_teardown);
}
