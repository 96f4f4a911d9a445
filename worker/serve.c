/* SPDX-License-Identifier: MIT */
/*
 * loyald serve: what storefronts ask.
 *
 *	GET /v1/balance
 *
 * through Shopify's app proxy, whose signed query names the shop and the
 * customer who is logged in; or from a WooCommerce storefront with
 * "Authorization: Bearer" and a short-lived HS256 token that the shop
 * signed with its webhook secret: iss is the store's number or domain, sub
 * the customer's id.  The answer:
 *
 *	{"logged_in":true,"member_id":7,"available":52,"pending":0,
 *	 "debt":0,"lifetime_earned":52,"version":3}
 *
 * A customer without points has zeros and member_id null; nobody logged in
 * is {"logged_in":false}.  Reads only, as a role that cannot do more.  The
 * database is asked from within the loop: one indexed row.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <event2/event.h>

#include "base/config.h"
#include "base/instant.h"
#include "base/jsonw.h"
#include "base/log.h"
#include "base/metrics.h"
#include "cmd.h"
#include "io/clock.h"
#include "io/http_server.h"
#include "io/key_file.h"
#include "ledger/members.h"
#include "ledger/schema.h"
#include "ledger/stmts.h"
#include "ledger/stores.h"
#include "loop.h"
#include "wire/proxy.h"
#include "wire/token.h"

enum {
	ANSWER_MAX = 1024,
	RELOAD_MS = 30 * 1000, /* of the stores, if nobody notified us */
	STOP_MS = 5 * 1000,
	CANDIDATES_MAX = 16, /* stores of one name */
};

struct serve {
	struct config config;
	struct event_base *base;
	struct http_server *server;
	struct loop_health *health;
	struct pg *pg;
	struct arena arena;  /* of a request */
	struct arena loaded; /* of the stores */
	struct master_key key;
	struct store *stores;
	size_t nstores;
	int64_t loaded_at; /* monotonic; 0: not loaded */
	char why_not[sizeof(((struct err *)0)->msg) + 2];
};

static const char *const figures[] = { "loyald_serve_", NULL };

/* ---- the stores ----------------------------------------------------------------- */

static int
load(struct serve *s, struct err *e)
{
	if (s->loaded_at != 0 && pg_is_connected(s->pg) &&
	    !pg_was_notified(s->pg) && pg_is_connected(s->pg) &&
	    clock_mono() - s->loaded_at < RELOAD_MS * INT64_C(1000))
		return 0;
	s->loaded_at = 0;
	arena_reset(&s->loaded);
	if (schema_check(s->pg, &s->arena, e) == -1 ||
	    pg_listen(s->pg, STORES_CHANNEL, e) == -1 ||
	    stores_load(
	        s->pg, &s->loaded, &s->key, &s->stores, &s->nstores, e) == -1)
		return -1;
	s->loaded_at = clock_mono();
	return 0;
}

static bool
is_ready(void *arg, const char **why_not)
{
	struct serve *s = arg;
	struct err e;

	arena_reset(&s->arena);
	if (load(s, &e) == 0)
		return true;
	(void)snprintf(s->why_not, sizeof(s->why_not), "%s\n", e.msg);
	*why_not = s->why_not;
	return false;
}

/* "https://shop.example/" and "shop.example" are one name. */
static struct str
bare_domain(struct str s)
{
	static const struct str schemes[] = { { "https://", 8 },
		{ "http://", 7 } };

	for (size_t i = 0; i < NITEMS(schemes); i++)
		if (s.len > schemes[i].len &&
		    memcmp(s.data, schemes[i].data, schemes[i].len) == 0) {
			s.data += schemes[i].len;
			s.len -= schemes[i].len;
		}
	while (s.len > 0 && s.data[s.len - 1] == '/')
		s.len--;
	return s;
}

/* The stores that a name may mean: a number means one, a domain may be
 * that of several; the signature says which. */
static size_t
candidates(const struct serve *s, enum platform platform, struct str name,
    const struct store *out[CANDIDATES_MAX])
{
	struct str domain = bare_domain(name);
	int64_t number = 0;
	size_t n = 0;

	if (str_int64(name, &number) == -1)
		number = 0;
	for (size_t i = 0; i < s->nstores && n < CANDIDATES_MAX; i++) {
		const struct store *x = &s->stores[i];

		if (!x->disabled && x->platform == platform &&
		    (x->store_id == number ||
		        str_eq_nocase(str_of(x->domain), domain)))
			out[n++] = x;
	}
	return n;
}

/* ---- who asks --------------------------------------------------------------------- */

struct caller {
	const struct store *store;
	struct str customer; /* empty: nobody is logged in */
};

