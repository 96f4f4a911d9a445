/* SPDX-License-Identifier: MIT */
/*
 * loyald receive: takes webhooks and events in, without loss.
 *
 * A delivery is answered 200 only after it has been written durably: in a
 * stream of Redis or, if Redis is away, slow or full, in the spool on the local
 * disk.  receive reads a body once its signature was checked, and writes what it
 * has read.  receive never waits for PostgreSQL: a child process loads the stores
 * and their secrets (store_feed.h).  intake.c lists the checks of each request.
 */
#include <string.h>

#include <event2/event.h>

#include "base/config/config.h"
#include "base/log.h"
#include "base/metrics.h"
#include "base/tool.h"
#include "cmd.h"
#include "intake.h"
#include "io/clock.h"
#include "io/http/server.h"
#include "io/key_file.h"
#include "io/notify.h"
#include "loop.h"
#include "wire/sign.h"

enum {
	/* How long to wait, before the port is opened, for the list of stores
	 * and for Redis.  After that, deliveries are taken in with the list
	 * that was saved earlier and with the spool.  Without any list,
	 * deliveries would be turned away. */
	START_MS = 500,
	START_WITHOUT_STORES_MS = 3000,
	START_TICK_MS = 5,
	/* How long receive still waits for requests on open connections when it
	 * stops. */
	STOP_GRACE_MS = 300,
	STOP_MS = 8000, /* the longest time to answer the requests under way */
	STOP_TICK_MS = 20,
};

struct receive {
	struct config config;
	struct event_base *base;
	struct http_server *server;
	struct master_key key;
	struct intake intake;
	bool is_stopping;
};

static const char *const figures[] = { "loyald_receive_", "loyald_spool_",
	"loyald_http_", NULL };

static bool
is_ready(void *arg, const char **why_not)
{
	const struct receive *r = arg;

	*why_not = NULL;
	if (r->is_stopping)
		*why_not = "it is stopping";
	else if (store_watch_keyring(r->intake.stores) == NULL &&
	         store_watch_is_refused(r->intake.stores))
		*why_not = "no list of stores was loaded yet, and somebody "
		           "must mend what the log says of the database";
	else if (store_watch_keyring(r->intake.stores) == NULL)
		*why_not = "no list of stores was loaded yet: neither the "
		           "database nor the copy beside the spool gave one";
	else if (!keep_is_ready(r->intake.keep))
		*why_not = "neither Redis nor the spool takes deliveries";
	if (*why_not != NULL)
		return false;
	if (store_watch_is_refused(r->intake.stores))
		*why_not = "but the database does not let this process see the "
		           "stores, and somebody must mend what its log says; "
		           "those known so far are served";
	else if (!store_watch_is_confirmed(r->intake.stores))
		*why_not = "but the database does not say which stores there "
		           "are: a path that is no known store's is answered "
		           "503, since it may be a new one's";
	else if (keep_is_redis_refused(r->intake.keep))
		*why_not = "but Redis does not let this process in, and "
		           "somebody must mend what its log says; deliveries "
		           "go to the spool";
	else if (keep_server(r->intake.keep) == 0)
		*why_not = "but Redis does not answer; deliveries go to the "
		           "spool";
	else if (keep_trouble(r->intake.keep)[0] != '\0')
		*why_not = "but the spool takes nothing, so that deliveries "
		           "are answered 503 while Redis is away: its folder "
		           "must be there, writable and not full; the log says "
		           "what it is";
	return true;
}

static void
on_body(struct http_request *req, void *arg)
{
	struct receive *r = arg;

	intake_take(&r->intake, req);
}

/* Answers a request whose path is no store's address.  Some figures are
 * measured only now, because nothing but /metrics uses them. */
static void
answer_other(struct receive *r, struct http_request *req)
{
	const struct store_watch *stores = r->intake.stores;

	keep_measure(r->intake.keep);
	metrics.stores_known = (int64_t)keyring_size(
	    store_watch_keyring(stores));
	metrics.stores_age = store_watch_age_ms(stores) / 1000;
	if (!loop_health_answer(req, figures, is_ready, r))
		intake_answer(req, 404, "not found\n");
}

static void
on_request(struct http_request *req, void *arg)
{
	struct receive *r = arg;

	if (!intake_is_for(req))
		answer_other(r, req);
	else if (intake_admit(&r->intake, req))
		http_read(req, (size_t)r->config.body_max, on_body);
}

