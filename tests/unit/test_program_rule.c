/* SPDX-License-Identifier: MIT */
#include "program_file.h"

/* Tests rules: their triggers, their conditions, and which rules cannot be in
 * one program. */

#define MONEY(more)                                     \
	FILE("'wallets':{'p':{},'m':{'unit':'money'},"  \
	     "'n':{'unit':'money'}},'charities':['c']," \
	     "'rules':[{'id':'a'," more "}]")

static const struct refused refused_rule[] = {
	{ FILE("'rules':[{'id':'a','on':'order','give':{'points':1}},"
	       "`{'id':'a','on':'order','give':{'points':1}}]"),
	    "line 2, column 1: rules[1] has the id of another: \"a\"" },
	{ FILE("'rules':[{'on':'order'}]"),
	    "line 1, column 22: rules[0] lacks \"id\", its name for ever\n"
	    "line 1, column 22: rules[0] lacks \"give\", what it gives" },
	{ FILE("'rules':[{'id':'A'}]"),
	    "line 1, column 22: rules[0] lacks \"on\", what it rewards\n"
	    "line 1, column 23: rules[0].id may only have the letters a-z, "
	    "digits, - and _" },
	{ FILE("'rules':[{'id':'01234567890123456789012345678901'}]"),
	    "line 1, column 22: rules[0] lacks \"on\", what it rewards\n"
	    "line 1, column 23: rules[0].id must be a text of 1 to 31 bytes" },
	{ FILE("'rules':[{'id':7}]"),
	    "line 1, column 22: rules[0] lacks \"on\", what it rewards\n"
	    "line 1, column 23: rules[0].id must be a text of 1 to 31 bytes" },
	{ RULE("'if':{}"),
	    "line 1, column 22: rules[0] lacks \"on\", what it rewards\n"
	    "line 1, column 32: rules[0].if is unknown; what can be said "
	    "here: id, on, date, attribute, when, give, to, donate, base, "
	    "over, rounding, limit, replaces, on_refund, pending_days, "
	    "pending_from, expires, take, names" },
	{ RULE("'give':{}"),
	    "line 1, column 22: rules[0] lacks \"on\", what it rewards" },
	{ RULE("'on':1"),
	    "line 1, column 32: rules[0].on must be a text of 1 to 31 bytes" },
	{ RULE("'on':'New Order'"),
	    "line 1, column 32: rules[0].on may only have the letters a-z, "
	    "digits, - and _" },
	{ RULE("'on':'undo','give':{'points':1}"),
	    "line 1, column 32: rules[0].on is no event of its own: it "
	    "undoes another" },
	{ RULE("'on':'tier','give':{'points':1}"),
	    "line 1, column 32: rules[0].on needs \"tiers\"" },
	{ RULE("'on':'tier_year','give':{'points':1}"),
	    "line 1, column 32: rules[0].on needs \"tiers\"" },
	{ RULE("'on':'membership','give':{'points':1}"),
	    "line 1, column 32: rules[0].on needs \"memberships\"" },
	{ RULE("'on':'membership_period','give':{'points':1}"),
	    "line 1, column 32: rules[0].on needs \"memberships\"" },
	{ RULE("'on':'membership_month','give':{'points':1}"),
	    "line 1, column 32: rules[0].on needs \"memberships\"" },
	{ RULE("'on':'date','give':{'points':1}"),
	    "line 1, column 22: rules[0] lacks \"date\", which one, like "
	    "\"03-01\"" },
	{ RULE("'on':'year','date':'03-01','give':{'points':1}"),
	    "line 1, column 44: rules[0].date cannot be said here: it goes "
	    "with \"on\": \"date\"" },
	{ RULE("'on':'year','attribute':'b','give':{'points':1}"),
	    "line 1, column 44: rules[0].attribute cannot be said here: it "
	    "goes with \"on\": \"birthday\"" },
	{ RULE("'on':'birthday','attribute':'B','give':{'points':1}"),
	    "line 1, column 48: rules[0].attribute may only have the "
	    "letters a-z, digits, - and _" },
	{ RULE("'on':'date','date':'3-1','give':{'points':1}"),
	    "line 1, column 44: rules[0].date must be a day that every "
	    "year has, like \"03-01\"" },
	{ RULE("'on':'date','date':'02-29','give':{'points':1}"),
	    "line 1, column 44: rules[0].date must be a day that every "
	    "year has, like \"03-01\"" },
	{ RULE("'on':'date','date':'13-01','give':{'points':1}"),
	    "line 1, column 44: rules[0].date must be a day that every "
	    "year has, like \"03-01\"" },
	{ RULE("'on':'date','date':'2025-03-01','give':{'points':1}"),
	    "line 1, column 44: rules[0].date must be a day that every "
	    "year has, like \"03-01\"" },
	{ RULE("'on':'date','date':301,'give':{'points':1}"),
	    "line 1, column 44: rules[0].date must be a day that every "
	    "year has, like \"03-01\"" },
	{ RULE("'on':'birthday','give':{'points':1},'base':{}"),
	    "line 1, column 68: rules[0].base cannot be said here: only "
	    "orders have that" },
	{ RULE("'on':'e','give':{'points':1},'replaces':['a']"),
	    "line 1, column 61: rules[0].replaces cannot be said here: "
	    "only orders have that" },
	{ RULE("'on':'e','give':{'points':1},'pending_from':'paid'"),
	    "line 1, column 61: rules[0].pending_from cannot be said here: "
	    "only orders have that" },
	{ RULE("'on':'month','give':{'points':1},'over':'year'"),
	    "line 1, column 65: rules[0].over cannot be said here: only "
	    "orders and events are summed" },
	{ ORDER("'to':'w'"),
	    "line 1, column 65: rules[0].to is no wallet of this file: "
	    "\"w\"" },
	{ ORDER("'to':7"),
	    "line 1, column 65: rules[0].to must be a text of 1 to 31 bytes" },
	{ ORDER("'to':'W'"),
	    "line 1, column 65: rules[0].to may only have the letters a-z, "
	    "digits, - and _" },
	{ ORDER("'donate':'c'"),
	    "line 1, column 65: rules[0].donate is no charity of this "
	    "file: \"c\"" },
	{ MONEY("'on':'order','give':{'points':1},'to':'charity'"),
	    "line 1, column 144: rules[0].to is no wallet of this file: "
	    "\"charity\"" },
	{ MONEY("'on':'order','give':{'percent':'1'},'donate':'c',"
	        "'to':'m'"),
	    "line 1, column 160: rules[0].to cannot be said here: what is "
	    "donated goes into no wallet" },
	{ MONEY("'on':'order','give':{'percent':'1'},'donate':'c',"
	        "'expires':{'after':'1 day'}"),
	    "line 1, column 160: rules[0].expires cannot be said here: "
	    "what is owed to a charity does not" },
	{ MONEY("'on':'order','give':{'points':1},'donate':'c'"),
	    "line 1, column 132: rules[0].give.points cannot go into "
	    "money: say \"amount\" or \"percent\"" },
	{ ORDER("'over':'week'"),
	    "line 1, column 65: rules[0].over must be one of these words: "
	    "line, order, day, month, quarter, year, tier_year, lifetime" },
	{ ORDER("'over':'tier_year'"),
	    "line 1, column 65: rules[0].over needs \"tiers\"" },
	{ EVENT("'over':'line'"),
	    "line 1, column 61: rules[0].over must be one of these words: "
	    "order, day, month, quarter, year, tier_year, lifetime" },
	{ ORDER("'rounding':'down'"),
	    "line 1, column 65: rules[0].rounding must be one of these "
	    "words: floor, nearest, ceil" },
	{ ORDER("'on_refund':'keep'"),
	    "line 1, column 65: rules[0].on_refund must be one of these "
	    "words: residual, proportional, none" },
	{ ORDER("'pending_days':-1"),
	    "line 1, column 65: rules[0].pending_days must be a whole "
	    "number from 0 to 3650" },
	{ ORDER("'pending_from':'sent'"),
	    "line 1, column 65: rules[0].pending_from must be one of these "
	    "words: paid, fulfilled" },
	{ ORDER("'expires':{'inactive':'1 year'}"),
	    "line 1, column 76: rules[0].expires.inactive cannot be said "
	    "here: only a whole wallet is inactive" },
	{ ORDER("'expires':{}"),
	    "line 1, column 65: rules[0].expires says nothing; for never, "
	    "say \"after\": \"ever\"" },
	{ ORDER("'names':7"),
	    "line 1, column 65: rules[0].names must be an object, {...}" },
	{ ORDER("'replaces':['b']"),
	    "line 1, column 77: rules[0].replaces[0] is no rule of this "
	    "file: \"b\"" },
	{ ORDER("'replaces':['a']"),
	    "line 1, column 77: rules[0].replaces[0] is the rule itself" },
	{ ORDER("'replaces':'b'"),
	    "line 1, column 65: rules[0].replaces must be a list, [...]" },
	{ ORDER("'replaces':[]"),
	    "line 1, column 65: rules[0].replaces must have 1 to 256 items,"
	    " not 0" },
	{ FILE("'rules':[{'id':'a','on':'order','give':{'points':1},"
	       "'replaces':['b']},{'id':'b','on':'e',"
	       "'give':{'points':1}}]"),
	    "line 1, column 77: rules[0].replaces[0] is no rule on orders" },
	{ FILE("'rules':[{'id':'a','on':'order','give':{'points':1},"
	       "'replaces':['b']},{'id':'b','on':'order',"
	       "'give':{'points':1},'replaces':['a']}]"),
	    "line 1, column 77: rules[0].replaces[0] replaces this one "
	    "itself" },
	{ "{'name':'x','wallets':{'a':{},'b':{},'c':{}},'rules':[{'id':'1',"
	  "'on':'balance','take':{'wallet':'a','each':1},'give':{'points':2},"
	  "'to':'b'},{'id':'2','on':'balance','take':{'wallet':'b','each':1},"
	  "'give':{'points':2},'to':'c'},{'id':'3','on':'balance','take':{"
	  "'wallet':'c','each':1},'give':{'points':2},'to':'a'}]}",
	    "line 1, column 55: rules[0] gives to \"b\", which feeds \"a\" "
	    "again: a circle has no end" },
	{ ORDER("'limit':7"),
	    "line 1, column 65: rules[0].limit must be an object, {...}" },
	{ ORDER("'limit':[]"),
	    "line 1, column 65: rules[0].limit must have 1 to 8 items, not "
	    "0" },
	{ ORDER("'limit':{'per':'day'}"),
	    "line 1, column 65: rules[0].limit lacks \"most\", how much at "
	    "most" },
	{ ORDER("'limit':{'most':1}"),
	    "line 1, column 65: rules[0].limit lacks \"per\", in which time" },
	{ ORDER("'limit':{'most':0,'per':'day'}"),
	    "line 1, column 74: rules[0].limit.most must be a whole number "
	    "from 1 to 1000000000" },
	{ ORDER("'limit':{'most':'1','per':'day'}"),
	    "line 1, column 74: rules[0].limit.most must be a whole "
	    "number: the wallet \"points\" is not money" },
	{ ORDER("'limit':{'most':1,'per':'week'}"),
	    "line 1, column 83: rules[0].limit.per must be one of these "
	    "words: line, order, day, month, quarter, year, tier_year, "
	    "lifetime" },
	{ ORDER("'limit':{'most':1,'per':'month','of':'program'}"),
	    "line 1, column 83: rules[0].limit.per must be \"lifetime\": what "
	    "all members have together is counted in all" },
	{ ORDER("'limit':{'most':1,'per':'tier_year'}"),
	    "line 1, column 83: rules[0].limit.per needs \"tiers\"" },
	{ EVENT("'limit':{'most':1,'per':'line'}"),
	    "line 1, column 79: rules[0].limit.per must be one of these "
	    "words: order, day, month, quarter, year, tier_year, lifetime" },
	{ ORDER("'limit':{'most':1,'per':'day','of':'all'}"),
	    "line 1, column 95: rules[0].limit.of must be one of these "
	    "words: member, program" },
	{ ORDER("'limit':{'least':1}"),
	    "line 1, column 65: rules[0].limit lacks \"most\", how much at "
	    "most\n"
	    "line 1, column 65: rules[0].limit lacks \"per\", in which time\n"
	    "line 1, column 74: rules[0].limit.least is unknown; what can be "
	    "said here: most, per, of" },
	{ ORDER("'limit':[{'most':1,'per':'day'},{'most':2,"
	        "'per':'day'}]"),
	    "line 1, column 107: rules[0].limit[1].per is of another limit "
	    "already" },
	{ ORDER("'limit':[{'most':1,'per':'day'},{'most':1,"
	        "'per':'day'},{'most':1,'per':'day'},{'most':1,"
	        "'per':'day'},{'most':1,'per':'day'},{'most':1,"
	        "'per':'day'},{'most':1,'per':'day'},{'most':1,"
	        "'per':'day'},{'most':1,'per':'day'}]"),
	    "line 1, column 65: rules[0].limit must have 1 to 8 items, not "
	    "9" },
	{ MONEY("'on':'order','give':{'percent':'1'},'to':'m',"
	        "'limit':{'most':5,'per':'day'}"),
	    "line 1, column 165: rules[0].limit.most must be money: a text "
	    "in quotes, like \"1\" or \"0.50\"" },
	{ MONEY("'on':'order','give':{'percent':'1'},'to':'m',"
	        "'limit':{'most':'0.00','per':'day'}"),
	    "line 1, column 165: rules[0].limit.most must be an amount of "
	    "money from \"0.01\" to \"10000000000000.00\"" },
};

