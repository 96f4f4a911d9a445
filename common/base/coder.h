/* SPDX-License-Identifier: MIT */
#ifndef BASE_CODER_H
#define BASE_CODER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"

/*
 * coder: values to bytes and back by the same functions, so that both sides
 * cannot differ.  For bytes that only the program that wrote them reads.
 *
 * A coder that writes grows its bytes in the arena.  A text that is read lies in
 * the bytes.  Bytes that cannot be read set `is_bad`, and give zeros from then
 * on.
 */
struct coder {
	struct arena *arena;
	uint8_t *bytes;
	size_t n, room; /* bytes written, or to read */
	size_t at;      /* the next byte to read */
	bool reads, is_bad;
};

/* Writes a number and returns it, or returns the next one that is read. */
int64_t coder_number(struct coder *, int64_t);
#define CODE(c, place) \
	((place) = (__typeof__(place))coder_number((c), (int64_t)(place)))
/* An instant beside another one that is near. */
void coder_near(struct coder *, int64_t *at, int64_t to);
/* The number of items of a list; each item has at least one byte. */
size_t coder_count(struct coder *, size_t n);
/* A text, which may be NULL. */
void coder_text(struct coder *, const char **);
/* A text, which often is the text `before`, and may not be NULL. */
void coder_text_like(struct coder *, const char **, const char *before);

/* Begins to read bytes; and the bytes that were written. */
struct coder coder_read(struct arena *, struct str);
static inline struct str
coder_bytes(const struct coder *c)
{
	return (struct str){ (const char *)c->bytes, c->n };
}
/* Whether all bytes were read, and were good. */
static inline bool
coder_is_done(const struct coder *c)
{
	return !c->is_bad && c->at == c->n;
}

#endif /* BASE_CODER_H */
