/* SPDX-License-Identifier: MIT */
#ifndef LEDGER_ROWS_H
#define LEDGER_ROWS_H

#include "base/arena.h"
#include "core/account.h"
#include "io/pg/pg.h"

/* rows: readings of an answer's columns that the ledger's files share. */

/* A copy in the arena; NULL for NULL. */
const char *rows_text(struct arena *, const struct pg_rows *, int row, int col);
/* The same, counted; data NULL for NULL. */
struct str rows_str(struct arena *, const struct pg_rows *, int row, int col);

/* A balance of five columns, from the first on: available, pending, reserved,
 * debt, lifetime_earned. */
struct balance rows_balance(const struct pg_rows *, int row, int first);

/* For a statement that answers a single yes or no. */
int rows_ask_bool(struct pg *, int stmt, const struct pg_params *, bool *,
    struct err *) MUST_CHECK;

#endif /* LEDGER_ROWS_H */
