/* SPDX-License-Identifier: MIT */
/*
 * Asks the shop of a store which orders changed since the watermark: a round.
 *
 *  1. The shop lists the orders that changed, the oldest first, from a little
 *     before the watermark on, since a shop's index may lag.
 *  2. A change of the last minutes is left for the next round: its webhook may
 *     still be on the way.
 *  3. An order whose last change the ledger has is done.  Any other is asked for,
 *     written down as a gap, and put into the streams as its webhook would have
 *     been.
 *  4. When the ledger has all of a list, or a dead letter says why not, the
 *     watermark moves to the end of the list, and the next list is asked for.
 *  5. A shop that is away or answers nonsense is asked again later; the watermark
 *     stays.
 *  6. A call that is throttled is made again when the shop has room for it: a
 *     round that began anew would come no further.
 *  7. Before all that the webhooks are looked at.  One that leads to this store and
 *     that the shop has switched off is switched on again, and one that led here
 *     and is gone is made again, as long as any leads here; all others are let
 *     alone, since a copy of this database must not turn a shop's webhooks.  If
 *     the shop does not let them be seen, the round goes on.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include <event2/event.h>

#include "base/instant.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/metrics.h"
#include "io/clock.h"
#include "io/timer.h"
#include "ledger/reconcile.h"
#include "reconcile_loop.h"
#include "shop_call.h"
#include "wire/address.h"
#include "wire/travel.h"

enum {
	/* A lease lasts this much longer than a call may take, and so longer than
	 * the ledger may take for a list. */
	LEASE_MARGIN_MS = 75 * 1000,
	LAG_S = 300,   /* 1. how much a shop's index may lag */
	LOOK_MS = 100, /* 4. between two looks into the ledger */
	/* How long the ledger may take for a list before the round fails. */
	LEDGER_MS = 60 * 1000,
	RETRY_MIN_MS = 1000, /* 5. doubles with each further failure */
	/* 6. How often a call is throttled before the round fails. */
	THROTTLES_MAX = 60,
	THROTTLED_MS = 15 * 1000, /* and the longest wait for that */
};

struct round {
	struct reconcile *of;
	const struct shop *shop;
	struct reconcile_claim claim;
	struct push_request request;
	struct event *timer;
	void (*then)(struct round *);   /* done when the timer goes off */
	void (*asking)(struct round *); /* 6. makes the call under way again */
	int throttles;
	size_t nth_hook;          /* 7. of list.hooks */
	struct arena arena;       /* memory for one list */
	struct arena order_arena; /* and for one order of it */
	struct pull_place place;  /* of the list */
	struct pull_answer list;
	int64_t until;               /* 2. orders that changed later are left */
	struct reconcile_list found; /* 3. */
	size_t nth;
	struct pull_order order;
	/* 4. Of the gaps, those that were put into the streams. */
	struct reconcile_list queued;
	struct pull_changed *queued_orders; /* of that list */
	int64_t queued_at;                  /* monotonic */
	int64_t asked_at; /* when the list was asked for, by the database */
};

static int64_t
lease_ms(const struct round *r)
{
	return r->of->config.push_timeout_ms + LEASE_MARGIN_MS;
}

static void
round_free(struct round *r)
{
	r->of->busy--;
	timer_in(r->of->timer, 0);
	event_free(r->timer);
	/* Erases the secret of a webhook that was made, and the API token, which is
	 * in the headers. */
	if (r->request.body.data != NULL)
		explicit_bzero(r->request.body.data, r->request.body.len);
	buf_fini(&r->request.body);
	explicit_bzero(&r->request, sizeof(r->request));
	arena_fini(&r->arena);
	arena_fini(&r->order_arena);
	free(r);
}

/* Ends a round that PostgreSQL or Redis stopped: the store is taken again when its
 * lease has run out. */
