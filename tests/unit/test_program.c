/* SPDX-License-Identifier: MIT */
#include "program_file.h"

#include "core/calendar.h"

#include <stdlib.h>

#include "core/decide.h"

static const struct decide_ask euro = { .currency = "EUR" };

/* Tests program files as a whole; test_program_NAME.c tests the part NAME. */

enum {
	EUR = 2,
	TEXT_MAX = 65536,
};

#define RATE_REFUSED                                                      \
	"line 1, column 88: currencies.USD.2026-01-01 must be a rate as " \
	"text, like \"0.92\": above 0, at most 1000000, with at most 12 " \
	"decimals"

static const struct refused refused_file[] = {
	{ "\xef\xbb\xbf{'name':'x'}",
	    "line 1, column 1: a byte order mark, which JSON does not have: "
	    "save "
	    "the file as UTF-8 without it" },
	{ "", "line 1, column 1: no JSON: '[' or '{' expected near end of "
	      "file" },
	{ "{`'name':`}",
	    "line 3, column 1: no JSON: unexpected token near '}'" },
	{ "{'name':'x',`'name':'y'}",
	    "line 2, column 6: no JSON: duplicate object key near "
	    "'\"name\"'" },
	{ "{'name':'x'}`{}",
	    "line 2, column 1: no JSON: end of file expected near '{'" },
	{ "`[]", "line 2, column 1: the file must be an object, {...}" },
	{ "``{'rules':[]}",
	    "line 3, column 1: the file lacks \"name\", the program's, for "
	    "people\n"
	    "line 3, column 2: rules must have 1 to 256 items, not 0" },
	{ "{'name':'x'}",
	    "line 1, column 1: the file lacks \"rules\", what is rewarded" },
	{ FILE("``'currency':1"),
	    "line 3, column 1: currency is unknown; what can be said here: "
	    "$schema, name, modelled_on, wallets, rules, multipliers, tiers, "
	    "memberships, rewards, benefits, charities, consents, events, "
	    "birthday, currencies, award, pending_days, tests" },
	{ FILE("'na\\u006de2\\u001b':1"),
	    "line 1, column 13: name2? is unknown; what can be said here: "
	    "$schema, name, modelled_on, wallets, rules, multipliers, tiers, "
	    "memberships, rewards, benefits, charities, consents, events, "
	    "birthday, currencies, award, pending_days, tests" },
	{ FILE("'\303\251':1"),
	    "line 1, column 13: é is unknown; what can be said here: $schema, "
	    "name, modelled_on, wallets, rules, multipliers, tiers, "
	    "memberships, rewards, benefits, charities, consents, events, "
	    "birthday, currencies, award, pending_days, tests" },
	{ "{'name':''}",
	    "line 1, column 2: name must be a text of 1 to 63 bytes" },
	{ "{'name':'0123456789012345678901234567890123456789012345678"
	  "901234567890123'}",
	    "line 1, column 2: name must be a text of 1 to 63 bytes" },
	{ "{`	'name':7}",
	    "line 2, column 2: name must be a text of 1 to 63 bytes" },
	{ "{'name':'a\\u0007'}",
	    "line 1, column 2: name has a control character" },
	{ WITH("'modelled_on':1"),
	    "line 1, column 67: modelled_on must be a text of 1 to 255 "
	    "bytes" },
	{ WITH("'modelled_on':''"),
	    "line 1, column 67: modelled_on must be a text of 1 to 255 "
	    "bytes" },
	{ FILE("'rules':{}"),
	    "line 1, column 13: rules must be a list, [...]" },
	{ FILE("'rules':[]"),
	    "line 1, column 13: rules must have 1 to 256 items, not 0" },
	{ FILE("'rules':[7]"),
	    "line 1, column 22: rules[0] must be an object, {...}" },
	{ FILE("'tiers':7"),
	    "line 1, column 13: tiers must be an object, {...}" },
	{ FILE("'benefits':[]"),
	    "line 1, column 13: benefits must have 1 to 64 items, not 0" },
	{ WITH("'tests':{}"),
	    "line 1, column 67: tests must be a list, [...]" },
	{ WITH("'currencies':[]"),
	    "line 1, column 67: currencies must be an object, {...}" },
	{ WITH("'currencies':{'USD':'0.92'}"),
	    "line 1, column 81: currencies.USD must be an object, {...}" },
	{ WITH("'currencies':{'USD':{}}"),
	    "line 1, column 81: currencies.USD says no rate" },
	{ WITH("'currencies':{'XYZ':{'2026-01-01':'1'}}"),
	    "line 1, column 81: currencies.XYZ is no currency; one is "
	    "\"USD\"" },
	{ WITH("'currencies':{'usd':{'2026-01-01':'1'}}"),
	    "line 1, column 81: currencies.usd is no currency; one is "
	    "\"USD\"" },
	{ WITH("'currencies':{'EUR':{'2026-01-01':'1'}}"),
	    "line 1, column 81: currencies.EUR is the store's own currency" },
	{ WITH("'currencies':{'USD':{'2026-02-29':'1'}}"),
	    "line 1, column 88: currencies.USD.2026-02-29 names a day that "
	    "does not exist" },
	{ WITH("'currencies':{'USD':{'2026-01-01':0.92}}"), RATE_REFUSED },
	{ WITH("'currencies':{'USD':{'2026-01-01':'0'}}"), RATE_REFUSED },
	{ WITH("'currencies':{'USD':{'2026-01-01':'-1'}}"), RATE_REFUSED },
	{ WITH("'currencies':{'USD':{'2026-01-01':'.5'}}"), RATE_REFUSED },
	{ WITH("'currencies':{'USD':{'2026-01-01':'1.'}}"), RATE_REFUSED },
	{ WITH("'currencies':{'USD':{'2026-01-01':'1.2.3'}}"), RATE_REFUSED },
	{ WITH("'currencies':{'USD':{'2026-01-01':'1,5'}}"), RATE_REFUSED },
	{ WITH("'currencies':{'USD':{'2026-01-01':'1000000.1'}}"),
	    RATE_REFUSED },
	{ WITH("'currencies':{'USD':{'2026-01-01':'0.0000000000001'}}"),
	    RATE_REFUSED },
	{ WITH("'currencies':{'USD':{'2026-01-01':"
	       "'99999999999999999999999999999999999999999999'}}"),
	    RATE_REFUSED },
	{ WITH("'award':[]"),
	    "line 1, column 67: award must be an object, {...}" },
	{ WITH("'award':{'shopware':[]}"),
	    "line 1, column 76: award.shopware is unknown; what can be "
	    "said here: shopify, woocommerce" },
	{ WITH("'award':{'shopify':'paid'}"),
	    "line 1, column 76: award.shopify must be a list, [...]" },
	{ WITH("'award':{'shopify':['authorized']}"),
	    "line 1, column 87: award.shopify[0] must be \"paid\"" },
	{ WITH("'award':{'shopify':['paid','paid']}"),
	    "line 1, column 94: award.shopify[1] is said twice" },
	{ WITH("'award':{'woocommerce':['a','a']}"),
	    "line 1, column 95: award.woocommerce[1] is said twice" },
	{ WITH("'award':{'woocommerce':['wc-completed']}"),
	    "line 1, column 91: award.woocommerce[0] must be said without "
	    "wc-: \"completed\"" },
	{ WITH("'award':{'woocommerce':['trash']}"),
	    "line 1, column 91: award.woocommerce[0] is a status in which "
	    "no order earns" },
	{ WITH("'award':{'woocommerce':['']}"),
	    "line 1, column 91: award.woocommerce[0] must be a text of 1 "
	    "to 83 bytes" },
	{ WITH("'award':{'woocommerce':['a\\u0001']}"),
	    "line 1, column 91: award.woocommerce[0] has a control "
	    "character" },
	{ WITH("'award':{'woocommerce':[7]}"),
	    "line 1, column 91: award.woocommerce[0] must be a text of 1 "
	    "to 83 bytes" },
	{ WITH("'award':{'woocommerce':['a','b','c','d','e','f','g',"
	       "'h','i','j','k','l','m','n','o','p','q']}"),
	    "line 1, column 76: award.woocommerce must have 0 to 16 items, "
	    "not 17" },
	{ WITH("'pending_days':-1"),
	    "line 1, column 67: pending_days must be a whole number from 0 "
	    "to 3650" },
	{ WITH("'pending_days':3651"),
	    "line 1, column 67: pending_days must be a whole number from 0 "
	    "to 3650" },
	{ WITH("'pending_days':'1'"),
	    "line 1, column 67: pending_days must be a whole number from 0 "
	    "to 3650" },
	{ WITH("'birthday':1"),
	    "line 1, column 67: birthday must be an object, {...}" },
	{ WITH("'birthday':{'day':1}"),
	    "line 1, column 79: birthday.day is unknown; what can be said "
	    "here: lead_days, feb29, lock_days" },
	{ WITH("'birthday':{'lead_days':367}"),
	    "line 1, column 79: birthday.lead_days must be a whole number "
	    "from 0 to 366" },
	{ WITH("'birthday':{'lock_days':-1}"),
	    "line 1, column 79: birthday.lock_days must be a whole number "
	    "from 0 to 3650" },
	{ WITH("'birthday':{'feb29':'skip'}"),
	    "line 1, column 79: birthday.feb29 must be one of these words: "
	    "previous_day, next_day" },
	{ WITH("'charities':'c'"),
	    "line 1, column 67: charities must be a list, [...]" },
	{ WITH("'charities':[]"),
	    "line 1, column 67: charities must have 1 to 16 items, not 0" },
	{ WITH("'charities':['C']"),
	    "line 1, column 80: charities[0] may only have the letters a-z,"
	    " digits, - and _" },
	{ WITH("'charities':['c','c']"),
	    "line 1, column 84: charities[1] is said twice" },
	{ WITH("'charities':[7]"),
	    "line 1, column 80: charities[0] must be a text of 1 to 31 "
	    "bytes" },
	{ WITH("'events':['order']"),
	    "line 1, column 77: events[0] is no event of the shop's own: "
	    "\"order\" is a trigger of every program" },
	{ WITH("'events':['a','a']"),
	    "line 1, column 81: events[1] is said twice" },
	{ WITH("'events':{}"),
	    "line 1, column 67: events must be a list, [...]" },
	{ WITH("'consents':['c']"),
	    "line 1, column 67: consents must be an object, {...}" },
	{ WITH("'consents':{}"),
	    "line 1, column 67: consents must have 1 to 8 keys, not 0" },
	{ WITH("'consents':{'C':{'valid':'1 year'}}"),
	    "line 1, column 79: consents.C is no id: 1 to 31 of the "
	    "letters a-z, digits, - and _" },
	{ WITH("'consents':{'c':'1 year'}"),
	    "line 1, column 79: consents.c must be an object, {...}" },
	{ WITH("'consents':{'c':{}}"),
	    "line 1, column 79: consents.c lacks \"valid\", how long it "
	    "counts" },
	{ WITH("'consents':{'c':{'valid':'a year'}}"),
	    "line 1, column 84: consents.c.valid must be a period: \"30 "
	    "days\", \"18 months\", \"1 year\" (at most 100 years) or "
	    "\"ever\"" },
	{ WITH("'consents':{'c':{'for':1}}"),
	    "line 1, column 79: consents.c lacks \"valid\", how long it "
	    "counts\n"
	    "line 1, column 84: consents.c.for is unknown; what can be said "
	    "here: valid" },
	{ "{'name':'{[,\\\\\\']}',`'award':{'shopify':['paid'],"
	  "`'woocommerce':[]},``'rules' ` : [ {'id':'a','on':'order',"
	  "'give':{'points':1}} `,`{'give':{'points':1,'per':','},"
	  "`'id':'b', 'on':`'Orders'}]}",
	    "line 9, column 11: rules[1].on may only have the letters a-z, "
	    "digits, - and _" },
};

