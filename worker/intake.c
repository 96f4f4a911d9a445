/* SPDX-License-Identifier: MIT */
/*
 * Checks each request in these steps, in this order.  A request that fails a
 * step is answered with the status that the step names.
 *
 *  1. The path is an address of a store (wire/address.h): else 404.  While the
 *     list of stores may be incomplete (store_watch.h), an unknown path is
 *     answered 503, since the store may have been added meanwhile.
 *  2. The method is POST: else 405.  Steps 1 and 2 need only the head of the
 *     request; the body is not read.
 *  3. The request is no ping: an unsigned ping of a platform is answered 200,
 *     and nothing else happens.
 *  4. No header that matters came twice: else 400.
 *  5. The request has a signature of the exact bytes of the body, made with one
 *     of the store's secrets: else 401.  An event is signed with the key for
 *     its type (wire/store_key.h).
 *  6. The headers name this store: else 401.
 *  7. The topic is one that loyald uses: else 200, and the delivery is dropped.
 *     Only loyald work checks whether the topic belongs to this address; if
 *     not, the delivery becomes a dead letter.
 *  8. The body is no order that came to this address of the store before, with
 *     any topic of orders, and was read and put into Redis (wire/seen.h): else
 *     200, and the delivery is dropped.  While Redis takes nothing, no body
 *     counts as a repeat, and all bodies are forgotten when Redis turns out to
 *     be another one or to lack something, or when a store has changed.
 *  9. The body is read, and the message carries what was read.  If the body
 *     cannot be read, or the topic does not belong to this address, the message
 *     carries the body, sealed, and becomes a dead letter (wire/travel.h).
 * 10. The message can be written durably, to Redis or the spool: 200; else 503.
 *
 * POST /events/{token} has no steps 3, 7 and 8.  A body that is no event is
 * answered 422 with a sentence: the sender is a program of the merchant's own,
 * and can be corrected.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/jsonw.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/metrics.h"
#include "intake.h"
#include "io/clock.h"
#include "wire/shop/events.h"
#include "wire/shop/shop.h"
#include "wire/travel.h"

enum {
	/* Time between two warnings for one store.  A wrong signature means
	 * that a secret is wrong, or that somebody guesses. */
	WARN_EVERY_MS = 60 * 1000,
	ANSWER_MAX = 2048, /* bytes of a sentence in JSON */
};

/* Seconds until the client may try again after a 503. */
#define RETRY_AFTER     "5"
#define SIGNATURE_WRONG "the signature is missing or wrong\n"

/* ---- answers ------------------------------------------------------------- */

void
intake_count(int status)
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
	intake_count(status);
	histogram_add(&metrics.receive_answer, http_age(req));
	if (status == 503)
		http_answer_header(req, "Retry-After", RETRY_AFTER);
	if (status == 405)
		http_answer_header(req, "Allow", "POST");
	http_answer(req, status, type, body);
}

void
intake_answer(struct http_request *req, int status, const char *text)
{
	answer_as(
	    req, status, text[0] == '\0' ? NULL : "text/plain", str_of(text));
}

/* Answers with the reason why a body is no event.  The class at the beginning
 * of the reason, "unparsable: ", is meant for dead letters, and is left out. */
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
on_event_kept(void *arg, enum kept kept)
{
	struct http_request *req = arg;
	bool ok = kept != KEPT_UNSURE;

	if (ok)
		metrics.received_bytes += (int64_t)http_body(req).len;
	answer_as(req, ok ? 200 : 503, "application/json",
	    ok ? STR("{\"status\":\"queued\"}")
	       : STR("{\"error\":\"try again\"}"));
}

static void
on_kept(void *arg, enum kept kept)
{
	struct http_request *req = arg;
	bool ok = kept != KEPT_UNSURE;

	if (ok)
		metrics.received_bytes += (int64_t)http_body(req).len;
	intake_answer(req, ok ? 200 : 503, ok ? "" : "try again\n");
}

/* ---- repeats ------------------------------------------------------------- */

/* An order's body that waits until it is durable. */
struct waiting {
	struct intake *in;
	struct http_request *req;
	struct seen_body body;
	uint64_t epoch;
};

/* Returns the epoch (wire/seen.h), which changes whenever all bodies must be
 * forgotten; 0: no body is known, since Redis takes nothing now.  The number of
 * the server and the number of lists only ever grow. */
static uint64_t
epoch_now(const struct intake *in)
{
	uint64_t server = keep_server(in->keep);

	return server == 0 ? 0 : server + store_watch_lists(in->stores);
}

/* Remembers a body that is in the Redis which it was sent to.  A body in the
 * spool is not remembered: nothing says of the spool that it is another one. */
static void
on_order_kept(void *arg, enum kept kept)
{
	struct waiting *w = arg;

	if (kept == KEPT_IN_REDIS && w->epoch == epoch_now(w->in))
		seen_add(w->in->seen, w->epoch, &w->body, clock_mono());
	on_kept(w->req, kept);
	free(w);
}

