/* SPDX-License-Identifier: MIT */
/*
 * The calls by which a shop makes, shows and removes the reward of a redemption.
 * What is done next is decided by core/reward_life.h.
 *
 * Everything is written down before a call: that it may be under way, and the
 * code by which the reward is found again.  A process that ends between the
 * call and its answer leaves the lease to run out, and the next one looks for
 * the reward first.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/instant.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/metrics.h"
#include "io/clock.h"
#include "io/timer.h"
#include "ledger/outbox.h"
#include "ledger/programs.h"
#include "ledger/rewards.h"
#include "push_loop.h"
#include "shop_call.h"
#include "wire/code.h"
#include "wire/shop/reward.h"

enum {
	/* The status with which a proxy says that it gave up waiting. */
	GATEWAY_TIMEOUT = 504,
	/* A call that push gave up may still reach the shop within this many
	 * timeouts. */
	DOUBT_TIMEOUTS = 3,
	/* Failures in a row that make a reward wait longer, here up to about 16 s.
	 * A shop that fails has a wait of its own, and somebody looks at the page
	 * where the code is to appear. */
	REWARD_TRIES_MAX = 5,
};

/* The calls for one reward, from its claim until its store is free again. */
struct reward_chain {
	struct push *push;
	const struct shop *shop;
	struct reward_claim claim;
	int64_t claimed_at; /* monotonic, when claim.now was */
	struct arena arena; /* has the row, and what the shop has answered */
	struct reward_make make;
	enum reward_act act;
	bool calls; /* the store is held for a call */
	enum reward_ask ask;
	struct token_used used;
	struct push_request request;
};

static int64_t
lease_ms(const struct push *p)
{
	return p->config.push_timeout_ms + LEASE_MARGIN_MS;
}

/* For how long a call may still reach the shop from when it is written down: it
 * may be made that much later (push_why_not()), and be under way. */
static int64_t
doubt_ms(const struct push *p)
{
	return CLAIM_AGE_MAX_MS + DOUBT_TIMEOUTS * p->config.push_timeout_ms;
}

/* Sets the time of the claim to now, by the database's clock. */
static int64_t
tick(struct reward_chain *c)
{
	int64_t mono = clock_mono();

	c->claim.now += mono - c->claimed_at;
	c->claimed_at = mono;
	return c->claim.now;
}

static void
chain_free(struct reward_chain *c)
{
	c->push->busy--;
	/* Erases the customer's address and the API token. */
	if (c->request.body.data != NULL)
		explicit_bzero(c->request.body.data, c->request.body.len);
	buf_fini(&c->request.body);
	explicit_bzero(&c->request, sizeof(c->request));
	arena_fini(&c->arena);
	free(c);
}

/* ---- what is made -------------------------------------------------------- */

/* The instant at which the shop ends what it makes.  Store credit is found again
 * by the second in which it expires, which differs from redemption to
 * redemption, so credit without an end has one that nobody lives to see. */
static int64_t
shop_end(const struct reward_row *r)
{
	enum {
		CREDIT_SPREAD_S = 3600
	};
	static const int64_t ever = INT64_C(50) * 365 * INSTANT_DAY;
	int64_t end = r->life.ends_at;

	if (r->form != FORM_CREDIT)
		return end;
	if (end == 0)
		end = r->asked_at + ever;
	end -= number_of_text(str_of(r->redemption)) % CREDIT_SPREAD_S *
	       INSTANT_SECOND;
	return end - end % INSTANT_SECOND;
}

/* Describes the reward to the functions of the platform.  Returns why that
 * cannot be done, or NULL. */
static const char *
make_init(struct reward_chain *c)
{
	const struct catalog *k = &c->push->catalog;
	const struct reward_row *row = &c->claim.row;
	const struct program_version *v = programs_find(k->programs,
	    k->nprograms, c->claim.store_id, row->version_id, row->asked_at);
	size_t i = v != NULL ? program_reward(v->program, row->reward) : NONE;
	const struct reward *r = i != NONE ? &v->program->rewards[i] : NULL;

	if (r == NULL)
		return "the program has no such reward any more";
	c->make = (struct reward_make){
		.kind = r->kind,
		.customer_id = row->customer_id,
		.redemption = row->redemption,
		.title = r->names.n > 0 && r->names.list[0].other != NULL
		             ? r->names.list[0].other
		             : r->id,
		.exponent = v->program->exponent,
		.amount = reward_amount(r, row->units),
		.percent = r->percent,
		.minimum = reward_minimum(r, row->units),
		.combines = r->combines,
		.goods = reward_goods_of(&c->arena, r),
		.starts_at = row->asked_at,
		.ends_at = shop_end(row),
		.made_as = row->made_as,
	};
	memcpy(
	    c->make.currency, v->program->currency, sizeof(c->make.currency));
	if (row->form != FORM_CREDIT && row->code != NULL) {
		char *code = arena_alloc(&c->arena, CODE_SIZE);

		code_write(row->code, code);
		c->make.code = code;
	}
	return NULL;
}

