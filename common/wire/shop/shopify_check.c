/* SPDX-License-Identifier: MIT */
/*
 * Checks a Shopify store's API address and token: one query, which needs no
 * scope, asks for the shop and for the token's scopes.
 */
#include <inttypes.h>

#include "wire/shop/check.h"
#include "wire/shop/internal.h"

/* The scope that a token needs to write balances to customers, with Shopify's
 * mutation metafieldsSet. */
static const char scope_needed[] = "write_customers";

int
shopify_check_call(
    size_t, const struct shop_access *a, struct push_request *q, struct err *e)
{
	if (shopify_request_begin(a, q, e) == -1)
		return -1;
	buf_puts(&q->body,
	    "{\"query\":\"query check { "
	    "shop { name myshopifyDomain currencyCode ianaTimezone } "
	    "currentAppInstallation { accessScopes { handle } } }\"}");
	return 0;
}

static bool
has_scope(struct value scopes, const char *wanted)
{
	struct value scope = { 0 };

	while (value_next(scopes, &scope))
		if (str_eq(
		        value_text(value_get(scope, "handle")), str_of(wanted)))
			return true;
	return false;
}

static void
read_data(struct shop_check *c, struct value data)
{
	struct value shop = value_get(data, "shop");
	struct value scopes = value_get(
	    value_get(data, "currentAppInstallation"), "accessScopes");
	struct check_told t = {
		.name = shop_check_text(c, shop, "name"),
		.domain = shop_check_text(c, shop, "myshopifyDomain"),
		.currency = shop_check_text(c, shop, "currencyCode"),
		.timezone = shop_check_text(c, shop, "ianaTimezone"),
	};

	shop_check_compare(c, &t);
	if (t.domain != NULL &&
	    !str_eq_nocase(str_of(t.domain), str_of(c->store.domain)))
		shop_check_find(c, FINDING_WRONG,
		    "the API is that of %s and the store's domain is %s: "
		    "webhooks come under the first, and those of another "
		    "domain are refused; loyald store set --store %" PRId64
		    " --domain or --api-url, whichever is wrong",
		    t.domain, c->store.domain, c->store.store_id);
	if (!value_is(scopes, VALUE_LIST))
		shop_check_find(c, FINDING_WARNING,
		    "the shop does not say which scopes the token has: it "
		    "needs %s",
		    scope_needed);
	else if (has_scope(scopes, scope_needed))
		shop_check_find(c, FINDING_OK,
		    "the token may write balances to customers (%s)",
		    scope_needed);
	else
		shop_check_find(c, FINDING_WRONG,
		    "the token lacks the scope %s, without which no balance "
		    "is written: give it to the app, install the app again, "
		    "and enter its new token by loyald store set --store "
		    "%" PRId64 " --api-token-file FILE",
		    scope_needed, c->store.store_id);
}

static void
read_errors(struct shop_check *c, struct value errors)
{
	char code[WORD_MAX];

	/* In some answers "errors" is a sentence and not a list: then no code
	 * is found. */
	word_copy(
	    value_get(value_get(value_at(errors, 0), "extensions"), "code"),
	    code);
	shop_check_find(
	    c, FINDING_WRONG, "the shop refuses to say who it is: %s", code);
}

void
shopify_check_read(struct shop_check *c)
{
	const struct check_answer *a = &c->answers[0];
	struct err ignored; /* unused: the findings below say more */
	struct value root = a->status == 200
	                        ? body_load(c->arena, a->body, &ignored)
	                        : (struct value){ 0 };
	struct value data = value_get(root, "data");

	if (a->status == 0)
		return;
	if (a->status == 401)
		shop_check_find(c, FINDING_WRONG,
		    "the shop does not take the token (401): it must be the "
		    "access token of an app that is installed in this shop, "
		    "and one of the Dev Dashboard ends after 24 hours, but "
		    "with the app itself loyald gets the next ones: loyald "
		    "store set --store %" PRId64 " --api-token-file FILE, "
		    "which has client_id:client_secret",
		    c->store.store_id);
	else if (a->status == 404)
		shop_check_find(c, FINDING_WRONG,
		    "%s answers 404: it must be https://NAME.myshopify.com, "
		    "with the shop's name there; loyald store set --store "
		    "%" PRId64 " --api-url URL",
		    c->store.api_url, c->store.store_id);
	else if (value_is(value_get(data, "shop"), VALUE_OBJECT))
		read_data(c, data);
	else if (value_exists(value_get(root, "errors")))
		read_errors(c, value_get(root, "errors"));
	else
		shop_check_answered(c, a);
}
