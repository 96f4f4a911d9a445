/* SPDX-License-Identifier: MIT */
#include "program_file.h"

/* Tests "give", "take" and "limit" of rules. */

#define MONEY(more)                                     \
	FILE("'wallets':{'p':{},'m':{'unit':'money'},"  \
	     "'n':{'unit':'money'}},'charities':['c']," \
	     "'rules':[{'id':'a'," more "}]")

static const struct refused refused_give[] = {
	{ RULE("'on':'order'"),
	    "line 1, column 22: rules[0] lacks \"give\", what it gives" },
	{ RULE("'on':'order','give':7"),
	    "line 1, column 45: rules[0].give must be an object, {...}" },
	{ RULE("'on':'order','give':{}"),
	    "line 1, column 45: rules[0].give lacks \"points\", "
	    "\"percent\" or \"amount\", how much it gives" },
	{ RULE("'on':'order','give':{'each':1}"),
	    "line 1, column 53: rules[0].give.each is unknown; what can be "
	    "said here: points, per, percent, amount, declared" },
	{ RULE("'on':'order','give':{'points':0}"),
	    "line 1, column 53: rules[0].give.points must be a whole "
	    "number from 1 to 1000000000" },
	{ RULE("'on':'order','give':{'points':-1}"),
	    "line 1, column 53: rules[0].give.points must be a whole "
	    "number from 1 to 1000000000" },
	{ RULE("'on':'order','give':{'points':1000000001}"),
	    "line 1, column 53: rules[0].give.points must be a whole "
	    "number from 1 to 1000000000" },
	{ RULE("'on':'order','give':{'points':1.5}"),
	    "line 1, column 53: rules[0].give.points must be a whole "
	    "number from 1 to 1000000000" },
	{ RULE("'on':'order','give':{'points':'1'}"),
	    "line 1, column 53: rules[0].give.points must be a whole "
	    "number from 1 to 1000000000" },
	{ RULE("'on':'order','give':{'points':99999999999999999999}"),
	    "line 1, column 81: no JSON: too big integer near "
	    "'99999999999999999999'" },
	{ RULE("'on':'order','give':{'points':1,'per':1}"),
	    "line 1, column 64: rules[0].give.per must be money as text, "
	    "like \"1\", or one of these words: item, count, event" },
	{ RULE("'on':'order','give':{'points':1,'per':'0'}"),
	    "line 1, column 64: rules[0].give.per must be an amount of "
	    "money from \"0.01\" to \"10000000.00\"" },
	{ RULE("'on':'order','give':{'points':1,'per':'-1'}"),
	    "line 1, column 64: rules[0].give.per must be an amount of "
	    "money from \"0.01\" to \"10000000.00\"" },
	{ RULE("'on':'order','give':{'points':1,'per':'1,5'}"),
	    "line 1, column 64: rules[0].give.per must be an amount of "
	    "money from \"0.01\" to \"10000000.00\"" },
	{ RULE("'on':'order','give':{'points':1,'per':'items'}"),
	    "line 1, column 64: rules[0].give.per must be \"item\", for each "
	    "piece that cost anything" },
	{ RULE("'on':'order','give':{'points':1,'per':'piece'}"),
	    "line 1, column 64: rules[0].give.per must be \"item\", for each "
	    "piece that cost anything" },
	{ RULE("'on':'order','give':{'points':1,'per':'order'}"),
	    "line 1, column 64: rules[0].give.per must be \"event\", for each "
	    "order or event once" },
	{ RULE("'on':'order','give':{'points':1,'per':'euro'}"),
	    "line 1, column 64: rules[0].give.per must be money as text, like "
	    "\"1\", or one of these words: item, count, event" },
	{ RULE("'on':'order','give':{'points':1,'per':'10000000.01'}"),
	    "line 1, column 64: rules[0].give.per must be an amount of "
	    "money from \"0.01\" to \"10000000.00\"" },
	{ RULE("'on':'order','give':{'points':1,'per':'0.009'}"),
	    "line 1, column 64: rules[0].give.per may have at most 2 "
	    "decimals" },
	{ RULE("'on':'order','give':{'points':1,"
	       "'per':'1.000000000000000000000000000000000'}"),
	    "line 1, column 64: rules[0].give.per must be an amount of "
	    "money from \"0.01\" to \"10000000.00\"" },
	{ RULE("'on':'e','give':{'points':1,'per':'item'}"),
	    "line 1, column 60: rules[0].give.per is only for orders" },
	{ RULE("'on':'order','give':{'points':1,'per':'count'}"),
	    "line 1, column 64: rules[0].give.per is only for events" },
	{ RULE("'on':'birthday','give':{'points':1,'per':'1'}"),
	    "line 1, column 67: rules[0].give.per must be \"event\": only "
	    "orders and events have an amount" },
	{ RULE("'on':'order','give':{'percent':'1'}"),
	    "line 1, column 53: rules[0].give.percent is of money, and "
	    "\"points\" has none: say \"points\"" },
	{ RULE("'on':'order','give':{'amount':'1'}"),
	    "line 1, column 53: rules[0].give.amount is money, and "
	    "\"points\" has none: say \"points\"" },
	{ MONEY("'on':'order','give':{'points':1},'to':'m'"),
	    "line 1, column 132: rules[0].give.points cannot go into "
	    "money: say \"amount\" or \"percent\"" },
	{ MONEY("'on':'order','give':{'amount':'1','points':1},'to':'m'"),
	    "line 1, column 145: rules[0].give.points cannot be said here: "
	    "\"amount\" says it" },
	{ MONEY("'on':'order','give':{'amount':1},'to':'m'"),
	    "line 1, column 132: rules[0].give.amount must be money: a "
	    "text in quotes, like \"1\" or \"0.50\"" },
	{ MONEY("'on':'order','give':{'amount':'0'},'to':'m'"),
	    "line 1, column 132: rules[0].give.amount must be an amount of "
	    "money from \"0.01\" to \"10000000.00\"" },
	{ MONEY("'on':'order','give':{'percent':'1','points':1},"
	        "'to':'m'"),
	    "line 1, column 146: rules[0].give.points cannot be said here: "
	    "\"percent\" says it" },
	{ MONEY("'on':'order','give':{'percent':'1','amount':'1'},"
	        "'to':'m'"),
	    "line 1, column 146: rules[0].give.amount cannot be said here: "
	    "\"percent\" says it" },
	{ MONEY("'on':'order','give':{'percent':'1','per':'1'},'to':'m'"),
	    "line 1, column 146: rules[0].give.per cannot be said here: a "
	    "percentage is of all of it" },
	{ MONEY("'on':'birthday','give':{'percent':'1'},'to':'m'"),
	    "line 1, column 135: rules[0].give.percent needs an amount it "
	    "is of: an order, an event, or what is taken" },
	{ MONEY("'on':'order','give':{'percent':1},'to':'m'"),
	    "line 1, column 132: rules[0].give.percent must be a number as "
	    "text, like \"1.5\", above 0, at most 100, with at most 4 "
	    "decimals" },
	{ MONEY("'on':'order','give':{'percent':'0'},'to':'m'"),
	    "line 1, column 132: rules[0].give.percent must be a number as "
	    "text, like \"1.5\", above 0, at most 100, with at most 4 "
	    "decimals" },
	{ MONEY("'on':'order','give':{'percent':'100.0001'},'to':'m'"),
	    "line 1, column 132: rules[0].give.percent must be a number as "
	    "text, like \"1.5\", above 0, at most 100, with at most 4 "
	    "decimals" },
	{ MONEY("'on':'order','give':{'percent':'1.00001'},'to':'m'"),
	    "line 1, column 132: rules[0].give.percent must be a number as "
	    "text, like \"1.5\", above 0, at most 100, with at most 4 "
	    "decimals" },
	{ MONEY("'on':'order','give':{'percent':'x'},'to':'m'"),
	    "line 1, column 132: rules[0].give.percent must be a number as "
	    "text, like \"1.5\", above 0, at most 100, with at most 4 "
	    "decimals" },
	{ MONEY("'on':'order','give':{'amount':'1',"
	        "'declared':{'2026':'1'}},'to':'m'"),
	    "line 1, column 145: rules[0].give.declared cannot be said "
	    "here: it goes with \"percent\"" },
	{ MONEY("'on':'order','give':{'percent':'1','declared':[]},"
	        "'to':'m'"),
	    "line 1, column 146: rules[0].give.declared must be an object, "
	    "{...}" },
	{ MONEY("'on':'order','give':{'percent':'1','declared':{}},"
	        "'to':'m'"),
	    "line 1, column 146: rules[0].give.declared says nothing" },
	{ MONEY("'on':'order','give':{'percent':'1',"
	        "'declared':{'26':'1'}},'to':'m'"),
	    "line 1, column 158: rules[0].give.declared.26 is no year" },
	{ MONEY("'on':'order','give':{'percent':'1',"
	        "'declared':{'2026':'101'}},'to':'m'"),
	    "line 1, column 158: rules[0].give.declared.2026 must be a "
	    "number as text, like \"1.5\", above 0, at most 100, with at "
	    "most 4 decimals" },
	{ RULE("'on':'balance','give':{'points':1}"),
	    "line 1, column 22: rules[0] lacks \"take\", what there must "
	    "be enough of" },
	{ MONEY("'on':'order','give':{'points':1},'take':{'wallet':'m'}"),
	    "line 1, column 144: rules[0].take is only for \"on\": balance,"
	    " month, quarter, year, date" },
	{ MONEY("'on':'birthday','give':{'points':1},"
	        "'take':{'wallet':'m'}"),
	    "line 1, column 147: rules[0].take is only for \"on\": balance,"
	    " month, quarter, year, date" },
	{ MONEY("'on':'balance','give':{'points':1},'take':7"),
	    "line 1, column 146: rules[0].take must be an object, {...}" },
	{ MONEY("'on':'balance','give':{'points':1},'take':{'from':'m'}"),
	    "line 1, column 146: rules[0].take lacks \"wallet\", where from\n"
	    "line 1, column 154: rules[0].take.from is unknown; what can be "
	    "said here: wallet, each, least, closed" },
	{ MONEY("'on':'balance','give':{'points':1},'take':{'each':'1'}"),
	    "line 1, column 146: rules[0].take lacks \"wallet\", where from" },
	{ MONEY("'on':'balance','give':{'points':1},"
	        "'take':{'wallet':'x','each':'1'}"),
	    "line 1, column 154: rules[0].take.wallet is no wallet of this "
	    "file: \"x\"" },
	{ MONEY("'on':'balance','give':{'points':1},"
	        "'take':{'wallet':'p','each':1}"),
	    "line 1, column 154: rules[0].take.wallet is the wallet that "
	    "the rule gives to" },
	{ MONEY("'on':'balance','give':{'points':1},"
	        "'take':{'wallet':'m'}"),
	    "line 1, column 146: rules[0].take lacks \"each\", how much at "
	    "once" },
	{ MONEY("'on':'balance','give':{'points':1},"
	        "'take':{'wallet':'m','each':1}"),
	    "line 1, column 167: rules[0].take.each must be money: a text "
	    "in quotes, like \"1\" or \"0.50\"" },
	{ MONEY("'on':'balance','give':{'points':1},"
	        "'take':{'wallet':'m','each':'0'}"),
	    "line 1, column 167: rules[0].take.each must be an amount of "
	    "money from \"0.01\" to \"10000000000000.00\"" },
	{ MONEY("'on':'balance','give':{'amount':'1'},'to':'m',"
	        "'take':{'wallet':'p','each':'1'}"),
	    "line 1, column 178: rules[0].take.each must be a whole "
	    "number: the wallet \"p\" is not money" },
	{ MONEY("'on':'balance','give':{'points':1},"
	        "'take':{'wallet':'m','each':'1','closed':true}"),
	    "line 1, column 178: rules[0].take.closed cannot be said here: "
	    "a balance has no period" },
	{ MONEY("'on':'year','give':{'points':1},'take':{'wallet':'m',"
	        "'each':'1','closed':1}"),
	    "line 1, column 175: rules[0].take.closed must be true or false" },
	{ MONEY("'on':'year','give':{'percent':'1'},'to':'m',"
	        "'take':{'wallet':'p'}"),
	    "line 1, column 131: rules[0].give.percent is of what is taken,"
	    " and \"p\" has no money" },
	{ MONEY("'on':'year','give':{'points':1},"
	        "'take':{'wallet':'m','each':'1','least':10}"),
	    "line 1, column 175: rules[0].take.least must be money: a text in "
	    "quotes, like \"1\" or \"0.50\"" },
	{ MONEY("'on':'year','give':{'points':1,'per':'1'},"
	        "'take':{'wallet':'m','each':'1'}"),
	    "line 1, column 142: rules[0].give.per must be \"event\": only "
	    "orders and events have an amount" },
};

