/* SPDX-License-Identifier: MIT */
/* worth: numbers in this file are those of the rules in core/decide.c. */
#include <assert.h>
#include <string.h>

#include "core/order_finer.h"
#include "core/worth.h"

/* ---- fractions ----------------------------------------------------------- */

static wide
common_divisor(wide a, wide b)
{
	while (b != 0) {
		wide rest = a % b;

		a = b;
		b = rest;
	}
	return a;
}

static void
reduce(wide *a, wide *b)
{
	wide by = common_divisor(*a, *b);

	if (by > 1) {
		*a /= by;
		*b /= by;
	}
}

/* The part n / d of a fraction.  If the result needs more than 128 bits even in
 * lowest terms, it is too small by about one d-th, and never too large. */
struct fraction
fraction_part(struct fraction f, wide n, wide d)
{
	struct fraction part;
	wide whole, rest;

	if (!__builtin_mul_overflow(f.n, n, &part.n) &&
	    !__builtin_mul_overflow(f.d, d, &part.d))
		return part;
	reduce(&n, &d);
	reduce(&f.n, &d);
	reduce(&n, &f.d);
	if (!__builtin_mul_overflow(f.n, n, &part.n) &&
	    !__builtin_mul_overflow(f.d, d, &part.d))
		return part;
	assert(f.d > 0);
	/* The whole number and the rest are multiplied separately. */
	part.d = d;
	rest = f.n % f.d;
	if (__builtin_mul_overflow(f.n / f.d, n, &whole))
		return (struct fraction){ ratio_mul(f.n, n), 1 };
	while (__builtin_mul_overflow(rest, n, &part.n)) {
		rest /= 2;
		f.d -= f.d / 2;
	}
	part.n /= f.d;
	if (__builtin_add_overflow(part.n, whole, &part.n))
		return (struct fraction){ ratio_mul(f.n, n), 1 };
	return part;
}

struct fraction
fraction_less(struct fraction a, struct fraction b)
{
	wide by = common_divisor(a.d, b.d);
	wide x, y, d;

	if (!__builtin_mul_overflow(a.n, b.d / by, &x) &&
	    !__builtin_mul_overflow(b.n, a.d / by, &y) &&
	    !__builtin_mul_overflow(a.d / by, b.d, &d))
		return (struct fraction){ x - y, d };
	b = fraction_part(b, a.d, 1);
	return (struct fraction){ a.n - b.n / b.d, a.d };
}

int64_t
fraction_milli(struct fraction f)
{
	return fraction_times(f, MILLI, 1, ROUND_FLOOR);
}

int64_t
fraction_times(
    struct fraction f, int64_t units, int64_t per, enum rounding rounding)
{
	enum rest rest;
	int64_t n = ratio_times(f.n, f.d, units, per, &rest);

	if (n == INT64_MAX)
		return n;
	switch (rounding) {
	case ROUND_FLOOR:
		return n;
	case ROUND_NEAREST:
		return n + (rest == REST_HALF);
	case ROUND_CEIL:
		return n + (rest != REST_NONE);
	}
	return 0;
}

/* ---- the whole ----------------------------------------------------------- */

/* The lines, and what the program adds to them. */
static struct sums
sum_up(const struct order *o, const struct worth_ask *ask)
{
	const struct base *b = ask->base;
	int unreadable;
	struct sums s = sums_of(o, ask, &unreadable);
	wide rest = 0;

	if (b->shipping)
		rest += o->shipping + (b->tax ? o->shipping_tax : 0);
	if (b->fees)
		rest += o->fees + (b->tax ? o->fees_tax : 0);
	s.base += rest;
	if (rest > 0) {
		s.kept += rest;
		s.boosted += ratio_mul(rest,
		    ask->rest_factor != 0 ? ask->rest_factor : FACTOR_ONE);
	}
	if (unreadable != 0)
		s.base = s.returned = s.kept = s.boosted = 0;
	if (s.base < 0)
		s.base = 0;
	return s;
}

