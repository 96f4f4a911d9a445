/* SPDX-License-Identifier: MIT */
/*
 * Reads the parts of a delivery's body whose reading is the same for all
 * platforms.
 */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "wire/label.h"
#include "wire/shop/internal.h"

/* ---- tables ---------------------------------------------------------- */

int
status_rank(const struct status_rank *ranks, size_t n, const char *status,
    int of_others)
{
	for (size_t i = 0; i < n; i++)
		if (strcmp(ranks[i].status, status) == 0)
			return ranks[i].rank;
	return of_others;
}

/* ---- bodies ---------------------------------------------------------- */

static int
compare_refunds(const void *a, const void *b)
{
	const struct order_refund *left = a, *right = b;

	return (left->id > right->id) - (left->id < right->id);
}

void
refunds_sort(struct reader *r, struct order_refund *refunds, size_t n)
{
	if (n == 0)
		return;
	qsort(refunds, n, sizeof(*refunds), compare_refunds);
	for (size_t i = 1; i < n; i++)
		if (refunds[i].id == refunds[i - 1].id)
			reader_refuse(r, "refunds", "names a refund twice");
}

int64_t
first_known(int64_t a, int64_t b, int64_t c, int64_t d)
{
	return a != 0 ? a : b != 0 ? b : c != 0 ? c : d;
}

void
order_bound(struct reader *r, const struct order *o)
{
	__int128 sum = (__int128)o->shipping + o->shipping_tax, before = 0;
	__int128 back = 0;

	for (size_t i = 0; i < o->nlines; i++) {
		const struct order_line *l = &o->lines[i];

		sum += (__int128)l->net + l->tax;
		before += (__int128)l->before + l->tax;
	}
	for (size_t i = 0; i < o->nrefunds; i++) {
		const struct order_refund *f = &o->refunds[i];

		back += f->share;
		for (size_t j = 0; j < f->nlines; j++)
			back += (__int128)f->lines[j].net + f->lines[j].tax;
	}
	(void)reader_bound(r, "the order", sum + o->fees + o->fees_tax);
	(void)reader_bound(r, "the order before discounts", before);
	(void)reader_bound(r, "what is refunded", back);
}

const char *
label_of_value(struct arena *a, struct value v)
{
	struct str s = value_is(v, VALUE_TEXT) ? value_text(v)
	                                       : value_digits(v);

	return s.len > 0 ? label_of(a, s) : NULL;
}

bool
tells_any(struct value o, const char *const keys[])
{
	for (size_t i = 0; keys[i] != NULL; i++) {
		struct value v = value_get(o, keys[i]);

		if (value_size(v) > 0 ||
		    (!value_is(v, VALUE_OBJECT) && !value_is(v, VALUE_LIST) &&
		        is_told(o, keys[i])))
			return true;
	}
	return false;
}

/* Whether a value is not empty and cannot be read as a short text.  PHP writes
 * an empty value as {}, [] or false. */
static bool
is_unreadable(struct value v)
{
	return value_is(v, VALUE_TRUE) || value_is(v, VALUE_DOUBT) ||
	       value_size(v) > 0;
}

const char *
read_asked(struct reading *in, struct value o, const char *key,
    enum unreadable bit, int *bits)
{
	if (is_unreadable(value_get(o, key)))
		*bits |= (int)bit;
	return read_label(&in->r, in->arena, o, key);
}

int64_t
read_known(struct reader *r, struct value o, const char *key, enum need need,
    enum unreadable bit, int *bits)
{
	if (is_number(value_get(o, key)))
		return read_money(r, o, key, NEEDED);
	if (need == NEEDED || is_told(o, key))
		*bits |= (int)bit;
	return 0;
}

void
read_product_id(struct reader *r, struct value o, struct order_line *l)
{
	l->product_id = read_id_asked(r, o, "product_id");
	if (l->product_id != -1)
		return;
	l->product_id = 0;
	l->unreadable |= UNREADABLE_PRODUCT;
}

void
order_reckon_total(struct reader *r, const char *key, struct order *o)
{
	__int128 sum = (__int128)o->shipping + o->shipping_tax + o->fees +
	               o->fees_tax;
	int unreadable = o->unreadable;

	for (size_t i = 0; i < o->nlines; i++) {
		sum += (__int128)o->lines[i].net + o->lines[i].tax;
		unreadable |= o->lines[i].unreadable;
	}
	if ((unreadable & UNREADABLE_AMOUNTS & ~UNREADABLE_BEFORE) != 0)
		reader_refuse(
		    r, key, "is not an amount, and nor are all its parts");
	o->total = reader_bound(r, key, sum < 0 ? 0 : sum);
}

