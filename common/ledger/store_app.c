/* SPDX-License-Identifier: MIT */
#include "ledger/store_app.h"
#include "ledger/outbox.h"
#include "ledger/rows.h"
#include "ledger/stmts.h"
#include "ledger/stores_seal.h"
#include "wire/sign.h"

static int
app_open(struct arena *a, const struct master_key *key, int64_t store_id,
    struct str *app, struct err *e)
{
	if (unseal(a, key, store_seal_name(a, store_id, SEAL_APP), *app, app,
	        e) == 0)
		return 0;
	e->fault = FAULT_CONFIG;
	return -1;
}

int
app_claim(struct pg *pg, struct arena *a, int64_t lease_ms, struct app_claim *c,
    struct err *e)
{
	struct pg_params p = { .arena = a };
	struct pg_rows rows;

	c->store_id = 0;
	pg_bigint(&p, lease_ms);
	if (pg_ask(pg, SQL_APP_LEASE, &p, &rows, e) == -1)
		return -1;
	if (rows.n > 0) {
		c->tenant_id = pg_get_bigint(&rows, 0, 0);
		c->store_id = pg_get_bigint(&rows, 0, 1);
		c->app = rows_str(a, &rows, 0, 2);
		c->tries = (int32_t)pg_get_bigint(&rows, 0, 3);
		c->leased_until = pg_get_instant(&rows, 0, 4);
		c->platform = (enum platform)pg_get_bigint(&rows, 0, 5);
		c->api_url = rows_text(a, &rows, 0, 6);
	}
	pg_done(&rows);
	return c->store_id == 0 ? 0
	                        : app_open(a, c->key, c->store_id, &c->app, e);
}

static struct pg_params
claim_params(struct arena *a, const struct app_claim *c)
{
	struct pg_params p = { .arena = a };

	pg_bigint(&p, c->tenant_id);
	pg_bigint(&p, c->store_id);
	pg_instant(&p, c->leased_until);
	return p;
}

static struct str
seal_of(struct arena *a, const struct app_claim *c, const char *kind,
    struct str plain)
{
	return seal(a, c->key, store_seal_name(a, c->store_id, kind), plain);
}

static int
token_put(struct pg *pg, struct arena *a, const struct app_claim *c,
    const struct token_answer *answer, bool *lost, struct err *e)
{
	struct pg_params p = { .arena = a };
	size_t n;

	pg_bigint(&p, c->tenant_id);
	pg_bigint(&p, c->store_id);
	pg_str(&p, seal_of(a, c, SEAL_TOKEN, answer->token));
	pg_text(&p, c->api_url);
	if (pg_ask_count(pg, SQL_TOKEN_PUT, &p, &n, e) == -1)
		return -1;
	*lost = n == 0;
	return *lost ? 0 : pg_tell(pg, SQL_STORES_NOTIFY, NULL, e);
}

static int
app_put(struct pg *pg, struct arena *a, const struct app_claim *c,
    const struct token_answer *answer, bool *lost, struct err *e)
{
	const struct outbox_wake wake = { c->tenant_id, c->store_id, false };
	struct pg_params p = claim_params(a, c);
	size_t n;

	pg_str(&p, seal_of(a, c, SEAL_APP, answer->app));
	pg_bigint(&p, token_renew_ms(answer));
	if (pg_ask_count(pg, SQL_APP_RENEWED, &p, &n, e) == -1)
		return -1;
	*lost = n == 0;
	return *lost ? 0 : outbox_wake(pg, a, &wake, &n, e);
}

/* The store's row comes first, as when an operator changes the store. */
int
app_renewed(struct pg *pg, struct arena *a, const struct app_claim *c,
    const struct token_answer *answer, bool *lost, struct err *e)
{
	bool done;

	*lost = false;
	if (pg_begin(pg, e) == -1)
		return -1;
	done = token_put(pg, a, c, answer, lost, e) == 0 &&
	       (*lost || app_put(pg, a, c, answer, lost, e) == 0);
	if (!*lost)
		return pg_end(pg, done, e);
	pg_rollback(pg);
	return 0;
}

int
app_failed(struct pg *pg, struct arena *a, const struct app_claim *c,
    const char *why, int64_t again_ms, struct err *e)
{
	struct pg_params p = claim_params(a, c);

	pg_text(&p, why);
	pg_bigint(&p, again_ms);
	return pg_tell(pg, SQL_APP_FAILED, &p, e);
}

int
app_refused(struct pg *pg, struct arena *a, const struct token_used *u,
    bool *replaced, struct err *e)
{
	const struct outbox_wake wake = { u->tenant_id, u->store_id, false };
	struct pg_params p = { .arena = a };
	size_t n;

	pg_bigint(&p, u->tenant_id);
	pg_bigint(&p, u->store_id);
	pg_bigint(&p, u->row_version);
	if (rows_ask_bool(pg, SQL_STORE_IS_CHANGED, &p, replaced, e) == -1)
		return -1;
	if (*replaced) {
		if (pg_begin(pg, e) == -1)
			return -1;
		return pg_end(pg, outbox_wake(pg, a, &wake, &n, e) == 0, e);
	}
	p = (struct pg_params){ .arena = a };
	pg_bigint(&p, u->tenant_id);
	pg_bigint(&p, u->store_id);
	pg_bigint(&p, APP_AGAIN_MS);
	return pg_tell(pg, SQL_APP_REFUSED, &p, e);
}

int
app_get(struct pg *pg, struct arena *a, const struct master_key *key,
    const struct store *s, struct app_known *app, struct err *e)
{
	struct pg_params p = { .arena = a };
	struct pg_rows rows;

	*app = (struct app_known){ 0 };
	pg_bigint(&p, s->tenant_id);
	pg_bigint(&p, s->store_id);
	if (pg_ask(pg, SQL_APP_GET, &p, &rows, e) == -1)
		return -1;
	if (rows.n > 0) {
		app->text = rows_str(a, &rows, 0, 0);
		app->last_error = rows_text(a, &rows, 0, 1);
	}
	pg_done(&rows);
	return app->text.len == 0
	           ? 0
	           : app_open(a, key, s->store_id, &app->text, e);
}
