/* SPDX-License-Identifier: MIT */
#ifndef LEDGER_VERIFY_H
#define LEDGER_VERIFY_H

#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "io/pg/pg.h"

/*
 * verify: whether every invariant of the ledger holds, by one moment's
 * state.  That every entry is balanced needs no looking: an entry is a pair
 * of accounts and one amount.
 */

enum {
	PROBLEMS_MAX = 100
}; /* told of each check */

struct problem {
	int64_t tenant_id;
	const char *check, *what, *detail;
};

struct verification {
	int64_t members, transactions, entries;
	struct problem *problems;
	size_t nproblems;
};

int ledger_verify(struct pg *, struct arena *, struct verification *,
    struct err *) MUST_CHECK;

#endif /* LEDGER_VERIFY_H */