/* ---- deciding ------------------------------------------------------------ */

static bool
is_call(enum reward_act act)
{
	return act == REWARD_DO_MAKE || act == REWARD_DO_FIND ||
	       act == REWARD_DO_REMOVE;
}

/* Gives a reward that begins, or begins anew, its code. */
static void
code_give(struct reward_chain *c)
{
	struct reward_row *r = &c->claim.row;
	char *code = arena_alloc(&c->arena, CODE_PLAIN_SIZE);

	reward_code(&c->push->key, c->claim.store_id, r->redemption,
	    r->life.generation, code);
	r->code = code;
	r->made_as = NULL;
	c->make.title = NULL; /* has make_init() describe it anew */
}

/* Does what needs no call, and prepares the row for the call that comes next. */
static struct reward_next
decide(struct reward_chain *c)
{
	struct reward_row *r = &c->claim.row;
	int64_t now = tick(c);
	int32_t generation = r->life.generation;
	struct reward_next next;

	if (r->life.state == REWARD_RESERVED && r->customer_id == 0) {
		reward_happens(&r->life, HAPPENED_REFUSED, now);
		r->why = "the member is no customer of the shop";
	}
	next = reward_run(&r->life, now);
	if (r->code == NULL || generation != r->life.generation)
		code_give(c);
	if (next.act == REWARD_DO_MAKE && next.at <= now) {
		reward_happens(&r->life, HAPPENED_CALL, now);
		r->life.doubt_until = now + doubt_ms(c->push) * INT64_C(1000);
	}
	return next;
}

/* The question that comes next: before a reward is made, or compared with what
 * it should be, what that needs is asked. */
static enum reward_ask
ask_of(const struct reward_chain *c)
{
	if (c->act == REWARD_DO_REMOVE)
		return REWARD_REMOVE;
	if (c->claim.row.life.state == REWARD_LEAVING)
		return REWARD_FIND;
	if (c->shop->reward_binds_address && c->make.email == NULL)
		return REWARD_ADDRESS;
	if (reward_goods_unknown(&c->make, c->shop))
		return REWARD_GOODS;
	return c->act == REWARD_DO_MAKE ? REWARD_MAKE : REWARD_FIND;
}

/* ---- writing down -------------------------------------------------------- */

/* Holds the store, if a call is to be made, or frees it, and writes the row if
 * `next` is given.  *lost is true if another process has the store. */
static int
chain_write(struct reward_chain *c, const struct reward_next *next, bool *lost,
    struct err *e)
{
	struct pg *pg = c->push->pg;
	bool done;

	if (pg_begin(pg, e) == -1)
		return -1;
	done = (c->calls ? reward_hold(pg, &c->arena, lease_ms(c->push),
	                       &c->claim, lost, e)
	                 : reward_free(pg, &c->arena, &c->claim, lost, e)) == 0;
	if (done && *lost) {
		pg_rollback(pg);
		log_warn("store %" PRId64 " answered after its lease had run "
		         "out: the reward %s is looked at again",
		    c->claim.store_id, c->claim.row.redemption);
		return 0;
	}
	done = done && (next == NULL || reward_write(pg, &c->arena, &c->claim,
	                                    next, e) == 0);
	c->claim.row.life.wakes = false;
	return pg_end(pg, done, e);
}

/* Ends a chain whose outcome could not be written down: the store is taken again
 * when the lease has run out. */
static void
chain_fail(struct reward_chain *c, struct err *e)
{
	err_wrap(e, "the reward %s of store %" PRId64, c->claim.row.redemption,
	    c->claim.store_id);
	push_fail(c->push, e);
	chain_free(c);
}