static void
round_stop(struct round *r, struct err *e)
{
	struct reconcile *of = r->of;

	err_wrap(e, "reconciling store %" PRId64, r->claim.store_id);
	round_free(r);
	/* Last, since it sets the time of the next turn. */
	reconcile_fail(of, e);
}

static void
round_end(struct round *r, int64_t wait_ms, const char *why)
{
	struct err e;

	if (reconcile_free(r->of->pg, &r->arena, &r->claim, wait_ms, why, &e) ==
	    -1)
		round_stop(r, &e);
	else
		round_free(r);
}

/* 5. */
static void
round_retry(struct round *r, int64_t wait_ms, const char *why)
{
	int64_t ms = RETRY_MIN_MS;
	int64_t most = r->of->config.reconcile_every_s * 1000;

	for (int32_t i = 0; i < r->claim.tries && ms < most; i++)
		ms *= 2;
	ms = int64_max(int64_min(ms, most), wait_ms);
	metrics.reconcile_failures++;
	r->of->failed++;
	log_warn("store %" PRId64 " is not reconciled: %s; again in %" PRId64
	         " ms",
	    r->claim.store_id, why, ms);
	round_end(r, ms, why);
}

/* Returns the store; NULL if it was changed, or must not be asked. */
static const struct store *
store_of(const struct round *r)
{
	const struct catalog *c = &r->of->catalog;
	const struct store *s = stores_find(
	    c->stores, c->nstores, r->claim.store_id);

	return s != NULL && s->api_url != NULL && !s->disabled &&
	               s->api_token.len > 0
	           ? s
	           : NULL;
}

/* Returns the store; if it must not be asked, ends the round and returns NULL. */
static const struct store *
store_need(struct round *r)
{
	const struct store *s = store_of(r);

	if (s == NULL) {
		catalog_forget(&r->of->catalog);
		round_retry(r, 0, "the store was changed meanwhile");
	}
	return s;
}

/* Makes a call that was written into the request, if `written` is 0. */
static void
call(struct round *r, const struct store *s, int written,
    http_answered *answered, struct err *e)
{
	metrics.reconcile_calls++;
	if (written == 0 && shop_call(r->of->client, s->api_url, &r->request,
	                        answered, r, e) == 0)
		return;
	catalog_forget(&r->of->catalog);
	round_retry(r, 0, e->msg);
}

static struct reward_reply
reply_of(const struct http_answer *a)
{
	return (struct reward_reply){ a->status, a->retry_after, a->body };
}

/* Holds the store for another call, and keeps the watermark; else ends the
 * round. */
static bool
is_held(struct round *r)
{
	struct err e;
	bool lost;

	if (reconcile_hold(r->of->pg, &r->arena, lease_ms(r), &r->claim, &lost,
	        &e) == -1) {
		round_stop(r, &e);
		return false;
	}
	if (lost)
		round_free(r);
	return !lost;
}

static void
wait_and(struct round *r, int64_t ms, void (*then)(struct round *))
{
	r->then = then;
	timer_in(r->timer, ms);
}

/* Whether an answer is one to work with; else the call is made again, or the round
 * ends. */
static bool
is_answer(
    struct round *r, const struct http_answer *a, const struct pull_answer *p)
{
	if (a->status != 0 && p->outcome == PUSH_DONE) {
		r->throttles = 0;
		return true;
	}
	if (p->throttled && p->wait_ms < THROTTLED_MS &&
	    r->throttles++ < THROTTLES_MAX) {
		metrics.reconcile_throttled++;
		if (is_held(r))
			wait_and(r, p->wait_ms, r->asking);
		return false;
	}
	round_retry(r, p->wait_ms, a->status == 0 ? a->error : p->why);
	return false;
}

/* ---- 4. into the ledger -------------------------------------------------- */

static void list_ask(struct round *);

