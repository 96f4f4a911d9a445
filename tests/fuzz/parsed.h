/* SPDX-License-Identifier: MIT */
#pragma once

#include <stdlib.h>
#include <string.h>

#include "base/money.h"
#include "wire/event_record.h"
#include "wire/fact_json.h"
#include "wire/label.h"
#include "wire/order_json.h"
#include "wire/shop/shop.h"

/*
 * parsed: checks the result that a platform's parser gives for any bytes.
 */

#define CHECK(x)                 \
	do {                     \
		if (!(x))        \
			abort(); \
	} while (0)

static inline void
check_amount(int64_t amount)
{
	CHECK(amount >= -MONEY_MAX && amount <= MONEY_MAX);
}

/* Checks that a label is not empty, and not longer than the ledger keeps. */
static inline void
check_label(const char *s)
{
	CHECK(s == NULL || (s[0] != '\0' && strlen(s) <= LABEL_MAX));
}

/* Checks each word of a list, and that the list has no more words than it
 * may. */
static inline void
check_words(const struct words *w)
{
	CHECK(w->n <= LINE_WORDS_MAX);
	for (size_t i = 0; i < w->n; i++) {
		CHECK(w->list[i] != NULL);
		check_label(w->list[i]);
	}
}

static inline void
check_lines(const struct order *o)
{
	CHECK(o->nlines <= LINES_MAX);
	for (size_t i = 0; i < o->nlines; i++) {
		const struct order_line *l = &o->lines[i];

		CHECK(l->id > 0);
		CHECK(l->quantity >= 0 && l->quantity <= ORDER_QUANTITY_MAX);
		CHECK(l->current >= 0 && l->current <= ORDER_QUANTITY_MAX);
		check_amount(l->before);
		check_amount(l->net);
		check_amount(l->tax);
		CHECK(l->product_id >= 0);
		check_label(l->sku);
		check_label(l->vendor);
		check_label(l->type);
		check_words(&l->categories);
		check_words(&l->tags);
	}
}

/* Checks that refunds are sorted by id, and that no refund adds to an order. */
static inline void
check_refunds(const struct order *o)
{
	size_t lines = 0;

	CHECK(o->nrefunds <= REFUNDS_MAX);
	for (size_t i = 0; i < o->nrefunds; i++) {
		const struct order_refund *f = &o->refunds[i];

		CHECK(f->id > (i > 0 ? o->refunds[i - 1].id : 0));
		CHECK(f->share >= -MONEY_MAX && f->share <= MONEY_MAX);
		CHECK(f->share >= 0 || f->nlines > 0);
		CHECK(f->at >= 0);
		lines += f->nlines;
		for (size_t j = 0; j < f->nlines; j++) {
			const struct order_refund_line *l = &f->lines[j];

			CHECK(l->line_id > 0 && l->quantity >= 0);
			CHECK(l->net >= 0 && l->net <= MONEY_MAX);
			CHECK(l->tax >= 0 && l->tax <= MONEY_MAX);
		}
	}
	CHECK(lines <= REFUND_LINES_MAX);
}

/* Checks that the text of an order in the ledger is read back as the same
 * order. */
static inline void
check_kept(struct arena *a, const struct order *o)
{
	struct str text = order_render(a, o), again;
	struct order back;
	struct err e;

	CHECK(order_parse(a, text, &back, &e) == 0);
	again = order_render(a, &back);
	CHECK(str_eq(text, again));
}

static inline void
check_order(struct arena *a, const struct order *o)
{
	CHECK(o->platform == PLATFORM_EVENTS ? o->id < 0 : o->id > 0);
	CHECK(o->deleted_at >= 0 && o->modified_at >= 0);
	CHECK(o->told_at >= 0 && o->restored_at >= 0);
	CHECK(o->restored_at == 0 || o->restored_at == o->told_at);
	CHECK(o->customer_id >= 0);
	CHECK(strnlen(o->status, sizeof(o->status)) < sizeof(o->status));
	CHECK(strnlen(o->currency, sizeof(o->currency)) < sizeof(o->currency));
	if (o->modified_at != 0) {
		CHECK(o->rank > 0);
		for (const char *c = o->currency; *c != '\0'; c++)
			CHECK(*c >= 'A' && *c <= 'Z');
		CHECK(o->created_at > 0 && o->paid_at > 0);
	}
	CHECK(o->finer >= 0 && o->finer <= FINER_MAX);
	check_amount(o->total);
	check_amount(o->shipping);
	check_amount(o->shipping_tax);
	check_amount(o->fees);
	check_amount(o->fees_tax);
	CHECK(o->fulfilled_at >= 0 && o->cancelled_at >= 0);
	check_label(o->name);
	check_label(o->channel);
	check_label(o->shipping_method);
	check_words(&o->codes);
	CHECK(o->ntenders <= TENDERS_MAX);
	for (size_t i = 0; i < o->ntenders; i++) {
		CHECK(o->tenders[i].name != NULL);
		check_label(o->tenders[i].name);
		check_amount(o->tenders[i].amount);
	}
	check_lines(o);
	check_refunds(o);
	check_kept(a, o);
}

