/* SPDX-License-Identifier: MIT */
/*
 * loyald serve: a storefront asks for its customer's balance.
 *
 *	GET /v1/balance
 *
 * Who asks is proved in one of two ways:
 *
 *  - Shopify's app proxy signs the query (wire/proxy.h) with a secret of the
 *    store of that shop, PROXY_AGE_MAX seconds ago at most.  Nobody logged
 *    in is no error: the answer is {"logged_in":false}.
 *  - WooCommerce: `Authorization: Bearer` and a token (wire/token.h) signed
 *    with the store's webhook secret, in the issuer the store's domain (with
 *    or without https:// and a slash behind it) or its number here, in the
 *    subject the customer's id.  Browsers may ask from any page, since what
 *    gives access is the token and not where it is sent from.
 *
 * A customer without points yet has "member_id" null and zeros.  No answer
 * is to be kept by anybody on the way.
 *
 * All that is asked stands in the head of a request: no body is read.
 *
 * Changes nothing: its database role may only read.  A question is one look
 * at an index, so the loop waits for it, for QUERY_MS at most; while the
 * database is away the answer is 503, and it is tried once a second.
 */
#include <stdlib.h>
#include <string.h>

#include <event2/event.h>

#include "base/cc.h"
#include "base/config.h"
#include "base/jsonw.h"
#include "base/log.h"
#include "base/metrics.h"
#include "cmd.h"
#include "io/clock.h"
#include "io/http_server.h"
#include "io/key_file.h"
#include "ledger/keyring.h"
#include "ledger/members.h"
#include "ledger/schema.h"
#include "ledger/stmts.h"
#include "loop.h"
#include "wire/proxy.h"
#include "wire/token.h"

enum {
	ANSWER_MAX = 4096,
	QUERY_MS = 2000,
	AWAY_MS = 1000,        /* between two tries to reach the database */
	RELOAD_MS = 30 * 1000, /* of the stores, if nobody notified us */
	CUSTOMER_DIGITS_MAX = 18,
	STOP_MS = 5000, /* to answer what is under way */
	STOP_TICK_US = 20000,
};

struct serve {
	struct config config;
	struct event_base *base;
	struct http_server *server;
	struct loop_health *health;
	struct pg *pg;
	struct master_key key;
	struct arena arena;     /* of one request */
	struct keyring *stores; /* NULL: never loaded */
	int64_t loaded_at;      /* monotonic */
	int64_t failed_at;      /* monotonic; 0: the database answers */
	bool was_checked;       /* the schema */
	int status;             /* to exit with */
};

static const char *const figures[] = { "loyald_serve_", "loyald_http_", NULL };

/* ---- the database ----------------------------------------------------- */

static int
database_open(struct serve *s, struct err *e)
{
	struct buf b;
	int bad;

	if (pg_connect(s->pg, e) == -1)
		return -1;
	buf_init(&b, 64);
	buf_printf(&b, "SET statement_timeout = %d", QUERY_MS);
	bad = pg_script(s->pg, b.data, e);
	buf_fini(&b);
	if (bad == -1)
		return -1;
	if (!s->was_checked && schema_check(s->pg, &s->arena, e) == -1)
		return -1;
	s->was_checked = true;
	s->loaded_at = 0;
	return pg_listen(s->pg, STORES_CHANNEL, e);
}

static int
stores_renew(struct serve *s, struct err *e)
{
	struct store *stores;
	size_t n;

	if (stores_load(s->pg, &s->arena, &s->key, &stores, &n, e) == -1)
		return err_wrap(e, "load the stores");
	keyring_free(s->stores);
	s->stores = keyring_new(stores, n, &s->key);
	s->loaded_at = clock_mono();
	return 0;
}

/* The database failed us: nobody asks it again for a while. */
static void
database_failed(struct serve *s, const struct err *e)
{
	if (e->fault == FAULT_FATAL) {
		s->status = loop_end(e, EXIT_FATAL);
		(void)event_base_loopbreak(s->base);
	} else if (s->failed_at == 0) {
		log_warn("%s", e->msg);
	}
	s->failed_at = clock_mono();
}

/* Connected, and the stores as they are. */
static bool
database_ready(struct serve *s)
{
	int64_t now = clock_mono();
	struct err e;

	if (s->failed_at != 0 && now - s->failed_at < AWAY_MS * 1000L)
		return false;
	if (!pg_is_connected(s->pg) && database_open(s, &e) == -1)
		goto failed;
	if ((pg_was_notified(s->pg) || s->loaded_at == 0 ||
	        now - s->loaded_at > RELOAD_MS * 1000L) &&
	    stores_renew(s, &e) == -1)
		goto failed;
	if (s->failed_at != 0)
		log_info("the database answers again");
	s->failed_at = 0;
	return true;

failed:
	database_failed(s, &e);
	return false;
}

