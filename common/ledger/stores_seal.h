/* SPDX-License-Identifier: MIT */
#ifndef LEDGER_STORES_SEAL_H
#define LEDGER_STORES_SEAL_H

#include <stdint.h>

#include "base/arena.h"

/*
 * stores_seal: under what name a store's secrets are sealed, shared by those
 * who open and those who seal them.  The name is part of the seal: a
 * database in which one store's secret was copied into another's row, or
 * the previous one over the current one, does not open.
 */

#define SEAL_SECRET   "secret"
#define SEAL_PREVIOUS "secret previous"
#define SEAL_TOKEN    "token"

static inline const char *
store_seal_name(struct arena *a, int64_t store_id, const char *kind)
{
	return arena_printf(a, "store %lld %s", (long long)store_id, kind);
}

#endif /* LEDGER_STORES_SEAL_H */
