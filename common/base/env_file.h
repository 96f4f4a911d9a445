/* SPDX-License-Identifier: MIT */
#pragma once

#include "base/arena.h"
#include "base/faults.h"

/*
 * env_file: settings in a file, a line NAME=VALUE each, as systemd's
 * EnvironmentFile= and Docker's env_file both read them.
 *
 * Empty lines and lines that begin with # are skipped, and so is "export " in
 * front of a name.  Blanks around a value are no part of the value; single or
 * double quotes around the whole value are taken off.  Nothing is expanded.
 *
 * Text that systemd, Docker or a shell read differently is refused, with a
 * sentence that says what to write instead.  Refused are, outside single
 * quotes, a backslash, or a $ before a name; and outside all quotes, a # behind
 * a blank, or a ~ at the beginning.  A name may have only one line, and the
 * file may not begin with a byte order mark.
 *
 * env_file_parse() does no I/O.  No sentence about a mistake repeats a value,
 * which may be a password.
 */

enum {
	ENV_FILE_MAX = 64 * 1024, /* bytes of the file */
	ENV_LINES_MAX = 500,      /* lines with a name and a value */
};

struct env_line {
	const char *name, *value;
	unsigned line;
};

struct env_file {
	/* The file's path, for sentences about mistakes. */
	const char *path;
	struct env_line *lines;
	size_t n;
};

/* Reads the text of the file at path.  A line that cannot be read becomes a
 * FAULT_CONFIG, and the other lines are read. */
void env_file_parse(struct arena *, const char *path, struct str text,
    struct env_file *, struct faults *);

/* Finds the line with this name; NULL: none. */
const struct env_line *env_file_find(const struct env_file *, const char *name);
