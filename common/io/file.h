/* SPDX-License-Identifier: MIT */
#pragma once

#include "base/arena.h"
#include "base/err.h"

/* file: reads a small file that an operator names, as a whole. */

/* Opens a file for reading.  REJECT if the file cannot be opened, with what to
 * do; if loyald may not read the file, also with loyald's user and the file's
 * owner.  errno is then that of open().  A pipe that nobody opens for writing
 * within 3 seconds reads as empty. */
int file_open(const char *path, struct err *) MUST_CHECK;

/* Reads a file of at most max bytes.  REJECT, with the reason, if the file
 * cannot be read or is longer. */
int file_read(struct arena *, const char *path, size_t max, struct str *,
    struct err *) MUST_CHECK;
/* Reads an open file like file_read(), and closes the file. */
int file_take(struct arena *, int fd, const char *path, size_t max,
    struct str *, struct err *) MUST_CHECK;
