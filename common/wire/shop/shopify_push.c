/* SPDX-License-Identifier: MIT */
/*
 * Writes the calls to Shopify's API that set balances and that ask for the
 * shop's number, and reads the answers.
 */
#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "wire/shop/internal.h"
#include "wire/shop/profile.h"

/* The document of a call begins with the variables.  It sets absolute values,
 * and without a compareDigest, so that making the same call twice does no
 * harm. */
static const char
    variable[] = "mutation loyalty($m: [MetafieldsSetInput!]!",
    define_variable[] = ", $d: MetafieldDefinitionInput!",
    define_field[] = "define: metafieldDefinitionCreate(definition: $d) { "
                     "createdDefinition { id } userErrors { code } } ",
    set_field[] = "metafieldsSet(metafields: $m) { "
                  "userErrors { field message code elementIndex } } ";

/* The app's own namespace, which no other app reads.  Pages read it in Liquid by
 * blocks of the app, and customers' accounts by its definition. */
#define NAMESPACE "$app:loyalty"
#define KEY       "balance"

static const char definition
    [] = "{\"name\":\"Loyalty\",\"namespace\":\"" NAMESPACE "\","
         "\"key\":\"" KEY "\",\"type\":\"json\",\"ownerType\":\"CUSTOMER\","
         "\"access\":{\"storefront\":\"NONE\",\"customerAccount\":\"READ\"}}";

/* The points that the most costly call asks of the shop's rate limit: each
 * mutation has ten. */
enum {
	MUTATION_COST = 10,
	CALL_COST_MAX = MUTATION_COST * (2 + 2 * PUSH_TAGGED_MAX),
};

int
shopify_request_begin(
    const struct shop_access *a, struct push_request *q, struct err *e)
{
	if (token_check(a->token, e) == -1)
		return -1;
	(void)snprintf(
	    q->path, sizeof(q->path), "%s", "/admin/api/2026-10/graphql.json");
	q->method[0] = '\0';
	q->once = false;
	memset(q->headers, 0, sizeof(q->headers));
	(void)snprintf(q->headers[0], sizeof(q->headers[0]), "%s",
	    "Content-Type: application/json");
	(void)snprintf(q->headers[1], sizeof(q->headers[1]),
	    "X-Shopify-Access-Token: %.*s", (int)a->token.len, a->token.data);
	buf_reset(&q->body);
	return 0;
}

/* ---- calls that push ------------------------------------------------- */

/* Writes what the document has of each item with tags.  tagsAdd and tagsRemove
 * leave all other tags alone, and do no harm when they are repeated. */
static void
tag_variables(const struct push_item *items, size_t n, struct buf *b)
{
	for (size_t i = 0; i < n; i++) {
		if (push_item_has_tags(&items[i]))
			buf_printf(b, ", $c%zu: ID!", i);
		if (items[i].tags_on.n > 0)
			buf_printf(b, ", $on%zu: [String!]!", i);
		if (items[i].tags_off.n > 0)
			buf_printf(b, ", $off%zu: [String!]!", i);
	}
}

static void
tag_fields(const struct push_item *items, size_t n, struct buf *b)
{
	static const char tail[] = "{ userErrors { field message } }";

	for (size_t i = 0; i < n; i++) {
		if (items[i].tags_on.n > 0)
			buf_printf(b,
			    "on%zu: tagsAdd(id: $c%zu, tags: $on%zu) %s ", i, i,
			    i, tail);
		if (items[i].tags_off.n > 0)
			buf_printf(b,
			    "off%zu: tagsRemove(id: $c%zu, tags: $off%zu) %s ",
			    i, i, i, tail);
	}
}

static void
put_words(const char *key, size_t i, const struct words *w, struct buf *b)
{
	struct jsonw j;

	buf_printf(b, ",\"%s%zu\":", key, i);
	jsonw_init(&j, b);
	jsonw_array(&j, NULL);
	for (size_t k = 0; k < w->n; k++)
		jsonw_text(&j, NULL, w->list[k]);
	jsonw_array_end(&j);
}

static void
tag_values(const struct push_item *items, size_t n, struct buf *b)
{
	for (size_t i = 0; i < n; i++) {
		if (push_item_has_tags(&items[i]))
			buf_printf(b,
			    ",\"c%zu\":\"gid://shopify/Customer/%lld\"", i,
			    (long long)items[i].customer_id);
		if (items[i].tags_on.n > 0)
			put_words("on", i, &items[i].tags_on, b);
		if (items[i].tags_off.n > 0)
			put_words("off", i, &items[i].tags_off, b);
	}
}