/* Texts that people write and JSON does not allow. */
static const struct refused refused_text[] = {
	{ "{'name':'x',`'rules':[],`}",
	    "line 2, column 11: a trailing comma: nothing follows, so take it "
	    "out" },
	{ "{'name':'x',`'rules':[1,2, ]}",
	    "line 2, column 13: a trailing comma: nothing follows, so take it "
	    "out" },
	{ "{'name':'x', // the name`'rules':[]}",
	    "line 1, column 14: a comment, which JSON does not have: take it "
	    "out" },
	{ "{`/* the name */'name':'x'}",
	    "line 2, column 1: a comment, which JSON does not have: take it "
	    "out" },
	{ "# mine`{'name':'x'}",
	    "line 1, column 1: a comment, which JSON does not have: take it "
	    "out" },
	/* Only the first syntax error is reported: here the x. */
	{ "{'name':x}`// mine",
	    "line 1, column 9: no JSON: invalid token near 'x'" },
	{ "{'name':'// , }',}",
	    "line 1, column 17: a trailing comma: nothing follows, so take it "
	    "out" },
	{ "\xff\xfe{\x01",
	    "line 1, column 1: a byte order mark, which JSON does not have: save "
	    "the file as UTF-8 without it" },
};

/* Files with several faults: each is reported once, in the order of the
 * file. */
