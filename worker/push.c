/* SPDX-License-Identifier: MIT */
/*
 * loyald push: the newest balances to the platforms.
 *
 * One call at a time for each store, many stores at once.  What waits is in
 * the database, and so is who is calling which store: any number of push
 * processes may run, and one that dies leaves a lease that runs out.  What
 * is sent is absolute and carries its version, so repeating a call whose
 * answer was lost is right.
 *
 * The one process that may call the platforms also asks them, once, for the
 * numbers of shops (push_number.c).
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <event2/event.h>

#include "base/config/config.h"
#include "base/log.h"
#include "base/metrics.h"
#include "base/tool.h"
#include "cmd.h"
#include "io/clock.h"
#include "io/key_file.h"
#include "ledger/outbox.h"
#include "ledger/stmts.h"
#include "push.h"
#include "shop_call.h"

enum {
	CALLS_MAX = 64,     /* at once */
	POLL_MIN_MS = 5,    /* after something was due */
	POLL_MAX_MS = 250,  /* doubling to this while nothing is */
	SIZE_MS = 5 * 1000, /* between looks at how much waits */
	RETRY_MIN_MS = 500, /* doubling with each failure in a row ... */
	RETRY_MAX_MS = 5 * 60 * 1000,  /* ... to this, and then for good */
	DRAIN_PATIENCE_MS = 60 * 1000, /* without a balance being taken */
	SETTLE_TRIES_MAX = 3,
	/* A call that was given up may still arrive: for so many timeouts. */
	DOUBT_TIMEOUTS = 3,
	GATEWAY_TIMEOUT = 504, /* somebody on the way gave up */
};

/* One call, from the claim to what came of it. */
struct push_call {
	struct push *push;
	const struct shop *shop;
	struct outbox_claim claim;
	struct push_request request;
};

static const char *const figures[] = { "loyald_push_", NULL };

static bool
is_ready(void *arg, const char **why_not)
{
	const struct push *p = arg;

	*why_not = trouble_why(&p->trouble);
	return *why_not == NULL;
}

static void
finish(struct push *p, int status)
{
	p->done = true;
	p->status = status;
	(void)event_base_loopbreak(p->base);
}

void
push_poll_in(struct push *p, int64_t ms)
{
	struct timeval tv = { .tv_sec = ms / 1000,
		.tv_usec = ms % 1000 * 1000 };

	if (evtimer_add(p->timer, &tv) == -1)
		die("out of memory for a timer");
}

void
push_fail(struct push *p, const struct err *e)
{
	if (trouble_ends(&p->trouble, e)) {
		finish(p, loop_end(e, EXIT_FATAL));
		return;
	}
	trouble_is(&p->trouble, e, NULL);
	push_poll_in(p, backoff_next(&p->backoff));
}

/* ---- what came of a call ----------------------------------------------------------- */

int64_t
push_retry_ms(int32_t tries)
{
	int64_t ms = RETRY_MIN_MS;
	uint16_t r;

	for (int32_t i = 0; i < tries && ms < RETRY_MAX_MS; i++)
		ms *= 2;
	if (ms > RETRY_MAX_MS)
		ms = RETRY_MAX_MS;
	random_bytes(&r, sizeof(r));
	return ms * 3 / 4 + ms / 2 * r / UINT16_MAX;
}

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
}

/* Again, if it was but a quarrel over locks: an answer that is not settled
 * keeps the store waiting until the lease has run out. */
static int
claim_settle(const struct push_call *c, const struct outbox_result *r,
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

/* Throttling is the platform's way of saying when, and no failure. */
static void
answer_settle(
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

		/* The platform may still be busy with it. */
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

	if (claim_settle(c, &result, &lost, &e) == -1) {
		/* The lease runs out, and they are sent again. */
		err_wrap(&e, "settling what store %" PRId64 " answered",
		    c->claim.store_id);
		push_fail(p, &e);
		return;
	}
	if (lost)
		log_warn("store %" PRId64 " answered after its lease had run "
		         "out: its balances are sent again",
		    c->claim.store_id);
	push_poll_in(p, 0);
}

static void
call_free(struct push_call *c)
{
	c->push->busy--;
	buf_fini(&c->request.body);
	/* The token was in its headers. */
	explicit_bzero(&c->request, sizeof(c->request));
	free(c);
}

/* Nothing was heard: for all of them, later. */
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
	answer_settle(c, &answer,
	    a->fault == HTTP_FAULT_TIME || a->status == GATEWAY_TIMEOUT);
	call_free(c);
}

