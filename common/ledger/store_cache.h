/* SPDX-License-Identifier: MIT */
#ifndef LEDGER_STORE_CACHE_H
#define LEDGER_STORE_CACHE_H

#include <stddef.h>

#include "base/arena.h"
#include "base/err.h"
#include "ledger/stores.h"

/*
 * store_cache: what receive must know of the stores, in a file beside its
 * spool, sealed with the master key, so that it can answer without the
 * database, also after its own restart.  Beside the number of the
 * installation it keeps of a store its number,
 * platform, domain, path and secrets, and whether it is disabled; the rest
 * of a struct store read from it is empty.
 */

#define STORE_CACHE_FILE "stores.cache"

struct store_list {
	int64_t installation; /* 0: the file is of before there were any */
	struct store *stores; /* by store_id */
	size_t n;
};

/* Replaces the file as a whole, durably.  RETRY if the disk refuses. */
int store_cache_save(const char *dir, const struct master_key *, struct arena *,
    const struct store_list *, struct err *) MUST_CHECK;

/* RETRY if there is no file or it cannot be read; REJECT if it is damaged,
 * of another version, or sealed with another key. */
int store_cache_load(const char *dir, const struct master_key *, struct arena *,
    struct store_list *, struct err *) MUST_CHECK;

/* The file's content before it is sealed; for tests and comparisons. */
struct str store_cache_render(struct arena *, const struct store_list *);
int store_cache_parse(
    struct arena *, struct str, struct store_list *, struct err *) MUST_CHECK;

#endif /* LEDGER_STORE_CACHE_H */
