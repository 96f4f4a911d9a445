/* SPDX-License-Identifier: MIT */
#include "program_file.h"

/* Tests wallets, their expiry and their names. */

#define WALLET(more) WITH("'wallets':{'w':{" more "}}")

static const struct refused refused_wallet[] = {
	{ WITH("'wallets':[]"),
	    "line 1, column 67: wallets must be an object, {...}" },
	{ WITH("'wallets':{}"),
	    "line 1, column 67: wallets must have 1 to 16 keys, not 0" },
	{ WITH("'wallets':{'w':1}"),
	    "line 1, column 78: wallets.w must be an object, {...}" },
	{ WITH("'wallets':{'W':{}}"),
	    "line 1, column 78: wallets.W is no id: 1 to 31 of the letters "
	    "a-z, digits, - and _" },
	{ WITH("'wallets':{'':{}}"),
	    "line 1, column 78: wallets. is no id: 1 to 31 of the letters "
	    "a-z, digits, - and _" },
	{ WITH("'wallets':{'01234567890123456789012345678901':{}}"),
	    "line 1, column 78: wallets.01234567890123456789012345678901 "
	    "is no id: 1 to 31 of the letters a-z, digits, - and _" },
	{ WITH("'wallets':{'w0':{},'w1':{},'w2':{},'w3':{},'w4':{},"
	       "'w5':{},'w6':{},'w7':{},'w8':{},'w9':{},'w10':{},"
	       "'w11':{},'w12':{},'w13':{},'w14':{},'w15':{},'w16':{}}"),
	    "line 1, column 67: wallets must have 1 to 16 keys, not 17" },
	{ WITH("'charities':['c'],'wallets':{'p':{},"
	       "'charity':{'unit':'money'}}"),
	    "line 1, column 103: wallets.charity is the name of what is "
	    "owed to charities" },
	{ WALLET("'id':'w'"),
	    "line 1, column 83: wallets.w.id is unknown; what can be said "
	    "here: unit, worth, expires, negative, names" },
	{ WALLET("'unit':'miles'"),
	    "line 1, column 83: wallets.w.unit must be one of these words: "
	    "points, money, vouchers" },
	{ WALLET("'negative':'never'"),
	    "line 1, column 83: wallets.w.negative must be one of these "
	    "words: debt, allow, forgive" },
	{ WALLET("'worth':1"),
	    "line 1, column 83: wallets.w.worth must be a number as text, "
	    "like \"1.5\", above 0, at most 1000000, with at most 5 "
	    "decimals" },
	{ WALLET("'worth':'0'"),
	    "line 1, column 83: wallets.w.worth must be a number as text, "
	    "like \"1.5\", above 0, at most 1000000, with at most 5 "
	    "decimals" },
	{ WALLET("'worth':'0.000001'"),
	    "line 1, column 83: wallets.w.worth must be a number as text, "
	    "like \"1.5\", above 0, at most 1000000, with at most 5 "
	    "decimals" },
	{ WALLET("'worth':'1000000.01'"),
	    "line 1, column 83: wallets.w.worth must be a number as text, "
	    "like \"1.5\", above 0, at most 1000000, with at most 5 "
	    "decimals" },
	{ WALLET("'worth':'1','unit':'money'"),
	    "line 1, column 53: rules[0].give.points cannot go into money: "
	    "say \"amount\" or \"percent\"\n"
	    "line 1, column 83: wallets.w.worth cannot be said here: money is "
	    "worth itself" },
	{ WALLET("'expires':'1 year'"),
	    "line 1, column 83: wallets.w.expires must be an object, {...}" },
	{ WALLET("'expires':{}"),
	    "line 1, column 83: wallets.w.expires says nothing; for never, "
	    "say \"after\": \"ever\"" },
	{ WALLET("'expires':{'days':1}"),
	    "line 1, column 94: wallets.w.expires.days is unknown; what "
	    "can be said here: after, end_of, plus, inactive, activity, on" },
	{ WALLET("'expires':{'after':1}"),
	    "line 1, column 94: wallets.w.expires.after must be a period: "
	    "\"30 days\", \"18 months\", \"1 year\" (at most 100 years) or "
	    "\"ever\"" },
	{ WALLET("'expires':{'after':'1'}"),
	    "line 1, column 94: wallets.w.expires.after must be a period: "
	    "\"30 days\", \"18 months\", \"1 year\" (at most 100 years) or "
	    "\"ever\"" },
	{ WALLET("'expires':{'after':'1 years'}"),
	    "line 1, column 94: wallets.w.expires.after must be a period: "
	    "\"30 days\", \"18 months\", \"1 year\" (at most 100 years) or "
	    "\"ever\"" },
	{ WALLET("'expires':{'after':'2 year'}"),
	    "line 1, column 94: wallets.w.expires.after must be a period: "
	    "\"30 days\", \"18 months\", \"1 year\" (at most 100 years) or "
	    "\"ever\"" },
	{ WALLET("'expires':{'after':'01 days'}"),
	    "line 1, column 94: wallets.w.expires.after must be a period: "
	    "\"30 days\", \"18 months\", \"1 year\" (at most 100 years) or "
	    "\"ever\"" },
	{ WALLET("'expires':{'after':'0 days'}"),
	    "line 1, column 94: wallets.w.expires.after must be a period: "
	    "\"30 days\", \"18 months\", \"1 year\" (at most 100 years) or "
	    "\"ever\"" },
	{ WALLET("'expires':{'after':'-1 days'}"),
	    "line 1, column 94: wallets.w.expires.after must be a period: "
	    "\"30 days\", \"18 months\", \"1 year\" (at most 100 years) or "
	    "\"ever\"" },
	{ WALLET("'expires':{'after':'36501 days'}"),
	    "line 1, column 94: wallets.w.expires.after must be a period: "
	    "\"30 days\", \"18 months\", \"1 year\" (at most 100 years) or "
	    "\"ever\"" },
	{ WALLET("'expires':{'after':'1201 months'}"),
	    "line 1, column 94: wallets.w.expires.after must be a period: "
	    "\"30 days\", \"18 months\", \"1 year\" (at most 100 years) or "
	    "\"ever\"" },
	{ WALLET("'expires':{'after':'101 years'}"),
	    "line 1, column 94: wallets.w.expires.after must be a period: "
	    "\"30 days\", \"18 months\", \"1 year\" (at most 100 years) or "
	    "\"ever\"" },
	{ WALLET("'expires':{'after':'5 weeks'}"),
	    "line 1, column 94: wallets.w.expires.after must be a period: "
	    "\"30 days\", \"18 months\", \"1 year\" (at most 100 years) or "
	    "\"ever\"" },
	{ WALLET("'expires':{'after':'1  day'}"),
	    "line 1, column 94: wallets.w.expires.after must be a period: "
	    "\"30 days\", \"18 months\", \"1 year\" (at most 100 years) or "
	    "\"ever\"" },
	{ WALLET("'expires':{'after':'ever '}"),
	    "line 1, column 94: wallets.w.expires.after must be a period: "
	    "\"30 days\", \"18 months\", \"1 year\" (at most 100 years) or "
	    "\"ever\"" },
	{ WALLET("'expires':{'end_of':'week'}"),
	    "line 1, column 94: wallets.w.expires.end_of must be one of "
	    "these words: month, year" },
	{ WALLET("'expires':{'plus':'1 year'}"),
	    "line 1, column 94: wallets.w.expires.plus cannot be said "
	    "here: it goes with \"end_of\"" },
	{ WALLET("'expires':{'end_of':'year','plus':'x'}"),
	    "line 1, column 110: wallets.w.expires.plus must be a period: "
	    "\"30 days\", \"18 months\", \"1 year\" (at most 100 years) or "
	    "\"ever\"" },
	{ WALLET("'expires':{'activity':['earn']}"),
	    "line 1, column 94: wallets.w.expires.activity cannot be said "
	    "here: it goes with \"inactive\"" },
	{ WALLET("'expires':{'inactive':'x'}"),
	    "line 1, column 94: wallets.w.expires.inactive must be a "
	    "period: \"30 days\", \"18 months\", \"1 year\" (at most 100 "
	    "years) or \"ever\"" },
	{ WALLET("'expires':{'inactive':'1 year','activity':[]}"),
	    "line 1, column 114: wallets.w.expires.activity must have 1 to "
	    "3 items, not 0" },
	{ WALLET("'expires':{'inactive':'1 year','activity':['visit']}"),
	    "line 1, column 126: wallets.w.expires.activity[0] must be one "
	    "of these words: earn, redeem, order" },
	{ WALLET("'expires':{'inactive':'1 year','activity':['earn',"
	         "'earn']}"),
	    "line 1, column 133: wallets.w.expires.activity[1] is said "
	    "twice" },
	{ WALLET("'expires':{'inactive':'1 year','activity':[1]}"),
	    "line 1, column 126: wallets.w.expires.activity[0] must be one "
	    "of these words: earn, redeem, order" },
	{ WALLET("'expires':{'on':1}"),
	    "line 1, column 94: wallets.w.expires.on must be a date from "
	    "1971 on, like \"2026-12-31\"" },
	{ WALLET("'expires':{'on':'2026-02-29'}"),
	    "line 1, column 94: wallets.w.expires.on names a day that does "
	    "not exist" },
	{ WALLET("'expires':{'on':'2026-13-01'}"),
	    "line 1, column 94: wallets.w.expires.on names a day that does "
	    "not exist" },
	{ WALLET("'expires':{'on':'1970-12-31'}"),
	    "line 1, column 94: wallets.w.expires.on must be a date from "
	    "1971 on, like \"2026-12-31\"" },
	{ WALLET("'expires':{'on':'26-01-01'}"),
	    "line 1, column 94: wallets.w.expires.on must be a date from "
	    "1971 on, like \"2026-12-31\"" },
	{ WALLET("'expires':{'on':'2026-01-01 '}"),
	    "line 1, column 94: wallets.w.expires.on must be a date from "
	    "1971 on, like \"2026-12-31\"" },
	{ WALLET("'names':[]"),
	    "line 1, column 83: wallets.w.names must be an object, {...}" },
	{ WALLET("'names':{}"),
	    "line 1, column 83: wallets.w.names says nothing" },
	{ WALLET("'names':{'eng':'x'}"),
	    "line 1, column 92: wallets.w.names.eng is no language: two "
	    "letters, like \"en\"" },
	{ WALLET("'names':{'EN':'x'}"),
	    "line 1, column 92: wallets.w.names.EN is no language: two "
	    "letters, like \"en\"" },
	{ WALLET("'names':{'en':1}"),
	    "line 1, column 92: wallets.w.names.en must be an object, {...}" },
	{ WALLET("'names':{'en':{}}"),
	    "line 1, column 92: wallets.w.names.en lacks \"other\", the "
	    "form that always does" },
	{ WALLET("'names':{'en':{'one':'x'}}"),
	    "line 1, column 92: wallets.w.names.en lacks \"other\", the "
	    "form that always does" },
	{ WALLET("'names':{'en':{'two':'x','other':'y'}}"),
	    "line 1, column 98: wallets.w.names.en.two is unknown; what "
	    "can be said here: one, few, many, other" },
	{ WALLET("'names':{'en':{'few':'','other':'y'}}"),
	    "line 1, column 98: wallets.w.names.en.few must be a text of 1 "
	    "to 255 bytes" },
	{ WALLET("'names':{'en':{'other':'\\u007f'}}"),
	    "line 1, column 98: wallets.w.names.en.other has a control "
	    "character" },
	{ WALLET("'names':{'aa':'n','ab':'n','ac':'n','ad':'n','ae':'n',"
	         "'af':'n','ag':'n','ah':'n','ai':'n'}"),
	    "line 1, column 164: wallets.w.names.ai is too much: at most 8 "
	    "languages" },
};

