/* SPDX-License-Identifier: MIT */
#pragma once

#include "base/tool.h"
#include "ledger/stores.h"
#include "operation.h"

/* store_given: the options of `store add` and `store set`, read and checked. */

struct store_given {
	const char *platform, *domain, *currency, *timezone;
	const char *program, *secret_file, *api_url, *token_file, *brand;
	const char *earn_from;
	int64_t tenant_id, shop_id, store_id;
	bool json, forget, no_check;
};

/* Options that `add` and `set` both have. */
#define OPTION_API_URL(g)                                                    \
	{                                                                    \
		"--api-url", "URL",                                          \
		    "where the shop's API is; without it nothing is pushed", \
		    .text = &(g)->api_url                                    \
	}
#define OPTION_TOKEN_FILE(g)                                      \
	{                                                         \
		"--api-token-file", "FILE",                       \
		    "file with the API's token; of WooCommerce "  \
		    "consumer_key:consumer_secret, of an app of " \
		    "Shopify client_id:client_secret",            \
		    .text = &(g)->token_file                      \
	}
#define OPTION_SHOP_ID(g)                                                   \
	{                                                                   \
		"--shop-id", "NUMBER",                                      \
		    "the platform's own number of a Shopify shop, for who " \
		    "has several of one app and no API to ask",             \
		    .number = &(g)->shop_id                                 \
	}
#define OPTION_BRAND(g)                                               \
	{                                                             \
		"--brand", "NAME",                                    \
		    "name by which programs know a store of several", \
		    .text = &(g)->brand                               \
	}
#define OPTION_NO_CHECK(g)                                                     \
	{                                                                      \
		"--no-check", NULL,                                            \
		    "do not ask the shop whether address and token are right", \
		    .flag = &(g)->no_check                                     \
	}

/* Checks the options as far as that is possible without the database.  Returns
 * EXIT_STOPPED if they are right; else prints a sentence and returns
 * EXIT_USAGE. */
int store_given_check(
    const struct tool_call *, const struct store_given *) MUST_CHECK;

/* Makes a store from the options of `store add`, and reads the files that the
 * options name. */
int store_given_store(struct arena *, const struct store_given *,
    struct store *, struct str *program, struct err *) MUST_CHECK;

/* Finds which options of `store set` differ from the store as it is.  *what
 * names these options ("domain, brand"), or is empty.  An app stays among the
 * changes, though the store has it. */
int store_given_changes(struct operation *, const struct store_given *,
    struct store_changes *, const char **what, struct err *) MUST_CHECK;

/* Whether the changes name the store's own app, or are about its API with no word of
 * an app or a token.  *own becomes the app with its newest refresh token. */
bool store_given_is_own_app(struct operation *, const struct store *,
    const struct store_changes *, struct str *own);

int store_given_secret(
    struct arena *, const char *path, struct str *, struct err *) MUST_CHECK;

/* Warns of an API address without TLS, to which calls can be read and changed,
 * even those that a platform signs. */
void store_given_warn(const char *api_url);
