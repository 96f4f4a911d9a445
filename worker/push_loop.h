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
 * push_loop: the loop of push.c, as those who call shops in it see it:
 * push_balances.c and push_number.c.
 */

enum {
	/* A lease outlives the call by this; an answer that comes later than
	 * the lease is somebody else's business. */
	LEASE_MARGIN_MS = 5 * 1000,
	/* From the claim to the call; a process that was stopped in between
	 * must not send what may be old by now. */
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
	struct arena arena; /* of one turn or answer */
	struct catalog catalog;
	struct shop_number_wanted wanted; /* of its stores */
	int64_t measured_at;              /* the outbox; monotonic, 0: never */
	int64_t progress_at; /* monotonic: when a balance was last taken */
	unsigned busy;       /* calls under way */
	int64_t poll_ms;
	struct backoff backoff;
	struct trouble trouble;
	bool drain, done;
	int status; /* to exit with, when done */
};

/* Ends the process, with this status. */
void push_end(struct push *, int status);
/* The world is in the way: again later.  Anything else is our fault, since
 * what the platforms say never comes this way. */
void push_fail(struct push *, const struct err *);
/* The next turn is in so many milliseconds. */
void push_poll_in(struct push *, int64_t ms);
/* How long after the n-th failure in a row; jittered by a quarter either
 * way, so that stores that failed together do not come back together. */
int64_t push_retry_ms(int32_t tries);
/* The reason not to call for a claim at all; NULL: there is none. */
const char *push_why_not(const struct store *, int64_t claimed_at);
/* The call itself; the request is the caller's until it was answered. */
int push_send(struct push *, const struct store *, const struct push_request *,
    http_answered *, void *arg, struct err *) MUST_CHECK;

/* Calls a store with balances, or for its number, if there is one to call:
 * *found. */
int push_balances_send(struct push *, bool *found, struct err *) MUST_CHECK;
int push_number_ask(struct push *, bool *found, struct err *) MUST_CHECK;

#endif /* WORKER_PUSH_LOOP_H */
