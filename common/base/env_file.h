/* SPDX-License-Identifier: MIT */
#ifndef BASE_ENV_FILE_H
#define BASE_ENV_FILE_H

#include "base/arena.h"
#include "base/faults.h"
#include "base/str.h"

/*
 * env_file: settings in a file, a line NAME=VALUE each, as systemd's
 * EnvironmentFile= and Docker's env_file both read them.
 *
 * Empty lines and those that begin with # are skipped; "export " in front of
 * a name is, too.  Blanks around a value are no part of it; single or double
 * quotes around all of it are taken off.  Nothing is expanded.
 *
 * Text that these two, or a shell, read differently is refused, with a sentence
 * that says what to write: outside single quotes a backslash and a $ before a
 * name; outside any quotes a # behind a blank and a ~ in front.  A name has one
 * line, and the file no byte order mark.
 *
 * The reading is pure; no sentence repeats a value, which may be a password.
 */

enum {
	ENV_FILE_MAX = 64 * 1024, /* bytes */
	ENV_LINES_MAX = 500,      /* that set a name */
};

struct env_line {
	const char *name, *value;
	unsigned line;
};

struct env_file {
	const char *path; /* for sentences */
	struct env_line *lines;
	size_t n;
};

/* Reads the text of the file at path; what cannot be read becomes a fault
 * (CONFIG), and the rest is read. */
void env_file_parse(struct arena *, const char *path, struct str text,
    struct env_file *, struct faults *);

/* The line of that name, or NULL. */
const struct env_line *env_file_find(const struct env_file *, const char *name);

#endif /* BASE_ENV_FILE_H */
