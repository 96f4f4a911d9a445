/* SPDX-License-Identifier: MIT */
#include <assert.h>

#include "base/instant.h"
#include "ledger/columns.h"

void
columns_init(struct columns *c, struct arena *a)
{
	*c = (struct columns){ .arena = a };
}

/* Makes room for the next cell, and returns its place. */
static void *
cell_next(struct columns *c, enum column_type type, size_t size)
{
	struct column *k = &c->columns[c->cell++];

	assert(c->cell <= PG_PARAMS_MAX);
	if (c->n == 0)
		k->type = type;
	assert(k->type == type);
	k->values = arena_grow(c->arena, k->values, c->n, &k->max, size);
	return (char *)k->values + c->n * size;
}

void
columns_bigint(struct columns *c, int64_t v)
{
	*(int64_t *)cell_next(c, COLUMN_BIGINT, sizeof(v)) = v;
}

void
columns_int(struct columns *c, int32_t v)
{
	*(int32_t *)cell_next(c, COLUMN_INT, sizeof(v)) = v;
}

void
columns_bool(struct columns *c, bool v)
{
	*(bool *)cell_next(c, COLUMN_BOOL, sizeof(v)) = v;
}

void
columns_str(struct columns *c, struct str v)
{
	*(struct str *)cell_next(c, COLUMN_STR, sizeof(v)) = v;
}

void
columns_bytes(struct columns *c, struct str v)
{
	*(struct str *)cell_next(c, COLUMN_BYTES, sizeof(v)) = v;
}

void
columns_text(struct columns *c, const char *v)
{
	columns_str(c, v != NULL ? str_of(v) : (struct str){ 0 });
}

void
columns_instant(struct columns *c, int64_t v)
{
	*(int64_t *)cell_next(c, COLUMN_INSTANT, sizeof(v)) = v;
}

void
columns_until(struct columns *c, int64_t v)
{
	columns_instant(c, v == INSTANT_NEVER ? 0 : v);
}

void
columns_end_row(struct columns *c)
{
	assert(c->n == 0 || c->cell == c->width);
	c->width = c->cell;
	c->cell = 0;
	c->n++;
}

/* Adds rows `from` to `from` + n - 1 as parameters. */
static void
bind_some(const struct columns *c, struct pg_params *p, size_t from, size_t n)
{
	assert(n > 0 && c->cell == 0);
	for (size_t i = 0; i < c->width; i++) {
		const struct column *k = &c->columns[i];

		switch (k->type) {
		case COLUMN_BIGINT:
			pg_bigints(p, (const int64_t *)k->values + from, n);
			break;
		case COLUMN_INT:
			pg_ints(p, (const int32_t *)k->values + from, n);
			break;
		case COLUMN_BOOL:
			pg_bools(p, (const bool *)k->values + from, n);
			break;
		case COLUMN_STR:
			pg_strs(p, (const struct str *)k->values + from, n);
			break;
		case COLUMN_BYTES:
			pg_byteas(p, (const struct str *)k->values + from, n);
			break;
		case COLUMN_INSTANT:
			pg_instants(p, (const int64_t *)k->values + from, n);
			break;
		}
	}
}

void
columns_bind(const struct columns *c, struct pg_params *p)
{
	bind_some(c, p, 0, c->n);
}

int
columns_ask(struct pg *pg, int stmt, const struct columns *c,
    struct pg_rows *rows, struct err *e)
{
	struct pg_params p = { .arena = c->arena };

	columns_bind(c, &p);
	return pg_ask(pg, stmt, &p, rows, e);
}

int
columns_tell(struct pg *pg, int stmt, const struct columns *c, struct err *e)
{
	for (size_t from = 0, n; from < c->n; from += n) {
		struct pg_params p = { .arena = c->arena };
		bool has_more = c->n - from > COLUMNS_TELL_MAX;
		size_t ignored;

		n = has_more ? COLUMNS_TELL_MAX : c->n - from;
		bind_some(c, &p, from, n);
		/* The answer to each part is waited for: the server keeps the
		 * answers of a pipeline until its end. */
		if ((has_more ? pg_ask_count(pg, stmt, &p, &ignored, e)
		              : pg_tell(pg, stmt, &p, e)) == -1)
			return -1;
	}
	return 0;
}
