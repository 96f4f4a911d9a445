/* SPDX-License-Identifier: MIT */
/*
 * The calls by which a shop has the benefits of its program as discounts, and by
 * which it loses those that the program has no more.  The next call is decided by
 * core/benefit_life.h.
 *
 *  1. A shop is asked what it has before anything is made or changed; what may be
 *     under way is written down before its call.
 *  2. A benefit that is as it should be is looked at again once a day: one that
 *     somebody removed or changed at the shop is made again.
 *  3. A shop that answers is not failing, though it refuses a benefit: its balances
 *     go on.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/instant.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/metrics.h"
#include "core/benefit_way.h"
#include "io/clock.h"
#include "io/timer.h"
#include "ledger/benefits.h"
#include "ledger/outbox.h"
#include "ledger/programs.h"
#include "push_loop.h"
#include "shop_call.h"
#include "wire/shop/benefit.h"

enum {
	/* More calls than any benefit needs: two things to remove, two to make,
	 * the looks, and the goods. */
	BENEFIT_CALLS_MAX = 12,
	/* Time for which a call that was written down may still arrive, in
	 * timeouts of a call. */
	DOUBT_TIMEOUTS = 4,
	SERVER_FAILS = 500,
	TOO_MANY = 429,
};

static const int64_t look_again = INSTANT_DAY;

struct benefit_chain {
	struct push *push;
	const struct shop *shop;
	struct benefit_claim claim;
	int64_t claimed_at; /* monotonic, when claim.store.now was */
	struct arena arena; /* has the row, and what the shop has answered */
	struct benefit_make make;
	struct benefit_life life;
	enum benefit_act act;
	bool asks_goods; /* before the act */
	unsigned calls;
	struct token_used used;
	struct push_request request;
};

static int64_t
lease_ms(const struct push *p)
{
	return p->config.push_timeout_ms + LEASE_MARGIN_MS;
}

static int64_t
now_of(struct benefit_chain *c)
{
	return c->claim.store.now + clock_mono() - c->claimed_at;
}

static void
chain_free(struct benefit_chain *c)
{
	c->push->busy--;
	explicit_bzero(&c->request.headers, sizeof(c->request.headers));
	buf_fini(&c->request.body);
	arena_fini(&c->arena);
	free(c);
}

/* ---- what is made -------------------------------------------------------- */

/* Finds the benefit in the program in effect, if that wants what the row says. */
static const struct benefit *
benefit_of(struct benefit_chain *c, const struct program **p)
{
	const struct catalog *k = &c->push->catalog;
	const struct program_version *v = programs_find(
	    k->programs, k->nprograms, c->claim.store.store_id, 0, clock_now());

	*p = v != NULL ? v->program : NULL;
	for (size_t i = 0; *p != NULL && i < (*p)->nbenefits; i++) {
		const struct benefit *b = &(*p)->benefits[i];

		if (strcmp(b->id, c->claim.row.benefit) == 0 &&
		    strcmp(benefit_digest(&c->arena, b, (*p)->currency),
		        c->claim.row.wanted) == 0)
			return b;
	}
	return NULL;
}

static void
make_wanted(
    struct benefit_chain *c, const struct benefit *b, const struct program *p)
{
	const struct reward r = benefit_reward(b);

	c->make.as.kind = r.kind;
	c->make.as.title = benefit_title(&c->arena, b);
	c->make.as.exponent = p->exponent;
	c->make.as.percent = r.percent;
	c->make.as.minimum = r.minimum;
	c->make.as.goods = reward_goods_of(&c->arena, &r);
	c->make.as.starts_at = c->claim.store.now;
	c->make.segment_query = benefit_segment_query(&c->arena, b);
}

/* Describes the benefit to the functions of the platform.  Returns why that cannot
 * be done, or NULL. */
static const char *
make_init(struct benefit_chain *c)
{
	const struct benefit_row *r = &c->claim.row;
	const struct program *p;
	const struct benefit *b;

	c->life.wanted = r->wanted != NULL;
	/* A discount that was never begun is not looked for. */
	c->life.discount = r->title == NULL ? SEEN_ABSENT : SEEN_NOT;
	c->make.segment_name = benefit_segment_name(&c->arena, r->benefit);
	if (r->wanted == NULL)
		return NULL;
	b = benefit_of(c, &p);
	if (b == NULL)
		return "the program was changed: it is loaded again";
	make_wanted(c, b, p);
	c->make.is_other = r->made != NULL &&
	                   !benefit_digest_is_like(r->made, r->wanted);
	return c->make.segment_query != NULL
	           ? NULL
	           : "it holds for more tiers and memberships than a segment "
	             "can name";
}

/* ---- writing down -------------------------------------------------------- */

static int
row_write(struct benefit_chain *c, struct err *e)
{
	const struct benefit_row *r = &c->claim.row;
	struct pg *pg = c->push->pg;

	if (r->wanted == NULL && r->push_at == 0)
		return benefit_forget(pg, &c->arena, &c->claim, e);
	return benefit_write(pg, &c->arena, &c->claim, e);
}

/* Holds the store for a call, or frees it, and writes the row if that is due.
 * *lost is true if another process has the store. */