static void
test_triggers(void **state)
{
	static const struct {
		const char *on;
		enum trigger trigger;
	} cases[] = {
		{ "order", ON_ORDER },
		{ "enrolment", ON_EVENT },
		{ "my-own_event", ON_EVENT },
		{ "birthday", ON_BIRTHDAY },
		{ "tier", ON_TIER },
		{ "tier_year", ON_TIER_YEAR },
		{ "membership", ON_MEMBERSHIP },
		{ "membership_period", ON_MEMBERSHIP_PERIOD },
		{ "membership_month", ON_MEMBERSHIP_MONTH },
		{ "month", ON_MONTH },
		{ "quarter", ON_QUARTER },
		{ "year", ON_YEAR },
	};

	(void)state;
	for (size_t i = 0; i < NITEMS(cases); i++) {
		char text[512];
		struct program p;

		(void)snprintf(text, sizeof(text),
		    FILE("'tiers':{'levels':[{'id':'l','from':'1'}]},"
		         "'memberships':[{'id':'m','term':'ever'}],"
		         "'rules':[{'id':'a','on':'%s','give':{'points':1}}]"),
		    cases[i].on);
		p = parsed(text);
		assert_int_equal(p.rules[0].on, cases[i].trigger);
		if (cases[i].trigger == ON_EVENT)
			assert_string_equal(p.rules[0].event, cases[i].on);
		else
			assert_null(p.rules[0].event);
		if (cases[i].trigger == ON_BIRTHDAY)
			assert_string_equal(p.rules[0].attribute, "birthday");
	}
}

