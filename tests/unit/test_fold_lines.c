/* SPDX-License-Identifier: MIT */
/*
 * Tests rules that look at each line of an order, after several refunds:
 *
 *  1. The units are those that come of looking at each line anew, however lines
 *     and money were refunded before, and also if money was taken back again.
 *  2. A refund takes steps for its own lines and for lines that lose a unit, and
 *     not for all lines of the order.
 */
#include "base/instant.h"
#include "core/fold/fold.h"
#include "core/worth.h"

#include "fold_order.h"
#include "program_file.h"

enum {
	LINES = 70,
	REFUNDS = 12,
	CASES = 3000,
	MOST = 11, /* units of a line */
	TIMES = 15000,
	MANY = 400, /* refunds */
	PAID_BACK = 500,
};

#define BEGIN (INT64_C(1577836800) * INSTANT_SECOND) /* 2020-01-01 */

#define LIMIT "'limit':{'most':11,'per':'line'}"
#define EACH  "'over':'line',"
#define MONEY "'give':{'points':3,'per':'2'},"
#define ITEMS "'give':{'points':3,'per':'item'},"

static const struct kind {
	const char *rule;
	bool cuts, items, once, limited;
	enum rounding rounding;
} kinds[] = {
	{ MONEY LIMIT, .cuts = true, .rounding = ROUND_FLOOR },
	{ ITEMS LIMIT, .cuts = true, .items = true, .rounding = ROUND_FLOOR },
	{ MONEY EACH LIMIT, .limited = true, .rounding = ROUND_FLOOR },
	{ MONEY EACH "'rounding':'nearest'," LIMIT, .limited = true,
	    .rounding = ROUND_NEAREST },
	{ MONEY EACH "'rounding':'ceil'," LIMIT, .limited = true,
	    .rounding = ROUND_CEIL },
	{ ITEMS EACH LIMIT, .limited = true, .items = true,
	    .rounding = ROUND_FLOOR },
	{ "'give':{'points':3,'per':'event'}," EACH "'rounding':'floor'",
	    .once = true, .rounding = ROUND_FLOOR },
};

static const char *const bases[] = { "", ",'base':{'tax':true,'fees':true}",
	",'base':{'discounts':'before'}", ",'base':{'tender':['card']}",
	",'base':{'lines':{'category':['c1']}}",
	",'base':{'lines':{'free':true}}" };

static const char *const multipliers[] = { "",
	"'multipliers':[{'id':'m','times':'1.5','lines':{'category':['c1']}}],",
	"'multipliers':[{'id':'m','times':'1.5','lines':{'category':['c1']},"
	"'when':{'amount':{'from':'80.00'}}}],",
	"'multipliers':[{'id':'m','times':'1.5',"
	"'when':{'amount':{'from':'80.00'}}}],",
	"'multipliers':[{'id':'m','times':'1.5','lines':{'category':['c1']},"
	"'when':{'amount':{'from':'80.00'}}},{'id':'n','times':'1.5','lines':"
	"{'category':['c2']},'when':{'amount':{'from':'10.00'}}}]," };

static uint64_t seed;

static int64_t
draw(int64_t n)
{
	seed = seed * UINT64_C(6364136223846793005) + 1442695040888963407;
	return (int64_t)((seed >> 33) % (uint64_t)n);
}

static struct order *
order_draw(size_t nlines, size_t nrefunds)
{
	static const char *words[] = { "c1", "c2" };
	static struct tender tenders[] = { { "card", 300 }, { "cash", 200 } };
	struct order *o = arena_alloc(&arena, sizeof(*o));

	*o = (struct order){
		.id = 1,
		.platform = PLATFORM_EVENTS,
		.status = "paid",
		.currency = "EUR",
		.created_at = BEGIN,
		.paid_at = BEGIN,
		.modified_at = BEGIN,
		.finer = (int)draw(2),
		.credit = draw(3) == 0 ? draw(20000) : 0,
		.nlines = nlines,
		.lines = arena_array(&arena, nlines, sizeof(*o->lines)),
		.nrefunds = nrefunds,
		.refunds = arena_array(
		    &arena, nrefunds + 1, sizeof(*o->refunds)),
		.tenders = tenders,
		.ntenders = NITEMS(tenders),
	};
	for (size_t i = 0; i < nlines; i++) {
		struct order_line *l = &o->lines[i];

		*l = (struct order_line){
			.id = (int64_t)i + 1,
			.quantity = draw(12),
			.net = draw(5) == 0 ? 0 : draw(3000),
			.tax = draw(300),
			.categories = { &words[draw(2)], 1 },
		};
		l->before = l->net + draw(2) * draw(500);
		l->current = int64_max(
		    0, l->quantity - (draw(5) == 0 ? draw(3) : 0));
		o->total += l->net + l->tax;
	}
	for (size_t i = 0; i < nrefunds; i++) {
		struct order_refund *r = &o->refunds[i];

		*r = (struct order_refund){
			.id = (int64_t)i + 1,
			.at = BEGIN + (int64_t)(i + 1) * INSTANT_SECOND,
			.share = draw(3) * (draw(2000) - 500) *
			         (int64_t)nlines / LINES,
			.nlines = (size_t)draw(4),
		};
		r->lines = arena_array(
		    &arena, r->nlines + 1, sizeof(*r->lines));
		for (size_t j = 0; j < r->nlines; j++)
			r->lines[j] = (struct order_refund_line){
				.line_id = 1 + draw((int64_t)nlines),
				.quantity = draw(4),
				.net = draw(1500),
				.tax = draw(150),
			};
	}
	return o;
}

