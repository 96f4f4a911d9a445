/* SPDX-License-Identifier: MIT */
#ifndef SUPPORT_DATABASE_H
#define SUPPORT_DATABASE_H

#include <stdint.h>

#include "base/cc.h"
#include "io/pg/pg.h"

/*
 * database: a database of its own for a test program, migrated, on the
 * server that TEST_PG names; for tests that must find nothing but their own
 * rows.  What goes wrong here ends the process.
 */

/* Makes it; its conninfo. */
const char *database_new(void);
void database_drop(void);

/* A connection as one of the roles, or as who made it (NULL). */
struct pg *database_pg(const char *role);

/* SQL that is no statement of ours: for making a situation, and for looking
 * at what came of it. */
void database_run(const char *sql, ...) PRINTF(1, 2);
int64_t database_number(const char *sql, ...) PRINTF(1, 2);

#endif /* SUPPORT_DATABASE_H */