static bool
is_ready(void *arg, const char **why_not)
{
	struct serve *s = arg;

	bool ready;

	arena_reset(&s->arena);
	ready = database_ready(s);
	*why_not = ready ? NULL : "the database is away";
	return ready;
}

/* ---- answers ---------------------------------------------------------- */

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
answer(struct http_request *req, int status, struct str json)
{
	status_count(status);
	http_answer_header(req, "Cache-Control", "no-store");
	if (status == 503)
		http_answer_header(req, "Retry-After", "2");
	if (status == 405)
		http_answer_header(req, "Allow", "GET, OPTIONS");
	http_answer(req, status, "application/json", json);
}

static void
answer_error(struct http_request *req, int status, const char *word)
{
	char text[64];
	int n = snprintf(text, sizeof(text), "{\"error\":\"%s\"}\n", word);

	answer(req, status, (struct str){ text, (size_t)n });
}

static void
answer_member(struct http_request *req, const struct member_view *m, bool found)
{
	struct jsonw j;
	struct buf b;

	buf_init(&b, ANSWER_MAX);
	jsonw_init(&j, &b);
	jsonw_object(&j, NULL);
	if (found)
		jsonw_int(&j, "member_id", m->member_id);
	else
		jsonw_text(&j, "member_id", NULL);
	jsonw_int(&j, "available", m->balance.available);
	jsonw_int(&j, "pending", m->balance.pending);
	jsonw_int(&j, "debt", m->balance.debt);
	jsonw_int(&j, "lifetime_earned", m->balance.lifetime_earned);
	jsonw_int(&j, "version", m->version);
	jsonw_object_end(&j);
	if (!jsonw_is_done(&j))
		die("a balance that does not fit its answer");
	buf_puts(&b, "\n");
	answer(req, 200, (struct str){ b.data, b.len });
	buf_fini(&b);
}

static bool
is_customer(struct str id)
{
	for (size_t i = 0; i < id.len; i++)
		if (id.data[i] < '0' || id.data[i] > '9')
			return false;
	return id.len > 0 && id.len <= CUSTOMER_DIGITS_MAX && id.data[0] != '0';
}

static void
answer_balance(struct serve *s, struct http_request *req,
    const struct keyring_store *store, struct str customer)
{
	struct member_view m = { 0 };
	bool found = false;
	struct err e;

	if (!is_customer(customer)) {
		answer_error(req, 400, "customer");
	} else if (member_find_customer(s->pg, &s->arena, store->store_id,
	               customer, &m, &found, &e) == -1) {
		database_failed(s, &e);
		answer_error(req, 503, "unavailable");
	} else {
		answer_member(req, &m, found);
	}
}

/* ---- who asks --------------------------------------------------------- */

static void
on_proxy(struct serve *s, struct http_request *req)
{
	struct str query = http_query(req);
	int64_t now = clock_now() / INSTANT_SECOND;
	const struct keyring_store *store;
	struct proxy_query q;
	struct err e;

	if (proxy_parse(&s->arena, query, &q, &e) == -1) {
		answer_error(req, 401, "signature");
		return;
	}
	store = keyring_by_domain(s->stores, PLATFORM_SHOPIFY, q.shop);
	if (store == NULL ||
	    proxy_verify(&s->arena, query, store->keys, store->nkeys, &e) == -1)
		answer_error(req, 401, "signature");
	else if (q.timestamp < now - PROXY_AGE_MAX ||
	         q.timestamp > now + PROXY_AGE_MAX)
		answer_error(req, 401, "expired");
	else if (q.customer_id.len == 0)
		answer(req, 200, STR("{\"logged_in\":false}\n"));
	else
		answer_balance(s, req, store, q.customer_id);
}

static struct str
without(struct str s, const char *prefix)
{
	size_t n = strlen(prefix);

	if (s.len < n || memcmp(s.data, prefix, n) != 0)
		return s;
	return (struct str){ s.data + n, s.len - n };
}

/* "https://shop.example/", "shop.example" or "3". */
static const struct keyring_store *
issuer_find(const struct serve *s, struct str issuer)
{
	struct str domain = without(without(issuer, "https://"), "http://");
	const struct keyring_store *store;
	int64_t id;

	if (domain.len > 0 && domain.data[domain.len - 1] == '/')
		domain.len--;
	store = keyring_by_domain(s->stores, PLATFORM_WOOCOMMERCE, domain);
	if (store != NULL)
		return store;
	if (!is_customer(issuer) || str_int64(issuer, &id) == -1)
		return NULL;
	store = keyring_by_id(s->stores, id);
	if (store == NULL || store->disabled ||
	    store->shop->platform != PLATFORM_WOOCOMMERCE)
		return NULL;
	return store;
}

