/* SPDX-License-Identifier: MIT */
#pragma once

#include "ledger/world.h"

/*
 * locks: advisory locks, on things that may have no row yet.  A transaction
 * keeps each lock that it takes until the transaction ends.
 *
 * All processes take locks in the same order, so that no two processes ever
 * wait for each other: posts of folds alone (ledger/sql/alone_post.sql; processes that
 * have the lock shared wait for nobody's to get it), stores (shared), orders and facts, guests' addresses,
 * balances, timelines (ledger/timeline/timeline.h).  Within each kind, locks
 * are taken in ascending order.
 */

/* Takes shared locks on the stores of these ids, and sorts the ids.  Any number
 * of transactions may share a store's lock, unless a transaction has taken the
 * store with locks_take_store() or locks_take_tenant(). */
int locks_share_stores(
    const struct world *, int64_t *ids, size_t n, struct err *) MUST_CHECK;
/* Takes the lock of a store for this transaction alone: batches that have
 * messages of the store wait. */
int locks_take_store(
    const struct world *, const struct store *, struct err *) MUST_CHECK;
/* Takes the locks of all stores of a tenant for this transaction alone. */
int locks_take_tenant(
    const struct world *, int64_t tenant_id, struct err *) MUST_CHECK;

/* The kinds of things that are locked by a key.  The numbers are part of the
 * keys, and never change, because processes of two versions may run at the same
 * time. */
enum lock_kind {
	LOCK_ORDER = 1,
	LOCK_EMAIL = 2, /* an e-mail address of a guest */
	LOCK_FACT = 4,
};

/* Make the key of a thing. lock_key() makes a key from the kind and the store.
 * lock_key_mix() then adds each further number that identifies the thing.  If
 * two things happen to have the same key, transactions only wait for each other
 * without need. */
int64_t lock_key(enum lock_kind, const struct store *);
int64_t lock_key_mix(int64_t key, int64_t);
/* Takes the locks of these keys, and sorts the keys. */
int locks_take(
    const struct world *, int64_t *keys, size_t n, struct err *) MUST_CHECK;
