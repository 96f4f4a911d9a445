/* SPDX-License-Identifier: MIT */
#ifndef WIRE_ORDER_JSON_H
#define WIRE_ORDER_JSON_H

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"
#include "core/order.h"

/*
 * order_json: an order's state as the ledger keeps it (orders.facts): what
 * the deliveries told, in our words, with no name and no address in it.
 * Reading back what was written gives the same order, to the last field.
 */
struct str order_render(struct arena *, const struct order *);
int order_parse(
    struct arena *, struct str, struct order *, struct err *) MUST_CHECK;

#endif /* WIRE_ORDER_JSON_H */
