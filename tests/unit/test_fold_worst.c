/* SPDX-License-Identifier: MIT */
/*
 * Tests the largest order that there may be: as many conditional rules, lines
 * and refunds as the limits allow.
 *
 *  1. Each rule gives what is right for what the refunds left.
 *  2. The order takes fewer steps than a member may take, so that nobody waits
 *     for it (common/ledger/timeline/timeline.h): each refund costs as much as
 *     it has lines, for each rule, and not as much as the order.
 *  3. An order takes as few steps under rules that look at each line, have
 *     multipliers by lines, or take what others gave.
 */
#include "base/buf.h"
#include "base/instant.h"
#include "core/fold/fold.h"
#include "core/worth.h"

#include "fold_order.h"
#include "program_file.h"

enum {
	CATEGORIES = 20,
	PRICE = 1999,
	REFUNDED = 100, /* minor units, of a line by a refund */
	SAMPLE = 23,    /* every 23rd rule is checked */
	FEWER = 100,    /* rules */
	LINES_OF_REFUND = REFUND_LINES_MAX / REFUNDS_MAX,
	FILE_ROOM = 64 * 1024,
	STEPS_MOST = 200000000,
};

#define ORDER_RULE "{'id':'z','on':'order','give':{'points':1}}"

#define BEGIN (INT64_C(1577836800) * INSTANT_SECOND) /* 2020-01-01 */

/* Makes n rules, for each of the categories in turn, from some amount on. */
static const char *
program_text(int n)
{
	struct buf b;
	const char *text;

	buf_init(&b, FILE_ROOM);
	buf_printf(&b, "{'name':'x','rules':[");
	for (int i = 0; i < n; i++)
		buf_printf(&b,
		    "%s{'id':'r%d','on':'order','give':{'points':1},'base':{"
		    "'lines':{'category':['c%d']}},'when':{'amount':{'from':"
		    "'%d.00'}}}",
		    i > 0 ? "," : "", i, i % CATEGORIES, i * 10);
	buf_printf(&b, "]}");
	text = arena_strdup(&arena, b.data);
	buf_fini(&b);
	return text;
}

/* Every refund takes a little of the lines that follow, and `share` more. */
static struct order *
order_make(int64_t share)
{
	struct order *o = arena_alloc(&arena, sizeof(*o));

	*o = (struct order){
		.id = 1,
		.platform = PLATFORM_EVENTS,
		.status = "paid",
		.currency = "EUR",
		.created_at = BEGIN,
		.paid_at = BEGIN,
		.modified_at = BEGIN,
		.total = (int64_t)LINES_MAX * PRICE,
		.nlines = LINES_MAX,
		.lines = arena_array(&arena, LINES_MAX, sizeof(*o->lines)),
		.nrefunds = REFUNDS_MAX,
		.refunds = arena_array(
		    &arena, REFUNDS_MAX, sizeof(*o->refunds)),
	};
	for (size_t i = 0; i < LINES_MAX; i++) {
		const char **word = arena_alloc(&arena, sizeof(*word));

		*word = arena_printf(&arena, "c%zu", i % CATEGORIES);
		o->lines[i] = (struct order_line){
			.id = (int64_t)i + 1,
			.quantity = 1,
			.current = 1,
			.before = PRICE,
			.net = PRICE,
			.categories = { word, 1 },
		};
	}
	for (size_t i = 0; i < REFUNDS_MAX; i++) {
		struct order_refund *r = &o->refunds[i];

		*r = (struct order_refund){
			.id = (int64_t)i + 1,
			.at = BEGIN + (int64_t)(i + 1) * INSTANT_SECOND,
			.share = share,
			.nlines = LINES_OF_REFUND,
			.lines = arena_array(
			    &arena, LINES_OF_REFUND, sizeof(*r->lines)),
		};
		for (size_t j = 0; j < r->nlines; j++)
			r->lines[j] = (struct order_refund_line){
				.line_id = (int64_t)((i * r->nlines + j) %
				                     LINES_MAX) +
				           1,
				.net = REFUNDED,
			};
	}
	return o;
}

static int64_t
units_of(const struct fold *f, const char *rule)
{
	int64_t units = 0;

	for (size_t i = 0; i < f->nmovements; i++) {
		const struct movement *m = &f->movements[i];

		if (strcmp(m->rule, rule) == 0)
			units += m->debit == ACCOUNT_ISSUED ? m->units
			                                    : -m->units;
	}
	return units;
}

