/* SPDX-License-Identifier: MIT */
/*
 * Tests rules that look at each line of an order, after several refunds:
 *
 *  1. The units are those that come of looking at each line anew, however lines
 *     and money were refunded before, and also if money was taken back again.
 *  2. A refund takes steps for its own lines and for lines that lose a unit, and
 *     not for all lines of the order, not even if the order falls below a tier,
 *     or if its parts count differently by line.
 */
#include "base/buf.h"
#include "base/instant.h"
#include "core/fold/fold.h"
#include "core/worth.h"

#include "fold_order.h"
#include "program_file.h"

enum {
	LINES = 70,
	FEW_LINES = 4,
	REFUNDS = 12,
	CASES = 3000,
	MOST = 11,  /* units of a line */
	MANY = 400, /* refunds */
	PAID_BACK = 500,
	FILE_ROOM = 4096,
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

#define ON(lines)    "'lines':{'category':['" lines "']}"
#define FROM(amount) "'amount':{'from':'" amount "'}"
#define TINY(id, ...) \
	"{'id':'" id "','times':'0.001','stack':'multiply'," __VA_ARGS__ "}"

/* Multipliers of which no two multiply the same line. */
static const struct times {
	const char *text;
	size_t n;
	struct {
		const char *category, *tiers; /* NULL: any; a letter each */
		int64_t from, times;
		int64_t below; /* when the order is placed; 0: any amount */
	} of[2];
} multipliers[] = {
	{ .text = "" },
	{ "'multipliers':[{'id':'m','times':'1.5'," ON("c1") "}],", 1,
	    { { "c1", NULL, 0, 15000, 0 } } },
	{ "'multipliers':[{'id':'m','times':'1.5'," ON("c1") ",'when':{" FROM(
	      "80.00") "}}],",
	    1, { { "c1", NULL, 8000, 15000, 0 } } },
	{ "'multipliers':[{'id':'m','times':'1.5','when':{" FROM(
	      "80.00") "}}],",
	    1, { { NULL, NULL, 8000, 15000, 0 } } },
	{ "'multipliers':[{'id':'m','times':'1.5'," ON("c1") ",'when':{" FROM(
	      "80.00") "}},{'id':'n','times':'1.5'," ON("c2") ",'when':{" FROM("10.00") "}}],",
	    2,
	    { { "c1", NULL, 8000, 15000, 0 },
	        { "c2", NULL, 1000, 15000, 0 } } },
	{ "'multipliers':[{'id':'m','times':'1.5'," ON(
	      "c1") ",'when':{'amount':{'below':'80.00'}}}],",
	    1, { { "c1", NULL, 0, 15000, 8000 } } },
	/* Multipliers m and n come to 0 together, so that the line does not
	 * count. */
	{ "'multipliers':[" TINY(
	      "m", ON("c1") ",'when':{" FROM("80.00") "}") "," TINY("n",
	      ON("c1") ",'when':{" FROM("80.00") "}") "],",
	    1, { { "c1", NULL, 8000, 0, 0 } } },
	/* Multipliers from here on are for programs with tiers. */
	{ "'multipliers':[{'id':'m','times':'1.5','when':{'tier':['b']}}],", 1,
	    { { NULL, "b", 0, 15000, 0 } } },
	{ "'multipliers':[{'id':'m','times':'1.5'," ON("c1") ",'when':{'tier':['b']," FROM(
	      "80.00") "}},{'id':'n','times':'3'," ON("c2") ",'when':{'tier':['a','b']}}],",
	    2, { { "c1", "b", 8000, 15000, 0 }, { "c2", "ab", 0, 30000, 0 } } },
	{ "'multipliers':[" TINY(
	      "m", ON("c1") ",'when':{'tier':['b']}") "," TINY("n",
	      ON("c1") ",'when':{'tier':['b']}") "],",
	    1, { { "c1", "b", 0, 0, 0 } } },
	/* Factors that rise and fall from one tier to the next. */
	{ "'multipliers':[{'id':'m','times':'3'," ON(
	      "c1") ",'when':{'tier':['a','c']}},{'id':'n','times':'0.3'," ON("c2") ",'when':{'tier':['b','c']}}],",
	    2, { { "c1", "ac", 0, 30000, 0 }, { "c2", "bc", 0, 3000, 0 } } },
	{ "'multipliers':[" TINY(
	      "m", ON("c1") ",'when':{'tier':['a']}") "," TINY("n",
	      ON("c1") ",'when':{'tier':['a']}") ",{'id':'o','times':'1.7'," ON("c2") ",'when':{'tier':['c']," FROM("80.00") "}}],",
	    2, { { "c1", "a", 0, 0, 0 }, { "c2", "c", 8000, 17000, 0 } } },
};

enum {
	WITHOUT_TIERS = 7, /* of the multipliers */
	UP_AND_DOWN = 10,  /* the first of the last multipliers */
	FOR_ALL = 2,       /* of the conditions */
	BY_TIERS = 8,      /* the multipliers of a and b */
	STRETCHES = 4,     /* without a tier, in a, in b, in c */
	RULES = 3,
};

/* The amounts at which tiers begin. */
static const int64_t begins[STRETCHES] = { 0, 5000, 20000, 40000 };

#define LEVELS                                                            \
	"'levels':[{'id':'a','from':'50.00'},{'id':'b','from':'200.00'}," \
	"{'id':'c','from':'400.00'}]"

/* The ways in which a program counts an order that reaches a tier. */
static const struct tiering {
	const char *text;
	enum crossing how; /* 0: there are no tiers */
} tierings[] = {
	{ .text = "" },
	{ "'tiers':{'crossing':'old'," LEVELS "},", CROSSING_OLD },
	{ "'tiers':{'crossing':'new'," LEVELS "},", CROSSING_NEW },
	{ "'tiers':{'crossing':'split'," LEVELS "},", CROSSING_SPLIT },
	{ "'tiers':{'crossing':'split','base':{'lines':{'category':['c1']}}," LEVELS
	  "},",
	    CROSSING_SPLIT },
};

static const struct {
	const char *text, *tiers;
} conditions[] = {
	{ "", NULL },
	{ ",'when':{'tier':['a','b','c']}", "abc" },
	/* Conditions from here on are not for the last multipliers. */
	{ ",'when':{'tier':['b']}", "b" },
	{ ",'when':{'tier':['a','b']}", "ab" },
};

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
	int64_t less = draw(2) * 500 + 500, times = draw(3) == 0 ? 8 : 1;

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
		.fees = draw(3) == 0 ? draw(900) : 0,
		.fees_tax = draw(2) * 100,
		.shipping = draw(3) * 300,
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
			.share = draw(3) * times * (draw(2000) - less) *
			         int64_max((int64_t)nlines, LINES / 4) / LINES,
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
    int64_t *bonus, int64_t *steps)
{
	const struct fold f = fold_order(
	    p, o, BEGIN + (int64_t)nrefunds * INSTANT_SECOND);
	int64_t all = 0;

	*bonus = 0;
	for (size_t i = 0; i < f.nmovements; i++) {
		const struct movement *m = &f.movements[i];
		int64_t units = m->debit == ACCOUNT_ISSUED ? m->units
		                                           : -m->units;

		all += units;
		if (strchr(m->rule, '*') != NULL)
			*bonus += units;
		/* A multiplier of several tiers is named once. */
		assert_true(
		    m->why == NULL || m->why->nmultipliers <= p->nmultipliers);
	}
	*steps = f.steps;
	return all;
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

/* A case: rules of these kinds and conditions, and an order. */
struct given {
	const struct times *times;
	const struct tiering *tiering;
	struct program program;
	const struct order *order;
	size_t nrefunds;
	struct fraction parts[STRETCHES];
};

static bool
is_in(const char *tiers, size_t stretch)
{
	return tiers == NULL ||
	       (stretch > 0 && strchr(tiers, "abc"[stretch - 1]) != NULL);
}

static int64_t
amount_left(const struct given *g, const struct base *b, size_t nrefunds)
{
	const struct worth_ask ask = { .base = b, .nrefunds = nrefunds };
	struct worth w;

	worth_of(g->order, &ask, &w);
	return ratio_floor(w.left.n, w.left.d);
}

/* Finds which part of the order lies in each tier. */
static void
parts_find(struct given *g)
{
	const struct base *b = &g->program.bases[g->program.tiers.base];
	int64_t amount = amount_left(g, b, g->nrefunds), until = amount;

	for (size_t i = STRETCHES; i-- > 0;) {
		bool is_reached = begins[i] <= amount && begins[i] <= until;

		g->parts[i] = (struct fraction){ 0, 1 };
		if (!is_reached)
			continue;
		if (g->tiering->how == CROSSING_SPLIT && amount > 0) {
			g->parts[i] = (struct fraction){ until - begins[i],
				amount };
			until = begins[i];
		} else if (g->tiering->how != CROSSING_SPLIT &&
		           g->tiering->how != CROSSING_NEW) {
			g->parts[i].n = i == 0;
		} else if (until >= 0) {
			g->parts[i].n = 1;
			until = -1;
		}
	}
}

/* The factor of a line in a tier.  A rule that gives once per line has only
 * factors for all lines, but lines that do not count. */
static int64_t
factor_of(const struct given *g, const struct kind *k, const struct base *b,
    size_t stretch, const struct order_line *l)
{
	struct base lines = *b;
	int64_t amount, placed;

	lines.fees = lines.shipping = false;
	lines.tender = (struct words){ 0 };
	amount = amount_left(g, &lines, g->nrefunds);
	placed = amount_left(g, &lines, 0);
	for (size_t i = 0; i < g->times->n; i++) {
		const char *category = g->times->of[i].category;
		int64_t times = g->times->of[i].times;

		if (is_in(g->times->of[i].tiers, stretch) &&
		    amount >= g->times->of[i].from &&
		    (g->times->of[i].below == 0 ||
		        placed < g->times->of[i].below) &&
		    (category == NULL ||
		        strcmp(l->categories.list[0], category) == 0))
			return k->once && category != NULL && times > 0
			           ? FACTOR_ONE
			           : times;
	}
	return FACTOR_ONE;
}

static void
add(struct fraction *sum, struct fraction f, struct fraction part)
{
	f = fraction_part(f, -part.n, part.d);
	*sum = fraction_less(*sum, f);
}

static int64_t
worth_in_units(const struct kind *k, const struct rule *rule, struct fraction f)
{
	return fraction_times(f, rule->units, rule->per, k->rounding);
}

/* Looks at each line anew, for the rule with this index; `multiplied`: with
 * multipliers. */
static int64_t
slow_units(const struct given *g, const struct kind *k, size_t index,
    const char *tiers, bool multiplied)
{
	const struct order *o = g->order;
	const struct rule *rule = &g->program.rules[index];
	const struct base *b = &g->program.bases[rule->base];
	const struct fraction most = { MOST * rule->per, rule->units };
	struct worth_ask ask = { .base = b, .nrefunds = g->nrefunds };
	struct fraction all = { 0, 1 }, *lines;
	int64_t sum = 0;
	struct worth w;
	struct loss loss;

	loss_of(o, g->nrefunds, &loss);
	lines = arena_array(&arena, o->nlines, sizeof(*lines));
	for (size_t i = 0; i < o->nlines; i++)
		lines[i].d = 1;
	for (size_t s = 0; s < STRETCHES; s++) {
		int64_t *factors = arena_array(
		    &arena, o->nlines, sizeof(*factors));

		if (!is_in(tiers, s) || g->parts[s].n == 0)
			continue;
		for (size_t i = 0; i < o->nlines; i++) {
			factors[i] = factor_of(g, k, b, s, &o->lines[i]);
			if (!multiplied && factors[i] != 0)
				factors[i] = FACTOR_ONE;
		}
		ask.factors = factors;
		ask.rest_factor = FACTOR_ONE;
		ask.loss = NULL;
		if (g->times->n > 0 && g->times->of[0].category == NULL)
			ask.rest_factor = factors[0];
		worth_of(o, &ask, &w);
		if (k->items && w.pieces == 0)
			continue;
		add(&all,
		    k->items ? (struct fraction){ w.pieces_boosted, FACTOR_ONE }
		             : w.boosted,
		    g->parts[s]);
		ask.factors = NULL;
		ask.loss = &loss;
		for (size_t i = 0; i < o->nlines; i++) {
			struct order one = *o;

			one.lines += i;
			one.nlines = 1;
			one.fees = one.fees_tax = 0;
			one.shipping = one.shipping_tax = 0;
			worth_of(&one, &ask, &w);
			add(&lines[i], left_of(k, &w, factors[i]), g->parts[s]);
		}
	}
	for (size_t i = 0; i < o->nlines; i++) {
		struct fraction beyond = fraction_less(lines[i], most);
		int64_t units = worth_in_units(k, rule, lines[i]);

		sum += k->limited && units > MOST ? MOST : units;
		if (beyond.n > 0)
			all = fraction_less(all, beyond);
	}
	return k->cuts ? worth_in_units(k, rule, all) : sum;
}

/* Checks 1. */
static void
test_lines(void **state)
{
	(void)state;
	for (uint64_t i = 0; i < CASES; i++) {
		struct given g = { .nrefunds = 0 };
		const struct kind *k[RULES];
		const char *tiers[RULES];
		int64_t units, bonus, expected = 0, bonus_expected = 0, steps;
		size_t nrules = 1 + i % RULES;
		int64_t nconditions;
		struct buf b;

		seed = i * 0x9e3779b97f4a7c15 + 1;
		buf_init(&b, FILE_ROOM);
		g.tiering = &tierings[draw(NITEMS(tierings))];
		g.times = &multipliers[draw(
		    g.tiering->how == 0 ? WITHOUT_TIERS : NITEMS(multipliers))];
		nconditions = g.times < &multipliers[UP_AND_DOWN]
		                  ? NITEMS(conditions)
		                  : FOR_ALL;
		buf_printf(&b, "{'name':'x',%s%s'rules':[", g.tiering->text,
		    g.times->text);
		for (size_t j = 0; j < nrules; j++) {
			size_t when = g.tiering->how == 0
			                  ? 0
			                  : (size_t)draw(nconditions);

			k[j] = &kinds[draw(NITEMS(kinds))];
			tiers[j] = conditions[when].tiers;
			buf_printf(&b, "%s{'id':'r%zu','on':'order',%s%s%s}",
			    j > 0 ? "," : "", j, k[j]->rule,
			    bases[draw(NITEMS(bases))], conditions[when].text);
		}
		buf_printf(&b, "]}");
		g.program = parsed(b.data);
		buf_fini(&b);
		g.order = order_draw(
		    1 + (size_t)draw(draw(3) == 0 ? FEW_LINES : LINES),
		    (size_t)draw(REFUNDS + 1));
		g.nrefunds = g.order->nrefunds;
		parts_find(&g);
		units = fold_units(
		    &g.program, g.order, g.nrefunds, &bonus, &steps);
		for (size_t j = 0; j < nrules; j++) {
			int64_t all = slow_units(&g, k[j], j, tiers[j], true);
			int64_t base = slow_units(&g, k[j], j, tiers[j], false);

			expected += all;
			bonus_expected += all - int64_min(base, all);
		}
		if (units != expected || bonus != bonus_expected)
			fail_msg(
			    "case %d: %lld (%lld) and not %lld (%lld) units",
			    (int)i, (long long)units, (long long)bonus,
			    (long long)expected, (long long)bonus_expected);
		arena_reset(&arena);
	}
}

/* Checks 2. */
static void
test_steps(void **state)
{
	(void)state;
	for (size_t i = 0; i < NITEMS(kinds) * 3; i++) {
		bool is_new = i % 3 == 0;
		struct order *o = order_draw(LINES_MAX, MANY);
		const struct given g = { .order = o };
		static const struct base base;
		int64_t few, many, bonus;
		int64_t begin = amount_left(&g, &base, 0) / 100 - 50;
		struct program p;

		for (size_t j = 0; j < MANY; j++)
			o->refunds[j].share = j % 7 == 0 ? -PAID_BACK
			                                 : PAID_BACK;
		p = parsed(arena_printf(&arena,
		    "{'name':'x','tiers':{'crossing':'%s','levels':[{'id':'a',"
		    "'from':'0.01'},{'id':'b','from':'%lld.00'}]},%s'rules':[{"
		    "'id':'r','on':'order',%s}]}",
		    is_new ? "new" : "split", (long long)begin,
		    multipliers[i % 3 == 1 ? 1 : BY_TIERS].text,
		    kinds[i / 3].rule));
		(void)fold_units(&p, o, MANY / 4, &bonus, &few);
		(void)fold_units(&p, o, MANY, &bonus, &many);
		if (many > few * 3)
			fail_msg("kind %zu: %lld and %lld steps", i / 3,
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
