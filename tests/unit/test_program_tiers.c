/* SPDX-License-Identifier: MIT */
#include "program_file.h"

/* Tests tiers and memberships. */

#define TIERS(more)  FILE("'tiers':{" more "}")
#define LEVELS(more) TIERS("'levels':[" more "]")

static const struct refused refused_tiers[] = {
	{ FILE("'tiers':[]"),
	    "line 1, column 13: tiers must be an object, {...}" },
	{ TIERS("'metric':'spend'"),
	    "line 1, column 13: tiers lacks \"levels\", the tiers" },
	{ TIERS("'level':[]"),
	    "line 1, column 22: tiers.level is unknown; what can be said "
	    "here: metric, wallet, event, base, pending_counts, before, "
	    "window, term, grace_days, downgrade, crossing, on_refund, "
	    "levels" },
	{ TIERS("'levels':[]"),
	    "line 1, column 22: tiers.levels must have 1 to 16 items, not 0" },
	{ TIERS("'levels':{}"),
	    "line 1, column 22: tiers.levels must be a list, [...]" },
	{ LEVELS("7"),
	    "line 1, column 32: tiers.levels[0] must be an object, {...}" },
	{ LEVELS("{'from':'1'}"),
	    "line 1, column 32: tiers.levels[0] lacks \"id\", its name for "
	    "ever" },
	{ LEVELS("{'id':'a','from':'1'},{'id':'a','from':'2'}"),
	    "line 1, column 54: tiers.levels[1] has the id of another: "
	    "\"a\"" },
	{ LEVELS("{'id':'a'}"),
	    "line 1, column 32: tiers.levels[0] lacks \"above\", \"from\" "
	    "or \"when\", how it is reached" },
	{ LEVELS("{'id':'a','over':'1'}"),
	    "line 1, column 42: tiers.levels[0].over is unknown; what can "
	    "be said here: id, above, from, when, names" },
	{ LEVELS("{'id':'a','from':'1','above':'1'}"),
	    "line 1, column 42: tiers.levels[0].from cannot be said here: "
	    "\"above\" says it already" },
	{ LEVELS("{'id':'a','from':1}"),
	    "line 1, column 42: tiers.levels[0].from must be money: a text "
	    "in quotes, like \"1\" or \"0.50\"" },
	{ LEVELS("{'id':'a','above':'-1'}"),
	    "line 1, column 42: tiers.levels[0].above must be an amount of "
	    "money from \"0.00\" to \"10000000000000.00\"" },
	{ LEVELS("{'id':'a','above':'1','when':{'nth':1}}"),
	    "line 1, column 54: tiers.levels[0].when cannot be said here: "
	    "a tier is reached by a threshold or by a condition" },
	{ LEVELS("{'id':'a','above':'1'},{'id':'b','from':'1'}"),
	    "line 1, column 55: tiers.levels[1] is not above \"a\": tiers "
	    "stand lowest first" },
	{ LEVELS("{'id':'a','from':'2'},{'id':'c',"
	         "'when':{'attribute':{'k':['v']}}},{'id':'b',"
	         "'from':'1'}"),
	    "line 1, column 98: tiers.levels[2] is not above \"a\": tiers "
	    "stand lowest first" },
	{ LEVELS("{'id':'a','from':'2'},{'id':'b','above':'1'}"),
	    "line 1, column 54: tiers.levels[1] is not above \"a\": tiers "
	    "stand lowest first" },
	{ LEVELS("{'id':'a','from':'2'},{'id':'b','from':'2.00'}"),
	    "line 1, column 54: tiers.levels[1] is not above \"a\": tiers "
	    "stand lowest first" },
	{ LEVELS("{'id':'a','when':{'tier':['a']}}"),
	    "line 1, column 50: tiers.levels[0].when.tier cannot be said "
	    "here: a tier cannot depend on tiers" },
	{ LEVELS("{'id':'a','when':{'channel':['pos']}}"),
	    "line 1, column 50: tiers.levels[0].when.channel cannot be "
	    "said here: a tier is not of one order" },
	{ LEVELS("{'id':'a','when':{'not':{'amount':{'from':'1'}}}}"),
	    "line 1, column 57: tiers.levels[0].when.not.amount cannot be "
	    "said here: a tier is not of one order" },
	{ LEVELS("{'id':'a','when':{}}"),
	    "line 1, column 42: tiers.levels[0].when says nothing" },
	{ LEVELS("{'id':'a','from':'1','names':1}"),
	    "line 1, column 53: tiers.levels[0].names must be an object, "
	    "{...}" },
	{ TIERS("'metric':'visits','levels':[{'id':'a','from':1}]"),
	    "line 1, column 22: tiers.metric must be one of these words: "
	    "spend, earned, orders, events" },
	{ TIERS("'metric':'orders','levels':[{'id':'a','from':'1'}]"),
	    "line 1, column 60: tiers.levels[0].from must be a whole "
	    "number from 0 to 1000000000" },
	{ TIERS("'metric':'earned','levels':[{'id':'a','from':'1'}]"),
	    "line 1, column 60: tiers.levels[0].from must be a whole "
	    "number: the wallet \"points\" is not money" },
	{ TIERS("'metric':'earned','wallet':'x','levels':[{'id':'a',"
	        "'from':1}]"),
	    "line 1, column 40: tiers.wallet is no wallet of this file: "
	    "\"x\"" },
	{ TIERS("'metric':'earned','base':{},'levels':[{'id':'a',"
	        "'from':1}]"),
	    "line 1, column 40: tiers.base cannot be said here: it goes "
	    "with \"metric\": \"spend\"" },
	{ TIERS("'base':{'x':1},'levels':[{'id':'a','from':'1'}]"),
	    "line 1, column 30: tiers.base.x is unknown; what can be said "
	    "here: discounts, tax, shipping, fees, gift_cards, lines, "
	    "not_lines, tender, not_tender" },
	{ TIERS("'wallet':'points','levels':[{'id':'a','from':'1'}]"),
	    "line 1, column 22: tiers.wallet cannot be said here: it goes "
	    "with \"metric\": \"earned\"" },
	{ TIERS("'metric':'earned','before':true,"
	        "'levels':[{'id':'a','from':1}]"),
	    "line 1, column 40: tiers.before cannot be said here: it is of "
	    "orders: \"metric\": \"spend\" or \"orders\"" },
	{ TIERS("'before':1,'levels':[{'id':'a','from':'1'}]"),
	    "line 1, column 22: tiers.before must be true or false" },
	{ TIERS("'pending_counts':true,'levels':[{'id':'a','from':'1'}]"),
	    "line 1, column 22: tiers.pending_counts cannot be said here: "
	    "it goes with \"metric\": \"earned\"" },
	{ TIERS("'metric':'earned','pending_counts':1,"
	        "'levels':[{'id':'a','from':1}]"),
	    "line 1, column 40: tiers.pending_counts must be true or false" },
	{ TIERS("'event':'e','levels':[{'id':'a','from':'1'}]"),
	    "line 1, column 22: tiers.event cannot be said here: it goes "
	    "with \"metric\": \"events\"" },
	{ TIERS("'metric':'events','levels':[{'id':'a','from':1}]"),
	    "line 1, column 13: tiers lacks \"event\", the type of the "
	    "events" },
	{ TIERS("'metric':'events','event':'order','levels':[{'id':'a',"
	        "'from':1}]"),
	    "line 1, column 40: tiers.event is no type of an event" },
	{ TIERS("'metric':'events','event':'E','levels':[{'id':'a',"
	        "'from':1}]"),
	    "line 1, column 40: tiers.event may only have the letters a-z, "
	    "digits, - and _" },
	{ TIERS("'window':'month','levels':[{'id':'a','from':'1'}]"),
	    "line 1, column 22: tiers.window must be a period, like \"12 "
	    "months\", or one of these words: year, lifetime, anniversary" },
	{ TIERS("'window':'12','levels':[{'id':'a','from':'1'}]"),
	    "line 1, column 22: tiers.window must be a period, like \"12 "
	    "months\", or one of these words: year, lifetime, anniversary" },
	{ TIERS("'window':'ever','levels':[{'id':'a','from':'1'}]"),
	    "line 1, column 22: tiers.window must be a period, like \"12 "
	    "months\", or one of these words: year, lifetime, anniversary" },
	{ TIERS("'window':1,'levels':[{'id':'a','from':'1'}]"),
	    "line 1, column 22: tiers.window must be a period, like \"12 "
	    "months\", or one of these words: year, lifetime, anniversary" },
	{ TIERS("'term':'ever','levels':[{'id':'a','from':'1'}]"),
	    "line 1, column 22: tiers.term must be a period, like \"12 "
	    "months\", or one of these words: forever, "
	    "rest_of_year_plus_next, rest_of_year, while" },
	{ TIERS("'term':'0 days','levels':[{'id':'a','from':'1'}]"),
	    "line 1, column 22: tiers.term must be a period, like \"12 "
	    "months\", or one of these words: forever, "
	    "rest_of_year_plus_next, rest_of_year, while" },
	{ TIERS("'grace_days':3651,'levels':[{'id':'a','from':'1'}]"),
	    "line 1, column 22: tiers.grace_days must be a whole number "
	    "from 0 to 3650" },
	{ TIERS("'term':'forever','grace_days':1,'levels':[{'id':'a',"
	        "'from':'1'}]"),
	    "line 1, column 39: tiers.grace_days cannot be said here: a "
	    "term for ever has no end" },
	{ TIERS("'downgrade':'two','levels':[{'id':'a','from':'1'}]"),
	    "line 1, column 22: tiers.downgrade must be one of these "
	    "words: evaluate, one_down, none" },
	{ TIERS("'crossing':'new','metric':'earned','levels':[{'id':'a',"
	        "'from':1}]"),
	    "line 1, column 22: tiers.crossing cannot be said here: an order "
	    "crosses by what is spent or by its number" },
	{ TIERS("'crossing':'both','levels':[{'id':'a','from':'1'}]"),
	    "line 1, column 22: tiers.crossing must be one of these words: "
	    "old, new, split" },
	{ TIERS("'on_refund':'never','levels':[{'id':'a','from':'1'}]"),
	    "line 1, column 22: tiers.on_refund must be one of these "
	    "words: immediate, at_term_end" },
};

