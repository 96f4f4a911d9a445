/* SPDX-License-Identifier: MIT */
#pragma once

#include "base/err.h"
#include "base/key.h"

/*
 * key_file: makes and reads the file of the master key: 64 hexadecimal digits
 * and a line feed, mode 0600.  Failures are FATAL: an operator has to mend
 * them.
 */

/* Makes a file with a new key.  Does not overwrite a file: secrets that were
 * sealed with the old key could not be opened any more. */
int key_create(const char *path, struct err *) MUST_CHECK;

/* Reads the key; refuses a file that other users may read
 * (io/secret_file.h). */
int key_load(const char *path, struct master_key *, struct err *) MUST_CHECK;
