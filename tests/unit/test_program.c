/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/decide.h"
#include "wire/program_json.h"

enum {
	EUR = 2,
	FILE_MAX = 65536
};

static struct str
file_read(const char *path)
{
	static char text[FILE_MAX];
	FILE *f = fopen(path, "rb");
	size_t n;

	assert_non_null(f);
	n = fread(text, 1, sizeof(text), f);
	assert_true(n < sizeof(text));
	(void)fclose(f);
	return (struct str){ text, n };
}

static void
parse(struct str text, int exponent, struct program *p)
{
	struct err e;

	if (program_parse(text, exponent, p, &e) == -1)
		fail_msg("%s", e.msg);
}

static void
assert_awards(
    const struct program *p, enum platform platform, const char *const words[])
{
	size_t n = 0;

	for (; words[n] != NULL; n++)
		assert_string_equal(p->award[platform - 1][n], words[n]);
	assert_int_equal(p->naward[platform - 1], n);
}

static const char *const paid[] = { "paid", "partially_refunded", "refunded",
	NULL };

/* 1 point per whole unit; lines after discounts, without tax, shipping,
 * fees and gift cards; floor; default statuses; no pending period. */
static void
assert_points(const struct program *p, int64_t unit)
{
	static const char *const woo[] = { "processing", "completed", NULL };
	const struct rule *r = &p->rules[0];

	assert_string_equal(p->name, "points");
	assert_int_equal(p->nrules, 1);
	assert_string_equal(r->id, "order");
	assert_int_equal(r->points, 1);
	assert_int_equal(r->per, unit);
	assert_int_equal(r->rounding, ROUND_FLOOR);
	assert_false(r->base.before_discounts);
	assert_false(r->base.tax);
	assert_false(r->base.shipping);
	assert_false(r->base.fees);
	assert_false(r->base.gift_cards);
	assert_awards(p, PLATFORM_SHOPIFY, paid);
	assert_awards(p, PLATFORM_WOOCOMMERCE, woo);
	assert_int_equal(p->pending_days, 0);
}

static void
test_points_json(void **state)
{
	struct program p;

	(void)state;
	parse(file_read("deploy/programs/points.json"), EUR, &p);
	assert_points(&p, 100);
	parse(file_read("deploy/programs/points.json"), 0, &p);
	assert_points(&p, 1);
	parse(file_read("deploy/programs/points.json"), 3, &p);
	assert_points(&p, 1000);
}

#define ORDER_RULE "{\"id\":\"order\",\"on\":\"order\",\"give\":{\"points\":1}}"

/* What is not said has its default, and that is points.json. */
static void
test_defaults(void **state)
{
	static const char *const texts[] = {
		"{\"name\":\"points\",\"rules\":[" ORDER_RULE "]}",
		"{\"name\":\"points\",\"rules\":[" ORDER_RULE "],\"award\":{}}",
		("{\"rules\":[{\"base\":{},\"give\":{\"points\":1},"
		 "\"on\":\"order\",\"id\":\"order\"}],\"name\":\"points\"}"),
	};

	(void)state;
	for (size_t i = 0; i < NITEMS(texts); i++) {
		struct program p;

		parse(str_of(texts[i]), EUR, &p);
		assert_points(&p, 100);
	}
}

static void
test_everything(void **state)
{
	static const char text
	    [] = "{\"$schema\":\"x\",\"name\":\"V\xc3\xa9lo \\\"+\\\"\","
	         "\"rules\":["
	         "{\"id\":\"a-1_z\",\"on\":\"order\","
	         "\"give\":{\"points\":1000000000,\"per\":\"10000000.00\"},"
	         "\"base\":{\"discounts\":\"before\",\"tax\":true,"
	         "\"shipping\":true,\"fees\":true,\"gift_cards\":true},"
	         "\"rounding\":\"ceil\"},"
	         "{\"id\":\"b\",\"on\":\"order\","
	         "\"give\":{\"points\":3,\"per\":\"0.500\"},"
	         "\"base\":{\"discounts\":\"after\",\"shipping\":true},"
	         "\"rounding\":\"nearest\"}],"
	         "\"award\":{\"shopify\":[],\"woocommerce\":[\"my-own_1\"]},"
	         "\"pending_days\":3650}";
	static const char *const woo[] = { "my-own_1", NULL };
	const struct rule *r;
	struct program p;

	(void)state;
	parse(STR(text), EUR, &p);
	assert_string_equal(p.name, "V\xc3\xa9lo \"+\"");
	assert_int_equal(p.nrules, 2);
	r = &p.rules[0];
	assert_string_equal(r->id, "a-1_z");
	assert_int_equal(r->points, RATE_MAX);
	assert_int_equal(r->per, RATE_MAX);
	assert_int_equal(r->rounding, ROUND_CEIL);
	assert_true(r->base.before_discounts && r->base.tax &&
	            r->base.shipping && r->base.fees && r->base.gift_cards);
	r = &p.rules[1];
	assert_int_equal(r->per, 50);
	assert_int_equal(r->rounding, ROUND_NEAREST);
	assert_true(r->base.shipping);
	assert_false(r->base.before_discounts || r->base.tax || r->base.fees ||
	             r->base.gift_cards);
	assert_int_equal(p.naward[PLATFORM_SHOPIFY - 1], 0);
	assert_awards(&p, PLATFORM_WOOCOMMERCE, woo);
	assert_int_equal(p.pending_days, PENDING_DAYS_MAX);
}