/* What is to be verified with a store's keys: one of the two. */
struct claim {
	struct str query; /* of the app proxy */
	struct str jwt;
	struct token token;
	int64_t now; /* seconds */
};

static int
claim_verify(struct serve *s, const struct store *store,
    const struct claim *claim, struct err *e)
{
	struct hmac_key *keys[SECRETS_PER_STORE];
	size_t n = 0;
	int ret;

	for (size_t i = 0; i < SECRETS_PER_STORE; i++)
		if (store->secrets[i].len > 0)
			keys[n++] = hmac_key_new(store->secrets[i]);
	if (claim->jwt.len > 0)
		ret = token_verify(
		    claim->jwt, &claim->token, claim->now, keys, n, e);
	else
		ret = proxy_verify(&s->arena, claim->query, keys, n, e);
	for (size_t i = 0; i < n; i++)
		hmac_key_free(keys[i]);
	return ret;
}

static int
claim_find(struct serve *s, enum platform platform, struct str name,
    const struct claim *claim, struct caller *who, struct err *e)
{
	const struct store *all[CANDIDATES_MAX];
	size_t n = candidates(s, platform, name, all);

	for (size_t i = 0; i < n; i++)
		if (claim_verify(s, all[i], claim, e) == 0) {
			who->store = all[i];
			return 0;
		}
	return n > 0 ? -1 : err_set(e, FAULT_REJECT, "no store is called that");
}

static int
caller_by_token(
    struct serve *s, struct str jwt, struct caller *who, struct err *e)
{
	struct claim c = { .jwt = jwt, .now = clock_now() / INSTANT_SECOND };

	if (token_parse(&s->arena, jwt, &c.token, e) == -1 ||
	    claim_find(s, PLATFORM_WOOCOMMERCE, c.token.issuer, &c, who, e) ==
	        -1)
		return -1;
	who->customer = c.token.subject;
	return 0;
}

static int
caller_by_proxy(
    struct serve *s, struct str query, struct caller *who, struct err *e)
{
	struct claim c = { .query = query,
		.now = clock_now() / INSTANT_SECOND };
	struct proxy_query q;

	if (proxy_parse(&s->arena, query, &q, e) == -1 ||
	    claim_find(s, PLATFORM_SHOPIFY, q.shop, &c, who, e) == -1)
		return -1;
	if (llabs(c.now - q.timestamp) > PROXY_AGE_MAX)
		return err_set(e, FAULT_REJECT,
		    "the timestamp is more than %d seconds off", PROXY_AGE_MAX);
	who->customer = q.customer_id;
	return 0;
}

/* ---- answering --------------------------------------------------------------------- */

static void
count(int status)
{
	switch (status) {
	case 200:
	case 204:
		metrics.serve_ok++;
		break;
	case 401:
		metrics.serve_401++;
		break;
	case 404:
		metrics.serve_404++;
		break;
	case 405:
		metrics.serve_405++;
		break;
	case 503:
		metrics.serve_503++;
		break;
	default:
		metrics.serve_400++;
		break;
	}
}

static void
answer(struct http_request *r, int status, const char *type, struct str body)
{
	count(status);
	http_answer_header(r, "Cache-Control", "no-store");
	http_answer(r, status, type, body);
}

static void
answer_away(struct http_request *r, const struct err *e)
{
	log_warn("%s", e->msg);
	http_answer_header(r, "Retry-After", "1");
	answer(r, 503, "text/plain", STR("not now\n"));
}

static void
answer_balance(struct http_request *r, bool found, const struct member_view *m)
{
	struct jsonw w;
	struct buf b;

	buf_init(&b, ANSWER_MAX);
	jsonw_init(&w, &b);
	jsonw_object(&w, NULL);
	jsonw_bool(&w, "logged_in", true);
	if (found)
		jsonw_int(&w, "member_id", m->member_id);
	else
		jsonw_text(&w, "member_id", NULL);
	jsonw_int(&w, "available", m->balance.available);
	jsonw_int(&w, "pending", m->balance.pending);
	jsonw_int(&w, "debt", m->balance.debt);
	jsonw_int(&w, "lifetime_earned", m->balance.lifetime_earned);
	jsonw_int(&w, "version", m->version);
	jsonw_object_end(&w);
	if (!jsonw_is_done(&w))
		die("an answer of more than %d bytes", ANSWER_MAX);
	answer(r, 200, "application/json", (struct str){ b.data, b.len });
	buf_fini(&b);
}

