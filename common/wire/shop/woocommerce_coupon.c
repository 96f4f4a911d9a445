/* SPDX-License-Identifier: MIT */
/*
 * Writes the calls to WooCommerce's API that make, find and remove coupons, and
 * reads the answers.
 *
 *  1. A coupon is for one e-mail address, once.  WooCommerce drops an address
 *     that it does not like, without an error, and the coupon is everybody's
 *     then; of a percentage above 100 it makes nothing.  So a coupon is always
 *     read back and compared.
 *  2. Codes are kept in small letters.  A code that is taken is found by it.
 *  3. A coupon is removed for good (force), since one in the bin keeps its code.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/instant.h"
#include "base/jsonw.h"
#include "base/money.h"
#include "core/ratio.h"
#include "wire/shop/internal.h"
#include "wire/shop/reward.h"
#include "wire/tape.h"

#define API "/wp-json/wc/v3"

enum {
	PATH_MAX_LEN = 256,
	GMT_LEN = 19, /* of "2026-12-31T23:00:00" */
};

/* ---- requests ------------------------------------------------------------ */

static void
small_code(const char *code, char out[REWARD_CODE_MAX])
{
	size_t n = 0;

	for (; code[n] != '\0' && n < REWARD_CODE_MAX - 1; n++)
		out[n] = str_lower(code[n]);
	out[n] = '\0';
}

/* Whether a word can stand in an address as it is. */
static bool
is_plain_word(const char *word)
{
	for (const char *c = word; *c != '\0'; c++)
		if (!(*c >= 'a' && *c <= 'z') && !(*c >= 'A' && *c <= 'Z') &&
		    !(*c >= '0' && *c <= '9') && *c != '-' && *c != '_' &&
		    *c != '.')
			return false;
	return word[0] != '\0';
}

/* The next goods of which the id is not known, and how the shop is asked for
 * them; NULL: all are known. */
static const char *
next_goods(const struct reward_goods *g, const char **route)
{
	const struct words *lists[] = { &g->skus, &g->categories,
		&g->not_categories };
	const struct words *ids[] = { &g->sku_ids, &g->category_ids,
		&g->not_category_ids };

	*route = "products?_fields=id,sku&sku=";
	for (size_t i = 0; i < NITEMS(lists); i++) {
		if (ids[i]->n < lists[i]->n)
			return lists[i]->list[ids[i]->n];
		*route = "products/categories?_fields=id,slug&slug=";
	}
	return NULL;
}

static int
path_of(enum reward_ask ask, const struct reward_make *m, char *out,
    size_t size, struct err *e)
{
	char code[REWARD_CODE_MAX];
	const char *word, *route;
	int n = 0;

	switch (ask) {
	case REWARD_ADDRESS:
		n = snprintf(out, size,
		    API "/customers/%" PRId64 "?_fields=id,email",
		    m->customer_id);
		break;
	case REWARD_GOODS:
		word = next_goods(&m->goods, &route);
		if (word == NULL || !is_plain_word(word))
			return err_set(e, FAULT_REJECT,
			    "the SKU or category %s has characters that "
			    "cannot be asked for",
			    word != NULL ? word : "");
		n = snprintf(out, size, API "/%s%s", route, word);
		break;
	case REWARD_FIND:
		small_code(m->code, code);
		n = snprintf(out, size, API "/coupons?code=%s", code);
		break;
	case REWARD_MAKE:
		n = snprintf(out, size, API "/coupons");
		break;
	case REWARD_REMOVE:
		n = snprintf(out, size, API "/coupons/%s?force=true",
		    m->made_as != NULL ? m->made_as : "0");
		break;
	}
	return n > 0 && (size_t)n < size
	           ? 0
	           : err_set(e, FAULT_REJECT, "the reward's path is too long");
}

static void
put_ids(struct jsonw *w, const char *key, const struct words *list,
    const struct words *more)
{
	if (list->n + more->n == 0)
		return;
	jsonw_array(w, key);
	for (size_t i = 0; i < list->n; i++)
		jsonw_number(w, NULL, list->list[i]);
	for (size_t i = 0; i < more->n; i++)
		jsonw_number(w, NULL, more->list[i]);
	jsonw_array_end(w);
}