/* Checks the defaults: the only wallet is "points", and rules give to the
 * first wallet. */
static void
test_defaults(void **state)
{
	struct program p = parsed(WITH("'tests':[]"));
	const struct wallet *w = &p.wallets[0];

	(void)state;
	assert_int_equal(p.nwallets, 1);
	assert_string_equal(w->id, "points");
	assert_int_equal(w->unit, UNIT_POINTS);
	assert_int_equal(w->negative, NEGATIVE_DEBT);
	assert_int_equal(w->worth, 0);
	assert_int_equal(w->names.n, 0);
	assert_false(w->charity);

	p = parsed(WALLET("'unit':'points'"));
	assert_int_equal(p.nwallets, 1);
	assert_string_equal(p.wallets[0].id, "w");
	assert_int_equal(p.wallets[0].unit, UNIT_POINTS);
	assert_int_equal(p.wallets[0].negative, NEGATIVE_DEBT);
	assert_int_equal(p.wallets[0].expires.after.n, 0);
}

/* Checks that the charities' wallet, which counts the donations owed, comes
 * after all other wallets. */
static void
test_charity(void **state)
{
	struct program p = parsed(WITH("'charities':['c']"));

	(void)state;
	assert_int_equal(p.nwallets, 2);
	assert_string_equal(p.wallets[0].id, "points");
	assert_string_equal(p.wallets[1].id, "charity");
	assert_int_equal(p.wallets[1].unit, UNIT_MONEY);
	assert_true(p.wallets[1].charity);
}

