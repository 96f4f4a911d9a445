/* SPDX-License-Identifier: MIT */
#pragma once

#include <stdbool.h>

#include "core/account.h"

/*
 * settle: works out the posting that makes up the difference between what the
 * ledger should contain and what it contains.  Like decide, settle only
 * computes: it does no input or output.
 *
 * settle is for members without a timeline, who earn by orders and have never
 * spent.  A member like that owes nothing, and a lot holds all points that the
 * ledger has for its order and rule.  core/fold handles all other members.
 */

/* The points that one rule gave one member for one order.  All points of a lot
 * are pending or, once vested, available. */
struct plain_lot {
	int64_t lot_id;
	int64_t remaining; /* points */
	int64_t vests_at;  /* INSTANT_NEVER: held until the guest is known */
	bool vested;
	bool changed; /* set by settle() if the lot has to be saved */
	bool fresh;   /* not in the ledger yet */
};

struct posting {
	enum account debit, credit;
	int64_t points; /* > 0 */
};

/*
 * Brings a lot to the points it should hold, which differ from those it holds.
 *
 *  1. More points are issued, fewer are reversed.
 *  2. A new lot whose date has come (vests_at <= now) is available from the
 *     start.  A lot that is pending vests by settle_vest() alone.
 *
 * In a new lot the caller sets vests_at and fresh; all other members are 0.
 */
struct posting settle(
    struct plain_lot *, int64_t should, int64_t now, struct balance *);

/* 3. Makes the pending points of a lot available, when its date has come. */
struct posting settle_vest(struct plain_lot *, struct balance *);