/* Checks the fraction units / per, and the quantity that is multiplied by
 * this fraction. */
static void
test_amounts(void **state)
{
	static const struct {
		const char *text;
		enum amount_per by;
		int64_t units, per;
	} cases[] = {
		{ RULE("'on':'order','give':{'points':3}"), PER_MONEY, 3, 100 },
		{ RULE("'on':'order','give':{'points':3,'per':'2.50'}"),
		    PER_MONEY, 3, 250 },
		{ RULE("'on':'order','give':{'points':3,'per':'item'}"),
		    PER_ITEM, 3, 1 },
		{ RULE("'on':'order','give':{'points':3,'per':'event'}"),
		    PER_EVENT, 3, 1 },
		{ RULE("'on':'e','give':{'points':3}"), PER_EVENT, 3, 1 },
		{ RULE("'on':'e','give':{'points':3,'per':'1'}"), PER_MONEY, 3,
		    100 },
		{ RULE("'on':'e','give':{'points':3,'per':'count'}"), PER_COUNT,
		    3, 1 },
		{ RULE("'on':'month','give':{'points':3}"), PER_EVENT, 3, 1 },
		{ MONEY("'on':'order','give':{'amount':'0.50'},'to':'m'"),
		    PER_EVENT, 50 * MILLI, 1 },
		{ MONEY("'on':'order','give':{'amount':'5','per':'100'},"
		        "'to':'m'"),
		    PER_MONEY, 500 * MILLI, 10000 },
		{ MONEY("'on':'e','give':{'amount':'0.01'},'donate':'c'"),
		    PER_EVENT, MILLI, 1 },
		{ MONEY("'on':'order','give':{'percent':'2.5'},'to':'m'"),
		    PER_MONEY, 25000 * MILLI, 1000000 },
		{ MONEY("'on':'e','give':{'percent':'0.0001'},'to':'m'"),
		    PER_MONEY, MILLI, 1000000 },
		{ MONEY("'on':'order','give':{'percent':'100'},'to':'m'"),
		    PER_MONEY, INT64_C(1000000) * MILLI, 1000000 },
		/* An amount taken is already in units of MILLI, so the fraction
		 * does not contain MILLI. */
		{ MONEY("'on':'year','give':{'percent':'10'},'to':'m',"
		        "'take':{'wallet':'n'}"),
		    PER_MONEY, 100000, 1000000 },
		{ MONEY("'on':'year','give':{'amount':'1'},'to':'m',"
		        "'take':{'wallet':'p','each':300}"),
		    PER_EVENT, 100 * MILLI, 1 },
	};

	(void)state;
	for (size_t i = 0; i < NITEMS(cases); i++) {
		struct program p = parsed(cases[i].text);

		assert_int_equal(p.rules[0].by, cases[i].by);
		assert_int_equal(p.rules[0].units, cases[i].units);
		assert_int_equal(p.rules[0].per, cases[i].per);
	}
}

