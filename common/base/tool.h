/* SPDX-License-Identifier: MIT */
#ifndef BASE_TOOL_H
#define BASE_TOOL_H

#include <stdio.h>

#include "base/arena.h"
#include "base/config.h"

/*
 * tool: what the operator's tools have in common: verbs ("store add"),
 * usage lines, and tables for people.
 */

struct tool_verb {
	const char *name;
	int (*run)(int, char *[]); /* argv[0] is "store add" */
	const char *what;          /* for the usage */
};

/* Runs the verb that argv[1] names; argv[0] is the noun.  The table ends
 * with a row without name. */
int tool_run(const struct tool_verb *, int argc, char *argv[]);

/* config_read(), and on failure its sentence and the usage line on standard
 * error.  0, or the
 * exit status. */
int tool_read(struct config *, const struct option_spec *, int argc,
    char *argv[], const char *words[], int *nwords) MUST_CHECK;

/* What was given cannot be meant: the sentence on standard error, and
 * EXIT_USAGE. */
int tool_usage(const char *fmt, ...) PRINTF(1, 2);

/* What --at says, if it was given; else the instant stays. */
int tool_at(const char *text, int64_t *, struct err *) MUST_CHECK;

/* ---- tables ------------------------------------------------------------ */

enum {
	TABLE_COLUMNS_MAX = 16,
	TABLE_CELL_MAX = 60, /* characters of a cell; longer ones are cut */
};

struct table_row;

struct table {
	struct arena *arena;
	size_t ncolumns;
	size_t width[TABLE_COLUMNS_MAX]; /* characters */
	struct table_row *first, **last;
};

/* The columns' names, behind the last one NULL. */
void table_init(struct table *, struct arena *, const char *const names[]);
/* As many cells as columns; NULL is shown as a dash.  They are copied. */
void table_add(struct table *, const char *const cells[]);
/* A number, and an instant as RFC 3339 (NULL if it is no moment), as cells. */
const char *cell_int(struct arena *, int64_t);
const char *cell_instant(struct arena *, int64_t);
/* Lined up, two blanks between the columns. */
void table_print(const struct table *, FILE *);

#endif /* BASE_TOOL_H */
