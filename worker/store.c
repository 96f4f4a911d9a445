/* SPDX-License-Identifier: MIT */
/* loyald store: the table of its verbs, and `store add`. */
#include <inttypes.h>
#include <stdio.h>

#include "base/jsonw.h"
#include "base/log.h"
#include "base/tool.h"
#include "cmd.h"
#include "ledger/stores.h"
#include "operation.h"
#include "store_check.h"
#include "store_given.h"
#include "store_paths.h"
#include "store_sharer.h"
#include "store_token.h"
#include "wire/address.h"

/* ---- add ----------------------------------------------------------------- */

static void
print_added(struct operation *op, const struct store *s, const char *public_url)
{
	printf("store %" PRId64 " of tenant %" PRId64
	       " takes each topic at its own address:\n\n",
	    s->store_id, s->tenant_id);
	store_paths_print(&op->arena, s, &op->key, public_url, NULL);
	printf("\n%s" ADDRESS_WEBHOOKS_PATH "%s takes all of them too, but "
	       "makes deletions and restorations dead letters: it is for shops "
	       "that cannot tell each webhook another address\n",
	    store_paths_base(&op->arena, public_url), s->webhook_token);
	/* The text must be printed before the shop is called, because the shop
	 * may take a while to answer. */
	(void)fflush(stdout);
}

static void
json_added(const struct operation *op, const struct store *s,
    const struct shop_check *c)
{
	struct jsonw w;

	jsonw_begin(&w);
	jsonw_int(&w, "store_id", s->store_id);
	jsonw_int(&w, "tenant_id", s->tenant_id);
	store_paths_json(&w, s, &op->key);
	store_check_json(&w, c);
	jsonw_end(&w, stdout);
}

/* Adds a store, checks the API of its shop, and prints the results. */
static int
add(struct tool_call *call, const struct store_given *g,
    const struct config *config)
{
	const struct shop_check *check = NULL;
	struct store s = { 0 };
	struct str program = { 0 };
	struct sharer other;
	struct operation op;
	struct err e;
	int status = operation_open(&op, call, config, true);

	if (status != EXIT_STOPPED)
		return status;
	if (store_given_store(&op.arena, g, &s, &program, &e) == -1 ||
	    sharer_find(&op, s.platform, 0, s.secrets[0], &other, &e) == -1)
		return operation_end(&op, &e);
	if (s.app.text.len > 0 && !g->no_check)
		check = store_token_first(
		    &op.arena, config, &s, &s.app, &s.api_token);
	if (store_add(op.pg, &op.arena, &op.key, &s, program, &e) == -1)
		return operation_end(&op, &e);
	store_given_warn(s.api_url);
	sharer_warn(s.store_id, s.platform, &other);
	if (!g->json)
		print_added(&op, &s, config->public_url);
	if (!g->no_check && check == NULL)
		check = store_check(&op.arena, &s, config);
	if (g->json)
		json_added(&op, &s, check);
	else
		store_check_print(check);
	store_check_warn(check);
	return operation_end(&op, NULL);
}

static int
store_add_verb(struct tool_call *call)
{
	const char *platforms[PLATFORMS + 1];
	struct store_given g = { 0 };
	const struct option_spec options[] = {
		{ "--platform", "PLATFORM", "platform of the shop",
		    .text = &g.platform, .one_of = platforms,
		    .required = true },
		{ "--domain", "HOST", "host name of the shop",
		    .text = &g.domain, .required = true },
		{ "--currency", "CODE", "currency in which the shop sells: EUR",
		    .text = &g.currency, .required = true },
		{ "--timezone", "ZONE", "time zone of the shop: Europe/Berlin",
		    .text = &g.timezone, .required = true },
		{ "--program", "FILE",
		    "its program; refused if one of its tests fails",
		    .text = &g.program, .required = true },
		{ "--webhook-secret-file", "FILE",
		    "file with the secret that its webhooks are signed with",
		    .text = &g.secret_file, .required = true },
		OPTION_API_URL(&g),
		OPTION_TOKEN_FILE(&g),
		OPTION_SHOP_ID(&g),
		OPTION_BRAND(&g),
		{ "--tenant", "ID",
		    "number of the merchant whose members it shares: loyald store list",
		    .number = &g.tenant_id, .preset = "a merchant of its own" },
		{ "--earn-from", "DATE|now|ever",
		    "from when on orders count; a date is that day in the time zone",
		    .text = &g.earn_from, .preset = "now" },
		OPTION_NO_CHECK(&g),
		OPTION_JSON(&g.json),
		{ 0 },
	};
	struct config config;
	int status;

	platform_shop_names(platforms);
	status = tool_read_line(call, options, &config);
	if (status == EXIT_STOPPED)
		status = store_given_check(call, &g);
	if (status == EXIT_STOPPED &&
	    (g.api_url == NULL) != (g.token_file == NULL))
		status = tool_usage(call,
		    "%s wants --api-url and --api-token-file, or none of them",
		    call->argv[0]);
	return status == EXIT_STOPPED ? add(call, &g, &config) : status;
}

int
cmd_store(struct tool_call *call)
{
	static const struct tool verbs[] = {
		{ "add", store_add_verb,
		    "add a store, ask its shop, and print its addresses",
		    .needs = NEEDS_KEY },
		{ "list", cmd_store_report,
		    "list all stores, with what waits for them",
		    .needs = NEEDS_DATABASE },
		{ "show", cmd_store_report,
		    "show a store, its programs and its addresses",
		    .needs = NEEDS_DATABASE },
		{ "check", cmd_store_check,
		    "ask its shop whether address and token are right",
		    .needs = NEEDS_KEY },
		{ "gaps", cmd_store_gaps,
		    "list what no webhook had told, and how far that is known",
		    .needs = NEEDS_DATABASE },
		{ "set", cmd_store_set,
		    "change a store, or give it another program",
		    .needs = NEEDS_KEY },
		{ "rotate-secret", cmd_store_rotate,
		    "take a new webhook secret beside the current one",
		    .needs = NEEDS_KEY },
		{ "disable", cmd_store_able,
		    "refuse its webhooks, and push nothing to it",
		    .needs = NEEDS_DATABASE },
		{ "enable", cmd_store_able, "take a disabled store up again",
		    .needs = NEEDS_DATABASE },
		{ 0 },
	};
	return tool_run_verb(verbs, call);
}
