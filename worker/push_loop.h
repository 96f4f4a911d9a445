/* SPDX-License-Identifier: MIT */
#pragma once

#include "base/config/config.h"
#include "base/key.h"
#include "io/http/client.h"
#include "io/trouble.h"
#include "ledger/benefits.h"
#include "ledger/shop_number.h"
#include "ledger/store_app.h"
#include "loop.h"
#include "wire/shop/shop.h"

/*
 * push_loop: the state of loyald push, and functions for calls to shops.  A
 * call either brings balances (push_balances.c) or asks for the shop's number
 * (push_number.c).
 */

enum {
	/* A lease lasts this much longer than its call may take.  If the answer
	 * comes after that, another process may have the lease. */
	LEASE_MARGIN_MS = 5 * 1000,
	/* The longest time from the claim to the call.  A process that was held
	 * up for longer must not send balances that may be out of date. */
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
	struct arena arena; /* memory for one turn or one answer */
	struct catalog catalog;
	/* The stores of the catalog whose shop number is not known yet. */
	struct shop_number_wanted wanted;
	int64_t changes; /* the catalog's, when the wanted were listed */
	struct benefits_told benefits;
	/* When the outbox was measured; monotonic, 0: never. */
	int64_t measured_at;
	int64_t apps_at;     /* when tokens that are due were looked for */
	int64_t benefits_at; /* and benefits */
	int64_t progress_at; /* when a shop last took a balance; monotonic */
	unsigned busy;       /* calls under way */
	int64_t poll_ms;
	struct backoff backoff;
	struct trouble trouble;
	bool drain, done;
	int status; /* the exit status, once the process ends */
};

/* Ends the process with this status. */
void push_end(struct push *, int status);
/* Logs an error.  If the fault is RETRY, the next turn begins after a wait.
 * Any other fault ends the process.  Failures of a platform must not be passed
 * to this function. */
void push_fail(struct push *, const struct err *);
/* Says how long to wait after this many failures in a row, with a jitter of a
 * quarter, so that stores that failed together are not called together
 * again. */
int64_t push_retry_ms(int32_t tries);
/* Says why a store must not be called for a claim made at claimed_at
 * (monotonic); NULL: the store may be called. */
const char *push_why_not(const struct store *, int64_t claimed_at);
/* Says why no call must be made for a claim of that time, whatever the store is. */
const char *push_why_late(int64_t claimed_at);
/* Makes the call.  The request belongs to the caller, and must stay until the
 * call is answered. */
int push_send(struct push *, const char *api_url, const struct push_request *,
    http_answered *, void *arg, struct err *) MUST_CHECK;

/* Returns what push_token_judge() must know of a call with the store's token. */
struct token_used push_token_of(const struct store *);
/* Does what is to follow if the status of an answer, whose outcome has been saved, is
 * that the shop refuses the call's token (store_app.h). */
void push_token_judge(struct push *, const struct token_used *, int status);

/* push_balances_send() claims a store and sends it balances. push_number_ask()
 * claims a store and asks its shop for the number, push_token_get() for an API
 * token; push_reward_go() has it make, show or remove a reward, and
 * push_benefit_go() a benefit.  *found says whether a store was due. */
int push_balances_send(struct push *, bool *found, struct err *) MUST_CHECK;
int push_number_ask(struct push *, bool *found, struct err *) MUST_CHECK;
int push_reward_go(struct push *, bool *found, struct err *) MUST_CHECK;
int push_benefit_go(struct push *, bool *found, struct err *) MUST_CHECK;
int push_token_get(struct push *, bool *found, struct err *) MUST_CHECK;
