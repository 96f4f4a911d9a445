/* SPDX-License-Identifier: MIT */
#ifndef WORKER_STORE_WATCH_H
#define WORKER_STORE_WATCH_H

#include <stdbool.h>
#include <stdint.h>

#include "ledger/keyring.h"
#include "wire/sign.h"

/*
 * store_watch: the stores as they are, for a process that must not wait for
 * the database: from the file that was kept before, and from then on from
 * the child process of store_feed.h, which is started again if it ends.
 */

struct event_base;
struct store_watch;

/* `dir` is where the file is; the texts and the key outlive the watch. */
struct store_watch *store_watch_new(struct event_base *,
    const char *database_url, const char *dir, const struct master_key *);
void store_watch_free(struct store_watch *);

/* The newest list; NULL as long as there never was one.  Until the next
 * turn of the loop. */
const struct keyring *store_watch_keyring(const struct store_watch *);

/* The installation that the list is of; 0: not known, from a file of a
 * version before. */
int64_t store_watch_installation(const struct store_watch *);

enum {
	/* How long the list stands for all there are, if the feed does not
	 * say that it failed: with 2 ms more for each store that covers its
	 * looks, and a machine that is busy. */
	WATCH_CONFIRMED_MS = 10000,
	/* A feed that says nothing for so long is ended, and started again:
	 * it waits for what knows no bound, as the resolver may.  1 ms more
	 * for each store. */
	WATCH_STUCK_MS = 30000,
};

/* Why there will be no list: what an operator must mend, with no list known
 * from before to go on with.  NULL if there is one, or may be one by itself;
 * the loop is broken when that changes. */
const struct err *store_watch_failed(const struct store_watch *);
/* Whether an operator must mend something before the database says which
 * stores there are. */
bool store_watch_is_refused(const struct store_watch *);

/* Whether there is no store but those of the list: the last look at the
 * database went through, short enough ago; the file proves nothing. */
bool store_watch_is_confirmed(const struct store_watch *);
/* Since the database was asked last, or since the start. */
int64_t store_watch_age_ms(const struct store_watch *);

#endif /* WORKER_STORE_WATCH_H */
