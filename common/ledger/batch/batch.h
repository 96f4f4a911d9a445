/* SPDX-License-Identifier: MIT */
#pragma once

#include "base/message.h"
#include "ledger/dead.h"
#include "ledger/world.h"

/*
 * batch: turns messages into ledger entries and dead letters.
 *
 * The caller takes messages from a stream, has the batch post them, and then
 * acknowledges them.  The batch knows neither a stream nor a clock, so that a
 * test can drive it.
 */

enum {
	BATCH_MAX = 500, /* messages in one batch */
	/* If a message was delivered more often than this and never
	 * acknowledged, we assume that it crashes the process, and bury it
	 * without reading it. */
	DELIVERIES_MAX = 16,
	/* A message that was delivered more often than this is posted without
	 * any other message, in case it crashes the process. */
	DELIVERIES_SUSPECT = 3,
};

struct batch_result {
	size_t entries;     /* entries that were posted */
	size_t dead;        /* messages that became dead letters */
	size_t misdirected; /* dead letters of the class misdirected */
	size_t unchanged;   /* messages that said nothing new */
	size_t refused;     /* redemptions that were refused */
	size_t aside;       /* members left to timeline_alone() */
	struct dead_tally died;
};

/*
 * Posts all of the messages or none, in one transaction.  Orders that the
 * messages move to other members are posted in transactions of their own,
 * before the function returns.  After any failure the same messages may be
 * posted again.
 *
 * REJECT if one of the messages is refused.  If there is more than one message,
 * the caller then tries each half of the batch.
 */
int batch_post(const struct world *, const struct message *, size_t n,
    struct batch_result *, struct err *) MUST_CHECK;

/* Makes a dead letter of one message, in a transaction of its own. */
int batch_bury(const struct world *, const struct message *,
    const char *why_class, const char *reason, struct err *) MUST_CHECK;