#define MEMBER(more) FILE("'memberships':[{'id':'a'," more "}]")

static const struct refused refused_member[] = {
	{ FILE("'memberships':{}"),
	    "line 1, column 13: memberships must be a list, [...]" },
	{ FILE("'memberships':[{'term':'ever'}]"),
	    "line 1, column 28: memberships[0] lacks \"id\", its name for "
	    "ever" },
	{ FILE("'memberships':[{'id':'a','term':'ever'},{'id':'a',"
	       "'term':'ever'}]"),
	    "line 1, column 53: memberships[1] has the id of another: \"a\"" },
	{ FILE("'memberships':[{'id':'m0','term':'ever'},{'id':'m1',"
	       "'term':'ever'},{'id':'m2','term':'ever'},{'id':'m3',"
	       "'term':'ever'},{'id':'m4','term':'ever'},{'id':'m5',"
	       "'term':'ever'},{'id':'m6','term':'ever'},{'id':'m7',"
	       "'term':'ever'},{'id':'m8','term':'ever'}]"),
	    "line 1, column 13: memberships must have 1 to 8 items, not 9" },
	{ MEMBER("'fee':{'sku':['X']}"),
	    "line 1, column 28: memberships[0] lacks \"term\", how long "
	    "one is paid for" },
	{ MEMBER("'term':'yearly'"),
	    "line 1, column 38: memberships[0].term must be a period: \"30 "
	    "days\", \"18 months\", \"1 year\" (at most 100 years) or "
	    "\"ever\"" },
	{ MEMBER("'term':'1 year','cost':1"),
	    "line 1, column 54: memberships[0].cost is unknown; what can "
	    "be said here: id, fee, price, term, trial_days, grace_days, "
	    "on_refund, names" },
	{ MEMBER("'term':'1 year','fee':{}"),
	    "line 1, column 54: memberships[0].fee says nothing" },
	{ MEMBER("'term':'1 year','fee':['X']"),
	    "line 1, column 54: memberships[0].fee must be an object, {...}" },
	{ MEMBER("'term':'1 year','fee':{'product':['X']}"),
	    "line 1, column 72: memberships[0].fee.product[0] must be the "
	    "platform's number of the product, as text" },
	{ MEMBER("'term':'1 year','price':'free'"),
	    "line 1, column 54: memberships[0].price must be an amount of "
	    "money from \"0.01\" to \"10000000000000.00\"" },
	{ MEMBER("'term':'1 year','trial_days':-1"),
	    "line 1, column 54: memberships[0].trial_days must be a whole "
	    "number from 0 to 3650" },
	{ MEMBER("'term':'1 year','grace_days':'1'"),
	    "line 1, column 54: memberships[0].grace_days must be a whole "
	    "number from 0 to 3650" },
	{ MEMBER("'term':'1 year','on_refund':'pauses'"),
	    "line 1, column 54: memberships[0].on_refund must be one of "
	    "these words: ends, stays" },
	{ MEMBER("'term':'1 year','names':{'e':'x'}"),
	    "line 1, column 63: memberships[0].names.e is no language: two "
	    "letters, like \"en\"" },
};