static void
metafields(const struct push_item *items, size_t n, struct buf *b)
{
	struct arena arena;

	arena_init(&arena);
	for (size_t i = 0; i < n; i++) {
		buf_printf(b,
		    "%s{\"ownerId\":\"gid://shopify/Customer/%lld\","
		    "\"namespace\":\"" NAMESPACE "\",\"key\":\"" KEY "\","
		    "\"type\":\"json\",\"value\":",
		    i > 0 ? "," : "", (long long)items[i].customer_id);
		profile_object(&arena, &items[i], b);
		buf_puts(b, "}");
		arena_reset(&arena);
	}
	arena_fini(&arena);
}

int
shopify_render(const struct push_item *items, size_t n,
    const struct shop_access *a, struct push_request *q, struct err *e)
{
	struct buf *b = &q->body;

	assert(n > 0 && n <= SHOPIFY_BATCH_MAX);
	if (shopify_request_begin(a, q, e) == -1)
		return -1;
	buf_printf(
	    b, "{\"query\":\"%s%s", variable, a->define ? define_variable : "");
	tag_variables(items, n, b);
	buf_printf(b, ") { %s%s", a->define ? define_field : "", set_field);
	tag_fields(items, n, b);
	buf_puts(b, "}\",\"variables\":{\"m\":[");
	metafields(items, n, b);
	buf_puts(b, "]");
	if (a->define)
		buf_printf(b, ",\"d\":%s", definition);
	tag_values(items, n, b);
	buf_puts(b, "}}");
	if (buf_is_full(b))
		return err_set(e, FAULT_FATAL,
		    "a call with %zu balances does not fit %zu bytes", n,
		    b->max);
	return 0;
}

