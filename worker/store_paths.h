/* SPDX-License-Identifier: MIT */
#pragma once

#include "base/jsonw.h"
#include "base/key.h"
#include "ledger/arrivals.h"
#include "ledger/stores.h"

/*
 * store_paths: the addresses of a store, as `store add` and `store show` print
 * them.
 */

/* Adds to an open object: "webhook_path", the single path that the store had
 * for all topics in earlier versions; "webhook_paths", from an address's name
 * to its path; "webhook_topics", from a topic to the name of its address.
 * Without the master key (NULL), "webhook_paths" and "webhook_topics" are null.
 */
void store_paths_json(
    struct jsonw *, const struct store *, const struct master_key *);

/* Prints a line for each topic, with the address to enter in the shop: a whole
 * URL, or only the path if public_url is NULL.  If the arrivals are not NULL,
 * also prints when a delivery last came to each address. */
void store_paths_print(struct arena *, const struct store *,
    const struct master_key *, const char *public_url,
    const struct arrival_list *);
/* Returns the text before a path: the public URL without the slash at its end,
 * or "". */
const char *store_paths_base(struct arena *, const char *public_url);
/* Adds "last_delivery_at" to an open object: from an address's name to the time
 * of the last delivery there. */
void store_paths_json_last(
    struct jsonw *, const struct store *, const struct arrival_list *);

/* Names the kinds of requests that still come to the single path of earlier
 * versions, "webhooks, events"; NULL: there are none. */
const char *store_old_path_uses(struct arena *, const struct store *,
    const struct arrival_list *, int64_t now);
void store_old_path_json(struct jsonw *, const struct store *,
    const struct arrival_list *, int64_t now);
void store_old_path_print(struct arena *, const struct store *,
    const struct arrival_list *, int64_t now);
