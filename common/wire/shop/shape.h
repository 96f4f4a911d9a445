/* SPDX-License-Identifier: MIT */
#ifndef WIRE_SHOP_SHAPE_H
#define WIRE_SHOP_SHAPE_H

#include <jansson.h>

#include "wire/shop/shop.h"

/*
 * shape: whether a body fits its topic.  A platform signs the body of a
 * delivery and not its topic, so whoever has seen a delivery can send the body
 * again under any topic.  The platform's table (struct body) has the keys by
 * which the body of each kind of topic is known.  Values are checked by the
 * readers, and the address to which the delivery came by wire/address.h.
 */

/* Refuses (REJECT, "misdirected: ...") a body of another shape, with a sentence
 * that names this shape and the topic's, but no value of the body. */
int shape_check(const struct shop *, enum topic_kind, const json_t *body,
    struct err *) MUST_CHECK;

#endif /* WIRE_SHOP_SHAPE_H */
