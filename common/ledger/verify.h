/* SPDX-License-Identifier: MIT */
#pragma once

#include "io/pg/pg.h"

/*
 * verify: checks every invariant of the ledger, in one snapshot.  Whether
 * debits equal credits needs no check, because an entry is one amount and two
 * accounts.
 */

enum {
	PROBLEMS_MAX = 100 /* problems that each check reports at most */
};

/* A row that breaks an invariant. */
struct problem {
	int64_t tenant_id;
	const char *check, *what, *detail;
};

struct verification {
	/* The numbers of members, transactions and entries. */
	int64_t members, transactions, entries;
	struct problem *problems; /* empty if no invariant is broken */
	size_t nproblems;
};

/* Runs all checks; the result is in the arena. */
int ledger_verify(struct pg *, struct arena *, struct verification *,
    struct err *) MUST_CHECK;