/* Checks that one unit may be worth less than a cent. */
static void
test_worth(void **state)
{
	struct program p = parsed(WALLET("'worth':'0.00005'"));

	(void)state;
	assert_int_equal(p.wallets[0].worth, 5);
	p = parsed(WALLET("'worth':'5'"));
	assert_int_equal(p.wallets[0].worth, 500 * MILLI);
}

static void
test_periods(void **state)
{
	static const struct {
		const char *text;
		int64_t n;
		enum unit unit;
	} cases[] = {
		{ "1 day", 1, UNIT_DAY },
		{ "36500 days", 36500, UNIT_DAY },
		{ "1 month", 1, UNIT_MONTH },
		{ "1200 months", 1200, UNIT_MONTH },
		{ "1 year", 1, UNIT_YEAR },
		{ "100 years", 100, UNIT_YEAR },
		{ "ever", 1, UNIT_EVER },
	};

	(void)state;
	for (size_t i = 0; i < NITEMS(cases); i++) {
		char text[256];
		struct program p;

		(void)snprintf(text, sizeof(text),
		    WALLET("'expires':{'after':'%s'}"), cases[i].text);
		p = parsed(text);
		assert_int_equal(p.wallets[0].expires.after.n, cases[i].n);
		assert_int_equal(
		    p.wallets[0].expires.after.unit, cases[i].unit);
	}
}

/* Without "activity", orders, earning and redeeming all count as activity. */
static void
test_activity(void **state)
{
	struct program p = parsed(WALLET("'expires':{'inactive':'1 year'}"));

	(void)state;
	assert_true(p.wallets[0].active_by_earning);
	assert_true(p.wallets[0].active_by_redeeming);
	assert_true(p.wallets[0].active_by_order);
	p = parsed(WALLET(
	    "'expires':{'inactive':'1 year','activity':['order','earn']}"));
	assert_true(p.wallets[0].active_by_earning);
	assert_false(p.wallets[0].active_by_redeeming);
	assert_true(p.wallets[0].active_by_order);
}

static void
test_refused(void **state)
{
	(void)state;
	assert_refused(refused_wallet, NITEMS(refused_wallet));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_defaults),
		cmocka_unit_test(test_charity),
		cmocka_unit_test(test_worth),
		cmocka_unit_test(test_periods),
		cmocka_unit_test(test_activity),
		cmocka_unit_test(test_refused),
	};

	return cmocka_run_group_tests(tests, arena_setup, arena_teardown);
}
