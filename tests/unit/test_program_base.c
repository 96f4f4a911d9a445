/* SPDX-License-Identifier: MIT */
#include "program_file.h"

/* Tests "base", filters of lines, and multipliers. */

#define BASE(more) ORDER("'base':{" more "}")

static const struct refused refused_base[] = {
	{ ORDER("'base':7"),
	    "line 1, column 65: rules[0].base must be an object, {...}" },
	{ BASE("'taxes':true"),
	    "line 1, column 73: rules[0].base.taxes is unknown; what can "
	    "be said here: discounts, tax, shipping, fees, gift_cards, "
	    "lines, not_lines, tender, not_tender" },
	{ BASE("'tax':1"),
	    "line 1, column 73: rules[0].base.tax must be true or false" },
	{ BASE("'shipping':'true'"),
	    "line 1, column 73: rules[0].base.shipping must be true or "
	    "false" },
	{ BASE("'fees':null"),
	    "line 1, column 73: rules[0].base.fees must be true or false" },
	{ BASE("'gift_cards':[]"),
	    "line 1, column 73: rules[0].base.gift_cards must be true or "
	    "false" },
	{ BASE("'discounts':true"),
	    "line 1, column 73: rules[0].base.discounts must be one of "
	    "these words: after, before" },
	{ BASE("'tender':[]"),
	    "line 1, column 73: rules[0].base.tender must have 1 to 256 "
	    "items, not 0" },
	{ BASE("'tender':'card'"),
	    "line 1, column 73: rules[0].base.tender must be a list, [...]" },
	{ BASE("'tender':['card','card']"),
	    "line 1, column 90: rules[0].base.tender[1] is said twice" },
	{ BASE("'tender':['']"),
	    "line 1, column 83: rules[0].base.tender[0] must be a text of "
	    "1 to 255 bytes" },
	{ BASE("'not_tender':[1]"),
	    "line 1, column 87: rules[0].base.not_tender[0] must be a text "
	    "of 1 to 255 bytes" },
	{ BASE("'tender':['a'],'not_tender':['b']"),
	    "line 1, column 73: rules[0].base.tender cannot be said here: "
	    "\"not_tender\" says it" },
	{ BASE("'lines':[]"),
	    "line 1, column 73: rules[0].base.lines must be an object, "
	    "{...}" },
	{ BASE("'lines':{}"),
	    "line 1, column 73: rules[0].base.lines says nothing" },
	{ BASE("'not_lines':{}"),
	    "line 1, column 73: rules[0].base.not_lines says nothing" },
	{ BASE("'lines':{'color':['red']}"),
	    "line 1, column 82: rules[0].base.lines.color is unknown; what "
	    "can be said here: category, tag, vendor, type, sku, product, "
	    "on_sale, gift_card, free, part, bundle" },
	{ BASE("'lines':{'category':'toys'}"),
	    "line 1, column 82: rules[0].base.lines.category must be a "
	    "list, [...]" },
	{ BASE("'lines':{'tag':[]}"),
	    "line 1, column 82: rules[0].base.lines.tag must have 1 to 256 "
	    "items, not 0" },
	{ BASE("'lines':{'vendor':[1]}"),
	    "line 1, column 92: rules[0].base.lines.vendor[0] must be a "
	    "text of 1 to 255 bytes" },
	{ BASE("'lines':{'type':{}}"),
	    "line 1, column 82: rules[0].base.lines.type must be a list, "
	    "[...]" },
	{ BASE("'not_lines':{'sku':['']}"),
	    "line 1, column 93: rules[0].base.not_lines.sku[0] must be a "
	    "text of 1 to 255 bytes" },
	{ BASE("'lines':{'product':['gid://1']}"),
	    "line 1, column 93: rules[0].base.lines.product[0] must be the "
	    "platform's number of the product, as text" },
	{ BASE("'lines':{'on_sale':false}"),
	    "line 1, column 82: rules[0].base.lines.on_sale must be true; "
	    "the others are what the opposite filter leaves" },
	{ BASE("'lines':{'on_sale':1}"),
	    "line 1, column 82: rules[0].base.lines.on_sale must be true "
	    "or false" },
	{ BASE("'not_lines':{'gift_card':false}"),
	    "line 1, column 86: rules[0].base.not_lines.gift_card must be "
	    "true; the others are what the opposite filter leaves" },
	{ BASE("'lines':{'gift_card':true}"),
	    "line 1, column 73: rules[0].base.lines counts nothing: gift "
	    "cards only count with \"gift_cards\": true" },
};

