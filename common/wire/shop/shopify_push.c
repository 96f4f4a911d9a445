/* SPDX-License-Identifier: MIT */
/*
 * Writes the calls to Shopify's API that set balances and that ask for the
 * shop's number, and reads the answers.
 */
#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "wire/shop/internal.h"

/* Sets absolute values, and without a compareDigest, so that making the same
 * call twice does no harm. */
static const char
    document[] = "mutation loyalty($m: [MetafieldsSetInput!]!) { "
                 "metafieldsSet(metafields: $m) { "
                 "userErrors { field message code elementIndex } } }";

int
shopify_request_begin(struct str token, struct push_request *q, struct err *e)
{
	if (token_check(token, e) == -1)
		return -1;
	(void)snprintf(
	    q->path, sizeof(q->path), "%s", "/admin/api/2026-10/graphql.json");
	memset(q->headers, 0, sizeof(q->headers));
	(void)snprintf(q->headers[0], sizeof(q->headers[0]), "%s",
	    "Content-Type: application/json");
	(void)snprintf(q->headers[1], sizeof(q->headers[1]),
	    "X-Shopify-Access-Token: %.*s", (int)token.len, token.data);
	buf_reset(&q->body);
	return 0;
}

int
shopify_render(const struct push_item *items, size_t n, struct str token,
    struct push_request *q, struct err *e)
{
	struct buf *b = &q->body;

	assert(n > 0 && n <= SHOPIFY_BATCH_MAX);
	if (shopify_request_begin(token, q, e) == -1)
		return -1;
	buf_printf(b, "{\"query\":\"%s\",\"variables\":{\"m\":[", document);
	for (size_t i = 0; i < n; i++)
		buf_printf(b,
		    "%s{\"ownerId\":\"gid://shopify/Customer/%lld\","
		    "\"namespace\":\"$app:loyalty\",\"key\":\"balance\","
		    "\"type\":\"json\",\"value\":\"{\\\"available\\\":%lld,"
		    "\\\"pending\\\":%lld,\\\"debt\\\":%lld,"
		    "\\\"version\\\":%lld}\"}",
		    i > 0 ? "," : "", (long long)items[i].customer_id,
		    (long long)items[i].available, (long long)items[i].pending,
		    (long long)items[i].debt, (long long)items[i].version);
	buf_puts(b, "]}}");
	if (buf_is_full(b))
		return err_set(e, FAULT_FATAL,
		    "a call with %zu balances does not fit %zu bytes", n,
		    b->max);
	return 0;
}

int
shopify_ask(struct str token, struct push_request *q, struct err *e)
{
	if (shopify_request_begin(token, q, e) == -1)
		return -1;
	buf_puts(&q->body,
	    "{\"query\":\"query number { shop { id myshopifyDomain } }\"}");
	return 0;
}

/* ---- what the answer means ------------------------------------------- */

/* Costs of calls are whole points of Shopify's rate limit, at most a
 * million. */
enum {
	COST_MAX = 1000000
};

struct cost {
	int64_t requested, available, restore;
};

static int64_t
cost_number(const json_t *o, const char *key)
{
	const json_t *v = json_object_get(o, key);
	int64_t n = whole_number(v);

	return n <= 0 ? 0 : n >= COST_MAX ? COST_MAX : n;
}

/* Returns the milliseconds until the shop's rate limit allows another call of
 * the same cost; 0 if the limit allows it now. */
static int64_t
cost_wait_ms(const json_t *body)
{
	const json_t *cost = json_object_get(
	    json_object_get(body, "extensions"), "cost");
	const json_t *status = json_object_get(cost, "throttleStatus");
	int64_t missing = cost_number(cost, "requestedQueryCost") -
	                  cost_number(status, "currentlyAvailable");
	int64_t restore = cost_number(status, "restoreRate");

	if (status == NULL || missing <= 0)
		return 0;
	if (restore == 0)
		return PUSH_WAIT_LONG_MS;
	missing = (missing * 1000 + restore - 1) / restore;
	return missing < PUSH_WAIT_MAX_MS ? missing : PUSH_WAIT_MAX_MS;
}

