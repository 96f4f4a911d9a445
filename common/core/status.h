/* SPDX-License-Identifier: MIT */
#pragma once

#include "core/order.h"

/*
 * status: words by which platforms say how far an order is.  Plugins of shops
 * add words of their own.  Some words mean the same on every platform, and no
 * program can change that.
 */

enum {
	STATUSES_MAX = 16,
};

struct statuses {
	size_t n;
	char list[STATUSES_MAX][ORDER_STATUS_MAX];
};

/* Whether a list has a status. */
bool statuses_have(const struct statuses *, const char *status);

/* Whether an order with this status was not placed yet. */
bool status_is_draft(const char *status);
/* Whether nothing is left of an order with this status.  No program can let a
 * draft or an order that was undone earn. */
bool status_is_undone(const char *status);
