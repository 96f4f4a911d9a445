/* SPDX-License-Identifier: MIT */
/*
 * Reads Shopify's answers to the calls that make, find and remove rewards.  The
 * numbers in comments are those of shopify_reward.c.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/instant.h"
#include "base/money.h"
#include "core/ratio.h"
#include "wire/shop/internal.h"
#include "wire/shop/reward.h"

enum {
	GID_MAX = 64
};

/* ---- mutations ----------------------------------------------------------- */

/* Errors of mutations after which the same call may work later, and those that
 * say that the reward is there, or is gone, already. */
static const struct {
	const char *code;
	enum {
		PASSES = 1,
		IS_THERE,
		IS_GONE,
	} meaning;
} user_errors[] = {
	{ "TAKEN", IS_THERE },
	{ "INTERNAL_ERROR", PASSES },
	{ "APP_NOT_AUTHORIZED", PASSES },
	{ "NOT_FOUND", IS_GONE },
	{ "GIFT_CARD_NOT_FOUND", IS_GONE },
};

static void
read_user_error(
    struct value error, enum reward_ask ask, struct reward_answer *r)
{
	char code[WORD_MAX];
	size_t i = 0;

	word_copy(value_get(error, "code"), code);
	while (
	    i < NITEMS(user_errors) && strcmp(user_errors[i].code, code) != 0)
		i++;
	if (ask == REWARD_REMOVE) {
		/* Shopify says INVALID of an id that it does not know.  After any
		 * other error the reward may be there: it is looked at again. */
		bool is_gone = strcmp(code, "INVALID") == 0 ||
		               (i < NITEMS(user_errors) &&
		                   user_errors[i].meaning == IS_GONE);

		r->outcome = is_gone ? PUSH_DONE : PUSH_RETRY;
	} else if (i == NITEMS(user_errors)) {
		r->outcome = PUSH_REJECT;
	} else if (user_errors[i].meaning == IS_THERE) {
		r->outcome = PUSH_DONE;
		r->there = true;
	} else {
		r->outcome = PUSH_RETRY;
	}
	if (r->outcome == PUSH_RETRY)
		r->wait_ms = int64_max(r->wait_ms, PUSH_WAIT_MS);
	if (r->outcome != PUSH_DONE)
		(void)snprintf(
		    r->why, sizeof(r->why), "the shop refused: %s", code);
}

static void
read_mutation(struct value at, const struct shopify_document *d,
    enum reward_ask ask, struct arena *a, struct reward_answer *r)
{
	struct value errors = value_get(at, "userErrors");

	if (!value_is(errors, VALUE_LIST)) {
		r->outcome = PUSH_RETRY;
		(void)snprintf(r->why, sizeof(r->why), "%s",
		    "the shop's answer is not one to this call");
		return;
	}
	if (value_size(errors) > 0) {
		read_user_error(value_at(errors, 0), ask, r);
		return;
	}
	if (ask == REWARD_REMOVE)
		return;
	r->there = true;
	r->made_as = text_told(a, value_get(value_get(at, d->node), "id"));
	if (r->made_as == NULL) {
		r->outcome = PUSH_RETRY;
		(void)snprintf(r->why, sizeof(r->why), "%s",
		    "the shop's answer does not name what it made");
	}
}

/* ---- comparing ----------------------------------------------------------- */

/* Notes the first thing that is not as it should be. */
static void
differs(struct reward_answer *r, const char *what)
{
	if (r->right)
		(void)snprintf(r->why, sizeof(r->why),
		    "the shop made it otherwise: %s", what);
	r->right = false;
}

bool
shopify_is_money(struct value v, int64_t minor, int exponent)
{
	int64_t n;

	return money_parse(value_text(v), exponent, &n) == 0 && n == minor;
}

/* Whether an instant of the shop is one of ours, to the second. */
static bool
is_instant(struct value v, int64_t at)
{
	int64_t n;

	if (at == 0)
		return !value_is_set(v);
	return instant_parse(value_text(v), &n) == 0 &&
	       n / INSTANT_SECOND == at / INSTANT_SECOND;
}

static bool
is_customer(struct value id, int64_t customer_id)
{
	char gid[GID_MAX];

	(void)snprintf(
	    gid, sizeof(gid), "gid://shopify/Customer/%" PRId64, customer_id);
	return str_eq(value_text(id), str_of(gid));
}

/* A percentage comes as a number, 0.2 or 20E-2; it is compared as one of ten
 * thousandths. */
bool
shopify_is_percent(struct value v, int64_t percent)
{
	int64_t n;

	return money_parse(value_digits(v), PERCENT_PLACES + 2, &n) == 0 &&
	       n == percent;
}

