/* SPDX-License-Identifier: MIT */
#pragma once

#include "ledger/stores.h"

/*
 * store_cache: a file in the folder of receive's spool, sealed with the master
 * key.  The file lets the process `receive` answer without the database, even
 * after a restart.  The file has the number of the installation, and of each
 * store the number, platform, domain, currency, path and secrets, and whether
 * the store is disabled.  All other fields of a struct store that is read from
 * the file are empty.
 */

#define STORE_CACHE_FILE "stores.cache"

struct store_list {
	/* 0: the file was written by a version of loyald that did not save this
	 * number. */
	int64_t installation;
	const struct store *stores; /* sorted by store_id */
	size_t n;
};

/* Replaces the whole file, durably.  RETRY if the file cannot be written. */
int store_cache_save(const char *dir, const struct master_key *, struct arena *,
    const struct store_list *, struct err *) MUST_CHECK;

/* Reads the file.  RETRY if the file does not exist or cannot be read; REJECT
 * if it is damaged, of another version, or sealed with another key. */
int store_cache_load(const char *dir, const struct master_key *, struct arena *,
    struct store_list *, struct err *) MUST_CHECK;

/* The content of the file before it is sealed, for tests and comparisons. */
struct str store_cache_render(struct arena *, const struct store_list *);
int store_cache_parse(
    struct arena *, struct str, struct store_list *, struct err *) MUST_CHECK;
