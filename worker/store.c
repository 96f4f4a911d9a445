/* SPDX-License-Identifier: MIT */
/* loyald store: the merchants' stores. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/instant.h"
#include "base/jsonw.h"
#include "base/log.h"
#include "base/money.h"
#include "base/tool.h"
#include "cmd.h"
#include "core/calendar.h"
#include "io/clock.h"
#include "io/secret_file.h"
#include "io/zone.h"
#include "ledger/desk.h"
#include "ledger/stores.h"
#include "program_file.h"
#include "store_check.h"
#include "store_paths.h"
#include "wire/address.h"
#include "wire/shop.h"
#include "wire/store_text.h"

enum {
	SECRET_FILE_MAX = SECRET_MAX + 2, /* what is longer is refused later */
	ADDED_MAX = 16 * 1024,            /* bytes of JSON */
};

/* What is given on the command line, by `add` and `set`. */
struct given {
	const char *platform, *domain, *currency, *timezone;
	const char *program, *secret_file, *api_url, *token_file, *brand;
	const char *earn_from;
	int64_t tenant_id, shop_id, store_id;
	bool json, forget, no_check;
};

/* ---- reading what was given -------------------------------------------------- */

static int
token_read(struct arena *a, enum platform platform, const char *path,
    struct str *out, struct err *e)
{
	struct str file;

	if (path == NULL)
		return 0;
	if (secret_file_read(a, path, API_TOKEN_MAX + 2, &file, e) == -1)
		return -1;
	*out = secret_trim(file);
	return api_token_check(platform, *out, e);
}

static int
secret_read(struct arena *a, const char *path, struct str *out, struct err *e)
{
	struct str file;

	if (secret_file_read(a, path, SECRET_FILE_MAX, &file, e) == -1)
		return -1;
	*out = secret_trim(file);
	return secret_check(*out, e);
}

/* The path of a store's webhooks cannot be guessed: WooCommerce does not
 * sign who it is, so the path says it. */
static const char *
webhook_token(struct arena *a)
{
	uint8_t bytes[32];
	char *text = arena_alloc(a, 4 * ((sizeof(bytes) + 2) / 3) + 1);

	random_bytes(bytes, sizeof(bytes));
	base64url_encode(bytes, sizeof(bytes), text);
	return text;
}

/* The token goes along with every call. */
static void
warn_of_plain_http(const char *url)
{
	if (url != NULL && strncmp(url, "http:", 5) == 0 &&
	    strncmp(url, "http://127.", 11) != 0 &&
	    strncmp(url, "http://localhost", 16) != 0)
		log_warn("%s is not encrypted: whoever is on the way can read "
		         "the API token",
		    url);
}

/* ---- one secret for two ------------------------------------------------------- */

/* Finds another store, any of whose secrets this is as well. */
struct sharer {
	int64_t store_id; /* the first; 0: there is none */
	enum platform platform;
	size_t n;
};

/* As keys, since WooCommerce knows two texts for one. */
static bool
is_secret_of(struct arena *a, const struct store *s, struct str key)
{
	const struct shop *shop = shop_find(s->platform);

	for (size_t i = 0; i < SECRETS_PER_STORE; i++)
		if (s->secrets[i].len > 0 &&
		    str_eq(shop->secret(a, s->secrets[i]), key))
			return true;
	return false;
}

/* Looks at the other stores, and so also finds that the master key is not
 * theirs before anything is sealed with it. */
static int
sharer_find(struct desk *d, enum platform platform, int64_t store_id,
    struct str secret, struct sharer *out, struct err *e)
{
	struct str key = shop_find(platform)->secret(&d->arena, secret);
	struct store *stores;
	size_t n;

	*out = (struct sharer){ 0 };
	if (stores_load(d->pg, &d->arena, &d->key, &stores, &n, e) == -1)
		return -1;
	for (size_t i = 0; i < n; i++) {
		if (stores[i].store_id == store_id ||
		    !is_secret_of(&d->arena, &stores[i], key))
			continue;
		if (out->n++ > 0)
			continue;
		out->store_id = stores[i].store_id;
		out->platform = stores[i].platform;
	}
	return 0;
}

