/* SPDX-License-Identifier: MIT */
#pragma once

#include "core/order.h"

/* order_parts: what was edited out of an order since it was paid.  Each line is
 * compared by itself, so that lines that are bought later do not hide lines
 * that were edited away. */

/* Sets the parts of `out`, which has the newest snapshot of both orders.  A
 * part is the largest worth of a line in a paid snapshot, if the newest
 * snapshot has less of that line. */
void order_parts_merge(struct arena *, const struct order *,
    const struct order *, struct order *out);
/* Sets `dropped`: the worth that the parts of an order have, and its newest
 * snapshot lacks. */
void order_count_dropped(struct arena *, struct order *);

/* Takes out of the nth refund's lines the money beyond the worth of the pieces
 * that came back, and beyond what earlier refunds left of the line.  Returns
 * that money. */
int64_t order_refund_beyond(struct order *, size_t nth);
