/* SPDX-License-Identifier: MIT */
#ifndef WORKER_STORE_PATHS_H
#define WORKER_STORE_PATHS_H

#include "base/arena.h"
#include "base/jsonw.h"
#include "base/key.h"
#include "ledger/stores.h"

/*
 * store_paths: the addresses of a store, as `store add` and `store show`
 * print them.
 */

/* Into an open object: "webhook_path", the old one; "webhook_paths", from an
 * address's name to its path; "webhook_topics", from a topic to that.  Without
 * the key the last two are null. */
void store_paths_json(
    struct jsonw *, const struct store *, const struct master_key *);

/* A line for each topic: what is entered in the shop. */
void store_paths_print(
    struct arena *, const struct store *, const struct master_key *);

#endif /* WORKER_STORE_PATHS_H */
