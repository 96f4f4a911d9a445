/* SPDX-License-Identifier: MIT */
/*
 * loyald push: sends the newest balances to the platforms.
 *
 * Each store gets one call at a time, and many stores are called at once.  The
 * balances that wait are in the database.  Leases in the database say which
 * process calls which store, so any number of push processes may run.  If a
 * process dies, its leases run out.  Each balance is the whole balance with a
 * version, so that a call whose answer was lost may be repeated.
 *
 * As push is the only process that may call the platforms, it also asks each
 * shop's API once for the shop's number (push_number.c), and gets tokens that end
 * soon (push_token.c).
 */
#include <inttypes.h>
#include <string.h>

#include <event2/event.h>

#include "base/config/config.h"
#include "base/log.h"
#include "base/metrics.h"
#include "base/tool.h"
#include "cmd.h"
#include "io/clock.h"
#include "io/key_file.h"
#include "io/timer.h"
#include "ledger/outbox.h"
#include "ledger/stmts.h"
#include "push_loop.h"

enum {
	CALLS_MAX = 64,  /* calls to shops at once */
	POLL_MIN_MS = 5, /* wait after a turn in which something was due */
	/* While nothing is due, the wait doubles each time, up to this value.
	 */
	POLL_MAX_MS = 250,
	SIZE_MS = 5 * 1000, /* time between two measurements of the outbox */
	APPS_MS = 1000,     /* time between two looks for tokens that are due */
	BENEFITS_MS = 500,  /* and between two for benefits */
	/* With --drain, push gives up if no shop has taken a balance for this
	 * long. */
	DRAIN_PATIENCE_MS = 60 * 1000,
};

static const char *const figures[] = { "loyald_push_", NULL };

/* ---- turns --------------------------------------------------------------- */

static int
wanted_renew(struct push *p, struct err *e)
{
	struct catalog *c = &p->catalog;
	bool renewed;

	if (catalog_renew(c, &renewed, e) == -1)
		return -1;
	if (p->changes != c->changes)
		p->wanted = shop_number_wanted(c->arena, c->stores, c->nstores);
	p->changes = c->changes;
	return renewed ? benefits_want(&p->benefits, c, &p->arena, e) : 0;
}

/* Names a store whose balances still wait, for the last sentence that push
 * prints with --drain. */
static const char *
slowest(struct push *p)
{
	struct push_status *list;
	struct err ignored; /* if the list fails, no store is named */
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

/* With --drain, ends the process when no balance waits for a store that can be
 * pushed to.  Gives up when no shop has taken a balance for DRAIN_PATIENCE_MS,
 * or if the next balance may be sent only after that time. */
static int
drain_check(struct push *p, struct err *e)
{
	int64_t waiting, wait_ms;
	int64_t idle_us = clock_mono() - p->progress_at;

	arena_reset(&p->arena);
	if (outbox_due(p->pg, &waiting, &wait_ms, e) == -1)
		return -1;
	if (waiting == 0) {
		push_end(p, EXIT_STOPPED);
		return 0;
	}
	if (wait_ms <= DRAIN_PATIENCE_MS &&
	    idle_us < DRAIN_PATIENCE_MS * INT64_C(1000))
		return 0;
	err_set(e, FAULT_RETRY,
	    "%" PRId64 " balances still wait for stores that do not take "
	    "them%s",
	    waiting, slowest(p));
	push_end(p, loop_end(e, EXIT_FATAL));
	return 0;
}

/* Measures how many balances wait, and for how long, if a measurement is
 * due. */
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

	if (wanted_renew(p, e) == -1 || measure(p, e) == -1)
		return -1;
	found = clock_is_due(&p->apps_at, APPS_MS);
	while (found && p->busy < CALLS_MAX)
		if (push_token_get(p, &found, e) == -1)
			return -1;
	found = clock_is_due(&p->benefits_at, BENEFITS_MS);
	while (found && p->busy < CALLS_MAX)
		if (push_benefit_go(p, &found, e) == -1)
			return -1;
	while (p->busy < CALLS_MAX && !p->done && !loop_is_stopping()) {
		found = false;
		if (p->wanted.n > 0 && push_number_ask(p, &found, e) == -1)
			return -1;
		if (!found && push_reward_go(p, &found, e) == -1)
			return -1;
		if (!found && push_balances_send(p, &found, e) == -1)
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
on_turn(evutil_socket_t, short, void *arg)
{
	struct push *p = arg;
	struct err e;

	if (turn(p, &e) == -1) {
		metrics.push_outbox_rows = METRIC_UNKNOWN;
		metrics.push_outbox_oldest = METRIC_UNKNOWN;
		p->measured_at = 0;
		push_fail(p, &e);
		if (p->drain && !p->done &&
		    clock_mono() - p->progress_at >
		        DRAIN_PATIENCE_MS * INT64_C(1000))
			push_end(p, loop_end(&e, EXIT_WORLD));
		return;
	}
	trouble_over(&p->trouble, "PostgreSQL answers");
	backoff_reset(&p->backoff);
	timer_in(p->timer, p->poll_ms);
}

/* ---- starting and stopping ----------------------------------------------- */

static int
start(struct push *p, struct err *e)
{
	if (key_load(p->config.key_file, &p->key, e) == -1)
		return -1;
	p->pg = pg_new(p->config.database_url, "loyald_push", "loyald push",
	    sql_stmts, SQL__MAX);
	pg_by_key(p->pg);
	catalog_init(&p->catalog, p->pg, &p->key);
	p->catalog.has_programs = true;
	loop_signals_on(p->base);
	p->client = http_client_new(p->base, p->config.push_timeout_ms);
	p->health = loop_health_on(
	    p->base, &p->config, figures, loop_is_untroubled, &p->trouble);
	p->progress_at = clock_mono();
	p->poll_ms = POLL_MIN_MS;
	timer_in(p->timer, 0);
	return 0;
}

/* Waits until the calls that were begun are finished.  Each call ends within
 * its timeout. */
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
	static const struct tool verbs[] = {
		{ "retry", cmd_push_retry,
		    "send at once what waits or was refused",
		    .needs = NEEDS_DATABASE },
		{ 0 },
	};
	static struct push p;
	const struct option_spec options[] = {
		{ "--drain", NULL, "do what is waiting, then exit",
		    .flag = &p.drain },
		{ 0 },
	};
	struct err e;
	int ret;

	if (call->argc > 1 && strcmp(call->argv[1], verbs[0].name) == 0)
		return tool_run_verb(verbs, call);
	ret = loop_begin(call, options, &p.config);
	if (ret != EXIT_STOPPED)
		return ret;
	arena_init(&p.arena);
	p.base = loop_new();
	p.timer = timer_new(p.base, on_turn, &p);
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