static void
test_takes(void **state)
{
	static const struct {
		const char *text;
		size_t wallet;
		int64_t each, least;
		bool closed;
	} cases[] = {
		{ RULE("'on':'order','give':{'points':1}"), NONE, 0, 0, false },
		{ MONEY("'on':'balance','give':{'amount':'1'},'to':'m',"
		        "'take':{'wallet':'p','each':300}"),
		    0, 300, 0, false },
		{ MONEY(
		      "'on':'quarter','give':{'points':1},"
		      "'take':{'wallet':'n','each':'0.05','least':'10.00','closed':true}"),
		    2, 5 * MILLI, 1000 * MILLI, true },
		/* A percentage without "each" takes everything, to the
		 * smallest unit. */
		{ MONEY("'on':'year','give':{'percent':'10'},'to':'m',"
		        "'take':{'wallet':'n'}"),
		    2, 1, 0, false },
		/* A percentage with "each" takes that amount as often as
		 * possible. */
		{ MONEY("'on':'year','give':{'percent':'10'},'to':'m',"
		        "'take':{'wallet':'n','each':'1.00'}"),
		    2, 100 * MILLI, 0, false },
	};

	(void)state;
	for (size_t i = 0; i < NITEMS(cases); i++) {
		struct program p = parsed(cases[i].text);

		assert_true(p.rules[0].take_wallet == cases[i].wallet);
		assert_int_equal(p.rules[0].take_each, cases[i].each);
		assert_int_equal(p.rules[0].take_least, cases[i].least);
		assert_int_equal(p.rules[0].take_closed, cases[i].closed);
	}
}