static const struct refused refused_all[] = {
	{ "{'name':'x',`"
	  "'rules':[{'id':'a','on':'order','giv':{'points':1}},`"
	  "{'id':'b','on':'order','give':{'points':1,'per':'piece'},"
	  "'to':'w'},`"
	  "{'id':'b','on':'order','give':{'points':0},'when':{"
	  "'from':'2026-02-30','tier':['gold'],'nth':0}}],`"
	  "'wallets':{'w':{'unit':'pints'}},`'pending_days':-1}",
	    "line 2, column 33: rules[0].giv is unknown; what can be said here: "
	    "id, on, date, attribute, when, give, to, donate, base, over, "
	    "rounding, limit, replaces, on_refund, pending_days, pending_from, "
	    "expires, take, names\n"
	    "line 3, column 43: rules[1].give.per must be \"item\", for each "
	    "piece that cost anything\n"
	    "line 4, column 1: rules[2] has the id of another: \"b\"\n"
	    "line 4, column 32: rules[2].give.points must be a whole number from "
	    "1 to 1000000000\n"
	    "line 4, column 52: rules[2].when.from names a day that does not "
	    "exist\n"
	    "line 4, column 88: rules[2].when.nth must be a whole number from 1 "
	    "to 1000000\n"
	    "line 5, column 17: wallets.w.unit must be one of these words: "
	    "points, money, vouchers\n"
	    "line 6, column 1: pending_days must be a whole number from 0 to "
	    "3650" },
};

