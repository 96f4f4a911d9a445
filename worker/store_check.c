/* SPDX-License-Identifier: MIT */
/* loyald store check: asks a shop whether its API address and token are
 * right. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include <event2/event.h>

#include "base/log.h"
#include "base/tool.h"
#include "cmd.h"
#include "ledger/store_app.h"
#include "loop.h"
#include "operation.h"
#include "shop_call.h"
#include "store_check.h"
#include "wire/shop/shop.h"

/* The state of a single call of the check. */
struct asking {
	struct shop_check *check;
	size_t nth;
	bool go_on; /* whether the next call may be made */
};

/* The sentences for a call without an answer, by fault: what the fault means,
 * and what to do. */
static const char *const faults[] = {
	[HTTP_FAULT_NAME] = "its name has no address: is it spelled right, "
	                    "and does this machine have a name server?",
	[HTTP_FAULT_CONNECT] = "nobody takes a connection there: is the "
	                       "address right, is the shop up, and does a "
	                       "firewall let this machine out?",
	[HTTP_FAULT_TLS] = "its encryption cannot be trusted, so that no "
	                   "token is sent: the shop needs a certificate that "
	                   "is valid for its name",
	[HTTP_FAULT_TIME] = "that took longer than LOYALD_PUSH_TIMEOUT_MS: is "
	                    "the address right, and does the shop's firewall "
	                    "let this machine in?",
	[HTTP_FAULT_OTHER] = "what is there does not speak as a web server "
	                     "does",
};

static struct str
copy(struct arena *a, struct str s)
{
	return (struct str){ arena_memdup(a, s.data, s.len), s.len };
}

static void
on_answer(void *arg, const struct http_answer *a)
{
	struct asking *q = arg;
	struct shop_check *c = q->check;

	if (a->status == 0) {
		shop_check_find(c, FINDING_WRONG,
		    "%s does not answer, and %s (%s)", c->store.api_url,
		    faults[a->fault], a->error);
		return;
	}
	c->answers[q->nth] = (struct check_answer){
		.status = a->status,
		.body = copy(c->arena, a->body),
		.redirect = copy(c->arena, a->redirect),
	};
	q->go_on = a->redirect.len == 0;
}

/* Makes the calls one after the other, and stops after a call that the shop
 * does not answer. */
static void
calls_make(struct shop_check *c, const struct shop *shop, const struct store *s,
    const struct config *config)
{
	struct event_base *base = loop_new();
	struct asking q = { .check = c, .go_on = true };
	struct push_request request;
	struct http_client *client;
	struct err e;

	client = http_client_new(base, config->push_timeout_ms);
	buf_init(&request.body, PUSH_BODY_MAX);
	for (; q.nth < shop->nchecks && q.go_on; q.nth++) {
		const struct shop_access access = shop_access_of(s);

		q.go_on = false;
		if (shop->check_call(q.nth, &access, &request, &e) == -1 ||
		    shop_call(client, s->api_url, &request, on_answer, &q,
		        &e) == -1) {
			shop_check_find(c, FINDING_WRONG, "%s", e.msg);
			break;
		}
		while (http_client_busy(client) > 0)
			(void)event_base_loop(base, EVLOOP_ONCE);
	}
	buf_fini(&request.body);
	/* Erases the API token, which is in the headers. */
	explicit_bzero(&request, sizeof(request));
	http_client_free(client);
	event_base_free(base);
}

const struct shop_check *
store_check(struct arena *a, const struct store *s, const struct config *config)
{
	const struct shop *shop = shop_find(s->platform);
	struct shop_check *c;

	if (s->api_url == NULL || s->api_token.len == 0)
		return NULL;
	c = arena_alloc(a, sizeof(*c));
	c->arena = a;
	c->store = (struct check_store){ s->store_id, s->domain, s->currency,
		s->timezone, s->api_url };
	calls_make(c, shop, s, config);
	shop->check_read(c);
	return c;
}

int
store_check_of(struct operation *op, int64_t store_id,
    const struct config *config, const struct shop_check **c, struct err *e)
{
	const struct store *s;
	struct store *stores;
	size_t n;

	if (stores_load(op->pg, &op->arena, &op->key, &stores, &n, e) == -1)
		return -1;
	s = stores_need(stores, n, store_id, e);
	if (s == NULL)
		return -1;
	*c = store_check(&op->arena, s, config);
	return 0;
}

