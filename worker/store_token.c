/* SPDX-License-Identifier: MIT */
#include <string.h>

#include <event2/event.h>

#include "loop.h"
#include "shop_call.h"
#include "store_token.h"
#include "wire/shop/shop.h"

/* The one call, and what came of it. */
struct asking {
	struct arena *arena;
	const struct shop *shop;
	struct str app;
	struct token_answer answer;
};

static void
on_answer(void *arg, const struct http_answer *a)
{
	struct asking *q = arg;

	if (a->status == 0)
		q->answer.why = arena_strdup(q->arena, a->error);
	else
		q->shop->app_read(q->arena, a->status, a->retry_after, a->body,
		    q->app, &q->answer);
}

static int
ask(struct asking *q, const struct config *config, const char *api_url,
    struct err *e)
{
	struct event_base *base = loop_new();
	struct http_client *client = http_client_new(
	    base, config->push_timeout_ms);
	struct push_request request;
	int ret;

	buf_init(&request.body, PUSH_BODY_MAX);
	ret = q->shop->app_call(q->app, &request, e);
	if (ret == 0)
		ret = shop_call(client, api_url, &request, on_answer, q, e);
	while (ret == 0 && http_client_busy(client) > 0)
		(void)event_base_loop(base, EVLOOP_ONCE);
	/* Erases the app's secret. */
	explicit_bzero(request.body.data, request.body.len);
	buf_fini(&request.body);
	http_client_free(client);
	event_base_free(base);
	return ret;
}

const struct shop_check *
store_token_first(struct arena *a, const struct config *config,
    const struct store *s, struct store_app *app, struct str *token)
{
	struct asking q = {
		.arena = a, .shop = shop_find(s->platform), .app = app->text
	};
	struct shop_check *c = arena_alloc(a, sizeof(*c));
	struct err e;

	if (ask(&q, config, s->api_url, &e) == -1)
		q.answer.why = e.msg;
	if (q.answer.token.len > 0) {
		*token = q.answer.token;
		app->text = q.answer.app;
		app->renew_ms = token_renew_ms(&q.answer);
		return NULL;
	}
	c->arena = a;
	c->store = (struct check_store){ s->store_id, s->domain, s->currency,
		s->timezone, s->api_url };
	shop_check_find(c, FINDING_WRONG,
	    "the app gets no token: %s; address, client ID and secret must be "
	    "right, and the app installed in the shop; push asks until there "
	    "is one",
	    q.answer.why);
	return c;
}