/* If there are too many faults, the first FAULTS_MAX are reported. */
static void
test_many_faults(void **state)
{
	char text[8192] = "{'name':7,'rules':[";
	const char *said;

	(void)state;
	for (size_t i = 0; i < FAULTS_MAX + 10; i++)
		(void)strcat(text, i == 0 ? "{}" : ",{}");
	(void)strcat(text, "]}");
	said = faults_of(text);
	assert_int_equal(
	    strncmp(said, "line 1, column 2: name must be", 30), 0);
	assert_non_null(strstr(said, "rules[30] lacks \"on\""));
	assert_null(strstr(said, "rules[31] lacks \"on\""));
}

/* If a key is too long for the message, the message leaves out the key and
 * is otherwise complete. */
static void
test_long_faults(void **state)
{
	char key[400];
	const char *said;

	(void)state;
	(void)memset(key, 'k', sizeof(key));
	key[sizeof(key) - 1] = '\0';
	said = faults_of(arena_printf(&arena, FILE("'rules':[{'%s':1}]"), key));
	assert_non_null(strstr(said, "rules[0]... is unknown; what can be said "
	                             "here: id, on, date, attribute, "));
	assert_non_null(strstr(said, "expires, take, names"));
}

/* Checks that an unknown type of event causes a warning: the type may be
 * misspelt, or may be the shop's own. */
