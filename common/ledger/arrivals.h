/* SPDX-License-Identifier: MIT */
#pragma once

#include "base/message.h"
#include "io/pg/pg.h"
#include "ledger/world.h"

/*
 * arrivals: when deliveries last came to each address of a store, so that an
 * operator sees which stores still use the old address.
 *
 * A process writes down the arrivals at an address at most once in
 * ARRIVALS_EVERY_S.  The process remembers what it has written, so that for
 * most deliveries nothing has to be written.
 */

enum {
	ARRIVALS_EVERY_S = 3600,
	/* The number of arrivals that a process remembers, in two mebibytes.
	 * If there are more, some are written more often than necessary. */
	ARRIVALS_SLOTS = 1 << 16,
};

/* The arrivals that a process has written. */
struct arrivals;
struct arrivals *arrivals_new(void);
void arrivals_free(struct arrivals *);

/* Writes down at which address each of these messages came in.  If writing
 * fails, the next call writes these arrivals, too. */
int arrivals_note(struct arrivals *, const struct world *,
    const struct message *, size_t n, struct err *) MUST_CHECK;

struct arrival {
	int64_t store_id;
	enum platform platform; /* the store's platform, or PLATFORM_EVENTS */
	enum address address;
	int64_t last_at;
};
/* The arrivals of all stores, by store_id. */
struct arrival_list {
	struct arrival *list;
	size_t n;
};
int arrivals_load(struct pg *, struct arena *, struct arrival_list *,
    struct err *) MUST_CHECK;

/* Says when a delivery last came to an address; 0: never. */
int64_t arrivals_at(
    const struct arrival_list *, int64_t store_id, enum platform, enum address);
/* Says when a delivery last came to any address of the store; 0: never. */
int64_t arrivals_last(const struct arrival_list *, int64_t store_id);
/* Whether the old address is still used: by webhooks if `platform` is the
 * store's platform, by events if `platform` is PLATFORM_EVENTS. */
bool arrivals_use_old(
    const struct arrival_list *, int64_t store_id, enum platform, int64_t now);
