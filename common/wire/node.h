/* SPDX-License-Identifier: MIT */
#pragma once

#include "base/arena.h"
#include "base/faults.h"

/*
 * node: a value in a JSON file that a person wrote, and its path in the file,
 * so that a fault can be reported with line and column.  Deliveries, which no
 * person writes, are read by wire/json.h.
 *
 * node_refuse() notes a fault in the struct node_file, and the reading goes on:
 * the author sees all faults at once, in the order of the file.  A reader that
 * returns -1 has refused its node and left its output as it was.
 *
 * A node points to its parent, its file and the file's text: all three must
 * outlive the node.
 */

/* The text of a file, and the faults found in the text: FAULT_REJECT for a
 * refusal, FAULT_NONE for a warning. */
struct node_file {
	const char *text;
	struct faults faults;  /* in the order of the file */
	size_t at[FAULTS_MAX]; /* the offset in the text of each fault */
	bool has_more;         /* more faults than there was room for */
	size_t nrefused;       /* how often node_refuse() was called */
};

struct node {
	struct node_file *file;
	const struct node *up; /* the parent; NULL for the whole file */
	const char *key;       /* NULL: the whole file, or in an array */
	size_t nth;            /* index among the children of `up` */
	void *value;           /* a json_t */
};

/* Reads the whole file.  -1 if the text is no JSON or repeats a key; the
 * file is then read no further.  After 0 the caller ends with node_free(). */
int node_parse(struct str, struct node_file *, struct node *) MUST_CHECK;
void node_free(struct node *);

/* Adds the fault "line 6, column 10: rules[0].give.per " and the sentence;
 * returns -1.  The place is where a value starts, or the key of a member.
 * Lines and columns count from 1; a column is a character. */
int node_refuse(const struct node *, const char *fmt, ...) PRINTF(2, 3);
/* Adds a warning, with the place as in node_refuse(). */
void node_warn(const struct node *, const char *fmt, ...) PRINTF(2, 3);
/* Whether the node, or anything in it, has been refused. */
bool node_is_wrong(const struct node *);

/* Finds the member of an object; false if the object has none, or `up` is no
 * object. */
bool node_get(const struct node *up, const char *key, struct node *);
/* Finds the member as node_get() does.  An object without the member is refused
 * with the sentence: lacks "KEY", WHAT.  If a misspelling of the key was
 * refused already, the object is not refused again. */
int node_need(
    const struct node *up, const char *key, const char *what, struct node *);
/* Steps to the next member of an object, in the order of the file.  A node that
 * is all zeros steps to the first member.  False if there is no next member. */
bool node_each(const struct node *up, struct node *);
bool node_is_object(const struct node *);
bool node_is_list(const struct node *);
bool node_is_null(const struct node *);
/* Returns the line of the place that node_refuse() names. */
size_t node_line(const struct node *);
/* How many items a list has; 0 if the node is no list. */
size_t node_count(const struct node *);
/* How many members an object has; 0 if the node is no object. */
size_t node_members(const struct node *);
struct node node_item(const struct node *list, size_t nth);

/* Refuses a value that is no object, and returns -1.  Otherwise refuses each
 * key that is not in `keys`, and returns 0.  NULL ends the list; if `keys`
 * itself is NULL, all keys are accepted. */
int node_check_object(const struct node *, const char *const keys[]);
int node_check_list(const struct node *, size_t least, size_t most) MUST_CHECK;
/* If the object has the member, refuses it with the sentence "cannot be said
 * here: BECAUSE". */
int node_refuse_key(
    const struct node *up, const char *key, const char *because);

/* Reads a text of 1 to size - 1 bytes that has only characters of `allowed`
 * (NULL: any but control characters). */
int node_text(const struct node *, const char *allowed, char *out, size_t size);
/* Reads a text as node_text() does, into the arena. */
int node_text_new(const struct node *, struct arena *, const char *allowed,
    size_t size, const char **out);
/* Gives the text of a node without any check; false if the node is no text.
 * The text lives until node_free(). */
bool node_str(const struct node *, struct str *);

/* Reads a whole number from bounds[0] to bounds[1]. */
int node_int(const struct node *, const int64_t bounds[2], int64_t *);

/* Read a member of an object.  If the object lacks the member, the output,
 * which holds the default, is unchanged.  node_word() gives the index of the
 * word in the list, which ends with NULL. */
int node_bool(const struct node *up, const char *key, bool *);
int node_number(
    const struct node *up, const char *key, const int64_t bounds[2], int64_t *);
int node_word(
    const struct node *up, const char *key, const char *const words[], int *);

/* Whether the list has the word; NULL ends the list. */
bool word_is_one_of(const char *word, const char *const words[]);
