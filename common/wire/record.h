/* SPDX-License-Identifier: MIT */
#ifndef WIRE_RECORD_H
#define WIRE_RECORD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/cc.h"
#include "base/jsonw.h"
#include "base/money.h"
#include "base/str.h"

/*
 * record: structs as the ledger keeps them, in compact JSON, and back.
 *
 * One table per struct is read by the writer and by the reader, so that what
 * was written gives the same struct again, to the last field.  The keys are
 * the fields' names; what is zero, false, NULL or empty is left out.
 */

enum record_kind {
	RECORD_NUMBER = 1, /* int64_t */
	RECORD_INT,        /* int */
	RECORD_TRUTH,      /* bool */
	RECORD_CHARS,      /* char[size] */
	RECORD_TEXT,       /* const char *, at most size - 1 bytes, not "" */
	RECORD_WORDS,      /* struct words, of such texts */
	RECORD_TEXTS,      /* const char *[most], and their count elsewhere */
	RECORD_HASH,       /* uint8_t[RECORD_HASH_SIZE] */
	RECORD_WORD,       /* an enum, as one of the table's words */
	RECORD_LIST,       /* a pointer, and its count beside it */
};

enum {
	RECORD_HASH_SIZE = 32,
	RECORD_WRONG_MAX = 64,
};

struct record_field {
	const char *key; /* NULL ends a table */
	enum record_kind kind;
	size_t offset;
	int64_t least, most;      /* NUMBER; WORDS, TEXTS: how many at most */
	size_t count_offset;      /* TEXTS */
	size_t size;              /* CHARS, TEXT, WORDS, TEXTS */
	const char *const *words; /* WORD: by number, 0 is none; NULL ends */
	const struct record_list *list;
};

struct record_list {
	size_t count_offset; /* in the struct that has the list */
	size_t item_size;
	size_t most;
	const struct record_field *fields; /* of an item */
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

/* Writes a struct as an object, or as a member of one. */
void record_write(struct jsonw *, const char *key, const struct record_field *,
    const void *base);

/* At most `max` bytes, which no struct in bounds may need more than. */
struct str record_render(
    struct arena *, const struct record_field *, const void *base, size_t max);

/* Into *base, which is all zeros.  -1 if record_render() did not write it;
 * then `wrong` is the key at fault, or empty. */
int record_parse(struct arena *, struct str, const struct record_field *,
    void *base, char wrong[RECORD_WRONG_MAX]) MUST_CHECK;

#endif /* WIRE_RECORD_H */
