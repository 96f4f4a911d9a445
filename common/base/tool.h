/* SPDX-License-Identifier: MIT */
#pragma once

#include <stdio.h>

#include "base/config/config.h"

/*
 * tool: what all commands of loyald have in common: verbs ("add" in "store
 * add"), options, the help, the sentence about a wrong call, and tables for
 * people.
 */

/* A command of loyald ("store"), or a verb of a command ("add"). */
struct tool;

/* A single call of a command. */
struct tool_call {
	const struct tool *tool;
	int argc;
	char **argv; /* argv[0] is the command with its verb, "store add" */
	const struct config_judge *judge;
	/* Set by tool_read(). */
	const struct option_spec *options;
	bool takes_settings;
	/* Faults in the settings which are not printed yet. */
	struct faults faults;
};

/* A row of a table of commands, whose last row has no name. */
struct tool {
	const char *name;
	int (*run)(struct tool_call *); /* returns the exit status */
	/* A phrase for the help: what the command does. */
	const char *what;
	const char *words; /* arguments that are no options:
				      "FILE ..."; NULL: none */
	unsigned needs;    /* settings (CONFIG_*) that the command needs */
};

enum {
	/* Returned by tool_read() if it printed help: the command does nothing
	 * more, and tool_run() returns EXIT_STOPPED. */
	TOOL_HELPED = -1
};

/* Runs the command of loyald that argv[0] names. */
int tool_run(
    const struct tool *, const struct config_judge *, int argc, char *argv[]);

/* Runs the verb that argv[1] names; argv[0] is the noun.  Lists the verbs if
 * argv[1] names none. */
int tool_run_verb(const struct tool *verbs, struct tool_call *);

/* Lists the verbs of a noun, or all commands if the noun is empty, and what
 * each of them does. */
void tool_list(const struct tool *, const char *noun, FILE *);

/* Reads the options and settings (config_read()) of a call, or prints its help.
 * Returns EXIT_STOPPED if there is no mistake.  Else prints all mistakes and
 * returns the status with which the command should end: EXIT_USAGE if the
 * command line has a mistake, else EXIT_CONFIG. */
int tool_read(struct tool_call *, const struct option_spec *, struct config *,
    char *words[], int *nwords) MUST_CHECK;

/* tool_read_line() is for a command that checks more of its command line
 * itself.  Mistakes in the settings are kept, so that mistakes in the command
 * line are printed first.  tool_say_faults(), which operation_open() calls,
 * prints the kept mistakes. */
int tool_read_line(
    struct tool_call *, const struct option_spec *, struct config *) MUST_CHECK;
int tool_say_faults(struct tool_call *) MUST_CHECK;

/* tool_read_faults() prints nothing but the help, and adds all mistakes to the
 * faults.  The words may be NULL. */
struct tool_words {
	char **word;
	int n; /* in: room for words; out: number of words */
};
int tool_read_faults(struct tool_call *, const struct option_spec *,
    struct config *, struct tool_words *, struct faults *) MUST_CHECK;

/* Refuses a wrong call: prints the sentence given and the usage line on
 * standard error, and returns EXIT_USAGE. */
int tool_usage(const struct tool_call *, const char *fmt, ...) PRINTF(2, 3);

/* ---- options that several commands have ---------------------------------- */

#define OPTION_STORE(place)                                                \
	{                                                                  \
		"--store", "ID", "number of the store: loyald store list", \
		    .number = (place), .required = true                    \
	}
#define OPTION_BY(place)                                                   \
	{                                                                  \
		"--by", "NAME", "who it is that does it; stays on record", \
		    .text = (place), .preset = "$USER, else operator"      \
	}
#define OPTION_JSON(place)                                        \
	{                                                         \
		"--json", NULL, "print JSON, for other programs", \
		    .flag = (place)                               \
	}

/* ---- tables ------------------------------------------------------------ */

enum {
	TABLE_COLUMNS_MAX = 16,
	TABLE_CELL_MAX = 60, /* most characters of a cell; more are cut */
};

struct table_row;

struct table {
	struct arena *arena;
	size_t ncolumns;
	size_t whole; /* number of the column that is never cut; 0: none */
	/* Widths of the columns in characters. */
	size_t width[TABLE_COLUMNS_MAX];
	struct table_row *first, **last;
};

/* Begins a table with these columns; the last name is followed by NULL. */
void table_init(struct table *, struct arena *, const char *const names[]);
/* Adds a row, with a cell for each column; NULL is shown as a dash.  The cells
 * are copied. */
void table_add(struct table *, const char *const cells[]);
/* Write the text of a cell: a number, or an instant as in RFC 3339 (NULL for 0,
 * which is no moment). */
const char *cell_int(struct arena *, int64_t);
const char *cell_instant(struct arena *, int64_t);
/* Prints the table with its columns lined up, two blanks between them. */
void table_print(const struct table *, FILE *);