static bool
is_percent(const struct reward_make *m)
{
	return m->kind == REWARD_DISCOUNT_PERCENT || m->kind == REWARD_PRODUCT;
}

static const char *
type_of(const struct reward_make *m)
{
	return is_percent(m) ? "percent" : "fixed_cart";
}

/* The amount of a coupon, as text: WooCommerce takes it in the locale's form
 * from numbers. */
static void
amount_of(const struct reward_make *m, char out[MONEY_TEXT_MAX])
{
	if (m->kind == REWARD_PRODUCT)
		money_format(PERCENT_ALL, PERCENT_PLACES, out);
	else if (is_percent(m))
		money_format(m->percent, PERCENT_PLACES, out);
	else
		money_format(m->kind == REWARD_SHIPPING ? 0 : m->amount,
		    m->exponent, out);
}

static void
put_coupon(struct jsonw *w, const struct reward_make *m)
{
	static const struct words none;
	char text[MONEY_TEXT_MAX], code[REWARD_CODE_MAX];
	char gmt[INSTANT_TEXT_MAX];

	small_code(m->code, code);
	jsonw_text(w, "code", code);
	jsonw_text(w, "discount_type", type_of(m));
	amount_of(m, text);
	jsonw_text(w, "amount", text);
	jsonw_bool(w, "individual_use", !m->combines);
	jsonw_int(w, "usage_limit", 1);
	jsonw_int(w, "usage_limit_per_user", 1);
	jsonw_array(w, "email_restrictions");
	jsonw_text(w, NULL, m->email);
	jsonw_array_end(w);
	if (m->kind == REWARD_PRODUCT)
		jsonw_int(w, "limit_usage_to_x_items", 1);
	if (m->kind == REWARD_SHIPPING)
		jsonw_bool(w, "free_shipping", true);
	if (m->minimum > 0) {
		money_format(m->minimum, m->exponent, text);
		jsonw_text(w, "minimum_amount", text);
	}
	if (m->ends_at != 0) {
		instant_format(m->ends_at, gmt);
		gmt[GMT_LEN] = '\0';
		jsonw_text(w, "date_expires_gmt", gmt);
	}
	put_ids(w, "product_ids", &m->goods.products, &m->goods.sku_ids);
	put_ids(w, "excluded_product_ids", &m->goods.not_products, &none);
	put_ids(w, "product_categories", &m->goods.category_ids, &none);
	put_ids(w, "excluded_product_categories", &m->goods.not_category_ids,
	    &none);
	jsonw_text(w, "description", m->title);
}

int
woocommerce_reward_call(enum reward_ask ask, const struct reward_make *m,
    const struct shop_access *a, struct push_request *q, struct err *e)
{
	static const char *const methods[] = {
		[REWARD_ADDRESS] = "GET",
		[REWARD_GOODS] = "GET",
		[REWARD_FIND] = "GET",
		[REWARD_MAKE] = "POST",
		[REWARD_REMOVE] = "DELETE",
	};
	char path[PATH_MAX_LEN];
	struct jsonw w;

	if (path_of(ask, m, path, sizeof(path), e) == -1 ||
	    woocommerce_request_begin(a, methods[ask], path, q, e) == -1)
		return -1;
	if (ask == REWARD_REMOVE)
		(void)snprintf(q->method, sizeof(q->method), "DELETE");
	q->once |= ask == REWARD_MAKE;
	if (ask != REWARD_MAKE)
		return 0;
	jsonw_init(&w, &q->body);
	jsonw_object(&w, NULL);
	put_coupon(&w, m);
	jsonw_object_end(&w);
	return jsonw_is_done(&w) ? 0
	                         : err_set(e, FAULT_REJECT,
	                               "the reward does not fit a request");
}

/* ---- comparing ----------------------------------------------------------- */

static void
differs(struct reward_answer *r, const char *what)
{
	if (r->right)
		(void)snprintf(r->why, sizeof(r->why),
		    "the shop made it otherwise: %s", what);
	r->right = false;
}

static bool
is_same_money(struct value v, const char *text, int exponent)
{
	int64_t is, should;

	return money_parse(value_text(v), exponent, &is) == 0 &&
	       money_parse(str_of(text), exponent, &should) == 0 &&
	       is == should;
}

