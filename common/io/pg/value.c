/* SPDX-License-Identifier: MIT */
/*
 * Values to and from PostgreSQL.  Scalar parameters are text.  Arrays and bytes
 * are in the binary format (src/backend/utils/adt/arrayfuncs.c, array_recv), and
 * so is all that PostgreSQL answers: to write an instant as text and to read it
 * again costs more than to find its row.
 */
#include <assert.h>
#include <inttypes.h>
#include <string.h>

#include <libpq-fe.h>

#include "base/instant.h"
#include "base/log.h"
#include "io/pg/pg.h"

/* Object ids of PostgreSQL's types, from pg_type.dat. */
enum pg_type {
	TYPE_BOOL = 16,
	TYPE_BYTEA = 17,
	TYPE_INT8 = 20,
	TYPE_INT2 = 21,
	TYPE_INT4 = 23,
	TYPE_TEXT = 25,
	TYPE_TIMESTAMPTZ = 1184,
};

/* PostgreSQL counts microseconds from 2000-01-01T00:00:00Z. */
#define PG_EPOCH (INT64_C(946684800) * INSTANT_SECOND)

void
pg_params(struct pg_params *p, struct arena *a)
{
	p->arena = a;
	p->n = 0;
}

static void
put(struct pg_params *p, const char *value, size_t len, int format)
{
	assert(p->n < PG_PARAMS_MAX);
	p->value[p->n] = value;
	p->length[p->n] = (int)len;
	p->format[p->n] = format;
	p->n++;
}

void
pg_bigint(struct pg_params *p, int64_t v)
{
	put(p, arena_printf(p->arena, "%" PRId64, v), 0, 0);
}

void
pg_bool(struct pg_params *p, bool v)
{
	put(p, v ? "t" : "f", 0, 0);
}

void
pg_text(struct pg_params *p, const char *v)
{
	put(p, v, 0, 0);
}

void
pg_str(struct pg_params *p, struct str v)
{
	if (v.data == NULL)
		pg_text(p, NULL);
	else
		put(p, arena_memdup(p->arena, v.data, v.len), v.len, 1);
}

static void
put_be(char **at, uint64_t v, int bytes)
{
	for (int i = bytes - 1; i >= 0; i--)
		*(*at)++ = (char)(v >> (8 * i));
}

static uint64_t
instant_bits(int64_t v)
{
	return (uint64_t)(v == INSTANT_NEVER ? INT64_MAX : v - PG_EPOCH);
}

void
pg_instant(struct pg_params *p, int64_t v)
{
	char *at, *value;

	if (v == 0) {
		pg_text(p, NULL);
		return;
	}
	at = value = arena_alloc(p->arena, 8);
	put_be(&at, instant_bits(v), 8);
	put(p, value, 8, 1);
}

/* Makes the head of an array, and returns the place after it for the
 * elements. */
static char *
array_head(struct pg_params *p, enum pg_type type, size_t n, size_t bytes,
    bool has_null)
{
	char *value = arena_alloc(p->arena, 20 + n * 4 + bytes), *at = value;

	put_be(&at, n > 0, 4); /* number of dimensions */
	put_be(&at, has_null, 4);
	put_be(&at, type, 4);
	if (n > 0) {
		put_be(&at, n, 4);
		put_be(&at, 1, 4); /* index of the first element */
	}
	put(p, value, (size_t)(at - value) + n * 4 + bytes, 1);
	return at;
}

void
pg_bigints(struct pg_params *p, const int64_t *v, size_t n)
{
	char *at = array_head(p, TYPE_INT8, n, n * 8, false);

	for (size_t i = 0; i < n; i++) {
		put_be(&at, 8, 4);
		put_be(&at, (uint64_t)v[i], 8);
	}
}

void
pg_ints(struct pg_params *p, const int32_t *v, size_t n)
{
	char *at = array_head(p, TYPE_INT4, n, n * 4, false);

	for (size_t i = 0; i < n; i++) {
		put_be(&at, 4, 4);
		put_be(&at, (uint32_t)v[i], 4);
	}
}

