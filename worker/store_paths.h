/* SPDX-License-Identifier: MIT */
#ifndef WORKER_STORE_PATHS_H
#define WORKER_STORE_PATHS_H

#include "base/arena.h"
#include "base/jsonw.h"
#include "base/key.h"
#include "ledger/arrivals.h"
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

/* A line for each topic: what is entered in the shop, as a whole URL if what
 * the public calls receive is known (NULL: not); with the arrivals, if they
 * are given, when a delivery last came to its address. */
void store_paths_print(struct arena *, const struct store *,
    const struct master_key *, const char *public_url,
    const struct arrival_list *);
/* Before a path: the public URL without the slash at its end, or "". */
const char *store_paths_base(struct arena *, const char *public_url);
/* "last_delivery_at", by the names of the addresses. */
void store_paths_json_last(
    struct jsonw *, const struct store *, const struct arrival_list *);

/* Lists what still comes to the old path: "webhooks, events", or NULL. */
const char *store_old_path_uses(struct arena *, const struct store *,
    const struct arrival_list *, int64_t now);
void store_old_path_json(struct jsonw *, const struct store *,
    const struct arrival_list *, int64_t now);
void store_old_path_print(struct arena *, const struct store *,
    const struct arrival_list *, int64_t now);

#endif /* WORKER_STORE_PATHS_H */
