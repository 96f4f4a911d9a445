/* SPDX-License-Identifier: MIT */
#ifndef WIRE_NODE_H
#define WIRE_NODE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/cc.h"
#include "base/faults.h"
#include "base/str.h"

/*
 * node: a value in a JSON file that a person wrote, and the way to the value,
 * so that a fault can be told with its line and column.  For deliveries, which
 * no person reads, this is too much.
 *
 * node_refuse() writes a fault down in the file, and the reading goes on: the
 * author hears of all faults at once, in the order of the file.  A reader
 * that returns -1 has refused its node and left its output as it was.
 *
 * A node points to its parent, its file and the file's text: all three must
 * outlive the node.
 */

/* What is wrong with a file.  Faults are REJECT; FAULT_NONE is a warning. */
struct node_file {
	const char *text;
	struct faults faults;  /* in the order of the file */
	size_t at[FAULTS_MAX]; /* where in the text each of the faults is */
	bool has_more;         /* more faults than there is room for */
	size_t nrefused;       /* calls of node_refuse() */
};

struct node {
	struct node_file *file;
	const struct node *up; /* NULL: the whole file */
	const char *key;       /* NULL: in a list, or the whole file */
	size_t nth;            /* among the children of `up` */
	void *value;           /* jansson's */
};

/* Reads the whole file.  A text that is no JSON, or repeats a key, is a fault
 * of the file, and -1.  On 0, node_free() the node at the end. */
int node_parse(struct str, struct node_file *, struct node *) MUST_CHECK;
void node_free(struct node *);

/* Writes down "line 6, column 10: rules[0].give.per " and the sentence;
 * returns -1.  The place is where the value starts, or of a member where its
 * key does; columns are characters, from 1. */
int node_refuse(const struct node *, const char *fmt, ...) PRINTF(2, 3);
/* Writes down a warning in the same form. */
void node_warn(const struct node *, const char *fmt, ...) PRINTF(2, 3);
/* Whether the node, or anything in it, has been refused. */
bool node_is_wrong(const struct node *);

/* Finds the member of an object; false if there is none, or `up` is no
 * object. */
bool node_get(const struct node *up, const char *key, struct node *);
/* The same; an object without the member is refused: lacks "key", what.  A
 * misspelt key has been refused already, and nothing is said to be lacking. */
int node_need(
    const struct node *up, const char *key, const char *what, struct node *);
/* Goes through the members of an object in the file's order, from a node that
 * is all zeros; false behind the last. */
bool node_each(const struct node *up, struct node *);
bool node_is_object(const struct node *);
bool node_is_list(const struct node *);
bool node_is_null(const struct node *);
/* The line on which the node starts, as node_refuse() says it. */
size_t node_line(const struct node *);
/* How many items a list has; 0 if the node is no list. */
size_t node_count(const struct node *);
struct node node_item(const struct node *list, size_t nth);

/* Refuses what is no object (-1), and each key that is none of these (NULL
 * ends the list). */
int node_check_object(const struct node *, const char *const keys[]);
int node_check_list(const struct node *, size_t least, size_t most) MUST_CHECK;
/* Refuses a key that must not be there, because ... */
int node_refuse_key(
    const struct node *up, const char *key, const char *because);

/* Reads a text of at most size - 1 bytes, not empty, of the characters of
 * `allowed` (NULL: of all but control characters). */
int node_text(const struct node *, const char *allowed, char *out, size_t size);
/* The same, as the arena's. */
int node_text_new(const struct node *, struct arena *, const char *allowed,
    size_t size, const char **out);
/* The text as it stands, until node_free(); false if the node is no text. */
bool node_str(const struct node *, struct str *);

/* Reads a whole number from bounds[0] to bounds[1]. */
int node_int(const struct node *, const int64_t bounds[2], int64_t *);

/* Read the member of an object; without the member the output, which then is
 * the default, stays as it is.  node_word(): which of the words it is, from 0
 * (NULL ends the list). */
int node_bool(const struct node *up, const char *key, bool *);
int node_number(
    const struct node *up, const char *key, const int64_t bounds[2], int64_t *);
int node_word(
    const struct node *up, const char *key, const char *const words[], int *);

/* Whether the list, which a NULL ends, has the word. */
bool word_is_one_of(const char *word, const char *const words[]);

#endif /* WIRE_NODE_H */
