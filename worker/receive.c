/* SPDX-License-Identifier: MIT */
/*
 * loyald receive: webhooks and events in, without loss.
 *
 * A delivery is answered 200 when it is durable and not before: in a stream
 * of Redis, or in the spool on local disk if Redis is away, slow or full.
 * Nothing here reads a webhook's JSON, and nothing here waits for PostgreSQL:
 * a child process tells of the stores and their secrets (store_feed.h).
 *
 * What is asked of a request, in this order:
 *
 *  1. its path is an address of a store (wire/address.h): else 404; 503 as
 *     long as the list of stores is not confirmed (store_watch.h): it
 *     may be one that was added meanwhile;
 *  2. it is a POST: else 405; so far its head was enough, and its body
 *     was not read;
 *  3. it is a platform's unsigned ping: 200, and nothing else happens;
 *  4. its headers can be read one way only: else 400;
 *  5. its signature is there and is that of the exact bytes of the body
 *     under one of the store's secrets; an event's, under the key that its
 *     type wants (wire/store_key.h): else 401;
 *  6. its headers say it is from this store: else 401;
 *  7. its topic is of use to us: else 200, and it is dropped; whether it is
 *     believed at this address is judged by work, which keeps what is not;
 *  8. it is durable: 200; else 503.
 *
 * POST /events/{token} is asked the same but for 3 and 7; and as its sender
 * is a program of the merchant's own, who can mend what he sends, it is read
 * at once: 422 with a sentence if it is no event.
 */
#include <stdlib.h>
#include <string.h>

#include <event2/event.h>

#include "base/cc.h"
#include "base/config/config.h"
#include "base/jsonw.h"
#include "base/log.h"
#include "base/metrics.h"
#include "base/tool.h"
#include "cmd.h"
#include "io/clock.h"
#include "io/http/server.h"
#include "io/keep.h"
#include "io/key_file.h"
#include "io/notify.h"
#include "loop.h"
#include "store_watch.h"
#include "wire/shop/events.h"
#include "wire/shop/shop.h"

enum {
	/* At the start, before anybody can connect: for the stores as they
	 * are now and for Redis.  What is not there then may take a while,
	 * and deliveries need not wait for it: the stores known from before
	 * and the spool do.  Without stores they would only be sent away. */
	START_MS = 500,
	START_WITHOUT_STORES_MS = 3000,
	START_TICK_US = 5000,
	/* For what is on its way on connections that are kept alive. */
	STOP_GRACE_MS = 300,
	STOP_MS = 8000, /* to answer what is under way */
	STOP_TICK_US = 20000,
	/* A wrong signature is worth a line a minute for each store: it is a
	 * wrong secret, or somebody guessing. */
	WARN_EVERY_S = 60,
	ANSWER_MAX = 2048, /* bytes of a sentence in JSON */
};

#define RETRY_AFTER     "5" /* seconds, what a 503 asks for */
#define SIGNATURE_WRONG "the signature is missing or wrong\n"

struct receive {
	struct config config;
	struct event_base *base;
	struct http_server *server;
	struct keep *keep;
	struct store_watch *stores;
	struct master_key key;
	struct buf message; /* one, until it was copied */
	struct arena arena; /* of the event being read */
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
	else if (store_watch_keyring(r->stores) == NULL &&
	         store_watch_is_refused(r->stores))
		*why_not = "no list of stores was loaded yet, and somebody "
		           "must mend what the log says of the database";
	else if (store_watch_keyring(r->stores) == NULL)
		*why_not = "no list of stores was loaded yet: neither the "
		           "database nor the copy beside the spool gave one";
	else if (!keep_is_ready(r->keep))
		*why_not = "neither Redis nor the spool takes deliveries";
	if (*why_not != NULL)
		return false;
	if (store_watch_is_refused(r->stores))
		*why_not = "but the database does not let this process see the "
		           "stores, and somebody must mend what its log says; "
		           "those known so far are served";
	else if (!store_watch_is_confirmed(r->stores))
		*why_not = "but the database does not say which stores there "
		           "are: a path that is no known store's is answered "
		           "503, since it may be a new one's";
	else if (keep_is_redis_refused(r->keep))
		*why_not = "but Redis does not let this process in, and "
		           "somebody must mend what its log says; deliveries "
		           "go to the spool";
	else if (!keep_is_redis_ready(r->keep))
		*why_not = "but Redis does not answer; deliveries go to the "
		           "spool";
	else if (keep_trouble(r->keep)[0] != '\0')
		*why_not = "but the spool takes nothing, so that deliveries "
		           "are answered 503 while Redis is away: its folder "
		           "must be there, writable and not full; the log says "
		           "what it is";
	return true;
}