/* Whether an order's body says when the order was changed.  An order whose body
 * does not say so counts from its receipt, so the same body is news later. */
static bool
is_dated(const struct order *o, int64_t received_at)
{
	const struct order *told = o->nsubs > 0 ? o->subs : o;

	return told->modified_at != received_at;
}

/* Returns what on_order_kept() needs to remember an order's body; NULL if the
 * body is not to be remembered. */
static struct waiting *
waiting_new(struct intake *in, const struct seen_body *body,
    const struct event *ev, int64_t received_at, struct http_request *req)
{
	uint64_t epoch = epoch_now(in);
	struct waiting *w;

	if (epoch == 0 || ev->kind != EVENT_ORDER ||
	    !is_dated(&ev->order, received_at))
		return NULL;
	w = mem_new(sizeof(*w), "an order that is received");
	*w = (struct waiting){ in, req, *body, epoch };
	return w;
}

static bool
is_repeat(const struct intake *in, const struct seen_body *body)
{
	uint64_t epoch = epoch_now(in);

	return epoch != 0 && seen_has(in->seen, epoch, body, clock_mono());
}

/* ---- requests ------------------------------------------------------------ */

/* Warns that a signature for this store is wrong, once a minute. */
static void
signature_wrong(struct keyring_store *s, const char *what)
{
	if (!clock_is_due(&s->warned_at, WARN_EVERY_MS))
		return;
	log_warn("a delivery for store %lld (%.*s) %s; if all of them do, "
	         "loyald has another secret than the webhook: give it the "
	         "right one with loyald store rotate-secret",
	    (long long)s->store_id, (int)s->domain.len, s->domain.data, what);
}

/* Returns 0 if the headers can be read and include a signature; else the status
 * with which to refuse the request. */
static int
headers_check(struct keyring_store *s, const struct shop *shop,
    struct http_request *req, struct delivery *d, const char **why)
{
	const struct str *names, *values;
	NOT_ZEROED struct header headers[HTTP_HEADERS_MAX];
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

/* Returns 0 if the delivery is signed with a secret of the store and names the
 * store; else the status with which to refuse the delivery. */
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

/* Reads a body by step 9. */
static bool
is_read(struct intake *in, const struct keyring_store *s,
    const struct message *m, struct event *ev)
{
	struct err ignored; /* work finds the same, and says so in the letter */

	return address_judge(m, &ignored) == 0 &&
	       shop_parse(&in->arena, m, in->key, s->currency, ev, &ignored) ==
	           0;
}

/* Keeps a message, with the event that was read in its body; NULL: none was. */
static void
keep_message(struct intake *in, struct message *m, const struct event *ev,
    const struct delivery *d, keep_done *done, void *arg)
{
	travel_pack(&in->arena, in->key, ev, d->hmac, m);
	m->installation = store_watch_installation(in->stores);
	buf_reset(&in->message);
	message_encode(m, &in->message);
	keep_put(in->keep, (struct str){ in->message.data, in->message.len },
	    done, arg);
}

/* Takes a delivery that was checked by the steps 1 to 7: steps 8 to 10. */
static void
take(struct intake *in, const struct keyring_store *s,
    const struct topic *topic, const struct delivery *d, struct message *m,
    struct http_request *req)
{
	struct seen_body body = { m->store_id, m->address, { 0 } };
	bool is_order = topic->kind == TOPIC_ORDER;
	struct waiting *w = NULL;
	struct event ev;

	memcpy(body.signature, d->hmac, sizeof(body.signature));
	if (is_order && is_repeat(in, &body)) {
		metrics.received_repeats++;
		on_kept(req, KEPT_IN_REDIS);
		return;
	}
	arena_reset(&in->arena);
	if (!is_read(in, s, m, &ev)) {
		keep_message(in, m, NULL, d, on_kept, req);
		return;
	}
	if (is_order)
		w = waiting_new(in, &body, &ev, m->received_at, req);
	if (w != NULL)
		keep_message(in, m, &ev, d, on_order_kept, w);
	else
		keep_message(in, m, &ev, d, on_kept, req);
}

static void
on_delivery(struct intake *in, struct keyring_store *s, enum address at,
    struct http_request *req)
{
	const struct topic *topic;
	struct delivery d;
	struct message m;
	const char *why;
	int status;

