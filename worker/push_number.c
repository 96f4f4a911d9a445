/* SPDX-License-Identifier: MIT */
/*
 * Asks the API of a shop, once, for the number that the platform gives the
 * shop.
 *
 * An app signs the bodies of all its shops with one secret, so the number in a
 * body does not prove which shop sent the body.  With the number from the API
 * loyald can tell which shop a body is from.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/mem.h"
#include "base/metrics.h"
#include "io/clock.h"
#include "io/timer.h"
#include "ledger/shop_number.h"
#include "push_loop.h"
#include "shop_call.h"

/* A question to a shop, from the claim to the answer. */
struct number_question {
	struct push *push;
	const struct shop *shop;
	struct shop_number_claim claim;
	struct token_used used;
	struct push_request request;
	char *api_url, *domain;
};

static void
question_free(struct number_question *q)
{
	q->push->busy--;
	buf_fini(&q->request.body);
	/* Erases the API token, which is in the headers. */
	explicit_bzero(&q->request, sizeof(q->request));
	free(q->api_url);
	free(q->domain);
	free(q);
}

/* Saves the answer to a question.  If `number` is 0, the shop's number is still
 * unknown, and `why` is the reason. */
static void
question_finish(const struct number_question *q, int64_t number,
    const struct push_answer *answer, const char *why)
{
	struct push *p = q->push;
	struct shop_number_result result = {
		.number = number,
		.api_url = q->api_url,
		.domain = q->domain,
		.wait_ms = answer->throttled ? answer->wait_ms : 0,
		.again_ms = answer->wait_ms,
	};
	int64_t operators, least = push_retry_ms(q->claim.tries);
	struct err e;

	metrics.push_retries += number == 0;
	metrics.push_throttled += answer->throttled;
	if (result.again_ms < least)
		result.again_ms = least;
	arena_reset(&p->arena);
	if (shop_number_finish(
	        p->pg, &p->arena, &q->claim, &result, &operators, &e) == -1) {
		err_wrap(&e, "keeping the number of store %" PRId64,
		    q->claim.store_id);
		push_fail(p, &e);
		return;
	}
	if (number == 0)
		log_warn("store %" PRId64 " was not told its number: %s; "
		         "again in %" PRId64 " ms",
		    q->claim.store_id, why, result.again_ms);
	else if (operators != 0 && operators != number)
		log_warn("store %" PRId64 " is shop %" PRId64 " by its API, "
		         "and was given %" PRId64 ", which stays: if that is "
		         "wrong, loyald store set --shop-id %" PRId64,
		    q->claim.store_id, number, operators, number);
	else
		log_info("store %" PRId64 " is shop %" PRId64,
		    q->claim.store_id, number);
	timer_in(p->timer, 0);
}

static void
on_answer(void *arg, const struct http_answer *a)
{
	struct number_question *q = arg;
	struct push_answer answer = { .all = PUSH_RETRY };
	const char *why = a->error;
	int64_t number = 0;

	histogram_add(&metrics.push_call, a->took_us);
	if (a->status != 0) {
		number = q->shop->number(a->status, a->retry_after, a->body,
		    str_of(q->domain), &answer);
		why = answer.why[0];
	}
	question_finish(q, number, &answer, why);
	push_token_judge(q->push, &q->used, a->status);
	question_free(q);
}

static int
question_send(struct number_question *q, const struct store *s, struct err *e)
{
	const struct shop_access a = shop_access_of(s);

	q->used = push_token_of(s);
	q->shop = shop_find(s->platform);
	q->api_url = strdup(s->api_url);
	q->domain = strdup(s->domain);
	if (q->api_url == NULL || q->domain == NULL)
		die("out of memory for an address");
	if (q->shop->ask(&a, &q->request, e) == -1)
		return -1;
	return push_send(q->push, q->api_url, &q->request, on_answer, q, e);
}

static void
question_start(struct number_question *q, int64_t claimed_at)
{
	struct push *p = q->push;
	const struct store *s = stores_find(
	    p->catalog.stores, p->catalog.nstores, q->claim.store_id);
	const char *why = push_why_not(s, claimed_at);
	struct push_answer answer = { .all = PUSH_RETRY };
	struct err e;

	if (why == NULL) {
		if (question_send(q, s, &e) == 0)
			return;
		why = e.msg;
	}
	/* A call may have failed because the store has changed, so the stores
	 * are loaded again. */
	catalog_forget(&p->catalog);
	question_finish(q, 0, &answer, why);
	question_free(q);
}

int
push_number_ask(struct push *p, bool *found, struct err *e)
{
	struct number_question *q = mem_new(sizeof(*q), "a question");
	int64_t lease_ms = p->config.push_timeout_ms + LEASE_MARGIN_MS;
	int64_t claimed_at = clock_mono();
	int ret;

	q->push = p;
	arena_reset(&p->arena);
	ret = shop_number_claim(
	    p->pg, &p->arena, lease_ms, &p->wanted, &q->claim, e);
	*found = ret == 0 && q->claim.store_id != 0;
	if (!*found) {
		free(q);
		return ret;
	}
	p->busy++;
	buf_init(&q->request.body, PUSH_BODY_MAX);
	question_start(q, claimed_at);
	return 0;
}