static void
compare_value(
    struct value value, const struct reward_make *m, struct reward_answer *r)
{
	int64_t amount = m->kind == REWARD_PRODUCT ? m->goods.price : m->amount;

	if (m->kind == REWARD_DISCOUNT_PERCENT) {
		if (!shopify_is_percent(
		        value_get(value, "percentage"), m->percent))
			differs(r, "the percentage");
		return;
	}
	if (!shopify_is_money(value_get(value_get(value, "amount"), "amount"),
	        amount, m->exponent))
		differs(r, "the amount");
}

static void
compare_discount(
    struct value d, const struct reward_make *m, struct reward_answer *r)
{
	struct value customers = value_get(
	    value_get(d, "context"), "customers");
	struct value least = value_get(
	    value_get(d, "minimumRequirement"), "greaterThanOrEqualToSubtotal");

	r->used = whole_number(value_get(d, "asyncUsageCount")) > 0;
	if (value_size(customers) != 1 ||
	    !is_customer(
	        value_get(value_at(customers, 0), "id"), m->customer_id))
		differs(r, "it is not the customer's alone");
	if (whole_number(value_get(d, "usageLimit")) != 1)
		differs(r, "it can be used more than once");
	if (!is_instant(value_get(d, "endsAt"), m->ends_at))
		differs(r, "its end");
	if (m->minimum > 0 ? !shopify_is_money(value_get(least, "amount"),
	                         m->minimum, m->exponent)
	                   : value_is_set(least))
		differs(r, "the smallest order");
	if (m->kind != REWARD_SHIPPING)
		compare_value(
		    value_get(value_get(d, "customerGets"), "value"), m, r);
}

static void
read_code(struct value node, const struct reward_make *m, struct arena *a,
    struct reward_answer *r)
{
	struct value d = value_get(node, "codeDiscount");
	const char *kind = m->kind == REWARD_SHIPPING
	                       ? "DiscountCodeFreeShipping"
	                       : "DiscountCodeBasic";

	if (!value_is_set(node))
		return;
	r->there = r->right = true;
	r->made_as = text_told(a, value_get(node, "id"));
	if (!str_eq(value_text(value_get(d, "__typename")), str_of(kind)))
		differs(r, "its kind");
	compare_discount(d, m, r);
}

static void
read_credit(struct value customer, const struct reward_make *m, struct arena *a,
    struct reward_answer *r)
{
	struct value accounts = value_get(
	    value_get(customer, "storeCreditAccounts"), "nodes");
	struct value account = { 0 };

	while (value_next(accounts, &account)) {
		struct value list = value_get(
		    value_get(account, "transactions"), "nodes");
		struct value t = { 0 };

		while (value_next(list, &t)) {
			struct value amount = value_get(t, "amount");

			if (!is_instant(
			        value_get(t, "expiresAt"), m->ends_at) ||
			    !shopify_is_money(value_get(amount, "amount"),
			        m->amount, m->exponent) ||
			    !str_eq(
			        value_text(value_get(amount, "currencyCode")),
			        str_of(m->currency)))
				continue;
			r->there = r->right = true;
			r->made_as = text_told(a, value_get(t, "id"));
			return;
		}
	}
}

static void
read_card(struct value cards, const struct reward_make *m, struct arena *a,
    struct reward_answer *r)
{
	struct value list = value_get(cards, "nodes"), card = { 0 };

	while (value_next(list, &card)) {
		struct value worth = value_get(card, "initialValue");

		if (!str_eq(value_text(value_get(card, "note")),
		        str_of(m->redemption)))
			continue;
		r->made_as = text_told(a, value_get(card, "id"));
		/* A card that was deactivated is gone. */
		r->there = value_is(value_get(card, "enabled"), VALUE_TRUE);
		r->right = r->there;
		if (!is_customer(value_get(value_get(card, "customer"), "id"),
		        m->customer_id))
			differs(r, "the customer");
		if (!shopify_is_money(
		        value_get(worth, "amount"), m->amount, m->exponent))
			differs(r, "the amount");
		return;
	}
}

/* ---- goods --------------------------------------------------------------- */

static struct value
node_with(struct value nodes, const char *key, const char *text)
{
	struct value node = { 0 };

	while (value_next(nodes, &node))
		if (str_eq_nocase(
		        value_text(value_get(node, key)), str_of(text)))
			break;
	return node;
}

/* Notes the ids of all that were asked for.  The shop finds some more, since it
 * searches; one that is not among them is not there. */
