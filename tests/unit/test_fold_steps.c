/* SPDX-License-Identifier: MIT */
/*
 * Tests the steps of a fold:
 *
 *  1. A fold that may take just as many steps as it needs is the same as a
 *     fold without a bound. A fold that may take fewer is cut, and has no
 *     result.
 *  2. Orders and redemptions take about as many steps each, however many there
 *     were before: four times as many facts take at most five times as many
 *     steps.
 *  3. Every kind of work that grows with the square of the history is counted
 *     in steps: if twice as many facts take four times as long, they also take
 *     four times as many steps.
 *
 * The time that a step takes is measured by tests/bench/bench_steps.c.
 */
#include "base/instant.h"
#include "core/fold/fold.h"

#include "program_file.h"

enum {
	FEW = 150,
	BOUNDS = 40, /* bounds that are tried for each history */
};

#define BEGIN (INT64_C(1577836800) * INSTANT_SECOND) /* 2020-01-01 */

/* A history of `n` facts of the same kind, an hour apart. */
struct history {
	const char *program;
	const char *type; /* the type of all events; NULL: orders */
	bool types;       /* each event has a type of its own */
	bool undo;        /* every second event undoes the one before */
	size_t redeem;    /* every nth fact is a redemption; 0: none */
	size_t nrefunds;  /* refunds of each order, long after the last */
	bool square;      /* the work grows with the square of the facts */
};

#define POINTS "'rules':[{'id':'order','on':'order','give':{'points':1}"
#define VOUCHERS                                                           \
	"},{'id':'v','on':'balance','take':{'wallet':'points','each':10}," \
	"'give':{'points':1},'to':'vouchers'}]"
#define LEVELS "'levels':[{'id':'a','from':'10'},{'id':'b','from':'2000'}]}"

static const struct history histories[] = {
	{ .program = "'pending_days':14,'wallets':{'points':{'expires':{"
	             "'after':'6 months'}}}," POINTS "}]" },
	{ .program = "'wallets':{'points':{'expires':{'inactive':'6 "
	             "months'}}}," POINTS "}]",
	    .redeem = 3 },
	{ .program = "'tiers':{'window':'year'," LEVELS "," POINTS "}]" },
	{ .program = "'tiers':{'window':'12 months','term':'12 months'," LEVELS
	             "," POINTS "}]" },
	{ .program = "'tiers':{'window':'30 days','term':'while'," LEVELS
	             "," POINTS "}]" },
	{ .program = "'tiers':{'window':'lifetime','term':'7 "
	             "days'," LEVELS "," POINTS "}]",
	    .nrefunds = 1 },
	{ .program = POINTS ",'over':'lifetime'}]",
	    .nrefunds = 1,
	    .square = true },
	{ .program = POINTS ",'limit':{'most':50,'per':'order'}}]" },
	{ .program = POINTS ",'limit':{'most':500,'per':'lifetime'}}]",
	    .nrefunds = 1 },
	{ .program = "'wallets':{'points':{},'vouchers':{'unit':"
	             "'vouchers'}}," POINTS VOUCHERS },
	{ .program = "'wallets':{'points':{},'vouchers':{'unit':"
	             "'vouchers'}}," POINTS VOUCHERS,
	    .nrefunds = 1,
	    .square = true },
	{ .program = "'rules':[{'id':'r','on':'review','give':{'points':1}}]",
	    .type = "review",
	    .undo = true,
	    .square = true },
	{ .program = "'rules':[{'id':'r','on':'a','when':{'since':{'event':"
	             "'t9','less_than':'9 months'}},'give':{'points':1}}]",
	    .type = "t",
	    .types = true,
	    .square = true },
	{ .program = "'rules':[{'id':'b','on':'birthday','give':{'points':"
	             "1}}]",
	    .type = "profile",
	    .types = true,
	    .square = true },
	{ .program = "'rules':[{'id':'a','on':'a','give':{'points':1}}]",
	    .type = CUSTOMER_TAGS_ADDED,
	    .types = true,
	    .square = true },
	{ .program = "'memberships':[{'id':'m','term':'1 month'}]",
	    .type = "membership_payment",
	    .square = true },
};

static const struct order *
order_of(const struct history *h, int64_t id, int64_t at)
{
	struct order *o = arena_alloc(&arena, sizeof(*o));

	*o = (struct order){
		.id = id,
		.platform = PLATFORM_EVENTS,
		.status = "paid",
		.currency = "EUR",
		.created_at = at,
		.paid_at = at,
		.modified_at = at,
		.total = 1999,
		.nlines = 1,
		.nrefunds = h->nrefunds,
		.lines = arena_alloc(&arena, sizeof(*o->lines)),
		.refunds = arena_array(
		    &arena, h->nrefunds + 1, sizeof(*o->refunds)),
	};
	o->lines[0] = (struct order_line){ .id = 1,
		.quantity = 1,
		.current = 1,
		.before = 1999,
		.net = 1999 };
	for (size_t i = 0; i < h->nrefunds; i++)
		o->refunds[i] = (struct order_refund){
			.id = (int64_t)i + 1,
			.at = at + (int64_t)(i + 1) * 400 * INSTANT_DAY,
			.share = 500,
		};
	return o;
}

