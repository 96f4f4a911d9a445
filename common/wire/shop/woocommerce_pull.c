/* SPDX-License-Identifier: MIT */
/*
 * Asks WooCommerce's API for changed orders.
 *
 *  1. `modified_after` is given in GMT without a "Z", together with
 *     dates_are_gmt: a time with "Z" is turned into the shop's time, and
 *     compared with GMT.
 *  2. `modified_after` leaves out the orders of its own second, so the second
 *     before is asked for.
 *  3. A list has at most 100 orders.  If all of them changed in one second, the
 *     next page is asked for, by its number.
 *  4. After seven deliveries in a row that failed WooCommerce switches a webhook
 *     off and tells nobody.  Its status is "disabled" then; "paused" is a person's
 *     wish.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/instant.h"
#include "wire/shop/internal.h"
#include "wire/shop/pull.h"

#define ORDERS "/wp-json/wc/v3/orders"

enum {
	PULL_PATH_MAX = 256,
	PULL_PAGE_TEXT = 24, /* bytes of a page's number */
};

/* 3. The number of the page at a place. */
static int64_t
page_of(const struct pull_place *at)
{
	int64_t page;

	return str_int64(str_of(at->cursor), &page) == 0 ? page : 1;
}

int
woocommerce_changed_call(const struct pull_place *at,
    const struct shop_access *a, struct push_request *q, struct err *e)
{
	char path[PULL_PATH_MAX], since[INSTANT_TEXT_MAX];

	/* 1, 2. */
	instant_format(at->since - INSTANT_SECOND, since);
	since[strcspn(since, ".Z")] = '\0';
	(void)snprintf(path, sizeof(path),
	    ORDERS
	    "?_fields=id,date_modified_gmt,status,refunds&dates_are_gmt=true"
	    "&modified_after=%s&order=asc&orderby=modified"
	    "&page=%" PRId64 "&per_page=%d",
	    since, page_of(at), PULL_LIST_MAX);
	return woocommerce_request_begin(a, "GET", path, q, e);
}

int
woocommerce_order_call(const struct pull_order *o, const struct shop_access *a,
    struct push_request *q, struct err *e)
{
	char path[PULL_PATH_MAX];

	(void)snprintf(path, sizeof(path), ORDERS "/%" PRId64, o->order_id);
	return woocommerce_request_begin(a, "GET", path, q, e);
}

/* Returns the JSON of an answer; no value if the shop did not carry the call
 * out, for the reason in the pull_answer. */
static struct value
answer_open(
    const struct reward_reply *reply, struct arena *a, struct pull_answer *r)
{
	int64_t after_ms = retry_after_ms(reply->retry_after);
	struct push_answer answer = { .all = PUSH_DONE };
	struct value root;

	*r = (struct pull_answer){ .outcome = PUSH_DONE, .wait_ms = after_ms };
	if (answer_by_status(&answer, 1, reply->status, after_ms)) {
		*r = (struct pull_answer){ .outcome = PUSH_RETRY,
			.wait_ms = answer.wait_ms,
			.throttled = answer.throttled };
		memcpy(r->why, answer.why[0], sizeof(r->why));
		return (struct value){ 0 };
	}
	root = woocommerce_root_load(a, reply->body);
	if (!value_exists(root))
		pull_fail(
		    r, "the shop answered 200 with something else than JSON");
	return root;
}

static bool
read_changed(struct value o, struct pull_changed *c)
{
	struct reader r;
	struct err ignored; /* the caller says what is wrong */

	reader_init(&r, &ignored);
	c->order_id = read_id(&r, o, "id", NEEDED);
	c->modified_at = read_instant(&r, o, "date_modified_gmt", NEEDED);
	read_status_word(
	    &r, o, "status", OPTIONAL, c->status, sizeof(c->status));
	c->nrefunds = value_is(value_get(o, "refunds"), VALUE_LIST)
	                  ? (int64_t)value_size(value_get(o, "refunds"))
	                  : -1;
	return !r.failed && c->modified_at > 0;
}

void
woocommerce_changed_read(const struct reward_reply *reply,
    const struct pull_place *of, struct arena *a, struct pull_answer *r)
{
	struct value root = answer_open(reply, a, r), o = { 0 };
	char page[PULL_PAGE_TEXT];
	int n;

	if (!value_exists(root))
		return;
	if (!value_is(root, VALUE_LIST) || value_size(root) > PULL_LIST_MAX) {
		pull_fail(r, "the shop's answer is no list of orders");
		return;
	}
	r->orders = arena_array(a, value_size(root) + 1, sizeof(*r->orders));
	while (value_next(root, &o)) {
		if (!read_changed(o, &r->orders[r->n])) {
			pull_fail(r,
			    "an order of the shop's list has no id or no "
			    "date_modified_gmt");
			return;
		}
		r->n++;
	}
	r->more = r->n == PULL_LIST_MAX;
	if (!r->more)
		return;
	/* 3. */
	n = snprintf(page, sizeof(page), "%" PRId64, page_of(of) + 1);
	pull_advance(r, of, (struct str){ page, (size_t)n });
}

