/* SPDX-License-Identifier: MIT */
/* Checks with random orders what must hold for the part of every order that is
 * left after refunds. */
#include "../support/test.h"
#include "arena_state.h"
#include "base/cc.h"
#include "core/worth.h"

#define WORD(text)                                              \
	{                                                       \
		.list = (const char *const[]){ (text) }, .n = 1 \
	}

#define ONE FACTOR_ONE

static struct worth
worth(const struct order *o, struct base base, const int64_t *factors,
    size_t nrefunds)
{
	const struct worth_ask ask = { &base, factors, nrefunds, 0, NULL, NULL,
		false, NULL, NULL };
	struct worth w;

	worth_of(o, &ask, &w);
	return w;
}

static uint64_t seed;

/* Returns a random number from 0 to below - 1, by xorshift64*: the same seed
 * gives the same numbers on every machine. */
static int64_t
draw(int64_t below)
{
	seed ^= seed >> 12;
	seed ^= seed << 25;
	seed ^= seed >> 27;
	return (int64_t)((seed * 0x2545f4914f6cdd1d >> 1) % (uint64_t)below);
}

enum {
	LINES = 4,
	REFUNDS = 4
};

struct sample {
	struct order order;
	struct order_line lines[LINES];
	struct order_refund refunds[REFUNDS];
	struct order_refund_line refund_lines[REFUNDS];
	struct tender tenders[2];
	int64_t factors[LINES], ones[LINES], twos[LINES];
};

static void
sample_draw(struct sample *s, int64_t most)
{
	struct order *o = &s->order;

	*s = (struct sample){ 0 };
	*o = (struct order){ .total = draw(most),
		.shipping = draw(most),
		.fees = draw(most) - draw(most),
		.lines = s->lines,
		.nlines = LINES,
		.refunds = s->refunds,
		.nrefunds = REFUNDS,
		.tenders = s->tenders,
		.ntenders = (size_t)draw(3) };
	for (size_t i = 0; i < LINES; i++) {
		struct order_line *l = &s->lines[i];

		l->id = (int64_t)i;
		l->quantity = draw(9);
		l->current = l->quantity - draw(l->quantity + 1) / 2;
		l->net = draw(most);
		l->before = l->net + draw(most);
		l->tax = draw(most);
		s->factors[i] = draw(4) * ONE / 2;
		s->ones[i] = ONE;
		s->twos[i] = 2 * ONE;
	}
	for (size_t i = 0; i < REFUNDS; i++) {
		s->refund_lines[i] = (struct order_refund_line){
			.line_id = draw(LINES + 1),
			.quantity = draw(9),
			.net = draw(most),
			.tax = draw(most),
		};
		s->refunds[i] = (struct order_refund){
			.share = draw(2) * draw(most / 4),
			.lines = &s->refund_lines[i],
			.nlines = (size_t)draw(2),
		};
	}
	s->tenders[0] = (struct tender){ "card", draw(most) };
	s->tenders[1] = (struct tender){ "cash", draw(most) };
}

static void
check_laws(const struct sample *s, const struct base *b)
{
	int64_t left = INT64_MAX, boosted = INT64_MAX, pieces = INT64_MAX;

	for (size_t n = 0; n <= REFUNDS; n++) {
		const struct order *o = &s->order;
		struct worth w = worth(o, *b, s->factors, n);
		struct worth one = worth(o, *b, s->ones, n);
		struct worth two = worth(o, *b, s->twos, n);
		struct worth none = worth(o, *b, NULL, n);
		int64_t m = fraction_milli(w.left);

		assert_true(w.left.n >= 0 && w.boosted.n >= 0);
		assert_true(w.left.d > 0 && w.boosted.d > 0 && w.whole.d > 0);
		assert_true(m <= fraction_milli(w.whole));
		assert_true(w.pieces >= 0 && w.pieces <= w.pieces_whole);
		/* A further refund never increases a result. */
		assert_true(m <= left && w.pieces <= pieces);
		assert_true(fraction_milli(w.boosted) <= boosted);
		left = m;
		boosted = fraction_milli(w.boosted);
		pieces = w.pieces;
		/* Factors of one change nothing, and factors of two double what
		 * is left of the lines. */
		m = fraction_milli(none.left);
		assert_int_equal(fraction_milli(one.left), m);
		assert_int_equal(fraction_milli(one.boosted), m);
		assert_true(fraction_milli(two.boosted) >= m);
		assert_true(fraction_milli(two.boosted) <= 2 * m + 1);
		if (!b->shipping && !b->fees)
			assert_true(fraction_milli(two.boosted) >= 2 * m);
	}
}