/* ---- answers ---------------------------------------------------------- */

static void
status_count(int status)
{
	static const struct {
		int status;
		int64_t *count;
	} table[] = {
		{ 200, &metrics.received_ok },
		{ 400, &metrics.received_400 },
		{ 401, &metrics.received_401 },
		{ 404, &metrics.received_404 },
		{ 405, &metrics.received_405 },
		{ 413, &metrics.received_413 },
		{ 422, &metrics.received_422 },
		{ 503, &metrics.received_503 },
	};

	for (size_t i = 0; i < NITEMS(table); i++) {
		if (table[i].status == status) {
			(*table[i].count)++;
			return;
		}
	}
	metrics.received_other++;
}

static void
answer_as(
    struct http_request *req, int status, const char *type, struct str body)
{
	status_count(status);
	histogram_add(&metrics.receive_answer, http_age(req));
	if (status == 503)
		http_answer_header(req, "Retry-After", RETRY_AFTER);
	if (status == 405)
		http_answer_header(req, "Allow", "POST");
	http_answer(req, status, type, body);
}

static void
answer(struct http_request *req, int status, const char *text)
{
	answer_as(
	    req, status, text[0] == '\0' ? NULL : "text/plain", str_of(text));
}

/* "unparsable: " is for the dead letters. */
static void
answer_unreadable(struct http_request *req, const struct err *e)
{
	const char *colon = strstr(e->msg, ": ");
	struct jsonw w;
	struct buf b;

	buf_init(&b, ANSWER_MAX);
	jsonw_init(&w, &b);
	jsonw_object(&w, NULL);
	jsonw_text(&w, "error", colon == NULL ? e->msg : colon + 2);
	jsonw_object_end(&w);
	answer_as(req, 422, "application/json", (struct str){ b.data, b.len });
	buf_fini(&b);
}

static void
on_event_kept(void *arg, bool ok)
{
	struct http_request *req = arg;

	if (ok)
		metrics.received_bytes += (int64_t)http_body(req).len;
	answer_as(req, ok ? 200 : 503, "application/json",
	    ok ? STR("{\"status\":\"queued\"}")
	       : STR("{\"error\":\"try again\"}"));
}

static void
on_kept(void *arg, bool ok)
{
	struct http_request *req = arg;

	if (ok)
		metrics.received_bytes += (int64_t)http_body(req).len;
	answer(req, ok ? 200 : 503, ok ? "" : "try again\n");
}

/* ---- what comes in ---------------------------------------------------- */

/* Whether it is time to say again what was last said then. */
static bool
may_warn(int64_t *warned_at)
{
	int64_t now = clock_mono() / 1000000;

	if (*warned_at != 0 && now - *warned_at < WARN_EVERY_S)
		return false;
	*warned_at = now;
	return true;
}

/* Says that signatures of this store are wrong, now and then. */
static void
signature_wrong(struct keyring_store *s, const char *what)
{
	if (!may_warn(&s->warned_at))
		return;
	log_warn("a delivery for store %lld (%.*s) %s; if all of them do, "
	         "loyald has another secret than the webhook: give it the "
	         "right one with loyald store rotate-secret",
	    (long long)s->store_id, (int)s->domain.len, s->domain.data, what);
}

