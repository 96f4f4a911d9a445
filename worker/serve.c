/* SPDX-License-Identifier: MIT */
/*
 * loyald serve: answers storefronts that ask for a customer's balance.
 *
 *	GET /v1/balance
 *
 * The asker proves their identity in one of two ways:
 *
 *  - Shopify's app proxy signs the query (wire/proxy.h) with a secret of the
 *    shop's store.  The query must not be older than PROXY_AGE_MAX seconds.  If
 *    no customer is logged in, the answer is {"logged_in":false}.
 *  - A program of the merchant's own sends `Authorization: Bearer` and a token
 *    (wire/token.h), signed with the store's storefront key
 *    (wire/store_key.h).  The token's issuer is the store's domain (with or
 *    without https:// and a slash at the end) or the store's number in loyald.
 *    The token's subject is the customer's id.  Browsers may send the token
 *    from any page, since the token alone gives access.  A token that is signed
 *    with the webhook secret, as in earlier versions, is refused, and the
 *    answer says why.
 *
 * For a customer without points, "member_id" is null and all numbers are zero.
 * Answers must not be cached.  No body of a request is read.
 *
 * loyald serve changes nothing: its role in the database may only read, and the
 * database may be a standby.  A child process (asker.h) has the connection to
 * the database and the list of stores, so the child also checks the identity of
 * the asker.  The event loop of this process never waits for the database.
 * While the database does not answer, requests are answered 503 at once.
 */
#include <string.h>

#include <event2/event.h>

#include "asker.h"
#include "base/config/config.h"
#include "base/log.h"
#include "base/metrics.h"
#include "base/tool.h"
#include "cmd.h"
#include "io/clock.h"
#include "io/http/server.h"
#include "io/key_file.h"
#include "io/notify.h"
#include "loop.h"
#include "serve_judge.h"

enum {
	STOP_MS = 5000, /* the longest time to answer the requests under way */
	STOP_TICK_MS = 20,
};

struct serve {
	struct config config;
	struct event_base *base;
	struct http_server *server;
	struct loop_health *health;
	struct asker *asker;
	struct master_key key;
	struct serve_judge judge;
};

static const char *const figures[] = { "loyald_serve_", "loyald_http_", NULL };

/* ---- answers ------------------------------------------------------------- */

static bool
is_ready(void *arg, const char **why_not)
{
	struct serve *s = arg;

	/* Remembers for later children that the database was reached once.  A
	 * child that is started again then waits for the database, and does not
	 * give up. */
	if (asker_is_ready(s->asker)) {
		s->judge.was_well = true;
		return true;
	}
	*why_not = asker_is_refused(s->asker)
	               ? "the database does not let this process work, and "
	                 "somebody must mend what its log says"
	               : "the database is away";
	return false;
}

static void
status_count(int status)
{
	static const struct {
		int status;
		int64_t *count;
	} table[] = {
		{ 200, &metrics.serve_ok },
		{ 204, &metrics.serve_ok },
		{ 400, &metrics.serve_400 },
		{ 401, &metrics.serve_401 },
		{ 404, &metrics.serve_404 },
		{ 405, &metrics.serve_405 },
		{ 503, &metrics.serve_503 },
	};

	for (size_t i = 0; i < NITEMS(table); i++)
		if (table[i].status == status)
			(*table[i].count)++;
}

static void
http_reply(struct http_request *req, int status, struct str json)
{
	status_count(status);
	histogram_add(&metrics.serve_answer, http_age(req));
	http_answer_header(req, "Cache-Control", "no-store");
	if (status == 503)
		http_answer_header(req, "Retry-After", "2");
	if (status == 405)
		http_answer_header(req, "Allow", "GET, OPTIONS");
	http_answer(req, status, "application/json", json);
}

static void
on_answer(void *arg, int status, struct str json)
{
	if (status == 0)
		http_reply(arg, 503, STR("{\"error\":\"unavailable\"}\n"));
	else
		http_reply(arg, status, json);
}

/* Returns the x of "Bearer x", or an empty text if the header is of another
 * form. */
