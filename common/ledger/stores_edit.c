/* SPDX-License-Identifier: MIT */
/* Adds and changes stores, for operators.  Each function is one transaction. */
#include <assert.h>
#include <inttypes.h>

#include "ledger/outbox.h"
#include "ledger/program_edit.h"
#include "ledger/rows.h"
#include "ledger/stmts.h"
#include "ledger/stores.h"
#include "ledger/stores_seal.h"

/* The parameters of every step of an edit. */
struct edit {
	struct pg *pg;
	struct arena *arena;
	const struct master_key *key;
	int64_t tenant_id, store_id;
};

static struct str
edit_seal(const struct edit *d, const char *kind, struct str plain)
{
	if (plain.len == 0)
		return (struct str){ 0 };
	return seal(d->arena, d->key,
	    store_seal_name(d->arena, d->store_id, kind), plain);
}

/* ---- checks in the database ---------------------------------------------- */

static int
timezone_check(const struct edit *d, const char *name, struct err *e)
{
	struct pg_params p = { .arena = d->arena };
	bool known;

	pg_text(&p, name);
	if (rows_ask_bool(d->pg, SQL_TIMEZONE_HAS, &p, &known, e) == -1)
		return -1;
	if (!known)
		return err_set(e, FAULT_REJECT,
		    "\"%s\" is no time zone; one is Europe/Berlin", name);
	return 0;
}

/* Refuses a domain that another store of the platform has, unless the other
 * store is disabled.  If two edits concern the same domain, the second waits
 * here for the first. */
static int
domain_check(const struct edit *d, enum platform platform, const char *domain,
    struct err *e)
{
	struct pg_params p = { .arena = d->arena };
	int64_t other;

	pg_bigint(&p, platform);
	pg_text(&p, domain);
	if (pg_tell(d->pg, SQL_STORE_DOMAIN_LOCK, &p, e) == -1)
		return -1;
	pg_bigint(&p, d->store_id);
	if (pg_ask_bigint(d->pg, SQL_STORE_OF_DOMAIN, &p, &other, e) == -1)
		return -1;
	if (other == 0)
		return 0;
	return err_set(e, FAULT_REJECT,
	    "store %" PRId64
	    " has the domain %s already, and a shop is one store: "
	    "change that one with loyald store set, or disable it first",
	    other, domain);
}

/* ---- adding -------------------------------------------------------------- */

static int
tenant_check(const struct edit *d, int64_t tenant_id, struct err *e)
{
	struct pg_params p = { .arena = d->arena };
	bool known;

	if (tenant_id == 0)
		return 0;
	pg_bigint(&p, tenant_id);
	if (rows_ask_bool(d->pg, SQL_TENANT_HAS, &p, &known, e) == -1)
		return -1;
	if (!known)
		return err_set(e, FAULT_REJECT,
		    "there is no tenant %lld: see loyald store list",
		    (long long)tenant_id);
	return 0;
}

/* Gives a number to the store and, if tenant_id is 0, to a new tenant. */
static int
store_number(struct edit *d, int64_t tenant_id, struct err *e)
{
	struct pg_params p = { .arena = d->arena };
	struct pg_rows rows;

	if (pg_ask(d->pg, SQL_STORE_IDS, NULL, &rows, e) == -1)
		return -1;
	d->tenant_id = pg_get_bigint(&rows, 0, 0);
	d->store_id = pg_get_bigint(&rows, 0, 1);
	pg_done(&rows);
	if (tenant_id != 0) {
		d->tenant_id = tenant_id;
		return 0;
	}
	pg_bigint(&p, d->tenant_id);
	return pg_tell(d->pg, SQL_TENANT_ADD, &p, e);
}

/* Adds a version of the store's program, which takes effect at once. */
static int
program_put(const struct edit *d, const char *currency, const char *timezone,
    struct str file, struct err *e)
{
	const struct program_new p = {
		.tenant_id = d->tenant_id,
		.store_id = d->store_id,
		.currency = currency,
		.timezone = timezone,
		.file = file,
	};
	struct program_added added;

	return program_add(d->pg, d->arena, &p, &added, e);
}

/* Runs a statement whose only parameters are the tenant and the store. */
static int
store_tell(const struct edit *d, int stmt, struct err *e)
{
	struct pg_params p = { .arena = d->arena };

	pg_bigint(&p, d->tenant_id);
	pg_bigint(&p, d->store_id);
	return pg_tell(d->pg, stmt, &p, e);
}

/* Keeps the app that gets tokens from now on, or forgets the one of before if a
 * token is to last. */
