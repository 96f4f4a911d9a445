/* SPDX-License-Identifier: MIT */
#include <inttypes.h>

#include "base/log.h"
#include "base/metrics.h"
#include "io/clock.h"
#include "io/timer.h"
#include "push_loop.h"
#include "shop_call.h"

enum {
	/* The wait after the first failure; doubles with each further failure.
	 */
	RETRY_MIN_MS = 500,
	RETRY_MAX_MS = 5 * 60 * 1000, /* the longest wait */
	REFUSED = 401, /* the status of a shop that refuses the API token */
};

void
push_end(struct push *p, int status)
{
	p->done = true;
	p->status = status;
	(void)event_base_loopbreak(p->base);
}

void
push_fail(struct push *p, const struct err *e)
{
	if (trouble_ends(&p->trouble, e)) {
		push_end(p, loop_end(e, EXIT_FATAL));
		return;
	}
	trouble_is(&p->trouble, e, NULL);
	timer_in(p->timer, backoff_next(&p->backoff));
}

int64_t
push_retry_ms(int32_t tries)
{
	int64_t ms = RETRY_MIN_MS;
	uint16_t r;

	for (int32_t i = 0; i < tries && ms < RETRY_MAX_MS; i++)
		ms *= 2;
	if (ms > RETRY_MAX_MS)
		ms = RETRY_MAX_MS;
	random_bytes(&r, sizeof(r));
	return ms * 3 / 4 + ms / 2 * r / UINT16_MAX;
}

const char *
push_why_late(int64_t claimed_at)
{
	return clock_mono() - claimed_at > CLAIM_AGE_MAX_MS * INT64_C(1000)
	           ? "this process was held up between claim and call"
	           : NULL;
}

const char *
push_why_not(const struct store *s, int64_t claimed_at)
{
	if (s == NULL || s->api_url == NULL || s->disabled)
		return "the store was changed: its settings are loaded again";
	if (s->api_token.len == 0)
		return "the store has no API token: loyald store set "
		       "--api-token-file";
	return push_why_late(claimed_at);
}

int
push_send(struct push *p, const char *api_url, const struct push_request *r,
    http_answered *answered, void *arg, struct err *e)
{
	metrics.push_calls++;
	return shop_call(p->client, api_url, r, answered, arg, e);
}

struct token_used
push_token_of(const struct store *s)
{
	return (struct token_used){ s->tenant_id, s->store_id, s->row_version };
}

void
push_token_judge(struct push *p, const struct token_used *used, int status)
{
	bool replaced;
	struct err e;

	if (status != REFUSED)
		return;
	arena_reset(&p->arena);
	if (app_refused(p->pg, &p->arena, used, &replaced, &e) == -1) {
		err_wrap(&e,
		    "after the API token of store %" PRId64 " was refused",
		    used->store_id);
		push_fail(p, &e);
		return;
	}
	if (!replaced)
		return;
	log_info("store %" PRId64 " was changed during a call whose API token "
	         "the shop refuses: what waits is sent at once",
	    used->store_id);
	catalog_forget(&p->catalog);
	timer_in(p->timer, 0);
}