/* ---- output -------------------------------------------------------------- */

void
store_check_print(const struct shop_check *c)
{
	if (c == NULL)
		return;
	printf("\n%s was asked:\n\n", c->store.api_url);
	for (size_t i = 0; i < c->n; i++)
		printf("%-8s %s\n", finding_kind_name(c->findings[i].kind),
		    c->findings[i].text);
}

void
store_check_json(struct jsonw *w, const struct shop_check *c)
{
	if (c == NULL) {
		jsonw_text(w, "check", NULL);
		return;
	}
	jsonw_object(w, "check");
	jsonw_bool(w, "ok", shop_check_is_ok(c));
	jsonw_array(w, "findings");
	for (size_t i = 0; i < c->n; i++) {
		jsonw_object(w, NULL);
		jsonw_text(w, "kind", finding_kind_name(c->findings[i].kind));
		jsonw_text(w, "text", c->findings[i].text);
		jsonw_object_end(w);
	}
	jsonw_array_end(w);
	jsonw_object_end(w);
}

void
store_check_warn(const struct shop_check *c)
{
	if (c == NULL || shop_check_is_ok(c))
		return;
	/* The findings must be printed before the warning. */
	(void)fflush(stdout);
	log_warn("store %" PRId64 " is kept as it was told, but nothing can "
	         "be pushed to it until what is wrong with its API is mended: "
	         "loyald store check --store %" PRId64 " asks again",
	    c->store.store_id, c->store.store_id);
}

static void
print_json(const struct shop_check *c)
{
	struct jsonw w;

	jsonw_begin(&w);
	jsonw_int(&w, "store_id", c->store.store_id);
	store_check_json(&w, c);
	jsonw_end(&w, stdout);
}

/* ---- check --------------------------------------------------------------- */

/* Says why a shop cannot be asked. */
static int
say_unasked(struct operation *op, int64_t store_id, struct err *e)
{
	const struct store *s = operation_store(op, store_id, e);
	struct app_known app;

	if (s == NULL ||
	    app_get(op->pg, &op->arena, &op->key, s, &app, e) == -1)
		return -1;
	if (s->api_url == NULL || app.text.len == 0)
		return err_set(e, FAULT_REJECT,
		    "store %" PRId64 " has no API address and token, so that "
		    "nothing is pushed to it: loyald store set --store "
		    "%" PRId64 " --api-url URL --api-token-file FILE",
		    store_id, store_id);
	return err_set(e, FAULT_REJECT,
	    "store %" PRId64 " has an app, by which loyald push gets API "
	    "tokens, and no token yet: %s; if the app is wrong, loyald store "
	    "set --store %" PRId64 " --api-token-file FILE",
	    store_id,
	    app.last_error != NULL ? app.last_error
	                           : "push has not asked the shop since",
	    store_id);
}

static int
check_need(struct operation *op, int64_t store_id, const struct config *config,
    const struct shop_check **c, struct err *e)
{
	if (store_check_of(op, store_id, config, c, e) == -1)
		return -1;
	return *c == NULL ? say_unasked(op, store_id, e) : 0;
}

int
cmd_store_check(struct tool_call *call)
{
	int64_t store_id = 0;
	bool json = false, ok;
	const struct option_spec options[] = {
		OPTION_STORE(&store_id),
		OPTION_JSON(&json),
		{ 0 },
	};
	const struct shop_check *c;
	struct config config;
	struct operation op;
	struct err e;
	int status = tool_read(call, options, &config, NULL, NULL);

	if (status == EXIT_STOPPED)
		status = operation_open(&op, call, &config, true);
	if (status != EXIT_STOPPED)
		return status;
	if (check_need(&op, store_id, &config, &c, &e) == -1)
		return operation_end(&op, &e);
	if (json)
		print_json(c);
	else
		store_check_print(c);
	ok = shop_check_is_ok(c);
	operation_close(&op);
	return ok ? EXIT_STOPPED : EXIT_NO;
}
