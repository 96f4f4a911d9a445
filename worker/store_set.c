/* SPDX-License-Identifier: MIT */
/* loyald store set, rotate-secret, disable, enable: change a store. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/log.h"
#include "base/tool.h"
#include "cmd.h"
#include "ledger/stores.h"
#include "operation.h"
#include "store_check.h"
#include "store_given.h"
#include "store_sharer.h"
#include "store_token.h"

/* Whether an option was given after which the shop's API must be checked again.
 */
static bool
is_about_api(const struct store_given *g)
{
	return g->api_url != NULL || g->token_file != NULL ||
	       g->domain != NULL || g->timezone != NULL;
}

/* Asks the shop, unless it is known already what is wrong, and prints what was
 * found. */
static int
shop_ask(struct operation *op, const struct store_given *g,
    const struct config *c, const struct shop_check *check, struct err *e)
{
	if (check == NULL &&
	    store_check_of(op, g->store_id, c, &check, e) == -1)
		return -1;
	store_check_print(check);
	store_check_warn(check);
	return 0;
}

/* Gets a token by an app that was entered, or by the store's own for another API
 * address.  The store's own has the newer refresh token, which is in no file: it is
 * tried first, and is kept unless the other one gets a token.  *check is NULL, or
 * says why there is none. */
static int
app_use(struct operation *op, const struct store_given *g,
    const struct config *config, struct store_changes *c,
    const struct shop_check **check, struct err *e)
{
	const struct store *s = operation_store(op, g->store_id, e);
	struct store_app tries[2] = { [1] = c->app };
	struct store at;

	*check = NULL;
	if (s == NULL)
		return -1;
	at = *s;
	if (c->api_url != NULL)
		at.api_url = c->api_url;
	if (store_given_is_own_app(op, s, c, &tries[0].text))
		c->app = (struct store_app){ 0 };
	if (g->no_check || at.api_url == NULL)
		return 0;
	for (size_t i = 0; i < NITEMS(tries); i++) {
		if (tries[i].text.len == 0)
			continue;
		*check = store_token_first(
		    &op->arena, config, &at, &tries[i], &c->api_token);
		if (*check == NULL) {
			c->app = tries[i];
			break;
		}
	}
	/* The shop is then checked with the token that there is. */
	if (g->token_file == NULL)
		*check = NULL;
	return 0;
}

static int
set_check(const struct tool_call *call, const struct store_given *g)
{
	if (g->program || g->api_url || g->token_file || g->domain ||
	    g->timezone || g->brand || g->earn_from || g->shop_id != 0)
		return EXIT_STOPPED;
	return tool_usage(call,
	    "%s wants something to change: --program, --api-url, "
	    "--api-token-file, --domain, --timezone, --shop-id, --brand or "
	    "--earn-from",
	    call->argv[0]);
}

int
cmd_store_set(struct tool_call *call)
{
	struct store_given g = { 0 };
	const struct option_spec options[] = {
		OPTION_STORE(&g.store_id),
		{ "--program", "FILE",
		    "its program; refused if one of its tests fails",
		    .text = &g.program },
		OPTION_API_URL(&g),
		OPTION_TOKEN_FILE(&g),
		{ "--domain", "HOST", "host name of the shop",
		    .text = &g.domain },
		{ "--timezone", "ZONE", "time zone of the shop: Europe/Berlin",
		    .text = &g.timezone },
		OPTION_SHOP_ID(&g),
		OPTION_BRAND(&g),
		{ "--earn-from", "DATE|now|ever",
		    "from when on orders count; a date is that day in the time zone",
		    .text = &g.earn_from },
		OPTION_NO_CHECK(&g),
		{ 0 },
	};
	struct store_changes changes = { 0 };
	const struct shop_check *check;
	struct config config;
	struct operation op;
	const char *what;
	struct err e;
	int status = tool_read_line(call, options, &config);

	if (status == EXIT_STOPPED)
		status = set_check(call, &g);
	if (status == EXIT_STOPPED)
		status = store_given_check(call, &g);
	if (status == EXIT_STOPPED)
		status = operation_open(&op, call, &config, true);
	if (status != EXIT_STOPPED)
		return status;
	if (store_given_changes(&op, &g, &changes, &what, &e) == -1 ||
	    app_use(&op, &g, &config, &changes, &check, &e) == -1 ||
	    ((*what != '\0' || is_about_api(&g)) &&
	        store_change(
	            op.pg, &op.arena, &op.key, g.store_id, &changes, &e) == -1))
		return operation_end(&op, &e);
	if (*what == '\0' && changes.api_token.len > 0)
		what = "API token";
	if (*what == '\0')
		printf("store %" PRId64 " has all of that already: nothing is "
		       "changed%s\n",
		    g.store_id,
		    is_about_api(&g) ? ", and push tries again at once" : "");
	else
		printf("store %" PRId64 " is changed: %s\n", g.store_id, what);
	/* The text must be printed before the shop is called, because the shop
	 * may take a while to answer. */
	(void)fflush(stdout);
	store_given_warn(changes.api_url);
	if (!g.no_check && is_about_api(&g) &&
	    shop_ask(&op, &g, &config, check, &e) == -1)
		return operation_end(&op, &e);
	return operation_end(&op, NULL);
}