static void
test_warns(void **state)
{
	static const struct {
		const char *text, *warning;
	} cases[] = {
		{ RULE("'on':'ordr','give':{'points':1}"),
		    "line 1, column 32: rules[0].on is no event that loyald "
		    "knows: \"ordr\" (did you mean order?); say \"events\": "
		    "[\"ordr\"] in the file if the shop sends it" },
		{ FILE("'events':['stamp'],'rules':[{'id':'a','on':'stamps',"
		       "'give':{'points':1}}]"),
		    "line 1, column 51: rules[0].on is no event that loyald "
		    "knows: \"stamps\" (did you mean stamp?); say \"events\": "
		    "[\"stamps\"] in the file if the shop sends it" },
		{ ORDER("'when':{'since':{'event':'visit',"
		        "'less_than':'1 day'}}"),
		    "line 1, column 82: rules[0].when.since.event is no event "
		    "that loyald knows: \"visit\"; say \"events\": "
		    "[\"visit\"] in the file if the shop sends it" },
		{ RULE("'on':'review','give':{'points':1}"), NULL },
		{ FILE("'events':['stamp'],'rules':[{'id':'a','on':'stamp',"
		       "'give':{'points':1}}]"),
		    NULL },
	};
	struct program_setting set = { .currency = "EUR", .exponent = 2 };

	(void)state;
	for (size_t i = 0; i < 2 * NITEMS(cases); i++) {
		const char *warning = cases[i / 2].warning;
		struct node_file file;
		struct program p;
		struct node n;

		set.kept = i % 2 == 1;
		assert_int_equal(
		    node_parse(quoted(cases[i / 2].text), &file, &n), 0);
		assert_int_equal(program_of(&arena, &n, &set, &p), 0);
		node_free(&n);
		/* A version that is published already causes no warning. */
		if (set.kept || warning == NULL) {
			assert_int_equal(file.faults.n, 0);
			continue;
		}
		assert_int_equal(file.faults.n, 1);
		assert_int_equal(file.faults.of[0].fault, FAULT_NONE);
		assert_string_equal(file.faults.of[0].msg, warning);
	}
}

/* Checks a program like points.json: 1 point per whole unit of the lines after
 * discounts, without tax, shipping, fees and gift cards, rounded down; default
 * statuses; no pending days. */
static void
assert_points(const struct program *p, int64_t unit)
{
	static const char *const woo[] = { "processing", "completed", NULL };
	static const struct base lines;
	const struct rule *r = &p->rules[0];

	assert_string_equal(p->name, "points");
	assert_string_equal(p->currency, "EUR");
	assert_ptr_equal(p->zone, &zone_utc);
	assert_true(p->plain);
	assert_int_equal(p->nrules, 1);
	assert_string_equal(r->id, "order");
	assert_int_equal(r->on, ON_ORDER);
	assert_int_equal(r->by, PER_MONEY);
	assert_int_equal(r->units, 1);
	assert_int_equal(r->per, unit);
	assert_int_equal(r->rounding, ROUND_FLOOR);
	assert_int_equal(p->nbases, 1);
	assert_memory_equal(&p->bases[r->base], &lines, sizeof(lines));
	assert_awards(p, PLATFORM_SHOPIFY, paid);
	assert_awards(p, PLATFORM_WOOCOMMERCE, woo);
	assert_awards(p, PLATFORM_EVENTS, paid);
	assert_int_equal(p->pending_days, 0);
	assert_int_equal(p->feb29, FEB29_PREVIOUS);
}

static void
test_points_json(void **state)
{
	static const char file[] = "deploy/programs/points.json";
	struct program p;

	(void)state;
	p = parsed_file(file, EUR);
	assert_points(&p, 100);
	p = parsed_file(file, 0);
	assert_points(&p, 1);
	p = parsed_file(file, 3);
	assert_points(&p, 1000);
}

