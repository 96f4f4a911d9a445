/* SPDX-License-Identifier: MIT */
#pragma once

#include "ledger/keyring.h"

/*
 * store_watch: the current list of stores, for a process that must not wait for
 * the database.  The first list comes from the file (ledger/store_cache.h), and
 * later lists come from the child process of store_feed.h, which is started
 * again if it ends.
 */

struct event_base;
struct store_watch;

/* `dir` is the folder of the file with the saved list.  The texts and the key
 * must outlive the watch. */
struct store_watch *store_watch_new(struct event_base *,
    const char *database_url, const char *dir, const struct master_key *);
void store_watch_free(struct store_watch *);

/* The newest list, valid until the next turn of the loop.  NULL: no list has
 * been loaded so far. */
const struct keyring *store_watch_keyring(const struct store_watch *);

/* How many lists have been loaded.  The number grows when a store changes. */
uint64_t store_watch_lists(const struct store_watch *);

/* The number of the installation that the list belongs to. 0: the list comes
 * from a file of an earlier version, which had no such number. */
int64_t store_watch_installation(const struct store_watch *);

enum {
	/* How long the list counts as complete after the last look at the
	 * database, if no look has failed since: long enough for the next look
	 * and a busy machine. 2 ms are added for each store. */
	WATCH_CONFIRMED_MS = 10000,
	/* A child that sends nothing for this long is ended and started again:
	 * the child may be waiting for name resolution, which may take any
	 * time. 1 ms is added for each store. */
	WATCH_STUCK_MS = 30000,
};

/* Why there is no list and none can be loaded until an operator mends
 * something.  NULL: there is a list, or there may soon be one.  When the result
 * changes, the event loop is broken. */
const struct err *store_watch_failed(const struct store_watch *);
/* Whether the list of stores cannot be loaded until an operator mends
 * something. */
bool store_watch_is_refused(const struct store_watch *);

/* Whether the list is complete: the last look at the database succeeded, and is
 * recent enough.  A list from the file is not complete. */
bool store_watch_is_confirmed(const struct store_watch *);
/* The time since the database was last asked or, if it never was, since the
 * start. */
int64_t store_watch_age_ms(const struct store_watch *);