static void
event_of(const struct history *h, size_t i, struct fact *f)
{
	struct field *field = arena_alloc(&arena, sizeof(*field));

	*field = (struct field){ "membership", "m" };
	if (h->types)
		*field = (struct field){ arena_printf(&arena, "n%zu", i),
			arena_printf(&arena, "v%zu", i) };
	f->kind = FACT_EVENT;
	f->count = 1;
	f->type = h->types && h->type[0] == 't'
	              ? arena_printf(&arena, "t%zu", i)
	              : h->type;
	f->fields = field;
	f->nfields = 1;
	if (!h->undo || i % 2 == 0)
		return;
	f->type = EVENT_UNDO;
	f->of = arena_printf(&arena, "%zu", i - 1);
}

static void
fold_of(const struct history *h, size_t n, int64_t steps_most, struct fold *out)
{
	const struct program p = parsed(
	    arena_printf(&arena, "{'name':'x',%s}", h->program));
	const struct era era = { &p, 1, 0 };
	struct fact *facts = arena_array(&arena, n, sizeof(*facts));
	const struct timeline t = {
		.facts = facts,
		.nfacts = n,
		.eras = &era,
		.neras = 1,
		.store_id = 1,
		.now = BEGIN + 500 * INSTANT_DAY,
		.steps_most = steps_most,
	};

	for (size_t i = 0; i < n; i++) {
		facts[i] = (struct fact){
			.at = BEGIN + (int64_t)i * INSTANT_DAY / 24,
			.store_id = 1,
			.id = arena_printf(&arena, "%zu", i),
			.program = &p,
			.version_id = 1,
		};
		if (h->redeem > 0 && i % h->redeem == h->redeem - 1) {
			facts[i].kind = FACT_REDEEM;
			facts[i].wallet = "points";
			facts[i].units = 9;
		} else if (h->type != NULL) {
			event_of(h, i, &facts[i]);
		} else {
			facts[i].kind = FACT_ORDER;
			facts[i].order = order_of(h, (int64_t)i, facts[i].at);
		}
	}
	fold(&arena, &t, out);
}

/* Returns a checksum over the units of all movements, in their order. */
static uint64_t
units_of(const struct fold *f)
{
	uint64_t sum = 0;

	for (size_t i = 0; i < f->nmovements; i++)
		sum = sum * 31 + (uint64_t)f->movements[i].units;
	return sum;
}

/* Checks point 1 above: a fold with a bound below its steps is cut. */
static void
test_bound(void **state)
{
	(void)state;
	for (size_t i = 0; i < NITEMS(histories); i++) {
		const struct history *h = &histories[i];
		struct fold any, same, cut;

		fold_of(h, FEW, 0, &any);
		assert_false(any.is_cut);
		fold_of(h, FEW, any.steps, &same);
		assert_false(same.is_cut);
		assert_int_equal(same.steps, any.steps);
		assert_int_equal(same.nmovements, any.nmovements);
		assert_int_equal(units_of(&same), units_of(&any));
		for (int64_t j = 0; j < BOUNDS; j++) {
			int64_t most = 1 + (any.steps - 2) * j / (BOUNDS - 1);

			fold_of(h, FEW, most, &cut);
			if (!cut.is_cut || cut.steps != most)
				fail_msg("history %zu of %lld steps is not "
				         "cut at %lld",
				    i, (long long)any.steps, (long long)most);
			assert_int_equal(cut.nmovements, 0);
			assert_null(cut.view);
			arena_reset(&arena);
		}
	}
}

/* Checks point 2 above: a further fact costs the same, whatever came before. */
static void
test_linear(void **state)
{
	(void)state;
	for (size_t i = 0; i < NITEMS(histories); i++) {
		struct fold one, four;

		if (histories[i].square)
			continue;
		fold_of(&histories[i], FEW, 0, &one);
		fold_of(&histories[i], 4 * FEW, 0, &four);
		if (four.steps > 5 * one.steps)
			fail_msg("history %zu: %lld and %lld steps", i,
			    (long long)one.steps, (long long)four.steps);
		arena_reset(&arena);
	}
}

/* Checks point 3 above: steps count work that grows with the square of the
 * number of facts. */
static void
test_counted(void **state)
{
	(void)state;
	for (size_t i = 0; i < NITEMS(histories); i++) {
		struct fold one, twice, four;

		if (!histories[i].square)
			continue;
		fold_of(&histories[i], FEW, 0, &one);
		fold_of(&histories[i], 2 * FEW, 0, &twice);
		fold_of(&histories[i], 4 * FEW, 0, &four);
		/* The subtraction removes the steps that grow with the
		 * number of facts. The remaining steps grow with the square:
		 * four times as many for twice the facts. */
		if (four.steps - 2 * twice.steps <
		    3 * (twice.steps - 2 * one.steps))
			fail_msg("history %zu: %lld, %lld and %lld steps", i,
			    (long long)one.steps, (long long)twice.steps,
			    (long long)four.steps);
		assert_true(twice.steps - 2 * one.steps > FEW * FEW / 8);
		arena_reset(&arena);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_bound),
		cmocka_unit_test(test_linear),
		cmocka_unit_test(test_counted),
	};

	return cmocka_run_group_tests(tests, arena_setup, arena_teardown);
}
