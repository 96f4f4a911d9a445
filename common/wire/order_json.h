/* SPDX-License-Identifier: MIT */
#ifndef WIRE_ORDER_JSON_H
#define WIRE_ORDER_JSON_H

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"
#include "core/order.h"

/*
 * order_json: an order's state as the ledger keeps it (order_state.facts): what
 * deliveries told, by the names of core/order.h, without names and addresses.
 * Reading back what was written gives the same order, to the last field.
 *
 * The keys are the fields' names in core/order.h; what is zero, false or
 * empty is left out.  The platform is a word, the e-mail's hash hex.
 */

enum {
	ORDER_WORDS_MAX = 8000, /* categories and tags of all lines together */
	/* Bytes; no order in bounds needs more: 2000 lines of three texts of
	 * 255 bytes, 8000 words, each byte of which may need a second one. */
	ORDER_JSON_MAX = 16 * 1024 * 1024,
};

/* The order keeps the bounds of core/order.h. */
struct str order_render(struct arena *, const struct order *);

/* REJECT for what order_render() did not write: unknown keys, amounts out
 * of bounds, refunds out of order. */
int order_parse(
    struct arena *, struct str, struct order *, struct err *) MUST_CHECK;

#endif /* WIRE_ORDER_JSON_H */