/* Ends a call that failed: the reward and its store are tried again later. */
static void
chain_retry(struct reward_chain *c, const char *why, int64_t wait_ms)
{
	struct reward_row *r = &c->claim.row;
	int64_t store_ms = int64_max(
	    wait_ms, push_retry_ms(c->claim.store_tries));
	int64_t ms = push_retry_ms(r->tries);
	struct reward_next next = { .act = REWARD_NOTHING };
	struct err e;
	bool lost;

	r->why = arena_utf8(&c->arena, str_of(why));
	next.at = tick(c) + ms * 1000;
	if (r->tries < REWARD_TRIES_MAX)
		r->tries++;
	metrics.push_retries++;
	log_warn("store %" PRId64 ": the reward %s is not %s: %s; again in "
	         "%" PRId64 " ms",
	    c->claim.store_id, r->redemption,
	    r->life.state == REWARD_LEAVING ? "removed" : "made", why,
	    int64_max(ms, store_ms));
	c->calls = false;
	c->claim.wait_ms = store_ms;
	c->claim.why = r->why;
	if (chain_write(c, &next, &lost, &e) == -1)
		chain_fail(c, &e);
	else
		chain_free(c);
}

/* ---- calls --------------------------------------------------------------- */

static http_answered on_answer;

static int
call_send(struct reward_chain *c, const struct store *s, struct err *e)
{
	const struct shop_access access = shop_access_of(s);

	c->ask = ask_of(c);
	c->used = push_token_of(s);
	if (c->shop->reward_call == NULL)
		return err_set(
		    e, FAULT_REJECT, "the platform makes no rewards");
	if (c->shop->reward_call(c->ask, &c->make, &access, &c->request, e) ==
	    -1)
		return -1;
	return push_send(c->push, s->api_url, &c->request, on_answer, c, e);
}

/* Makes the next call of the act. */
static void
chain_call(struct reward_chain *c)
{
	struct push *p = c->push;
	const struct store *s = stores_find(
	    p->catalog.stores, p->catalog.nstores, c->claim.store_id);
	const char *why = push_why_not(s, c->claimed_at);
	struct err e;

	if (why == NULL) {
		c->shop = shop_find(s->platform);
		if (c->make.title == NULL)
			why = make_init(c);
	}
	if (why == NULL) {
		if (call_send(c, s, &e) == 0)
			return;
		why = e.msg;
	}
	catalog_forget(&p->catalog);
	chain_retry(c, why, 0);
}

/* Decides, writes that down, and makes the next call, if there is one. */
static void
chain_go(struct reward_chain *c)
{
	struct reward_next next = decide(c);
	struct err e;
	bool lost;

	c->act = next.act;
	c->calls = is_call(next.act) && next.at <= c->claim.now;
	c->make.made_as = c->claim.row.made_as;
	if (chain_write(c, &next, &lost, &e) == -1) {
		chain_fail(c, &e);
	} else if (c->calls && !lost) {
		chain_call(c);
	} else {
		timer_in(c->push->timer, 0);
		chain_free(c);
	}
}

/* Goes on with the act when what it needs is known. */
static void
chain_go_on(struct reward_chain *c)
{
	struct err e;
	bool lost;

	(void)tick(c);
	if (chain_write(c, NULL, &lost, &e) == -1)
		chain_fail(c, &e);
	else if (lost)
		chain_free(c);
	else
		chain_call(c);
}

/* ---- answers ------------------------------------------------------------- */

static enum reward_happening
happening_of(const struct reward_chain *c, const struct reward_answer *a)
{
	if (a->outcome == PUSH_REJECT)
		return HAPPENED_REFUSED;
	if (c->ask == REWARD_MAKE)
		return HAPPENED_MADE;
	if (c->ask == REWARD_REMOVE)
		return HAPPENED_REMOVED;
	if (!a->there)
		return HAPPENED_ABSENT;
	return a->right ? HAPPENED_RIGHT : HAPPENED_WRONG;
}

static void
count(enum reward_state before, const struct reward_chain *c,
    enum reward_happening on)
{
	const struct reward_row *r = &c->claim.row;

	c->push->progress_at = clock_mono();
	if (r->life.state == REWARD_ISSUED && before != REWARD_ISSUED)
		metrics.push_rewards++;
	if (on == HAPPENED_REMOVED)
		metrics.push_rewards_removed++;
	if (on != HAPPENED_REFUSED && on != HAPPENED_WRONG)
		return;
	metrics.push_rewards_refused++;
	log_warn("store %" PRId64 " cannot make the reward %s, whose points "
	         "go back: %s",
	    c->claim.store_id, r->redemption, r->why);
}

