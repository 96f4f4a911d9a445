/* SPDX-License-Identifier: MIT */
#ifndef WORKER_WORK_POST_H
#define WORKER_WORK_POST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/config/config.h"
#include "base/message.h"
#include "io/hold.h"
#include "ledger/catalog.h"
#include "ledger/dead.h"

/*
 * work_post: messages to the database, for work.c, which takes them out of the
 * streams: a batch in one transaction, or its halves.
 */

struct work_post {
	/* Set by work.c. */
	int64_t now;       /* given; 0: the clock's */
	struct hold *hold; /* told of each try */

	struct pg *pg;
	struct arena *arena; /* of the batch at hand: work.c's */
	struct master_key key;
	struct catalog catalog;
	struct world world;   /* of the batch at hand */
	int64_t installation; /* 0: not loaded yet */
	unsigned lacks;       /* enum durability_lack, as the log has it */
	const struct message *batch; /* that is posted */
	bool *waits;                 /* the caller's, by index of batch */
	struct dead_tally died;      /* not in the log yet */
	int64_t died_logged_at;      /* monotonic; 0: never */
};

/* All zeros before, and also good for work_post_fini() if it fails. */
int work_post_init(struct work_post *, const struct config *, struct arena *,
    struct err *) MUST_CHECK;
void work_post_fini(struct work_post *);

/* Looks at the database as it is now: at first, when it has changed, and if a
 * message names a store that is not known. */
int work_post_renew(struct work_post *, const struct message *, size_t n,
    struct err *) MUST_CHECK;

/*
 * Posts every message, or buries it; waits[i] becomes true of one that somebody
 * else's lock keeps waiting.  Doing it again after a failure is right.
 */
int work_post_all(struct work_post *, const struct message *, size_t n,
    bool *waits, struct err *) MUST_CHECK;

/* Whether each commit waits for a standby, and none is connected. */
bool work_post_is_stuck(struct work_post *);

/* Logs how many messages died of what, at most once a minute unless at once. */
void work_post_log_dead(struct work_post *, bool at_once);

#endif /* WORKER_WORK_POST_H */