static bool
has_id(struct value list, const char *id)
{
	struct value v = { 0 };

	while (value_next(list, &v))
		if (str_eq(value_digits(v), str_of(id)))
			return true;
	return false;
}

static bool
are_ids(struct value list, const struct words *ids, const struct words *more)
{
	if (value_size(list) != ids->n + more->n)
		return false;
	for (size_t i = 0; i < ids->n; i++)
		if (!has_id(list, ids->list[i]))
			return false;
	for (size_t i = 0; i < more->n; i++)
		if (!has_id(list, more->list[i]))
			return false;
	return true;
}

static bool
is_end(struct value v, int64_t at)
{
	int64_t n;

	if (at == 0)
		return !value_is_set(v);
	return instant_parse(value_text(v), &n) == 0 &&
	       n / INSTANT_SECOND == at / INSTANT_SECOND;
}

/* 1. */
static void
compare(struct value c, const struct reward_make *m, struct reward_answer *r)
{
	static const struct words none;
	struct value addresses = value_get(c, "email_restrictions");
	char text[MONEY_TEXT_MAX];

	if (value_size(addresses) != 1 ||
	    (m->email != NULL &&
	        !str_eq_nocase(
	            value_text(value_at(addresses, 0)), str_of(m->email))))
		differs(r, "it is not the customer's alone");
	if (whole_number(value_get(c, "usage_limit")) != 1)
		differs(r, "it can be used more than once");
	if (!str_eq(
	        value_text(value_get(c, "discount_type")), str_of(type_of(m))))
		differs(r, "its type");
	amount_of(m, text);
	if (!is_same_money(value_get(c, "amount"), text,
	        is_percent(m) ? PERCENT_PLACES : m->exponent))
		differs(r, "the amount");
	money_format(m->minimum, m->exponent, text);
	if (!is_same_money(value_get(c, "minimum_amount"), text, m->exponent))
		differs(r, "the smallest order");
	if (!is_end(value_get(c, "date_expires_gmt"), m->ends_at))
		differs(r, "its end");
	if (value_is(value_get(c, "free_shipping"), VALUE_TRUE) !=
	        (m->kind == REWARD_SHIPPING) ||
	    value_is(value_get(c, "individual_use"), VALUE_TRUE) == m->combines)
		differs(r, "what it may be used with");
	if (!are_ids(value_get(c, "product_ids"), &m->goods.products,
	        &m->goods.sku_ids) ||
	    !are_ids(value_get(c, "excluded_product_ids"),
	        &m->goods.not_products, &none) ||
	    !are_ids(value_get(c, "product_categories"), &m->goods.category_ids,
	        &none) ||
	    !are_ids(value_get(c, "excluded_product_categories"),
	        &m->goods.not_category_ids, &none))
		differs(r, "the goods that it is for");
	if (!str_eq(value_text(value_get(c, "status")), STR("publish")))
		differs(r, "it is not published");
}

/* ---- answers ------------------------------------------------------------- */

/* Copies the number of a coupon, product or category; NULL: it has none. */
static const char *
id_of(struct arena *a, struct value of)
{
	struct value id = value_get(of, "id");
	struct str digits = value_digits(id);

	return value_int(id) > 0 ? arena_memdup(a, digits.data, digits.len)
	                         : NULL;
}

static void
retry(struct reward_answer *r)
{
	r->outcome = PUSH_RETRY;
	(void)snprintf(r->why, sizeof(r->why), "%s",
	    "the shop answered with something else");
}

static void
read_found(struct value list, const struct reward_make *m, struct arena *a,
    struct reward_answer *r)
{
	char code[REWARD_CODE_MAX];
	struct value c = { 0 };

	small_code(m->code, code);
	while (value_next(list, &c)) {
		if (!str_eq_nocase(
		        value_text(value_get(c, "code")), str_of(code)))
			continue;
		r->made_as = id_of(a, c);
		if (r->made_as == NULL) {
			retry(r);
			return;
		}
		r->there = r->right = true;
		r->used = whole_number(value_get(c, "usage_count")) > 0;
		compare(c, m, r);
		return;
	}
}

static void
add_id(struct arena *a, struct words *ids, const char *id)
{
	const char **list = arena_array(a, ids->n + 1, sizeof(*list));

	for (size_t i = 0; i < ids->n; i++)
		list[i] = ids->list[i];
	list[ids->n] = id;
	*ids = (struct words){ list, ids->n + 1 };
}

