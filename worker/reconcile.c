/* SPDX-License-Identifier: MIT */
/*
 * loyald reconcile: finds what no webhook told.
 *
 * Every few minutes each shop is asked which of its orders changed.  An order of
 * which the ledger does not have the last change is asked for, and goes into the
 * streams as a webhook would have put it there.  reconcile holds API tokens, and
 * may queue deliveries and not post.
 *
 * Any number of reconcile processes may run: leases in the database say which of
 * them has which store (reconcile_round.c).
 */
#include <string.h>

#include <event2/event.h>

#include "base/log.h"
#include "base/metrics.h"
#include "base/tool.h"
#include "cmd.h"
#include "io/clock.h"
#include "io/key_file.h"
#include "io/timer.h"
#include "ledger/reconcile.h"
#include "ledger/stmts.h"
#include "reconcile_loop.h"
#include "wire/sign.h"

enum {
	ROUNDS_MAX = 32,   /* stores that are asked at once */
	POLL_MIN_MS = 10,  /* wait after a turn in which a store was due */
	POLL_MAX_MS = 500, /* the longest wait while none is */
};

static const char *const figures[] = { "loyald_reconcile_", NULL };

/* ---- turns --------------------------------------------------------------- */

/* Opens the streams of this installation, which the database numbers. */
static int
stream_open(struct reconcile *r, struct err *e)
{
	struct redis_url url;
	int64_t ours;

	if (r->stream != NULL)
		return 0;
	if (redis_url_parse(r->config.redis_url, &url, e) == -1 ||
	    installation_load(r->pg, &ours, e) == -1)
		return -1;
	r->stream = stream_new(&url, (unsigned)r->config.streams, "reconcile",
	    r->config.claim_idle_ms);
	stream_installation(r->stream, ours);
	return 0;
}

static bool
is_askable(const struct store *s)
{
	return shop_find(s->platform)->changed_call != NULL &&
	       s->api_url != NULL && s->has_token && !s->disabled;
}

/* Makes the rows of stores whose shops can be asked, if stores have changed. */
static int
stores_want(struct reconcile *r, struct err *e)
{
	const struct catalog *c = &r->catalog;
	int64_t *tenants, *stores;
	bool renewed;
	size_t n = 0;

	if (catalog_renew(&r->catalog, &renewed, e) == -1)
		return -1;
	if (r->changes == c->changes)
		return 0;
	arena_reset(&r->arena);
	tenants = arena_array(&r->arena, c->nstores + 1, sizeof(*tenants));
	stores = arena_array(&r->arena, c->nstores + 1, sizeof(*stores));
	for (size_t i = 0; i < c->nstores; i++) {
		if (!is_askable(&c->stores[i]))
			continue;
		tenants[n] = c->stores[i].tenant_id;
		stores[n++] = c->stores[i].store_id;
	}
	if (reconcile_want(r->pg, &r->arena, tenants, stores, n, e) == -1)
		return -1;
	r->changes = c->changes;
	return 0;
}

static int
turn(struct reconcile *r, struct err *e)
{
	bool found = true, any = false;

	if (stores_want(r, e) == -1 || stream_open(r, e) == -1)
		return -1;
	while (
	    found && r->busy < ROUNDS_MAX && !r->done && !loop_is_stopping()) {
		if (reconcile_round(r, &found, e) == -1)
			return -1;
		any |= found;
	}
	if (r->once && r->busy == 0 && !any) {
		r->done = true;
		r->status = r->failed > 0 ? EXIT_NO : EXIT_STOPPED;
		(void)event_base_loopbreak(r->base);
	}
	r->poll_ms = any ? POLL_MIN_MS : int64_min(r->poll_ms * 2, POLL_MAX_MS);
	return 0;
}

static void
on_turn(evutil_socket_t, short, void *arg)
{
	struct reconcile *r = arg;
	struct err e;

	if (turn(r, &e) == -1) {
		reconcile_fail(r, &e);
		return;
	}
	trouble_over(&r->trouble, "PostgreSQL answers");
	backoff_reset(&r->backoff);
	timer_in(r->timer, r->poll_ms);
}

/* ---- starting and stopping ----------------------------------------------- */

static int
start(struct reconcile *r, struct err *e)
{
	if (key_load(r->config.key_file, &r->key, e) == -1)
		return -1;
	email_key_keep(&r->key);
	r->addresses = address_key_new(&r->key);
	r->pg = pg_new(r->config.database_url, "loyald_reconcile",
	    "loyald reconcile", sql_stmts, SQL__MAX);
	pg_by_key(r->pg);
	catalog_init(&r->catalog, r->pg, &r->key);
	loop_signals_on(r->base);
	r->client = http_client_new(r->base, r->config.push_timeout_ms);
	r->health = loop_health_on(
	    r->base, &r->config, figures, loop_is_untroubled, &r->trouble);
	r->poll_ms = POLL_MIN_MS;
	timer_in(r->timer, 0);
	return 0;
}

/* Waits for the rounds under way no longer than for one call: a round that does
 * not end goes on in another process, when its lease has run out. */
static int
run(struct reconcile *r)
{
	int64_t end;

	while (!r->done && !loop_is_stopping())
		(void)event_base_dispatch(r->base);
	end = clock_mono() + r->config.push_timeout_ms * 1000;
	while (r->busy > 0 && r->status == EXIT_STOPPED && clock_mono() < end)
		(void)event_base_loop(r->base, EVLOOP_ONCE);
	return r->status;
}

int
cmd_reconcile(struct tool_call *call)
{
	static struct reconcile r;
	const struct option_spec options[] = {
		{ "--once", NULL, "do the rounds that are due, then exit",
		    .flag = &r.once },
		{ 0 },
	};
	struct err e;
	int ret = loop_begin(call, options, &r.config);

	if (ret != EXIT_STOPPED)
		return ret;
	arena_init(&r.arena);
	r.base = loop_new();
	r.timer = timer_new(r.base, on_turn, &r);
	if (start(&r, &e) == -1)
		ret = loop_end(&e, EXIT_CONFIG);
	else
		ret = run(&r);
	loop_health_free(r.health);
	http_client_free(r.client);
	event_free(r.timer);
	event_base_free(r.base);
	stream_free(r.stream);
	catalog_fini(&r.catalog);
	pg_free(r.pg);
	hmac_key_free(r.key.email);
	address_key_free(r.addresses);
	explicit_bzero(&r.key, sizeof(r.key));
	arena_fini(&r.arena);
	return ret;
}