static void
warn_of_sharer(
    int64_t store_id, enum platform platform, const struct sharer *other)
{
	char more[32] = "";

	if (other->n == 0)
		return;
	if (other->n > 1)
		(void)snprintf(
		    more, sizeof(more), " and %zu more", other->n - 1);
	if (platform == PLATFORM_SHOPIFY && other->platform == platform)
		log_warn("store %" PRId64 " has the same secret as store "
		         "%" PRId64 "%s: that is right for shops of one app, "
		         "and then only the shop's number tells whose a body "
		         "is: loyald store set --shop-id, unless the API is "
		         "there to ask",
		    store_id, other->store_id, more);
	else
		log_warn("store %" PRId64 " has the same secret as store "
		         "%" PRId64 "%s: whoever can sign for one can sign "
		         "for the other; give one of them another with loyald "
		         "store rotate-secret",
		    store_id, other->store_id, more);
}

/* A program whose own tests pass, for a store of that money and clock. */
static int
program_read(struct arena *a, const char *path, const char *currency,
    const char *timezone, struct str *out, struct err *e)
{
	struct program_file f = { .path = path };

	if (program_file_passes(a, path, currency, timezone, &f, e) == -1)
		return -1;
	*out = f.text;
	return 0;
}

/* From when orders count: 0, if it was not told; INSTANT_NEVER: there is no
 * start. */
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
		/* Shops tell whole seconds. */
		*out = clock_now() / INSTANT_SECOND * INSTANT_SECOND;
	} else if (date_parse(text, &year, &month, &day)) {
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

static int
store_given(struct arena *a, const struct given *g, struct store *s,
    struct str *program, struct err *e)
{
	s->platform = platform_parse(str_of(g->platform));
	if (domain_parse(a, str_of(g->domain), &s->domain, e) == -1)
		return -1;
	if (currency_exponent(g->currency) == -1)
		return err_set(e, FAULT_REJECT,
		    "\"%s\" is no currency; one is EUR", g->currency);
	if ((g->api_url == NULL) != (g->token_file == NULL))
		return err_set(e, FAULT_REJECT,
		    "--api-url and --api-token-file belong together");
	if (g->api_url != NULL &&
	    api_url_parse(a, str_of(g->api_url), &s->api_url, e) == -1)
		return -1;
	if (token_read(a, s->platform, g->token_file, &s->api_token, e) == -1)
		return -1;
	if (secret_read(a, g->secret_file, &s->secrets[0], e) == -1)
		return -1;
	if (g->brand != NULL && brand_check(str_of(g->brand), e) == -1)
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
	return program_read(
	    a, g->program, g->currency, g->timezone, program, e);
}

/* ---- add --------------------------------------------------------------------- */

static void
print_added(struct desk *d, const struct store *s, const char *public_url)
{
	printf("store %" PRId64 " of tenant %" PRId64
	       " takes each topic at its own address:\n\n",
	    s->store_id, s->tenant_id);
	store_paths_print(&d->arena, s, &d->key, public_url, NULL);
	printf("\n%s" ADDRESS_WEBHOOKS_PATH "%s takes all of them too, but "
	       "makes deletions and restorations dead letters: it is for shops "
	       "that cannot tell each webhook another address\n",
	    store_paths_base(&d->arena, public_url), s->webhook_token);
	(void)fflush(stdout); /* what comes next may take its time */
}

static void
json_added(
    const struct desk *d, const struct store *s, const struct shop_check *c)
{
	struct buf b;
	struct jsonw w;

	buf_init(&b, ADDED_MAX);
	jsonw_init(&w, &b);
	jsonw_object(&w, NULL);
	jsonw_int(&w, "store_id", s->store_id);
	jsonw_int(&w, "tenant_id", s->tenant_id);
	store_paths_json(&w, s, &d->key);
	store_check_json(&w, c);
	jsonw_object_end(&w);
	jsonw_print(&w, stdout);
	buf_fini(&b);
}

static const char *const platforms[] = { "shopify", "woocommerce", NULL };

static int
store_add_verb(struct tool_call *call)
{
	struct given g = { 0 };
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
		{ "--api-url", "URL",
		    "where its API is; with --api-token-file, so that balances are pushed",
		    .text = &g.api_url },
		{ "--api-token-file", "FILE",
		    "file with the API's token, of WooCommerce consumer_key:consumer_secret",
		    .text = &g.token_file },
		{ "--shop-id", "NUMBER",
		    "the platform's own number of a Shopify shop, where several shops have one secret",
		    .number = &g.shop_id },
		{ "--brand", "NAME",
		    "name by which programs know a store of several",
		    .text = &g.brand },
		{ "--tenant", "ID",
		    "number of the merchant whose members it shares: loyald store list",
		    .number = &g.tenant_id, .preset = "a merchant of its own" },
		{ "--earn-from", "DATE|now|ever",
		    "from when on orders count; a date is that day in the time zone",
		    .text = &g.earn_from, .preset = "now" },
		{ "--no-check", NULL,
		    "do not ask the shop whether address and token are right",
		    .flag = &g.no_check },
		OPTION_JSON(&g.json),
		{ 0 },
	};
	const struct shop_check *check = NULL;
	struct store s = { 0 };
	struct str program = { 0 };
	struct sharer other;
	struct config config;
	struct desk d;
	struct err e;
	int status = tool_read(call, options, &config, NULL, NULL);

	if (status == EXIT_STOPPED)
		status = desk_open(&d, &config, true);
	if (status != EXIT_STOPPED)
		return status;
	if (store_given(&d.arena, &g, &s, &program, &e) == -1 ||
	    sharer_find(&d, s.platform, 0, s.secrets[0], &other, &e) == -1 ||
	    store_add(d.pg, &d.arena, &d.key, &s, program, &e) == -1)
		return desk_end(&d, &e);
	warn_of_plain_http(s.api_url);
	warn_of_sharer(s.store_id, s.platform, &other);
	if (!g.json)
		print_added(&d, &s, config.public_url);
	if (!g.no_check)
		check = store_check(&d.arena, &s, &config);
	if (g.json)
		json_added(&d, &s, check);
	else
		store_check_print(check);
	store_check_warn(check);
	return desk_end(&d, NULL);
}