static int
app_put(const struct edit *d, const struct store_app *app, bool has_token,
    struct err *e)
{
	struct pg_params p = { .arena = d->arena };

	if (app->text.len == 0)
		return has_token ? store_tell(d, SQL_APP_DROP, e) : 0;
	pg_bigint(&p, d->tenant_id);
	pg_bigint(&p, d->store_id);
	pg_str(&p, edit_seal(d, SEAL_APP, app->text));
	pg_bigint(&p, app->renew_ms);
	return pg_tell(d->pg, SQL_APP_PUT, &p, e);
}

static int
store_insert(const struct edit *d, const struct store *s, struct err *e)
{
	struct pg_params p = { .arena = d->arena };

	assert(s->webhook_token != NULL && s->secrets[0].len > 0);
	pg_bigint(&p, d->tenant_id);
	pg_bigint(&p, d->store_id);
	pg_bigint(&p, s->platform);
	pg_text(&p, s->domain);
	pg_text(&p, s->currency);
	pg_text(&p, s->timezone);
	pg_text(&p, s->webhook_token);
	pg_str(&p, edit_seal(d, SEAL_SECRET, s->secrets[0]));
	pg_text(&p, s->api_url);
	pg_str(&p, edit_seal(d, SEAL_TOKEN, s->api_token));
	pg_bigint(&p, s->shop_id);
	pg_text(&p, s->brand);
	pg_instant(&p, s->earn_from);
	if (pg_tell(d->pg, SQL_STORE_ADD, &p, e) == -1 ||
	    app_put(d, &s->app, false, e) == -1)
		return -1;
	return store_tell(d, SQL_PUSH_LEASE_ADD, e);
}

/* Notifies the processes that read stores, once the edit is committed. */
static int
edit_notify(const struct edit *d, struct err *e)
{
	return pg_tell(d->pg, SQL_STORES_NOTIFY, NULL, e);
}

int
store_add(struct pg *pg, struct arena *a, const struct master_key *key,
    struct store *s, struct str program_file, struct err *e)
{
	struct edit d = { .pg = pg, .arena = a, .key = key };

	if (pg_begin(pg, e) == -1)
		return -1;
	if (pg_end(pg,
	        timezone_check(&d, s->timezone, e) == 0 &&
	            domain_check(&d, s->platform, s->domain, e) == 0 &&
	            tenant_check(&d, s->tenant_id, e) == 0 &&
	            store_number(&d, s->tenant_id, e) == 0 &&
	            store_insert(&d, s, e) == 0 &&
	            program_put(
	                &d, s->currency, s->timezone, program_file, e) == 0 &&
	            edit_notify(&d, e) == 0,
	        e) == -1)
		return -1;
	s->tenant_id = d.tenant_id;
	s->store_id = d.store_id;
	return 0;
}

/* ---- changing ------------------------------------------------------------ */

/* The state of a store before an edit; the store's row stays locked. */
struct locked {
	const char *currency, *timezone;
	struct str secret; /* still sealed */
	enum platform platform;
	const char *domain;
	bool disabled, has_previous;
};

static int
store_lock(struct edit *d, int64_t store_id, struct locked *out, struct err *e)
{
	struct pg_params p = { .arena = d->arena };
	struct pg_rows rows;

	pg_bigint(&p, store_id);
	if (pg_ask(d->pg, SQL_STORE_LOCK, &p, &rows, e) == -1)
		return -1;
	if (rows.n == 0) {
		pg_done(&rows);
		return err_set(e, FAULT_REJECT,
		    "there is no store %lld: see loyald store list",
		    (long long)store_id);
	}
	d->store_id = store_id;
	d->tenant_id = pg_get_bigint(&rows, 0, 0);
	out->currency = rows_text(d->arena, &rows, 0, 1);
	out->secret = rows_str(d->arena, &rows, 0, 2);
	out->timezone = rows_text(d->arena, &rows, 0, 3);
	out->platform = (enum platform)pg_get_bigint(&rows, 0, 4);
	out->domain = rows_text(d->arena, &rows, 0, 5);
	out->disabled = pg_get_bool(&rows, 0, 6);
	out->has_previous = pg_get_bool(&rows, 0, 7);
	pg_done(&rows);
	return 0;
}