#define ORDER_RULE "{'id':'order','on':'order','give':{'points':1}}"

/* A file with only the required keys means the same as points.json, which
 * writes out some defaults. */
static void
test_defaults(void **state)
{
	static const char *const texts[] = {
		"{'name':'points','rules':[" ORDER_RULE "]}",
		"{'name':'points','rules':[" ORDER_RULE "],'award':{}}",
		("{'rules':[{'base':{},'give':{'points':1},"
		 "'on':'order','id':'order'}],'name':'points'}"),
	};

	(void)state;
	for (size_t i = 0; i < NITEMS(texts); i++) {
		struct program p = parsed(texts[i]);

		assert_points(&p, 100);
	}
}

/* A key may refer to something that comes later in the file. */
static void
test_any_order(void **state)
{
	struct program p = parsed(FILE(
	    "'benefits':[{'id':'b','kind':'flag','when':{'tier':['t']}}],"
	    "'rules':[{'id':'a','on':'order','give':{'points':1},'to':'w',"
	    "'when':{'membership':['m'],'consent':['c']},'replaces':['z']},"
	    "{'id':'z','on':'order','give':{'amount':'1'},'donate':'d'}],"
	    "'wallets':{'v':{},'w':{}},'charities':['d'],"
	    "'consents':{'c':{'valid':'ever'}},"
	    "'memberships':[{'id':'m','term':'ever'}],"
	    "'tiers':{'levels':[{'id':'t','from':'1'}]}"));

	(void)state;
	assert_int_equal(p.rules[0].wallet, 1);
	assert_int_equal(p.rules[1].wallet, 2);
}

/* Writes a file of n items; # in an item becomes its number. */
static void
many(char *text, const char *const parts[3], size_t n)
{
	size_t at = (size_t)sprintf(text, "{'name':'x',%s", parts[0]);

	for (size_t i = 0; i < n; i++) {
		if (i > 0)
			text[at++] = ',';
		for (const char *c = parts[1]; *c != '\0'; c++) {
			if (*c == '#')
				at += (size_t)sprintf(text + at, "%03zu", i);
			else
				text[at++] = *c;
		}
	}
	(void)sprintf(text + at, "%s}", parts[2]);
}

#define ONE_RULE "'rules':[" ORDER_RULE "],"
#define ONE_FLAG "'benefits':[{'id':'f','kind':'flag'"

/* Checks that each list may be full, but may not have one item more. */
static void
test_bounds(void **state)
{
	static const struct {
		const char *parts[3];
		size_t most;
		const char *sentence;
	} cases[] = {
		{ { "'rules':[", "{'id':'r#','on':'order','give':{'points':1}}",
		      "]" },
		    RULES_MAX, "rules must have" },
		{ { "'benefits':[", "{'id':'b#','kind':'flag'}", "]" },
		    BENEFITS_MAX, "benefits must have" },
		{ { "'memberships':[", "{'id':'m#','term':'ever'}", "]" },
		    MEMBERSHIPS_MAX, "memberships must have" },
		{ { "'tiers':{'levels':[",
		      "{'id':'l#','when':{'chosen_day':true}}", "]}" },
		    LEVELS_MAX, "tiers.levels must have" },
		{ { ONE_FLAG "}],'rewards':[",
		      "{'id':'r#','kind':'shipping','cost':1}", "]" },
		    REWARDS_MAX, "rewards must have" },
		{ { ONE_RULE "'multipliers':[", "{'id':'m#','times':'2'}",
		      "]" },
		    MULTIPLIERS_MAX, "multipliers must have" },
		{ { ONE_RULE "'wallets':{", "'w#':{}", "}" }, WALLETS_MAX,
		    "wallets must have" },
		{ { ONE_RULE "'charities':[", "'c#'", "]" }, CHARITIES_MAX,
		    "charities must have" },
		{ { ONE_RULE "'consents':{", "'c#':{'valid':'ever'}", "}" },
		    CONSENTS_MAX, "consents must have" },
		{ { ONE_FLAG ",'when':{'channel':[", "'c#'", "]}}]" },
		    WORDS_MAX, "benefits[0].when.channel must have" },
		{ { ONE_FLAG ",'when':{'attribute':{", "'a#':['x']", "}}}]" },
		    TESTS_MAX, "is one test too many" },
		{ { "'wallets':{'m':{'unit':'money'}},'rules':[{'id':'a',"
		    "'on':'order','give':{'percent':'1','declared':{",
		      "'2#':'1'", "}}}]" },
		    DECLARED_MAX, "is too much" },
	};
	char *text = malloc(TEXT_MAX);

	(void)state;
	assert_non_null(text);
	for (size_t i = 0; i < NITEMS(cases); i++) {
		struct program p;
		struct err e;

		many(text, cases[i].parts, cases[i].most);
		(void)parsed(text);
		many(text, cases[i].parts, cases[i].most + 1);
		assert_int_equal(parse_in(EUR, quoted(text), &p, &e), -1);
		if (strstr(e.msg, cases[i].sentence) == NULL)
			fail_msg("%s: %s", cases[i].sentence, e.msg);
	}
	free(text);
}

