/* SPDX-License-Identifier: MIT */
#pragma once

#include "core/program.h"

/*
 * profile: what a shop's pages show of a member beside the balance, in words
 * that the ledger keeps and the program names.
 *
 *  1. The next units to become available are those that do so on the first day,
 *     in the program's time zone, on which any do.  Held ones have no day.
 *  2. The next units to expire are the available ones that do so on the first
 *     day on which any do.
 *  3. A tier, membership or benefit that the program does not name (another
 *     version gave it) is left out.
 *  4. The next tier is the first one above the member's own whose threshold is
 *     not reached.  What is missing is so much that the tier is reached.
 *  5. Memberships are those that are active.
 */

/* A lot (core/fold/fold.h), as far as it matters here. */
struct profile_lot {
	bool vested;
	int64_t remaining;
	int64_t vests_at, expires_at; /* INSTANT_NEVER: never */
};

struct profile_membership {
	const char *id;
	int64_t until; /* paid for until then */
	bool active;
};

/* A member, as the ledger knows them. */
struct profile_known {
	const struct profile_lot *lots; /* with units; in any order */
	size_t nlots;
	const char *tier;   /* NULL: none */
	int64_t tier_until; /* INSTANT_NEVER: without end */
	bool has_metric;
	int64_t
	    metric; /* the sum that the program's tiers count (struct fold) */
	const struct profile_membership *memberships;
	size_t nmemberships;
	struct words benefits; /* ids */
};

/* Units to which something happens on one day, first at `at`. */
struct profile_units {
	int64_t units; /* 0: none, and no `at` */
	int64_t at;
};

struct profile {
	struct profile_units pending, expiring;
	const struct level *tier; /* NULL: none */
	int64_t tier_until;
	const struct level *next; /* NULL: none, or it is not known */
	int64_t missing;          /* to `next`, in what the tiers count */
	struct {
		const struct membership *of;
		int64_t until;
	} memberships[MEMBERSHIPS_MAX]; /* in the program's order */
	size_t nmemberships;
	const struct benefit *benefits[BENEFITS_MAX]; /* the same */
	size_t nbenefits;
};

void profile_make(
    const struct profile_known *, const struct program *, struct profile *);
