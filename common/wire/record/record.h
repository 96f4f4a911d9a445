/* SPDX-License-Identifier: MIT */
#pragma once

#include "base/arena.h"
#include "base/buf.h"
#include "base/jsonw.h"
#include "base/money.h"

/*
 * record: writes structs, as compact JSON or in bytes, and reads them back.
 *
 * A table per struct serves all writers and readers, so that reading gives the
 * same struct as was written.  The keys are the names of the fields; a field
 * that is zero, false, NULL or empty is left out.
 *
 * In bytes a field is known by its place in the table.  A new field is added
 * at the end of its table, and no field is ever moved or taken out: records in
 * a stream or a spool outlive the version that wrote them.
 */

enum record_kind {
	RECORD_NUMBER = 1, /* int64_t */
	RECORD_INT,        /* int */
	RECORD_TRUTH,      /* bool */
	RECORD_CHARS,      /* char[size] */
	RECORD_TEXT,       /* const char *, of 1 to size - 1 bytes */
	RECORD_WORDS,      /* struct words, of texts as in RECORD_TEXT */
	RECORD_TEXTS,      /* const char *[most], counted at count_offset */
	RECORD_HASH,       /* uint8_t[RECORD_HASH_SIZE] */
	RECORD_WORD,       /* an enum, written as its word in `words` */
	RECORD_LIST,       /* a pointer to structs, counted at count_offset */
	RECORD_PART,       /* a struct inside, which `part` describes */
};

enum {
	RECORD_VERSION = 1, /* of records in bytes: their first byte */
	/* How deep a record in bytes may be: an order, its sub-order, the paid
	 * state of that, refunds, their lines, and some more. */
	RECORD_DEPTH_MAX = 8,
	RECORD_HASH_SIZE = 32,
	RECORD_WRONG_MAX = 64,
};

struct record_field {
	const char *key; /* NULL ends a table */
	enum record_kind kind;
	size_t offset;
	/* NUMBER: its bounds.  WORDS, TEXTS, LIST: `most` is the largest
	 * count. */
	int64_t least, most;
	/* TEXTS, LIST: the offset of the number of items in the struct. */
	size_t count_offset;
	/* CHARS, TEXT, WORDS, TEXTS: the most bytes of one text, with its
	 * zero.  LIST: the bytes of an item. */
	size_t size;
	/* WORD: the words, indexed by the values of the enum, which begin at 1;
	 * NULL ends the list. */
	const char *const *words;
	/* PART, LIST: the fields of the struct, or of each item. */
	const struct record_field *part;
	/* PART: the offset of a struct str that is set to the bytes of the
	 * part, if these are read from a record in bytes; 0: none. */
	size_t bytes_offset;
};

#define RECORD(type, name, ...)                                           \
	{                                                                 \
		.key = #name, .offset = offsetof(type, name), __VA_ARGS__ \
	}
#define RECORD_OF_NUMBER(type, name, lo, hi) \
	RECORD(type, name, .kind = RECORD_NUMBER, .least = (lo), .most = (hi))
#define RECORD_OF_MONEY(type, name) \
	RECORD_OF_NUMBER(type, name, -MONEY_MAX, MONEY_MAX)
#define RECORD_OF_AT(type, name)    RECORD_OF_NUMBER(type, name, 0, INT64_MAX)
#define RECORD_OF_TRUTH(type, name) RECORD(type, name, .kind = RECORD_TRUTH)
#define RECORD_OF_CHARS(type, name)              \
	RECORD(type, name, .kind = RECORD_CHARS, \
	    .size = sizeof(((type *)0)->name))
#define RECORD_OF_TEXT(type, name, bytes) \
	RECORD(type, name, .kind = RECORD_TEXT, .size = (bytes) + 1)
#define RECORD_OF_LIST(type, name, max, of)                        \
	RECORD(type, name, .kind = RECORD_LIST, .most = (max),     \
	    .count_offset = offsetof(type, n##name), .part = (of), \
	    .size = sizeof(*((type *)0)->name))
#define RECORD_OF_PART(type, name, of) \
	RECORD(type, name, .kind = RECORD_PART, .part = (of))

/* Writes a struct as an object: as the member `key`, or without a key if `key`
 * is NULL. */
void record_write(struct jsonw *, const char *key, const struct record_field *,
    const void *base);

/* Renders a struct into the arena.  A text longer than `max` bytes, or a value
 * out of its bounds, is a mistake of the caller (assert). */
struct str record_render(
    struct arena *, const struct record_field *, const void *base, size_t max);

/* Parses a text into *base, which must be all zeros; texts and lists are the
 * arena's.  -1 if record_render() cannot have written the text; `wrong` then
 * has the key that could not be read, or is empty. */
int record_parse(struct arena *, struct str, const struct record_field *,
    void *base, char wrong[RECORD_WRONG_MAX]) MUST_CHECK;

/*
 * Appends a struct in bytes:
 *
 *	record		a byte, RECORD_VERSION; a struct
 *	struct		a number, whose bit i tells that the i-th field of the
 *			table follows; those fields, in the order of the table
 *	NUMBER, INT	a number: twice the value, or, below zero, twice its
 *			amount, less 1
 *	TRUTH		nothing
 *	CHARS, TEXT	a number, the length; the bytes, which are UTF-8
 *	WORDS, TEXTS	a number, how many; texts
 *	HASH		32 bytes
 *	WORD		a number: the value of the enum
 *	LIST		a number, how many; structs
 *	PART		a struct
 *
 * A number has seven bits in each byte, the lowest first; the eighth tells
 * that a byte follows.  A struct has only one such form.
 *
 * -1 if a value is out of its bounds, or the buffer has no room; the buffer
 * then has a part of the record.
 */
int record_put(
    struct buf *, const struct record_field *, const void *base) MUST_CHECK;

/* Reads bytes into *base, which must be all zeros; texts and lists are the
 * arena's.  -1 for bytes that record_put() does not write. */
int record_get(struct arena *, struct str, const struct record_field *,
    void *base) MUST_CHECK;
/* Reads the fields before the first list, of the struct or of a part of it, as
 * record_get() does.  Of other bytes, reads nothing that is of use. */
void record_peek(
    struct arena *, struct str, const struct record_field *, void *base);