static void
test_defaults(void **state)
{
	struct program p = parsed(LEVELS("{'id':'a','from':'0'}"));
	const struct tiers *tiers = &p.tiers;

	(void)state;
	assert_int_equal(p.nrules, 0);
	assert_int_equal(tiers->metric, METRIC_SPEND);
	assert_int_equal(tiers->base, 0);
	assert_int_equal(p.nbases, 1);
	assert_false(tiers->pending_counts);
	assert_int_equal(tiers->window, TIER_YEAR);
	assert_int_equal(tiers->term, TERM_REST_PLUS_NEXT);
	assert_int_equal(tiers->grace_days, 0);
	assert_int_equal(tiers->downgrade, DOWNGRADE_EVALUATE);
	assert_int_equal(tiers->crossing, CROSSING_OLD);
	assert_false(tiers->refund_at_term_end);
	assert_int_equal(tiers->nlevels, 1);
	assert_true(tiers->levels[0].has_threshold);
	assert_false(tiers->levels[0].above);

	p = parsed(MEMBER("'term':'ever'"));
	assert_int_equal(p.memberships[0].term.unit, UNIT_EVER);
	assert_int_equal(p.memberships[0].fee.n, 0);
	assert_int_equal(p.memberships[0].price, 0);
	assert_int_equal(p.memberships[0].trial_days, 0);
	assert_int_equal(p.memberships[0].grace_days, 0);
	assert_int_equal(p.memberships[0].refund, MEMBERSHIP_ENDS);
}

