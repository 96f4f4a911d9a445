/* SPDX-License-Identifier: MIT */
#ifndef IO_KEY_FILE_H
#define IO_KEY_FILE_H

#include "base/cc.h"
#include "base/err.h"
#include "base/key.h"

/*
 * key_file: the master key in a file: 64 hexadecimal digits and a line
 * feed, mode 0600.  What goes wrong here is for the operator: FATAL.
 */

/* Makes a new key.  Never overwrites: what was sealed with the key that is
 * there could not be opened any more. */
int key_create(const char *path, struct err *) MUST_CHECK;

/* Refuses a file that others may use (io/secret_file.h). */
int key_load(const char *path, struct master_key *, struct err *) MUST_CHECK;

#endif /* IO_KEY_FILE_H */
