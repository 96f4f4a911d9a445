/* SPDX-License-Identifier: MIT */
#pragma once

#include "io/pg/pg.h"

/* The statements in the folder sql/, indexed by enum sql.  sql2c.awk makes the
 * enum and the table from the files. */
extern const struct sql_stmt sql_stmts[];

#include "stmts.gen.h"
