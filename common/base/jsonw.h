/* SPDX-License-Identifier: MIT */
#pragma once

#include <stdio.h>

#include "base/buf.h"
#include "base/str.h"

/*
 * jsonw: writes JSON into a buf, for the option --json of commands and for the
 * answers of `loyald serve`.  Reading JSON is done in wire/.
 *
 * Inside an object every call names its key; in an array, and at the top, the
 * key is NULL.  Objects and arrays that were opened must be closed, in order;
 * jsonw_is_done() says whether all are closed.  Texts are escaped; bytes that
 * are not UTF-8 become U+FFFD, so that the result is valid JSON whatever a
 * platform sent.
 */

struct jsonw {
	struct buf *to;
	unsigned depth;
	/* The innermost object or array has a value already, so the next value
	 * needs a comma before it. */
	bool comma;
	struct buf own;      /* the buffer that jsonw_begin() makes */
	const char *closing; /* the bracket with which jsonw_end() ends */
};

enum {
	JSONW_MAX = 128 * 1024 * 1024, /* most bytes of a command's answer */
};

void jsonw_init(struct jsonw *, struct buf *);
/* Whether all objects and arrays were closed and everything fitted into the
 * buffer. */
bool jsonw_is_done(const struct jsonw *) MUST_CHECK;
/* Begin and end a command's answer, which is an object or a list.  jsonw_begin()
 * makes a buffer and opens the object; jsonw_end() closes it, prints the JSON
 * and a line feed (to NULL: nothing) and frees the buffer.  The process ends if
 * it has to print JSON of which jsonw_is_done() is false. */
void jsonw_begin(struct jsonw *);
void jsonw_begin_list(struct jsonw *);
void jsonw_end(struct jsonw *, FILE *);

void jsonw_object(struct jsonw *, const char *key);
void jsonw_object_end(struct jsonw *);
void jsonw_array(struct jsonw *, const char *key);
void jsonw_array_end(struct jsonw *);

void jsonw_str(struct jsonw *, const char *key, struct str);
/* Writes a text; NULL is written as null. */
void jsonw_text(struct jsonw *, const char *key, const char *);
void jsonw_int(struct jsonw *, const char *key, int64_t);
/* Adds a number that is written out, with a dot. */
void jsonw_number(struct jsonw *, const char *key, const char *);
void jsonw_bool(struct jsonw *, const char *key, bool);
/* Writes an instant as in RFC 3339; 0 (no moment) and INSTANT_NEVER as null. */
void jsonw_instant(struct jsonw *, const char *key, int64_t);