#define TIMES(more) WITH("'multipliers':[{'id':'m'," more "}]")

static const struct refused refused_times[] = {
	{ WITH("'multipliers':{}"),
	    "line 1, column 67: multipliers must be a list, [...]" },
	{ WITH("'multipliers':[{'times':'2'}]"),
	    "line 1, column 82: multipliers[0] lacks \"id\", its name for "
	    "ever" },
	{ WITH("'multipliers':[{'id':'m','times':'2'},{'id':'m',"
	       "'times':'2'}]"),
	    "line 1, column 105: multipliers[1] has the id of another: "
	    "\"m\"" },
	{ TIMES("'factor':2"),
	    "line 1, column 82: multipliers[0] lacks \"times\", what amounts "
	    "are multiplied by\n"
	    "line 1, column 92: multipliers[0].factor is unknown; what can be "
	    "said here: id, times, when, rules, lines, not_lines, stack" },
	{ TIMES("'when':{}"),
	    "line 1, column 82: multipliers[0] lacks \"times\", what amounts "
	    "are multiplied by\n"
	    "line 1, column 92: multipliers[0].when says nothing" },
	{ TIMES("'times':2"),
	    "line 1, column 92: multipliers[0].times must be a number as "
	    "text, like \"1.5\", above 0, at most 1000, with at most 4 "
	    "decimals" },
	{ TIMES("'times':'0'"),
	    "line 1, column 92: multipliers[0].times must be a number as "
	    "text, like \"1.5\", above 0, at most 1000, with at most 4 "
	    "decimals" },
	{ TIMES("'times':'-1'"),
	    "line 1, column 92: multipliers[0].times must be a number as "
	    "text, like \"1.5\", above 0, at most 1000, with at most 4 "
	    "decimals" },
	{ TIMES("'times':'1000.0001'"),
	    "line 1, column 92: multipliers[0].times must be a number as "
	    "text, like \"1.5\", above 0, at most 1000, with at most 4 "
	    "decimals" },
	{ TIMES("'times':'1.00001'"),
	    "line 1, column 92: multipliers[0].times must be a number as "
	    "text, like \"1.5\", above 0, at most 1000, with at most 4 "
	    "decimals" },
	{ TIMES("'times':'2','when':{}"),
	    "line 1, column 104: multipliers[0].when says nothing" },
	{ TIMES("'times':'2','rules':['b']"),
	    "line 1, column 113: multipliers[0].rules[0] is no rule of "
	    "this file: \"b\"" },
	{ TIMES("'times':'2','rules':[]"),
	    "line 1, column 104: multipliers[0].rules must have 1 to 256 "
	    "items, not 0" },
	{ TIMES("'times':'2','lines':{}"),
	    "line 1, column 104: multipliers[0].lines says nothing" },
	{ TIMES("'times':'2','not_lines':{'x':1}"),
	    "line 1, column 117: multipliers[0].not_lines.x is unknown; "
	    "what can be said here: category, tag, vendor, type, sku, "
	    "product, on_sale, gift_card, free, part, bundle" },
	{ TIMES("'times':'2','stack':'sum'"),
	    "line 1, column 104: multipliers[0].stack must be one of these "
	    "words: best, add, multiply, replace" },
	{ TIMES("'times':'0.5','stack':'add'"),
	    "line 1, column 92: multipliers[0].times must be at least 1: "
	    "what it adds to 1 is added up" },
	{ FILE("'rules':[{'id':'a','on':'month','give':{'points':1}}],"
	       "'multipliers':[{'id':'m','times':'2','rules':['a']}]"),
	    "line 1, column 113: multipliers[0].rules[0] is no rule on "
	    "orders or events" },
};

