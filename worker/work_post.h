/* SPDX-License-Identifier: MIT */
#pragma once

#include "base/config/config.h"
#include "base/message.h"
#include "io/hold.h"
#include "ledger/catalog.h"
#include "ledger/dead.h"

/*
 * work_post: posts the messages that work.c takes from the streams.  A whole
 * batch is posted in one transaction.  If the batch is refused, each half is
 * posted in a transaction of its own.
 */

struct work_post {
	/* Set by work.c before work_post_init(). */
	int64_t now;       /* from --now; 0: the clock's time */
	struct hold *hold; /* owned by work.c; each try calls hold_moved() */

	struct pg *pg;
	size_t most;         /* messages in one transaction */
	struct arena *arena; /* owned by work.c; for one batch */
	struct master_key key;
	struct catalog catalog;
	struct world world;   /* for the present batch */
	int64_t installation; /* 0: not loaded yet */
	/* Bits of enum durability_lack, as they were last logged. */
	unsigned lacks;
	const struct message *batch; /* the messages being posted */
	bool *waits;                 /* the caller's; one for each message */
	/* Dead letters that no log line has counted yet. */
	struct dead_tally died;
	/* When died was last logged; monotonic; 0: never. */
	int64_t died_logged_at;
};

/* The struct must be all zeros. work_post_fini() may be called even after
 * work_post_init() has failed. */
int work_post_init(struct work_post *, const struct config *, struct arena *,
    struct err *) MUST_CHECK;
void work_post_fini(struct work_post *);

/* Loads the catalog if that is due, or if a message names a store that the
 * catalog does not have.  Makes the world of the next batch. */
int work_post_renew(struct work_post *, const struct message *, size_t n,
    struct err *) MUST_CHECK;

/*
 * Posts every message, or makes it a dead letter.  Sets waits[i] for a message
 * that must wait for another process's lock.  May be called again after a
 * failure.
 */
int work_post_all(struct work_post *, const struct message *, size_t n,
    bool *waits, struct err *) MUST_CHECK;

/* Whether commits wait for a standby while no standby is connected. */
bool work_post_is_stuck(struct work_post *);

/* Logs how many messages became dead letters, and why: once a minute at most,
 * or now if at_once. */
void work_post_log_dead(struct work_post *, bool at_once);
