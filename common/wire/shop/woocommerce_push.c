/* SPDX-License-Identifier: MIT */
/*
 * Writes the call to WooCommerce's API that sets balances, and reads the
 * answer.
 */
#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "wire/shop/internal.h"

enum {
	TOKEN_ENCODED = 4 * ((SECRET_MAX + 2) / 3) + 1,
};

int
woocommerce_request_begin(
    struct str token, const char *path, struct push_request *q, struct err *e)
{
	char basic[TOKEN_ENCODED];

	if (token_check(token, e) == -1)
		return -1;
	if (memchr(token.data, ':', token.len) == NULL)
		return err_set(e, FAULT_REJECT,
		    "the store's API token must be "
		    "consumer_key:consumer_secret; enter it again with "
		    "loyald store set");
	base64_encode((const uint8_t *)token.data, token.len, basic);

	(void)snprintf(q->path, sizeof(q->path), "%s", path);
	memset(q->headers, 0, sizeof(q->headers));
	(void)snprintf(q->headers[0], sizeof(q->headers[0]), "%s",
	    "Content-Type: application/json");
	(void)snprintf(q->headers[1], sizeof(q->headers[1]),
	    "Authorization: Basic %s", basic);
	buf_reset(&q->body);
	return 0;
}

int
woocommerce_render(const struct push_item *items, size_t n, struct str token,
    struct push_request *q, struct err *e)
{
	struct buf *b = &q->body;

	assert(n > 0 && n <= WOOCOMMERCE_BATCH_MAX);
	if (woocommerce_request_begin(token, WOOCOMMERCE_BATCH, q, e) == -1)
		return -1;

	/* The keys have no underscore at the start, since WooCommerce silently
	 * drops such keys.  Numbers are sent as strings, since WooCommerce
	 * keeps them as strings. */
	buf_puts(b, "{\"update\":[");
	for (size_t i = 0; i < n; i++)
		buf_printf(b,
		    "%s{\"id\":%lld,\"meta_data\":["
		    "{\"key\":\"loyalty_points\",\"value\":\"%lld\"},"
		    "{\"key\":\"loyalty_pending\",\"value\":\"%lld\"},"
		    "{\"key\":\"loyalty_debt\",\"value\":\"%lld\"},"
		    "{\"key\":\"loyalty_version\",\"value\":\"%lld\"}]}",
		    i > 0 ? "," : "", (long long)items[i].customer_id,
		    (long long)items[i].available, (long long)items[i].pending,
		    (long long)items[i].debt, (long long)items[i].version);
	buf_puts(b, "]}");
	if (buf_is_full(b))
		return err_set(e, FAULT_FATAL,
		    "a call with %zu balances does not fit %zu bytes", n,
		    b->max);
	return 0;
}

/* ---- what the answer means ------------------------------------------- */

/* Finds the result for a customer by the customer's id.  Usually the result has
 * the same index as the balance in the call. */
static const json_t *
result_of(const json_t *results, size_t i, int64_t customer_id)
{
	const json_t *result = json_array_get(results, i), *id;

	id = json_object_get(result, "id");
	if (json_is_integer(id) && json_integer_value(id) == customer_id)
		return result;
	for (size_t j = 0; j < json_array_size(results); j++) {
		result = json_array_get(results, j);
		id = json_object_get(result, "id");
		if (json_is_integer(id) &&
		    json_integer_value(id) == customer_id)
			return result;
	}
	return NULL;
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
judge_item(const json_t *result, size_t i, struct push_answer *a)
{
	const json_t *error = json_object_get(result, "error");
	const json_t *status = json_object_get(
	    json_object_get(error, "data"), "status");
	char code[WORD_MAX], why[PUSH_WHY_MAX];

	if (result == NULL) {
		answer_item(
		    a, i, PUSH_RETRY, "the shop's answer leaves him out");
		return;
	}
	if (error == NULL) {
		answer_item(a, i, PUSH_DONE, "");
		return;
	}
	word_copy(json_object_get(error, "code"), code);
	(void)snprintf(why, sizeof(why), "the shop refused: %s", code);
	if (strcmp(code, "wc_user_invalid_id") == 0 ||
	    !is_passing(json_integer_value(status)))
		answer_item(a, i, PUSH_REJECT, why);
	else
		answer_item(a, i, PUSH_RETRY, why);
}

void
woocommerce_judge(int status, struct str retry_after, struct str body,
    const struct push_item *items, size_t n, struct push_answer *a)
{
	int64_t after_ms = retry_after_ms(retry_after);
	const json_t *results;
	struct err e;
	json_t *root;

	assert(n > 0 && n <= WOOCOMMERCE_BATCH_MAX);
	memset(a, 0, sizeof(*a));
	if (answer_by_status(a, n, status, after_ms))
		return;

	/* A firewall or a maintenance mode may also send a page with 200. */
	root = body_load(body, &e);
	results = json_object_get(root, "update");
	if (json_is_array(results)) {
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
	json_decref(root);
}
