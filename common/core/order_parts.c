/* SPDX-License-Identifier: MIT */
#include "core/order_parts.h"
#include "core/ratio.h"

/* A list of parts by line id, ascending, with no line twice. */
struct parts {
	struct order_part *list;
	size_t n;
};

/* The id of the part for shipping, fees and tips, which is no line. */
enum {
	REST = 0
};

/* Inserts a part by its line id.  Parts mostly come in ascending order, so that
 * nothing has to be moved. */
static void
put(struct parts *p, struct order_part x)
{
	size_t at = p->n;

	while (at > 0 && p->list[at - 1].line_id > x.line_id)
		at--;
	if (at > 0 && p->list[at - 1].line_id == x.line_id) {
		if (p->list[at - 1].worth < x.worth)
			p->list[at - 1].worth = x.worth;
		return;
	}
	for (size_t i = p->n++; i > at; i--)
		p->list[i] = p->list[i - 1];
	p->list[at] = x;
}

static struct parts
parts_of(struct arena *a, const struct order *o)
{
	struct parts p = { arena_array(a, o->nlines + 1, sizeof(*p.list)), 0 };
	int64_t rest = order_worth(o);

	for (size_t i = 0; i < o->nlines; i++)
		rest -= o->lines[i].net + o->lines[i].tax;
	put(&p, (struct order_part){ REST, rest });
	for (size_t i = 0; i < o->nlines; i++)
		put(&p, (struct order_part){ o->lines[i].id,
		            o->lines[i].net + o->lines[i].tax });
	return p;
}

/* Unites two lists by line; if a line is in both, the larger worth stays. */
static struct parts
unite(struct arena *a, struct parts x, struct parts y)
{
	struct parts p = { arena_array(a, x.n + y.n + 1, sizeof(*p.list)), 0 };
	size_t i = 0, j = 0;

	while (i < x.n || j < y.n)
		put(&p, j == y.n || (i < x.n &&
		                        x.list[i].line_id <= y.list[j].line_id)
		            ? x.list[i++]
		            : y.list[j++]);
	return p;
}

/* The largest worth of each line in all snapshots in which the order was
 * paid. */
static struct parts
paid_parts(struct arena *a, const struct order *o)
{
	struct parts kept = { o->parts, o->nparts };

	return o->was_paid ? unite(a, kept, parts_of(a, o)) : kept;
}

/* The worth of a line in a list, or `otherwise` if the list lacks the line.
 * Ids must ascend from call to call, since *at is the place reached so far. */
static int64_t
worth_in(const struct parts *p, size_t *at, int64_t id, int64_t otherwise)
{
	while (*at < p->n && p->list[*at].line_id < id)
		(*at)++;
	return *at < p->n && p->list[*at].line_id == id ? p->list[*at].worth
	                                                : otherwise;
}

void
order_parts_merge(struct arena *arena, const struct order *a,
    const struct order *b, struct order *out)
{
	struct parts all = unite(
	    arena, paid_parts(arena, a), paid_parts(arena, b));
	struct parts own = { .n = 0 };
	size_t at = 0, n = 0;

	if (out->was_paid)
		own = parts_of(arena, out);
	for (size_t i = 0; i < all.n; i++)
		if (worth_in(&own, &at, all.list[i].line_id, INT64_MIN) <
		    all.list[i].worth)
			all.list[n++] = all.list[i];
	out->parts = n > 0 ? all.list : NULL;
	out->nparts = n;
}

void
order_count_dropped(struct arena *a, struct order *o)
{
	struct parts own;
	size_t at = 0;

	o->dropped = 0;
	if (o->nparts == 0)
		return;
	own = parts_of(a, o);
	for (size_t i = 0; i < o->nparts; i++) {
		int64_t gone = o->parts[i].worth -
		               worth_in(&own, &at, o->parts[i].line_id, 0);

		if (gone > 0)
			o->dropped += gone;
	}
}

static const struct order_line *
line_of(const struct order *o, int64_t id)
{
	for (size_t i = 0; i < o->nlines; i++)
		if (o->lines[i].id == id)
			return &o->lines[i];
	return NULL;
}

static int64_t
back_before(const struct order *o, size_t nrefunds, int64_t id)
{
	int64_t back = 0;

	for (size_t i = 0; i < nrefunds; i++)
		for (size_t j = 0; j < o->refunds[i].nlines; j++)
			if (o->refunds[i].lines[j].line_id == id)
				back += o->refunds[i].lines[j].net;
	return back;
}

int64_t
order_refund_beyond(struct order *o, size_t nth)
{
	struct order_refund *f = &o->refunds[nth];
	int64_t beyond = 0;

	for (size_t i = 0; i < f->nlines; i++) {
		struct order_refund_line *x = &f->lines[i];
		const struct order_line *l = line_of(o, x->line_id);
		int64_t most, tax;

		if (l == NULL || l->net <= 0)
			continue;
		most = l->net - back_before(o, nth, l->id);
		if (x->quantity > 0 && x->quantity < l->quantity &&
		    ratio_floor(ratio_mul(l->net, x->quantity), l->quantity) <
		        most)
			most = ratio_ceil(
			    ratio_mul(l->net, x->quantity), l->quantity);
		if (most < 0)
			most = 0;
		if (x->net <= most)
			continue;
		/* The line's tax is lowered in proportion to its net amount. */
		tax = l->tax <= 0
		          ? 0
		          : x->tax -
		                ratio_floor(ratio_mul(x->tax, most), x->net);
		beyond += x->net - most + tax;
		x->net = most;
		x->tax -= tax;
	}
	return beyond;
}