#define ID_31 "0123456789_abcdefghijklmnopqr-z"

/* Checks that the largest allowed number of every kind is accepted. */
static void
test_largest(void **state)
{
	struct program p = parsed(
	    FILE("'pending_days':3650,'birthday':{'lead_days':366,"
	         "'lock_days':3650},'consents':{'a':{'valid':'ever'},"
	         "'" ID_31 "':{'valid':'1 day'}},'rules':[{'id':'" ID_31 "',"
	         "'on':'" ID_31 "','give':{'points':1000000000,"
	         "'per':'10000000.00'},'pending_days':3650,"
	         "'limit':{'most':1000000000,'per':'day'},"
	         "'when':{'consent':['" ID_31 "'],'since':{'event':'" ID_31 "',"
	         "'less_than':'1 day'},'otherwise':'" ID_31 "'}}],"
	         "'tiers':{'metric':'events','event':'" ID_31 "',"
	         "'levels':[{'id':'" ID_31 "','above':1000000000}]}"));

	(void)state;
	assert_int_equal(strlen(ID_31), RULE_ID_MAX - 1);
	assert_int_equal(p.pending_days, PENDING_DAYS_MAX);
	assert_int_equal(p.birthday_lead_days, 366);
	assert_int_equal(p.rules[0].units, RATE_MAX);
	assert_int_equal(p.rules[0].per, RATE_MAX);
	assert_string_equal(p.rules[0].event, ID_31);
	assert_string_equal(p.tiers.event, ID_31);
	assert_int_equal(p.tiers.levels[0].threshold, RATE_MAX);
}

static void
test_refused(void **state)
{
	(void)state;
	assert_refused(refused_file, NITEMS(refused_file));
	assert_refused(refused_text, NITEMS(refused_text));
	assert_refused(refused_all, NITEMS(refused_all));
}

/* Checks that "award" refuses exactly the statuses in which decide() gives
 * nothing (rules 2 and 3 in core/decide.c). */
static void
test_never_earning(void **state)
{
	static const char *const statuses[] = { "cancelled", "failed",
		"refunded", "trash", "voided", "checkout-draft", "draft",
		"auto-draft", "new", "on-hold", "pending", "paid", "authorized",
		"my-own" };

	(void)state;
	for (size_t i = 0; i < NITEMS(statuses); i++) {
		struct order_line line = { .id = 1,
			.quantity = 1,
			.current = 1,
			.before = 500,
			.net = 500 };
		struct order o = { .id = 1,
			.platform = PLATFORM_WOOCOMMERCE,
			.modified_at = 1,
			.currency = "EUR",
			.total = 500,
			.lines = &line,
			.nlines = 1 };
		char text[256];
		struct program p;
		struct award awards[RULES_MAX];
		struct decision d = { .awards = awards };
		struct err e;
		int rc;

		(void)snprintf(text, sizeof(text),
		    WITH("'award':{'woocommerce':['%s']}"), statuses[i]);
		rc = parse_in(EUR, quoted(text), &p, &e);
		assert_int_equal(rc, i < 9 ? -1 : 0);
		p = parsed(WITH("'tests':[]"));
		strcpy(p.award[PLATFORM_WOOCOMMERCE].list[0], statuses[i]);
		strcpy(o.status, statuses[i]);
		decide(&p, &euro, &o, &d);
		assert_int_equal(d.points, i < 9 ? 0 : 5);
	}
}