#define RULES "\"rules\":[" ORDER_RULE "]"
#define HEAD  "{\"name\":\"x\",\n"
#define BASE                                                  \
	HEAD "\"rules\":[\n{\"id\":\"a\",\"on\":\"order\",\n" \
	     "\"give\":{\"points\":1},\n\"base\":{\n"
#define GIVE HEAD "\"rules\":[\n{\"id\":\"a\",\"on\":\"order\",\n\"give\":"
#define WOO  HEAD RULES ",\n\"award\":{\n\"woocommerce\":[\n"

static const struct {
	const char *text, *sentence;
} refused[] = {
	{ "", "line 1: no JSON: '[' or '{' expected near end of file" },
	{ "{\n\"name\":\n}", "line 3: no JSON: unexpected token near '}'" },
	{ "{\"name\":\"x\",\n\"name\":\"y\"}",
	    "line 2: no JSON: duplicate object key near '\"name\"'" },
	{ HEAD RULES "}\n{}",
	    "line 3: no JSON: end of file expected near '{'" },
	{ "\n[]", "line 2: must be an object, {...}" },
	{ "\n\n{" RULES "}", "line 3: the program lacks \"name\"" },
	{ "{\"name\":\"x\"}", "line 1: the program lacks \"rules\"" },
	{ HEAD RULES ",\n\n\"currency\":1}",
	    "line 4: currency is unknown; what can be said here: $schema, "
	    "name, rules, award, pending_days" },
	{ HEAD RULES ",\n\"na\\u006de2\\u001b\":1}",
	    "line 3: name2? is unknown; what can be said here: $schema, "
	    "name, rules, award, pending_days" },
	{ "{\n\"name\":\"\"," RULES "}",
	    "line 2: name must be a text of 1 to 63 bytes" },
	{ "{\n\"name\":\"0123456789012345678901234567890123456789012345678901"
	  "234567890123\"," RULES "}",
	    "line 2: name must be a text of 1 to 63 bytes" },
	{ "{\n\"name\":7," RULES "}",
	    "line 2: name must be a text of 1 to 63 bytes" },
	{ "{\"name\":\"a\\u0007\"," RULES "}",
	    "line 1: name has a control character" },
	{ HEAD "\"rules\":{}}", "line 2: rules must be a list, [...]" },
	{ HEAD "\"rules\":[]}",
	    "line 2: rules must have 1 to 32 items, not 0" },
	{ HEAD "\"rules\":[\n" ORDER_RULE ",\n7]}",
	    "line 4: rules[1] must be an object, {...}" },
	{ HEAD "\"rules\":[\n" ORDER_RULE ",\n" ORDER_RULE "]}",
	    "line 4: rules[1] has the id of rules[0]" },
	{ HEAD "\"rules\":[\n{\"on\":\"order\"}]}",
	    "line 3: rules[0] lacks \"id\", its name in the ledger" },
	{ HEAD "\"rules\":[{\n\"id\":\"A\"}]}",
	    "line 3: rules[0].id may only have the letters a-z, digits, - "
	    "and _" },
	{ HEAD "\"rules\":[{\n\"id\":\"01234567890123456789012345678901\"}]}",
	    "line 3: rules[0].id must be a text of 1 to 31 bytes" },
	{ HEAD "\"rules\":[{\"id\":\"a\"}]}",
	    "line 2: rules[0] lacks \"on\", what it rewards" },
	{ HEAD "\"rules\":[{\"id\":\"a\",\n\"on\":\"review\"}]}",
	    "line 3: rules[0].on must be one of these words: order" },
	{ HEAD "\"rules\":[{\"id\":\"a\",\n\"on\":\"order\"}]}",
	    "line 2: rules[0] lacks \"give\", what it gives" },
	{ HEAD "\"rules\":[{\"id\":\"a\",\n\"when\":{}}]}",
	    "line 3: rules[0].when is unknown; what can be said here: id, on, "
	    "give, base, rounding" },
	{ GIVE "7}]}", "line 4: rules[0].give must be an object, {...}" },
	{ GIVE "{}}]}",
	    "line 4: rules[0].give lacks \"points\", how many it gives" },
	{ GIVE "{\"points\":0}}]}",
	    "line 4: rules[0].give.points must be a whole number from 1 to "
	    "1000000000" },
	{ GIVE "{\"points\":1000000001}}]}",
	    "line 4: rules[0].give.points must be a whole number from 1 to "
	    "1000000000" },
	{ GIVE "{\"points\":1.5}}]}",
	    "line 4: rules[0].give.points must be a whole number from 1 to "
	    "1000000000" },
	{ GIVE "{\"points\":\"1\"}}]}",
	    "line 4: rules[0].give.points must be a whole number from 1 to "
	    "1000000000" },
	{ GIVE "{\"points\":99999999999999999999}}]}",
	    "line 4: no JSON: too big integer near '99999999999999999999'" },
	{ GIVE "{\"points\":1,\n\"per\":1}}]}",
	    "line 5: rules[0].give.per must be a text in quotes, like \"1\" or "
	    "\"0.50\"" },
	{ GIVE "{\"points\":1,\n\"per\":\"0\"}}]}",
	    "line 5: rules[0].give.per must be an amount of money above 0, at "
	    "most \"10000000.00\"" },
	{ GIVE "{\"points\":1,\n\"per\":\"-1\"}}]}",
	    "line 5: rules[0].give.per must be an amount of money above 0, at "
	    "most \"10000000.00\"" },
	{ GIVE "{\"points\":1,\n\"per\":\"1,5\"}}]}",
	    "line 5: rules[0].give.per must be an amount of money above 0, at "
	    "most \"10000000.00\"" },
	{ GIVE "{\"points\":1,\n\"per\":\"10000000.01\"}}]}",
	    "line 5: rules[0].give.per must be an amount of money above 0, at "
	    "most \"10000000.00\"" },
	{ GIVE "{\"points\":1,\n\"per\":\"0.009\"}}]}",
	    "line 5: rules[0].give.per has more decimals than the currency, "
	    "which has 2" },
	{ GIVE "{\"points\":1,\"each\":\"1\"}}]}",
	    "line 4: rules[0].give.each is unknown; what can be said here: "
	    "points, per" },
	{ BASE "\"tax\":1}}]}",
	    "line 6: rules[0].base.tax must be true or false" },
	{ BASE "\"shipping\":\"true\"}}]}",
	    "line 6: rules[0].base.shipping must be true or false" },
	{ BASE "\"fees\":null}}]}",
	    "line 6: rules[0].base.fees must be true or false" },
	{ BASE "\"gift_cards\":[]}}]}",
	    "line 6: rules[0].base.gift_cards must be true or false" },
	{ BASE "\"discounts\":true}}]}",
	    "line 6: rules[0].base.discounts must be one of these words: "
	    "after, before" },
	{ BASE "\"taxes\":true}}]}",
	    "line 6: rules[0].base.taxes is unknown; what can be said here: "
	    "discounts, tax, shipping, fees, gift_cards" },
	{ HEAD "\"rules\":[{\"id\":\"a\",\"on\":\"order\","
	       "\"give\":{\"points\":1},\n\"rounding\":\"down\"}]}",
	    "line 3: rules[0].rounding must be one of these words: floor, "
	    "nearest, ceil" },
	{ HEAD RULES ",\n\"award\":[]}",
	    "line 3: award must be an object, {...}" },
	{ HEAD RULES ",\n\"award\":{\"shopware\":[]}}",
	    "line 3: award.shopware is unknown; what can be said here: "
	    "shopify, woocommerce" },
	{ HEAD RULES ",\n\"award\":{\"shopify\":\"paid\"}}",
	    "line 3: award.shopify must be a list, [...]" },
	{ HEAD RULES ",\n\"award\":{\"shopify\":[\"authorized\"]}}",
	    "line 3: award.shopify[0] must be \"paid\"" },
	{ HEAD RULES ",\n\"award\":{\"shopify\":[\"paid\",\n\"paid\"]}}",
	    "line 4: award.shopify[1] is said twice" },
	{ WOO "\"processing\",\n\"processing\"]}}",
	    "line 6: award.woocommerce[1] is said twice" },
	{ WOO "\"wc-completed\"]}}",
	    "line 5: award.woocommerce[0] must be said without wc-: "
	    "\"completed\"" },
	{ WOO "\"\"]}}",
	    "line 5: award.woocommerce[0] must be a text of 1 to 31 bytes" },
	{ WOO "\"a b\"]}}",
	    "line 5: award.woocommerce[0] may only have the letters a-z, "
	    "digits, - and _" },
	{ WOO "7]}}",
	    "line 5: award.woocommerce[0] must be a text of 1 to 31 bytes" },
	{ WOO "\"a\",\"b\",\"c\",\"d\",\"e\",\"f\",\"g\",\"h\",\"i\",\"j\","
	      "\"k\",\"l\",\"m\",\"n\",\"o\",\"p\",\"q\"]}}",
	    "line 4: award.woocommerce must have 0 to 16 items, not 17" },
	{ HEAD RULES ",\"pending_days\":\n-1}",
	    "line 2: pending_days must be a whole number from 0 to 3650" },
	{ HEAD RULES ",\"pending_days\":3651}",
	    "line 2: pending_days must be a whole number from 0 to 3650" },
	/* Lines are found whatever stands before. */
	{ "{\"name\":\"{[,\\\\\\\"]}\",\n\"award\":{\"shopify\":[\"paid\"],"
	  "\n\"woocommerce\":[]},\n\n\"rules\" \n : [ " ORDER_RULE "\n,\n"
	  "{\"give\":{\"points\":1,\"per\":\",\"},\n\"id\":\"b\", \"on\":\n"
	  "\"orders\"}]}",
	    "line 9: rules[1].on must be one of these words: order" },
};

