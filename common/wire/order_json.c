/* SPDX-License-Identifier: MIT */
#include <limits.h>
#include <string.h>

#include "wire/label.h"
#include "wire/order_json.h"

#define COUNT(type, name) RECORD_OF_NUMBER(type, name, 0, ORDER_QUANTITY_MAX)
#define ID(type, name)    RECORD_OF_NUMBER(type, name, 0, INT64_MAX)
#define LABEL(type, name) RECORD_OF_TEXT(type, name, LABEL_MAX)
#define WORDS(type, name)                                                \
	RECORD(type, name, .kind = RECORD_WORDS, .most = LINE_WORDS_MAX, \
	    .size = LABEL_MAX + 1)

static const struct record_field line_fields[] = {
	ID(struct order_line, id),
	COUNT(struct order_line, quantity),
	COUNT(struct order_line, current),
	RECORD_OF_MONEY(struct order_line, before),
	RECORD_OF_MONEY(struct order_line, net),
	RECORD_OF_MONEY(struct order_line, tax),
	RECORD_OF_TRUTH(struct order_line, gift_card),
	RECORD_OF_TRUTH(struct order_line, part),
	RECORD_OF_TRUTH(struct order_line, bundle),
	ID(struct order_line, product_id),
	LABEL(struct order_line, sku),
	LABEL(struct order_line, vendor),
	LABEL(struct order_line, type),
	WORDS(struct order_line, categories),
	WORDS(struct order_line, tags),
	RECORD_OF_TRUTH(struct order_line, on_sale),
	RECORD(struct order_line, unreadable, .kind = RECORD_INT),
	{ .key = NULL },
};

static const struct record_field refund_line_fields[] = {
	ID(struct order_refund_line, line_id),
	COUNT(struct order_refund_line, quantity),
	RECORD_OF_MONEY(struct order_refund_line, net),
	RECORD_OF_MONEY(struct order_refund_line, tax),
	{ .key = NULL },
};

static const struct record_field refund_fields[] = {
	ID(struct order_refund, id),
	RECORD_OF_MONEY(struct order_refund, share),
	RECORD_OF_LIST(
	    struct order_refund, lines, REFUND_LINES_MAX, refund_line_fields),
	RECORD_OF_AT(struct order_refund, at),
	{ .key = NULL },
};

static const struct record_field part_fields[] = {
	ID(struct order_part, line_id),
	RECORD_OF_NUMBER(struct order_part, worth, -INT64_MAX, INT64_MAX),
	{ .key = NULL },
};

static const struct record_field tender_fields[] = {
	LABEL(struct tender, name),
	RECORD_OF_MONEY(struct tender, amount),
	{ .key = NULL },
};

static const struct record_field payment_fields[] = {
	ID(struct order_payment, id),
	LABEL(struct order_payment, gateway),
	RECORD_OF_MONEY(struct order_payment, amount),
	RECORD_OF_CHARS(struct order_payment, currency),
	{ .key = NULL },
};

const struct record_field order_fields[] = {
	RECORD_OF_NUMBER(struct order, id, -INT64_MAX, INT64_MAX),
	RECORD(struct order, platform, .kind = RECORD_WORD,
	    .words = platform_names),
	RECORD_OF_AT(struct order, modified_at),
	RECORD(struct order, rank, .kind = RECORD_INT),
	RECORD_OF_CHARS(struct order, status),
	RECORD_OF_CHARS(struct order, currency),
	RECORD(struct order, finer, .kind = RECORD_INT),
	RECORD_OF_TRUTH(struct order, test),
	RECORD_OF_AT(struct order, created_at),
	RECORD_OF_AT(struct order, paid_at),
	RECORD_OF_TRUTH(struct order, was_paid),
	ID(struct order, customer_id),
	RECORD(struct order, email_hash, .kind = RECORD_HASH),
	RECORD_OF_AT(struct order, named_at),
	RECORD_OF_NUMBER(struct order, named_back, -INT64_MAX, INT64_MAX),
	RECORD_OF_NUMBER(struct order, named_rank, INT_MIN, INT_MAX),
	RECORD_OF_MONEY(struct order, total),
	RECORD_OF_MONEY(struct order, shipping),
	RECORD_OF_MONEY(struct order, shipping_tax),
	RECORD_OF_MONEY(struct order, fees),
	RECORD_OF_MONEY(struct order, fees_tax),
	RECORD_OF_NUMBER(struct order, credit, 0, MONEY_MAX),
	RECORD_OF_LIST(struct order, lines, LINES_MAX, line_fields),
	RECORD_OF_LIST(struct order, refunds, REFUNDS_MAX, refund_fields),
	RECORD_OF_AT(struct order, deleted_at),
	RECORD_OF_LIST(struct order, parts, PARTS_KEPT_MAX, part_fields),
	RECORD_OF_AT(struct order, fulfilled_at),
	RECORD_OF_AT(struct order, cancelled_at),
	LABEL(struct order, channel),
	LABEL(struct order, shipping_method),
	RECORD_OF_LIST(struct order, tenders, TENDERS_MAX, tender_fields),
	WORDS(struct order, codes),
	LABEL(struct order, name),
	RECORD_OF_AT(struct order, restored_at),
	RECORD_OF_AT(struct order, told_at),
	RECORD(struct order, unreadable, .kind = RECORD_INT),
	RECORD_OF_LIST(struct order, payments, PAYMENTS_MAX, payment_fields),
	/* At most one order: the state that the order had when it was paid. */
	RECORD_OF_LIST(struct order, paid, 1, order_fields),
	RECORD_OF_LIST(struct order, subs, SUB_ORDERS_MAX, order_fields),
	{ .key = NULL },
};