static void
test_defaults(void **state)
{
	struct program p = parsed(RULE("'on':'order','give':{'points':1}"));
	const struct rule *r = &p.rules[0];

	(void)state;
	assert_int_equal(r->when.n, 0);
	assert_int_equal(r->rounding, ROUND_FLOOR);
	assert_int_equal(r->over, WINDOW_ORDER);
	assert_int_equal(r->nlimits, 0);
	assert_int_equal(r->wallet, 0);
	assert_null(r->charity);
	assert_true(r->take_wallet == NONE);
	assert_int_equal(r->replaces.n, 0);
	assert_int_equal(r->reversal, REVERSE_RESIDUAL);
	assert_int_equal(r->pending_days, -1);
	assert_int_equal(r->pending_from, FROM_PAID);
	assert_false(r->has_expiry);
	assert_int_equal(r->names.n, 0);
}

/* Checks that a rule which donates gives its units to the wallet of the
 * charities. */
static void
test_donates(void **state)
{
	struct program p = parsed(
	    MONEY("'on':'order','give':{'percent':'1'},'donate':'c',"
	          "'limit':{'most':'5.00','per':'day'}"));

	(void)state;
	assert_string_equal(p.rules[0].charity, "c");
	assert_true(p.wallets[p.rules[0].wallet].charity);
	assert_int_equal(p.rules[0].limits[0].most, 500 * MILLI);
}