/* ---- set, rotate-secret, disable, enable ------------------------------------ */

static int
changes_given(struct desk *d, const struct given *g, struct store_changes *c,
    struct err *e)
{
	const struct store *s = desk_store(d, g->store_id, e);
	struct arena *a = &d->arena;

	if (s == NULL)
		return -1;
	if (g->domain != NULL &&
	    domain_parse(a, str_of(g->domain), &c->domain, e) == -1)
		return -1;
	if (g->api_url != NULL &&
	    api_url_parse(a, str_of(g->api_url), &c->api_url, e) == -1)
		return -1;
	if (token_read(a, s->platform, g->token_file, &c->api_token, e) == -1)
		return -1;
	if (g->program != NULL &&
	    program_read(a, g->program, s->currency,
	        g->timezone != NULL ? g->timezone : s->timezone,
	        &c->program_file, e) == -1)
		return -1;
	if (g->brand != NULL && brand_check(str_of(g->brand), e) == -1)
		return -1;
	if (start_read(a, g->earn_from,
	        g->timezone != NULL ? g->timezone : s->timezone, &c->earn_from,
	        e) == -1)
		return -1;
	c->timezone = g->timezone;
	c->brand = g->brand;
	c->shop_id = g->shop_id;
	return 0;
}

/* Whether the shop may say something else than before. */
static bool
is_about_api(const struct given *g)
{
	return g->api_url != NULL || g->token_file != NULL ||
	       g->domain != NULL || g->timezone != NULL;
}

static int
store_set(struct tool_call *call)
{
	struct given g = { 0 };
	const struct option_spec options[] = {
		OPTION_STORE(&g.store_id),
		{ "--program", "FILE",
		    "its program; refused if one of its tests fails",
		    .text = &g.program },
		{ "--api-url", "URL",
		    "where its API is; with --api-token-file, so that balances are pushed",
		    .text = &g.api_url },
		{ "--api-token-file", "FILE",
		    "file with the API's token, of WooCommerce consumer_key:consumer_secret",
		    .text = &g.token_file },
		{ "--domain", "HOST", "host name of the shop",
		    .text = &g.domain },
		{ "--timezone", "ZONE", "time zone of the shop: Europe/Berlin",
		    .text = &g.timezone },
		{ "--shop-id", "NUMBER",
		    "the platform's own number of a Shopify shop, where several shops have one secret",
		    .number = &g.shop_id },
		{ "--brand", "NAME",
		    "name by which programs know a store of several",
		    .text = &g.brand },
		{ "--earn-from", "DATE|now|ever",
		    "from when on orders count; a date is that day in the time zone",
		    .text = &g.earn_from },
		{ "--no-check", NULL,
		    "do not ask the shop whether address and token are right",
		    .flag = &g.no_check },
		{ 0 },
	};
	const struct shop_check *check = NULL;
	struct store_changes changes = { 0 };
	struct config config;
	struct desk d;
	struct err e;
	int status = tool_read(call, options, &config, NULL, NULL);

	if (status == EXIT_STOPPED)
		status = desk_open(&d, &config, true);
	if (status != EXIT_STOPPED)
		return status;
	if (changes_given(&d, &g, &changes, &e) == -1 ||
	    store_change(d.pg, &d.arena, &d.key, g.store_id, &changes, &e) ==
	        -1)
		return desk_end(&d, &e);
	warn_of_plain_http(changes.api_url);
	printf("store %" PRId64 " is changed\n", g.store_id);
	(void)fflush(stdout);
	if (!g.no_check && is_about_api(&g) &&
	    store_check_of(&d, g.store_id, &config, &check, &e) == -1)
		return desk_end(&d, &e);
	store_check_print(check);
	store_check_warn(check);
	return desk_end(&d, NULL);
}

