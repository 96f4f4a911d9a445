/* SPDX-License-Identifier: MIT */
#include "program_file.h"

/* Tests rewards and benefits. */

#define REWARD(more)                                  \
	FILE("'benefits':[{'id':'f','kind':'flag'}]," \
	     "'rewards':[{'id':'a'," more "}]")

static const struct refused refused_reward[] = {
	{ WITH("'rewards':{}"),
	    "line 1, column 67: rewards must be a list, [...]" },
	{ WITH("'rewards':[{'kind':'shipping','cost':1}]"),
	    "line 1, column 78: rewards[0] lacks \"id\", its name for ever" },
	{ WITH("'rewards':[{'id':'a','kind':'shipping','cost':1},"
	       "{'id':'a','kind':'shipping','cost':1}]"),
	    "line 1, column 116: rewards[1] has the id of another: \"a\"" },
	{ FILE("'rewards':[{'id':'a','kind':'shipping','cost':1}]"),
	    "line 1, column 1: the file lacks \"rules\", what is rewarded" },
	{ REWARD("'cost':1"),
	    "line 1, column 62: rewards[0] lacks \"kind\", what sort of "
	    "reward it is" },
	{ REWARD("'kind':'cash'"),
	    "line 1, column 62: rewards[0] lacks \"cost\", how many units it "
	    "is had for\n"
	    "line 1, column 72: rewards[0].kind must be one of these words: "
	    "amount, percent, shipping, product, gift_card, store_credit, "
	    "charity, experience" },
	{ REWARD("'kind':'shipping'"),
	    "line 1, column 62: rewards[0] lacks \"cost\", how many units "
	    "it is had for" },
	{ REWARD("'kind':'shipping','price':1"),
	    "line 1, column 62: rewards[0] lacks \"cost\", how many units it "
	    "is had for\n"
	    "line 1, column 90: rewards[0].price is unknown; what can be said "
	    "here: id, kind, wallet, cost, variable, least, most, amount, "
	    "percent, product, minimum, most_percent, lines, not_lines, when, "
	    "combines, valid, hold_minutes, on_cancel, on_refund, way, "
	    "unit_cost, names" },
	{ REWARD("'kind':'shipping','cost':0"),
	    "line 1, column 90: rewards[0].cost must be a whole number "
	    "from 1 to 1000000000" },
	{ REWARD("'kind':'shipping','cost':'1'"),
	    "line 1, column 90: rewards[0].cost must be a whole number: "
	    "the wallet \"points\" is not money" },
	{ REWARD("'kind':'shipping','cost':1,'wallet':'w'"),
	    "line 1, column 99: rewards[0].wallet is no wallet of this "
	    "file: \"w\"" },
	{ REWARD("'kind':'amount','cost':1"),
	    "line 1, column 62: rewards[0] lacks \"amount\", what it is" },
	{ REWARD("'kind':'amount','cost':1,'amount':1"),
	    "line 1, column 97: rewards[0].amount must be money: a text in "
	    "quotes, like \"1\" or \"0.50\"" },
	{ REWARD("'kind':'gift_card','cost':1"),
	    "line 1, column 62: rewards[0] lacks \"amount\", what it is" },
	{ REWARD("'kind':'store_credit','cost':1"),
	    "line 1, column 62: rewards[0] lacks \"amount\", what it is" },
	{ REWARD("'kind':'charity','cost':1,'amount':'1'"),
	    "line 1, column 72: rewards[0].kind needs \"charities\"" },
	{ REWARD("'kind':'percent','cost':1"),
	    "line 1, column 62: rewards[0] lacks \"percent\", what it is" },
	{ REWARD("'kind':'percent','cost':1,'percent':20"),
	    "line 1, column 98: rewards[0].percent must be a number as "
	    "text, like \"1.5\", above 0, at most 100, with at most 2 "
	    "decimals" },
	{ REWARD("'kind':'percent','cost':1,'percent':'100.01'"),
	    "line 1, column 98: rewards[0].percent must be a number as "
	    "text, like \"1.5\", above 0, at most 100, with at most 2 "
	    "decimals" },
	{ REWARD("'kind':'percent','cost':1,'percent':'1.001'"),
	    "line 1, column 98: rewards[0].percent must be a number as "
	    "text, like \"1.5\", above 0, at most 100, with at most 2 "
	    "decimals" },
	{ REWARD("'kind':'percent','cost':1,'percent':'5','amount':'1'"),
	    "line 1, column 112: rewards[0].amount cannot be said here: "
	    "its kind has none" },
	{ REWARD("'kind':'amount','cost':1,'amount':'1','percent':'5'"),
	    "line 1, column 110: rewards[0].percent cannot be said here: "
	    "its kind has none" },
	{ REWARD("'kind':'product','cost':1"),
	    "line 1, column 62: rewards[0] lacks \"product\", what it is" },
	{ REWARD("'kind':'product','cost':1,'product':7"),
	    "line 1, column 98: rewards[0].product must be a text of 1 to "
	    "255 bytes" },
	{ REWARD("'kind':'experience','cost':1,'product':'x'"),
	    "line 1, column 101: rewards[0].product cannot be said here: "
	    "its kind has none" },
	{ REWARD("'kind':'shipping','cost':1,'variable':true"),
	    "line 1, column 99: rewards[0].variable is only for kinds that "
	    "have an amount" },
	{ REWARD("'kind':'amount','cost':1,'amount':'1','variable':1"),
	    "line 1, column 110: rewards[0].variable must be true or false" },
	{ REWARD("'kind':'amount','cost':1,'amount':'1','least':5"),
	    "line 1, column 110: rewards[0].least cannot be said here: it "
	    "goes with \"variable\": true" },
	{ REWARD("'kind':'amount','cost':1,'amount':'1','most':5"),
	    "line 1, column 110: rewards[0].most cannot be said here: it "
	    "goes with \"variable\": true" },
	{ REWARD("'kind':'amount','cost':1,'amount':'1','variable':true,"
	         "'least':0"),
	    "line 1, column 126: rewards[0].least must be a whole number "
	    "from 1 to 1000000000" },
	{ REWARD("'kind':'amount','cost':1,'amount':'1','variable':true,"
	         "'least':5,'most':4"),
	    "line 1, column 136: rewards[0].most is less than \"least\"" },
	{ REWARD("'kind':'shipping','cost':1,'minimum':'0'"),
	    "line 1, column 99: rewards[0].minimum must be an amount of "
	    "money from \"0.01\" to \"10000000000000.00\"" },
	{ REWARD("'kind':'shipping','cost':1,'most_percent':'50'"),
	    "line 1, column 99: rewards[0].most_percent cannot be said "
	    "here: its kind takes nothing off an order" },
	{ REWARD("'kind':'percent','cost':1,'percent':'5','most_percent':50"),
	    "line 1, column 112: rewards[0].most_percent must be a number "
	    "as text, like \"1.5\", above 0, at most 100, with at most 2 "
	    "decimals" },
	{ REWARD("'kind':'shipping','cost':1,'unit_cost':5"),
	    "line 1, column 99: rewards[0].unit_cost must be money: a text "
	    "in quotes, like \"1\" or \"0.50\"" },
	{ REWARD("'kind':'shipping','cost':1,'lines':{}"),
	    "line 1, column 99: rewards[0].lines says nothing" },
	{ REWARD("'kind':'shipping','cost':1,'not_lines':[]"),
	    "line 1, column 99: rewards[0].not_lines must be an object, "
	    "{...}" },
	{ REWARD("'kind':'shipping','cost':1,'when':{}"),
	    "line 1, column 99: rewards[0].when says nothing" },
	{ REWARD("'kind':'shipping','cost':1,"
	         "'when':{'field':{'k':['x']}}"),
	    "line 1, column 107: rewards[0].when.field cannot be said "
	    "here: only events have fields" },
	{ REWARD("'kind':'shipping','cost':1,'combines':'no'"),
	    "line 1, column 99: rewards[0].combines must be true or false" },
	{ REWARD("'kind':'shipping','cost':1,'valid':30"),
	    "line 1, column 99: rewards[0].valid must be a period: \"30 "
	    "days\", \"18 months\", \"1 year\" (at most 100 years) or "
	    "\"ever\"" },
	{ REWARD("'kind':'shipping','cost':1,'hold_minutes':10081"),
	    "line 1, column 99: rewards[0].hold_minutes must be a whole "
	    "number from 1 to 10080" },
	{ REWARD("'kind':'shipping','cost':1,'on_cancel':'open'"),
	    "line 1, column 99: rewards[0].on_cancel must be one of these "
	    "words: return, reopen, keep" },
	{ REWARD("'kind':'shipping','cost':1,'on_refund':false"),
	    "line 1, column 99: rewards[0].on_refund must be one of these "
	    "words: return, reopen, keep" },
	{ REWARD("'kind':'shipping','cost':1,'way':'code'"),
	    "line 1, column 99: rewards[0].way must be one of these words: "
	    "coupon, virtual, own" },
	{ REWARD("'kind':'gift_card','amount':'1','cost':1,"
	         "'hold_minutes':5,'on_cancel':'keep','on_refund':'keep'"),
	    "line 1, column 113: rewards[0].hold_minutes cannot be said "
	    "here: its kind takes nothing off an order\n"
	    "line 1, column 130: rewards[0].on_cancel cannot be said here: "
	    "its kind takes nothing off an order\n"
	    "line 1, column 149: rewards[0].on_refund cannot be said here: "
	    "its kind takes nothing off an order" },
	{ REWARD("'kind':'experience','cost':1,'way':'virtual'"),
	    "line 1, column 101: rewards[0].way is for what is taken off an "
	    "order" },
	{ FILE("'charities':['c'],'benefits':[{'id':'f','kind':'flag'}],"
	       "'rewards':[{'id':'a','kind':'charity','cost':1,"
	       "'amount':'1','way':'own'}]"),
	    "line 1, column 129: rewards[0].way cannot be said here: nothing "
	    "is made of a gift" },
	{ REWARD("'kind':'shipping','cost':1,'names':{}"),
	    "line 1, column 99: rewards[0].names says nothing" },
};

