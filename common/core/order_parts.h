/* SPDX-License-Identifier: MIT */
#ifndef CORE_ORDER_PARTS_H
#define CORE_ORDER_PARTS_H

#include "core/order.h"

/* order_parts: what was edited out of an order since it was paid, line by
 * line, so that lines that are bought later do not hide lines that were edited
 * away. */

/* Sets the parts of `out`, which has the newest snapshot of both orders:
 * the largest worth of each line in a paid snapshot, where the newest has
 * another. */
void order_parts_merge(struct arena *, const struct order *,
    const struct order *, struct order *out);
/* Sets how much of its parts an order lacks. */
void order_count_dropped(struct arena *, struct order *);

/* Takes out of the nth refund's lines the money beyond the worth of the pieces
 * that came back, and beyond what earlier refunds left of the line.  Returns
 * that money. */
int64_t order_refund_beyond(struct order *, size_t nth);

#endif /* CORE_ORDER_PARTS_H */
