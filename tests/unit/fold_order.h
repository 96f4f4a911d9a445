/* SPDX-License-Identifier: MIT */
#pragma once

#include "arena_state.h"
#include "core/fold/fold.h"

/* Folds a member whose only order is known, and who has one program, until
 * `now`.  The fold stays in the tests' arena. */
static inline struct fold
fold_order(const struct program *p, const struct order *o, int64_t now)
{
	const struct era era = { p, 1, 0 };
	const struct fact fact = { .kind = FACT_ORDER,
		.at = o->created_at,
		.store_id = 1,
		.id = "1",
		.program = p,
		.version_id = 1,
		.order = o };
	const struct timeline t = { .facts = &fact,
		.nfacts = 1,
		.eras = &era,
		.neras = 1,
		.store_id = 1,
		.now = now };
	struct fold f;

	fold(&arena, &t, &f);
	return f;
}