#define BENEFIT(more) FILE("'benefits':[{'id':'a'," more "}]")

static const struct refused refused_benefit[] = {
	{ FILE("'benefits':{}"),
	    "line 1, column 13: benefits must be a list, [...]" },
	{ FILE("'benefits':[{'kind':'flag'}]"),
	    "line 1, column 25: benefits[0] lacks \"id\", its name for ever" },
	{ FILE("'benefits':[{'id':'a','kind':'flag'},{'id':'a',"
	       "'kind':'flag'}]"),
	    "line 1, column 50: benefits[1] has the id of another: \"a\"" },
	{ BENEFIT("'when':{}"),
	    "line 1, column 25: benefits[0] lacks \"kind\", what sort of "
	    "benefit it is\n"
	    "line 1, column 35: benefits[0].when says nothing" },
	{ BENEFIT("'kind':'gift'"),
	    "line 1, column 35: benefits[0].kind must be one of these "
	    "words: discount, shipping, service, flag" },
	{ BENEFIT("'kind':'flag','text':'x'"),
	    "line 1, column 49: benefits[0].text is unknown; what can be "
	    "said here: id, kind, when, lines, not_lines, percent, minimum,"
	    " count, per, names" },
	{ BENEFIT("'kind':'discount'"),
	    "line 1, column 25: benefits[0] lacks \"percent\", what it is" },
	{ BENEFIT("'kind':'discount','percent':'0'"),
	    "line 1, column 53: benefits[0].percent must be a number as "
	    "text, like \"1.5\", above 0, at most 100, with at most 2 "
	    "decimals" },
	{ BENEFIT("'kind':'discount','percent':'5','count':1"),
	    "line 1, column 67: benefits[0].count cannot be said here: its "
	    "kind has none" },
	{ BENEFIT("'kind':'discount','percent':'5','per':'year'"),
	    "line 1, column 67: benefits[0].per cannot be said here: its "
	    "kind has none" },
	{ BENEFIT("'kind':'discount','percent':'5','lines':{}"),
	    "line 1, column 67: benefits[0].lines says nothing" },
	{ BENEFIT("'kind':'shipping','percent':'5'"),
	    "line 1, column 53: benefits[0].percent cannot be said here: "
	    "its kind has none" },
	{ BENEFIT("'kind':'shipping','lines':{'tag':['x']}"),
	    "line 1, column 53: benefits[0].lines cannot be said here: its "
	    "kind has none" },
	{ BENEFIT("'kind':'shipping','minimum':49"),
	    "line 1, column 53: benefits[0].minimum must be money: a text "
	    "in quotes, like \"1\" or \"0.50\"" },
	{ BENEFIT("'kind':'flag','minimum':'1'"),
	    "line 1, column 49: benefits[0].minimum cannot be said here: "
	    "its kind has none" },
	{ BENEFIT("'kind':'flag','not_lines':{'tag':['x']}"),
	    "line 1, column 49: benefits[0].not_lines cannot be said here: "
	    "its kind has none" },
	{ BENEFIT("'kind':'service','count':0,'per':'year'"),
	    "line 1, column 52: benefits[0].count must be a whole number "
	    "from 1 to 1000000" },
	{ BENEFIT("'kind':'service','count':1"),
	    "line 1, column 25: benefits[0] lacks \"per\", in which time" },
	{ BENEFIT("'kind':'service','per':'year'"),
	    "line 1, column 52: benefits[0].per cannot be said here: it "
	    "goes with \"count\"" },
	{ BENEFIT("'kind':'service','count':1,'per':'order'"),
	    "line 1, column 62: benefits[0].per must be one of these "
	    "words: day, month, quarter, year, tier_year, lifetime" },
	{ BENEFIT("'kind':'service','count':1,'per':'tier_year'"),
	    "line 1, column 62: benefits[0].per needs \"tiers\"" },
	{ BENEFIT("'kind':'flag','when':{'field':{'k':['x']}}"),
	    "line 1, column 57: benefits[0].when.field cannot be said "
	    "here: only events have fields" },
	{ BENEFIT("'kind':'flag','names':[]"),
	    "line 1, column 49: benefits[0].names must be an object, {...}" },
};

