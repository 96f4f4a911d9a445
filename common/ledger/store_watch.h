/* SPDX-License-Identifier: MIT */
#ifndef LEDGER_STORE_WATCH_H
#define LEDGER_STORE_WATCH_H

#include <stdbool.h>

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

/* Whether the list was loaded from the database since the start, not only
 * from the file. */
bool store_watch_is_fresh(const struct store_watch *);

#endif /* LEDGER_STORE_WATCH_H */
