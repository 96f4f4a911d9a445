/* SPDX-License-Identifier: MIT */
/* Checks the texts that describe the changes between two programs. */
#include <stdio.h>
#include <string.h>

#include "../support/test.h"
#include "base/cc.h"
#include "wire/explain/diff.h"
#include "wire/explain/explain.h"
#include "wire/program/program.h"

#define LINES "tests/unit/explain.txt" /* read by test_explain.c, too */

enum {
	PROGRAMS_MAX = 500,
	FILE_MAX = 256 * 1024,
};

static struct arena arena;

static void
parse(const char *json, struct program *p)
{
	const struct program_setting usd = { .currency = "USD", .exponent = 2 };
	char *text = arena_printf(&arena, "{\"name\":\"x\",%s}", json);
	struct err e;

	if (program_parse(&arena, str_of(text), &usd, p, &e) == -1)
		fail_msg("%s: %s", json, e.msg);
}

static size_t
lines_of(const char *s)
{
	size_t n = 0;

	for (; *s != '\0'; s++)
		n += *s == '\n';
	return n;
}

/* ---- one change each ----------------------------------------------------- */

#define RULE(more) "\"rules\":[{\"id\":\"order\",\"on\":\"order\"," more "}]"
#define ONE        RULE("\"give\":{\"points\":1}")
#define REVIEW     "{\"id\":\"review\",\"on\":\"review\",\"give\":{\"points\":5}}"
#define ORDER      "{\"id\":\"order\",\"on\":\"order\",\"give\":{\"points\":1}}"
#define LIMITED(most)                                            \
	RULE("\"give\":{\"points\":1},\"limit\":{\"most\":" most \
	     ",\"per\":\"day\"}")
#define GOLD(how) ONE ",\"tiers\":{\"levels\":[{\"id\":\"gold\"," how "}]}"
#define TIERS(how)                                    \
	ONE ",\"tiers\":{" how "\"levels\":[{\"id\":" \
	    "\"gold\",\"from\":\"1.00\"}]}"
#define REWARD(more) \
	ONE ",\"rewards\":[{\"id\":\"off\",\"kind\":\"percent\"," more "}]"
#define WHEN(what) RULE("\"give\":{\"points\":1},\"when\":{" what "}")