static void
test_rewards(void **state)
{
	static const struct {
		const char *text;
		enum reward_kind kind;
	} cases[] = {
		{ REWARD("'cost':1,'kind':'amount','amount':'5'"),
		    REWARD_DISCOUNT_AMOUNT },
		{ REWARD("'cost':1,'kind':'percent','percent':'20'"),
		    REWARD_DISCOUNT_PERCENT },
		{ REWARD("'cost':1,'kind':'shipping'"), REWARD_SHIPPING },
		{ REWARD("'cost':1,'kind':'product','product':'MUG'"),
		    REWARD_PRODUCT },
		{ REWARD("'cost':1,'kind':'gift_card','amount':'5'"),
		    REWARD_GIFT_CARD },
		{ REWARD("'cost':1,'kind':'store_credit','amount':'5'"),
		    REWARD_STORE_CREDIT },
		{ REWARD("'cost':1,'kind':'experience'"), REWARD_EXPERIENCE },
	};

	(void)state;
	for (size_t i = 0; i < NITEMS(cases); i++) {
		struct program p = parsed(cases[i].text);
		const struct reward *r = &p.rewards[0];

		assert_int_equal(r->kind, cases[i].kind);
		assert_int_equal(r->wallet, 0);
		assert_int_equal(r->cost, 1);
		assert_false(r->variable);
		assert_false(r->combines);
		assert_int_equal(r->minimum, 0);
		assert_int_equal(r->valid.unit, UNIT_EVER);
		assert_int_equal(r->hold_minutes, 60);
		assert_int_equal(r->on_cancel, UNUSED_RETURN);
		assert_int_equal(r->on_refund, UNUSED_RETURN);
		assert_int_equal(r->way, WAY_COUPON);
	}
}