	if (s->shop->is_ping(http_body(req))) {
		metrics.received_pings++;
		intake_answer(req, 200, "");
		return;
	}
	status = delivery_check(s, req, &d, &why);
	if (status != 0) {
		intake_answer(req, status, why);
		return;
	}
	topic = topic_find(s->shop, d.topic);
	if (topic == NULL) {
		metrics.received_unknown_topic++;
		intake_answer(req, 200, "");
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
	take(in, s, topic, &d, &m, req);
}

/* The kind of key that an event must be signed with.  An event that cannot be
 * read (NULL) may be signed with either kind. */
static enum store_key
event_key(const struct event *ev, enum store_key signer)
{
	bool redeems = ev == NULL ? signer == STORE_KEY_REDEMPTIONS
	                          : event_is_redemption(ev);

	return redeems ? STORE_KEY_REDEMPTIONS : STORE_KEY_EVENTS;
}

/* Refuses an event that is signed with a key of the store which may not sign
 * events of this type. */
static void
answer_other_key(struct keyring_store *s, enum store_key signer,
    enum store_key wanted, struct http_request *req)
{
	char why[STORE_KEY_SENTENCE_MAX], line[STORE_KEY_SENTENCE_MAX + 1];

	store_key_refusal(signer, wanted, s->store_id, why);
	if (clock_is_due(&s->key_warned_at, WARN_EVERY_MS))
		log_warn("an event for store %lld (%.*s) is refused: %s",
		    (long long)s->store_id, (int)s->domain.len, s->domain.data,
		    why);
	(void)snprintf(line, sizeof(line), "%s\n", why);
	intake_answer(req, 401, line);
}

static void
on_event(struct intake *in, struct keyring_store *s, enum address at,
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
	bool is_event;

	if (status != 0) {
		intake_answer(req, status, why);
		return;
	}
	signer = keyring_signer(s, m.body, d.hmac);
	if (signer == 0) {
		signature_wrong(s, "has a wrong signature");
		intake_answer(req, 401, SIGNATURE_WRONG);
		return;
	}
	arena_reset(&in->arena);
	is_event = shop_parse(&in->arena, &m, in->key, s->currency, &ev, &e) ==
	           0;
	wanted = event_key(is_event ? &ev : NULL, signer);
	if (signer != wanted) {
		answer_other_key(s, signer, wanted, req);
		return;
	}
	if (!is_event) {
		answer_unreadable(req, &e);
		return;
	}
	/* The envelope of an event has no id: it is not sealed, and an event's
	 * key says whatever its sender wants. */
	keep_message(in, &m, &ev, &d, on_event_kept, req);
}

/* Answers a request for a path that belongs to no known store: with 404 only if
 * the list of stores is complete. */
static void
answer_unknown(const struct intake *in, struct http_request *req)
{
	if (store_watch_is_confirmed(in->stores))
		intake_answer(req, 404, "not found\n");
	else
		intake_answer(req, 503,
		    "the stores cannot be looked up just now, send it "
		    "again\n");
}

/* Whether the path begins with the folder.  If so, sets *token to the rest of
 * the path. */
static bool
is_below(struct str path, struct str folder, struct str *token)
{
	if (path.len <= folder.len ||
	    memcmp(path.data, folder.data, folder.len) != 0)
		return false;
	*token = (struct str){ path.data + folder.len, path.len - folder.len };
	return true;
}

/* Whether the path has the form of a store's address.  Sets *token to the token
 * in the path, and *is_event to whether the address is for events. */
static bool
path_split(struct str path, struct str *token, bool *is_event)
{
	*is_event = is_below(path, STR(ADDRESS_EVENTS_PATH), token);
	return *is_event || is_below(path, STR(ADDRESS_WEBHOOKS_PATH), token);
}

/* The address to which a request was sent. */
struct place {
	struct keyring_store *store;
	enum address address;
	bool is_event;
};

/* Finds the store that a token belongs to.  A token for webhooks is not valid
 * for events, and a token for events is not valid for webhooks.  The store's
 * old token is valid for both. */
static bool
place_find(const struct keyring *stores, struct str token, struct place *p)
{
	p->store = keyring_by_token(stores, token, &p->address);
	return p->store != NULL && !p->store->disabled &&
	       (p->address == ADDRESS_SINGLE ||
	           address_is_events(p->address) == p->is_event);
}

/* Finds the store and address that the request's path names.  Returns false if
 * the request was answered. */
static bool
place_of(struct intake *in, struct http_request *req, struct place *p)
{
	struct str token;

	if (!path_split(http_path(req), &token, &p->is_event) ||
	    !place_find(store_watch_keyring(in->stores), token, p))
		answer_unknown(in, req);
	else if (!str_eq(http_method(req), STR("POST")))
		intake_answer(req, 405, "deliver with POST\n");
	else
		return true;
	return false;
}

bool
intake_is_for(const struct http_request *req)
{
	struct str token;
	bool is_event;

	return path_split(http_path(req), &token, &is_event);
}

bool
intake_admit(struct intake *in, struct http_request *req)
{
	struct place p;

	return place_of(in, req, &p);
}

/* Looks the store up again, since the list of stores may have changed while the
 * body arrived. */
void
intake_take(struct intake *in, struct http_request *req)
{
	struct place p;

	if (!place_of(in, req, &p))
		return;
	if (p.is_event)
		on_event(in, p.store, p.address, req);
	else
		on_delivery(in, p.store, p.address, req);
}