static int
rotate(struct operation *op, const struct store_given *g, bool *changed,
    struct err *e)
{
	const struct store *s = operation_store(op, g->store_id, e);
	struct sharer other = { 0 };
	struct str secret = { 0 };

	if (s == NULL)
		return -1;
	if (!g->forget &&
	    (store_given_secret(&op->arena, g->secret_file, &secret, e) == -1 ||
	        sharer_find(op, s->platform, s->store_id, secret, &other, e) ==
	            -1))
		return -1;
	if (store_rotate(op->pg, &op->arena, &op->key,
	        &(struct store_secret){ s->store_id, secret }, changed,
	        e) == -1)
		return -1;
	sharer_warn(s->store_id, s->platform, &other);
	return 0;
}

int
cmd_store_rotate(struct tool_call *call)
{
	struct store_given g = { 0 };
	const struct option_spec options[] = {
		OPTION_STORE(&g.store_id),
		{ "--webhook-secret-file", "FILE",
		    "file with the secret that its webhooks are signed with",
		    .text = &g.secret_file },
		{ "--forget-previous", NULL,
		    "take the current secret alone from now on",
		    .flag = &g.forget },
		{ 0 },
	};
	struct config c;
	struct operation op;
	bool changed;
	struct err e;
	int status = tool_read_line(call, options, &c);

	if (status != EXIT_STOPPED)
		return status;
	if (g.forget == (g.secret_file != NULL))
		return tool_usage(call,
		    "%s wants either --webhook-secret-file FILE "
		    "or --forget-previous",
		    call->argv[0]);
	status = operation_open(&op, call, &c, true);
	if (status != EXIT_STOPPED)
		return status;
	if (rotate(&op, &g, &changed, &e) == -1)
		return operation_end(&op, &e);
	printf("store %" PRId64 " %s\n", g.store_id,
	    !changed && g.forget
	        ? "has no secret but the current one: nothing is changed"
	    : !changed
	        ? "has that secret already: nothing is changed, and one before "
	          "it stays as it is"
	    : g.forget
	        ? "takes webhooks under its current secret alone"
	        : "takes webhooks under the new secret and the one before, and "
	          "the keys of both (store show --keys prints the new ones); "
	          "when all sign with the new ones, run this with "
	          "--forget-previous");
	return operation_end(&op, NULL);
}

int
cmd_store_able(struct tool_call *call)
{
	bool disable = strcmp(call->argv[0], "store disable") == 0;
	struct store_given g = { 0 };
	const struct option_spec options[] = {
		OPTION_STORE(&g.store_id),
		{ 0 },
	};
	struct operation op;
	bool changed;
	struct err e;
	int status = operation_begin(&op, call, options, false);

	if (status != EXIT_STOPPED)
		return status;
	if (store_disable(
	        op.pg, &op.arena, g.store_id, disable, &changed, &e) == -1)
		return operation_end(&op, &e);
	printf("store %" PRId64 " is %s%s\n", g.store_id,
	    disable ? "disabled" : "enabled",
	    changed ? "" : " already: nothing is changed");
	return operation_end(&op, NULL);
}