static int64_t
fold_units(const struct program *p, const struct order *o, size_t nrefunds,
    int64_t *steps)
{
	const struct fold f = fold_order(
	    p, o, BEGIN + (int64_t)nrefunds * INSTANT_SECOND);
	int64_t units = 0;

	for (size_t i = 0; i < f.nmovements; i++)
		units += f.movements[i].debit == ACCOUNT_ISSUED
		             ? f.movements[i].units
		             : -f.movements[i].units;
	*steps = f.steps;
	return units;
}

static struct fraction
left_of(const struct kind *k, const struct worth *w, int64_t factor)
{
	struct fraction f = w->left;

	if (k->items)
		f = (struct fraction){ w->pieces, 1 };
	if (k->once)
		f = (struct fraction){ w->left.n > 0, 1 };
	return fraction_part(f, factor, FACTOR_ONE);
}

/* A rule that gives once per line has no factors of lines. */
static bool
is_meant(
    const struct kind *k, const struct program *p, const struct order_line *l)
{
	return p->multipliers[0].lines.n == 0 ||
	       (!k->once && strcmp(l->categories.list[0], "c1") == 0);
}

/* Looks at each line anew. */
static int64_t
slow_units(const struct kind *k, const struct program *p, const struct order *o,
    size_t nrefunds)
{
	const struct rule *rule = &p->rules[0];
	const struct base *b = &p->bases[rule->base];
	const struct fraction most = { MOST * rule->per, rule->units };
	struct worth_ask ask = { .base = b, .nrefunds = nrefunds };
	struct fraction all;
	int64_t sum = 0, *factors;
	bool multiplied = p->nmultipliers > 0, second = false;
	struct worth w;
	struct loss loss;

	if (multiplied && p->multipliers[0].when.n > 0) {
		struct base lines = *b;

		lines.fees = false;
		lines.tender = (struct words){ 0 };
		ask.base = &lines;
		worth_of(o, &ask, &w);
		multiplied = ratio_floor(w.left.n, w.left.d) >= 8000;
		second = p->nmultipliers > 1 &&
		         ratio_floor(w.left.n, w.left.d) >= 1000;
	}
	factors = arena_array(&arena, o->nlines, sizeof(*factors));
	for (size_t i = 0; i < o->nlines; i++)
		factors[i] = (is_meant(k, p, &o->lines[i]) ? multiplied
		                                           : second && !k->once)
		                 ? TIMES
		                 : FACTOR_ONE;
	ask.base = b;
	ask.factors = factors;
	worth_of(o, &ask, &w);
	if (k->items && w.pieces == 0)
		return 0;
	all = k->items ? (struct fraction){ w.pieces_boosted, FACTOR_ONE }
	               : w.boosted;
	loss_of(o, nrefunds, &loss);
	ask.loss = &loss;
	ask.factors = NULL;
	for (size_t i = 0; i < o->nlines; i++) {
		struct fraction left, beyond;
		struct order one = *o;
		int64_t units;

		one.lines += i;
		one.nlines = 1;
		one.fees = one.fees_tax = 0;
		worth_of(&one, &ask, &w);
		left = left_of(k, &w, factors[i]);
		units = fraction_times(
		    left, rule->units, rule->per, k->rounding);
		sum += k->limited && units > MOST ? MOST : units;
		beyond = fraction_less(left, most);
		if (beyond.n > 0)
			all = fraction_less(all, beyond);
	}
	return k->cuts
	           ? fraction_times(all, rule->units, rule->per, k->rounding)
	           : sum;
}

/* Checks 1. */
static void
test_lines(void **state)
{
	(void)state;
	for (uint64_t i = 0; i < CASES; i++) {
		const struct kind *k = &kinds[i % NITEMS(kinds)];
		struct program p;
		struct order *o;
		int64_t units, expected, steps;
		size_t n;

		seed = i * 0x9e3779b97f4a7c15 + 1;
		p = parsed(arena_printf(&arena,
		    "{'name':'x',%s'rules':[{'id':'r','on':'order',%s%s}]}",
		    multipliers[draw(NITEMS(multipliers))], k->rule,
		    bases[draw(NITEMS(bases))]));
		o = order_draw(
		    1 + (size_t)draw(LINES), (size_t)draw(REFUNDS + 1));
		n = o->nrefunds;
		units = fold_units(&p, o, n, &steps);
		expected = slow_units(k, &p, o, n);
		if (units != expected)
			fail_msg("case %d: %lld and not %lld units", (int)i,
			    (long long)units, (long long)expected);
		arena_reset(&arena);
	}
}

/* Checks 2. */
static void
test_steps(void **state)
{
	(void)state;
	for (size_t i = 0; i < NITEMS(kinds); i++) {
		const struct program p = parsed(arena_printf(&arena,
		    "{'name':'x',%s'rules':[{'id':'r','on':'order',%s}]}",
		    multipliers[1], kinds[i].rule));
		struct order *o = order_draw(LINES_MAX, MANY);
		int64_t few, many;

		for (size_t j = 0; j < MANY; j++)
			o->refunds[j].share = j % 7 == 0 ? -PAID_BACK
			                                 : PAID_BACK;

		(void)fold_units(&p, o, MANY / 4, &few);
		(void)fold_units(&p, o, MANY, &many);
		if (many > few * 3)
			fail_msg("kind %zu: %lld and %lld steps", i,
			    (long long)few, (long long)many);
		arena_reset(&arena);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_lines),
		cmocka_unit_test(test_steps),
	};

	return cmocka_run_group_tests(tests, arena_setup, arena_teardown);
}
