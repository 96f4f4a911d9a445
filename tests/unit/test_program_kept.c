/* SPDX-License-Identifier: MIT */
#include "program_file.h"

/* Tests that a new file is refused if one of its conditions can never hold,
 * and that an already published version keeps its meaning. */

#define WHEN(more)  ORDER("'when':{" more "}")
#define EWHEN(more) EVENT("'when':{" more "}")
#define NOTHING     " leaves nothing: \"not\" excludes all of it"

#define LEVELS(list) FILE("'tiers':{'levels':[" list "]}")

static const struct refused refused_now[] = {
	{ WHEN("'channel':['pos'],'not':{'channel':['pos']}"),
	    "line 1, column 98: rules[0].when.not.channel" NOTHING },
	{ WHEN("'not':{'channel':['online','pos']},'channel':['pos']"),
	    "line 1, column 108: rules[0].when.channel" NOTHING },
	{ WHEN("'brand':['a','b'],'not':{'brand':['b','c','a']}"),
	    "line 1, column 98: rules[0].when.not.brand" NOTHING },
	{ WHEN("'shipping_method':['x'],'not':{'shipping_method':['x']}"),
	    "line 1, column 104: rules[0].when.not.shipping_method" NOTHING },
	{ WHEN("'not':{'weekday':['mon','tue','wed','thu','fri','sat','sun']}"),
	    "line 1, column 80: rules[0].when.not.weekday" NOTHING },
	{ WHEN("'weekday':['mon'],'not':{'weekday':['sun','mon']}"),
	    "line 1, column 98: rules[0].when.not.weekday" NOTHING },
	{ WHEN("'from':'2025-03-01','until':'2025-03-31',"
	       "'not':{'from':'2025-03-01'}"),
	    "line 1, column 121: rules[0].when.not.from" NOTHING },
	{ WHEN("'until':'2025-03-31','not':{'until':'2025-03-31'}"),
	    "line 1, column 101: rules[0].when.not.until" NOTHING },
	{ WHEN("'since':{'event':'e','less_than':'30 days'},"
	       "'not':{'since':{'event':'e','less_than':'2 months'}}"),
	    "line 1, column 124: rules[0].when.not.since" NOTHING },
	{ WHEN("'since':{'event':'e','less_than':'ever'},"
	       "'not':{'since':{'event':'e','less_than':'ever'}}"),
	    "line 1, column 121: rules[0].when.not.since" NOTHING },
	{ WHEN("'chosen_day':true,'not':{'chosen_day':true}"),
	    "line 1, column 98: rules[0].when.not.chosen_day" NOTHING },
	{ WHEN("'attribute':{'a':['x'],'b':['y']},"
	       "'not':{'attribute':{'b':['z','y']}}"),
	    "line 1, column 114: rules[0].when.not.attribute" NOTHING },
	{ EWHEN("'field':{'a':['x']},'not':{'field':{'a':['x']}}"),
	    "line 1, column 96: rules[0].when.not.field" NOTHING },
	{ EWHEN("'field':{'n':{'from':5,'below':7}},"
	        "'not':{'field':{'n':{'above':4}}}"),
	    "line 1, column 111: rules[0].when.not.field" NOTHING },
	{ WHEN("'amount':{'from':'50.00'},'not':{'amount':{'above':'49.99'}}"),
	    "line 1, column 106: rules[0].when.not.amount" NOTHING },
	{ WHEN("'not':{'amount':{'from':'0'}}"),
	    "line 1, column 80: rules[0].when.not.amount" NOTHING },
	{ WHEN("'codes':['A'],'not':{'codes':['a']}"),
	    "line 1, column 94: rules[0].when.not.codes" NOTHING },
	{ WHEN("'codes':['AB'],'not':{'codes':['A*']}"),
	    "line 1, column 95: rules[0].when.not.codes" NOTHING },
	{ WHEN("'codes':['ab*'],'not':{'codes':['x','A*']}"),
	    "line 1, column 96: rules[0].when.not.codes" NOTHING },
	{ WHEN("'codes':['AB'],'not':{'codes':'any'}"),
	    "line 1, column 95: rules[0].when.not.codes" NOTHING },
	{ WHEN("'codes':'none','not':{'codes':'none'}"),
	    "line 1, column 95: rules[0].when.not.codes" NOTHING },
	{ WHEN("'customer':{'tag':['vip']},'not':{'customer':{'tag':['VIP']}}"),
	    "line 1, column 107: rules[0].when.not.customer" NOTHING },
	{ WHEN("'customer':{'tag':['Äb']},'not':{'customer':{'tag':['ä*']}}"),
	    "line 1, column 106: rules[0].when.not.customer" NOTHING },
	{ WHEN("'nth':2,'not':{'nth':2}"),
	    "line 1, column 88: rules[0].when.not.nth" NOTHING },
	{ WHEN("'age':{'attribute':'b','from':18},"
	       "'not':{'age':{'attribute':'b','from':18}}"),
	    "line 1, column 114: rules[0].when.not.age" NOTHING },
	{ WHEN("'not':{'age':{'attribute':'b','from':0}}"),
	    "line 1, column 80: rules[0].when.not.age" NOTHING },
	{ RULE("'on':'order','give':{'points':9,'per':'event'},"
	       "'limit':{'most':5,'per':'line'}"),
	    "line 1, column 97: rules[0].limit.per cannot be \"line\": what "
	    "is given once is of no line" },
	{ FILE("'wallets':{'a':{},'b':{}},'rules':[{'id':'r','on':'balance',"
	       "'take':{'wallet':'a','each':2},'give':{'points':1},'to':'b',"
	       "'on_refund':'proportional'}]"),
	    "line 1, column 133: rules[0].on_refund cannot be said here: a "
	    "taking is undone (\"residual\") or stays (\"none\")" },
	{ LEVELS("{'id':'a','above':'500.00'},{'id':'b','from':'500.01'}"),
	    "line 1, column 60: tiers.levels[1] leaves nothing to \"a\": no "
	    "amount is from where that begins to where this does" },
	{ FILE("'tiers':{'metric':'orders','levels':[{'id':'a','above':2},"
	       "{'id':'b','when':{'attribute':{'x':['y']}}},"
	       "{'id':'c','from':3}]}"),
	    "line 1, column 115: tiers.levels[2] leaves nothing to \"a\": no "
	    "amount is from where that begins to where this does" },
	{ ORDER("'base':{'lines':{'vendor':['v'],'sku':['A-1','B-*']},"
	        "'not_lines':{'sku':['*-1','B*']}}"),
	    "line 1, column 118: rules[0].base.not_lines leaves nothing: it "
	    "excludes all of \"lines\"" },
	{ WITH("'multipliers':[{'id':'m','times':'2','lines':{'tag':['t']},"
	       "'not_lines':{'tag':['s','t']}}]"),
	    "line 1, column 126: multipliers[0].not_lines leaves nothing: it "
	    "excludes all of \"lines\"" },
	{ WHEN("'from':'2025-03-03','until':'2025-03-07',"
	       "'weekday':['sat','sun']"),
	    "line 1, column 65: rules[0].when names no day that there is" },
	{ WHEN("'from':'2025-03-03','until':'2025-03-10',"
	       "'not':{'from':'2025-03-04'},'weekday':['tue']"),
	    "line 1, column 65: rules[0].when names no day that there is" },
	{ RULE("'on':'date','date':'03-01','give':{'points':1},"
	       "'when':{'from':'2025-03-02','until':'2026-02-28'}"),
	    "line 1, column 79: rules[0].when names no day that there is" },
	{ RULE("'on':'quarter','give':{'points':1},"
	       "'when':{'from':'2025-02-01','until':'2025-03-31'}"),
	    "line 1, column 67: rules[0].when names no day that there is" },
	{ FILE("'tiers':{'levels':[{'id':'a','from':'1'},{'id':'b',"
	       "'from':'2'}]},'rules':[{'id':'r','on':'tier','give':{'points':"
	       "1},'when':{'not':{'tier':['b','a']}}}]"),
	    "line 1, column 129: rules[0].when leaves nothing: \"not\" "
	    "excludes all of \"on\"" },
	{ FILE("'rules':[{'id':'r','on':'order','give':{'points':1},"
	       "'when':{'channel':['pos']}}],'multipliers':[{'id':'m',"
	       "'times':'2','when':{'channel':['online']}}]"),
	    "line 1, column 109: multipliers[0] never multiplies anything: it "
	    "holds for no rule together with the rule's own \"when\"" },
	{ FILE("'rules':[{'id':'r','on':'review','give':{'points':1}},"
	       "{'id':'o','on':'order','give':{'points':1}}],"
	       "'multipliers':[{'id':'m','times':'2','rules':['r'],"
	       "'when':{'nth':1}}]"),
	    "line 1, column 127: multipliers[0] never multiplies anything: it "
	    "holds for no rule together with the rule's own \"when\"" },
	{ WITH("'rewards':[{'id':'w','kind':'amount','amount':'1','cost':100,"
	       "'variable':true,'least':150,'most':190}]"),
	    "line 1, column 156: rewards[0].most leaves nothing: no multiple "
	    "of \"cost\" is from \"least\" to this" },
	{ FILE("'rules':[{'id':'a','on':'order','give':{'points':1},"
	       "'when':{'amount':{'below':'50.00'}}},{'id':'b','on':'order',"
	       "'give':{'points':2},'when':{'amount':{'above':'50.00'}}}]"),
	    "line 1, column 102: rules[1] leaves a cent between itself and "
	    "\"a\": one ends \"below\" what the other is \"above\"; say "
	    "\"from\"" },
};

