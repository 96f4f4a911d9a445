/* SPDX-License-Identifier: MIT */
#pragma once

#include <string.h>

#include "base/str.h"

/*
 * value: the values of a body that was read to a tape (wire/tape.h).  A value
 * lives as long as its tape and the text of the body, and belongs to both.
 */

enum value_kind {
	VALUE_NULL = 1,
	VALUE_TRUE,
	VALUE_FALSE,
	VALUE_INT,
	VALUE_NUMBER,
	VALUE_TEXT,
	VALUE_LIST,
	VALUE_OBJECT,
	VALUE_DOUBT,
};

/* ---- for value.c and tape.c ----------------------------------------------- */

/*
 * The nodes of a tape.  A list or object stands before all that is in it.  In an
 * object each key is a node, and the key's value follows the key.  The last nodes
 * of an object with many keys are instead a hash table of these keys, an array of
 * uint16_t: how many nodes a key stands behind the object's node; 0: none.
 */

enum {
	TABLE_SLOTS = 256, /* more than any object with a table has keys */
	TABLE_NODES = 32,  /* as many bytes */

	/* Kinds of nodes that are no values. */
	NODE_KEY = VALUE_DOUBT + 1,
	NODE_LEFT_OUT, /* a key that does not count, nor does its value */
};

struct tape_node {
	/* Offset of the bytes; of a text, without its quotes.  Of an object with
	 * a table, TABLE_NODES. */
	uint32_t at;
	uint32_t len; /* bytes; of a list or object, how many are in it */
	union {
		uint32_t span; /* nodes of the value, with all that is in it */
		uint32_t hash; /* of a key */
	};
	uint8_t kind;
	bool decoded; /* the bytes are those of tape.decoded */
};

struct tape {
	const char *text;
	char *decoded; /* texts that differ from how they were written */
};

static inline struct str
tape_text(const struct tape *t, const struct tape_node *node)
{
	return (struct str){ (node->decoded ? t->decoded : t->text) + node->at,
		node->len };
}

/* Returns the end of what is in a list or object, where its table begins. */
static inline const struct tape_node *
nested_end(const struct tape_node *in)
{
	return in + in->span - in->at;
}

/* Returns the key that follows a key of an object, or the end.  Most values are
 * one node: asking for that by a branch, which the processor foresees, spares the
 * wait for each span. */
static inline const struct tape_node *
key_next(const struct tape_node *key)
{
	return __builtin_expect(key[1].span == 1, 1) ? key + 2
	                                             : key + 1 + key[1].span;
}

/* Hashes the length, the first and the last bytes of a key.  Equal hashes of
 * different keys cost no more than a comparison. */
static inline uint32_t
key_hash(struct str s)
{
	uint64_t first = 0, last = 0, h;

	if (s.len >= 8) {
		memcpy(&first, s.data, 8);
		memcpy(&last, s.data + s.len - 8, 8);
	} else if (s.len >= 4) {
		memcpy(&first, s.data, 4);
		memcpy(&last, s.data + s.len - 4, 4);
	} else {
		for (size_t i = 0; i < s.len; i++)
			first = first << 8 | (unsigned char)s.data[i];
	}
	h = (first ^ s.len) * UINT64_C(0x9e3779b97f4a7c15);
	h = (h ^ h >> 32 ^ last) * UINT64_C(0xff51afd7ed558ccd);
	return (uint32_t)(h >> 32);
}

/* ---- values ---------------------------------------------------------------- */

/* A value on a tape.  All zeros are no value: every function below takes that,
 * too, and finds nothing in it. */
struct value {
	const struct tape *tape;
	const struct tape_node *node;
};

/* Returns the value's kind; 0 for no value. */
static inline enum value_kind
value_kind(struct value v)
{
	return v.node == NULL ? 0 : (enum value_kind)v.node->kind;
}

static inline bool
value_is(struct value v, enum value_kind kind)
{
	return value_kind(v) == kind;
}

/* Whether there is a value, which may be null. */
static inline bool
value_exists(struct value v)
{
	return v.node != NULL;
}

/* Whether there is a value, and it is not null. */
static inline bool
value_is_set(struct value v)
{
	return value_exists(v) && !value_is(v, VALUE_NULL);
}

/* Counts the entries of a list, or the keys of an object; 0 for any other
 * value. */
size_t value_size(struct value);
/* Returns the value of an object's key; no value if the key is absent. */
struct value value_get(struct value object, const char *key);
/* Returns an entry of a list, counted from 0; no value behind the last one.
 * Passes over all entries before that one. */
struct value value_at(struct value list, size_t i);
/* Moves *v to the next value of a list or object: from no value to the first
 * one, and from the last one to no value, which is false. */
bool value_next(struct value in, struct value *v);
/* Returns the key of a value that is in an object. */
struct str value_key(struct value);

/* Returns the bytes of a text, which may have zeros in them; empty for a value
 * that is no text. */
struct str value_text(struct value);
/* Returns a number as it was written, or "0" for -0; empty for a value that is
 * no number. */
struct str value_digits(struct value);
/* Returns the number of a VALUE_INT; 0 for any other value. */
int64_t value_int(struct value);
