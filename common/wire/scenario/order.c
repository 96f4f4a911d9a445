/* SPDX-License-Identifier: MIT */
/* Reads the orders of tests: placed, reported again, refunded, cancelled. */
#include <stdio.h>
#include <string.h>

#include "base/money.h"
#include "core/order_parts.h"
#include "wire/scenario/internal.h"
#include "wire/shop/events.h"

/* ---- orders -------------------------------------------------------------- */

static struct placed *
placed_find(struct draft_test *t, const char *id)
{
	for (size_t i = 0; i < t->nplaced; i++)
		if (strcmp(t->placed[i].id, id) == 0)
			return &t->placed[i];
	return NULL;
}

/* Copies the order, as it is after all steps so far, into the step. */
static void
place(struct draft_test *t, struct step *s, const struct placed *p)
{
	s->id = p->id;
	s->brand = p->brand;
	s->member = p->member;
	s->order = (void *)arena_memdup(t->arena, &p->order, sizeof(p->order));
}

/* Copies what stays the same when an order is reported again: the times when
 * the order was placed and paid, and its refunds. */
static void
keep_before(const struct order *before, struct order *o)
{
	o->created_at = before->created_at;
	if (before->was_paid && o->was_paid)
		o->paid_at = before->paid_at;
	o->refunds = before->refunds;
	o->nrefunds = before->nrefunds;
	if (o->fulfilled_at != 0 && before->fulfilled_at != 0)
		o->fulfilled_at = before->fulfilled_at;
}

static bool
is_same_line(const struct order_line *a, const struct order_line *b)
{
	return a->net == b->net && a->tax == b->tax &&
	       a->quantity == b->quantity;
}

/* Gives ids to the lines of an order that is reported again.  A line gets the
 * id of an equal line of the earlier order, else the id of the line with the
 * same index.  Any other line has goods that were bought later, and gets a new
 * id. */
static void
name_lines(struct arena *arena, const struct order *before, struct order *o,
    int64_t *last)
{
	bool *taken = arena_array(arena, before->nlines, sizeof(*taken));

	for (size_t i = 0; i < o->nlines; i++) {
		o->lines[i].id = 0;
		for (size_t j = 0; j < before->nlines; j++) {
			if (taken[j] ||
			    !is_same_line(&o->lines[i], &before->lines[j]))
				continue;
			taken[j] = true;
			o->lines[i].id = before->lines[j].id;
			break;
		}
	}
	for (size_t i = 0; i < o->nlines; i++) {
		if (o->lines[i].id != 0)
			continue;
		o->lines[i].id = i < before->nlines && !taken[i]
		                     ? before->lines[i].id
		                     : ++*last;
	}
}

static void
parse_status(const struct node *n, struct order *o)
{
	static const char *const words[] = { "paid", "pending", NULL };
	int status = 0;

	node_word(n, "status", words, &status);
	(void)snprintf(o->status, sizeof(o->status), "%s", words[status]);
	o->was_paid = status == 0;
}

/* Keeps an order, reported for the first time or again, for the steps below. */
static void
put_order(struct draft_test *t, struct step *s, struct order *o)
{
	struct placed *p = placed_find(t, s->id);
	struct order now;

	if (p == NULL) {
		p = &t->placed[t->nplaced++];
		p->id = s->id;
		p->member = s->member;
		p->last_line = (int64_t)o->nlines;
	} else {
		keep_before(&p->order, o);
		name_lines(t->arena, &p->order, o, &p->last_line);
	}
	now = *o;
	order_parts_merge(t->arena, &p->seen, o, &now);
	p->seen = now;
	if (t->has_member)
		p->member = s->member;
	p->brand = s->brand;
	p->order = *o;
	place(t, s, p);
}

void
step_order(struct draft_test *t, const struct node *n, struct step *s)
{
	static const char *const keys[] = { "id", "status", "amount", "lines",
		"tender", "shipping", "shipping_method", "codes", "fees",
		"channel", "brand", "currency", "fulfilled", NULL };
	struct order o = { 0 };
	bool fulfilled = false;
	struct node id;

	s->kind = STEP_ORDER;
	if (node_check_object(n, keys) == -1)
		return;
	if (node_need(n, "id", "its number", &id) == 0)
		scenario_text(t->arena, &id, &s->id);
	node_bool(n, "fulfilled", &fulfilled);
	basket_of(t, n, s, &o);
	parse_status(n, &o);
	if (node_is_wrong(n))
		return;
	o.id = event_order_id(str_of(s->id));
	if (fulfilled)
		o.fulfilled_at = s->at;
	put_order(t, s, &o);
}

/* ---- refunds and cancellations ------------------------------------------- */

/* Returns what is left of a line after all refunds. */
static struct order_refund_line
line_rest(const struct order *o, const struct order_line *l)
{
	struct order_refund_line rest = { l->id, l->quantity, l->net, l->tax };

	for (size_t i = 0; i < o->nrefunds; i++)
		for (size_t j = 0; j < o->refunds[i].nlines; j++) {
			const struct order_refund_line *x = &o->refunds[i]
			                                         .lines[j];

			if (x->line_id != l->id)
				continue;
			rest.quantity -= x->quantity;
			rest.net -= x->net;
			rest.tax -= x->tax;
		}
	if (rest.quantity < 0)
		rest.quantity = 0;
	return rest;
}

static int64_t
refund_amount(const struct order_refund *f)
{
	int64_t sum = f->share;

	for (size_t i = 0; i < f->nlines; i++)
		sum += f->lines[i].net + f->lines[i].tax;
	return sum;
}

/* Makes a refund of all that was not refunded yet: the rest of each line, and
 * money that belongs to no line.  If an earlier refund named no line, the money
 * that is left of each line is unknown.  In this case lines are refunded in
 * pieces only, and all money belongs to no line. */
