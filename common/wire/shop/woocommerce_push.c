/* SPDX-License-Identifier: MIT */
/*
 * Writes the call to WooCommerce's API that sets balances, and reads the
 * answer.
 */
#include <assert.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "wire/oauth.h"
#include "wire/shop/internal.h"
#include "wire/shop/profile.h"

enum {
	TOKEN_ENCODED = 4 * ((SECRET_MAX + 2) / 3) + 1,
};

bool
woocommerce_is_plain(const char *url)
{
	return strncasecmp(url, "http:", strlen("http:")) == 0;
}

/* Writes the address, signed: WooCommerce looks at the header Authorization
 * over https only. */
static void
sign(const struct shop_access *a, size_t key, const char *method,
    const char *path, struct push_request *q)
{
	const struct oauth o = {
		.key = { a->token.data, key },
		.secret = { a->token.data + key + 1, a->token.len - key - 1 },
		.now = a->now,
		.nonce = a->nonce,
	};
	struct buf b;

	buf_init(&b, sizeof(q->path) - 1);
	oauth_sign(&o, method, a->url, path, &b);
	assert(!buf_is_full(&b));
	(void)snprintf(q->path, sizeof(q->path), "%s", b.data);
	buf_fini(&b);
	/* On a connection that was used before, curl repeats a call that gets no
	 * answer, with a nonce that the shop may have seen.  No other call uses
	 * the connection, so the shop may close it. */
	q->once = true;
	(void)snprintf(
	    q->headers[1], sizeof(q->headers[1]), "%s", "Connection: close");
}

int
woocommerce_request_begin(const struct shop_access *a, const char *method,
    const char *path, struct push_request *q, struct err *e)
{
	char basic[TOKEN_ENCODED];
	const char *colon;

	if (token_check(a->token, e) == -1)
		return -1;
	colon = memchr(a->token.data, ':', a->token.len);
	if (colon == NULL)
		return err_set(e, FAULT_REJECT,
		    "the store's API token must be "
		    "consumer_key:consumer_secret; enter it again with "
		    "loyald store set");

	(void)snprintf(q->path, sizeof(q->path), "%s", path);
	q->method[0] = '\0';
	q->once = false;
	memset(q->headers, 0, sizeof(q->headers));
	buf_reset(&q->body);
	(void)snprintf(q->headers[0], sizeof(q->headers[0]), "%s",
	    "Content-Type: application/json");
	if (woocommerce_is_plain(a->url)) {
		sign(a, (size_t)(colon - a->token.data), method, path, q);
		return 0;
	}
	base64_encode((const uint8_t *)a->token.data, a->token.len, basic);
	(void)snprintf(q->headers[1], sizeof(q->headers[1]),
	    "Authorization: Basic %s", basic);
	return 0;
}

int
woocommerce_render(const struct push_item *items, size_t n,
    const struct shop_access *a, struct push_request *q, struct err *e)
{
	struct buf *b = &q->body;
	struct arena arena;

	assert(n > 0 && n <= WOOCOMMERCE_BATCH_MAX);
	if (woocommerce_request_begin(a, "POST", WOOCOMMERCE_BATCH, q, e) == -1)
		return -1;

	/* The keys have no underscore at the start, since WooCommerce silently
	 * drops such keys.  Numbers are sent as strings, since WooCommerce
	 * keeps them as strings. */
	buf_puts(b, "{\"update\":[");
	arena_init(&arena);
	for (size_t i = 0; i < n; i++) {
		buf_printf(b, "%s{\"id\":%lld,\"meta_data\":[",
		    i > 0 ? "," : "", (long long)items[i].customer_id);
		profile_meta(&arena, &items[i], b);
		buf_puts(b, "]}");
		arena_reset(&arena);
	}
	arena_fini(&arena);
	buf_puts(b, "]}");
	if (buf_is_full(b))
		return err_set(e, FAULT_FATAL,
		    "a call with %zu balances does not fit %zu bytes", n,
		    b->max);
	return 0;
}

/* ---- what the answer means ------------------------------------------- */

static bool
is_result_of(struct value result, int64_t customer_id)
{
	struct value id = value_get(result, "id");

	return value_is(id, VALUE_INT) && value_int(id) == customer_id;
}

/* Finds the result for a customer by the customer's id.  Usually the result has
 * the same index as the balance in the call. */
static struct value
result_of(struct value results, size_t i, int64_t customer_id)
{
	struct value result = value_at(results, i), other = { 0 };

	if (is_result_of(result, customer_id))
		return result;
	while (value_next(results, &other))
		if (is_result_of(other, customer_id))
			break;
	return other;
}

/* Whether a refused balance may be accepted later: the status of the refusal is
 * not about the balance's customer. */
static bool
is_passing(int64_t status)
{
	return status == 401 || status == 403 || status == 408 ||
	       status == 429 || status < 400 || status >= 500;
}

static void
judge_item(struct value result, size_t i, struct push_answer *a)
{
	struct value error = value_get(result, "error");
	struct value status = value_get(value_get(error, "data"), "status");
	char code[WORD_MAX], why[PUSH_WHY_MAX];

	if (!value_exists(result)) {
		answer_item(
		    a, i, PUSH_RETRY, "the shop's answer leaves him out");
		return;
	}
	if (!value_exists(error)) {
		answer_item(a, i, PUSH_DONE, "");
		return;
	}
	word_copy(value_get(error, "code"), code);
	(void)snprintf(why, sizeof(why), "the shop refused: %s", code);
	if (strcmp(code, "wc_user_invalid_id") == 0 ||
	    !is_passing(value_int(status)))
		answer_item(a, i, PUSH_REJECT, why);
	else
		answer_item(a, i, PUSH_RETRY, why);
}

void
woocommerce_judge(int status, struct str retry_after, struct str body,
    const struct push_item *items, size_t n, struct push_answer *a)
{
	int64_t after_ms = retry_after_ms(retry_after);
	struct value results;
	struct arena arena;
	struct err e;

	assert(n > 0 && n <= WOOCOMMERCE_BATCH_MAX);
	memset(a, 0, sizeof(*a));
	if (answer_by_status(a, n, status, after_ms))
		return;

	/* A firewall or a maintenance mode may also send a page with 200. */
	arena_init(&arena);
	results = value_get(body_load(&arena, body, &e), "update");
	if (value_is(results, VALUE_LIST)) {
		a->all = PUSH_DONE;
		a->wait_ms = after_ms;
		for (size_t i = 0; i < n; i++)
			judge_item(
			    result_of(results, i, items[i].customer_id), i, a);
	} else {
		answer_all(a, n, PUSH_RETRY,
		    after_ms > PUSH_WAIT_MS ? after_ms : PUSH_WAIT_MS,
		    "the shop answered 200 with something else");
	}
	arena_fini(&arena);
}