/* ---- making a call ----------------------------------------------------------------- */

int
push_send(struct push *p, const struct store *s, const struct push_request *r,
    http_answered *answered, void *arg, struct err *e)
{
	metrics.push_calls++;
	return shop_call(p->client, s->api_url, r, answered, arg, e);
}

static int
call_send(struct push_call *c, const struct store *s, struct err *e)
{
	if (c->shop->render(
	        c->claim.items, c->claim.n, s->api_token, &c->request, e) == -1)
		return -1;
	return push_send(c->push, s, &c->request, on_answer, c, e);
}

const char *
push_why_not(const struct store *s, int64_t claimed_at)
{
	if (s == NULL || s->api_url == NULL || s->disabled)
		return "the store was changed: its settings are loaded again";
	if (s->api_token.len == 0)
		return "the store has no API token: loyald store set "
		       "--api-token-file";
	if (clock_mono() - claimed_at > CLAIM_AGE_MAX_MS * INT64_C(1000))
		return "this process was held up between claim and call";
	return NULL;
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
	/* Whatever it was, what we know of the store may be old. */
	catalog_forget(&p->catalog);
	answer_none(c, why, &answer);
	answer_settle(c, &answer, false);
	call_free(c);
}

/* *found says whether there was a store to call. */
static int
call_claim(struct push *p, bool *found, struct err *e)
{
	struct push_call *c = calloc(1, sizeof(*c));
	int64_t lease_ms = p->config.push_timeout_ms + LEASE_MARGIN_MS;
	int64_t claimed_at = clock_mono();

	if (c == NULL)
		die("out of memory for a call");
	c->push = p;
	arena_reset(&p->arena);
	if (outbox_claim(p->pg, &p->arena, lease_ms, &c->claim, found, e) ==
	    -1) {
		free(c);
		return -1;
	}
	if (!*found) {
		free(c);
		return 0;
	}
	p->busy++;
	buf_init(&c->request.body, PUSH_BODY_MAX);
	call_start(c, claimed_at);
	return 0;
}

/* ---- turns ------------------------------------------------------------------------- */

static int
stores_renew(struct push *p, struct err *e)
{
	struct catalog *c = &p->catalog;
	bool renewed;

	if (catalog_renew(c, &renewed, e) == -1)
		return -1;
	if (renewed)
		p->wanted = number_wanted(&c->arena, c->stores, c->nstores);
	return 0;
}

/* Who keeps a drain from ending, for its last sentence. */
static const char *
slowest(struct push *p)
{
	struct push_status *list;
	struct err ignored; /* the sentence is shorter then */
	size_t n;

	if (push_status_load(p->pg, &p->arena, &list, &n, &ignored) == -1)
		return "";
	for (size_t i = 0; i < n; i++)
		if (list[i].waiting > 0 && list[i].last_error != NULL)
			return arena_printf(&p->arena,
			    "; store %" PRId64 ": %s", list[i].store_id,
			    list[i].last_error);
	return "";
}

/* A drain is done when nothing waits for a store that can be pushed to; it
 * gives up when nothing has moved for its patience, or will not within. */
static int
drain_check(struct push *p, struct err *e)
{
	int64_t waiting, wait_ms;
	int64_t idle_us = clock_mono() - p->progress_at;

	arena_reset(&p->arena);
	if (outbox_due(p->pg, &p->arena, &waiting, &wait_ms, e) == -1)
		return -1;
	if (waiting == 0) {
		finish(p, EXIT_STOPPED);
		return 0;
	}
	if (wait_ms <= DRAIN_PATIENCE_MS &&
	    idle_us < DRAIN_PATIENCE_MS * INT64_C(1000))
		return 0;
	err_set(e, FAULT_RETRY,
	    "%" PRId64 " balances still wait for stores that do not take "
	    "them%s",
	    waiting, slowest(p));
	finish(p, loop_end(e, EXIT_FATAL));
	return 0;
}