/* 0 if the headers can be read and there is a signature among them, else the
 * status to refuse it with. */
static int
headers_check(struct keyring_store *s, const struct shop *shop,
    struct http_request *req, struct delivery *d, const char **why)
{
	const struct str *names, *values;
	struct header headers[HTTP_HEADERS_MAX];
	size_t n = http_headers(req, &names, &values);
	struct err e;

	for (size_t i = 0; i < n; i++)
		headers[i] = (struct header){ names[i], values[i] };
	if (delivery_read(shop, headers, n, d, &e) == -1) {
		*why = "a header came twice\n";
		return 400;
	}
	*why = SIGNATURE_WRONG;
	if (d->has_hmac && d->hmac_ok)
		return 0;
	signature_wrong(s, "has no signature");
	return 401;
}

/* 0 if the delivery is what it says, else the status to refuse it with. */
static int
delivery_check(struct keyring_store *s, struct http_request *req,
    struct delivery *d, const char **why)
{
	int status = headers_check(s, s->shop, req, d, why);

	if (status != 0)
		return status;
	if (!hmac_is_by_any(keyring_keys(s, STORE_KEY_SECRET), s->nkeys,
	        http_body(req), d->hmac)) {
		signature_wrong(s, "has a wrong signature");
		return 401;
	}
	if (!s->shop->is_from(d, s->domain)) {
		signature_wrong(s, "says that it is another shop's");
		return 401;
	}
	return 0;
}

static void
keep_message(struct receive *r, struct message *m, keep_done *done,
    struct http_request *req)
{
	m->installation = store_watch_installation(r->stores);
	buf_reset(&r->message);
	message_encode(m, &r->message);
	keep_put(r->keep, (struct str){ r->message.data, r->message.len }, done,
	    req);
}

static void
on_delivery(struct receive *r, struct keyring_store *s, enum address at,
    struct http_request *req)
{
	struct delivery d;
	struct message m;
	const char *why;
	int status;

	if (s->shop->is_ping(http_body(req))) {
		metrics.received_pings++;
		answer(req, 200, "");
		return;
	}
	status = delivery_check(s, req, &d, &why);
	if (status != 0) {
		answer(req, status, why);
		return;
	}
	if (d.topic.len == 0 || d.topic.len > TOPIC_MAX ||
	    topic_find(s->shop, d.topic) == NULL) {
		metrics.received_unknown_topic++;
		answer(req, 200, "");
		return;
	}
	m = (struct message){
		.platform = s->shop->platform,
		.address = at,
		.store_id = s->store_id,
		.received_at = clock_now(),
		.topic = d.topic,
		.delivery_id = d.id,
		.body = http_body(req),
	};
	keep_message(r, &m, on_kept, req);
}

/* The key that an event wants, one that cannot be read (NULL) either of two. */
static enum store_key
event_key(const struct event *ev, enum store_key signer)
{
	bool redeems = ev == NULL ? signer == STORE_KEY_REDEMPTIONS
	                          : event_is_redemption(ev);

	return redeems ? STORE_KEY_REDEMPTIONS : STORE_KEY_EVENTS;
}

/* Signed with a key of the store that has no right to it. */
static void
answer_other_key(struct keyring_store *s, enum store_key signer,
    enum store_key wanted, struct http_request *req)
{
	char why[STORE_KEY_SENTENCE_MAX], line[STORE_KEY_SENTENCE_MAX + 1];

	store_key_refusal(signer, wanted, s->store_id, why);
	if (may_warn(&s->key_warned_at))
		log_warn("an event for store %lld (%.*s) is refused: %s",
		    (long long)s->store_id, (int)s->domain.len, s->domain.data,
		    why);
	(void)snprintf(line, sizeof(line), "%s\n", why);
	answer(req, 401, line);
}