static void
test_limits(void **state)
{
	struct program p = parsed(
	    ORDER("'limit':[{'most':50,'per':'lifetime','of':'program'},"
	          "{'most':20,'per':'lifetime','of':'member'},"
	          "{'most':5,'per':'line'}]"));
	const struct rule *r = &p.rules[0];

	(void)state;
	assert_int_equal(r->nlimits, 3);
	assert_int_equal(r->limits[0].window, WINDOW_LINE);
	assert_int_equal(r->limits[0].most, 5);
	assert_false(r->limits[0].of_program);
	/* limits are sorted: the shortest window first, the limit of all
	 * members last */
	assert_int_equal(r->limits[1].window, WINDOW_LIFETIME);
	assert_false(r->limits[1].of_program);
	assert_true(r->limits[2].of_program);
}

static void
test_days(void **state)
{
	struct program p = parsed(
	    RULE("'on':'date','date':'12-31','give':{'points':1},"
	         "'pending_days':0,'expires':{'after':'ever'}"));

	(void)state;
	assert_int_equal(p.rules[0].month, 12);
	assert_int_equal(p.rules[0].day, 31);
	assert_int_equal(p.rules[0].pending_days, 0);
	assert_true(p.rules[0].has_expiry);
	assert_int_equal(p.rules[0].expires.after.unit, UNIT_EVER);
}

