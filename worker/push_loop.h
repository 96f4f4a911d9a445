/* SPDX-License-Identifier: MIT */
#ifndef WORKER_PUSH_LOOP_H
#define WORKER_PUSH_LOOP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/config/config.h"
#include "base/key.h"
#include "io/http/client.h"
#include "io/trouble.h"
#include "ledger/catalog.h"
#include "ledger/shop_number.h"
#include "loop.h"
#include "wire/shop/shop.h"

/*
 * push_loop: the state of loyald push, and the functions of its loop that calls
 * need, whether they bring balances (push_balances.c) or ask for a shop's
 * number (push_number.c).
 */

enum {
	/* A lease lasts this much longer than its call may.  If the answer
	 * comes later than that, another process may have the lease. */
	LEASE_MARGIN_MS = 5 * 1000,
	/* The longest time from the claim to the call: a process that was
	 * stopped in between must not send balances that may be old by now. */
	CLAIM_AGE_MAX_MS = 2 * 1000,
};

struct push {
	struct config config;
	struct event_base *base;
	struct event *timer;
	struct http_client *client;
	struct loop_health *health;
	struct pg *pg;
	struct master_key key;
	struct arena arena; /* of one turn or one answer */
	struct catalog catalog;
	struct shop_number_wanted wanted; /* among the catalog's stores */
	/* When the outbox was measured; monotonic, 0: never. */
	int64_t measured_at;
	int64_t progress_at; /* when a shop last took a balance; monotonic */
	unsigned busy;       /* calls under way */
	int64_t poll_ms;
	struct backoff backoff;
	struct trouble trouble;
	bool drain, done;
	int status; /* the exit status, when done */
};

/* Ends the process with this status. */
void push_end(struct push *, int status);
/* Waits and goes on if the fault is RETRY.  Any other fault ends the process:
 * what the platforms answer never comes this way. */
void push_fail(struct push *, const struct err *);
/* Has the next turn begin in so many milliseconds. */
void push_poll_in(struct push *, int64_t ms);
/* How long to wait after so many failures in a row, with a jitter of a quarter,
 * so that stores that failed together are not called together again. */
int64_t push_retry_ms(int32_t tries);
/* The reason not to call a store for a claim made at claimed_at (monotonic);
 * NULL: there is none. */
const char *push_why_not(const struct store *, int64_t claimed_at);
/* Makes the call.  The request is the caller's until it is answered. */
int push_send(struct push *, const struct store *, const struct push_request *,
    http_answered *, void *arg, struct err *) MUST_CHECK;

/* Claims a store and calls it, with balances or for its number.  *found says
 * whether a store was due. */
int push_balances_send(struct push *, bool *found, struct err *) MUST_CHECK;
int push_number_ask(struct push *, bool *found, struct err *) MUST_CHECK;

#endif /* WORKER_PUSH_LOOP_H */