/* Checks that the years of "declared" come out in order of time. */
static void
test_declared(void **state)
{
	struct program p = parsed(
	    MONEY("'on':'order','to':'m','give':{'percent':'10','declared':"
	          "{'2027':'7','2025':'8.5','2026':'9'}}"));
	const struct rule *r = &p.rules[0];

	(void)state;
	assert_int_equal(r->ndeclared, 3);
	assert_int_equal(r->declared[0].year, 2025);
	assert_int_equal(r->declared[0].units, 85000 * MILLI);
	assert_int_equal(r->declared[0].per, 1000000);
	assert_int_equal(r->declared[1].year, 2026);
	assert_int_equal(r->declared[2].year, 2027);
}

/* Checks that "per" is in whole units of the currency, whatever its
 * decimals. */
static void
test_per(void **state)
{
	static const struct {
		const char *per;
		int exponent;
		int64_t minor; /* 0: refused */
	} cases[] = {
		{ "1", 0, 1 },
		{ "1.00", 0, 1 },
		{ "0.5", 0, 0 },
		{ "1.5", 0, 0 },
		{ "0.5", 2, 50 },
		{ "0.001", 3, 1 },
		{ "0.0001", 3, 0 },
		{ "0.0001", 4, 1 },
		{ "1000000000", 0, RATE_MAX },
		{ "1000000000", 2, 0 },
		{ ".", 2, 0 },
		{ "", 2, 0 },
		{ "1.000000000000000000000000000000000000000000", 2, 0 },
	};

	(void)state;
	for (size_t i = 0; i < NITEMS(cases); i++) {
		char text[256];
		struct program p;
		struct err e;
		int rc;

		(void)snprintf(text, sizeof(text),
		    RULE("'on':'order','give':{'points':1,'per':'%s'}"),
		    cases[i].per);
		rc = parse_in(cases[i].exponent, quoted(text), &p, &e);
		if (rc != (cases[i].minor == 0 ? -1 : 0))
			fail_msg("%s at %d", cases[i].per, cases[i].exponent);
		if (rc == 0)
			assert_int_equal(p.rules[0].per, cases[i].minor);
	}
}

static void
test_refused(void **state)
{
	(void)state;
	assert_refused(refused_give, NITEMS(refused_give));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_amounts),
		cmocka_unit_test(test_takes),
		cmocka_unit_test(test_declared),
		cmocka_unit_test(test_per),
		cmocka_unit_test(test_refused),
	};

	return cmocka_run_group_tests(tests, arena_setup, arena_teardown);
}
