/* SPDX-License-Identifier: MIT */
#ifndef WORKER_STORE_FEED_H
#define WORKER_STORE_FEED_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "io/child.h"
#include "wire/sign.h"

/*
 * store_feed: a child process that has the connection to the database which
 * receive must not wait for.  It says after each look what came of it, and
 * keeps the file of store_cache.h as the stores are.
 */

enum {
	FEED_RETRY_MS = 1000,     /* after a look that failed */
	FEED_MEND_MS = 5000,      /* if somebody must mend something */
	FEED_STATEMENT_MS = 5000, /* to load them */
};

enum feed_word {
	FEED_NEW = 1, /* the stores as they are come with it; so at first */
	FEED_SAME,    /* the stores are as they were told last */
	FEED_AWAY,    /* the database did not say: the sentence comes with it */
};

/* The child's messages; with FEED_NEW comes store_cache_render()'s text. */
struct feed_look {
	enum feed_word word;
	enum fault fault; /* with FEED_AWAY */
	bool is_early;    /* that: it waits for loyald migrate */
	int64_t began_at; /* monotonic, which is the same for all processes */
};

struct store_feed {
	const char *database_url, *dir;
	const struct master_key *key;
	struct child child;
};

/* Forks; what the feed names outlives it.  RETRY if the system refuses. */
int store_feed_start(struct store_feed *, struct err *) MUST_CHECK;

#endif /* WORKER_STORE_FEED_H */