static void
page_done(struct round *r)
{
	bool more = r->list.more;
	struct err e;

	if (gaps_close(r->of->pg, &r->arena, &r->claim, &e) == -1) {
		round_stop(r, &e);
		return;
	}
	r->claim.watermark = int64_max(
	    r->claim.watermark, more ? r->list.next.since : r->until);
	metrics.reconcile_pages++;
	if (!more) {
		metrics.reconcile_rounds++;
		round_end(r, r->of->config.reconcile_every_s * 1000, NULL);
		return;
	}
	r->place = r->list.next;
	arena_reset(&r->arena);
	if (is_held(r))
		list_ask(r);
}

/* Whether the ledger has all that was put into the streams.  An order that changed
 * nothing, though the shop's list differed from the ledger, is waited for in vain. */
static int
is_in_ledger(struct round *r, bool *all, struct err *e)
{
	bool is_late = clock_mono() - r->queued_at > LEDGER_MS * INT64_C(1000);
	int64_t waiting;

	if (reconcile_waiting(r->of->pg, &r->claim, is_late ? 0 : r->asked_at,
	        &r->queued, &waiting, e) == -1)
		return -1;
	*all = waiting == 0;
	return 0;
}

static void
page_wait(struct round *r)
{
	struct err e;
	bool all;

	if (is_in_ledger(r, &all, &e) == -1)
		round_stop(r, &e);
	else if (all)
		page_done(r);
	else if (clock_mono() - r->queued_at > LEDGER_MS * INT64_C(1000))
		round_retry(r, 0,
		    "the ledger does not take what was found: is loyald work "
		    "running?");
	else
		wait_and(r, LOOK_MS, page_wait);
}

static void
on_timer(evutil_socket_t, short, void *arg)
{
	struct round *r = arg;

	r->then(r);
}

/* ---- 3. orders ----------------------------------------------------------- */

static void order_next(struct round *);
static http_answered on_order;

static void
order_ask(struct round *r)
{
	const struct store *s = store_need(r);
	struct shop_access access;
	struct err e;

	if (s == NULL)
		return;
	r->asking = order_ask;
	access = shop_access_of(s);
	call(r, s, r->shop->order_call(&r->order, &access, &r->request, &e),
	    on_order, &e);
}

/* Puts an order into the streams as its webhook would have been, unless it changes
 * nothing. */
static int
order_queue(struct round *r, const struct gap *g, struct err *e)
{
	struct topic const *topic = topic_find(
	    r->shop, str_of(r->shop->pull_topic));
	const struct store *s = store_of(r);
	char id[RECONCILE_ID_MAX];
	uint8_t mark[32];
	struct message m = {
		.platform = r->shop->platform,
		.address = address_of_topic(topic->kind),
		.store_id = r->claim.store_id,
		.received_at = clock_now(),
		.topic = str_of(topic->name),
		.body = r->order.body,
	};
	struct event ev;
	struct err ignored; /* work finds the same, and says so in the letter */
	bool is_read;

	reconcile_id(g->order_id, g->changed_at, id);
	m.delivery_id = str_of(id);
	is_read = shop_parse(&r->order_arena, &m, &r->of->key, s->currency, &ev,
	              &ignored) == 0;
	if (is_read && ev.kind == EVENT_NOTHING)
		return 0;
	if (gap_add(r->of->pg, &r->arena, &r->claim, g, e) == -1)
		return -1;
	sha256(m.body, mark);
	travel_pack(
	    &r->order_arena, &r->of->key, is_read ? &ev : NULL, mark, &m);
	if (stream_add(r->of->stream, &m, e) == -1)
		return -1;
	metrics.reconcile_gaps++;
	log_info("store %" PRId64 ": no webhook told of %s order %" PRId64
	         ", which is taken from the shop",
	    r->claim.store_id,
	    g->what == GAP_ORDER ? "the" : "the last change of", g->order_id);
	r->queued_orders[r->queued.n++] = (struct pull_changed){
		.order_id = g->order_id,
		.modified_at = g->changed_at,
	};
	return 0;
}

