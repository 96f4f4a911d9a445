/* SPDX-License-Identifier: MIT */
#ifndef LEDGER_STMTS_H
#define LEDGER_STMTS_H

#include "io/pg/pg.h"

/* The statements of sql/, by name: enum sql, made from the files by
 * sql2c.awk, indexes this table. */
extern const struct sql_stmt sql_stmts[];

#include "stmts.gen.h"

#endif /* LEDGER_STMTS_H */
