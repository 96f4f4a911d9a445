/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "base/instant.h"
#include "base/log.h"
#include "base/money.h"
#include "core/calendar.h"
#include "io/clock.h"
#include "io/secret_file.h"
#include "io/zone.h"
#include "ledger/program_edit.h"
#include "ledger/store_app.h"
#include "program_file.h"
#include "store_given.h"
#include "wire/shop/shop.h"
#include "wire/sign.h"
#include "wire/store_text.h"

enum {
	/* A longer secret is refused later, by a check that prints a
	 * sentence. */
	SECRET_FILE_MAX = SECRET_MAX + 2,
};

/* ---- files and instants -------------------------------------------------- */

/* Reads a token, or an app that gets tokens. */
static int
token_read(struct arena *a, enum platform platform, const char *path,
    struct str *token, struct store_app *app, struct err *e)
{
	const struct shop *shop = shop_find(platform);
	struct str file;

	if (path == NULL)
		return 0;
	if (secret_file_read(a, path, API_TOKEN_MAX + 2, &file, e) == -1)
		return -1;
	file = secret_trim(file);
	if (shop->is_app != NULL && shop->is_app(file))
		*app = (struct store_app){ .text = file };
	else
		*token = file;
	return api_token_check(platform, file, e);
}

int
store_given_secret(
    struct arena *a, const char *path, struct str *out, struct err *e)
{
	struct str file;

	if (secret_file_read(a, path, SECRET_FILE_MAX, &file, e) == -1)
		return -1;
	*out = secret_trim(file);
	return secret_check(*out, e);
}

/* Makes the secret token in the store's path, which must not be guessable.  The
 * headers in which WooCommerce names the shop are not signed, so only the path
 * proves which store a webhook is from. */
static const char *
webhook_token(struct arena *a)
{
	uint8_t bytes[32];
	char *text = arena_alloc(a, 4 * ((sizeof(bytes) + 2) / 3) + 1);

	random_bytes(bytes, sizeof(bytes));
	base64url_encode(bytes, sizeof(bytes), text);
	return text;
}

void
store_given_warn(const char *url)
{
	if (url != NULL && strncmp(url, "http:", 5) == 0 &&
	    strncmp(url, "http://127.", 11) != 0 &&
	    strncmp(url, "http://localhost", 16) != 0)
		log_warn("%s is not encrypted: whoever is on the way can read "
		         "and change what is sent, and read the API token, "
		         "but for WooCommerce's secret",
		    url);
}

/* Reads a program for a store, and runs its tests. */
static int
program_read(struct arena *a, const char *path, const struct program_place *at,
    struct str *out, struct err *e)
{
	struct program_file f = { .path = path };

	if (program_file_passes(a, path, at, &f, e) == -1)
		return -1;
	*out = f.text;
	return 0;
}

/* Reads the instant from which orders earn points. 0: the option was not given;
 * INSTANT_NEVER: all orders earn points. */
static int
start_read(struct arena *a, const char *text, const char *timezone,
    int64_t *out, struct err *e)
{
	int year, month, day;
	struct zone z;

	*out = 0;
	if (text == NULL)
		return 0;
	if (strcmp(text, "now") == 0) {
		/* Shops send times in whole seconds. */
		*out = clock_now() / INSTANT_SECOND * INSTANT_SECOND;
	} else if (calendar_parse(text, &year, &month, &day)) {
		if (zone_load(a, timezone, &z, e) == -1)
			return -1;
		*out = calendar_midnight(&z, year, month, day);
	} else if (strcmp(text, "ever") != 0 &&
	           instant_parse(str_of(text), out) == -1) {
		return err_set(e, FAULT_REJECT,
		    "--earn-from is \"%s\": it must be a date, a time like "
		    "2026-11-22T06:24:45Z, now or ever",
		    text);
	}
	if (*out <= 0)
		*out = INSTANT_NEVER;
	return 0;
}