static void
on_token(struct serve *s, struct http_request *req, struct str jwt)
{
	int64_t now = clock_now() / INSTANT_SECOND;
	const struct keyring_store *store;
	struct token t;
	struct err e;

	if (token_parse(&s->arena, jwt, &t, &e) == -1) {
		answer_error(req, 401, "token");
		return;
	}
	store = issuer_find(s, t.issuer);
	if (store == NULL ||
	    token_verify(jwt, &t, now, store->keys, store->nkeys, &e) == -1)
		answer_error(req, 401, "token");
	else
		answer_balance(s, req, store, t.subject);
}

/* "Bearer x": the x; empty if it is something else. */
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

/* A browser asks whether it may ask. */
static void
on_preflight(struct http_request *req)
{
	status_count(204);
	http_answer_header(req, "Access-Control-Allow-Origin", "*");
	http_answer_header(req, "Access-Control-Allow-Methods", "GET");
	http_answer_header(
	    req, "Access-Control-Allow-Headers", "Authorization");
	http_answer_header(req, "Access-Control-Max-Age", "600");
	http_answer(req, 204, NULL, STR(""));
}

static void
on_request(struct http_request *req, void *arg)
{
	struct serve *s = arg;
	struct str jwt = bearer(http_header(req, "Authorization"));

	arena_reset(&s->arena);
	/* Also where it fails: a page may read what went wrong. */
	if (jwt.len > 0)
		http_answer_header(req, "Access-Control-Allow-Origin", "*");
	if (loop_health_answer(req, figures, is_ready, s))
		return;
	if (!str_eq(http_path(req), STR("/v1/balance")))
		answer_error(req, 404, "path");
	else if (str_eq(http_method(req), STR("OPTIONS")))
		on_preflight(req);
	else if (!str_eq(http_method(req), STR("GET")))
		answer_error(req, 405, "method");
	else if (!database_ready(s))
		answer_error(req, 503, "unavailable");
	else if (jwt.len > 0)
		on_token(s, req, jwt);
	else
		on_proxy(s, req);
}

/* ---- starting and stopping -------------------------------------------- */

static int
start(struct serve *s, struct err *e)
{
	if (config_need(&s->config, "LOYALD_DATABASE_URL", e) == -1 ||
	    config_need(&s->config, "LOYALD_KEY_FILE", e) == -1 ||
	    key_load(s->config.key_file, &s->key, e) == -1)
		return -1;
	s->pg = pg_new(s->config.database_url, "loyald_serve", "loyald serve",
	    sql_stmts, SQL__MAX);
	s->server = http_server_new(
	    s->base, s->config.serve_listen, on_request, s, e);
	if (s->server == NULL)
		return -1;
	http_server_on_refusal(s->server, status_count);
	s->health = loop_health_on(s->base, &s->config, figures, is_ready, s);
	loop_signals_on(s->base);
	log_info("balances on %s", http_server_address(s->server));
	return 0;
}

static int
run(struct serve *s)
{
	int64_t end;
	struct timeval tick = { .tv_usec = STOP_TICK_US };

	(void)database_ready(s);
	while (!loop_is_stopping() && s->status == EXIT_STOPPED)
		(void)event_base_dispatch(s->base);
	http_server_stop(s->server);
	end = clock_mono() + STOP_MS * 1000L;
	while (http_server_busy(s->server) > 0 && clock_mono() < end) {
		(void)event_base_loopexit(s->base, &tick);
		(void)event_base_dispatch(s->base);
	}
	return s->status;
}

int
cmd_serve(int argc, char *argv[])
{
	static struct serve s;
	struct err e;
	int ret;

	log_init("serve", LOG_INFO);
	if (config_read(&s.config, NULL, argc, argv, NULL, NULL, &e) == -1) {
		log_error("%s", e.msg);
		return config_status(&e);
	}
	log_init("serve", log_level_parse(s.config.log_level));
	arena_init(&s.arena);
	s.base = event_base_new();
	if (s.base == NULL)
		die("libevent has no event loop for us");
	if (start(&s, &e) == -1)
		ret = loop_end(&e, EXIT_CONFIG);
	else
		ret = run(&s);
	loop_health_free(s.health);
	http_server_free(s.server);
	event_base_free(s.base);
	keyring_free(s.stores);
	pg_free(s.pg);
	explicit_bzero(&s.key, sizeof(s.key));
	arena_fini(&s.arena);
	return ret;
}