/* A tier "above" an amount comes after a tier "from" the same amount. */
static void
test_levels(void **state)
{
	struct program p = parsed(
	    LEVELS("{'id':'a','from':'500.00'},{'id':'b','above':'500.00'},"
	           "{'id':'c','when':{'attribute':{'card':['yes']}}},"
	           "{'id':'d','from':'500.02'}"));
	const struct level *l = p.tiers.levels;

	(void)state;
	assert_int_equal(p.tiers.nlevels, 4);
	assert_int_equal(l[0].threshold, 50000);
	assert_false(l[0].above);
	assert_int_equal(l[1].threshold, 50000);
	assert_true(l[1].above);
	assert_false(l[2].has_threshold);
	assert_int_equal(l[2].when.n, 1);
	assert_int_equal(l[3].threshold, 50002);
}

static void
test_metrics(void **state)
{
	struct program p = parsed(
	    FILE("'wallets':{'p':{},'m':{'unit':'money'}},'tiers':{"
	         "'metric':'earned','wallet':'m','pending_counts':true,"
	         "'levels':[{'id':'a','from':'1.00'}]}"));

	(void)state;
	assert_int_equal(p.tiers.metric, METRIC_EARNED);
	assert_int_equal(p.tiers.wallet, 1);
	assert_true(p.tiers.pending_counts);
	assert_int_equal(p.tiers.levels[0].threshold, 100 * MILLI);
	p = parsed(TIERS("'metric':'events','event':'review',"
	                 "'levels':[{'id':'a','above':4}]"));
	assert_int_equal(p.tiers.metric, METRIC_EVENTS);
	assert_string_equal(p.tiers.event, "review");
	assert_int_equal(p.tiers.levels[0].threshold, 4);
	p = parsed(TIERS("'metric':'orders','levels':[{'id':'a','from':4}]"));
	assert_int_equal(p.tiers.metric, METRIC_ORDERS);
}

static void
test_times(void **state)
{
	static const struct {
		const char *text;
		enum tier_window window;
		enum tier_term term;
	} cases[] = {
		{ TIERS("'window':'year','term':'forever',"
		        "'levels':[{'id':'a','from':'1'}]"),
		    TIER_YEAR, TERM_FOREVER },
		{ TIERS("'window':'lifetime','term':'rest_of_year_plus_next',"
		        "'levels':[{'id':'a','from':'1'}]"),
		    TIER_LIFETIME, TERM_REST_PLUS_NEXT },
		{ TIERS("'window':'anniversary','term':'rest_of_year',"
		        "'levels':[{'id':'a','from':'1'}]"),
		    TIER_ANNIVERSARY, TERM_REST },
		{ TIERS("'window':'12 months','term':'while',"
		        "'levels':[{'id':'a','from':'1'}]"),
		    TIER_ROLLING, TERM_WHILE },
		{ TIERS("'window':'365 days','term':'18 months',"
		        "'levels':[{'id':'a','from':'1'}]"),
		    TIER_ROLLING, TERM_PERIOD },
	};
	struct program p;

	(void)state;
	for (size_t i = 0; i < NITEMS(cases); i++) {
		p = parsed(cases[i].text);
		assert_int_equal(p.tiers.window, cases[i].window);
		assert_int_equal(p.tiers.term, cases[i].term);
	}
	assert_int_equal(p.tiers.rolling.n, 365);
	assert_int_equal(p.tiers.rolling.unit, UNIT_DAY);
	assert_int_equal(p.tiers.term_period.n, 18);
	assert_int_equal(p.tiers.term_period.unit, UNIT_MONTH);
}

static void
test_refused(void **state)
{
	(void)state;
	assert_refused(refused_tiers, NITEMS(refused_tiers));
	assert_refused(refused_member, NITEMS(refused_member));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_defaults),
		cmocka_unit_test(test_levels),
		cmocka_unit_test(test_metrics),
		cmocka_unit_test(test_times),
		cmocka_unit_test(test_refused),
	};

	return cmocka_run_group_tests(tests, arena_setup, arena_teardown);
}
