/* SPDX-License-Identifier: MIT */
#pragma once

#include <stdint.h>

#include "base/cc.h"
#include "io/pg/pg.h"

/* database: makes a migrated database for one test program, on the server that
 * TEST_PG names.  So tests find no rows of other test programs.  An error in
 * any of these functions ends the process. */

/* Makes the database, and returns its conninfo. */
const char *database_new(void);
void database_drop(void);

/* Connects with a role of the database, or, if NULL, as the owner of the
 * tables. */
struct pg *database_pg(const char *role);

/* Run SQL of a test, to set up a situation and to check the outcome. */
void database_run(const char *sql, ...) PRINTF(1, 2);
int64_t database_number(const char *sql, ...) PRINTF(1, 2);