static int
store_update(const struct edit *d, const struct store_changes *c, struct err *e)
{
	struct pg_params p = { .arena = d->arena };
	size_t n;

	pg_bigint(&p, d->store_id);
	pg_text(&p, c->domain);
	pg_text(&p, c->timezone);
	pg_text(&p, c->api_url);
	pg_str(&p, edit_seal(d, SEAL_TOKEN, c->api_token));
	pg_bigint(&p, c->shop_id);
	pg_text(&p, c->brand);
	pg_instant(&p, c->earn_from);
	if (pg_tell(d->pg, SQL_STORE_CHANGE, &p, e) == -1 ||
	    app_put(d, &c->app, c->api_token.len > 0, e) == -1)
		return -1;
	return outbox_wake(d->pg, d->arena,
	    &(struct outbox_wake){ d->tenant_id, d->store_id, false }, &n, e);
}

static int
store_change_locked(struct edit *d, int64_t store_id,
    const struct store_changes *c, struct err *e)
{
	struct locked was = { 0 };

	if (store_lock(d, store_id, &was, e) == -1)
		return -1;
	if (c->timezone != NULL && timezone_check(d, c->timezone, e) == -1)
		return -1;
	if (c->domain != NULL && !was.disabled &&
	    domain_check(d, was.platform, c->domain, e) == -1)
		return -1;
	if (store_update(d, c, e) == -1)
		return -1;
	/* With a new start, makes due the timelines of members with orders that
	 * earned nothing because they were placed before the old start.  Orders
	 * that have earned points keep the points. */
	if (c->earn_from != 0 && store_tell(d, SQL_STATE_WAKE_BEFORE, e) == -1)
		return -1;
	if (c->program_file.len == 0)
		return 0;
	return program_put(d, was.currency,
	    c->timezone != NULL ? c->timezone : was.timezone, c->program_file,
	    e);
}

int
store_change(struct pg *pg, struct arena *a, const struct master_key *key,
    int64_t store_id, const struct store_changes *c, struct err *e)
{
	struct edit d = { .pg = pg, .arena = a, .key = key };

	if (pg_begin(pg, e) == -1)
		return -1;
	return pg_end(pg,
	    store_change_locked(&d, store_id, c, e) == 0 &&
	        edit_notify(&d, e) == 0,
	    e);
}

/* A seal contains the name of the secret's place (current or previous).  The
 * current secret must therefore be opened and sealed again to become the
 * previous one. */
static int
store_rotate_locked(struct edit *d, const struct store_secret *next,
    bool *changed, struct err *e)
{
	struct str current, previous = { 0 };
	struct locked was = { 0 };
	struct pg_params p = { .arena = d->arena };

	if (store_lock(d, next->store_id, &was, e) == -1)
		return -1;
	current = was.secret;
	*changed = was.has_previous;
	if (next->secret.len > 0) {
		if (unseal(d->arena, d->key,
		        store_seal_name(d->arena, next->store_id, SEAL_SECRET),
		        current, &previous, e) == -1) {
			e->fault = FAULT_FATAL;
			return -1;
		}
		current = edit_seal(d, SEAL_SECRET, next->secret);
		*changed = !str_eq(previous, next->secret);
	}
	if (!*changed)
		return 0;
	pg_bigint(&p, next->store_id);
	pg_str(&p, current);
	pg_str(&p, edit_seal(d, SEAL_PREVIOUS, previous));
	if (pg_tell(d->pg, SQL_STORE_SECRETS, &p, e) == -1)
		return -1;
	return edit_notify(d, e);
}

int
store_rotate(struct pg *pg, struct arena *a, const struct master_key *key,
    const struct store_secret *next, bool *changed, struct err *e)
{
	struct edit d = { .pg = pg, .arena = a, .key = key };

	if (pg_begin(pg, e) == -1)
		return -1;
	return pg_end(pg, store_rotate_locked(&d, next, changed, e) == 0, e);
}

static int
store_disable_locked(struct edit *d, int64_t store_id, bool disabled,
    bool *changed, struct err *e)
{
	struct locked was = { 0 };
	struct pg_params p = { .arena = d->arena };

	if (store_lock(d, store_id, &was, e) == -1)
		return -1;
	*changed = was.disabled != disabled;
	if (!*changed)
		return 0;
	if (!disabled && domain_check(d, was.platform, was.domain, e) == -1)
		return -1;
	pg_bigint(&p, store_id);
	pg_bool(&p, disabled);
	if (pg_tell(d->pg, SQL_STORE_DISABLE, &p, e) == -1)
		return -1;
	return edit_notify(d, e);
}

int
store_disable(struct pg *pg, struct arena *a, int64_t store_id, bool disabled,
    bool *changed, struct err *e)
{
	struct edit d = { .pg = pg, .arena = a };

	if (pg_begin(pg, e) == -1)
		return -1;
	return pg_end(pg,
	    store_disable_locked(&d, store_id, disabled, changed, e) == 0, e);
}