/* Two rules with equal bases share one struct base. */
static void
test_shared(void **state)
{
	struct program p = parsed(FILE(
	    "'rules':["
	    "{'id':'a','on':'order','give':{'points':1}},"
	    "{'id':'b','on':'order','give':{'points':1},'base':{'tax':false}},"
	    "{'id':'c','on':'order','give':{'points':1},"
	    "'base':{'lines':{'tag':['x']}}},"
	    "{'id':'d','on':'order','give':{'points':1},"
	    "'base':{'not_lines':{'tag':['x']}}},"
	    "{'id':'e','on':'order','give':{'points':1},"
	    "'base':{'lines':{'tag':['x']},'discounts':'after'}},"
	    "{'id':'f','on':'order','give':{'points':1},"
	    "'base':{'tender':['x']}},"
	    "{'id':'g','on':'order','give':{'points':1},"
	    "'base':{'not_tender':['x']}}]"));
	static const size_t bases[] = { 0, 0, 1, 2, 1, 3, 4 };

	(void)state;
	assert_int_equal(p.nbases, 5);
	for (size_t i = 0; i < NITEMS(bases); i++)
		assert_int_equal(p.rules[i].base, bases[i]);
	assert_true(p.bases[4].not_tender);
	assert_false(p.bases[3].not_tender);
	assert_string_equal(p.bases[4].tender.list[0], "x");
}

static void
test_filters(void **state)
{
	struct program p = parsed(
	    BASE("'lines':{'on_sale':true,'sku':['A-*','B']},"
	         "'not_lines':{'gift_card':true,'product':['12']}"));
	const struct line_test *tests = p.bases[0].lines.tests;

	(void)state;
	assert_int_equal(p.bases[0].lines.n, 4);
	assert_int_equal(tests[0].key, LINE_SKU);
	assert_false(tests[0].negated);
	assert_int_equal(tests[0].any.n, 2);
	assert_string_equal(tests[0].any.list[0], "A-*");
	assert_int_equal(tests[1].key, LINE_ON_SALE);
	assert_int_equal(tests[1].any.n, 0);
	assert_int_equal(tests[2].key, LINE_PRODUCT);
	assert_true(tests[2].negated);
	assert_int_equal(tests[3].key, LINE_GIFT_CARD);
	assert_true(tests[3].negated);
}

static void
test_multipliers(void **state)
{
	static const struct {
		const char *text;
		int64_t times;
		enum stacking stack;
	} cases[] = {
		{ TIMES("'times':'2'"), 2 * FACTOR_ONE, STACK_BEST },
		{ TIMES("'times':'1.5','stack':'add'"), 15000, STACK_ADD },
		{ TIMES("'times':'0.0001','stack':'multiply'"), 1,
		    STACK_MULTIPLY },
		{ TIMES("'times':'1000','stack':'replace'"), FACTOR_MAX,
		    STACK_REPLACE },
	};

	(void)state;
	for (size_t i = 0; i < NITEMS(cases); i++) {
		struct program p = parsed(cases[i].text);

		assert_int_equal(p.nmultipliers, 1);
		assert_int_equal(p.multipliers[0].times, cases[i].times);
		assert_int_equal(p.multipliers[0].stack, cases[i].stack);
		assert_int_equal(p.multipliers[0].rules.n, 0);
		assert_false(p.plain);
	}
}

static void
test_refused(void **state)
{
	(void)state;
	assert_refused(refused_base, NITEMS(refused_base));
	assert_refused(refused_times, NITEMS(refused_times));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_shared),
		cmocka_unit_test(test_filters),
		cmocka_unit_test(test_multipliers),
		cmocka_unit_test(test_refused),
	};

	return cmocka_run_group_tests(tests, arena_setup, arena_teardown);
}