int
shopify_ask(const struct shop_access *a, struct push_request *q, struct err *e)
{
	if (shopify_request_begin(a, q, e) == -1)
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
cost_number(struct value o, const char *key)
{
	struct value v = value_get(o, key);
	int64_t n = whole_number(v);

	return n <= 0 ? 0 : n >= COST_MAX ? COST_MAX : n;
}

/* Returns the milliseconds until the shop's rate limit allows another call,
 * whatever that asks; 0 if the limit allows it now. */
static int64_t
cost_wait_ms(struct value body)
{
	struct value cost = value_get(value_get(body, "extensions"), "cost");
	struct value status = value_get(cost, "throttleStatus");
	int64_t need = CALL_COST_MAX;
	int64_t most = cost_number(status, "maximumAvailable");
	int64_t missing;
	int64_t restore = cost_number(status, "restoreRate");

	if (most > 0 && need > most)
		need = most;
	need = int64_max(need, cost_number(cost, "requestedQueryCost"));
	missing = need - cost_number(status, "currentlyAvailable");
	if (!value_exists(status) || missing <= 0)
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
    struct value errors, int64_t wait_ms, size_t n, struct push_answer *a)
{
	/* In some answers "errors" is a sentence and not a list: then no code
	 * is found. */
	struct value first = value_at(errors, 0);
	char code[WORD_MAX], why[PUSH_WHY_MAX];
	int64_t least_ms = PUSH_WAIT_LONG_MS;

	word_copy(value_get(value_get(first, "extensions"), "code"), code);
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
error_index(struct value error, size_t n)
{
	struct value field = value_get(error, "field");
	struct value second = value_at(field, 1);
	struct value element = value_get(error, "elementIndex");
	int64_t i;

	if (value_is(second, VALUE_TEXT) &&
	    str_int64(value_text(second), &i) == 0)
		return i >= 0 && i < (int64_t)n ? (size_t)i : n;
	if (value_is(element, VALUE_INT) && value_int(element) >= 0 &&
	    value_int(element) < (int64_t)n)
		return (size_t)value_int(element);
	/* If the call has only one balance, the error is about that balance. */
	return n == 1 ? 0 : n;
}

/* Judges the balances of a call if some of them were refused.  metafieldsSet
 * sets all balances or none, so those that were not refused are sent again. */
static void
judge_user_errors(struct value errors, size_t n, struct push_answer *a)
{
	struct value error = { 0 };

	answer_all(a, n, PUSH_RETRY, 0, "another balance of the call was bad");
	a->all = PUSH_DONE;
	while (value_next(errors, &error)) {
		size_t i = error_index(error, n);
		char code[WORD_MAX], why[PUSH_WHY_MAX];

		word_copy(value_get(error, "code"), code);
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

/* Judges what the answer says of the definitions.  A shop that has them already
 * answers TAKEN. */
static void
judge_definition(struct value data, struct push_answer *a)
{
	struct value errors = value_get(
	    value_get(data, "define"), "userErrors");
	struct value error = { 0 };
	char code[WORD_MAX];

	a->defined = value_is(errors, VALUE_LIST);
	while (value_next(errors, &error)) {
		word_copy(value_get(error, "code"), code);
		if (strcmp(code, "TAKEN") != 0)
			(void)snprintf(
			    a->not_defined, sizeof(a->not_defined), "%s", code);
	}
}

/* Whether a change of tags was carried out; `name` and i are those of the
 * document. */
static bool
is_tagged(struct value data, const char *name, size_t i, struct push_answer *a)
{
	struct value errors;
	char key[WORD_MAX];

	(void)snprintf(key, sizeof(key), "%s%zu", name, i);
	errors = value_get(value_get(data, key), "userErrors");
	if (value_is(errors, VALUE_LIST) && value_size(errors) == 0)
		return true;
	(void)snprintf(a->not_tagged, sizeof(a->not_tagged),
	    "tags%s has an error", strcmp(name, "on") == 0 ? "Add" : "Remove");
	return false;
}

static void
judge_tags(struct value data, const struct push_item *items, size_t n,
    struct push_answer *a)
{
	for (size_t i = 0; i < n; i++)
		if (push_item_has_tags(&items[i]))
			a->tagged[i] = (items[i].tags_on.n == 0 ||
			                   is_tagged(data, "on", i, a)) &&
			               (items[i].tags_off.n == 0 ||
			                   is_tagged(data, "off", i, a));
}

/* Judges the balances by the data of an answer without errors. */
static void
judge_set(struct value data, size_t n, int64_t wait_ms, struct push_answer *a)
{
	struct value user_errors = value_get(
	    value_get(data, "metafieldsSet"), "userErrors");

	if (!value_is(user_errors, VALUE_LIST)) {
		answer_all(a, n, PUSH_RETRY, PUSH_WAIT_MS,
		    "the shop's answer is not one to metafieldsSet");
		return;
	}
	if (value_size(user_errors) > 0)
		judge_user_errors(user_errors, n, a);
	else
		answer_all(a, n, PUSH_DONE, 0, "");
	/* Waiting for the rate limit saves a call that would be throttled. */
	if (wait_ms > a->wait_ms)
		a->wait_ms = wait_ms;
}

struct value
shopify_answer_open(struct arena *arena, int status, struct str body, size_t n,
    int64_t *wait_ms, struct push_answer *a)
{
	int64_t after_ms = *wait_ms;
	struct value root, errors;
	struct err e;

	memset(a, 0, sizeof(*a));
	root = body_load(arena, body, &e);
	errors = value_get(root, "errors");
	*wait_ms = cost_wait_ms(root);
	if (after_ms > *wait_ms)
		*wait_ms = after_ms;
	/* Shopify has answered throttled calls with 429 and also with 200; both
	 * answers had the cost of the call. */
	if (answer_by_status(a, n, status, status == 429 ? *wait_ms : after_ms))
		return (struct value){ 0 };
	if (!value_exists(root)) {
		answer_all(a, n, PUSH_RETRY, PUSH_WAIT_MS,
		    "the shop answered 200 with something else than JSON");
		return root;
	}
	if (value_is_set(errors) &&
	    !(value_is(errors, VALUE_LIST) && value_size(errors) == 0)) {
		judge_call_error(errors, *wait_ms, n, a);
		return (struct value){ 0 };
	}
	return root;
}

void
shopify_judge(int status, struct str retry_after, struct str body,
    const struct push_item *items, size_t n, struct push_answer *a)
{
	int64_t wait_ms = retry_after_ms(retry_after);
	struct value root, data;
	struct arena arena;

	assert(n > 0 && n <= SHOPIFY_BATCH_MAX);
	arena_init(&arena);
	root = shopify_answer_open(&arena, status, body, n, &wait_ms, a);
	data = value_get(root, "data");
	if (value_exists(root)) {
		judge_set(data, n, wait_ms, a);
		judge_definition(data, a);
		judge_tags(data, items, n, a);
	}
	arena_fini(&arena);
}

/* Reads the number in "gid://shopify/Shop/NUMBER"; 0 for any other text. */
static int64_t
shop_number(struct value id)
{
	static const struct str before = { "gid://shopify/Shop/", 19 };
	struct str s = value_text(id);
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
	int64_t wait_ms = retry_after_ms(retry_after), number = 0;
	const char *why = "the shop's answer has no number of a shop";
	struct value root, shop, name;
	struct arena arena;

	arena_init(&arena);
	root = shopify_answer_open(&arena, status, body, 1, &wait_ms, a);
	shop = value_get(value_get(root, "data"), "shop");
	name = value_get(shop, "myshopifyDomain");
	if (value_is(name, VALUE_TEXT) &&
	    !str_eq_nocase(value_text(name), domain))
		why = "the API is that of another shop than the store's domain";
	else if (value_is(name, VALUE_TEXT))
		number = shop_number(value_get(shop, "id"));
	if (value_exists(root) && number == 0)
		answer_all(a, 1, PUSH_RETRY,
		    wait_ms > PUSH_WAIT_LONG_MS ? wait_ms : PUSH_WAIT_LONG_MS,
		    why);
	else if (value_exists(root))
		answer_all(a, 1, PUSH_DONE, wait_ms, "");
	arena_fini(&arena);
	return number;
}
