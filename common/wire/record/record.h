/* SPDX-License-Identifier: MIT */
#ifndef WIRE_RECORD_RECORD_H
#define WIRE_RECORD_RECORD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/cc.h"
#include "base/jsonw.h"
#include "base/money.h"
#include "base/str.h"

/*
 * record: writes structs as compact JSON, as the ledger stores them, and reads
 * them back.
 *
 * A table per struct serves the writer and the reader, so that reading gives
 * the same struct as was written.  The keys are the names of the fields; a
 * field that is zero, false, NULL or empty is left out.
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
	RECORD_LIST,       /* a pointer to structs, which `list` describes */
};

enum {
	RECORD_HASH_SIZE = 32,
	RECORD_WRONG_MAX = 64,
};

struct record_field {
	const char *key; /* NULL ends a table */
	enum record_kind kind;
	size_t offset;
	/* NUMBER: its bounds.  WORDS, TEXTS: `most` is the largest count. */
	int64_t least, most;
	/* TEXTS: the offset of the number of texts in the struct. */
	size_t count_offset;
	/* CHARS, TEXT, WORDS, TEXTS: the most bytes of one text, with its
	 * zero. */
	size_t size;
	/* WORD: the words, indexed by the values of the enum, which begin at 1;
	 * NULL ends the list. */
	const char *const *words;
	const struct record_list *list;
};

struct record_list {
	/* The offset of the number of items, in the struct that has the
	 * list. */
	size_t count_offset;
	size_t item_size;
	size_t most;
	const struct record_field *fields; /* fields of one item */
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
#define RECORD_OF_LIST(type, name, of) \
	RECORD(type, name, .kind = RECORD_LIST, .list = &(of))

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

#endif /* WIRE_RECORD_RECORD_H */
