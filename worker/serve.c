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
 *    with the store's storefront key (wire/store_key.h), in the issuer the
 *    store's domain (with or without https:// and a slash behind it) or its
 *    number here, in the subject the customer's id.  Browsers may ask from
 *    any page, since what gives access is the token and not where it is sent
 *    from.  One signed with the webhook secret, as before, is told so.
 *
 * A customer without points yet has "member_id" null and zeros.  No answer
 * is to be kept by anybody on the way.
 *
 * All that is asked stands in the head of a request: no body is read.
 *
 * Changes nothing: its database role may only read, and it may be that of a
 * standby.  The database is asked by a child process (asker.h), which also
 * judges who asks, since it has the stores; the loop of the parent waits for
 * neither.  While the database is away or frozen the answer is 503, at once.
 */
#include <poll.h>
#include <stdlib.h>
#include <string.h>

#include <event2/event.h>

#include "asker.h"
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
	QUERY_MS = 1600, /* it is given up within ASKER_ANSWER_MS */
	AWAY_MS = 1000,  /* between two tries to reach the database */
	/* Between two looks at the stores, if nobody notified us, as nobody
	 * does on a standby; and 1 ms for each store. */
	POLL_MS = 2000,
	CUSTOMER_DIGITS_MAX = 18,
	STOP_MS = 5000, /* to answer what is under way */
	STOP_TICK_US = 20000,
};

struct serve {
	struct config config;
	struct event_base *base;
	struct http_server *server;
	struct loop_health *health;
	struct asker *asker;
	struct master_key key;
	/* What only the child has. */
	struct pg *pg;
	struct arena arena;     /* of one question */
	struct keyring *stores; /* NULL: never loaded */
	int64_t loaded_at;      /* monotonic */
	int64_t told_at;        /* monotonic; 0: the parent must be told anew */
	bool was_checked;       /* the schema */
	bool is_away;           /* the database */
	bool is_failed;         /* by our own fault */
};

/* What a question comes to. */
struct reply {
	int status;
	struct buf json;
};

enum asked_by {
	BY_PROXY = 1, /* with a signed query */
	BY_TOKEN,
};

static const char *const figures[] = { "loyald_serve_", "loyald_http_", NULL };

/* ---- the database ----------------------------------------------------- */

/* Before looking: a change while we look is seen the next time. */
static int
database_open(struct serve *s, struct err *e)
{
	if (!pg_is_connected(s->pg))
		s->loaded_at = 0;
	if (pg_hear(s->pg, STORES_CHANNEL, e) == -1)
		return -1;
	if (!s->was_checked && schema_check(s->pg, &s->arena, e) == -1)
		return -1;
	s->was_checked = true;
	return 0;
}

static int
stores_renew(struct serve *s, struct err *e)
{
	int64_t most = (POLL_MS + (int64_t)keyring_size(s->stores)) *
	               INT64_C(1000);
	struct store *stores;
	size_t n;

	if (!pg_was_notified(s->pg) && s->loaded_at != 0 &&
	    clock_mono() - s->loaded_at < most)
		return 0;
	if (stores_load(s->pg, &s->arena, &s->key, &stores, &n, e) == -1)
		return err_wrap(e, "load the stores");
	keyring_free(s->stores);
	s->stores = keyring_new(stores, n, &s->key);
	s->loaded_at = clock_mono();
	return 0;
}

static void
database_failed(struct serve *s, const struct err *e)
{
	if (e->fault == FAULT_FATAL) {
		log_error("%s", e->msg);
		s->is_failed = true;
	} else if (!s->is_away) {
		log_warn("%s", e->msg);
	}
	s->is_away = true;
}

/* Connected, and the stores as they are. */
static bool
database_ready(struct serve *s)
{
	struct err e;

	if (database_open(s, &e) == -1 || stores_renew(s, &e) == -1) {
		database_failed(s, &e);
		return false;
	}
	if (s->is_away)
		log_info("the database answers again");
	s->is_away = false;
	return true;
}

/* ---- answers ---------------------------------------------------------- */

static void
answer(struct reply *req, int status, struct str json)
{
	req->status = status;
	buf_add(&req->json, json.data, json.len);
}