/* Sums all payments of an order in *sum, and in *part the payments by the
 * tenders of the base.  Returns false if the amounts cannot be known: the
 * currencies differ, a tender has no payment, or the payments are less than the
 * order's total. */
static bool
sum_payments(const struct base *b, const struct order *o, wide *sum, wide *part)
{
	const char *currency = NULL;

	*sum = *part = 0;
	for (size_t i = 0; i < o->npayments; i++) {
		const struct order_payment *p = &o->payments[i];

		if (currency != NULL && strcmp(p->currency, currency) != 0)
			return false;
		currency = p->currency;
		*sum += p->amount;
		if (words_have(&b->tender, p->gateway))
			*part += p->amount;
	}
	for (size_t i = 0; i < o->ntenders; i++) {
		bool told = false;

		for (size_t j = 0; j < o->npayments && !told; j++)
			told = strcmp(o->payments[j].gateway,
			           o->tenders[i].name) == 0;
		if (!told)
			return false;
	}
	return currency != NULL && *sum > 0 &&
	       (strcmp(currency, o->currency) != 0 ||
	           *sum + order_slack(o) >= o->total);
}

/* The part that counts of an order that was paid in several ways, if the amount
 * of each way is unknown.  All of the order counts if the base means every way,
 * nothing if the base means no way; else the part is unknown. */
static struct fraction
tendered_by_names(const struct base *b, const struct order *o, bool *unknown)
{
	size_t meant = 0;

	for (size_t i = 0; i < o->ntenders; i++)
		meant += words_have(&b->tender, o->tenders[i].name);
	*unknown = meant > 0 && meant < o->ntenders;
	if (*unknown)
		return (struct fraction){ 0, 1 };
	return (struct fraction){ (meant > 0) != b->not_tender, 1 };
}

/* 5. The part of the order that was paid in the ways the base means. */
static struct fraction
tendered(const struct base *b, const struct order *o, bool *unknown)
{
	wide sum = 0, part = 0;

	*unknown = false;
	for (size_t i = 0; i < o->ntenders; i++) {
		sum += o->tenders[i].amount;
		if (words_have(&b->tender, o->tenders[i].name))
			part += o->tenders[i].amount;
	}
	if (sum <= 0 && !sum_payments(b, o, &sum, &part))
		return tendered_by_names(b, o, unknown);
	if (part < 0)
		part = 0;
	if (part > sum)
		part = sum;
	return (struct fraction){ b->not_tender ? sum - part : part, sum };
}

bool
split_is_unknown(const struct base *b, const struct order *o)
{
	bool unknown = false;

	if (b->tender.n > 0)
		(void)tendered(b, o, &unknown);
	return unknown;
}

/* 6. The amount that is left after refunds of lines and of money. */
static struct fraction
left_of(const struct sums *s, const struct base *b, const struct loss *loss)
{
	struct fraction f = { s->base - s->returned, 1 };
	wide rest = loss->whole - loss->lines - loss->money;
	wide most = s->base > loss->whole ? s->base : loss->whole;

	if (loss->money > 0 && rest <= 0) {
		f.n = 0;
	} else if (loss->money > 0) {
		f.n = ratio_mul(f.n, loss->whole) -
		      ratio_mul(s->base, loss->money);
		f.d = loss->whole;
		/* Lines that are gone already cannot lose money, so the other
		 * lines lose it.  No part of the order has more left than the
		 * whole order. */
		if (!b->before_discounts && f.n > ratio_mul(rest, most))
			f.n = ratio_mul(rest, most);
	}
	if (f.n < 0)
		f.n = 0;
	return f;
}

/* The amount that is left, with the lines' factors.  Money paid back, a fee
 * below zero, and the excess of a line with more refunded than its worth, have
 * no factor of their own, and are spread over all lines in proportion. */