/* How much waits, and for how long. */
static int
measure(struct push *p, struct err *e)
{
	int64_t now = clock_mono();

	if (p->measured_at != 0 &&
	    now - p->measured_at < SIZE_MS * INT64_C(1000))
		return 0;
	arena_reset(&p->arena);
	if (outbox_size(p->pg, &p->arena, &metrics.push_outbox_rows,
	        &metrics.push_outbox_oldest, e) == -1)
		return -1;
	p->measured_at = now;
	return 0;
}

static int
turn(struct push *p, struct err *e)
{
	bool found, any = false;

	if (stores_renew(p, e) == -1 || measure(p, e) == -1)
		return -1;
	while (p->busy < CALLS_MAX && !p->done && !loop_is_stopping()) {
		found = false;
		if (p->wanted.n > 0 && push_number_ask(p, &found, e) == -1)
			return -1;
		if (!found && call_claim(p, &found, e) == -1)
			return -1;
		if (!found)
			break;
		any = true;
	}
	if (p->drain && !any && p->busy == 0 && drain_check(p, e) == -1)
		return -1;
	p->poll_ms = any ? POLL_MIN_MS : p->poll_ms * 2;
	if (p->poll_ms > POLL_MAX_MS)
		p->poll_ms = POLL_MAX_MS;
	return 0;
}

static void
on_turn(evutil_socket_t fd, short what, void *arg)
{
	struct push *p = arg;
	struct err e;

	(void)fd;
	(void)what;
	if (turn(p, &e) == -1) {
		metrics.push_outbox_rows = METRIC_UNKNOWN;
		metrics.push_outbox_oldest = METRIC_UNKNOWN;
		p->measured_at = 0;
		push_fail(p, &e);
		if (p->drain && !p->done &&
		    clock_mono() - p->progress_at >
		        DRAIN_PATIENCE_MS * INT64_C(1000))
			finish(p, loop_end(&e, EXIT_WORLD));
		return;
	}
	trouble_over(&p->trouble, "PostgreSQL answers");
	backoff_reset(&p->backoff);
	push_poll_in(p, p->poll_ms);
}

/* ---- starting and stopping --------------------------------------------------------- */

static int
start(struct push *p, struct err *e)
{
	if (key_load(p->config.key_file, &p->key, e) == -1)
		return -1;
	p->pg = pg_new(p->config.database_url, "loyald_push", "loyald push",
	    sql_stmts, SQL__MAX);
	pg_by_key(p->pg);
	catalog_init(&p->catalog, p->pg, &p->key);
	loop_signals_on(p->base);
	p->client = http_client_new(p->base, p->config.push_timeout_ms);
	p->health = loop_health_on(p->base, &p->config, figures, is_ready, p);
	p->progress_at = clock_mono();
	p->poll_ms = POLL_MIN_MS;
	push_poll_in(p, 0);
	return 0;
}

/* Calls under way are settled; each ends within its timeout. */
static void
calls_end(struct push *p)
{
	int64_t end = clock_mono() +
	              (p->config.push_timeout_ms + LEASE_MARGIN_MS) * 1000;

	while (p->busy > 0 && p->status == EXIT_STOPPED && clock_mono() < end)
		(void)event_base_loop(p->base, EVLOOP_ONCE);
}

static int
run(struct push *p)
{
	while (!p->done && !loop_is_stopping())
		(void)event_base_dispatch(p->base);
	calls_end(p);
	return p->status;
}

int
cmd_push(struct tool_call *call)
{
	static struct push p;
	const struct option_spec options[] = {
		{ "--drain", NULL, "do what is waiting, then exit",
		    .flag = &p.drain },
		{ 0 },
	};
	struct err e;
	int ret = loop_begin(call, options, &p.config);

	if (ret != EXIT_STOPPED)
		return ret;
	arena_init(&p.arena);
	p.base = event_base_new();
	p.timer = p.base ? evtimer_new(p.base, on_turn, &p) : NULL;
	if (p.timer == NULL)
		die("out of memory for an event loop");
	if (start(&p, &e) == -1)
		ret = loop_end(&e, EXIT_CONFIG);
	else
		ret = run(&p);
	loop_health_free(p.health);
	http_client_free(p.client);
	event_free(p.timer);
	event_base_free(p.base);
	catalog_fini(&p.catalog);
	pg_free(p.pg);
	explicit_bzero(&p.key, sizeof(p.key));
	arena_fini(&p.arena);
	return ret;
}
