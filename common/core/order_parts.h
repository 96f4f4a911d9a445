/* SPDX-License-Identifier: MIT */
#ifndef CORE_ORDER_PARTS_H
#define CORE_ORDER_PARTS_H

#include "core/order.h"

/*
 * order_parts: what was edited out of an order that was paid, line by line,
 * so that what is bought later does not hide what went before.
 */

/* Into `out`, which has the newest snapshot of both: what each line was worth
 * at most in a snapshot in which it was paid, where that is not this one's. */
void order_parts_merge(struct arena *, const struct order *,
    const struct order *, struct order *out);
/* Sets what an order lacks of that. */
void order_count_dropped(struct arena *, struct order *);

/* Takes out of the nth refund's lines, whose amounts are money that was paid
 * back, the money beyond the pieces that came back and beyond what earlier
 * refunds left of the line.  Returns that money. */
int64_t order_refund_beyond(struct order *, size_t nth);

#endif /* CORE_ORDER_PARTS_H */