static void
on_event(struct receive *r, struct keyring_store *s, enum address at,
    struct http_request *req)
{
	struct message m = {
		.platform = PLATFORM_EVENTS,
		.address = at,
		.store_id = s->store_id,
		.received_at = clock_now(),
		.topic = STR(EVENT_TOPIC),
		.body = http_body(req),
	};
	struct delivery d;
	struct event ev;
	struct err e;
	const char *why;
	int status = headers_check(s, &shop_events, req, &d, &why);
	enum store_key signer, wanted;
	bool is_read;

	if (status != 0) {
		answer(req, status, why);
		return;
	}
	signer = keyring_signer(s, m.body, d.hmac);
	if (signer == 0) {
		signature_wrong(s, "has a wrong signature");
		answer(req, 401, SIGNATURE_WRONG);
		return;
	}
	arena_reset(&r->arena);
	is_read = shop_parse(&r->arena, &m, &r->key, s->currency, &ev, &e) == 0;
	wanted = event_key(is_read ? &ev : NULL, signer);
	if (signer != wanted) {
		answer_other_key(s, signer, wanted, req);
		return;
	}
	if (!is_read) {
		answer_unreadable(req, &e);
		return;
	}
	m.delivery_id = str_of(ev.key);
	if (m.delivery_id.len > DELIVERY_ID_MAX)
		m.delivery_id.len = DELIVERY_ID_MAX;
	keep_message(r, &m, on_event_kept, req);
}

/* Nobody's path, as far as we know: that is told only if it is sure. */
static void
answer_unknown(const struct receive *r, struct http_request *req)
{
	if (store_watch_is_confirmed(r->stores))
		answer(req, 404, "not found\n");
	else
		answer(req, 503,
		    "the stores cannot be looked up just now, send it "
		    "again\n");
}

/* Whether the path begins so, and what is behind that. */
static bool
is_below(struct str path, struct str folder, struct str *token)
{
	if (path.len <= folder.len ||
	    memcmp(path.data, folder.data, folder.len) != 0)
		return false;
	*token = (struct str){ path.data + folder.len, path.len - folder.len };
	return true;
}

/* Where a request came to. */
struct place {
	struct keyring_store *store;
	enum address address;
	bool is_event;
};

/* The store whose address a token is; that of one for webhooks is none for
 * events, nor the other way round.  The old token is good for both. */
static bool
place_find(const struct keyring *stores, struct str token, struct place *p)
{
	p->store = keyring_by_token(stores, token, &p->address);
	return p->store != NULL && !p->store->disabled &&
	       (p->address == ADDRESS_SINGLE ||
	           address_is_events(p->address) == p->is_event);
}

/* Finds the place that a request's head names; if false, it was answered. */
static bool
place_of(struct receive *r, struct http_request *req, struct place *p)
{
	const struct keyring *stores = store_watch_keyring(r->stores);
	struct str path = http_path(req), token;

	p->is_event = is_below(path, STR(ADDRESS_EVENTS_PATH), &token);
	if (!p->is_event &&
	    !is_below(path, STR(ADDRESS_WEBHOOKS_PATH), &token)) {
		keep_measure(r->keep);
		metrics.stores_known = (int64_t)keyring_size(stores);
		metrics.stores_age = store_watch_age_ms(r->stores) / 1000;
		if (!loop_health_answer(req, figures, is_ready, r))
			answer(req, 404, "not found\n");
		return false;
	}
	if (!place_find(stores, token, p))
		answer_unknown(r, req);
	else if (!str_eq(http_method(req), STR("POST")))
		answer(req, 405, "deliver with POST\n");
	else
		return true;
	return false;
}

/* With its body; the stores may be others since its head came. */
static void
on_body(struct http_request *req, void *arg)
{
	struct receive *r = arg;
	struct place p;

	if (!place_of(r, req, &p))
		return;
	if (p.is_event)
		on_event(r, p.store, p.address, req);
	else
		on_delivery(r, p.store, p.address, req);
}