static void
test_laws(void **state)
{
	(void)state;
	for (uint64_t run = 1; run <= 20000; run++) {
		struct sample s;
		struct base b = { 0 };
		struct worth card, rest, all;

		seed = run * 0x9e3779b97f4a7c15;
		sample_draw(&s, run % 3 == 0 ? 5 : 100000);
		b.before_discounts = draw(2);
		b.tax = draw(2);
		b.shipping = draw(2);
		b.fees = draw(2);
		check_laws(&s, &b);
		/* The part that was paid by card and the part that was not add
		 * up to the whole. */
		all = worth(&s.order, b, s.factors, REFUNDS);
		b.tender = (struct words)WORD("card");
		card = worth(&s.order, b, s.factors, REFUNDS);
		check_laws(&s, &b);
		b.not_tender = true;
		rest = worth(&s.order, b, s.factors, REFUNDS);
		check_laws(&s, &b);
		if (split_is_unknown(&b, &s.order))
			continue;
		assert_in_range(fraction_milli(all.left) -
		                    fraction_milli(card.left) -
		                    fraction_milli(rest.left),
		    0, 1);
	}
}

static bool
is_same(struct fraction a, struct fraction b)
{
	return a.n == b.n && a.d == b.d;
}

/* Checks that tallies give the same answers as an order that is looked at anew
 * after each refund, whoever asks in between. */
static void
check_tallies(const struct sample *s, const struct base *bases, size_t nbases)
{
	struct tallies *t = tallies_new(&arena, &s->order);

	for (size_t i = 0; i < (REFUNDS + 1) * nbases * 4; i++) {
		size_t n = i / nbases / 4;
		struct worth_ask ask = {
			.base = &bases[i % nbases],
			.factors = draw(2) ? s->factors : NULL,
			.nrefunds = n,
			.free_pieces = draw(2),
		};
		struct worth a, b;
		struct loss x, y;

		worth_of(&s->order, &ask, &a);
		ask.tallies = t;
		worth_of(&s->order, &ask, &b);
		assert_true(is_same(a.whole, b.whole));
		assert_true(is_same(a.left, b.left));
		assert_true(is_same(a.boosted, b.boosted));
		assert_true(a.pieces_boosted == b.pieces_boosted);
		assert_int_equal(a.pieces, b.pieces);
		assert_int_equal(a.pieces_whole, b.pieces_whole);
		assert_int_equal(a.none_left, b.none_left);
		loss_of(&s->order, n, &x);
		tallies_loss(t, n, &y);
		assert_true(x.whole == y.whole && x.lines == y.lines &&
		            x.money == y.money);
	}
}

/* Checks that a line by itself is the same, however its refunds are known. */
static void
check_line(const struct sample *s, const struct base *b, size_t n)
{
	struct tallies *t = tallies_new(&arena, &s->order);
	size_t i = (size_t)draw(LINES);
	struct line_left left = tallies_line(t, n, i);
	struct order one = s->order;
	struct worth_ask ask = { .base = b, .nrefunds = n };
	struct worth x, y;
	struct loss loss;

	loss_of(&s->order, n, &loss);
	one.lines += i;
	one.nlines = 1;
	ask.loss = &loss;
	worth_of(&one, &ask, &x);
	ask.line = &left;
	worth_of(&one, &ask, &y);
	assert_true(is_same(x.whole, y.whole) && is_same(x.left, y.left));
	assert_int_equal(x.pieces, y.pieces);
}

static void
test_tallies(void **state)
{
	static const char *const words[] = { "card" };
	static const struct line_test free_lines = { .key = LINE_FREE };
	struct base bases[4] = { { 0 } };

	(void)state;
	bases[1].lines = (struct filter){ &free_lines, 1 };
	bases[2].tender = (struct words){ words, 1 };
	for (uint64_t run = 1; run <= 5000; run++) {
		struct sample s;

		seed = run * 0x9e3779b97f4a7c15;
		sample_draw(&s, run % 3 == 0 ? 5 : 100000);
		/* Two lines may have one id, as in an order of sub-orders. */
		s.lines[1].id = draw(2) ? s.lines[2].id : 1;
		/* Ids with one remainder share a place in a hash table. */
		for (size_t i = 0; run % 2 == 0 && i < LINES; i++) {
			s.lines[i].id *= 2 * LINES + 1;
			s.refund_lines[i].line_id *= 2 * LINES + 1;
		}
		if (draw(4) == 0)
			s.lines[3].unreadable = UNREADABLE_TAX;
		s.order.dropped = draw(3) * draw(1000);
		s.order.credit = draw(2) * draw(1000);
		for (size_t i = 0; i < NITEMS(bases); i++) {
			bases[i].before_discounts = draw(2);
			bases[i].tax = draw(2);
			bases[i].shipping = draw(2);
			bases[i].fees = draw(2);
		}
		check_tallies(&s, bases, NITEMS(bases));
		check_line(&s, &bases[0], (size_t)draw(REFUNDS + 1));
		arena_reset(&arena);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_laws),
		cmocka_unit_test(test_tallies),
	};

	return cmocka_run_group_tests(tests, arena_setup, arena_teardown);
}
