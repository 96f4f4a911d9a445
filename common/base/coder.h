/* SPDX-License-Identifier: MIT */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"

/*
 * coder: turns values into bytes and back by the same functions, so that writer
 * and reader cannot differ.  The bytes are for the program that wrote the
 * bytes, and for nobody else.
 *
 * A coder that writes grows its bytes in the arena, and its texts have to live
 * as long as the coder.  A text that is read lies in the bytes that are read.
 * Bytes that cannot be read set `is_bad`, and every value that is read later is
 * zero.
 */
enum {
	CODER_TEXTS = 8
};

struct coder {
	struct arena *arena;
	uint8_t *bytes;
	size_t n, room; /* bytes written, or to read */
	size_t at;      /* the next byte to read */
	bool reads, is_bad;
	int64_t instant;                /* the last one, but INSTANT_NEVER */
	const char *texts[CODER_TEXTS]; /* the last ones, the newest first */
};

/* Writes a number and returns it, or reads the next number and returns that. */
int64_t coder_number(struct coder *, int64_t);
/* Writes a variable, or sets the variable to the next number. */
#define CODE(c, place) \
	((place) = (__typeof__(place))coder_number((c), (int64_t)(place)))
/* Writes whether more follows, or reads that. */
bool coder_more(struct coder *, bool more);
/* Writes or reads an instant, as its distance from the last instant. */
void coder_instant(struct coder *, int64_t *at);
/* Writes or reads the number of items of a list.  Returns the list or, for items
 * that are read, a new list with `*room` items of this size.  Each item must
 * have at least one byte, so more items than bytes that are left are bad. */
void *coder_list(
    struct coder *, void *list, size_t *n, size_t *room, size_t size);
/* Writes or reads a text, which may be NULL. */
void coder_text(struct coder *, const char **);

/* Writes bytes as they are. */
void coder_put(struct coder *, const void *, size_t n);
/* Makes a coder that reads the bytes. */
struct coder coder_read(struct arena *, struct str);
/* Returns the bytes that were written. */
static inline struct str
coder_bytes(const struct coder *c)
{
	return (struct str){ (const char *)c->bytes, c->n };
}
/* Whether all bytes were read, and none of them was bad. */
static inline bool
coder_is_done(const struct coder *c)
{
	return !c->is_bad && c->at == c->n;
}
