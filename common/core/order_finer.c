/* SPDX-License-Identifier: MIT */
#include <assert.h>
#include <string.h>

#include "base/money.h"
#include "core/order_finer.h"

int64_t
power_of_ten(int n)
{
	int64_t p = 1;

	assert(n >= 0 && n <= 18);
	for (; n > 0; n--)
		p *= 10;
	return p;
}

/* A change of unit: amounts are multiplied by `times` and divided by `per`.
 * `over` is true once an amount did not fit. */
struct scale {
	int64_t times, per;
	bool over;
};

static void
scale(struct scale *s, int64_t *amount)
{
	__int128 n = (__int128)*amount * s->times;

	n = (n + (n < 0 ? -(s->per / 2) : s->per / 2)) / s->per;
	if (n > MONEY_MAX || n < -MONEY_MAX)
		s->over = true;
	else
		*amount = (int64_t)n;
}

static void *
copy(struct arena *a, const void *list, size_t n, size_t size)
{
	void *out = arena_array(a, n, size);

	if (n > 0)
		memcpy(out, list, n * size);
	return out;
}

static void
scale_refund(struct arena *a, struct scale *s, struct order_refund *f)
{
	scale(s, &f->share);
	f->lines = copy(a, f->lines, f->nlines, sizeof(*f->lines));
	for (size_t i = 0; i < f->nlines; i++) {
		scale(s, &f->lines[i].net);
		scale(s, &f->lines[i].tax);
	}
}

/* Changes the unit of all amounts; false if an amount does not fit. */
static bool
refine(struct arena *a, struct order *o, int finer)
{
	struct scale s = { 1, 1, false };

	if (finer == o->finer)
		return true;
	if (finer > o->finer)
		s.times = power_of_ten(finer - o->finer);
	else
		s.per = power_of_ten(o->finer - finer);
	o->finer = finer;
	scale(&s, &o->total);
	scale(&s, &o->shipping);
	scale(&s, &o->shipping_tax);
	scale(&s, &o->fees);
	scale(&s, &o->fees_tax);
	scale(&s, &o->credit);
	o->lines = copy(a, o->lines, o->nlines, sizeof(*o->lines));
	for (size_t i = 0; i < o->nlines; i++) {
		scale(&s, &o->lines[i].before);
		scale(&s, &o->lines[i].net);
		scale(&s, &o->lines[i].tax);
	}
	o->tenders = copy(a, o->tenders, o->ntenders, sizeof(*o->tenders));
	for (size_t i = 0; i < o->ntenders; i++)
		scale(&s, &o->tenders[i].amount);
	o->payments = copy(a, o->payments, o->npayments, sizeof(*o->payments));
	for (size_t i = 0; i < o->npayments; i++)
		scale(&s, &o->payments[i].amount);
	o->subs = copy(a, o->subs, o->nsubs, sizeof(*o->subs));
	for (size_t i = 0; i < o->nsubs; i++)
		s.over |= !refine(a, &o->subs[i], finer);
	o->paid = copy(a, o->paid, o->npaid, sizeof(*o->paid));
	for (size_t i = 0; i < o->npaid; i++)
		s.over |= !refine(a, &o->paid[i], finer);
	o->parts = copy(a, o->parts, o->nparts, sizeof(*o->parts));
	for (size_t i = 0; i < o->nparts; i++)
		scale(&s, &o->parts[i].worth);
	o->refunds = copy(a, o->refunds, o->nrefunds, sizeof(*o->refunds));
	for (size_t i = 0; i < o->nrefunds; i++)
		scale_refund(a, &s, &o->refunds[i]);
	return !s.over;
}

void
order_align(struct arena *a, struct order *x, struct order *y)
{
	int finer = x->finer > y->finer ? x->finer : y->finer;
	struct order one, other;

	if (x->finer == y->finer)
		return;
	do {
		one = *x;
		other = *y;
	} while ((!refine(a, &one, finer) || !refine(a, &other, finer)) &&
	         finer-- > 0);
	*x = one;
	*y = other;
}