static void
refund_all(struct arena *a, const struct order *o, int64_t dropped,
    struct order_refund *f)
{
	int64_t back = 0, shares = 0;

	for (size_t i = 0; i < o->nrefunds; i++) {
		back += refund_amount(&o->refunds[i]);
		shares += o->refunds[i].share;
	}
	f->lines = arena_array(a, o->nlines, sizeof(*f->lines));
	for (size_t i = 0; i < o->nlines; i++) {
		struct order_refund_line rest = line_rest(o, &o->lines[i]);

		if (shares > 0)
			rest.net = rest.tax = 0;
		if (rest.quantity > 0 || rest.net > 0)
			f->lines[f->nlines++] = rest;
	}
	/* All money comes back, also for fees that were a payment and for lines
	 * that were edited away: an earlier refund may or may not have been for
	 * those. */
	f->share = order_worth(o) - back - refund_amount(f);
	if (shares > 0)
		f->share += dropped;
	if (f->share < 0)
		f->share = 0;
}

/* Reads a refund of one line: of pieces, of an amount, or of all that is
 * left. */
static void
refund_line(struct draft_test *t, const struct node *n, const struct order *o,
    struct order_refund *f)
{
	const int64_t lines[2] = { 1, (int64_t)o->nlines };
	const int64_t pieces[2] = { 0, ORDER_QUANTITY_MAX };
	const struct order_line *l;
	struct order_refund_line x;
	int64_t nth = 0, quantity = -1;
	struct node amount;

	if (node_number(n, "line", lines, &nth) == -1 ||
	    node_number(n, "quantity", pieces, &quantity) == -1)
		return;
	l = &o->lines[nth - 1];
	x = line_rest(o, l);
	if (quantity >= 0) {
		x.net = ratio_floor(ratio_mul(l->net, quantity), l->quantity);
		x.tax = ratio_floor(ratio_mul(l->tax, quantity), l->quantity);
		x.quantity = quantity;
	}
	if (node_get(n, "amount", &amount)) {
		if (scenario_money_in(t, n, "amount", &x.net) == -1)
			return;
		x.tax = ratio_floor(ratio_mul(l->tax, x.net), l->net);
		if (quantity < 0 && x.net < l->net)
			x.quantity = 0;
	}
	f->lines = (void *)arena_memdup(t->arena, &x, sizeof(x));
	f->nlines = 1;
}

/* Reads "paid": the money that was paid back for goods, if it differs from the
 * amount of the line. */
static void
refund_paid(struct draft_test *t, const struct node *n, struct order_refund *f)
{
	int64_t paid = 0;
	struct node member, line;

	if (!node_get(n, "paid", &member))
		return;
	if (!node_get(n, "line", &line))
		node_refuse(&member, "wants \"line\" beside it");
	else if (scenario_money_in(t, n, "paid", &paid) == 0)
		f->share = paid - refund_amount(f);
}

static void
parse_refund(struct draft_test *t, const struct node *n, const struct placed *p,
    struct order_refund *f)
{
	struct order seen = p->seen;
	struct node member;

	if (node_get(n, "line", &member)) {
		refund_line(t, n, &p->order, f);
	} else if (node_get(n, "quantity", &member)) {
		node_refuse(&member, "wants \"line\" beside it");
	} else if (node_get(n, "amount", &member)) {
		scenario_money_in(t, n, "amount", &f->share);
	} else {
		order_count_dropped(t->arena, &seen);
		refund_all(t->arena, &p->order, seen.dropped, f);
	}
	refund_paid(t, n, f);
}

/* Finds the order that a text names.  If no step above has placed the order,
 * refuses the text and returns NULL. */
static struct placed *
find_placed(struct draft_test *t, const struct node *n, size_t member)
{
	struct placed *p;
	const char *id;

	if (scenario_text(t->arena, n, &id) == -1)
		return NULL;
	p = placed_find(t, id);
	if (p == NULL)
		scenario_refuse(t, n, "is no order of a step above");
	else if (t->has_member)
		p->member = member;
	return p;
}

void
step_refund(struct draft_test *t, const struct node *n, struct step *s)
{
	static const char *const keys[] = { "order", "line", "amount",
		"quantity", "paid", NULL };
	struct order_refund *list, *f;
	struct placed *p;
	struct node id;

	s->kind = STEP_REFUND;
	if (node_check_object(n, keys) == -1 ||
	    node_need(n, "order", "which one", &id) == -1)
		return;
	p = find_placed(t, &id, s->member);
	if (p == NULL)
		return;
	/* The list is copied, since earlier steps still point to the old
	 * list. */
	list = arena_array(t->arena, p->order.nrefunds + 1, sizeof(*list));
	if (p->order.nrefunds > 0)
		memcpy(
		    list, p->order.refunds, p->order.nrefunds * sizeof(*list));
	f = &list[p->order.nrefunds];
	f->id = (int64_t)p->order.nrefunds + 1;
	f->at = s->at;
	t->exponent = currency_exponent(p->order.currency);
	parse_refund(t, n, p, f);
	p->order.refunds = list;
	p->order.nrefunds++;
	f->share += order_refund_beyond(&p->order, p->order.nrefunds - 1);
	p->order.modified_at = s->at;
	place(t, s, p);
	s->refund = f;
}

void
step_cancel(struct draft_test *t, const struct node *n, struct step *s)
{
	struct placed *p = find_placed(t, n, s->member);

	s->kind = STEP_CANCEL;
	if (p == NULL)
		return;
	(void)snprintf(
	    p->order.status, sizeof(p->order.status), "%s", "cancelled");
	p->order.cancelled_at = s->at;
	p->order.modified_at = s->at;
	place(t, s, p);
}