/* Programs that are accepted, although their conditions seem impossible at
 * first sight. */
static const char *const taken[] = {
	LEVELS("{'id':'a','above':'500.00'},{'id':'b','above':'500.01'}"),
	LEVELS("{'id':'a','from':'500.00'},{'id':'b','above':'500.00'}"),
	ORDER("'base':{'lines':{'vendor':['v','w']},"
	      "'not_lines':{'vendor':['v'],'tag':['w']}}"),
	ORDER("'base':{'lines':{'sku':['A-*']},'not_lines':{'sku':['A-1*']}}"),
	WHEN("'from':'2025-03-03','until':'2025-03-08',"
	     "'weekday':['sat','sun']"),
	WHEN("'from':'2025-03-03','until':'2045-03-08','weekday':['sat']"),
	RULE("'on':'date','date':'03-01','give':{'points':1},"
	     "'when':{'from':'2025-03-01','until':'2025-03-01'}"),
	RULE("'on':'date','date':'02-28','give':{'points':1},"
	     "'when':{'from':'2025-03-02','until':'2026-02-28'}"),
	FILE("'rules':[{'id':'r','on':'order','give':{'points':1},"
	     "'when':{'channel':['pos']}},{'id':'s','on':'order',"
	     "'give':{'points':1}}],'multipliers':[{'id':'m',"
	     "'times':'2','when':{'channel':['online']}}]"),
	WITH("'rewards':[{'id':'w','kind':'amount','amount':'1','cost':100,"
	     "'variable':true,'least':150,'most':200}]"),
	FILE("'rules':[{'id':'a','on':'order','give':{'points':1},"
	     "'when':{'amount':{'below':'50.00'}}},{'id':'b','on':'order',"
	     "'give':{'points':2},'when':{'amount':{'above':'50.00'}}},"
	     "{'id':'c','on':'order','give':{'points':2}}]"),
	FILE("'rules':[{'id':'a','on':'order','give':{'points':1},"
	     "'when':{'amount':{'below':'50.00'}}},{'id':'b','on':'order',"
	     "'give':{'points':2},'when':{'amount':{'from':'60.00'}}}]"),
	RULE("'on':'order','give':{'points':9,'per':'item'},"
	     "'limit':{'most':5,'per':'line'}"),
	WHEN("'channel':['pos','online'],'not':{'channel':['pos']}"),
	WHEN("'not':{'weekday':['mon','tue','wed','thu','fri','sat']}"),
	WHEN("'weekday':['mon','tue'],'not':{'weekday':['sun','mon']}"),
	WHEN("'from':'2025-02-28','until':'2025-03-31',"
	     "'not':{'from':'2025-03-01'}"),
	WHEN("'since':{'event':'e','less_than':'30 days'},"
	     "'not':{'since':{'event':'e','less_than':'1 month'}}"),
	WHEN("'since':{'event':'e','less_than':'ever'},"
	     "'not':{'since':{'event':'e','less_than':'100 years'}}"),
	WHEN("'since':{'event':'e','less_than':'1 day'},"
	     "'not':{'since':{'event':'f','less_than':'ever'}}"),
	WHEN("'attribute':{'a':['x']},'not':{'attribute':{'b':['x']}}"),
	EWHEN("'field':{'n':{'from':4,'below':7}},"
	      "'not':{'field':{'n':{'above':4}}}"),
	EWHEN("'field':{'n':['5']},'not':{'field':{'m':{'from':0}}}"),
	WHEN("'amount':{'from':'49.99'},'not':{'amount':{'above':'49.99'}}"),
	WHEN("'not':{'amount':{'above':'0'}}"),
	WHEN("'codes':['A*'],'not':{'codes':['AB']}"),
	WHEN("'codes':['A','B'],'not':{'codes':['a']}"),
	WHEN("'codes':'any','not':{'codes':['A*']}"),
	WHEN("'customer':{'tag':['vip']},'not':{'customer':{'role':['VIP']}}"),
	WHEN("'attribute':{'a':['x']},'not':{'attribute':{'a':['X']}}"),
	WHEN("'nth':2,'not':{'nth':3}"),
	WHEN("'age':{'attribute':'b','from':18},"
	     "'not':{'age':{'attribute':'c','from':18}}"),
};

