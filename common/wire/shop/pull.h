/* SPDX-License-Identifier: MIT */
#pragma once

#include "wire/shop/reward.h"

/*
 * pull: the calls by which a shop is asked for what no webhook told.
 *
 * The list of changed orders names orders, the times of their last changes and a
 * little more.  An order itself is asked for alone, and comes in the form of a
 * webhook's body, which the readers of webhooks read.
 *
 * Instants are those of base/instant.h, in whole seconds: both platforms say no
 * more of an order's last change.
 */

enum {
	PULL_HOOKS_MAX = 100, /* webhooks of one list */
	PULL_LIST_MAX = 100,  /* orders of one list, on any platform */
	PULL_CURSOR_MAX = 1024,
};

/* A place among the orders of a shop, in the order of their last changes. */
struct pull_place {
	int64_t since; /* the orders that changed at this instant or later */
	/* Behind which of these, in the shop's own words; "": from the first. */
	char cursor[PULL_CURSOR_MAX];
};

struct pull_changed {
	int64_t order_id, modified_at;
	/* More of the list, to tell the states of an order apart that it had in
	 * one second. */
	char status[ORDER_STATUS_MAX]; /* "": it does not say */
	int64_t nrefunds;              /* -1: it does not say */
};

/* A webhook as the shop has it, or is to have it. */
struct pull_hook {
	int64_t id; /* 0: it is not there */
	const char *topic, *url;
	bool is_off;       /* the shop has switched it off */
	struct str secret; /* of one that is to be made: what it signs with */
};

/* The answer of a shop to a call. */
struct pull_answer {
	/* PUSH_DONE: the call was carried out.  PUSH_RETRY: nothing is known, for
	 * the reason in `why`.  Never PUSH_REJECT. */
	enum push_outcome outcome;
	int64_t wait_ms; /* time to wait before the next call to this store */
	bool throttled;
	char why[PUSH_WHY_MAX]; /* "" if `outcome` is PUSH_DONE */

	/* Of a list of webhooks: those of topics that are read; the arena's. */
	struct pull_hook *hooks;
	size_t nhooks;

	/* Of a list: the orders, in the order of their last changes; the
	 * arena's. */
	struct pull_changed *orders;
	size_t n;
	bool more;              /* there are orders behind these */
	struct pull_place next; /* if there are, where they begin */
};

/* The parts of an order that came so far, for a platform that needs several calls;
 * JSON of the arena's.  NULL: not yet. */
struct pull_parts {
	const char *head; /* the order, up to its lines and refunds */
	const char *lines, *refunds;
	bool lines_end;
	/* The ids of the refunds; nrefunds of the nids are in `refunds`. */
	const char *const *refund_ids;
	size_t nids, nrefunds;
	const char *refund_lines;     /* of the refund that comes next */
	char cursor[PULL_CURSOR_MAX]; /* "": from the first line on */
};

/* An order that is asked for, by one call or several.  The caller sets the first
 * members; the rest is the platform's. */
struct pull_order {
	int64_t order_id;
	struct arena *arena;

	/* Whether the shop has answered all that is needed. */
	bool done;
	bool
	    there; /* if so: false if the shop says that it has no such order */
	struct str body; /* as a webhook would bring it; the arena's */
	struct pull_parts parts;
};

/* Makes an answer one that says nothing, for this reason. */
void pull_fail(struct pull_answer *, const char *why);
/* Sets where the orders behind these of a list begin: at the last change of the
 * last one, or, if all of them changed at one instant, behind `cursor`, in the
 * shop's words. */
void pull_advance(
    struct pull_answer *, const struct pull_place *of, struct str cursor);