/* ---- checks without the database ----------------------------------------- */

static int
texts_check(struct arena *a, const struct store_given *g, struct err *e)
{
	const char *text;
	struct zone zone;
	int64_t start;

	if (g->timezone != NULL && zone_load(a, g->timezone, &zone, e) == -1)
		return -1;
	if (g->currency != NULL && currency_exponent(g->currency) == -1)
		return err_set(e, FAULT_REJECT,
		    "--currency is \"%s\": it must be a currency, like EUR",
		    g->currency);
	if (g->domain != NULL &&
	    domain_parse(a, str_of(g->domain), &text, e) == -1)
		return -1;
	if (g->api_url != NULL &&
	    api_url_parse(a, str_of(g->api_url), &text, e) == -1)
		return -1;
	if (g->brand != NULL && brand_check(str_of(g->brand), e) == -1)
		return -1;
	return start_read(a, g->earn_from,
	    g->timezone != NULL ? g->timezone : "UTC", &start, e);
}

int
store_given_check(const struct tool_call *call, const struct store_given *g)
{
	struct arena a;
	struct err e;
	int status = EXIT_STOPPED;

	arena_init(&a);
	if (texts_check(&a, g, &e) == -1)
		status = tool_usage(call, "%s: %s", call->argv[0], e.msg);
	arena_fini(&a);
	return status;
}

/* ---- functions for add and set ------------------------------------------- */

int
store_given_store(struct arena *a, const struct store_given *g, struct store *s,
    struct str *program, struct err *e)
{
	s->platform = platform_parse(str_of(g->platform));
	if (domain_parse(a, str_of(g->domain), &s->domain, e) == -1)
		return -1;
	if (g->api_url != NULL &&
	    api_url_parse(a, str_of(g->api_url), &s->api_url, e) == -1)
		return -1;
	if (token_read(
	        a, s->platform, g->token_file, &s->api_token, &s->app, e) == -1)
		return -1;
	if (store_given_secret(a, g->secret_file, &s->secrets[0], e) == -1)
		return -1;
	if (start_read(a, g->earn_from ? g->earn_from : "now", g->timezone,
	        &s->earn_from, e) == -1)
		return -1;
	if (s->earn_from == INSTANT_NEVER)
		s->earn_from = 0;
	s->currency = g->currency;
	s->timezone = g->timezone;
	s->brand = g->brand;
	s->shop_id = g->shop_id;
	s->tenant_id = g->tenant_id;
	s->webhook_token = webhook_token(a);
	return program_read(a, g->program,
	    &(struct program_place){ s->platform, g->currency, g->timezone },
	    program, e);
}

/* ---- finding what changes ------------------------------------------------ */

static bool
is_same(const char *given, const char *now)
{
	return now != NULL && strcmp(given, now) == 0;
}

static void
name_add(struct arena *a, const char **what, const char *name)
{
	*what = arena_printf(a, "%s%s%s", *what, **what ? ", " : "", name);
}

/* Reads the store's app; empty: there is none, or none that can be opened. */
static struct str
app_of(struct operation *op, const struct store *s)
{
	struct err ignored;
	struct app_known app;

	if (app_get(op->pg, &op->arena, &op->key, s, &app, &ignored) == -1)
		return (struct str){ 0 };
	return app.text;
}

bool
store_given_is_own_app(struct operation *op, const struct store *s,
    const struct store_changes *c, struct str *own)
{
	struct str app = app_of(op, s);
	bool is_own = app.len > 0;

	if (c->app.text.len > 0)
		is_own = is_own &&
		         shop_find(s->platform)->app_is_same(app, c->app.text);
	else
		is_own = is_own && c->api_url != NULL && c->api_token.len == 0;
	if (is_own)
		*own = app;
	return is_own;
}

/* Whether this is the store's token.  Answers no if the sealed token cannot be
 * opened. */
