/* SPDX-License-Identifier: MIT */
/*
 * fuzz_record: any bytes of a stream or a spool are no record, or are the only
 * record of a struct: written again, also after it went through its JSON, the
 * struct has the same bytes.  The first byte of the input chooses the table.
 */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include "base/cc.h"
#include "wire/event_record.h"
#include "wire/fact_json.h"
#include "wire/order_json.h"
#include "wire/why_json.h"

int LLVMFuzzerTestOneInput(const uint8_t *, size_t);

#define CHECK(x)                 \
	do {                     \
		if (!(x))        \
			abort(); \
	} while (0)

enum {
	JSON_MAX = 64 * 1024 * 1024
};

static const struct table {
	const struct record_field *fields;
	size_t size;
} tables[] = {
	{ event_fields, sizeof(struct event) },
	{ order_fields, sizeof(struct order) },
	{ fact_fields, sizeof(struct fact) },
	{ why_fields, sizeof(struct why) },
};

static void
check_put(const struct table *t, const void *base, struct str want)
{
	struct buf b;

	buf_init(&b, want.len);
	CHECK(record_put(&b, t->fields, base) == 0);
	CHECK(str_eq((struct str){ b.data, b.len }, want));
	buf_fini(&b);
}

/* Whatever is read as an event is one of its platform. */
static void
check_event(struct arena *a, struct str in, const struct event *ev)
{
	struct message m = { .platform = ev->order.platform, .body = in };
	struct err e = { .fault = FAULT_NONE };
	struct event out, peeked = { .nfacts = 0 };

	if (event_get(a, &m, &out, &e) == -1) {
		CHECK(e.fault == FAULT_REJECT);
		return;
	}
	CHECK(out.kind != 0 && out.order.platform == m.platform);
	CHECK(out.nfacts <= FACTS_PER_EVENT_MAX);
	CHECK(out.kind != EVENT_ORDER || order_is_whole(&out.order));
	CHECK(
	    str_eq(order_pack_part(a, out.packed), order_pack(a, &out.order)));
	record_peek(a, in, event_fields, &peeked);
	CHECK(peeked.kind == out.kind);
	CHECK(peeked.order.customer_id == out.order.customer_id);
	CHECK(memcmp(peeked.order.email_hash, out.order.email_hash,
	          sizeof(out.order.email_hash)) == 0);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str in = { (const char *)data + 1, size - 1 }, text;
	char wrong[RECORD_WRONG_MAX];
	const struct table *t;
	void *first, *second;
	struct arena a;

	if (size == 0)
		return 0;
	arena_init(&a);
	t = &tables[data[0] % NITEMS(tables)];
	first = arena_alloc(&a, t->size);
	second = arena_alloc(&a, t->size);
	record_peek(&a, in, t->fields, arena_alloc(&a, t->size));
	if (record_get(&a, in, t->fields, first) == 0) {
		check_put(t, first, in);
		text = record_render(&a, t->fields, first, JSON_MAX);
		CHECK(record_parse(&a, text, t->fields, second, wrong) == 0);
		check_put(t, second, in);
		if (t->fields == event_fields)
			check_event(&a, in, first);
	}
	arena_fini(&a);
	return 0;
}
