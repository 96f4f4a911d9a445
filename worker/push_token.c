/* SPDX-License-Identifier: MIT */
/*
 * Gets API tokens by the apps of stores, each before the one before ends.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/mem.h"
#include "base/metrics.h"
#include "io/clock.h"
#include "io/timer.h"
#include "ledger/store_app.h"
#include "push_loop.h"

/* A call for a token, from the claim to the answer. */
struct token_call {
	struct push *push;
	const struct shop *shop;
	struct app_claim claim;
	struct arena arena; /* has the app's text */
	struct push_request request;
};

static void
call_free(struct token_call *c)
{
	c->push->busy--;
	/* Erases the app's secret. */
	explicit_bzero(c->request.body.data, c->request.body.len);
	buf_fini(&c->request.body);
	arena_fini(&c->arena);
	free(c);
}

/* Keeps the answer: a token, or none, for the reason in `why`. */
static void
call_finish(struct token_call *c, const struct token_answer *answer)
{
	struct push *p = c->push;
	bool has_token = answer->token.len > 0, lost = false;
	int64_t again_ms = int64_max(
	    answer->wait_ms, push_retry_ms(c->claim.tries));
	struct err e;
	int ret;

	ret = has_token
	          ? app_renewed(p->pg, &c->arena, &c->claim, answer, &lost, &e)
	          : app_failed(
	                p->pg, &c->arena, &c->claim, answer->why, again_ms, &e);
	if (ret == -1) {
		err_wrap(&e, "keeping the API token of store %" PRId64,
		    c->claim.store_id);
		push_fail(p, &e);
		return;
	}
	metrics.push_tokens += has_token && !lost;
	metrics.push_retries += !has_token;
	if (lost)
		log_info("store %" PRId64 ": its new API token is dropped, "
		         "since the app or the address was changed meanwhile",
		    c->claim.store_id);
	else if (has_token)
		log_info("store %" PRId64 " has an API token for %" PRId64
		         " minutes",
		    c->claim.store_id, answer->lasts_ms / 60000);
	else
		log_warn("store %" PRId64 " gets no API token: %s; again in "
		         "%" PRId64 " ms",
		    c->claim.store_id, answer->why, again_ms);
	timer_in(p->timer, 0);
}

static void
on_answer(void *arg, const struct http_answer *a)
{
	struct token_call *c = arg;
	struct token_answer answer = { .why = a->error };

	histogram_add(&metrics.push_call, a->took_us);
	if (a->status != 0)
		c->shop->app_read(&c->arena, a->status, a->retry_after, a->body,
		    c->claim.app, &answer);
	call_finish(c, &answer);
	call_free(c);
}

static int
call_send(struct token_call *c, struct err *e)
{
	c->shop = shop_find(c->claim.platform);
	if (c->shop->app_call == NULL)
		return err_set(
		    e, FAULT_REJECT, "the platform has no apps to ask");
	if (c->shop->app_call(c->claim.app, &c->request, e) == -1)
		return -1;
	return push_send(
	    c->push, c->claim.api_url, &c->request, on_answer, c, e);
}

/* Asks at the address that was claimed with the app: that of the catalog may still
 * be another shop's, which must not be sent the app's secret. */
static void
call_start(struct token_call *c, int64_t claimed_at)
{
	struct token_answer answer = { .why = push_why_late(claimed_at) };
	struct err e;

	if (answer.why == NULL) {
		if (call_send(c, &e) == 0)
			return;
		answer.why = e.msg;
	}
	call_finish(c, &answer);
	call_free(c);
}

int
push_token_get(struct push *p, bool *found, struct err *e)
{
	struct token_call *c = mem_new(sizeof(*c), "a call");
	int64_t lease_ms = p->config.push_timeout_ms + LEASE_MARGIN_MS;
	int64_t claimed_at = clock_mono();
	int ret;

	c->push = p;
	arena_init(&c->arena);
	c->claim.key = &p->key;
	ret = app_claim(p->pg, &c->arena, lease_ms, &c->claim, e);
	*found = ret == 0 && c->claim.store_id != 0;
	if (!*found) {
		arena_fini(&c->arena);
		free(c);
		return ret;
	}
	p->busy++;
	buf_init(&c->request.body, PUSH_BODY_MAX);
	call_start(c, claimed_at);
	return 0;
}
