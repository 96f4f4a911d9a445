/* SPDX-License-Identifier: MIT */
#ifndef WORKER_STORE_WATCH_H
#define WORKER_STORE_WATCH_H

#include <stdbool.h>
#include <stdint.h>

#include "ledger/keyring.h"
#include "wire/sign.h"

/*
 * store_watch: the stores as they are, for a process that must not wait for the
 * database.  The first list is the one in the file (ledger/store_cache.h),
 * later ones come from the child process of store_feed.h, which is started
 * again if it ends.
 */

struct event_base;
struct store_watch;

/* `dir` is the folder of the file.  The texts and the key must outlive the
 * watch. */
struct store_watch *store_watch_new(struct event_base *,
    const char *database_url, const char *dir, const struct master_key *);
void store_watch_free(struct store_watch *);

/* The newest list, until the next turn of the loop.  NULL: there has been none
 * so far. */
const struct keyring *store_watch_keyring(const struct store_watch *);

/* The number of the installation that the list is of.  0: the list is from a
 * file of an earlier version, which did not have it. */
int64_t store_watch_installation(const struct store_watch *);

enum {
	/* For how long a list is complete after the last look at the database,
	 * if no look has failed: long enough for the next look and a busy
	 * machine. 2 ms more for each store. */
	WATCH_CONFIRMED_MS = 10000,
	/* A feed that says nothing for so long is ended and started again: it
	 * may wait for the resolver, whose time has no bound. 1 ms more for
	 * each store. */
	WATCH_STUCK_MS = 30000,
};

/* Why there is no list and will be none until an operator mends something.
 * NULL: there is a list, or may be one soon.  The loop is broken when this
 * changes. */
const struct err *store_watch_failed(const struct store_watch *);
/* Whether the database refuses to say which stores there are until an operator
 * mends something. */
bool store_watch_is_refused(const struct store_watch *);

/* Whether the list is complete: the last look at the database succeeded, and is
 * recent enough.  A list from the file is not complete. */
bool store_watch_is_confirmed(const struct store_watch *);
/* The time since the database was last asked, or else since the start. */
int64_t store_watch_age_ms(const struct store_watch *);

#endif /* WORKER_STORE_WATCH_H */