/* Takes what the shop says of the reward into its life. */
static void
answer_take(struct reward_chain *c, const struct reward_answer *a)
{
	struct reward_row *r = &c->claim.row;
	enum reward_state before = r->life.state;
	enum reward_happening on = happening_of(c, a);
	int64_t now = tick(c);

	if (c->ask == REWARD_MAKE)
		r->life.doubt_until = 0;
	if (a->made_as != NULL)
		r->made_as = a->made_as;
	if (c->ask == REWARD_FIND && a->used && r->life.seen_used_at == 0)
		r->life.seen_used_at = now;
	r->tries = 0;
	if (before != REWARD_LEAVING)
		r->why = a->why[0] != '\0' ? arena_strdup(&c->arena, a->why)
		                           : NULL;
	reward_happens(&r->life, on, now);
	if (r->life.state == REWARD_ISSUED && before != REWARD_ISSUED)
		r->issued_at = now;
	if (before != r->life.state || on == HAPPENED_REMOVED)
		count(before, c, on);
}

/* Whether the call may still reach the shop, although push gave it up. */
static bool
is_in_doubt(const struct http_answer *a)
{
	return a->status == GATEWAY_TIMEOUT ||
	       (a->status == 0 && a->fault != HTTP_FAULT_NAME &&
	           a->fault != HTTP_FAULT_CONNECT &&
	           a->fault != HTTP_FAULT_TLS);
}

/* Whether an answer is only what the next call needs. */
static bool
is_asked_before(struct reward_chain *c, const struct reward_answer *a)
{
	if (a->outcome != PUSH_DONE)
		return false;
	if (c->ask == REWARD_GOODS)
		c->make.goods = a->goods;
	if (c->ask == REWARD_ADDRESS && a->email != NULL)
		c->make.email = a->email;
	return c->ask == REWARD_GOODS || c->ask == REWARD_ADDRESS;
}

static void
on_answer(void *arg, const struct http_answer *a)
{
	struct reward_chain *c = arg;
	struct push *p = c->push;
	const struct token_used used = c->used;
	struct reward_answer answer = { .outcome = PUSH_RETRY };

	histogram_add(&metrics.push_call, a->took_us);
	if (a->status != 0)
		c->shop->reward_read(c->ask,
		    &(struct reward_reply){
		        a->status, a->retry_after, a->body },
		    &c->make, &c->arena, &answer);
	else
		(void)snprintf(answer.why, sizeof(answer.why), "%s", a->error);
	metrics.push_throttled += answer.throttled;
	if (c->ask == REWARD_ADDRESS && answer.outcome == PUSH_DONE &&
	    answer.email == NULL) {
		answer.outcome = PUSH_REJECT;
		(void)snprintf(answer.why, sizeof(answer.why), "%s",
		    "the customer has no e-mail address at the shop");
	}
	/* A shop may show or remove later what it will not now. */
	if (answer.outcome == PUSH_REJECT &&
	    (c->ask == REWARD_FIND || c->ask == REWARD_REMOVE))
		answer.outcome = PUSH_RETRY;
	if (c->ask == REWARD_MAKE && !is_in_doubt(a))
		c->claim.row.life.doubt_until = 0;
	if (answer.outcome != PUSH_RETRY) {
		c->claim.answered = true;
		c->claim.store_tries = 0;
	}
	if (is_asked_before(c, &answer)) {
		chain_go_on(c);
	} else if (answer.outcome == PUSH_RETRY) {
		chain_retry(c, answer.why, answer.wait_ms);
	} else {
		answer_take(c, &answer);
		chain_go(c);
	}
	push_token_judge(p, &used, a->status);
}

/* ---- claiming ------------------------------------------------------------ */

int
push_reward_go(struct push *p, bool *found, struct err *e)
{
	struct reward_chain *c = mem_new(sizeof(*c), "a call");
	int ret;

	c->push = p;
	arena_init(&c->arena);
	c->claimed_at = clock_mono();
	*found = false;
	ret = pg_begin(p->pg, e);
	if (ret == 0 &&
	    (ret = reward_claim(
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
	chain_go(c);
	return 0;
}