static struct fraction
boosted_of(const struct sums *s, bool money, struct fraction left)
{
	if (!money && s->kept == s->base - s->returned)
		return (struct fraction){ s->boosted, FACTOR_ONE };
	if (s->kept == 0)
		return (struct fraction){ 0, 1 };
	return fraction_part(left, s->boosted, ratio_mul(s->kept, FACTOR_ONE));
}

/* 2. Converts the worth of an order in another currency. */
static void
convert(struct worth *w, const struct exchange *x)
{
	w->whole = fraction_part(w->whole, x->n, x->d);
	w->left = fraction_part(w->left, x->n, x->d);
	w->boosted = fraction_part(w->boosted, x->n, x->d);
}

/* Converts a fraction of a finer unit to minor units. */
static void
coarsen(struct fraction *f, int finer)
{
	if (finer > 0)
		*f = fraction_part(*f, 1, power_of_ten(finer));
}

/* 5. tendered(), which a question with tallies works out once. */
static struct fraction
tendered_once(const struct worth_ask *ask, const struct order *o)
{
	struct fraction *kept = ask->tallies != NULL
	                            ? tallies_tendered(ask->tallies, ask)
	                            : NULL;
	struct fraction f;
	bool unknown;

	if (kept != NULL && kept->d != 0)
		return *kept;
	f = tendered(ask->base, o, &unknown);
	if (kept != NULL)
		*kept = f;
	return f;
}

struct fraction
worth_of_unit(const struct order *o, const struct worth_ask *ask)
{
	struct fraction f = { 1, 1 };

	if (ask->base->tender.n > 0 || ask->base->not_tender)
		f = tendered_once(ask, o);
	coarsen(&f, o->finer);
	if (ask->exchange != NULL)
		f = fraction_part(f, ask->exchange->n, ask->exchange->d);
	return f;
}

void
worth_of(const struct order *o, const struct worth_ask *given, struct worth *w)
{
	struct worth_ask ask = *given;
	struct loss loss;
	struct sums s;

	if (ask.nrefunds > o->nrefunds)
		ask.nrefunds = o->nrefunds;
	s = sum_up(o, &ask);
	if (ask.loss != NULL)
		loss = *ask.loss;
	else if (ask.tallies != NULL)
		tallies_loss(ask.tallies, ask.nrefunds, &loss);
	else
		loss_of(o, ask.nrefunds, &loss);
	s.width += ask.loss != NULL ? 0 : loss.width;
	/* If fees count, payments from wallets that are fees below zero lower
	 * the base, so they lower the order's worth, too. */
	if (ask.base->fees)
		loss.whole -= o->credit;
	*w = (struct worth){
		.whole = { s.base, 1 },
		.left = left_of(&s, ask.base, &loss),
		.boosted = { 0, 1 },
		.pieces = s.pieces,
		.pieces_whole = s.pieces_whole,
		.pieces_boosted = s.pieces_boosted,
		.none_left = s.base <= s.returned ||
		             (loss.money > 0 &&
		                 loss.lines + loss.money >= loss.whole),
		.width = s.width,
	};
	if (w->left.n > 0)
		w->boosted = boosted_of(&s, loss.money > 0, w->left);
	if (ask.base->tender.n > 0 || ask.base->not_tender) {
		struct fraction t = tendered_once(&ask, o);

		w->whole = fraction_part(w->whole, t.n, t.d);
		w->left = fraction_part(w->left, t.n, t.d);
		w->boosted = fraction_part(w->boosted, t.n, t.d);
		if (t.n == 0)
			w->pieces = w->pieces_whole = 0;
	}
	/* If refunds of money left nothing, no pieces are left either. */
	if (ask.loss == NULL && w->whole.n > 0 && w->left.n == 0)
		w->pieces = 0;
	if (w->pieces == 0)
		w->pieces_boosted = 0;
	coarsen(&w->whole, o->finer);
	coarsen(&w->left, o->finer);
	coarsen(&w->boosted, o->finer);
	w->foreign = w->whole;
	if (ask.exchange != NULL)
		convert(w, ask.exchange);
}