static void
answer_error(struct reply *req, int status, const char *word)
{
	req->status = status;
	buf_printf(&req->json, "{\"error\":\"%s\"}\n", word);
}

static void
answer_member(struct reply *req, const struct member_view *m, bool found)
{
	struct jsonw j;

	req->status = 200;
	jsonw_init(&j, &req->json);
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
	buf_puts(&req->json, "\n");
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
answer_balance(struct serve *s, struct reply *req,
    const struct keyring_store *store, struct str customer)
{
	struct member_view m = { 0 };
	bool found = false;
	struct err e;

	if (!is_customer(customer)) {
		answer_error(req, 400, "customer");
	} else if (member_find_customer(s->pg, &s->arena, store->store_id,
	               customer, &m, &found, &e) == -1) {
		database_failed(s, &e); /* status 0: nobody knows */
	} else {
		answer_member(req, &m, found);
	}
}

/* ---- who asks --------------------------------------------------------- */

static void
on_proxy(struct serve *s, struct reply *req, struct str query)
{
	int64_t now = clock_now() / INSTANT_SECOND;
	struct keyring_store *store;
	struct proxy_query q;
	struct err e;

	if (proxy_parse(&s->arena, query, &q, &e) == -1) {
		answer_error(req, 401, "signature");
		return;
	}
	store = keyring_by_domain(s->stores, PLATFORM_SHOPIFY, q.shop);
	if (store == NULL ||
	    proxy_verify(&s->arena, query,
	        keyring_keys(store, STORE_KEY_SECRET), store->nkeys, &e) == -1)
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
static struct keyring_store *
issuer_find(const struct serve *s, struct str issuer)
{
	struct str domain = without(without(issuer, "https://"), "http://");
	struct keyring_store *store;
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

/* A token that is none of ours, or one of an earlier version, which was signed
 * with the store's secret. */
static void
answer_token(struct reply *req, struct keyring_store *store, struct str jwt)
{
	char why[STORE_KEY_SENTENCE_MAX];
	uint8_t mac[HMAC_SIZE];
	enum store_key signer = 0;
	struct jsonw j;
	struct str text;
	struct err e;

	if (store != NULL && token_signature(jwt, &text, mac, &e) == 0)
		signer = keyring_signer(store, text, mac);
	if (signer == 0 || signer == STORE_KEY_STOREFRONT) {
		answer_error(req, 401, "token");
		return;
	}
	store_key_refusal(signer, STORE_KEY_STOREFRONT, store->store_id, why);
	req->status = 401;
	jsonw_init(&j, &req->json);
	jsonw_object(&j, NULL);
	jsonw_text(&j, "error", "token");
	jsonw_text(&j, "message", why);
	jsonw_object_end(&j);
	buf_puts(&req->json, "\n");
}

static void
on_token(struct serve *s, struct reply *req, struct str jwt)
{
	int64_t now = clock_now() / INSTANT_SECOND;
	struct keyring_store *store;
	struct token t;
	struct err e;

	if (token_parse(&s->arena, jwt, &t, &e) == -1) {
		answer_error(req, 401, "token");
		return;
	}
	store = issuer_find(s, t.issuer);
	if (store == NULL || token_verify(jwt, &t, now,
	                         keyring_keys(store, STORE_KEY_STOREFRONT),
	                         store->nkeys, &e) == -1)
		answer_token(req, store, jwt);
	else
		answer_balance(s, req, store, t.subject);
}

/* ---- the child ----------------------------------------------------------- */

static void
question_judge(struct serve *s, const struct asked *q, struct reply *reply)
{
	buf_reset(&reply->json);
	reply->status = 0;
	if (q->kind == BY_TOKEN)
		on_token(s, reply, q->text);
	else
		on_proxy(s, reply, q->text);
}

/* What the world was in the way of is asked once more, since a database that
 * has moved is found anew.  false: nobody hears the answer. */
static bool
question_answer(struct serve *s, int fd, const struct asked *q)
{
	struct reply reply;
	bool heard;

	buf_init(&reply.json, ANSWER_MAX);
	question_judge(s, q, &reply);
	if (reply.status == 0 && !s->is_failed && database_ready(s))
		question_judge(s, q, &reply);
	/* It may have taken so long that nobody believes us any more. */
	if (reply.status == 0)
		s->told_at = 0;
	heard = asker_answer(fd, q, reply.status,
	    (struct str){ reply.json.data, reply.json.len });
	buf_fini(&reply.json);
	return heard;
}

/* Says how it is, if that is another thing than was said, or it is time. */
static bool
state_tell(struct serve *s, int fd, bool is_ready)
{
	int64_t now = clock_mono();

	if (is_ready && s->told_at != 0 &&
	    now - s->told_at < ASKER_TELL_MS * INT64_C(1000))
		return true;
	s->told_at = is_ready ? now : 0;
	return asker_tell(fd, is_ready);
}

/* Until there is a question, a store was changed, the connection is lost or
 * it is time to look at the stores; false if nobody asks any more. */
static bool
turn(struct serve *s, int fd)
{
	struct pollfd files[] = { { .fd = fd, .events = POLLIN },
		{ .fd = pg_socket(s->pg), .events = POLLIN } };
	struct asked q;
	int r = 0;

	(void)poll(files, NITEMS(files), POLL_MS);
	if (files[1].revents == 0 && files[0].revents != 0)
		r = asker_next(fd, &s->arena, &q);
	return r == 0 || (r == 1 && question_answer(s, fd, &q));
}

static int
child(void *arg, int fd)
{
	struct serve *s = arg;
	bool is_heard = true;

	log_context("part=database");
	s->pg = pg_new(s->config.database_url, "loyald_serve", "loyald serve",
	    sql_stmts, SQL__MAX);
	pg_hasty(s->pg, QUERY_MS);
	while (is_heard && !s->is_failed) {
		bool is_ready;

		arena_reset(&s->arena);
		is_ready = database_ready(s);
		is_heard = state_tell(s, fd, is_ready) &&
		           (!is_ready || turn(s, fd));
		if (!is_ready && is_heard && !s->is_failed)
			clock_sleep_ms(AWAY_MS);
	}
	return s->is_failed ? EXIT_FATAL : EXIT_STOPPED;
}

/* ---- the loop ------------------------------------------------------------- */

static bool
is_ready(void *arg, const char **why_not)
{
	const struct serve *s = arg;

	if (asker_is_ready(s->asker))
		return true;
	*why_not = "the database is away";
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

	/* Also where it fails: a page may read what went wrong. */
	if (jwt.len > 0)
		http_answer_header(req, "Access-Control-Allow-Origin", "*");
	if (loop_health_answer(req, figures, is_ready, s))
		return;
	if (!str_eq(http_path(req), STR("/v1/balance")))
		http_reply(req, 404, STR("{\"error\":\"path\"}\n"));
	else if (str_eq(http_method(req), STR("OPTIONS")))
		on_preflight(req);
	else if (!str_eq(http_method(req), STR("GET")))
		http_reply(req, 405, STR("{\"error\":\"method\"}\n"));
	else if (jwt.len > 0)
		asker_ask(s->asker, BY_TOKEN, jwt, on_answer, req);
	else
		asker_ask(s->asker, BY_PROXY, http_query(req), on_answer, req);
}

/* ---- starting and stopping -------------------------------------------- */

static int
start(struct serve *s, struct err *e)
{
	if (config_need(&s->config, "LOYALD_DATABASE_URL", e) == -1 ||
	    config_need(&s->config, "LOYALD_KEY_FILE", e) == -1 ||
	    key_load(s->config.key_file, &s->key, e) == -1)
		return -1;
	s->asker = asker_new(s->base, child, s);
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

	while (!loop_is_stopping() && asker_status(s->asker) == EXIT_STOPPED)
		(void)event_base_dispatch(s->base);
	http_server_stop(s->server);
	end = clock_mono() + STOP_MS * 1000L;
	while (http_server_busy(s->server) > 0 && clock_mono() < end) {
		(void)event_base_loopexit(s->base, &tick);
		(void)event_base_dispatch(s->base);
	}
	return asker_status(s->asker);
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
	/* First who answers, then who is answered. */
	asker_free(s.asker);
	http_server_free(s.server);
	event_base_free(s.base);
	explicit_bzero(&s.key, sizeof(s.key));
	arena_fini(&s.arena);
	return ret;
}
