/* SPDX-License-Identifier: MIT */
#ifndef LEDGER_STORES_SEAL_H
#define LEDGER_STORES_SEAL_H

#include <stdint.h>

#include "base/arena.h"

/*
 * stores_seal: the names under which a store's secrets are sealed, for sealing
 * and opening them.  The name is part of the seal: a secret that was copied
 * into the row of another store, or a previous secret that was copied over the
 * current one, does not open.
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
