/* SPDX-License-Identifier: MIT */
#ifndef SUPPORT_DATABASE_H
#define SUPPORT_DATABASE_H

#include <stdint.h>

#include "base/cc.h"
#include "io/pg/pg.h"

/*
 * database: a migrated database of a test program's own, on the server that
 * TEST_PG names; for tests that must find no rows but their own.  An error in
 * any of these functions ends the process.
 */

/* Makes the database, and returns its conninfo. */
const char *database_new(void);
void database_drop(void);

/* Connects as one of the roles, or, if NULL, as the owner of the tables. */
struct pg *database_pg(const char *role);

/* Run SQL of a test's own, to make a situation and to look at its outcome. */
void database_run(const char *sql, ...) PRINTF(1, 2);
int64_t database_number(const char *sql, ...) PRINTF(1, 2);

#endif /* SUPPORT_DATABASE_H */
