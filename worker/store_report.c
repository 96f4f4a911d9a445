/* SPDX-License-Identifier: MIT */
/* loyald store list, show: prints what is known of the merchants' stores. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/instant.h"
#include "base/jsonw.h"
#include "base/log.h"
#include "base/tool.h"
#include "cmd.h"
#include "io/clock.h"
#include "ledger/benefits.h"
#include "ledger/reconcile.h"
#include "ledger/stores.h"
#include "operation.h"
#include "store_paths.h"
#include "wire/shop/shop.h"
#include "wire/store_key.h"

/* All that is known of the stores. */
struct report {
	const struct master_key *key; /* NULL: no key file is set */
	const char *public_url;       /* NULL: no public URL is set */
	bool keys; /* whether to print the store's keys, too (--keys) */
	struct store *stores;
	size_t nstores;
	struct push_status *status; /* sorted by store_id */
	size_t nstatus;
	struct world world; /* the stores and their programs */
	struct arrival_list arrivals;
	/* The benefits of a single store, and how far it is reconciled. */
	struct benefit_shown *benefits;
	size_t nbenefits;
	struct reconcile_state reconcile;
	int64_t now;
};

static int
report_load(struct operation *op, struct report *r, struct err *e)
{
	if (stores_load(
	        op->pg, &op->arena, r->key, &r->stores, &r->nstores, e) == -1 ||
	    push_status_load(op->pg, &op->arena, &r->status, &r->nstatus, e) ==
	        -1)
		return -1;
	if (arrivals_load(op->pg, &op->arena, &r->arrivals, e) == -1)
		return -1;
	r->now = clock_now();
	r->world = (struct world){
		.pg = op->pg,
		.stores = r->stores,
		.nstores = r->nstores,
	};
	return programs_load(&r->world, &op->arena, e);
}

static const struct push_status *
status_of(const struct report *r, int64_t store_id)
{
	static const struct push_status none;

	for (size_t i = 0; i < r->nstatus; i++)
		if (r->status[i].store_id == store_id)
			return &r->status[i];
	return &none;
}

static void
json_store(struct jsonw *w, const struct report *r, const struct store *s)
{
	const struct push_status *p = status_of(r, s->store_id);

	jsonw_int(w, "store_id", s->store_id);
	jsonw_int(w, "tenant_id", s->tenant_id);
	jsonw_text(w, "platform", platform_name(s->platform));
	jsonw_text(w, "domain", s->domain);
	jsonw_text(w, "currency", s->currency);
	jsonw_text(w, "timezone", s->timezone);
	jsonw_text(w, "brand", s->brand);
	/* null: all orders earn points, however old they are */
	jsonw_instant(w, "earn_from", s->earn_from);
	jsonw_text(w, "api_url", s->api_url);
	jsonw_bool(w, "has_api_token", s->has_token);
	jsonw_bool(w, "has_previous_secret", s->has_previous);
	jsonw_int(w, "shop_id", s->shop_id);
	jsonw_int(w, "api_shop_id", s->api_shop_id);
	jsonw_bool(w, "disabled", s->disabled);
	store_old_path_json(w, s, &r->arrivals, r->now);
	/* exact to the hour; null: no delivery has come yet */
	jsonw_instant(
	    w, "delivered_at", arrivals_last(&r->arrivals, s->store_id));
	jsonw_object(w, "push");
	jsonw_instant(w, "pushed_at", p->pushed_at);
	jsonw_int(w, "waiting", p->waiting);
	jsonw_int(w, "rejected", p->rejected);
	jsonw_text(w, "last_error", p->last_error);
	jsonw_text(w, "rejection", p->rejection);
	jsonw_object_end(w);
}

static void
list_json(const struct report *r)
{
	struct jsonw w;

	jsonw_begin_list(&w);
	for (size_t i = 0; i < r->nstores; i++) {
		jsonw_object(&w, NULL);
		json_store(&w, r, &r->stores[i]);
		jsonw_object_end(&w);
	}
	jsonw_end(&w, stdout);
}

static void
list_text(struct arena *a, const struct report *r)
{
	static const char *const names[] = { "STORE", "TENANT", "PLATFORM",
		"DOMAIN", "CURRENCY", "STATE", "OLD PATH", "LAST DELIVERY",
		"LAST PUSH", "WAITING", "REJECTED", "LAST ERROR OF PUSH",
		NULL };
	struct table t;

	table_init(&t, a, names);
	for (size_t i = 0; i < r->nstores; i++) {
		const struct store *s = &r->stores[i];
		const struct push_status *p = status_of(r, s->store_id);
		const char *const cells[] = { cell_int(a, s->store_id),
			cell_int(a, s->tenant_id), platform_name(s->platform),
			s->domain, s->currency,
			s->disabled          ? "disabled"
			: s->api_url == NULL ? "no push"
			                     : "active",
			store_old_path_uses(a, s, &r->arrivals, r->now),
			cell_instant(
			    a, arrivals_last(&r->arrivals, s->store_id)),
			cell_instant(a, p->pushed_at), cell_int(a, p->waiting),
			cell_int(a, p->rejected), p->last_error };

		table_add(&t, cells);
	}
	table_print(&t, stdout);
}