static void
read_goods(struct value list, const struct reward_make *m, struct arena *a,
    struct reward_answer *r)
{
	struct reward_goods *g = &r->goods;
	const char *route, *word = next_goods(&m->goods, &route), *id = NULL;
	bool is_sku = m->goods.sku_ids.n < m->goods.skus.n;
	struct value v = { 0 };

	*g = m->goods;
	while (id == NULL && word != NULL && value_next(list, &v))
		if (str_eq_nocase(
		        value_text(value_get(v, is_sku ? "sku" : "slug")),
		        str_of(word)))
			id = id_of(a, v);
	if (id == NULL) {
		r->outcome = PUSH_REJECT;
		(void)snprintf(r->why, sizeof(r->why), "the shop has no %s %s",
		    is_sku ? "product with the SKU" : "category",
		    word != NULL ? word : "");
		return;
	}
	add_id(a,
	    is_sku                                ? &g->sku_ids
	    : g->category_ids.n < g->categories.n ? &g->category_ids
	                                          : &g->not_category_ids,
	    id);
}

static void
read_root(struct value root, enum reward_ask ask, const struct reward_make *m,
    struct arena *a, struct reward_answer *r)
{
	const char *id = id_of(a, root);
	bool is_list = ask == REWARD_GOODS || ask == REWARD_FIND;

	if (is_list ? !value_is(root, VALUE_LIST) : id == NULL) {
		retry(r);
		return;
	}
	switch (ask) {
	case REWARD_ADDRESS:
		r->email = text_told(a, value_get(root, "email"));
		break;
	case REWARD_GOODS:
		read_goods(root, m, a, r);
		break;
	case REWARD_FIND:
		read_found(root, m, a, r);
		break;
	case REWARD_MAKE:
		r->there = true;
		r->made_as = id;
		break;
	case REWARD_REMOVE:
		break;
	}
}

/* Refusals that say how it is: what is asked for is there, or is not. */
static bool
read_refusal(
    struct value root, int status, enum reward_ask ask, struct reward_answer *r)
{
	char code[WORD_MAX];

	word_copy(value_get(root, "code"), code);
	if (ask == REWARD_MAKE &&
	    strcmp(code, "woocommerce_rest_coupon_code_already_exists") == 0) {
		r->there = true;
		return true;
	}
	if (ask == REWARD_REMOVE && status == 404 &&
	    strcmp(code, "woocommerce_rest_shop_coupon_invalid_id") == 0)
		return true;
	if (status != 400 && !(ask == REWARD_ADDRESS && status == 404))
		return false;
	if (strncmp(code, "woocommerce_", strlen("woocommerce_")) != 0 &&
	    strncmp(code, "rest_", strlen("rest_")) != 0)
		return false;
	r->outcome = PUSH_REJECT;
	(void)snprintf(r->why, sizeof(r->why), "the shop refused: %s", code);
	return true;
}

struct value
woocommerce_root_load(struct arena *a, struct str body)
{
	struct value root;
	struct err e; /* the caller says that it is no JSON */

	return tape_read(a, body, false, &root, &e) == 0 ? root
	                                                 : (struct value){ 0 };
}

void
woocommerce_reward_read(enum reward_ask ask, const struct reward_reply *reply,
    const struct reward_make *m, struct arena *a, struct reward_answer *r)
{
	int64_t after_ms = retry_after_ms(reply->retry_after);
	int status = reply->status == 201 ? 200 : reply->status;
	struct push_answer answer = { .all = PUSH_DONE };
	struct value root = woocommerce_root_load(a, reply->body);

	*r = (struct reward_answer){ .outcome = PUSH_DONE };
	if (value_exists(root) && read_refusal(root, reply->status, ask, r))
		return;
	if (answer_by_status(&answer, 1, status, after_ms)) {
		r->outcome = PUSH_RETRY;
		r->wait_ms = answer.wait_ms;
		r->throttled = answer.throttled;
		memcpy(r->why, answer.why[0], sizeof(r->why));
		return;
	}
	r->wait_ms = after_ms;
	read_root(root, ask, m, a, r);
}