/* The keys of the program and of each of FEWER rules, by category. */
static const struct kind {
	const char *head, *first, *key;
	int64_t steps_most;
} kinds[] = {
	{ "", ORDER_RULE, "'limit':{'most':11,'per':'line'},", 90000000 },
	{ "", ORDER_RULE, "'over':'line',", 95000000 },
	{ "'multipliers':[{'id':'a','times':'2','lines':{'category':['c1']}},"
	  "{'id':'b','times':'3','lines':{'category':['c2']},'when':{'amount':{"
	  "'from':'1000.00'}}}],",
	    ORDER_RULE, "", 60000000 },
	{ "'wallets':{'points':{},'vouchers':{'unit':'vouchers'}},",
	    "{'id':'z','on':'balance','take':{'wallet':'points','each':1},'give':"
	    "{'points':1},'to':'vouchers','limit':{'most':1,'per':'order'}}",
	    "", 130000000 },
};

static int64_t
steps_of(const struct program *p, const struct order *o)
{
	const struct fold f = fold_order(p, o, BEGIN + INSTANT_DAY);

	return f.steps;
}

/* Returns how many rules give something after the refunds until an instant. */
static size_t
check(const struct program *p, const struct order *o, size_t nrefunds)
{
	const struct fold f = fold_order(
	    p, o, BEGIN + (int64_t)nrefunds * INSTANT_SECOND);
	size_t giving = 0;

	assert_true(f.steps < STEPS_MOST);
	/* The units that a rule gave are one movement, and those that it took
	 * back another one. */
	for (size_t i = 0; i < f.nmovements; i++)
		for (size_t j = 0; j < i; j++)
			assert_false(
			    f.movements[i].debit == f.movements[j].debit &&
			    strcmp(f.movements[i].rule, f.movements[j].rule) ==
			        0);
	for (size_t i = 0; i < p->nrules; i++) {
		const struct rule *rule = &p->rules[i];
		const struct worth_ask ask = { .base = &p->bases[rule->base],
			.nrefunds = nrefunds };
		struct worth w;
		int64_t left;

		/* To look at all refunds of all lines takes long. */
		if (i % SAMPLE != nrefunds % SAMPLE)
			continue;
		worth_of(o, &ask, &w);
		left = ratio_floor(w.left.n, w.left.d);
		if (left < rule->when.tests[0].low)
			left = 0;
		giving += left >= 100;
		assert_int_equal(units_of(&f, rule->id), left / 100);
	}
	return giving;
}

/* Checks 1 and 2. */
static void
test_worst(void **state)
{
	static const int64_t shares[] = { 0, 500, 2700 };
	const struct program p = parsed(program_text(RULES_MAX));
	size_t before, after;

	(void)state;
	for (size_t i = 0; i < NITEMS(shares); i++) {
		const struct order *o = order_make(shares[i]);

		before = check(&p, o, 0);
		(void)check(&p, o, 1);
		(void)check(&p, o, REFUNDS_MAX / 2);
		after = check(&p, o, REFUNDS_MAX);
		/* Some rules lose all by their conditions, and some do not. */
		assert_true(after > 0 && after < before);
	}
}

/* Checks 1 for fewer rules: the table of movements grows while the first refund
 * takes back, and the second refund finds these movements again. */
static void
test_fewer(void **state)
{
	const struct program p = parsed(program_text(FEWER));

	(void)state;
	(void)check(&p, order_make(500), 2);
}

/* Checks 3. */
static void
test_kinds(void **state)
{
	(void)state;
	for (size_t i = 0; i < NITEMS(kinds); i++) {
		struct buf b;
		struct program p;

		buf_init(&b, FILE_ROOM);
		buf_printf(&b, "{'name':'x',%s'rules':[%s", kinds[i].head,
		    kinds[i].first);
		for (int j = 0; j < FEWER; j++)
			buf_printf(&b,
			    ",{'id':'r%d','on':'order','give':{'points':1},%s"
			    "'base':{'lines':{'category':['c%d','x%d']}}}",
			    j, kinds[i].key, j % CATEGORIES, j);
		buf_printf(&b, "]}");
		p = parsed(b.data);
		buf_fini(&b);
		if (steps_of(&p, order_make(500)) > kinds[i].steps_most)
			fail_msg("kind %zu: %lld steps", i,
			    (long long)steps_of(&p, order_make(500)));
		arena_reset(&arena);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_worst),
		cmocka_unit_test(test_fewer),
		cmocka_unit_test(test_kinds),
	};

	return cmocka_run_group_tests(tests, arena_setup, arena_teardown);
}