/* Prints the keys that programs of the merchant's own sign with, derived from
 * the store's current secret.  w is an open object, or NULL for a list that
 * people read. */
static void
show_keys(struct arena *a, struct jsonw *w, const struct store *s)
{
	struct hmac_key *secret = hmac_key_new(
	    shop_find(s->platform)->secret(a, s->secrets[0]));
	char text[STORE_KEY_LEN + 1];

	if (w != NULL)
		jsonw_object(w, "keys");
	for (enum store_key k = STORE_KEY_STOREFRONT; k <= STORE_KEYS; k++) {
		store_key_text(secret, k, s->store_id, text);
		if (w != NULL)
			jsonw_text(w, store_key_name(k), text);
		else
			printf("%-13s %s\n", store_key_name(k), text);
	}
	if (w != NULL)
		jsonw_object_end(w);
	hmac_key_free(secret);
}

static void
show_json(struct arena *a, const struct report *r, const struct store *s)
{
	struct jsonw w;

	jsonw_begin(&w);
	json_store(&w, r, s);
	store_paths_json(&w, s, r->key);
	store_paths_json_last(&w, s, &r->arrivals);
	if (r->keys)
		show_keys(a, &w, s);
	jsonw_array(&w, "programs");
	for (size_t i = 0; i < r->world.nprograms; i++) {
		const struct program_version *v = &r->world.programs[i];

		if (v->store_id != s->store_id)
			continue;
		jsonw_object(&w, NULL);
		jsonw_int(&w, "version_id", v->version_id);
		jsonw_text(&w, "name", v->program->name);
		/* null: the version has been in effect from the beginning */
		jsonw_instant(&w, "effective_from", v->effective_from);
		jsonw_object_end(&w);
	}
	jsonw_array_end(&w);
	jsonw_object(&w, "reconcile");
	/* null: the shop was not asked yet */
	jsonw_instant(&w, "until", r->reconcile.watermark);
	jsonw_int(&w, "gaps", r->reconcile.gaps);
	jsonw_text(&w, "last_error", r->reconcile.last_error);
	jsonw_object_end(&w);
	jsonw_array(&w, "benefits");
	for (size_t i = 0; i < r->nbenefits; i++) {
		jsonw_object(&w, NULL);
		jsonw_text(&w, "benefit", r->benefits[i].benefit);
		jsonw_text(&w, "is", benefit_is(&r->benefits[i]));
		jsonw_instant(&w, "right_at", r->benefits[i].right_at);
		jsonw_text(&w, "last_error", r->benefits[i].why);
		jsonw_object_end(&w);
	}
	jsonw_array_end(&w);
	jsonw_end(&w, stdout);
}

static void
show_benefits(struct arena *a, const struct report *r)
{
	for (size_t i = 0; i < r->nbenefits; i++) {
		const struct benefit_shown *b = &r->benefits[i];
		const char *at = cell_instant(a, b->right_at);

		printf("benefit       %s: %s%s%s%s%s\n", b->benefit,
		    benefit_is(b), at != NULL ? ", last right at " : "",
		    at != NULL ? at : "", b->why != NULL ? ": " : "",
		    b->why != NULL ? b->why : "");
	}
}

static void
show_programs(const struct report *r, int64_t store_id)
{
	char since[INSTANT_TEXT_MAX];

	for (size_t i = 0; i < r->world.nprograms; i++) {
		const struct program_version *v = &r->world.programs[i];

		if (v->store_id != store_id)
			continue;
		if (v->effective_from != 0)
			instant_format(v->effective_from, since);
		printf("program       version %d \"%s\", since %s\n",
		    v->version_id, v->program->name,
		    v->effective_from != 0 ? since : "always");
	}
}

/* Prints when the store last sent a delivery, and when it last took a balance.
 */
static void
show_heard(struct arena *a, const struct report *r, const struct store *s)
{
	const char *delivered = cell_instant(
	    a, arrivals_last(&r->arrivals, s->store_id));
	const char *pushed = cell_instant(
	    a, status_of(r, s->store_id)->pushed_at);

	printf("last delivery %s%s\n", delivered ? delivered : "none yet",
	    delivered ? ", or up to an hour later" : "");
	printf("last push     %s\n", pushed ? pushed : "none yet");
}

