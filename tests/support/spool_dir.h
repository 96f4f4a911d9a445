/* SPDX-License-Identifier: MIT */
#pragma once

#include <stdbool.h>

#include "io/spool/spool.h"

/* spool_dir: a spool in a folder of its own for each test.  cmocka's setup and
 * teardown make and remove the folder.  An error in any of these functions
 * fails the test. */

enum {
	SPOOL_TEST_MAX = 512 * 1024 * 1024
};

extern char spool_dir[64];

int spool_dir_make(void **state);
int spool_dir_remove(void **state);

/* Counts the files whose names end with `end`; `path` gets the path of the last
 * of these files. */
int spool_files(const char *end, char path[512]);

struct spool *spool_open_on(const struct spool_disk *);
void spool_add_text(struct spool *, const char *);
void spool_sync_ok(struct spool *);

/* Gives the first 32 bytes of every waiting payload, in order, as "a b c".  If
 * `take`, takes the payloads off the spool.  The text lives until the next
 * call. */
const char *spool_all(struct spool *, bool take);
