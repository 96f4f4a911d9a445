/* SPDX-License-Identifier: MIT */
#ifndef LEDGER_SCHEMA_H
#define LEDGER_SCHEMA_H

#include <stdbool.h>

#include "base/arena.h"
#include "base/err.h"
#include "io/pg/pg.h"

/*
 * schema: bringing the database to what this binary needs, and finding out
 * whether it is there.  The migrations are built in (folder migrations).
 *
 * Forward only, each in a transaction of its own, in the order of their
 * numbers, recorded with a checksum.  Safe to run twice, and from two
 * places at once: the second waits for the first.
 */

/* Told of each migration that is applied. */
typedef void schema_applied(void *arg, int number, const char *name);

/* FATAL if an applied migration is not the one built in. */
int schema_migrate(struct pg *, struct arena *, schema_applied *, void *arg,
    struct err *) MUST_CHECK;

/* CONFIG with what to do if the database was not migrated, is older than this
 * binary, or another program's; newer is allowed, while a new version is rolled
 * out. */
int schema_check(struct pg *, struct arena *, struct err *) MUST_CHECK;

#endif /* LEDGER_SCHEMA_H */