static struct program
kept(const char *text)
{
	const struct program_setting set = {
		.currency = "EUR", .exponent = 2, .kept = true
	};
	struct program p;
	struct err e;

	if (program_parse(&arena, quoted(text), &set, &p, &e) == -1)
		fail_msg("%s\nno longer loads: %s", text, e.msg);
	return p;
}

static void
test_refused_now(void **state)
{
	(void)state;
	assert_refused(refused_now, NITEMS(refused_now));
}

static void
test_loads_still(void **state)
{
	(void)state;
	for (size_t i = 0; i < NITEMS(refused_now); i++)
		assert_string_equal(kept(refused_now[i].text).name, "x");
}

static void
test_borders(void **state)
{
	(void)state;
	for (size_t i = 0; i < NITEMS(taken); i++)
		(void)parsed(taken[i]);
}

/* A version that was published before keeps its meaning, even if a new file
 * with its conditions would be refused. */
static void
test_as_it_was(void **state)
{
	struct program p = kept(
	    WHEN("'channel':['pos'],'not':{'channel':['pos']}"));
	const struct test *t = p.rules[0].when.tests;

	(void)state;
	assert_int_equal(p.rules[0].when.n, 2);
	for (int i = 0; i < 2; i++) {
		assert_int_equal(t[i].kind, TEST_CHANNEL);
		assert_int_equal(t[i].negated, i == 1);
		assert_int_equal(t[i].any.n, 1);
		assert_string_equal(t[i].any.list[0], "pos");
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_refused_now),
		cmocka_unit_test(test_loads_still),
		cmocka_unit_test(test_borders),
		cmocka_unit_test(test_as_it_was),
	};

	return cmocka_run_group_tests(tests, arena_setup, arena_teardown);
}