struct str
order_render(struct arena *a, const struct order *o)
{
	return record_render(a, order_fields, o, ORDER_JSON_MAX);
}

bool
order_is_whole(const struct order *o)
{
	size_t lines = 0, words = 0;

	/* Only orders of POST /events have numbers below zero. */
	if (o->id == 0 || o->platform == 0 || o->finer < 0 ||
	    o->finer > FINER_MAX ||
	    (o->id < 0) != (o->platform == PLATFORM_EVENTS))
		return false;
	for (size_t i = 0; i < o->nrefunds; i++) {
		lines += o->refunds[i].nlines;
		if (i > 0 && o->refunds[i].id <= o->refunds[i - 1].id)
			return false;
	}
	for (size_t i = 1; i < o->npayments; i++)
		if (o->payments[i].id <= o->payments[i - 1].id)
			return false;
	for (size_t i = 0; i < o->nsubs; i++)
		if (o->subs[i].nsubs > 0 ||
		    (i > 0 && o->subs[i].id <= o->subs[i - 1].id))
			return false;
	if (o->npaid > 0 && (o->paid->npaid > 0 || !o->paid->was_paid))
		return false;
	for (size_t i = 0; i < o->nlines; i++)
		words += o->lines[i].categories.n + o->lines[i].tags.n;
	for (size_t i = 0; i < o->ntenders; i++)
		if (o->tenders[i].name == NULL)
			return false;
	return lines <= REFUND_LINES_MAX && words <= ORDER_WORDS_MAX;
}

int
order_parse(struct arena *a, struct str s, struct order *out, struct err *e)
{
	char wrong[RECORD_WRONG_MAX] = "";
	struct order o = { .id = 0 };

	if (s.len > ORDER_JSON_MAX ||
	    record_parse(a, s, order_fields, &o, wrong) == -1 ||
	    !order_is_whole(&o))
		return err_set(e, FAULT_REJECT,
		    "orders.facts are not what this version of loyald "
		    "writes%s%s",
		    wrong[0] != '\0' ? ": " : "", wrong);
	*out = o;
	return 0;
}

struct str
order_pack(struct arena *a, const struct order *o)
{
	struct buf b;
	struct str s;

	buf_init(&b, ORDER_JSON_MAX);
	s = record_put(&b, order_fields, o) == 0
	        ? (struct str){ arena_memdup(a, b.data, b.len), b.len }
	        : order_render(a, o);
	buf_fini(&b);
	return s;
}

struct str
order_pack_part(struct arena *a, struct str part)
{
	char *bytes = arena_take(a, part.len + 1);

	bytes[0] = RECORD_VERSION;
	memcpy(bytes + 1, part.data, part.len);
	return (struct str){ bytes, part.len + 1 };
}

bool
order_is_packed(struct str s)
{
	return s.len > 0 && s.data[0] == RECORD_VERSION;
}

int
order_unpack(struct arena *a, struct str s, struct order *out, struct err *e)
{
	struct order o = { .id = 0 };

	if (!order_is_packed(s))
		return order_parse(a, s, out, e);
	if (record_get(a, s, order_fields, &o) == -1 || !order_is_whole(&o))
		return err_set(e, FAULT_REJECT,
		    "the record of an order is not what this version of "
		    "loyald writes");
	*out = o;
	return 0;
}