static void
on_order(void *arg, const struct http_answer *a)
{
	struct round *r = arg;
	const struct reward_reply reply = reply_of(a);
	struct pull_answer answer = { .outcome = PUSH_RETRY };
	struct err e;

	if (a->status != 0)
		r->shop->order_read(&reply, &r->order, &answer);
	if (!is_answer(r, a, &answer) || !is_held(r))
		return;
	if (!r->order.done) {
		order_ask(r);
		return;
	}
	if (r->order.there && store_of(r) != NULL &&
	    order_queue(r, &r->found.gaps[r->nth], &e) == -1) {
		round_stop(r, &e);
		return;
	}
	r->nth++;
	order_next(r);
}

static void
order_next(struct round *r)
{
	if (r->nth == r->found.ngaps) {
		r->queued_at = clock_mono();
		page_wait(r);
		return;
	}
	r->order = (struct pull_order){
		.order_id = r->found.gaps[r->nth].order_id,
		.arena = &r->order_arena,
	};
	arena_reset(&r->order_arena);
	order_ask(r);
}

/* ---- 1, 2. lists --------------------------------------------------------- */

static void
on_list(void *arg, const struct http_answer *a)
{
	struct round *r = arg;
	const struct reward_reply reply = reply_of(a);
	struct pull_answer *l = &r->list;
	struct err e;

	*l = (struct pull_answer){ .outcome = PUSH_RETRY };
	if (a->status != 0)
		r->shop->changed_read(&reply, &r->place, &r->arena, l);
	if (!is_answer(r, a, l))
		return;
	/* 2. */
	while (l->n > 0 && l->orders[l->n - 1].modified_at > r->until) {
		l->n--;
		l->more = false;
	}
	r->nth = 0;
	r->queued_orders = arena_array(
	    &r->arena, l->n + 1, sizeof(*r->queued_orders));
	r->queued = (struct reconcile_list){ .orders = r->queued_orders };
	r->found = (struct reconcile_list){
		.orders = l->orders,
		.n = l->n,
		.gaps = arena_array(&r->arena, l->n + 1, sizeof(struct gap)),
	};
	if (reconcile_compare(r->of->pg, &r->arena, &r->claim, &r->found, &e) ==
	    -1)
		round_stop(r, &e);
	else
		order_next(r);
}

static void
list_ask(struct round *r)
{
	const struct store *s = store_need(r);
	struct shop_access access;
	struct err e;

	if (s == NULL)
		return;
	r->shop = shop_find(s->platform);
	r->until = r->claim.now -
	           r->of->config.reconcile_grace_s * INSTANT_SECOND;
	r->until -= r->until % INSTANT_SECOND;
	r->asked_at = r->claim.now;
	r->asking = list_ask;
	access = shop_access_of(s);
	call(r, s, r->shop->changed_call(&r->place, &access, &r->request, &e),
	    on_list, &e);
}

/* ---- 7. webhooks --------------------------------------------------------- */

/* Whether a URL ends in an address of the store. */
static bool
leads_here(const struct round *r, const struct store *s, const char *url)
{
	const char *slash = strrchr(url, '/');
	struct str token = str_of(slash != NULL ? slash + 1 : url);
	int64_t store_id;
	enum address a;

	if (str_eq(token, str_of(s->webhook_token)))
		return true;
	return address_claim(r->of->addresses, token, &store_id, &a) &&
	       store_id == s->store_id &&
	       address_is(r->of->addresses, token, store_id,
	           str_of(s->webhook_token), a);
}

static void hook_next(struct round *);

static void
hooks_leave(struct round *r, const char *why)
{
	log_warn("store %" PRId64 ": its webhooks are not looked after: %s",
	    r->claim.store_id, why);
	list_ask(r);
}