static bool
is_token_of(struct operation *op, int64_t store_id, struct str token)
{
	struct store *stores;
	const struct store *s;
	struct err ignored;
	size_t n;

	if (stores_load(op->pg, &op->arena, &op->key, &stores, &n, &ignored) ==
	    -1)
		return false;
	s = stores_find(stores, n, store_id);
	return s != NULL && str_eq(s->api_token, token);
}

/* Whether the file is the newest published version of the store's program. */
static int
is_program_of(struct operation *op, int64_t store_id, struct str file,
    bool *same, struct err *e)
{
	struct program_row *list;
	size_t n;

	if (programs_list(op->pg, &op->arena, store_id, &list, &n, e) == -1)
		return -1;
	*same = n > 0 && str_eq(list[0].file, file);
	return 0;
}

/* Removes the changes that leave the store as it is. */
static int
same_drop(struct operation *op, const struct store *s, struct store_changes *c,
    const char **what, struct err *e)
{
	struct {
		const char **text, *now, *name;
	} texts[] = {
		{ &c->domain, s->domain, "domain" },
		{ &c->timezone, s->timezone, "time zone" },
		{ &c->api_url, s->api_url, "API address" },
		{ &c->brand, s->brand, "brand" },
	};
	int64_t start = s->earn_from == 0 ? INSTANT_NEVER : s->earn_from;
	struct str own;
	bool same = true;

	for (size_t i = 0; i < NITEMS(texts); i++) {
		if (*texts[i].text == NULL)
			continue;
		if (is_same(*texts[i].text, texts[i].now))
			*texts[i].text = NULL;
		else
			name_add(&op->arena, what, texts[i].name);
	}
	/* A token that is to last takes the place of an app, too. */
	if (c->api_token.len > 0 && app_of(op, s).len == 0 &&
	    is_token_of(op, s->store_id, c->api_token))
		c->api_token = (struct str){ 0 };
	if (c->shop_id == s->shop_id)
		c->shop_id = 0;
	if (c->earn_from == start)
		c->earn_from = 0;
	if (c->program_file.len > 0 &&
	    is_program_of(op, s->store_id, c->program_file, &same, e) == -1)
		return -1;
	if (same)
		c->program_file = (struct str){ 0 };
	if (c->api_token.len > 0)
		name_add(&op->arena, what, "API token");
	if (c->app.text.len > 0 && !store_given_is_own_app(op, s, c, &own))
		name_add(&op->arena, what, "app for API tokens");
	if (c->shop_id != 0)
		name_add(&op->arena, what, "shop id");
	if (c->earn_from != 0)
		name_add(&op->arena, what, "start");
	if (c->program_file.len > 0)
		name_add(&op->arena, what, "program");
	return 0;
}

int
store_given_changes(struct operation *op, const struct store_given *g,
    struct store_changes *c, const char **what, struct err *e)
{
	const struct store *s = operation_store(op, g->store_id, e);
	struct arena *a = &op->arena;

	if (s == NULL)
		return -1;
	if (g->domain != NULL &&
	    domain_parse(a, str_of(g->domain), &c->domain, e) == -1)
		return -1;
	if (g->api_url != NULL &&
	    api_url_parse(a, str_of(g->api_url), &c->api_url, e) == -1)
		return -1;
	if (token_read(
	        a, s->platform, g->token_file, &c->api_token, &c->app, e) == -1)
		return -1;
	if (g->program != NULL &&
	    program_read(a, g->program,
	        &(struct program_place){ s->platform, s->currency,
	            g->timezone != NULL ? g->timezone : s->timezone },
	        &c->program_file, e) == -1)
		return -1;
	if (start_read(a, g->earn_from,
	        g->timezone != NULL ? g->timezone : s->timezone, &c->earn_from,
	        e) == -1)
		return -1;
	c->timezone = g->timezone;
	c->brand = g->brand;
	c->shop_id = g->shop_id;
	*what = "";
	return same_drop(op, s, c, what, e);
}
