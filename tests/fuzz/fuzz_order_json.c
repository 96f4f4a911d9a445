/* SPDX-License-Identifier: MIT */
/*
 * fuzz_order_json: checks that any text in the column orders.facts is refused,
 * or gives an order within bounds that stays the same when it is written and
 * read back.
 */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/money.h"
#include "wire/order_json.h"

int LLVMFuzzerTestOneInput(const uint8_t *, size_t);

#define CHECK(x)                 \
	do {                     \
		if (!(x))        \
			abort(); \
	} while (0)

static void
check_money(int64_t n)
{
	CHECK(n >= -MONEY_MAX && n <= MONEY_MAX);
}

static void
check_bounds(const struct order *o)
{
	size_t lines = 0;

	CHECK(o->platform == PLATFORM_EVENTS ? o->id < 0 : o->id > 0);
	CHECK(o->ntenders <= TENDERS_MAX && o->codes.n <= LINE_WORDS_MAX);
	CHECK(o->fulfilled_at >= 0 && o->cancelled_at >= 0);
	CHECK(o->nlines <= LINES_MAX && o->nrefunds <= REFUNDS_MAX);
	CHECK(strlen(o->status) < sizeof(o->status));
	CHECK(strlen(o->currency) < sizeof(o->currency));
	CHECK(o->modified_at >= 0 && o->created_at >= 0 && o->paid_at >= 0 &&
	      o->deleted_at >= 0 && o->customer_id >= 0);
	CHECK(o->restored_at >= 0 && o->told_at >= 0);
	check_money(o->total);
	check_money(o->shipping);
	check_money(o->fees);
	for (size_t i = 0; i < o->nlines; i++) {
		CHECK(o->lines[i].quantity >= 0 &&
		      o->lines[i].quantity <= ORDER_QUANTITY_MAX);
		check_money(o->lines[i].net);
		check_money(o->lines[i].tax);
		check_money(o->lines[i].before);
		CHECK(o->lines[i].product_id >= 0);
		CHECK(o->lines[i].tags.n <= LINE_WORDS_MAX);
	}
	for (size_t i = 0; i < o->nrefunds; i++) {
		check_money(o->refunds[i].share);
		CHECK(o->refunds[i].at >= 0);
		CHECK(i == 0 || o->refunds[i - 1].id < o->refunds[i].id);
		lines += o->refunds[i].nlines;
	}
	CHECK(lines <= REFUND_LINES_MAX);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str in = { (const char *)data, size }, once, twice;
	struct err e = { .fault = FAULT_NONE };
	struct order o, back;
	struct arena a;

	arena_init(&a);
	if (order_parse(&a, in, &o, &e) == -1) {
		CHECK(e.fault == FAULT_REJECT);
		arena_fini(&a);
		return 0;
	}
	check_bounds(&o);
	once = order_render(&a, &o);
	CHECK(once.len <= ORDER_JSON_MAX);
	CHECK(order_parse(&a, once, &back, &e) == 0);
	twice = order_render(&a, &back);
	CHECK(str_eq(once, twice));
	CHECK(back.nlines == o.nlines && back.nrefunds == o.nrefunds);
	CHECK(back.ntenders == o.ntenders && back.codes.n == o.codes.n);
	arena_fini(&a);
	return 0;
}