/* Checks the order of exchange rates, and their fractions for currencies with
 * different numbers of decimals. */
static void
test_currencies(void **state)
{
	static const struct {
		const char *code, *day;
		int64_t n, d;
	} cases[] = {
		{ "EUR", "1971-01-01", 1, 1 },
		{ "USD", "2025-12-31", 0, 0 },
		{ "USD", "2026-01-01", 92, 100 },
		{ "USD", "2026-06-30", 92, 100 },
		{ "USD", "2026-07-01", 9, 10 },
		{ "USD", "2099-01-01", 9, 10 },
		{ "JPY", "2026-01-01", 61, 100 },
		{ "KWD", "2026-01-01", 3, 10 },
		{ "IRR", "2026-01-01", 1, INT64_C(1000000000000) },
		{ "GBP", "2026-01-01", 1000000, 1 },
		{ "CHF", "2026-01-01", 0, 0 },
	};
	const struct program p = parsed(
	    WITH("'currencies':{'USD':{'2026-07-01':'0.90',"
	         "'2026-01-01':'0.92'},'JPY':{'2026-01-01':'0.0061'},"
	         "'KWD':{'2026-01-01':'3'},'GBP':{'2026-01-01':'1000000'},"
	         "'IRR':{'2026-01-01':'0.000000000001'}}"));

	(void)state;
	assert_int_equal(p.ncurrencies, 5);
	assert_true(p.plain);
	for (size_t i = 0; i < NITEMS(cases); i++) {
		int year = 0, month = 0, day = 0;
		const struct exchange *x;

		assert_true(calendar_parse(cases[i].day, &year, &month, &day));
		x = program_exchange(&p, cases[i].code,
		    calendar_midnight(&zone_utc, year, month, day));
		if (cases[i].d == 0) {
			assert_null(x);
			continue;
		}
		assert_non_null(x);
		if (x->n * cases[i].d != x->d * cases[i].n)
			fail_msg("%s on %s", cases[i].code, cases[i].day);
	}
	assert_null(program_exchange(
	    &p, "USD", calendar_midnight(&zone_utc, 2026, 1, 1) - 1));
}

static void
test_size(void **state)
{
	static const char head[] = WITH("'tests':[]");
	char *text = malloc(PROGRAM_FILE_MAX + 1);
	struct program p;
	struct err e;

	(void)state;
	assert_non_null(text);
	memset(text, ' ', PROGRAM_FILE_MAX + 1);
	memcpy(text, quoted(head).data, strlen(head));
	assert_int_equal(
	    parse_in(EUR, (struct str){ text, PROGRAM_FILE_MAX }, &p, &e), 0);
	assert_int_equal(
	    parse_in(EUR, (struct str){ text, PROGRAM_FILE_MAX + 1 }, &p, &e),
	    -1);
	free(text);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_points_json),
		cmocka_unit_test(test_defaults),
		cmocka_unit_test(test_any_order),
		cmocka_unit_test(test_bounds),
		cmocka_unit_test(test_largest),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_many_faults),
		cmocka_unit_test(test_long_faults),
		cmocka_unit_test(test_warns),
		cmocka_unit_test(test_never_earning),
		cmocka_unit_test(test_currencies),
		cmocka_unit_test(test_size),
	};

	return cmocka_run_group_tests(tests, arena_setup, arena_teardown);
}