void
woocommerce_order_read(const struct reward_reply *reply, struct pull_order *o,
    struct pull_answer *r)
{
	static const char gone[] = "woocommerce_rest_shop_order_invalid_id";
	struct value root = woocommerce_root_load(o->arena, reply->body);
	int64_t id;

	if (reply->status == 404 &&
	    str_eq(value_text(value_get(root, "code")), STR(gone))) {
		*r = (struct pull_answer){ .outcome = PUSH_DONE };
		o->done = true;
		return;
	}
	root = answer_open(reply, o->arena, r);
	if (!value_exists(root))
		return;
	if (str_int64(value_digits(value_get(root, "id")), &id) == -1 ||
	    id != o->order_id) {
		pull_fail(r, "the shop's answer is another order");
		return;
	}
	o->done = o->there = true;
	o->body = (struct str){ arena_memdup(o->arena, reply->body.data,
		                    reply->body.len),
		reply->body.len };
}

/* ---- webhooks ------------------------------------------------------------ */

#define HOOKS "/wp-json/wc/v3/webhooks"

int
woocommerce_hooks_call(
    const struct shop_access *a, struct push_request *q, struct err *e)
{
	char path[PULL_PATH_MAX];

	(void)snprintf(path, sizeof(path),
	    HOOKS "?_fields=id,status,topic,delivery_url&per_page=%d",
	    PULL_HOOKS_MAX);
	return woocommerce_request_begin(a, "GET", path, q, e);
}

static const char *
topic_of_word(const struct shop *shop, struct str word)
{
	for (size_t i = 0; i < shop->ntopics; i++)
		if (str_eq(word, str_of(shop->topics[i].name)))
			return shop->topics[i].name;
	return NULL;
}

void
woocommerce_hooks_read(const struct shop *shop,
    const struct reward_reply *reply, struct arena *a, struct pull_answer *r)
{
	struct value root = answer_open(reply, a, r), h = { 0 };

	if (!value_exists(root))
		return;
	if (!value_is(root, VALUE_LIST)) {
		pull_fail(r, "the shop's answer is no list of webhooks");
		return;
	}
	r->hooks = arena_array(a, value_size(root) + 1, sizeof(*r->hooks));
	while (value_next(root, &h)) {
		const char *topic = topic_of_word(
		    shop, value_text(value_get(h, "topic")));
		struct str url = value_text(value_get(h, "delivery_url"));

		if (topic == NULL)
			continue;
		/* 4. */
		r->hooks[r->nhooks++] = (struct pull_hook){
			.id = value_int(value_get(h, "id")),
			.topic = topic,
			.url = arena_printf(a, "%.*s", (int)url.len, url.data),
			.is_off = str_eq(value_text(value_get(h, "status")),
			    STR("disabled")),
		};
	}
}

int
woocommerce_hook_put_call(const struct pull_hook *h,
    const struct shop_access *a, struct push_request *q, struct err *e)
{
	char path[PULL_PATH_MAX] = HOOKS;
	struct jsonw w;

	if (h->id != 0)
		(void)snprintf(path, sizeof(path), HOOKS "/%" PRId64, h->id);
	if (woocommerce_request_begin(
	        a, h->id != 0 ? "PUT" : "POST", path, q, e) == -1)
		return -1;
	if (h->id != 0)
		(void)snprintf(q->method, sizeof(q->method), "PUT");
	jsonw_init(&w, &q->body);
	jsonw_object(&w, NULL);
	if (h->id == 0) {
		jsonw_text(&w, "name", h->topic);
		jsonw_text(&w, "topic", h->topic);
		jsonw_text(&w, "delivery_url", h->url);
		jsonw_str(&w, "secret", h->secret);
	}
	jsonw_text(&w, "status", "active");
	jsonw_object_end(&w);
	if (!jsonw_is_done(&w))
		return err_set(
		    e, FAULT_REJECT, "the webhook does not fit a request");
	return 0;
}

void
woocommerce_hook_put_read(
    const struct reward_reply *reply, struct arena *a, struct pull_answer *r)
{
	struct reward_reply made = *reply;
	struct value root;

	if (made.status == 201)
		made.status = 200;
	root = answer_open(&made, a, r);
	if (value_exists(root) &&
	    !str_eq(value_text(value_get(root, "status")), STR("active")))
		pull_fail(r, "the webhook is not active at the shop");
}
