/* SPDX-License-Identifier: MIT */
#ifndef WIRE_SHOP_SHAPE_H
#define WIRE_SHOP_SHAPE_H

#include <jansson.h>

#include "wire/shop/shop.h"

/*
 * shape: whether a body is what its topic tells of.  Only a body is signed
 * and its topic is not, so whoever has seen one delivery can send its body
 * again under any topic.  The table of a platform (struct body) says by which of its own keys the
 * body of a topic is known; values are the readers' business, and so is where the
 * delivery came to (wire/address.h).
 */

/* 0, or -1 with a REJECT, "misdirected: ...", that says what the body looks
 * like and what the topic wants, and nothing of what stands in the body. */
int shape_check(const struct shop *, enum topic_kind, const json_t *body,
    struct err *) MUST_CHECK;

#endif /* WIRE_SHOP_SHAPE_H */
