/* SPDX-License-Identifier: MIT */
/*
 * A call that brings the newest balances to a store, from claiming the balances
 * in the outbox to the shop's answer.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/mem.h"
#include "base/metrics.h"
#include "io/clock.h"
#include "io/timer.h"
#include "ledger/outbox.h"
#include "push_loop.h"
#include "shop_call.h"

enum {
	SETTLE_TRIES_MAX = 3,
	/* A call that push gave up may still reach the shop within this many
	 * timeouts. */
	DOUBT_TIMEOUTS = 3,
	/* The status with which a proxy says that it gave up waiting. */
	GATEWAY_TIMEOUT = 504,
};

/* A call, from the claim in the outbox to the answer. */
struct push_call {
	struct push *push;
	const struct shop *shop;
	struct outbox_claim claim;
	struct token_used used;
	struct push_request request;
	struct arena arena; /* has what is told beside the balances */
};

/* ---- the outcome of a call ----------------------------------------------- */

static void
answer_count(const struct push_call *c, const struct push_answer *answer)
{
	metrics.push_retries += answer->all == PUSH_RETRY;
	metrics.push_throttled += answer->throttled;
	for (size_t i = 0; i < c->claim.n; i++) {
		if (answer->items[i] == PUSH_DONE) {
			metrics.push_members++;
			c->push->progress_at = clock_mono();
		} else if (answer->items[i] == PUSH_REJECT) {
			metrics.push_rejected++;
			log_warn("store %" PRId64 " refuses the balance of "
			         "member %" PRId64 " for good: %s",
			    c->claim.store_id, c->claim.member_ids[i],
			    answer->why[i]);
		}
	}
	if (answer->not_defined[0] != '\0')
		log_warn("store %" PRId64 " will not have the definitions of "
		         "what customers' accounts show: %s",
		    c->claim.store_id, answer->not_defined);
	if (answer->not_tagged[0] != '\0')
		log_warn("store %" PRId64 " leaves tags as they are: "
		         "%s",
		    c->claim.store_id, answer->not_tagged);
}

/* Saves the outcome of a claim.  If another process holds a lock, tries again:
 * without the outcome, the store is not called until the lease has run out. */
static int
claim_finish(const struct push_call *c, const struct outbox_result *r,
    bool *lost, struct err *e)
{
	struct push *p = c->push;

	for (int tries = 1;; tries++) {
		arena_reset(&p->arena);
		if (outbox_finish(p->pg, &p->arena, &c->claim, r, lost, e) == 0)
			return 0;
		if (e->fault != FAULT_RETRY || !pg_is_connected(p->pg) ||
		    tries == SETTLE_TRIES_MAX)
			return -1;
	}
}

/* Counts and saves an answer.  Throttling does not count as a failure: the shop
 * only says when to call again. */
static void
answer_finish(
    struct push_call *c, const struct push_answer *answer, bool given_up)
{
	bool failed = answer->all == PUSH_RETRY && !answer->throttled;
	struct outbox_result result = { .answer = answer };
	struct push *p = c->push;
	struct err e;
	bool lost;

	result.store_wait_ms = answer->wait_ms;
	if (given_up)
		result.doubt_ms = DOUBT_TIMEOUTS * p->config.push_timeout_ms;
	if (failed) {
		int64_t ms = push_retry_ms(c->claim.tries);

		/* The shop may still be working on a call that push gave up, so
		 * the next call waits at least one timeout. */
		if (given_up && ms < p->config.push_timeout_ms)
			ms = p->config.push_timeout_ms;
		if (result.store_wait_ms < ms)
			result.store_wait_ms = ms;
		result.why = answer->why[0];
		log_warn("store %" PRId64 ": %zu balances not taken: %s; "
		         "again in %" PRId64 " ms",
		    c->claim.store_id, c->claim.n, result.why,
		    result.store_wait_ms);
	}
	for (size_t i = 0; i < c->claim.n; i++)
		result.row_wait_ms[i] = answer->all == PUSH_RETRY
		                            ? result.store_wait_ms
		                            : push_retry_ms(
		                                  c->claim.row_tries[i]);
	answer_count(c, answer);