static int
chain_write(
    struct benefit_chain *c, bool holds, bool writes, bool *lost, struct err *e)
{
	struct pg *pg = c->push->pg;
	bool done;

	if (pg_begin(pg, e) == -1)
		return -1;
	done = (holds ? reward_hold(pg, &c->arena, lease_ms(c->push),
	                    &c->claim.store, lost, e)
	              : reward_free(pg, &c->arena, &c->claim.store, lost, e)) ==
	       0;
	done = done && (*lost || !writes || row_write(c, e) == 0);
	return pg_end(pg, done, e);
}

static void
chain_fail(struct benefit_chain *c, struct err *e)
{
	err_wrap(e, "the benefit %s of store %" PRId64, c->claim.row.benefit,
	    c->claim.store.store_id);
	push_fail(c->push, e);
	chain_free(c);
}

static void
chain_end(struct benefit_chain *c)
{
	struct err e;
	bool lost;

	if (chain_write(c, false, true, &lost, &e) == -1) {
		chain_fail(c, &e);
		return;
	}
	timer_in(c->push->timer, 0);
	chain_free(c);
}

/* Ends a chain that has not come to its end, for now. */
static void
chain_retry(struct benefit_chain *c, const char *why, bool is_refused)
{
	struct benefit_row *r = &c->claim.row;
	int64_t ms = push_retry_ms(r->tries);

	r->why = arena_utf8(&c->arena, str_of(why));
	r->state = is_refused ? BENEFIT_REFUSED : BENEFIT_WAITS;
	r->push_at = now_of(c) + ms * 1000;
	if (r->tries < PUSH_TRIES_MAX)
		r->tries++;
	metrics.push_retries++;
	log_warn("store %" PRId64 ": the benefit %s is not %s: %s; again in "
	         "%" PRId64 " ms",
	    c->claim.store.store_id, r->benefit,
	    r->wanted != NULL ? "as its program says" : "removed", why, ms);
	chain_end(c);
}

/* Ends a chain after which all is as it should be.  Of a benefit that is gone, a call
 * that makes it may still arrive. */
static void
chain_finish(struct benefit_chain *c)
{
	struct benefit_row *r = &c->claim.row;
	int64_t now = now_of(c);

	r->why = NULL;
	r->tries = 0;
	if (r->wanted != NULL) {
		r->state = BENEFIT_IS_RIGHT;
		r->made = r->wanted;
		r->right_at = now;
		r->doubt_until = 0;
		r->push_at = now + look_again;
	} else {
		r->push_at = r->doubt_until > now ? r->doubt_until : 0;
	}
	chain_end(c);
}

/* ---- calls --------------------------------------------------------------- */

static http_answered on_answer;

static int
call_send(struct benefit_chain *c, const struct store *s, struct err *e)
{
	const struct shop_access access = shop_access_of(s);
	int ret;

	if (c->shop->benefit_call == NULL)
		return err_set(
		    e, FAULT_REJECT, "the platform makes no benefits");
	c->used = push_token_of(s);
	ret = c->asks_goods ? c->shop->reward_call(REWARD_GOODS, &c->make.as,
	                          &access, &c->request, e)
	                    : c->shop->benefit_call(
	                          c->act, &c->make, &access, &c->request, e);
	return ret == -1 ? -1
	                 : push_send(c->push, s->api_url, &c->request,
	                       on_answer, c, e);
}

static void
chain_call(struct benefit_chain *c)
{
	struct push *p = c->push;
	const struct store *s = stores_find(
	    p->catalog.stores, p->catalog.nstores, c->claim.store.store_id);
	const char *why = push_why_not(s, clock_mono());
	struct err e;

	if (why == NULL) {
		if (call_send(c, s, &e) == 0)
			return;
		why = e.msg;
	}
	catalog_forget(&p->catalog);
	chain_retry(c, why, false);
}

/* Notes in the row what the act may make, before its call (1). */
static void
note_intent(struct benefit_chain *c)
{
	struct benefit_row *r = &c->claim.row;

	r->doubt_until = now_of(c) + DOUBT_TIMEOUTS *
	                                 c->push->config.push_timeout_ms *
	                                 INT64_C(1000);
	r->push_at = now_of(c);
	if (c->act == BENEFIT_MAKE) {
		r->title = c->make.as.title;
		r->made = r->wanted;
		c->make.is_other = false;
	}
}

/* Makes the next call, after what it may do is written down, or ends. */
static void
chain_go(struct benefit_chain *c)
{
	bool lost, writes;
	struct err e;

	c->act = benefit_next(&c->life);
	c->make.as.made_as = c->claim.row.made_as;
	c->make.segment_as = c->claim.row.segment_as;
	c->make.known_title = c->claim.row.title;
	if (c->act == BENEFIT_NOTHING) {
		chain_finish(c);
		return;
	}
	if (c->calls++ == BENEFIT_CALLS_MAX) {
		chain_retry(c, "the shop does not keep what it says", false);
		return;
	}
	c->asks_goods = (c->act == BENEFIT_MAKE || c->act == BENEFIT_CHANGE) &&
	                reward_goods_unknown(&c->make.as, c->shop);
	writes = !c->asks_goods && benefit_writes(c->act);
	if (writes)
		note_intent(c);
	if (chain_write(c, true, writes, &lost, &e) == -1)
		chain_fail(c, &e);
	else if (lost)
		chain_free(c);
	else
		chain_call(c);
}

