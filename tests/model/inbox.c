/* SPDX-License-Identifier: MIT */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "history.h"

void
inbox_init(struct inbox *in, struct arena *a, const struct history *h)
{
	*in = (struct inbox){ .arena = a, .history = h };
}

/* Gives the time of an order: when the order was paid, or else placed.  For an
 * order without a snapshot, gives the time of its first refund or its
 * deletion. */
static int64_t
order_at(const struct order *o)
{
	if (o->modified_at == 0)
		return o->nrefunds > 0 ? o->refunds[0].at : o->deleted_at;
	return o->paid_at != 0 ? o->paid_at : o->created_at;
}

static int
by_time(const void *a, const void *b)
{
	return fact_compare(a, b);
}

static int
by_refund_time(const void *a, const void *b)
{
	const struct order_refund *x = a, *y = b;

	if (x->at != y->at)
		return x->at < y->at ? -1 : 1;
	return (x->id > y->id) - (x->id < y->id);
}

static void
set_program(const struct inbox *in, struct fact *f)
{
	const struct history *h = in->history;

	for (size_t i = 0; i < h->neras; i++) {
		if (i > 0 && h->eras[i].from > f->at)
			break;
		f->program = h->eras[i].program;
		f->version_id = h->eras[i].version_id;
	}
}

static void
merge(struct inbox *in, struct fact *f, const struct order *part)
{
	struct order *o = arena_alloc(in->arena, sizeof(*o));

	order_merge(in->arena, f->order, part, o);
	f->order = o;
	f->at = order_at(o);
}

void
inbox_take(struct inbox *in, const struct told *t)
{
	struct fact *f = NULL;

	for (size_t i = 0; i < in->n && f == NULL; i++)
		if (in->facts[i].kind == t->fact.kind &&
		    strcmp(in->facts[i].id, t->fact.id) == 0)
			f = &in->facts[i];
	if (f != NULL && f->kind != FACT_ORDER)
		return;
	if (f == NULL) {
		assert(in->n < TOLD_MAX);
		f = &in->facts[in->n++];
		*f = t->fact;
		if (f->kind == FACT_ORDER)
			f->at = order_at(f->order);
	} else {
		merge(in, f, t->fact.order);
	}
	set_program(in, f);
	qsort(in->facts, in->n, sizeof(in->facts[0]), by_time);
}

/* Copies the facts for fold(), with the refunds sorted by time as fold()
 * needs.  In the inbox the refunds are sorted by id, as order_merge() keeps
 * them. */
static struct fact *
in_time(const struct inbox *in, struct arena *a)
{
	struct fact *facts = arena_array(a, in->n + 1, sizeof(*facts));

	for (size_t i = 0; i < in->n; i++) {
		struct order *o;
		size_t size;

		facts[i] = in->facts[i];
		if (facts[i].kind != FACT_ORDER)
			continue;
		o = arena_alloc(a, sizeof(*o));
		*o = order_counted(a, facts[i].order);
		size = o->nrefunds * sizeof(o->refunds[0]);
		o->refunds = (struct order_refund *)(void *)arena_memdup(
		    a, o->refunds, size);
		qsort(o->refunds, o->nrefunds, sizeof(o->refunds[0]),
		    by_refund_time);
		facts[i].order = o;
	}
	return facts;
}

void
inbox_fold_from(const struct inbox *in, struct arena *a, int64_t now,
    const struct timeline *how, struct fold *f)
{
	struct fact *facts = in_time(in, a);
	struct timeline t = { .facts = facts,
		.eras = in->history->eras,
		.neras = in->history->neras,
		.store_id = STORE,
		.now = now,
		.steps_most = in->steps_most,
		.seam = how->seam,
		.seam_next_at = how->seam_next_at,
		.seam_keeps = how->seam_keeps,
		.seam_lots = how->seam_lots };

	for (size_t i = 0; i < in->n; i++)
		if (fact_happens_at(&facts[i], now) >= how->seam.at)
			facts[t.nfacts++] = facts[i];
	fold(a, &t, f);
}

void
inbox_fold_until(
    const struct inbox *in, struct arena *a, int64_t seam, struct fold *f)
{
	struct inbox before = *in;

	before.n = 0;
	for (size_t i = 0; i < in->n; i++)
		if (fact_happens_at(&in->facts[i], in->history->end) < seam)
			before.facts[before.n++] = in->facts[i];
	inbox_fold(&before, a, seam, f);
}

void
inbox_fold(const struct inbox *in, struct arena *a, int64_t now, struct fold *f)
{
	inbox_fold_from(in, a, now, &(struct timeline){ 0 }, f);
}
