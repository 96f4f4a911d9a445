/* SPDX-License-Identifier: MIT */
#ifndef LEDGER_LOCKS_H
#define LEDGER_LOCKS_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "ledger/world.h"

/*
 * locks: locks on things that may have no row yet.  The transaction that takes
 * a lock has it until it ends.
 *
 * Everybody takes locks in one order, so that workers wait for one another
 * and never for each other: stores (shared), orders and facts, guests'
 * addresses, balances, timelines (ledger/timeline/timeline.h); each kind in
 * ascending order.
 */

/* Shares the stores of these ids, which it sorts: any number of transactions
 * may, as long as none has taken the store for itself. */
int locks_share_stores(
    const struct world *, int64_t *ids, size_t n, struct err *) MUST_CHECK;
/* Takes a store for this transaction alone: keeps every batch of it out. */
int locks_take_store(
    const struct world *, const struct store *, struct err *) MUST_CHECK;
/* Takes all stores of a tenant. */
int locks_take_tenant(
    const struct world *, int64_t tenant_id, struct err *) MUST_CHECK;

/* Things of a store that are locked by a key.  The numbers are part of the
 * keys, which processes of two versions may take at the same time. */
enum lock_kind {
	LOCK_ORDER = 1,
	LOCK_EMAIL = 2, /* a guest's address */
	LOCK_FACT = 4,
};

/* The key of a thing: the key of its kind and store, with whatever tells it
 * from others mixed in.  Where two things have one key, their transactions
 * wait for one another, and nothing else happens. */
int64_t lock_key(enum lock_kind, const struct store *);
int64_t lock_key_mix(int64_t key, int64_t);
/* Takes the locks of these keys, which it sorts. */
int locks_take(
    const struct world *, int64_t *keys, size_t n, struct err *) MUST_CHECK;

#endif /* LEDGER_LOCKS_H */
