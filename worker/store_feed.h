/* SPDX-License-Identifier: MIT */
#pragma once

#include "io/child.h"

/*
 * store_feed: a child process that waits for the database, so that receive need
 * not wait.  The child sends the list of stores to receive after each look at
 * the database, and keeps a copy of the list in a file (ledger/store_cache.h).
 */

enum {
	FEED_RETRY_MS = 1000, /* wait after a look that failed */
	/* Wait after a look that failed because of something that an operator
	 * must mend. */
	FEED_MEND_MS = 5000,
	/* The longest time that a statement may take. */
	FEED_STATEMENT_MS = 5000,
};

enum feed_word {
	FEED_NEW = 1, /* the stores follow; always the first word of a feed */
	FEED_SAME,    /* the stores are as they were sent last */
	FEED_AWAY,    /* the look failed; a sentence that says why follows */
};

/* The head of the child's messages.  The text of store_cache_render() follows
 * FEED_NEW. */
struct feed_look {
	enum feed_word word;
	enum fault fault; /* only with FEED_AWAY */
	/* Only with FEED_AWAY: loyald migrate has not been run yet. */
	bool is_early;
	/* When the look began; monotonic, the same for all processes. */
	int64_t began_at;
};

struct store_feed {
	const char *database_url, *dir;
	const struct master_key *key;
	struct child child;
};

/* Forks the child.  Everything that the feed points to must outlive the feed.
 * RETRY if the system refuses to fork. */
int store_feed_start(struct store_feed *, struct err *) MUST_CHECK;
