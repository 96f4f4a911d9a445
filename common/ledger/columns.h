/* SPDX-License-Identifier: MIT */
#pragma once

#include "io/pg/pg.h"

/*
 * columns: collects the parameters of a statement that takes many rows.  The
 * caller writes row by row, and the statement gets each column as an array.
 *
 * The cells of a row are in the order of the statement's arrays, and have the
 * same types in every row; columns_end_row() ends a row.  The arrays grow in
 * the arena.  Texts are not copied: they must live until the statement has run.
 */

enum {
	COLUMNS_TELL_MAX = 10000
};

enum column_type {
	COLUMN_BIGINT = 1,
	COLUMN_INT,
	COLUMN_BOOL,
	COLUMN_STR,
	COLUMN_BYTES,
	COLUMN_INSTANT,
};

struct column {
	enum column_type type;
	size_t max; /* rows that there is room for */
	void *values;
};

struct columns {
	struct arena *arena;
	size_t n;     /* rows written so far */
	size_t width; /* cells in each row */
	size_t cell;  /* cells written in the present row */
	struct column columns[PG_PARAMS_MAX];
};

void columns_init(struct columns *, struct arena *);

void columns_bigint(struct columns *, int64_t);
void columns_int(struct columns *, int32_t);
void columns_bool(struct columns *, bool);
/* A str with data NULL becomes SQL's NULL. */
void columns_str(struct columns *, struct str);
void columns_bytes(struct columns *, struct str);  /* for a bytea[] */
void columns_text(struct columns *, const char *); /* NULL becomes SQL's NULL */
void columns_instant(struct columns *, int64_t);   /* 0 becomes SQL's NULL */
/* 0 and INSTANT_NEVER become SQL's NULL. */
void columns_until(struct columns *, int64_t);
void columns_end_row(struct columns *);

/* Adds the columns as parameters of a statement, after the parameters that were
 * added before.  At least one row must be written, since the first row says how
 * many columns there are. */
void columns_bind(const struct columns *, struct pg_params *);
/* Run a statement whose only parameters are the columns.  If there are no rows,
 * columns_tell() does nothing, and columns_ask() must not be called.
 * columns_tell() runs the statement for COLUMNS_TELL_MAX rows at a time, so that
 * none takes longer than PostgreSQL lets a statement take. */
int columns_ask(struct pg *, int stmt, const struct columns *, struct pg_rows *,
    struct err *) MUST_CHECK;
int columns_tell(
    struct pg *, int stmt, const struct columns *, struct err *) MUST_CHECK;
