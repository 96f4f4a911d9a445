/* SPDX-License-Identifier: MIT */
#include "ledger/key_trial.h"
#include "ledger/dead.h"
#include "ledger/stmts.h"
#include "ledger/stores_seal.h"
#include "wire/sign.h"

/* Columns in the result of SQL_STORES_SEALED. */
enum {
	COLUMN_STORE,
	COLUMN_SECRET,
	COLUMN_PREVIOUS,
	COLUMN_TOKEN,
	COLUMN_APP,
	COLUMNS,
};

/* Counts a sealed column and tries to open the seal; skips a column that is
 * NULL. */
static void
column_try(struct arena *a, const struct master_key *key,
    const struct pg_rows *rows, int row, int column, struct key_trial *t)
{
	static const char *const kinds[] = { SEAL_SECRET, SEAL_PREVIOUS,
		SEAL_TOKEN, SEAL_APP };
	size_t *all = column >= COLUMN_TOKEN ? &t->tokens : &t->secrets;
	size_t *open = column >= COLUMN_TOKEN ? &t->tokens_open
	                                      : &t->secrets_open;
	const char *what;
	struct str plain;
	struct err e;

	if (pg_is_null(rows, row, column))
		return;
	what = store_seal_name(a, pg_get_bigint(rows, row, COLUMN_STORE),
	    kinds[column - COLUMN_SECRET]);
	++*all;
	*open += unseal(a, key, what, pg_get_str(rows, row, column), &plain,
	             &e) == 0;
}

static int
letter_try(struct pg *pg, struct arena *a, const struct master_key *key,
    struct key_trial *t, struct err *e)
{
	struct dead_query newest = { .max = 1 };
	struct dead_letter *letters, opened;
	struct err why;

	if (dead_list(pg, a, &newest, &letters, &t->letters, e) == -1)
		return -1;
	if (t->letters == 0)
		return 0;
	if (dead_get(pg, a, key, letters[0].dead_id, &opened, &why) == 0) {
		t->letters_open = 1;
	} else if (why.fault != FAULT_REJECT) {
		*e = why;
		return -1;
	}
	return 0;
}

int
key_trial_run(struct pg *pg, struct arena *a, const struct master_key *key,
    struct key_trial *out, struct err *e)
{
	struct key_trial t = { 0 };
	struct pg_rows rows;

	if (pg_ask(pg, SQL_STORES_SEALED, NULL, &rows, e) == -1)
		return -1;
	t.stores = (size_t)rows.n;
	for (int i = 0; i < rows.n; i++)
		for (int c = COLUMN_SECRET; c < COLUMNS; c++)
			column_try(a, key, &rows, i, c, &t);
	pg_done(&rows);
	if (letter_try(pg, a, key, &t, e) == -1)
		return -1;
	*out = t;
	return 0;
}

bool
key_trial_fits(const struct key_trial *t)
{
	return t->secrets_open == t->secrets && t->tokens_open == t->tokens &&
	       t->letters_open == t->letters;
}
