/* SPDX-License-Identifier: MIT */
#include <assert.h>

#include "ledger/rows.h"

struct str
rows_str(struct arena *a, const struct pg_rows *rows, int row, int col)
{
	struct str s = pg_get_str(rows, row, col);

	if (s.data != NULL)
		s.data = arena_memdup(a, s.data, s.len);
	return s;
}

const char *
rows_text(struct arena *a, const struct pg_rows *rows, int row, int col)
{
	return rows_str(a, rows, row, col).data;
}

struct str
rows_order(const struct pg_rows *rows, int row, int col)
{
	return pg_get_str(
	    rows, row, pg_is_null(rows, row, col) ? col + 1 : col);
}

struct balance
rows_balance(const struct pg_rows *rows, int row, int first)
{
	return (struct balance){
		.available = pg_get_bigint(rows, row, first),
		.pending = pg_get_bigint(rows, row, first + 1),
		.reserved = pg_get_bigint(rows, row, first + 2),
		.debt = pg_get_bigint(rows, row, first + 3),
		.lifetime_earned = pg_get_bigint(rows, row, first + 4),
	};
}

int
rows_ask_bool(struct pg *pg, int stmt, const struct pg_params *p, bool *answer,
    struct err *e)
{
	struct pg_rows rows;

	if (pg_ask(pg, stmt, p, &rows, e) == -1)
		return -1;
	assert(rows.n == 1);
	*answer = pg_get_bool(&rows, 0, 0);
	pg_done(&rows);
	return 0;
}