static void
test_benefits(void **state)
{
	static const struct {
		const char *text;
		enum benefit_kind kind;
	} cases[] = {
		{ BENEFIT("'kind':'discount','percent':'12.25'"),
		    BENEFIT_DISCOUNT },
		{ BENEFIT("'kind':'shipping'"), BENEFIT_SHIPPING },
		{ BENEFIT("'kind':'service','count':2,'per':'year'"),
		    BENEFIT_SERVICE },
		{ BENEFIT("'kind':'flag'"), BENEFIT_FLAG },
	};

	(void)state;
	for (size_t i = 0; i < NITEMS(cases); i++) {
		struct program p = parsed(cases[i].text);
		const struct benefit *b = &p.benefits[0];

		assert_int_equal(b->kind, cases[i].kind);
		assert_int_equal(
		    b->percent, b->kind == BENEFIT_DISCOUNT ? 1225 : 0);
		assert_int_equal(b->count, b->kind == BENEFIT_SERVICE ? 2 : 0);
		assert_int_equal(
		    b->window, b->kind == BENEFIT_SERVICE ? WINDOW_YEAR : 0);
	}
}

static void
test_refused(void **state)
{
	(void)state;
	assert_refused(refused_reward, NITEMS(refused_reward));
	assert_refused(refused_benefit, NITEMS(refused_benefit));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rewards),
		cmocka_unit_test(test_benefits),
		cmocka_unit_test(test_refused),
	};

	return cmocka_run_group_tests(tests, arena_setup, arena_teardown);
}