	if (claim_finish(c, &result, &lost, &e) == -1) {
		/* The balances are sent again when the lease has run out. */
		err_wrap(&e, "settling what store %" PRId64 " answered",
		    c->claim.store_id);
		push_fail(p, &e);
		return;
	}
	if (lost)
		log_warn("store %" PRId64 " answered after its lease had run "
		         "out: its balances are sent again",
		    c->claim.store_id);
	timer_in(p->timer, 0);
}

static void
call_free(struct push_call *c)
{
	c->push->busy--;
	buf_fini(&c->request.body);
	/* Erases the API token, which is in the headers. */
	explicit_bzero(&c->request, sizeof(c->request));
	arena_fini(&c->arena);
	free(c);
}

/* Ends a call that was not answered: all balances are sent again later. */
static void
answer_none(
    const struct push_call *c, const char *why, struct push_answer *answer)
{
	*answer = (struct push_answer){ .all = PUSH_RETRY };
	for (size_t i = 0; i < c->claim.n; i++) {
		answer->items[i] = PUSH_RETRY;
		(void)snprintf(
		    answer->why[i], sizeof(answer->why[i]), "%s", why);
	}
}

static void
on_answer(void *arg, const struct http_answer *a)
{
	struct push_call *c = arg;
	struct push_answer answer;

	histogram_add(&metrics.push_call, a->took_us);
	if (a->status == 0)
		answer_none(c, a->error, &answer);
	else
		c->shop->judge(a->status, a->retry_after, a->body,
		    c->claim.items, c->claim.n, &answer);
	answer_finish(c, &answer,
	    a->fault == HTTP_FAULT_TIME || a->status == GATEWAY_TIMEOUT);
	push_token_judge(c->push, &c->used, a->status);
	call_free(c);
}

/* ---- making a call ------------------------------------------------------- */

static int
call_send(struct push_call *c, const struct store *s, struct err *e)
{
	struct shop_access a = shop_access_of(s);

	c->used = push_token_of(s);
	a.define = c->claim.define;
	if (c->shop->render(c->claim.items, c->claim.n, &a, &c->request, e) ==
	    -1)
		return -1;
	return push_send(c->push, s->api_url, &c->request, on_answer, c, e);
}

static void
call_start(struct push_call *c, int64_t claimed_at)
{
	struct push *p = c->push;
	const struct store *s = stores_find(
	    p->catalog.stores, p->catalog.nstores, c->claim.store_id);
	const char *why = push_why_not(s, claimed_at);
	struct push_answer answer;
	struct err e;

	if (why == NULL) {
		c->shop = shop_find(s->platform);
		if (call_send(c, s, &e) == 0)
			return;
		why = e.msg;
	}
	/* A call may have failed because the store has changed, so the stores
	 * are loaded again. */
	catalog_forget(&p->catalog);
	answer_none(c, why, &answer);
	answer_finish(c, &answer, false);
	call_free(c);
}

int
push_balances_send(struct push *p, bool *found, struct err *e)
{
	struct push_call *c = mem_new(sizeof(*c), "a call");
	int64_t lease_ms = p->config.push_timeout_ms + LEASE_MARGIN_MS;
	int64_t claimed_at = clock_mono();
	struct world w;
	int ret;

	c->push = p;
	arena_init(&c->arena);
	w = catalog_world(&p->catalog, &c->arena, clock_now());
	ret = outbox_claim(&w, lease_ms, &c->claim, found, e);
	if (ret == -1 || !*found) {
		arena_fini(&c->arena);
		free(c);
		return ret;
	}
	p->busy++;
	buf_init(&c->request.body, PUSH_BODY_MAX);
	call_start(c, claimed_at);
	return 0;
}