/* Errors that fail a whole call, known by extensions.code, and the wait before
 * the next call.  All other errors have a long wait, since somebody has to look
 * for the cause. */
static const struct {
	const char *code;
	int64_t wait_ms;
	bool throttled;
	const char *why;
} call_errors[] = {
	{ "THROTTLED", PUSH_WAIT_MS, true, "the shop throttles us" },
	{ "INTERNAL_SERVER_ERROR", PUSH_WAIT_MS, false,
	    "an error inside the shop" },
	{ "ACCESS_DENIED", PUSH_WAIT_LONG_MS, false,
	    "the token needs the scope write_customers" },
	{ "SHOP_INACTIVE", PUSH_WAIT_LONG_MS, false, "the shop is inactive" },
};

static void
judge_call_error(
    const json_t *errors, int64_t wait_ms, size_t n, struct push_answer *a)
{
	/* In some answers "errors" is a sentence and not a list: then no code
	 * is found. */
	const json_t *first = json_array_get(errors, 0);
	char code[WORD_MAX], why[PUSH_WHY_MAX];
	int64_t least_ms = PUSH_WAIT_LONG_MS;

	word_copy(json_object_get(json_object_get(first, "extensions"), "code"),
	    code);
	(void)snprintf(why, sizeof(why), "the shop refused: %s", code);
	for (size_t i = 0; i < NITEMS(call_errors); i++) {
		if (strcmp(call_errors[i].code, code) != 0)
			continue;
		a->throttled |= call_errors[i].throttled;
		least_ms = call_errors[i].wait_ms;
		(void)snprintf(why, sizeof(why), "%s", call_errors[i].why);
	}
	answer_all(
	    a, n, PUSH_RETRY, wait_ms > least_ms ? wait_ms : least_ms, why);
}

/*
 * Returns the index of the balance that an error is about, or n if the error
 * does not say.  `field` is a path in the call, as ["metafields", "3",
 * "ownerId"].  elementIndex is used only if there is no path, since
 * elementIndex may also be an index inside the value of one balance.
 */
static size_t
error_index(const json_t *error, size_t n)
{
	const json_t *field = json_object_get(error, "field");
	const json_t *second = json_array_get(field, 1);
	const json_t *element = json_object_get(error, "elementIndex");
	int64_t i;

	if (json_is_string(second) && str_int64(json_text(second), &i) == 0)
		return i >= 0 && i < (int64_t)n ? (size_t)i : n;
	if (json_is_integer(element) && json_integer_value(element) >= 0 &&
	    json_integer_value(element) < (int64_t)n)
		return (size_t)json_integer_value(element);
	/* If the call has only one balance, the error is about that balance. */
	return n == 1 ? 0 : n;
}

/* Judges the balances of a call if some of them were refused.  metafieldsSet
 * sets all balances or none, so those that were not refused are sent again. */
static void
judge_user_errors(const json_t *errors, size_t n, struct push_answer *a)
{
	answer_all(a, n, PUSH_RETRY, 0, "another balance of the call was bad");
	a->all = PUSH_DONE;
	for (size_t j = 0; j < json_array_size(errors); j++) {
		const json_t *error = json_array_get(errors, j);
		size_t i = error_index(error, n);
		char code[WORD_MAX], why[PUSH_WHY_MAX];

		word_copy(json_object_get(error, "code"), code);
		(void)snprintf(why, sizeof(why), "the shop refused: %s", code);
		if (i == n || strcmp(code, "APP_NOT_AUTHORIZED") == 0) {
			answer_all(a, n, PUSH_RETRY, PUSH_WAIT_LONG_MS, why);
			return;
		}
		if (strcmp(code, "INTERNAL_ERROR") == 0) {
			answer_all(a, n, PUSH_RETRY, PUSH_WAIT_MS, why);
			return;
		}
		answer_item(a, i, PUSH_REJECT, why);
	}
}