static const struct {
	const char *from, *to, *want;
} rows[] = {
	{ ONE, ONE, "nothing changed\n" },
	/* Keys in another order, and a default that is written out, are no
	 * change. */
	{ ONE,
	    "\"pending_days\":0,\"rules\":[{\"give\":{\"per\":\"1\","
	    "\"points\":1},\"rounding\":\"floor\",\"over\":\"order\","
	    "\"on\":\"order\",\"id\":\"order\"}]",
	    "nothing changed\n" },
	{ ONE, RULE("\"give\":{\"points\":2}"),
	    "rule order: 1 point per $1.00 is now 2 points per $1.00\n" },
	{ ONE, RULE("\"give\":{\"points\":1,\"per\":\"2\"}"),
	    "rule order: 1 point per $1.00 is now 1 point per $2.00\n" },
	{ ONE, ONE ",\"currencies\":{\"EUR\":{\"2026-01-01\":\"1.10\"}}",
	    "program: now \"Orders in EUR count too. 1 EUR is $1.10 from 1 "
	    "January 2026\"\n" },
	{ ONE, "\"rules\":[" ORDER "," REVIEW "]",
	    "rule review is new: review \u2013 a review: 5 points.\n" },
	{ "\"rules\":[" ORDER "," REVIEW "]", ONE,
	    "rule review is gone: what it gave stays\n" },
	{ ONE, LIMITED("3"), "rule order: now \"At most 3 points per day\"\n" },
	{ LIMITED("3"), ONE,
	    "rule order: no longer \"At most 3 points per day\"\n" },
	{ LIMITED("3"), LIMITED("4"),
	    "rule order: \"At most 3 points per day\" is now "
	    "\"At most 4 points per day\"\n" },
	{ ONE,
	    "\"wallets\":{\"points\":{},\"stars\":{}},"
	    "\"rules\":[{\"id\":\"order\",\"on\":\"order\","
	    "\"give\":{\"points\":1},\"to\":\"stars\"}]",
	    "wallet stars is new: stars: counted in whole numbers. Does not "
	    "expire. If a return takes back more than is there, the rest is "
	    "owed, and what you earn next makes up for it.\n"
	    "rule order: 1 point per $1.00 is now 1 stars per $1.00\n"
	    "rule order: wallet points is now stars\n" },
	{ WHEN("\"nth\":1"), WHEN("\"nth\":1,\"otherwise\":\"not_new\""),
	    "rule order: \"Only: with your order no. 1\" is now "
	    "\"Only: with your order no. 1 (else not_new)\"\n" },
	{ ONE,
	    RULE("\"give\":{\"points\":1},\"names\":{\"en\":{\"other\":"
	         "\"Shopping\"}}"),
	    "rule order: names now en Shopping\n" },
	/* A tier is described by its id, not by its name. */
	{ WHEN("\"tier\":[\"a\"]") ",\"tiers\":{\"levels\":[{\"id\":\"a\","
	                           "\"from\":\"1.00\",\"names\":{\"en\":{"
	                           "\"other\":\"A\"}}}]}",
	    WHEN("\"tier\":[\"a\"]") ",\"tiers\":{\"levels\":[{\"id\":\"a\","
	                             "\"from\":\"1.00\",\"names\":{\"en\":{"
	                             "\"other\":\"B\"}}}]}",
	    "tier a: names en A is now en B\n" },
	{ GOLD("\"from\":\"300.00\""), GOLD("\"above\":\"500.00\""),
	    "tier gold: at least $300.00 is now more than $500.00\n" },
	{ TIERS(""), TIERS("\"grace_days\":30,"),
	    "tiers: now \"After that it is kept for another 30 days\"\n" },
	{ TIERS(""), TIERS("\"window\":\"lifetime\","),
	    "tiers: \"What counts: what you spend, per calendar year\" is now "
	    "\"What counts: what you spend, in all\"\n" },
	{ ONE, GOLD("\"from\":\"1.00\""),
	    "tier gold is new: gold: at least $1.00.\n" },
	{ GOLD("\"from\":\"1.00\""), ONE,
	    "tier gold is gone: who was in it is where the rest puts them\n" },
	{ REWARD("\"cost\":100,\"percent\":\"20\""),
	    REWARD("\"cost\":200,\"percent\":\"25\""),
	    "reward off: 100 points is now 200 points\n"
	    "reward off: 20% off is now 25% off\n" },
	{ REWARD("\"cost\":100,\"percent\":\"20\",\"unit_cost\":\"3.00\""),
	    REWARD("\"cost\":100,\"percent\":\"20\",\"unit_cost\":\"4.00\""),
	    "reward off: its cost to the merchant $3.00 is now $4.00\n" },
	{ REWARD("\"cost\":100,\"percent\":\"20\",\"on_refund\":\"keep\""),
	    REWARD("\"cost\":100,\"percent\":\"20\",\"hold_minutes\":1,"
	           "\"on_cancel\":\"reopen\",\"way\":\"virtual\""),
	    "reward off: now \"Kept for your order for 1 minute\"\n"
	    "reward off: now \"If the order is cancelled, you can use it "
	    "again\"\n"
	    "reward off: no longer \"If the whole order is refunded, it stays "
	    "used\"\n"
	    "reward off: way coupon is now virtual\n" },
	{ ONE, ONE ",\"modelled_on\":\"y\"", "program: modelled on now y\n" },
	{ "\"rules\":[" ORDER "," REVIEW "]",
	    "\"rules\":[" REVIEW "," ORDER "]",
	    "rule review: stands further up now\n" },
};

static void
test_changes(void **state)
{
	(void)state;
	for (size_t i = 0; i < NITEMS(rows); i++) {
		struct program from, to;
		struct buf b;
		size_t n;

		parse(rows[i].from, &from);
		parse(rows[i].to, &to);
		buf_init(&b, EXPLAIN_MAX);
		n = program_diff(&from, &to, &b);
		assert_string_equal(b.data, rows[i].want);
		assert_int_equal(n, strstr(rows[i].want, "nothing") != NULL
		                        ? 0
		                        : lines_of(b.data));
		buf_fini(&b);
		arena_reset(&arena);
	}
}

/* ---- nothing goes unseen ------------------------------------------------- */

/* Checks that every program of the file differs from every other program, and
 * not from itself. */
static void
test_every_difference(void **state)
{
	static char text[FILE_MAX];
	static struct program programs[PROGRAMS_MAX];
	size_t n = 0;
	FILE *f = fopen(LINES, "rb");
	struct buf b;

	(void)state;
	assert_non_null(f);
	while (fgets(text, sizeof(text), f) != NULL)
		if (text[0] == '"') {
			assert_true(n < PROGRAMS_MAX);
			parse(text, &programs[n++]);
		}
	assert_int_equal(fclose(f), 0);
	assert_true(n > 100);
	buf_init(&b, EXPLAIN_MAX);
	for (size_t i = 0; i < n; i++)
		for (size_t j = i; j < n; j++) {
			size_t changes;

			buf_reset(&b);
			changes = program_diff(&programs[i], &programs[j], &b);
			if ((changes == 0) != (i == j))
				fail_msg("%zu and %zu: %s", i, j, b.data);
		}
	buf_fini(&b);
	arena_reset(&arena);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_changes),
		cmocka_unit_test(test_every_difference),
	};
	int rc;

	arena_init(&arena);
	rc = cmocka_run_group_tests(tests, NULL, NULL);
	arena_fini(&arena);
	return rc;
}