static struct str
bearer(struct str authorization)
{
	struct str scheme = STR("Bearer "), none = { NULL, 0 };

	if (authorization.len <= scheme.len ||
	    !str_eq_nocase(
	        (struct str){ authorization.data, scheme.len }, scheme))
		return none;
	return (struct str){ authorization.data + scheme.len,
		authorization.len - scheme.len };
}

/* Answers a browser that asks whether a page may send the request. */
static void
on_preflight(struct http_request *req)
{
	status_count(204);
	histogram_add(&metrics.serve_answer, http_age(req));
	http_answer_header(req, "Access-Control-Allow-Origin", "*");
	http_answer_header(req, "Access-Control-Allow-Methods", "GET");
	http_answer_header(
	    req, "Access-Control-Allow-Headers", "Authorization");
	http_answer_header(req, "Access-Control-Max-Age", "600");
	http_answer(req, 204, NULL, STR(""));
}

/* The questions that can be asked, by their paths. */
static const struct route {
	const char *path;
	int kind;
} routes[] = {
	{ "/v1/balance", ASKED_BALANCE },
};

static const struct route *
route_find(struct str path)
{
	for (size_t i = 0; i < NITEMS(routes); i++)
		if (str_eq(path, str_of(routes[i].path)))
			return &routes[i];
	return NULL;
}

static void
on_request(struct http_request *req, void *arg)
{
	struct serve *s = arg;
	struct str jwt = bearer(http_header(req, "Authorization"));
	const struct route *route = route_find(http_path(req));

	/* Allows a page of another origin to read the answer, also if the
	 * answer is an error. */
	if (jwt.len > 0)
		http_answer_header(req, "Access-Control-Allow-Origin", "*");
	if (loop_health_answer(req, figures, is_ready, s))
		return;
	if (route == NULL)
		http_reply(req, 404, STR("{\"error\":\"path\"}\n"));
	else if (str_eq(http_method(req), STR("OPTIONS")))
		on_preflight(req);
	else if (!str_eq(http_method(req), STR("GET")))
		http_reply(req, 405, STR("{\"error\":\"method\"}\n"));
	else if (jwt.len > 0)
		asker_ask(s->asker, route->kind | ASKED_BY_TOKEN, jwt,
		    on_answer, req);
	else
		asker_ask(
		    s->asker, route->kind, http_query(req), on_answer, req);
}

/* ---- starting and stopping ----------------------------------------------- */

static int
start(struct serve *s, struct err *e)
{
	if (key_load(s->config.key_file, &s->key, e) == -1)
		return -1;
	s->judge = (struct serve_judge){ .database_url = s->config.database_url,
		.key = &s->key };
	s->asker = asker_new(s->base, serve_judge, &s->judge);
	s->server = http_server_new(
	    s->base, s->config.serve_listen, on_request, s, e);
	if (s->server == NULL)
		return -1;
	http_server_on_refusal(s->server, status_count);
	loop_signals_on(s->base);
	notify_ready();
	s->health = loop_health_on(s->base, &s->config, figures, is_ready, s);
	log_info("balances on %s", http_server_address(s->server));
	return 0;
}

static int
run(struct serve *s)
{
	int64_t end;

	while (!loop_is_stopping() && asker_status(s->asker) == EXIT_STOPPED)
		(void)event_base_dispatch(s->base);
	http_server_stop(s->server);
	end = clock_mono() + STOP_MS * 1000L;
	while (http_server_busy(s->server) > 0 && clock_mono() < end)
		loop_turn(s->base, STOP_TICK_MS);
	return asker_status(s->asker);
}

int
cmd_serve(struct tool_call *call)
{
	static struct serve s;
	struct err e;
	int ret = loop_begin(call, NULL, &s.config);

	if (ret != EXIT_STOPPED)
		return ret;
	s.base = loop_new();
	if (start(&s, &e) == -1)
		ret = loop_end(&e, EXIT_CONFIG);
	else
		ret = run(&s);
	loop_health_free(s.health);
	/* asker_free() comes first, because the asker calls the server. */
	asker_free(s.asker);
	http_server_free(s.server);
	event_base_free(s.base);
	explicit_bzero(&s.key, sizeof(s.key));
	return ret;
}