/* ---- answers ------------------------------------------------------------- */

static void
answer_take(struct benefit_chain *c, const struct benefit_answer *a)
{
	struct benefit_row *r = &c->claim.row;
	bool is_segment = c->act <= BENEFIT_SEGMENT_REMOVE;
	const char **id = is_segment ? &r->segment_as : &r->made_as;

	if (c->act == BENEFIT_LOOK)
		c->life.discount = a->seen;
	else if (c->act == BENEFIT_SEGMENT_LOOK)
		c->life.segment = a->seen;
	benefit_done(&c->life, c->act);
	*id = a->id;
	if (c->act == BENEFIT_CHANGE) {
		r->title = c->make.as.title;
		r->made = r->wanted;
	}
	if (c->act == BENEFIT_MAKE || c->act == BENEFIT_CHANGE ||
	    c->act == BENEFIT_REMOVE)
		log_info("store %" PRId64 ": the benefit %s is %s at the shop",
		    c->claim.store.store_id, r->benefit,
		    c->act == BENEFIT_MAKE     ? "made"
		    : c->act == BENEFIT_CHANGE ? "changed"
		                               : "removed");
}

static void
goods_read(struct benefit_chain *c, const struct reward_reply *reply,
    struct benefit_answer *a)
{
	struct reward_answer goods;

	c->shop->reward_read(
	    REWARD_GOODS, reply, &c->make.as, &c->arena, &goods);
	a->outcome = goods.outcome;
	a->wait_ms = goods.wait_ms;
	a->throttled = goods.throttled;
	memcpy(a->why, goods.why, sizeof(a->why));
	if (goods.outcome == PUSH_DONE)
		c->make.as.goods = goods.goods;
}

/* Makes a store that fails wait; one that answers goes on (3). */
static void
store_judge(struct benefit_chain *c, const struct http_answer *h,
    const struct benefit_answer *a)
{
	struct reward_claim *s = &c->claim.store;

	s->answered = h->status != 0 && h->status != TOO_MANY &&
	              h->status < SERVER_FAILS;
	s->wait_ms = a->wait_ms;
	if (s->answered)
		return;
	s->why = arena_strdup(&c->arena, a->why);
	s->wait_ms = int64_max(a->wait_ms, push_retry_ms(s->store_tries));
}

static void
answer_read(struct benefit_chain *c, const struct http_answer *h)
{
	const struct reward_reply reply = { h->status, h->retry_after,
		h->body };
	struct benefit_answer a = { .outcome = PUSH_RETRY };

	histogram_add(&metrics.push_call, h->took_us);
	if (h->status == 0)
		(void)snprintf(a.why, sizeof(a.why), "%s", h->error);
	else if (c->asks_goods)
		goods_read(c, &reply, &a);
	else
		c->shop->benefit_read(c->act, &reply, &c->make, &c->arena, &a);
	metrics.push_throttled += a.throttled;
	store_judge(c, h, &a);
	if (a.outcome != PUSH_DONE) {
		chain_retry(c, a.why, a.outcome == PUSH_REJECT);
		return;
	}
	c->push->progress_at = clock_mono();
	if (!c->asks_goods)
		answer_take(c, &a);
	chain_go(c);
}

static void
on_answer(void *arg, const struct http_answer *h)
{
	struct benefit_chain *c = arg;
	struct push *p = c->push;
	const struct token_used used = c->used;

	answer_read(c, h); /* may free the chain */
	push_token_judge(p, &used, h->status);
}

/* ---- claiming ------------------------------------------------------------ */

static void
chain_begin(struct benefit_chain *c)
{
	const struct catalog *k = &c->push->catalog;
	const struct store *s = stores_find(
	    k->stores, k->nstores, c->claim.store.store_id);
	const char *why = s == NULL ? "the store is new" : make_init(c);

	if (why != NULL) {
		catalog_forget(&c->push->catalog);
		chain_retry(c, why, false);
		return;
	}
	c->shop = shop_find(s->platform);
	chain_go(c);
}

int
push_benefit_go(struct push *p, bool *found, struct err *e)
{
	struct benefit_chain *c = mem_new(sizeof(*c), "a call");
	int ret;

	c->push = p;
	arena_init(&c->arena);
	c->claimed_at = clock_mono();
	*found = false;
	ret = pg_begin(p->pg, e);
	if (ret == 0 &&
	    (ret = benefit_claim(
	         p->pg, &c->arena, lease_ms(p), &c->claim, found, e)) == 0 &&
	    *found)
		ret = pg_commit(p->pg, e);
	else
		pg_rollback(p->pg);
	if (ret == -1 || !*found) {
		arena_fini(&c->arena);
		free(c);
		return ret;
	}
	p->busy++;
	buf_init(&c->request.body, PUSH_BODY_MAX);
	chain_begin(c);
	return 0;
}
