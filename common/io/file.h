/* SPDX-License-Identifier: MIT */
#ifndef IO_FILE_H
#define IO_FILE_H

#include <stddef.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"

/* file: a small file that an operator names, as a whole. */

/* Opens it for reading.  If we may not, REJECT with who we are, whose it is and
 * what to do; errno is open()'s.  A pipe that nobody opens to write within
 * seconds is empty. */
int file_open(const char *path, struct err *) MUST_CHECK;

/* At most max bytes.  REJECT with the reason if it cannot be read or is
 * longer. */
int file_read(struct arena *, const char *path, size_t max, struct str *,
    struct err *) MUST_CHECK;
/* The same of a file that is open; it is closed. */
int file_take(struct arena *, int fd, const char *path, size_t max,
    struct str *, struct err *) MUST_CHECK;

#endif /* IO_FILE_H */