/* Judges the balances by the data of an answer without errors. */
static void
judge_set(const json_t *data, size_t n, int64_t wait_ms, struct push_answer *a)
{
	const json_t *user_errors = json_object_get(
	    json_object_get(data, "metafieldsSet"), "userErrors");

	if (!json_is_array(user_errors)) {
		answer_all(a, n, PUSH_RETRY, PUSH_WAIT_MS,
		    "the shop's answer is not one to metafieldsSet");
		return;
	}
	if (json_array_size(user_errors) > 0)
		judge_user_errors(user_errors, n, a);
	else
		answer_all(a, n, PUSH_DONE, 0, "");
	/* Waiting for the rate limit saves a call that would be throttled. */
	if (wait_ms > a->wait_ms)
		a->wait_ms = wait_ms;
}

/* Reads the answer to a call.  If the shop carried the call out, returns the
 * answer's JSON, which the caller frees with json_decref().  Else returns NULL,
 * and writes the reason into `a`. *wait_ms is the time to wait before the next
 * call. */
static json_t *
answer_open(int status, struct str retry_after, struct str body, size_t n,
    int64_t *wait_ms, struct push_answer *a)
{
	int64_t after_ms = retry_after_ms(retry_after);
	const json_t *errors;
	json_t *root;
	struct err e;

	memset(a, 0, sizeof(*a));
	root = body_load(body, &e);
	errors = json_object_get(root, "errors");
	*wait_ms = cost_wait_ms(root);
	if (after_ms > *wait_ms)
		*wait_ms = after_ms;
	/* Shopify has answered throttled calls with 429 and also with 200; both
	 * answers had the cost of the call. */
	if (answer_by_status(a, n, status, status == 429 ? *wait_ms : after_ms))
		goto failed;
	if (root == NULL) {
		answer_all(a, n, PUSH_RETRY, PUSH_WAIT_MS,
		    "the shop answered 200 with something else than JSON");
		goto failed;
	}
	if (errors != NULL && !json_is_null(errors) &&
	    !(json_is_array(errors) && json_array_size(errors) == 0)) {
		judge_call_error(errors, *wait_ms, n, a);
		goto failed;
	}
	return root;

failed:
	json_decref(root);
	return NULL;
}

void
shopify_judge(int status, struct str retry_after, struct str body,
    const struct push_item *items, size_t n, struct push_answer *a)
{
	int64_t wait_ms;
	json_t *root;

	(void)items;
	assert(n > 0 && n <= SHOPIFY_BATCH_MAX);
	root = answer_open(status, retry_after, body, n, &wait_ms, a);
	if (root != NULL)
		judge_set(json_object_get(root, "data"), n, wait_ms, a);
	json_decref(root);
}

/* Reads the number in "gid://shopify/Shop/NUMBER"; 0 for any other text. */
static int64_t
shop_number(const json_t *id)
{
	static const struct str before = { "gid://shopify/Shop/", 19 };
	struct str s = json_text(id);
	int64_t number;

	if (s.len <= before.len || memcmp(s.data, before.data, before.len) != 0)
		return 0;
	s.data += before.len;
	s.len -= before.len;
	return str_int64(s, &number) == -1 || number <= 0 ? 0 : number;
}

int64_t
shopify_number(int status, struct str retry_after, struct str body,
    struct str domain, struct push_answer *a)
{
	int64_t wait_ms, number = 0;
	json_t *root = answer_open(status, retry_after, body, 1, &wait_ms, a);
	const json_t *shop = json_object_get(
	    json_object_get(root, "data"), "shop");
	const json_t *name = json_object_get(shop, "myshopifyDomain");
	const char *why = "the shop's answer has no number of a shop";

	if (root == NULL)
		return 0;
	if (json_is_string(name) &&
	    !str_eq_nocase(str_of(json_string_value(name)), domain))
		why = "the API is that of another shop than the store's domain";
	else if (json_is_string(name))
		number = shop_number(json_object_get(shop, "id"));
	json_decref(root);
	if (number == 0)
		answer_all(a, 1, PUSH_RETRY,
		    wait_ms > PUSH_WAIT_LONG_MS ? wait_ms : PUSH_WAIT_LONG_MS,
		    why);
	else
		answer_all(a, 1, PUSH_DONE, wait_ms, "");
	return number;
}
