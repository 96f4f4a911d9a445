/* SPDX-License-Identifier: MIT */
#pragma once

#include "base/arena.h"

/*
 * stores_seal: the names under which a store's secrets are sealed and opened.
 * The name is part of the seal.  If somebody copies a secret into the row of
 * another store, or copies the previous secret over the current one, the copy
 * cannot be opened.
 */

#define SEAL_SECRET   "secret"
#define SEAL_PREVIOUS "secret previous"
#define SEAL_TOKEN    "token"
#define SEAL_APP      "app"

static inline const char *
store_seal_name(struct arena *a, int64_t store_id, const char *kind)
{
	return arena_printf(a, "store %lld %s", (long long)store_id, kind);
}
