/* SPDX-License-Identifier: MIT */
#ifndef LEDGER_BATCH_BATCH_H
#define LEDGER_BATCH_BATCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/message.h"
#include "ledger/dead.h"
#include "ledger/world.h"

/*
 * batch: messages in, ledger entries and dead letters out.
 *
 * What the worker does between taking messages and acknowledging them, with
 * no stream and no clock of its own, so that a test can drive it.
 */

enum {
	BATCH_MAX = 500, /* messages of one batch */
	/* A message given out more often without an answer kills whoever
	 * looks at it: it is buried unseen. */
	DELIVERIES_MAX = 16,
	/* From here on it is worked on alone, so that it takes nobody along. */
	DELIVERIES_SUSPECT = 3,
};

struct batch_result {
	size_t entries;     /* posted */
	size_t dead;        /* buried */
	size_t misdirected; /* of these */
	size_t unchanged;   /* messages that told nothing new */
	size_t refused;     /* redemptions that were not taken in */
	size_t aside;       /* members whose timeline takes long */
	struct dead_tally died;
};

/*
 * All of the messages or none, in one transaction; orders that this moves
 * to other members follow in transactions of their own before it returns.
 * Doing it again after any failure is right.
 * REJECT: one of them is refused; with more than one message, try halves.
 */
int batch_post(const struct world *, const struct message *, size_t n,
    struct batch_result *, struct err *) MUST_CHECK;

/* Buries one message, in a transaction of its own. */
int batch_bury(const struct world *, const struct message *,
    const char *why_class, const char *reason, struct err *) MUST_CHECK;

#endif /* LEDGER_BATCH_BATCH_H */