static void
read_named(struct value nodes, const char *key, const struct words *asked,
    struct words *ids, struct arena *a, struct reward_answer *r)
{
	const char **list = arena_array(a, asked->n + 1, sizeof(*list));

	for (size_t i = 0; i < asked->n; i++) {
		struct value node = node_with(nodes, key, asked->list[i]);

		list[i] = text_told(a, value_get(node, "id"));
		if (list[i] != NULL)
			continue;
		r->outcome = PUSH_REJECT;
		(void)snprintf(r->why, sizeof(r->why),
		    "the shop has nothing with the %s %s", key, asked->list[i]);
		return;
	}
	*ids = (struct words){ list, asked->n };
}

/* 2. Notes the variants of a product, and the price of the dearest. */
static void
read_variants(struct value nodes, struct arena *a, const struct reward_make *m,
    struct reward_answer *r)
{
	size_t n = value_size(nodes), i = 0;
	const char **list = arena_array(a, n + 1, sizeof(*list));
	struct value node = { 0 };

	while (value_next(nodes, &node)) {
		int64_t price;

		if (m->goods.skus.n > 0 &&
		    !str_eq_nocase(value_text(value_get(node, "sku")),
		        str_of(m->goods.skus.list[0])))
			continue;
		list[i] = text_told(a, value_get(node, "id"));
		i += list[i] != NULL;
		if (money_parse(value_text(value_get(node, "price")),
		        m->exponent, &price) == 0)
			r->goods.price = int64_max(r->goods.price, price);
	}
	r->goods.sku_ids = (struct words){ list, i };
	if (i > 0 && r->goods.price > 0)
		return;
	r->outcome = PUSH_REJECT;
	(void)snprintf(r->why, sizeof(r->why), "%s",
	    "the shop has no such product, or gives it away");
}

static void
read_goods(struct value at, const struct reward_make *m, struct arena *a,
    struct reward_answer *r)
{
	struct value nodes = value_get(at, "nodes");

	r->goods = m->goods;
	if (m->kind == REWARD_PRODUCT)
		read_variants(nodes, a, m, r);
	else if (shopify_wants_variants(m))
		read_named(
		    nodes, "sku", &m->goods.skus, &r->goods.sku_ids, a, r);
	else
		read_named(nodes, "handle", &m->goods.categories,
		    &r->goods.category_ids, a, r);
}

/* Refuses to know of a reward that is there and has no id, since nothing could
 * remove it. */
static void
need_id(struct reward_answer *r)
{
	if (!r->there || r->made_as != NULL)
		return;
	*r = (struct reward_answer){ .outcome = PUSH_RETRY,
		.wait_ms = r->wait_ms,
		.throttled = r->throttled };
	(void)snprintf(r->why, sizeof(r->why), "%s",
	    "the shop's answer does not name what it has");
}

static void
read_found(struct value at, const struct reward_make *m, struct arena *a,
    struct reward_answer *r)
{
	if (shopify_is_discount(m))
		read_code(at, m, a, r);
	else if (m->kind == REWARD_STORE_CREDIT)
		read_credit(at, m, a, r);
	else
		read_card(at, m, a, r);
	need_id(r);
}

static void
read_data(struct value data, enum reward_ask ask, const struct reward_make *m,
    struct arena *a, struct reward_answer *r)
{
	const struct shopify_document *d = shopify_document(ask, m);
	struct value at = value_get(data, d->field);

	if (!value_exists(at)) {
		r->outcome = PUSH_RETRY;
		(void)snprintf(r->why, sizeof(r->why), "%s",
		    "the shop's answer is not one to this call");
		return;
	}
	if (ask == REWARD_GOODS)
		read_goods(at, m, a, r);
	else if (ask != REWARD_FIND)
		read_mutation(at, d, ask, a, r);
	else
		read_found(at, m, a, r);
}

void
shopify_reward_read(enum reward_ask ask, const struct reward_reply *reply,
    const struct reward_make *m, struct arena *a, struct reward_answer *r)
{
	int64_t wait_ms = retry_after_ms(reply->retry_after);
	struct push_answer answer;
	struct value root = shopify_answer_open(
	    a, reply->status, reply->body, 1, &wait_ms, &answer);

	*r = (struct reward_answer){
		.outcome = value_exists(root) ? PUSH_DONE : PUSH_RETRY,
		.wait_ms = int64_max(wait_ms, answer.wait_ms),
		.throttled = answer.throttled,
	};
	if (!value_exists(root))
		memcpy(r->why, answer.why[0], sizeof(r->why));
	else
		read_data(value_get(root, "data"), ask, m, a, r);
	why_mend(r->why);
}