static void
on_hook(void *arg, const struct http_answer *a)
{
	struct round *r = arg;
	const struct reward_reply reply = reply_of(a);
	const struct pull_hook *h = &r->list.hooks[r->nth_hook];
	struct pull_answer answer = { .outcome = PUSH_RETRY };

	if (a->status != 0)
		r->shop->hook_put_read(&reply, &r->arena, &answer);
	if (answer.outcome != PUSH_DONE) {
		log_warn("store %" PRId64
		         ": its webhook %s is %s, and stays so: "
		         "%s",
		    r->claim.store_id, h->topic,
		    h->is_off ? "switched off" : "gone",
		    a->status == 0 ? a->error : answer.why);
	} else {
		metrics.reconcile_hooks++;
		log_warn("store %" PRId64 ": its webhook %s was %s: it is on "
		         "again",
		    r->claim.store_id, h->topic,
		    h->is_off ? "switched off" : "gone");
	}
	r->nth_hook++;
	hook_next(r);
}

static void
hook_next(struct round *r)
{
	const struct store *s = store_of(r);
	struct pull_answer *l = &r->list;
	struct pull_hook *h;
	struct shop_access access;
	struct err e;

	while (r->nth_hook < l->nhooks && !l->hooks[r->nth_hook].is_off &&
	       l->hooks[r->nth_hook].id != 0)
		r->nth_hook++;
	if (s == NULL || r->nth_hook == l->nhooks) {
		list_ask(r);
		return;
	}
	h = &l->hooks[r->nth_hook];
	h->secret = s->secrets[0];
	access = shop_access_of(s);
	call(r, s, r->shop->hook_put_call(h, &access, &r->request, &e), on_hook,
	    &e);
}

/* Leaves those webhooks in the list that lead here. */
static void
hooks_keep(struct round *r, const struct store *s)
{
	struct pull_answer *l = &r->list;
	size_t n = 0;

	for (size_t i = 0; i < l->nhooks; i++)
		if (leads_here(r, s, l->hooks[i].url))
			l->hooks[n++] = l->hooks[i];
	l->nhooks = n;
}

static void
on_hooks(void *arg, const struct http_answer *a)
{
	struct round *r = arg;
	const struct store *s = store_of(r);
	const struct reward_reply reply = reply_of(a);
	struct pull_answer *l = &r->list;
	struct err e;

	*l = (struct pull_answer){ .outcome = PUSH_RETRY };
	if (a->status != 0)
		r->shop->hooks_read(r->shop, &reply, &r->arena, l);
	if (l->outcome != PUSH_DONE || s == NULL) {
		hooks_leave(r, a->status == 0 ? a->error
		               : s == NULL    ? "the store was changed"
		                              : l->why);
		return;
	}
	hooks_keep(r, s);
	r->nth_hook = 0;
	if (hooks_compare(r->of->pg, &r->claim, l, &r->arena, &e) == -1)
		round_stop(r, &e);
	else
		hook_next(r);
}

/* Begins a round. */
static void
hooks_ask(struct round *r)
{
	const struct store *s = store_of(r);
	struct shop_access access;
	struct err e;

	if (s == NULL || shop_find(s->platform)->hooks_call == NULL) {
		list_ask(r);
		return;
	}
	r->shop = shop_find(s->platform);
	access = shop_access_of(s);
	call(r, s, r->shop->hooks_call(&access, &r->request, &e), on_hooks, &e);
}

int
reconcile_round(struct reconcile *of, bool *found, struct err *e)
{
	struct round *r = mem_new(sizeof(*r), "a round");
	int ret;

	r->of = of;
	arena_init(&r->arena);
	ret = reconcile_claim(of->pg, &r->arena, lease_ms(r), &r->claim, e);
	*found = ret == 0 && r->claim.store_id != 0;
	if (!*found) {
		arena_fini(&r->arena);
		free(r);
		return ret;
	}
	of->busy++;
	arena_init(&r->order_arena);
	r->timer = timer_new(of->base, on_timer, r);
	buf_init(&r->request.body, PUSH_BODY_MAX);
	/* 1. */
	r->place.since = r->claim.watermark - LAG_S * INSTANT_SECOND;
	hooks_ask(r);
	return 0;
}
