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
 * work_post: posts the messages that work.c takes out of the streams: a batch
 * in one transaction, or, if that is refused, its halves.
 */

struct work_post {
	/* Set by work.c. */
	int64_t now;       /* from --now; 0: the clock's time */
	struct hold *hold; /* told of each try */

	struct pg *pg;
	struct arena *arena; /* of the batch at hand; work.c's */
	struct master_key key;
	struct catalog catalog;
	struct world world;          /* of the batch at hand */
	int64_t installation;        /* 0: not loaded yet */
	unsigned lacks;              /* enum durability_lack, as last logged */
	const struct message *batch; /* the messages being posted */
	bool *waits;                 /* the caller's, by the index in batch */
	struct dead_tally died;      /* not logged yet */
	int64_t died_logged_at;      /* monotonic; 0: never */
};

/* The struct must be all zeros.  After a failure it may be given to
 * work_post_fini(), too. */
int work_post_init(struct work_post *, const struct config *, struct arena *,
    struct err *) MUST_CHECK;
void work_post_fini(struct work_post *);

/* Loads the catalog if it is due, or if a message names a store that is not in
 * it, and makes the world of the next batch. */
int work_post_renew(struct work_post *, const struct message *, size_t n,
    struct err *) MUST_CHECK;

/*
 * Posts every message, or buries it.  waits[i] becomes true for a message that
 * must wait for another process's lock.  May be called again after a failure.
 */
int work_post_all(struct work_post *, const struct message *, size_t n,
    bool *waits, struct err *) MUST_CHECK;

/* Whether each commit waits for a standby while none is connected. */
bool work_post_is_stuck(struct work_post *);

/* Logs how many messages died of what: once a minute at most, or at once. */
void work_post_log_dead(struct work_post *, bool at_once);

#endif /* WORKER_WORK_POST_H */
