/* SPDX-License-Identifier: MIT */
/*
 * Orders of POST /events.  Each body has the whole order in its present state.
 *
 *  1. The amounts of a line are for all pieces of the line together, after
 *     discounts and without tax, as in core/order.h.  Prices of single pieces
 *     are not sent.
 *  2. Some keys have a default.  A line's amount before discounts: the amount
 *     after discounts.  The total: the sum of the parts.  The currency: the
 *     store's.  The time of creation: `at`.  Any other optional key that is
 *     absent means zero or none.
 *  3. A refund has lines of the order, or an amount that was paid back for
 *     goods, tax included, or both.  With both, the amount includes what was
 *     paid back for the lines.
 */
#include <stdlib.h>
#include <string.h>

#include "core/order_parts.h"
#include "wire/order_json.h"
#include "wire/shop/events.h"
#include "wire/shop/internal.h"

static const struct status_rank ranks[] = {
	{ "pending", 10 },
	{ "paid", 50 },
	{ "cancelled", 90 },
};

/* ---- ids ----------------------------------------------------------------- */

int64_t
event_order_id(struct str id)
{
	return -number_of_text(id);
}

/* Makes a number of the id of a line or refund: the id itself if it is a
 * number, else the result of number_of_text(). */
static int64_t
number_of_id(const char *id)
{
	int64_t n;

	if (id == NULL)
		return 0;
	if (str_int64(str_of(id), &n) == 0 && n > 0 && id[0] != '+' &&
	    id[0] != '0')
		return n;
	return number_of_text(str_of(id));
}

/* ---- lines --------------------------------------------------------------- */

static struct words
read_labels(struct reading *in, struct value o, const char *key, size_t *total)
{
	struct reader *r = &in->r;
	struct value list = value_get(o, key), v = { 0 };
	struct labels labels;
	size_t n = value_size(list);

	labels_init(&labels, in->arena, n);
	if (value_exists(list) && !value_is(list, VALUE_LIST))
		reader_refuse(r, key, "is not a list");
	if (n > LINE_WORDS_MAX)
		reader_refuse(r, key, "has too many entries");
	while (!r->failed && value_next(list, &v)) {
		struct str s = value_text(v);

		if (s.len == 0 || s.len > LABEL_MAX)
			reader_refuse(r, key,
			    "has an entry that is not 1 to 255 bytes of text");
		else
			labels_add(&labels, s);
	}
	*total += labels.n;
	if (*total > ORDER_WORDS_MAX)
		reader_refuse(r, key, "and those before have too many entries");
	return labels_words(&labels);
}

static int64_t
pieces_or(struct reader *r, struct value o, int64_t otherwise)
{
	return !value_exists(value_get(o, "quantity"))
	           ? otherwise
	           : read_quantity(r, o, "quantity");
}

static void
read_line(
    struct reading *in, struct value o, struct order_line *l, size_t *words)
{
	struct reader *r = &in->r;

	if (value_exists(value_get(o, "id")))
		l->id = number_of_id(read_given_id(in, o, "id", NEEDED));
	l->quantity = l->current = pieces_or(r, o, 1);
	/* 2. Without "before" the line had no discount. */
	l->net = l->before = read_given_money(r, o, "amount", NEEDED);
	if (value_exists(value_get(o, "before")))
		l->before = read_given_money(r, o, "before", NEEDED);
	if (l->before < l->net)
		reader_refuse(r, "before", "is less than the amount");
	l->tax = read_given_money(r, o, "tax", OPTIONAL);
	l->sku = read_given(in, o, "sku", OPTIONAL);
	l->product_id = read_id(r, o, "product", OPTIONAL);
	l->vendor = read_given(in, o, "vendor", OPTIONAL);
	l->type = read_given(in, o, "type", OPTIONAL);
	l->categories = read_labels(in, o, "category", words);
	l->tags = read_labels(in, o, "tag", words);
	l->on_sale = read_bool(r, o, "on_sale");
	l->gift_card = read_bool(r, o, "gift_card");
	l->part = read_bool(r, o, "part");
	l->bundle = read_bool(r, o, "bundle");
}