static void
balance(struct serve *s, struct http_request *r)
{
	static const struct str bearer = { "Bearer ", 7 };
	struct str auth = http_header(r, "Authorization");
	struct member_view m = { 0 };
	struct caller who = { 0 };
	bool found = false;
	struct err e;
	int ret;

	if (load(s, &e) == -1) {
		answer_away(r, &e);
		return;
	}
	if (auth.len > bearer.len &&
	    str_eq_nocase((struct str){ auth.data, bearer.len }, bearer)) {
		struct str jwt = { auth.data + bearer.len,
			auth.len - bearer.len };

		/* Widgets ask from the shop's own address. */
		http_answer_header(r, "Access-Control-Allow-Origin", "*");
		ret = caller_by_token(s, jwt, &who, &e);
	} else {
		ret = caller_by_proxy(s, http_query(r), &who, &e);
	}
	if (ret == -1) {
		log_debug("refused: %s", e.msg);
		answer(r, 401, "text/plain", STR("not authorized\n"));
		return;
	}
	if (who.customer.len == 0) {
		answer(
		    r, 200, "application/json", STR("{\"logged_in\":false}"));
		return;
	}
	if (member_find_customer(s->pg, &s->arena, who.store->store_id,
	        who.customer, &m, &found, &e) == -1) {
		answer_away(r, &e);
		return;
	}
	answer_balance(r, found, &m);
}

static void
on_request(struct http_request *r, void *arg)
{
	struct serve *s = arg;
	struct str method = http_method(r);

	arena_reset(&s->arena);
	if (loop_health_answer(r, figures, is_ready, s))
		return;
	if (!str_eq(http_path(r), STR("/v1/balance"))) {
		answer(r, 404, "text/plain", STR("not found\n"));
	} else if (str_eq(method, STR("OPTIONS"))) {
		http_answer_header(r, "Access-Control-Allow-Origin", "*");
		http_answer_header(
		    r, "Access-Control-Allow-Headers", "Authorization");
		http_answer_header(r, "Access-Control-Allow-Methods", "GET");
		http_answer_header(r, "Access-Control-Max-Age", "86400");
		answer(r, 204, "text/plain", STR(""));
	} else if (!str_eq(method, STR("GET"))) {
		http_answer_header(r, "Allow", "GET, OPTIONS");
		answer(r, 405, "text/plain", STR("GET only\n"));
	} else {
		balance(s, r);
	}
}

/* ---- starting -------------------------------------------------------------------------- */

static int
start(struct serve *s, struct err *e)
{
	if (config_need(&s->config, "LOYALD_DATABASE_URL", e) == -1 ||
	    config_need(&s->config, "LOYALD_KEY_FILE", e) == -1 ||
	    key_load(s->config.key_file, &s->key, e) == -1)
		return -1;
	s->base = event_base_new();
	if (s->base == NULL)
		die("no event loop");
	loop_signals_on(s->base);
	s->pg = pg_new(s->config.database_url, "loyald_serve", "loyald serve",
	    sql_stmts, SQL__MAX);
	pg_by_key(s->pg);
	s->server = http_server_new(
	    s->base, s->config.serve_listen, 0, on_request, s, e);
	if (s->server == NULL)
		return -1;
	http_server_on_refusal(s->server, count);
	s->health = loop_health_on(s->base, &s->config, figures, is_ready, s);
	log_info("serving on %s", http_server_address(s->server));
	return 0;
}

static void
on_late(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	event_base_loopbreak(arg);
}

/* Answers what was taken, for a while. */
static void
stop(struct serve *s)
{
	struct timeval tv = { .tv_sec = STOP_MS / 1000 };
	struct timeval turn = { .tv_usec = 10 * 1000 };

	http_server_stop(s->server);
	(void)event_base_once(s->base, -1, EV_TIMEOUT, on_late, s->base, &tv);
	while (
	    http_server_busy(s->server) > 0 && !event_base_got_break(s->base)) {
		(void)event_base_loopexit(s->base, &turn);
		(void)event_base_dispatch(s->base);
	}
}

int
cmd_serve(int argc, char *argv[])
{
	static struct serve s;
	struct err e;
	int ret = EXIT_STOPPED;

	log_init("serve", LOG_INFO);
	if (config_read(&s.config, NULL, argc, argv, NULL, NULL, &e) == -1) {
		log_error("%s", e.msg);
		return EXIT_USAGE;
	}
	if (log_level_parse(s.config.log_level) != 0)
		log_init("serve", log_level_parse(s.config.log_level));
	arena_init(&s.arena);
	arena_init(&s.loaded);
	if (start(&s, &e) == -1) {
		ret = loop_end(&e, EXIT_CONFIG);
	} else {
		while (!loop_is_stopping())
			(void)event_base_dispatch(s.base);
		stop(&s);
	}
	loop_health_free(s.health);
	http_server_free(s.server);
	pg_free(s.pg);
	if (s.base != NULL)
		event_base_free(s.base);
	arena_fini(&s.loaded);
	arena_fini(&s.arena);
	return ret;
}