/* Checks the bounds of a fact, and that the text of the fact in the ledger is
 * read back as the same fact. */
static inline void
check_fact(struct arena *a, const struct told_fact *t)
{
	static const uint8_t none[32];
	const struct fact *f = &t->fact;
	struct fact back;
	struct str text;
	struct err e;

	CHECK((t->customer != NULL) !=
	      (memcmp(t->email_hash, none, sizeof(none)) != 0));
	CHECK(f->at > 0 && f->id[0] != '\0' && strlen(f->id) <= FACT_TEXT_MAX);
	CHECK(f->kind != FACT_ORDER && f->kind != FACT_ADJUST);
	CHECK(f->amount >= 0 && f->amount <= MONEY_MAX);
	CHECK(f->nfields <= FIELDS_MAX);
	text = fact_render(a, f);
	CHECK(fact_parse(a, text, &back, &e) == 0);
	CHECK(str_eq(text, fact_render(a, &back)));
}

static inline void
check_product(const struct product *p)
{
	CHECK(p->id > 0 && p->modified_at > 0);
	check_label(p->vendor);
	check_label(p->type);
	check_words(&p->categories);
	check_words(&p->tags);
}

static inline void
check_event(struct arena *a, const struct event *ev, enum platform p)
{
	CHECK(ev->shop_id >= 0);
	CHECK(ev->nfacts <= FACTS_PER_EVENT_MAX);
	for (size_t i = 0; i < ev->nfacts; i++)
		check_fact(a, &ev->facts[i]);
	CHECK(!ev->has_customer || ev->customer.id > 0);
	switch (ev->kind) {
	case EVENT_ORDER:
		CHECK(ev->order.platform == p);
		check_order(a, &ev->order);
		return;
	case EVENT_MERGE:
		CHECK(ev->kept_id > 0 && ev->kept_id != ev->customer.id);
		CHECK(ev->customer.id > 0);
		return;
	case EVENT_CUSTOMER:
	case EVENT_CUSTOMER_GONE:
		CHECK(ev->customer.id > 0);
		return;
	case EVENT_PRODUCT:
		check_product(&ev->product);
		return;
	case EVENT_FACTS:
		CHECK(ev->nfacts > 0);
		return;
	case EVENT_NOTHING:
		CHECK(ev->note != NULL);
		return;
	}
	abort();
}

/* Checks that an event is the same after it was written as a record and
 * read. */
static inline void
check_record(struct arena *a, const struct event *ev, enum platform p)
{
	struct order none = { .id = ev->order.id, .platform = p };
	struct message m = { .platform = p };
	struct event back;
	struct err e;
	struct buf b;

	buf_init(&b, EVENT_RECORD_MAX);
	CHECK(event_put(&b, ev) == 0);
	m.body = (struct str){ b.data, b.len };
	CHECK(event_get(a, &m, &back, &e) == 0);
	CHECK(
	    str_eq(order_pack_part(a, back.packed), order_pack(a, &ev->order)));
	buf_fini(&b);
	CHECK(str_eq(event_json(a, ev), event_json(a, &back)));
	/* An order's first delivery is kept as it came, without being joined
	 * with anything. */
	order_merge(a, &none, &ev->order, &none);
	CHECK(str_eq(order_pack(a, &none), order_pack(a, &ev->order)));
}

/* Parses an input "TOPIC\nBODY" as a delivery of the shop, and checks the
 * result. */
static inline void
check_parse(const struct shop *s, struct str in)
{
	static const struct master_key key = { .bytes = "a key for tests" };
	const char *end = in.len > 0 ? memchr(in.data, '\n', in.len) : NULL;
	size_t topic = end == NULL ? in.len : (size_t)(end - in.data);
	size_t body = end == NULL ? in.len : topic + 1;
	struct message m = { .platform = s->platform,
		.store_id = 1,
		.received_at = INT64_C(1795305600000000),
		.topic = { in.data, topic },
		.body = { in.data + body, in.len - body } };
	struct event ev = { .kind = EVENT_NOTHING };
	struct err e = { .fault = FAULT_NONE };
	struct arena a;

	arena_init(&a);
	if (shop_parse(&a, &m, &key, "EUR", &ev, &e) == 0) {
		CHECK(e.fault == FAULT_NONE);
		CHECK(topic_find(s, m.topic) != NULL);
		check_event(&a, &ev, s->platform);
		check_record(&a, &ev, s->platform);
	} else {
		CHECK(e.fault == FAULT_REJECT);
		CHECK(strncmp(e.msg, "unparsable: ", 12) == 0 ||
		      strncmp(e.msg, "platform: ", 10) == 0 ||
		      strncmp(e.msg, "misdirected: ", 13) == 0);
	}
	arena_fini(&a);
}