/* Checks which programs are plain: in a plain program the order alone decides
 * how many points it earns. */
static void
test_plain(void **state)
{
	static const char *const not_plain[] = {
		WITH("'charities':['c']"),
		WITH("'wallets':{'other':{}}"),
		WITH("'wallets':{'points':{'expires':{'after':'1 year'}}}"),
		WITH("'wallets':{'points':{'negative':'allow'}}"),
		WITH("'rewards':[{'id':'r','kind':'shipping','cost':1}]"),
		WITH("'benefits':[{'id':'b','kind':'flag'}]"),
		WITH("'tiers':{'levels':[{'id':'l','from':'1'}]}"),
		WITH("'memberships':[{'id':'m','term':'ever'}]"),
		WITH("'multipliers':[{'id':'m','times':'2'}]"),
		ORDER("'limit':{'most':1,'per':'order'}"),
		ORDER("'over':'line'"),
		ORDER("'on_refund':'none'"),
		ORDER("'pending_days':0"),
		ORDER("'pending_from':'fulfilled'"),
		ORDER("'expires':{'after':'ever'}"),
		ORDER("'when':{'channel':['pos']}"),
		ORDER("'base':{'lines':{'tag':['x']}}"),
		RULE("'on':'order','give':{'points':1,'per':'item'}"),
		RULE("'on':'e','give':{'points':1}"),
	};

	(void)state;
	assert_true(parsed(WITH("'tests':[]")).plain);
	assert_true(parsed(ORDER("'base':{'tax':true},'rounding':'ceil',"
	                         "'over':'order','names':{'en':'x'}"))
	                .plain);
	for (size_t i = 0; i < NITEMS(not_plain); i++)
		if (parsed(not_plain[i]).plain)
			fail_msg("%s is plain", not_plain[i]);
}

static void
test_refused(void **state)
{
	(void)state;
	assert_refused(refused_rule, NITEMS(refused_rule));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_triggers),
		cmocka_unit_test(test_defaults),
		cmocka_unit_test(test_donates),
		cmocka_unit_test(test_limits),
		cmocka_unit_test(test_days),
		cmocka_unit_test(test_plain),
		cmocka_unit_test(test_refused),
	};

	return cmocka_run_group_tests(tests, arena_setup, arena_teardown);
}