void
read_codes(
    struct reading *in, struct value o, const char *key, struct order *order)
{
	struct list list = read_entries(&in->r, o, key, PARTS_MAX);
	struct value entry = { 0 };
	struct labels codes;

	labels_init(&codes, in->arena, list.n);
	while (list_next(list, &entry)) {
		labels_add(&codes, str_of(read_asked(in, entry, "code",
		                       UNREADABLE_CODES, &order->unreadable)));
		if (!value_is(entry, VALUE_OBJECT))
			order->unreadable |= UNREADABLE_CODES;
	}
	if (!value_exists(list.of) && is_unreadable(value_get(o, key)))
		order->unreadable |= UNREADABLE_CODES;
	order->codes = labels_words(&codes);
}

void
order_paid_by(struct arena *a, const char *name, struct order *order)
{
	if (name == NULL)
		return;
	order->tenders = arena_array(a, 1, sizeof(*order->tenders));
	order->tenders[0] = (struct tender){ name, order->total };
	order->ntenders = 1;
}

const char *
read_label(struct reader *r, struct arena *a, struct value o, const char *key)
{
	return r->failed ? NULL : label_of_value(a, value_get(o, key));
}

void
event_add_fact(struct reading *in, struct event *ev, const char *type,
    const char *prefix, int64_t customer_id, int64_t at)
{
	struct told_fact *t;

	if (ev->facts == NULL)
		ev->facts = arena_array(
		    in->arena, FACTS_PER_EVENT_MAX, sizeof(*ev->facts));
	assert(ev->nfacts < FACTS_PER_EVENT_MAX);
	t = &ev->facts[ev->nfacts++];
	t->customer = arena_printf(in->arena, "%lld", (long long)customer_id);
	t->fact = (struct fact){
		.kind = FACT_EVENT,
		.at = at,
		.id = arena_printf(in->arena, "%s:%s", prefix, t->customer),
		.type = type,
		.count = 1,
	};
}

/* Joins the words to one text, which has a line feed before each word. */
static struct str
lines_of(struct arena *a, const struct words *words)
{
	size_t room = 1;
	char *text, *end;

	for (size_t i = 0; i < words->n; i++)
		room += strlen(words->list[i]) + 1;
	text = end = arena_alloc(a, room);
	for (size_t i = 0; i < words->n; i++) {
		*end++ = '\n';
		end = stpcpy(end, words->list[i]);
	}
	return (struct str){ text, (size_t)(end - text) };
}

void
event_add_trait(struct reading *in, struct event *ev, const char *type,
    int64_t customer_id, int64_t at, const struct words *values)
{
	const char *name = trait_event(type)->name;
	struct field *fields;
	struct fact *f;

	fields = arena_array(in->arena, values->n + 1, sizeof(*fields));
	for (size_t i = 0; i < values->n; i++)
		fields[i] = (struct field){ name, values->list[i] };
	event_add_fact(in, ev, type, type, customer_id, at);
	f = &ev->facts[ev->nfacts - 1].fact;
	f->id = arena_printf(in->arena, "%s:%lld:%lld", f->id, (long long)at,
	    (long long)number_of_text(lines_of(in->arena, values)));
	f->fields = fields;
	f->nfields = values->n;
}

/* ---- bodies that are alike everywhere ------------------------------------ */

void
read_order_gone(struct reading *in, struct value body, struct event *ev)
{
	ev->kind = EVENT_ORDER;
	ev->order.id = read_id(&in->r, body, "id", NEEDED);
	ev->order.deleted_at = in->message->received_at;
}

void
read_customer_gone(struct reading *in, struct value body, struct event *ev)
{
	ev->kind = EVENT_CUSTOMER_GONE;
	ev->customer.id = read_id(&in->r, body, "id", NEEDED);
}

void
read_product_gone(struct reading *in, struct value body, struct event *ev)
{
	ev->kind = EVENT_PRODUCT;
	ev->product.id = read_id(&in->r, body, "id", NEEDED);
	ev->product.gone = true;
	ev->product.modified_at = in->message->received_at;
}
