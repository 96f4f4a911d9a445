/* SPDX-License-Identifier: MIT */
#ifndef WORKER_STORE_FEED_H
#define WORKER_STORE_FEED_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "io/child.h"
#include "wire/sign.h"

/*
 * store_feed: a child process of receive that waits for the database in its
 * place.  The child tells receive the stores after each look at the database,
 * and keeps a copy of them in a file (ledger/store_cache.h).
 */

enum {
	FEED_RETRY_MS = 1000, /* after a look that failed */
	/* After a look that failed for what an operator must mend. */
	FEED_MEND_MS = 5000,
	FEED_STATEMENT_MS = 5000, /* the most that a statement may take */
};

enum feed_word {
	FEED_NEW = 1, /* the stores come with it; always the first word */
	FEED_SAME,    /* the stores are as they were sent last */
	FEED_AWAY,    /* the look failed: the sentence comes with it */
};

/* The head of the child's messages.  With FEED_NEW comes the text of
 * store_cache_render(). */
struct feed_look {
	enum feed_word word;
	enum fault fault; /* with FEED_AWAY */
	bool is_early; /* with FEED_AWAY: loyald migrate has not been run yet */
	int64_t began_at; /* monotonic, which is the same for all processes */
};

struct store_feed {
	const char *database_url, *dir;
	const struct master_key *key;
	struct child child;
};

/* Forks.  Everything that the feed points to must outlive it.  RETRY if the
 * system refuses. */
int store_feed_start(struct store_feed *, struct err *) MUST_CHECK;

#endif /* WORKER_STORE_FEED_H */