static void
test_refuses(void **state)
{
	(void)state;
	for (size_t i = 0; i < NITEMS(refused); i++) {
		struct program p = { .pending_days = 4711 };
		struct err e = { .msg = "was taken" };
		int rc = program_parse(str_of(refused[i].text), EUR, &p, &e);

		if (rc != -1 || strcmp(e.msg, refused[i].sentence) != 0)
			fail_msg("%s\nis refused with: %s\nnot with: %s",
			    refused[i].text, e.msg, refused[i].sentence);
		assert_int_equal(e.fault, FAULT_REJECT);
		assert_int_equal(p.pending_days, 4711);
	}
}

/* `per` is in units of the currency, whatever its decimals. */
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
		    GIVE "{\"points\":1,\"per\":\"%s\"}}]}", cases[i].per);
		rc = program_parse(str_of(text), cases[i].exponent, &p, &e);
		if (rc != (cases[i].minor == 0 ? -1 : 0))
			fail_msg("%s at %d", cases[i].per, cases[i].exponent);
		if (rc == 0)
			assert_int_equal(p.rules[0].per, cases[i].minor);
	}
}

/* A status the file may not name is one in which decide() gives nothing,
 * and the other way round: see core/decide.c, 2. and 3. */
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
		struct decision d;
		struct err e;
		int rc;

		(void)snprintf(
		    text, sizeof(text), WOO "\"%s\"]}}", statuses[i]);
		rc = program_parse(str_of(text), EUR, &p, &e);
		assert_int_equal(rc, i < 9 ? -1 : 0);
		parse(STR("{\"name\":\"x\"," RULES "}"), EUR, &p);
		strcpy(p.award[PLATFORM_WOOCOMMERCE - 1][0], statuses[i]);
		strcpy(o.status, statuses[i]);
		decide(&p, "EUR", &o, false, &d);
		assert_int_equal(d.points, i < 9 ? 0 : 5);
	}
}

static void
test_size(void **state)
{
	char *text = malloc(PROGRAM_FILE_MAX + 1);
	struct program p;
	struct err e;

	(void)state;
	assert_non_null(text);
	memset(text, ' ', PROGRAM_FILE_MAX + 1);
	memcpy(text, "{\"name\":\"x\"," RULES "}",
	    strlen("{\"name\":\"x\"," RULES "}"));
	parse((struct str){ text, PROGRAM_FILE_MAX }, EUR, &p);
	assert_int_equal(
	    program_parse(
	        (struct str){ text, PROGRAM_FILE_MAX + 1 }, EUR, &p, &e),
	    -1);
	free(text);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_points_json),
		cmocka_unit_test(test_defaults),
		cmocka_unit_test(test_everything),
		cmocka_unit_test(test_refuses),
		cmocka_unit_test(test_per),
		cmocka_unit_test(test_never_earning),
		cmocka_unit_test(test_size),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