void
pg_bools(struct pg_params *p, const bool *v, size_t n)
{
	char *at = array_head(p, TYPE_BOOL, n, n, false);

	for (size_t i = 0; i < n; i++) {
		put_be(&at, 1, 4);
		put_be(&at, v[i], 1);
	}
}

void
pg_instants(struct pg_params *p, const int64_t *v, size_t n)
{
	size_t nulls = 0;
	char *at;

	for (size_t i = 0; i < n; i++)
		nulls += v[i] == 0;
	at = array_head(p, TYPE_TIMESTAMPTZ, n, (n - nulls) * 8, nulls > 0);
	for (size_t i = 0; i < n; i++) {
		if (v[i] == 0) {
			put_be(&at, UINT32_MAX, 4);
			continue;
		}
		put_be(&at, 8, 4);
		put_be(&at, instant_bits(v[i]), 8);
	}
}

static void
put_strs(struct pg_params *p, enum pg_type type, const struct str *v, size_t n)
{
	size_t bytes = 0;
	bool has_null = false;
	char *at;

	for (size_t i = 0; i < n; i++) {
		bytes += v[i].data ? v[i].len : 0;
		has_null |= v[i].data == NULL;
	}
	at = array_head(p, type, n, bytes, has_null);
	for (size_t i = 0; i < n; i++) {
		if (v[i].data == NULL) {
			put_be(&at, UINT32_MAX, 4);
			continue;
		}
		put_be(&at, v[i].len, 4);
		memcpy(at, v[i].data, v[i].len);
		at += v[i].len;
	}
}

void
pg_strs(struct pg_params *p, const struct str *v, size_t n)
{
	put_strs(p, TYPE_TEXT, v, n);
}

void
pg_byteas(struct pg_params *p, const struct str *v, size_t n)
{
	put_strs(p, TYPE_BYTEA, v, n);
}

/* ---- answers ------------------------------------------------------------ */

bool
pg_is_null(const struct pg_rows *rows, int row, int col)
{
	return PQgetisnull(rows->result, row, col);
}

static void
type_check(const struct pg_rows *rows, int col, bool is_right, const char *what)
{
	if (!is_right)
		die("column %s is no %s", PQfname(rows->result, col), what);
}

/* Reads a whole number of 1 to 8 bytes, the highest byte first; 0 if there is
 * none, since NULL has no bytes. */
static int64_t
number_at(const struct pg_rows *rows, int row, int col)
{
	const int len = PQgetlength(rows->result, row, col);
	const uint8_t *at = (const uint8_t *)PQgetvalue(rows->result, row, col);
	uint64_t v = len > 0 && (at[0] & 0x80) != 0 ? UINT64_MAX : 0;

	for (int i = 0; i < len; i++)
		v = v << 8 | at[i];
	return (int64_t)v;
}

struct str
pg_get_str(const struct pg_rows *rows, int row, int col)
{
	Oid type = PQftype(rows->result, col);

	type_check(rows, col, type == TYPE_TEXT || type == TYPE_BYTEA, "text");
	if (pg_is_null(rows, row, col))
		return (struct str){ 0 };
	return (struct str){ PQgetvalue(rows->result, row, col),
		(size_t)PQgetlength(rows->result, row, col) };
}

int64_t
pg_get_bigint(const struct pg_rows *rows, int row, int col)
{
	Oid type = PQftype(rows->result, col);

	type_check(rows, col,
	    type == TYPE_INT8 || type == TYPE_INT4 || type == TYPE_INT2,
	    "whole number");
	return number_at(rows, row, col);
}

bool
pg_get_bool(const struct pg_rows *rows, int row, int col)
{
	type_check(
	    rows, col, PQftype(rows->result, col) == TYPE_BOOL, "yes or no");
	return number_at(rows, row, col) != 0;
}

int64_t
pg_get_instant(const struct pg_rows *rows, int row, int col)
{
	int64_t v = number_at(rows, row, col);

	type_check(rows, col, PQftype(rows->result, col) == TYPE_TIMESTAMPTZ,
	    "instant");
	/* The least and the greatest number are before and after all time. */
	if (pg_is_null(rows, row, col) || v == INT64_MIN)
		return 0;
	return v == INT64_MAX ? INSTANT_NEVER : v + PG_EPOCH;
}
