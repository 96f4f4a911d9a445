/* SPDX-License-Identifier: MIT */
#pragma once

#include "core/account.h"
#include "io/pg/pg.h"

/* rows: reads the columns of a result. */

/* Copies a text into the arena; SQL's NULL becomes NULL. */
const char *rows_text(struct arena *, const struct pg_rows *, int row, int col);
/* Copies a text with its length; SQL's NULL becomes a str with data NULL. */
struct str rows_str(struct arena *, const struct pg_rows *, int row, int col);

/* Reads an order's record, or, if there is none, the JSON in the next column,
 * which versions before wrote in its place.  The bytes are the result's. */
struct str rows_order(const struct pg_rows *, int row, int col);

/* Reads a balance from five columns, of which `first` is the first: available,
 * pending, reserved, debt, lifetime_earned. */
struct balance rows_balance(const struct pg_rows *, int row, int first);

/* Runs a statement that answers with a single yes or no. */
int rows_ask_bool(struct pg *, int stmt, const struct pg_params *, bool *,
    struct err *) MUST_CHECK;
