/* SPDX-License-Identifier: MIT */
#pragma once

#include "core/order.h"

/* order_use: what an order says of the rewards whose codes it has. */

/* How an order that used a reward was undone.  The numbers are kept in the
 * ledger. */
enum undone_how {
	UNDONE_NOT,
	UNDONE_CANCELLED, /* cancelled, failed, voided, deleted */
	UNDONE_REFUNDED,  /* refunded as a whole */
};

struct order_use {
	int64_t at;        /* when the order was placed */
	int64_t undone_at; /* 0: it stands */
	enum undone_how how;
};

/*
 * Finds out what an order uses its codes for.  Returns false for an order that
 * uses nothing: a checkout that is not finished, and an order of which nothing
 * but a refund or a deletion is known.
 *
 *  1. An order uses a reward when it is placed, whether it is paid or not: the
 *     shop takes the code from then on.
 *  2. A refund of a part changes nothing.
 */
bool order_use(const struct order *, struct order_use *);
