/* SPDX-License-Identifier: MIT */
#ifndef IO_FILE_H
#define IO_FILE_H

#include <stddef.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"

/* file: a small file that an operator names, read as a whole. */

/* Opens a file for reading.  REJECT if loyald may not: with loyald's user, the
 * file's owner and what to do; errno is open()'s.  A pipe that nobody opens to
 * write within seconds is empty. */
int file_open(const char *path, struct err *) MUST_CHECK;

/* Reads a file of at most max bytes.  REJECT with the reason if it cannot be
 * read or is longer. */
int file_read(struct arena *, const char *path, size_t max, struct str *,
    struct err *) MUST_CHECK;
/* Reads an open file like file_read(), and closes it. */
int file_take(struct arena *, int fd, const char *path, size_t max,
    struct str *, struct err *) MUST_CHECK;

#endif /* IO_FILE_H */
