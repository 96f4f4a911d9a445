/* SPDX-License-Identifier: MIT */
#pragma once

#include "io/pg/pg.h"

/*
 * schema: brings the database to the schema that this binary needs, and checks
 * whether the database has this schema.  The migrations are built in (folder
 * migrations).
 *
 * Migrations only go forward, each in a transaction of its own, in the order of
 * their numbers, and are recorded with a checksum.  It is safe to call
 * schema_migrate() twice, even from two places at once: the second call waits
 * for the first.
 */

/* Is called for each migration that was applied. */
typedef void schema_applied(void *arg, int number, const char *name);

/* FATAL if an applied migration is not the same as the one built in. */
int schema_migrate(struct pg *, struct arena *, schema_applied *, void *arg,
    struct err *) MUST_CHECK;

/* CONFIG, with a sentence that says what to do, if the database has not been
 * migrated, is older than this binary, or belongs to another program.  A newer
 * schema is allowed, because processes of the old version run on while a new
 * version is rolled out. */
int schema_check(struct pg *, struct err *) MUST_CHECK;