static int
compare_ids(const void *a, const void *b)
{
	const int64_t *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

/* Lists the ids of the order's lines, sorted, and complains of an id that
 * occurs twice. */
static int64_t *
line_ids(struct reading *in, const struct order *order)
{
	int64_t *ids = arena_array(in->arena, order->nlines + 1, sizeof(*ids));

	for (size_t i = 0; i < order->nlines; i++)
		ids[i] = order->lines[i].id;
	qsort(ids, order->nlines, sizeof(*ids), compare_ids);
	for (size_t i = 1; i < order->nlines; i++)
		if (ids[i] == ids[i - 1])
			reader_refuse(&in->r, "lines", "name an id twice");
	return ids;
}

static void
read_lines(struct reading *in, struct value o, struct order *order)
{
	static const char *const keys[] = { "id", "amount", "before", "tax",
		"quantity", "sku", "product", "vendor", "type", "category",
		"tag", "on_sale", "gift_card", "part", "bundle", NULL };
	struct reader *r = &in->r;
	struct list list = read_list(r, o, "lines", LINES_MAX, OPTIONAL);
	struct value line = { 0 };
	size_t words = 0;

	order->nlines = list.n;
	order->lines = arena_array(
	    in->arena, order->nlines, sizeof(*order->lines));
	for (size_t i = 0; list_next(list, &line); i++) {
		size_t at = reader_enter(r, "lines", (int)i);

		keys_check(r, line, NULL, keys);
		order->lines[i].id = (int64_t)i + 1;
		read_line(in, line, &order->lines[i], &words);
		reader_leave(r, at);
	}
}

/* ---- refunds ------------------------------------------------------------- */

static void
read_refund_line(struct reading *in, struct value o, const struct order *order,
    const int64_t *ids, struct order_refund_line *l)
{
	static const char *const keys[] = { "line", "amount", "quantity", "tax",
		NULL };
	struct reader *r = &in->r;

	keys_check(r, o, NULL, keys);
	l->line_id = number_of_id(read_given_id(in, o, "line", NEEDED));
	l->net = read_given_money(r, o, "amount", NEEDED);
	l->tax = read_given_money(r, o, "tax", OPTIONAL);
	l->quantity = pieces_or(r, o, 0);
	/* 3. A refund may only have lines of its order. */
	if (bsearch(&l->line_id, ids, order->nlines, sizeof(*ids),
	        compare_ids) == NULL)
		reader_refuse(
		    r, "line", "is not the id of a line of the order");
}

/* 3. Reads a refund, with its lines, its amount, or both. */
static void
read_refund(struct reading *in, struct value o, const struct order *order,
    const int64_t *ids, struct order_refund *f)
{
	static const char *const keys[] = { "id", "at", "amount", "lines",
		NULL };
	struct reader *r = &in->r;
	struct list list = read_list(r, o, "lines", LINES_MAX, OPTIONAL);
	struct value line = { 0 };
	bool has_amount = value_exists(value_get(o, "amount"));
	__int128 beyond = 0;

	keys_check(r, o, NULL, keys);
	f->id = number_of_id(read_given_id(in, o, "id", NEEDED));
	f->at = read_moment(in, o, "at", NEEDED);
	if (!value_exists(list.of) && !has_amount)
		reader_refuse(r, "amount", "or lines: one of them is needed");
	if (has_amount)
		beyond = read_given_money(r, o, "amount", NEEDED);
	f->nlines = list.n;
	f->lines = arena_array(in->arena, f->nlines, sizeof(*f->lines));
	for (size_t i = 0; !r->failed && list_next(list, &line); i++) {
		size_t at = reader_enter(r, "lines", (int)i);

		read_refund_line(in, line, order, ids, &f->lines[i]);
		beyond -= (__int128)f->lines[i].net + f->lines[i].tax;
		reader_leave(r, at);
	}
	if (has_amount)
		f->share = reader_bound(r, "amount", beyond);
}

static void
read_refunds(struct reading *in, struct value o, struct order *order)
{
	struct reader *r = &in->r;
	struct list list = read_list(r, o, "refunds", REFUNDS_MAX, OPTIONAL);
	struct value refund = { 0 };
	const int64_t *ids = line_ids(in, order);
	size_t lines = 0;

	order->nrefunds = list.n;
	order->refunds = arena_array(
	    in->arena, order->nrefunds, sizeof(*order->refunds));
	for (size_t i = 0; !r->failed && list_next(list, &refund); i++) {
		size_t at = reader_enter(r, "refunds", (int)i);

		read_refund(in, refund, order, ids, &order->refunds[i]);
		reader_leave(r, at);
		lines += order->refunds[i].nlines;
	}
	if (lines > REFUND_LINES_MAX)
		reader_refuse(r, "refunds", "name too many lines");
	refunds_sort(r, order->refunds, order->nrefunds);
	for (size_t i = 0; i < order->nrefunds && !r->failed; i++)
		order->refunds[i].share = reader_bound(r, "refunds",
		    (__int128)order->refunds[i].share +
		        order_refund_beyond(order, i));
}

/* ---- the order ----------------------------------------------------------- */

static void
read_status(struct reading *in, struct value o, struct order *order)
{
	struct reader *r = &in->r;
	bool cancelled;

	read_status_word(
	    r, o, "status", NEEDED, order->status, sizeof(order->status));
	order->rank = status_rank(ranks, NITEMS(ranks), order->status, 0);
	if (order->rank == 0)
		reader_refuse(r, "status", "is not paid, pending or cancelled");
	cancelled = strcmp(order->status, "cancelled") == 0;
	order->cancelled_at = read_moment(in, o, "cancelled", OPTIONAL);
	if (order->cancelled_at != 0 && !cancelled)
		reader_refuse(
		    r, "cancelled", "is told of an order that is not");
	if (cancelled && order->cancelled_at == 0)
		order->cancelled_at = order->modified_at;
}

static void
read_times(struct reading *in, struct value o, struct order *order)
{
	order->created_at = read_moment(in, o, "created", OPTIONAL);
	if (order->created_at == 0)
		order->created_at = order->modified_at;
	order->paid_at = read_moment(in, o, "paid", OPTIONAL);
	order->was_paid = order->paid_at != 0 ||
	                  strcmp(order->status, "paid") == 0;
	if (order->paid_at == 0)
		order->paid_at = order->created_at;
	order->fulfilled_at = read_moment(in, o, "fulfilled", OPTIONAL);
}

static void
read_tenders(struct reading *in, struct value o, struct order *order)
{
	struct reader *r = &in->r;
	struct value ways = read_object(r, o, "tender"), v = { 0 };
	size_t entered = reader_enter(r, "tender", -1);

	if (value_size(ways) > TENDERS_MAX)
		reader_refuse_here(r, "has too many entries");
	order->tenders = arena_array(
	    in->arena, TENDERS_MAX, sizeof(*order->tenders));
	while (!r->failed && value_next(ways, &v)) {
		struct tender *t = &order->tenders[order->ntenders];
		struct str name = value_key(v);

		if (!is_type(name)) {
			reader_refuse_here(
			    r, "has a name that is not 1 to 31 of a-z 0-9 _ -");
			break;
		}
		t->name = arena_memdup(in->arena, name.data, name.len);
		t->amount = read_given_money(r, ways, t->name, NEEDED);
		order->ntenders++;
	}
	reader_leave(r, entered);
}

static void
read_amounts(struct reading *in, struct value o, struct order *order)
{
	struct reader *r = &in->r;
	__int128 sum;

	order->shipping = read_given_money(r, o, "shipping", OPTIONAL);
	order->shipping_tax = read_given_money(r, o, "shipping_tax", OPTIONAL);
	order->fees = read_money(r, o, "fees", OPTIONAL);
	/* Events have no tax on fees.  Fees below zero pay a part of the order,
	 * like a shop's own wallet does. */
	order->credit = order->fees < 0 ? -order->fees : 0;
	sum = (__int128)order->shipping + order->shipping_tax + order->fees;
	for (size_t i = 0; i < order->nlines; i++)
		sum += (__int128)order->lines[i].net + order->lines[i].tax;
	/* 2. Without "total" the order comes to the sum of its parts. */
	if (value_exists(value_get(o, "total")))
		order->total = read_given_money(r, o, "total", NEEDED);
	else
		order->total = reader_bound(r, "total", sum < 0 ? 0 : sum);
}

void
event_read_order(struct reading *in, struct value body, struct order *order)
{
	static const char *const keys[] = { "id", "status", "currency",
		"created", "paid", "fulfilled", "cancelled", "test", "lines",
		"shipping", "shipping_tax", "fees", "total", "tender",
		"shipping_method", "codes", "refunds", NULL };
	struct reader *r = &in->r;
	struct value o = read_object(r, body, "order");
	size_t entered, codes = 0;

	if (!value_exists(o)) {
		reader_refuse(r, "order", "is missing");
		return;
	}
	keys_check(r, o, "the order", keys);
	entered = reader_enter(r, "order", -1);
	order->name = read_given_id(in, o, "id", NEEDED);
	if (order->name != NULL)
		order->id = event_order_id(str_of(order->name));
	if (value_exists(value_get(o, "currency")))
		read_currency(r, o, "currency", order->currency);
	else
		memcpy(order->currency, in->currency, sizeof(order->currency));
	order->test = read_bool(r, o, "test");
	read_status(in, o, order);
	read_times(in, o, order);
	read_lines(in, o, order);
	read_amounts(in, o, order);
	read_tenders(in, o, order);
	read_refunds(in, o, order);
	order_bound(r, order);
	order->shipping_method = read_given(in, o, "shipping_method", OPTIONAL);
	order->codes = read_labels(in, o, "codes", &codes);
	reader_leave(r, entered);
}