/* ---- starting and stopping ----------------------------------------------- */

static bool
may_listen(const struct receive *r, int64_t started)
{
	bool any = store_watch_keyring(r->intake.stores) != NULL;
	int64_t most = any ? START_MS : START_WITHOUT_STORES_MS;

	return loop_is_stopping() ||
	       store_watch_failed(r->intake.stores) != NULL ||
	       clock_mono() - started > most * 1000 ||
	       (store_watch_is_confirmed(r->intake.stores) &&
	           keep_server(r->intake.keep) != 0);
}

static void
services_await(struct receive *r)
{
	int64_t started = clock_mono();

	while (!may_listen(r, started))
		loop_turn(r->base, START_TICK_MS);
}

static int
start(struct receive *r, struct err *e)
{
	const struct config *c = &r->config;
	struct keep_options keep = {
		.nconnections = (unsigned)c->redis_connections,
		.nstreams = (unsigned)c->streams,
		.deadline_ms = c->redis_deadline_ms,
		.spool_dir = c->spool_dir,
		.spool_max_bytes = c->spool_max_mb * 1024 * 1024,
	};

	if (redis_url_parse(c->redis_url, &keep.redis, e) == -1 ||
	    key_load(c->key_file, &r->key, e) == -1)
		return -1;
	email_key_keep(&r->key);
	r->intake.keep = keep_new(r->base, &keep, e);
	if (r->intake.keep == NULL)
		return -1;
	loop_signals_on(r->base);
	r->intake.stores = store_watch_new(
	    r->base, c->database_url, c->spool_dir, &r->key);
	services_await(r);
	if (store_watch_failed(r->intake.stores) != NULL) {
		*e = *store_watch_failed(r->intake.stores);
		return -1;
	}
	r->server = http_server_new(r->base, c->listen, on_request, r, e);
	if (r->server == NULL)
		return -1;
	http_server_on_refusal(r->server, intake_count);
	log_info("webhooks on %s", http_server_address(r->server));
	notify_ready();
	loop_report_on(r->base, is_ready, r);
	return 0;
}

/* Answers the requests under way.  All other requests are sent again later by
 * the platforms. */
static void
stop(struct receive *r)
{
	int64_t end = clock_mono() + STOP_MS * 1000L;
	int64_t grace = clock_mono() + STOP_GRACE_MS * 1000L;

	log_info(
	    "stopping: %u requests are under way", http_server_busy(r->server));
	r->is_stopping = true;
	keep_stop_moving(r->intake.keep);
	http_server_stop(r->server);
	while ((http_server_busy(r->server) > 0 || clock_mono() < grace) &&
	       clock_mono() < end)
		loop_turn(r->base, STOP_TICK_MS);
}

/* Runs until the process is asked to stop, or until the list of stores cannot
 * be loaded before an operator mends something. */
static int
run(struct receive *r)
{
	while (
	    !loop_is_stopping() && store_watch_failed(r->intake.stores) == NULL)
		(void)event_base_dispatch(r->base);
	stop(r);
	return store_watch_failed(r->intake.stores) == NULL
	           ? EXIT_STOPPED
	           : loop_end(store_watch_failed(r->intake.stores), EXIT_FATAL);
}

static void
receive_free(struct receive *r)
{
	/* keep_free() comes first, because the keep calls the server. */
	keep_free(r->intake.keep);
	http_server_free(r->server);
	store_watch_free(r->intake.stores);
	event_base_free(r->base);
	hmac_key_free(r->key.email);
	explicit_bzero(&r->key, sizeof(r->key));
	seen_free(r->intake.seen);
	buf_fini(&r->intake.message);
	arena_fini(&r->intake.arena);
}

int
cmd_receive(struct tool_call *call)
{
	static struct receive r;
	struct err e;
	int ret = loop_begin(call, NULL, &r.config);

	if (ret != EXIT_STOPPED)
		return ret;
	buf_init(&r.intake.message, MESSAGE_MAX);
	arena_init(&r.intake.arena);
	r.intake.seen = seen_new();
	r.intake.key = &r.key;
	r.base = loop_new();
	if (start(&r, &e) == -1)
		ret = loop_end(&e, EXIT_CONFIG);
	else
		ret = run(&r);
	receive_free(&r);
	return ret;
}