static void
on_request(struct http_request *req, void *arg)
{
	struct receive *r = arg;
	struct place p;

	if (place_of(r, req, &p))
		http_read(req, (size_t)r->config.body_max, on_body);
}

/* ---- starting and stopping -------------------------------------------- */

static bool
is_settled(const struct receive *r, int64_t started)
{
	bool any = store_watch_keyring(r->stores) != NULL;
	int64_t most = any ? START_MS : START_WITHOUT_STORES_MS;

	return loop_is_stopping() || store_watch_failed(r->stores) != NULL ||
	       clock_mono() - started > most * 1000 ||
	       (store_watch_is_confirmed(r->stores) &&
	           keep_is_redis_ready(r->keep));
}

static void
settle(struct receive *r)
{
	int64_t started = clock_mono();
	struct timeval tick = { .tv_usec = START_TICK_US };

	while (!is_settled(r, started)) {
		(void)event_base_loopexit(r->base, &tick);
		(void)event_base_dispatch(r->base);
	}
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
	r->keep = keep_new(r->base, &keep, e);
	if (r->keep == NULL)
		return -1;
	loop_signals_on(r->base);
	r->stores = store_watch_new(
	    r->base, c->database_url, c->spool_dir, &r->key);
	settle(r);
	if (store_watch_failed(r->stores) != NULL) {
		*e = *store_watch_failed(r->stores);
		return -1;
	}
	r->server = http_server_new(r->base, c->listen, on_request, r, e);
	if (r->server == NULL)
		return -1;
	http_server_on_refusal(r->server, status_count);
	log_info("webhooks on %s", http_server_address(r->server));
	notify_ready();
	loop_tell_on(r->base, is_ready, r);
	return 0;
}

/* What is under way is answered; the platforms bring the rest to whoever
 * listens then. */
static void
stop(struct receive *r)
{
	int64_t end = clock_mono() + STOP_MS * 1000L;
	int64_t grace = clock_mono() + STOP_GRACE_MS * 1000L;
	struct timeval tick = { .tv_usec = STOP_TICK_US };

	log_info(
	    "stopping: %u requests are under way", http_server_busy(r->server));
	r->is_stopping = true;
	keep_stop_moving(r->keep);
	http_server_stop(r->server);
	while ((http_server_busy(r->server) > 0 || clock_mono() < grace) &&
	       clock_mono() < end) {
		(void)event_base_loopexit(r->base, &tick);
		(void)event_base_dispatch(r->base);
	}
}

/* Until it is asked to stop; or until it is known that there will be no list of
 * stores, without which nobody can be served. */
static int
run(struct receive *r)
{
	while (!loop_is_stopping() && store_watch_failed(r->stores) == NULL)
		(void)event_base_dispatch(r->base);
	stop(r);
	return store_watch_failed(r->stores) == NULL
	           ? EXIT_STOPPED
	           : loop_end(store_watch_failed(r->stores), EXIT_FATAL);
}

static void
receive_free(struct receive *r)
{
	/* First who answers, then who is answered. */
	keep_free(r->keep);
	http_server_free(r->server);
	store_watch_free(r->stores);
	event_base_free(r->base);
	explicit_bzero(&r->key, sizeof(r->key));
	buf_fini(&r->message);
	arena_fini(&r->arena);
}

int
cmd_receive(struct tool_call *call)
{
	static struct receive r;
	struct err e;
	int ret = loop_begin(call, NULL, &r.config);

	if (ret != EXIT_STOPPED)
		return ret;
	buf_init(&r.message, MESSAGE_MAX);
	arena_init(&r.arena);
	r.base = event_base_new();
	if (r.base == NULL)
		die("libevent has no event loop for us");
	if (start(&r, &e) == -1) {
		ret = loop_end(&e, EXIT_CONFIG);
	} else {
		ret = run(&r);
	}
	receive_free(&r);
	return ret;
}
