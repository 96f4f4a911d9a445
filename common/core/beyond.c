/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "core/beyond.h"
#include "core/order_finer.h"

/* Finds the largest amount, and the largest number of pieces, that any rule
 * could count in an order. */
static void
order_most(const struct order *o, wide *amount, wide *pieces)
{
	*amount = (wide)o->shipping + o->shipping_tax;
	*pieces = 0;
	if (o->fees > 0)
		*amount += (wide)o->fees + o->fees_tax;
	for (size_t i = 0; i < o->nlines; i++) {
		const struct order_line *l = &o->lines[i];

		*amount += (wide)(l->before > l->net ? l->before : l->net) +
		           l->tax;
		*pieces += l->quantity;
	}
}

static bool
is_more(wide n, wide units, wide per, wide factor)
{
	return ratio_mul(ratio_mul(n, units), factor) / per > UNITS_MAX;
}

static bool
rule_is_beyond(const struct program *p, const struct rule *r, wide n)
{
	/* FACTOR_MAX bounds the product of all multipliers. */
	wide factor = p->nmultipliers > 0 ? FACTOR_MAX / FACTOR_ONE : 1;

	for (size_t i = 0; i < r->ndeclared; i++)
		if (is_more(
		        n, r->declared[i].units, r->declared[i].per, factor))
			return true;
	return r->ndeclared == 0 && is_more(n, r->units, r->per, factor);
}

const struct rule *
rule_beyond(const struct program *p, const struct fact *f)
{
	wide amount = f->amount, pieces = 0;
	int finer = f->order != NULL ? f->order->finer : f->finer;
	const struct exchange *x = NULL;

	if (f->order != NULL) {
		order_most(f->order, &amount, &pieces);
		x = program_exchange(
		    p, f->order->currency, f->order->created_at);
	}
	amount /= power_of_ten(finer);
	if (x != NULL)
		amount = ratio_mul(amount, x->n) / x->d;
	for (size_t i = 0; i < p->nrules; i++) {
		const struct rule *r = &p->rules[i];
		wide n = r->by == PER_MONEY   ? amount
		         : r->by == PER_ITEM  ? pieces
		         : r->by == PER_COUNT ? f->count
		                              : 1;
		bool about = f->order != NULL
		                 ? r->on == ON_ORDER
		                 : f->type != NULL && r->on == ON_EVENT &&
		                       strcmp(r->event, f->type) == 0;

		if (about && rule_is_beyond(p, r, n))
			return r;
	}
	return NULL;
}
