/* SPDX-License-Identifier: MIT */
#ifndef LEDGER_STORE_FEED_H
#define LEDGER_STORE_FEED_H

#include <sys/types.h>

#include "base/err.h"
#include "wire/sign.h"

/*
 * store_feed: a child process that has the connection to the database which
 * receive must not wait for.  It keeps the file of store_cache.h as the
 * stores are, and says each time that it wrote a new one.
 *
 * It ends when its parent ends, however that ends.
 */

struct store_feed {
	pid_t pid; /* 0: not running */
	int fd;    /* readable: a byte for each new file; its end at EOF */
};

/* Forks.  RETRY if the system refuses. */
int store_feed_start(struct store_feed *, const char *database_url,
    const char *dir, const struct master_key *, struct err *) MUST_CHECK;
/* Ends it, if it runs; the exit status it had, or -1 if it was killed. */
int store_feed_stop(struct store_feed *);

#endif /* LEDGER_STORE_FEED_H */