/* Prints up to when the ledger has all that the shop has. */
static void
show_reconciled(struct arena *a, const struct report *r)
{
	const struct reconcile_state *c = &r->reconcile;

	if (!c->is_known)
		return;
	printf("reconciled    until %s, %" PRId64 " missed by webhooks\n",
	    cell_instant(a, c->watermark), c->gaps);
	if (c->last_error != NULL)
		printf(
		    "              the last round failed: %s\n", c->last_error);
}

static void
show_text(struct arena *a, const struct report *r, const struct store *s)
{
	const struct push_status *p = status_of(r, s->store_id);
	char since[INSTANT_TEXT_MAX] = "ever";

	if (s->earn_from != 0)
		instant_format(s->earn_from, since);
	printf("store         %" PRId64 " of tenant %" PRId64 "%s\n"
	       "platform      %s\n"
	       "domain        %s\n"
	       "currency      %s\n"
	       "time zone     %s\n"
	       "brand         %s\n"
	       "earns from    %s\n"
	       "API           %s%s\n"
	       "secrets       %s\n"
	       "push          %" PRId64 " waiting, %" PRId64 " rejected\n",
	    s->store_id, s->tenant_id, s->disabled ? ", disabled" : "",
	    platform_name(s->platform), s->domain, s->currency, s->timezone,
	    s->brand ? s->brand : "none", since,
	    s->api_url ? s->api_url : "none: no push",
	    s->api_url && !s->has_token ? ", without a token" : "",
	    s->has_previous ? "current and previous" : "current", p->waiting,
	    p->rejected);
	show_heard(a, r, s);
	show_reconciled(a, r);
	if (s->shop_id != 0)
		printf("shop id       %" PRId64 "\n", s->shop_id);
	if (s->api_shop_id != 0 && s->api_shop_id != s->shop_id)
		printf("              by the API it is %" PRId64 "\n",
		    s->api_shop_id);
	if (p->last_error != NULL)
		printf("last error    %s\n", p->last_error);
	if (p->rejection != NULL)
		printf("rejected for  %s\n", p->rejection);
	show_programs(r, s->store_id);
	show_benefits(a, r);
	store_old_path_print(a, s, &r->arrivals, r->now);
	if (r->key == NULL) {
		printf("addresses     set LOYALD_KEY_FILE to see them\n");
		return;
	}
	printf("\n");
	store_paths_print(a, s, r->key, r->public_url, &r->arrivals);
	if (r->keys) {
		printf("\nThe keys that programs of yours sign with:\n");
		show_keys(a, NULL, s);
	}
}

static int
show_one(struct operation *op, struct report *r, int64_t store_id, bool json,
    struct err *e)
{
	const struct store *s = stores_need(r->stores, r->nstores, store_id, e);

	if (s == NULL ||
	    benefits_list(
	        op->pg, &op->arena, s, &r->benefits, &r->nbenefits, e) == -1 ||
	    reconcile_state(op->pg, &op->arena, store_id, &r->reconcile, e) ==
	        -1)
		return -1;
	if (json)
		show_json(&op->arena, r, s);
	else
		show_text(&op->arena, r, s);
	return 0;
}

int
cmd_store_report(struct tool_call *call)
{
	int64_t store_id = 0;
	bool json = false, one = strcmp(call->argv[0], "store show") == 0,
	     with_key;
	struct report r = { 0 };
	const struct option_spec list[] = {
		OPTION_JSON(&json),
		{ 0 },
	};
	const struct option_spec show[] = {
		OPTION_STORE(&store_id),
		{ "--keys", NULL,
		    "print the keys for tokens, events and redemptions, too",
		    .flag = &r.keys, .needs = CONFIG_KEY },
		OPTION_JSON(&json),
		{ 0 },
	};
	struct config c;
	struct operation op;
	struct err e;
	int status = tool_read(call, one ? show : list, &c, NULL, NULL);

	if (status != EXIT_STOPPED)
		return status;
	/* Addresses are derived from the master key, and the store's secrets
	 * are sealed with it.  Everything else can be shown without the key. */
	with_key = one && (c.key_file != NULL || r.keys);
	status = operation_open(&op, call, &c, with_key);
	if (status != EXIT_STOPPED)
		return status;
	r.key = with_key ? &op.key : NULL;
	r.public_url = c.public_url;
	if (report_load(&op, &r, &e) == -1 ||
	    (one && show_one(&op, &r, store_id, json, &e) == -1))
		return operation_end(&op, &e);
	if (!one && json)
		list_json(&r);
	else if (!one)
		list_text(&op.arena, &r);
	return operation_end(&op, NULL);
}
