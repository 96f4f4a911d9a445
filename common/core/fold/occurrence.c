/* SPDX-License-Identifier: MIT */
/* occurrence: an order, event or date that rules are about, and how much of an
 * order is left after its refunds so far. */
#include "core/fold/internal.h"

struct occurrence *
occurrence_new(struct run *r, const struct fact *f, enum source_kind source)
{
	struct occurrence *o = arena_alloc(r->arena, sizeof(*o));

	*o = (struct occurrence){
		.steps = r->steps,
		.exchange = f->order == NULL
		                ? NULL
		                : program_exchange(f->program,
		                      f->order->currency, f->order->created_at),
		.origin = { source, f->store_id, f->id, f->version_id },
		.program = f->program,
		.fact = f,
		.order = f->order,
		.at = f->at,
		.before = fact_is_before(f),
		.held = f->held,
		.tier_year_from = window_tier_year(r, f->at),
		.occasion = {
			.at = f->at,
			.channel = f->channel,
			.brand = f->brand,
			.amount = f->amount / power_of_ten(f->finer),
			.fields = f->fields,
			.nfields = f->nfields,
		},
	};
	return o;
}

/* The part of an order that counts, in minor units, after the refunds so
 * far. */
static struct fraction
occurrence_left(const struct occurrence *o, const struct base *b)
{
	const struct worth_ask ask = {
		.base = b,
		.factors = o->counting,
		.nrefunds = o->nrefunds,
		.exchange = o->exchange,
		.tallies = o->tallies,
	};
	struct worth w;

	worth_of(o->order, &ask, &w);
	steps_take(o->steps, w.width);
	return w.left;
}

int64_t
occurrence_amount(const struct occurrence *o, const struct base *b)
{
	struct fraction left = occurrence_left(o, b);

	return ratio_floor(left.n, left.d);
}

bool
occurrence_is_left(const struct occurrence *o)
{
	static const struct base lines = { .gift_cards = true };

	return !o->undone && occurrence_left(o, &lines).n > 0;
}

static int64_t
pieces_of(const struct occurrence *o, const struct base *b)
{
	const struct worth_ask ask = {
		.base = b,
		.factors = o->counting,
		.nrefunds = o->nrefunds,
		.tallies = o->tallies,
	};
	struct worth w;

	worth_of(o->order, &ask, &w);
	steps_take(o->steps, w.width);
	return o->undone ? 0 : w.pieces;
}

/* The amount of the lines that the base counts, however they were paid, and
 * without shipping and fees. */
static int64_t
amount_of(const struct occurrence *o, const struct base *b)
{
	struct base lines = *b;

	lines.shipping = lines.fees = lines.not_tender = false;
	lines.tender = (struct words){ 0 };
	return occurrence_amount(o, &lines);
}

struct occasion
occurrence_occasion(const struct occurrence *o, const struct rule *rule,
    const struct condition *c)
{
	const struct base *b = &o->program->bases[rule->base];
	struct occasion asked = o->occasion;
	bool amount = false, pieces = false;

	for (size_t i = 0; i < c->n && o->order != NULL; i++) {
		amount |= c->tests[i].kind == TEST_AMOUNT;
		pieces |= c->tests[i].kind == TEST_PIECES;
	}
	if (amount)
		asked.amount = amount_of(o, b);
	if (pieces)
		asked.pieces = pieces_of(o, b);
	return asked;
}

static bool
is_of_amounts(enum test_kind kind)
{
	return kind == TEST_AMOUNT || kind == TEST_PIECES;
}

struct remainder *
occurrence_rest(struct run *r, struct occurrence *o, const struct rule *rule)
{
	size_t as_of = 1 + o->nrefunds * 2 + o->undone;
	struct remainder *rest;

	if (o->remainders == NULL)
		o->remainders = arena_array(
		    r->arena, o->program->nbases, sizeof(*o->remainders));
	rest = &o->remainders[rule->base];
	if (rest->as_of != as_of)
		*rest = (struct remainder){ .as_of = as_of };
	return rest;
}

static const struct occasion *
rest_asked(struct run *r, struct occurrence *o, const struct rule *rule)
{
	static const struct test tests[] = { { .kind = TEST_AMOUNT },
		{ .kind = TEST_PIECES } };
	static const struct condition both = { tests, NITEMS(tests) };
	struct remainder *rest = occurrence_rest(r, o, rule);

	if (!rest->is_known)
		rest->asked = occurrence_occasion(o, rule, &both);
	rest->is_known = true;
	return &rest->asked;
}

bool
occurrence_holds(struct run *r, struct occurrence *o, const struct rule *rule,
    const struct condition *c, bool amounts, const char **why_not)
{
	for (size_t i = 0; i < c->n; i++) {
		const struct condition one = { &c->tests[i], 1 };

		if (is_of_amounts(one.tests->kind) == amounts &&
		    !run_holds(r, &one, o->program,
		        amounts ? rest_asked(r, o, rule) : &o->occasion,
		        why_not))
			return false;
	}
	return true;
}
