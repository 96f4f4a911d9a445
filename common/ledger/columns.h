/* SPDX-License-Identifier: MIT */
#ifndef LEDGER_COLUMNS_H
#define LEDGER_COLUMNS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/str.h"
#include "io/pg/pg.h"

/*
 * columns: the parameters of a statement that takes a batch, written row by
 * row.  The cells of a row are in the order of the statement's arrays, and
 * of the same types in every row; columns_end_row() ends it.  Rows are not
 * counted beforehand: the columns grow, in the arena.  Texts are not copied.
 */

enum column_type {
	COLUMN_BIGINT = 1,
	COLUMN_INT,
	COLUMN_BOOL,
	COLUMN_STR,
	COLUMN_INSTANT,
};

struct column {
	enum column_type type;
	size_t max; /* rows there is room for */
	void *values;
};

struct columns {
	struct arena *arena;
	size_t n;     /* rows */
	size_t width; /* cells of a row */
	size_t cell;  /* of the row being written, the next */
	struct column columns[PG_PARAMS_MAX];
};

void columns_init(struct columns *, struct arena *);

void columns_bigint(struct columns *, int64_t);
void columns_int(struct columns *, int32_t);
void columns_bool(struct columns *, bool);
void columns_str(struct columns *, struct str);    /* data NULL is NULL */
void columns_text(struct columns *, const char *); /* NULL is NULL */
void columns_instant(struct columns *, int64_t);   /* 0 is NULL */
void columns_until(struct columns *, int64_t);     /* so is INSTANT_NEVER */
void columns_end_row(struct columns *);

/* Behind the parameters there are.  Without rows nobody knows the columns:
 * the caller has something to ask, or does not ask. */
void columns_bind(const struct columns *, struct pg_params *);
/* The same for a statement that takes nothing else; without rows
 * columns_tell() does nothing. */
int columns_ask(struct pg *, int stmt, const struct columns *, struct pg_rows *,
    struct err *) MUST_CHECK;
int columns_tell(
    struct pg *, int stmt, const struct columns *, struct err *) MUST_CHECK;

#endif /* LEDGER_COLUMNS_H */