static int
rotate(struct desk *d, const struct given *g, struct err *e)
{
	const struct store *s = desk_store(d, g->store_id, e);
	struct sharer other = { 0 };
	struct str secret = { 0 };

	if (s == NULL)
		return -1;
	if (!g->forget &&
	    (secret_read(&d->arena, g->secret_file, &secret, e) == -1 ||
	        sharer_find(d, s->platform, s->store_id, secret, &other, e) ==
	            -1))
		return -1;
	if (store_rotate(d->pg, &d->arena, &d->key, g->store_id, secret, e) ==
	    -1)
		return -1;
	warn_of_sharer(s->store_id, s->platform, &other);
	return 0;
}

static int
store_rotate_verb(struct tool_call *call)
{
	struct given g = { 0 };
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
	struct desk d;
	struct err e;
	int status = tool_read(call, options, &c, NULL, NULL);

	if (status != EXIT_STOPPED)
		return status;
	if (g.forget == (g.secret_file != NULL))
		return tool_usage(call,
		    "%s wants either --webhook-secret-file FILE "
		    "or --forget-previous",
		    call->argv[0]);
	status = desk_open(&d, &c, true);
	if (status != EXIT_STOPPED)
		return status;
	if (rotate(&d, &g, &e) == -1)
		return desk_end(&d, &e);
	printf(
	    g.forget
	        ? "store %" PRId64 " takes webhooks under its current secret "
	          "alone\n"
	        : "store %" PRId64 " takes webhooks under the new secret and "
	          "the one before, and the keys of both (store show --keys "
	          "prints the new ones); when all sign with the new ones, run "
	          "this with --forget-previous\n",
	    g.store_id);
	return desk_end(&d, NULL);
}

static int
store_able(struct tool_call *call)
{
	bool disable = strcmp(call->argv[0], "store disable") == 0;
	struct given g = { 0 };
	const struct option_spec options[] = {
		OPTION_STORE(&g.store_id),
		{ 0 },
	};
	struct desk d;
	struct err e;
	int status = desk_begin(&d, call, options, false);

	if (status != EXIT_STOPPED)
		return status;
	if (store_disable(d.pg, &d.arena, g.store_id, disable, &e) == -1)
		return desk_end(&d, &e);
	printf("store %" PRId64 " is %s\n", g.store_id,
	    disable ? "disabled" : "enabled");
	return desk_end(&d, NULL);
}

int
cmd_store(struct tool_call *call)
{
	static const struct tool verbs[] = {
		{ "add", store_add_verb, "adds a store", .needs = NEEDS_KEY },
		{ "list", cmd_store_report, "all of them, with their backlog",
		    .needs = NEEDS_DATABASE },
		{ "show", cmd_store_report, "one, with its program's versions",
		    .needs = NEEDS_DATABASE },
		{ "check", cmd_store_check,
		    "asks its shop whether address and token are right",
		    .needs = NEEDS_KEY },
		{ "set", store_set, "publishes a program, changes the rest",
		    .needs = NEEDS_KEY },
		{ "rotate-secret", store_rotate_verb,
		    "takes a new webhook secret beside the current one",
		    .needs = NEEDS_KEY },
		{ "disable", store_able,
		    "refuses its webhooks, pushes nothing to it",
		    .needs = NEEDS_DATABASE },
		{ "enable", store_able, "takes it up again",
		    .needs = NEEDS_DATABASE },
		{ 0 },
	};
	return tool_run_verb(verbs, call);
}
