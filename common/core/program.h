/* SPDX-License-Identifier: MIT */
#ifndef CORE_PROGRAM_H
#define CORE_PROGRAM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/order.h"

/*
 * program: the rules of one loyalty program, as read from its file
 * (wire/program_json.h) for a store of one currency.
 */

enum {
	RULES_MAX = 32,
	RULE_ID_MAX = 32,
	STATUSES_MAX = 16,
	PENDING_DAYS_MAX = 3650,
	RATE_MAX = 1000000000, /* points, or minor units they are for */
};

enum rounding {
	ROUND_FLOOR = 1,
	ROUND_NEAREST, /* halves up */
	ROUND_CEIL,
};

/* What of an order counts.  Line totals always do. */
struct base {
	bool before_discounts;
	bool tax;
	bool shipping;
	bool fees;
	bool gift_cards;
};

/* `points` for each `per` minor units of the base, per order. */
struct rule {
	char id[RULE_ID_MAX];
	int64_t points;
	int64_t per;
	struct base base;
	enum rounding rounding;
};

struct program {
	char name[64];
	struct rule rules[RULES_MAX];
	size_t nrules;
	/* Statuses in which an order earns, by platform. */
	char award[2][STATUSES_MAX][ORDER_STATUS_MAX];
	size_t naward[2]; /* index: enum platform - 1 */
	int64_t pending_days;
};

#endif /* CORE_PROGRAM_H */
