/* SPDX-License-Identifier: MIT */
#ifndef WIRE_NODE_H
#define WIRE_NODE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/cc.h"
#include "base/err.h"
#include "base/str.h"

/*
 * node: a value in a JSON file that a person wrote, and the way to it, so
 * that what is wrong with it can be said with its line and column.  For
 * deliveries, which no person reads, this is too much.
 *
 * A node points to its parent and into the file's text: both must outlive
 * it.  All failures are REJECT.
 */
struct node {
	const struct node *up; /* NULL: the whole file */
	const char *key;       /* NULL: in a list, or the whole file */
	size_t nth;            /* among the children of `up` */
	void *value;           /* jansson's */
	const char *text;      /* of the whole file */
};

/* The whole file; repeated keys are refused.  node_free() it. */
int node_parse(struct str, struct node *, struct err *) MUST_CHECK;
void node_free(struct node *);

/* "line 6, column 10: rules[0].give.per " and the sentence; -1.  The place
 * is where the value starts, or of a member where its key does; columns are
 * characters, from 1. */
int node_refuse(const struct node *, struct err *, const char *fmt, ...)
    PRINTF(3, 4);

/* The member of an object; false if there is none, or it is no object. */
bool node_get(const struct node *, const char *key, struct node *);
/* The same, but it is refused if there is none: lacks "key", what. */
int node_need(const struct node *, const char *key, const char *what,
    struct node *, struct err *) MUST_CHECK;
/* The members of an object one after the other, in the file's order, from
 * one that is all zeros; false behind the last. */
bool node_each(const struct node *, struct node *);
bool node_is_object(const struct node *);
bool node_is_list(const struct node *);
bool node_is_null(const struct node *);
/* The line it starts on, as node_refuse() says it. */
size_t node_line(const struct node *);
/* How many items a list has; 0 if it is none. */
size_t node_count(const struct node *);
struct node node_item(const struct node *, size_t nth);

/* An object with no keys but these (NULL ends the list). */
int node_check_object(
    const struct node *, const char *const keys[], struct err *) MUST_CHECK;
int node_check_list(
    const struct node *, size_t least, size_t most, struct err *) MUST_CHECK;

/* A text of at most size - 1 bytes, not empty, of the characters of
 * `allowed` (NULL: of all but control characters). */
int node_text(const struct node *, const char *allowed, char *out, size_t size,
    struct err *) MUST_CHECK;
/* The same, as the arena's. */
int node_text_new(const struct node *, struct arena *, const char *allowed,
    size_t size, const char **out, struct err *) MUST_CHECK;
/* The text as it stands, until node_free(); -1 if it is none, no err. */
int node_str(const struct node *, struct str *) MUST_CHECK;

/* A whole number from bounds[0] to bounds[1]. */
int node_int(const struct node *, const int64_t bounds[2], int64_t *,
    struct err *) MUST_CHECK;

/* The member of an object; the output, which then is the default, stays as
 * it is if there is none. */
int node_bool(
    const struct node *, const char *key, bool *, struct err *) MUST_CHECK;
/* A whole number from bounds[0] to bounds[1]. */
int node_number(const struct node *, const char *key, const int64_t bounds[2],
    int64_t *, struct err *) MUST_CHECK;
/* Which of the words it is, from 0 (NULL ends the list). */
int node_word(const struct node *, const char *key, const char *const words[],
    int *, struct err *) MUST_CHECK;

/* Whether the list, which a NULL ends, has the word. */
bool word_is_one_of(const char *word, const char *const words[]);

#endif /* WIRE_NODE_H */
