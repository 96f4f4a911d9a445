/* SPDX-License-Identifier: MIT */
#pragma once

#include "wire/shop/shop.h"

/*
 * shape: checks whether a body fits its topic.  A platform signs the body of a
 * delivery but not its topic, so whoever has seen a delivery can send the body
 * again under any topic.  The platform's table (struct body) has the keys by
 * which the body of each kind of topic is known.  The readers check the values
 * of the body, and wire/address.h checks the address to which the delivery
 * came.
 */

/* Refuses (REJECT, "misdirected: ...") a body that does not fit the topic.  The
 * sentence says what the body is and what the topic wants, but repeats no value
 * of the body. */
int shape_check(const struct shop *, enum topic_kind, struct value body,
    struct err *) MUST_CHECK;
