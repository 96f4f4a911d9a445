/* SPDX-License-Identifier: MIT */
/* Loads and saves the facts that a batch reports.  A fact is something that
 * happened to a member, but not an order. */
#include <assert.h>
#include <stdio.h>

#include "ledger/batch/internal.h"
#include "ledger/columns.h"
#include "ledger/locks.h"
#include "ledger/referrals.h"
#include "ledger/stmts.h"

int64_t
fact_key(const struct fact_news *f)
{
	int64_t key = lock_key(LOCK_FACT, f->store);

	key = lock_key_mix(key, f->told->fact.kind);
	for (const char *c = f->told->fact.id; *c != '\0'; c++)
		key = lock_key_mix(key, *c);
	return key;
}

/* Sets the owner of a fact: nobody if the fact names a member, else the customer if
 * the fact names a customer, else the guest. */
static void
owner_of_fact(struct fact_news *f)
{
	const struct told_fact *t = f->told;

	if (t->member_id != 0) {
		owner_set(&f->owner, f->store, OWNER_NOBODY);
		return;
	}
	if (t->customer != NULL) {
		owner_set(&f->owner, f->store, OWNER_CUSTOMER);
		(void)snprintf(
		    f->owner.value, sizeof(f->owner.value), "%s", t->customer);
		return;
	}
	owner_set(&f->owner, f->store, OWNER_GUEST);
	hex_encode(t->email_hash, sizeof(t->email_hash), f->owner.value);
}

/* Columns in the result of fact_load.sql. */
enum {
	KNOWN_I,
	KNOWN_FACTS,
	KNOWN_OWNER_KIND,
	KNOWN_OWNER_VALUE,
};

static bool
is_as_known(const struct fact_news *f, const struct pg_rows *rows, int row)
{
	return str_eq(f->facts, pg_get_str(rows, row, KNOWN_FACTS)) &&
	       (int64_t)f->owner.kind ==
	           pg_get_bigint(rows, row, KNOWN_OWNER_KIND) &&
	       str_eq(str_of(f->owner.value),
	           pg_get_str(rows, row, KNOWN_OWNER_VALUE));
}

int
facts_load(const struct world *w, struct batch *b, struct err *e)
{
	size_t n = b->nfacts;
	struct columns c = { .arena = w->arena };
	struct pg_rows rows;

	if (n == 0)
		return 0;
	for (size_t i = 0; i < n; i++) {
		owner_of_fact(&b->facts[i]);
		columns_bigint(&c, b->facts[i].store->tenant_id);
		columns_bigint(&c, b->facts[i].store->store_id);
		columns_int(&c, (int32_t)b->facts[i].told->fact.kind);
		columns_text(&c, b->facts[i].told->fact.id);
		columns_end_row(&c);
	}
	if (columns_ask(w->pg, SQL_FACT_LOAD, &c, &rows, e) == -1)
		return -1;
	for (int row = 0; row < rows.n; row++) {
		size_t i = (size_t)pg_get_bigint(&rows, row, KNOWN_I) - 1;
		struct fact_news *f = &b->facts[i];

		assert(i < n);
		f->unchanged = true;
		f->clash = f->alone && !is_as_known(f, &rows, row);
	}
	pg_done(&rows);
	return 0;
}

/* Saves, for each new fact that is tied to an order (such as a referral), the
 * numbers that this order may have. */
static int
save_ties(const struct world *w, const struct batch *b, struct err *e)
{
	struct columns c = { .arena = w->arena };

	for (size_t i = 0; i < b->nfacts; i++) {
		const struct fact_news *f = &b->facts[i];
		int64_t ids[TIED_ORDERS_MAX];
		size_t n = f->unchanged ? 0
		                        : referral_orders(&f->told->fact, ids);

		for (size_t j = 0; j < n; j++) {
			columns_bigint(&c, f->store->tenant_id);
			columns_bigint(&c, f->store->store_id);
			columns_bigint(&c, ids[j]);
			columns_text(&c, f->told->fact.id);
			columns_end_row(&c);
		}
	}
	return columns_tell(w->pg, SQL_FACT_ORDER_ADD, &c, e);
}

int
facts_save(const struct world *w, const struct batch *b, struct err *e)
{
	struct columns c = { .arena = w->arena };

	for (size_t i = 0; i < b->nfacts; i++) {
		const struct fact_news *f = &b->facts[i];

		if (f->unchanged)
			continue;
		columns_bigint(&c, f->store->tenant_id);
		columns_bigint(&c, f->store->store_id);
		columns_int(&c, (int32_t)f->told->fact.kind);
		columns_text(&c, f->told->fact.id);
		columns_bigint(&c, f->member_id);
		columns_int(&c, (int32_t)f->owner.kind);
		columns_text(
		    &c, f->owner.kind != OWNER_NOBODY ? f->owner.value : NULL);
		columns_instant(&c, f->told->fact.at);
		columns_str(&c, f->facts);
		columns_end_row(&c);
	}
	if (columns_tell(w->pg, SQL_FACT_ADD, &c, e) == -1)
		return -1;
	return save_ties(w, b, e);
}

int
facts_move(const struct world *w, const struct store *store, int64_t from,
    int64_t to, struct err *e)
{
	struct pg_params p = { .arena = w->arena };

	if (codes_move(w, store->tenant_id, from, to, e) == -1)
		return -1;
	pg_bigint(&p, store->tenant_id);
	pg_bigint(&p, store->store_id);
	pg_bigint(&p, from);
	pg_bigint(&p, to);
	return pg_tell(w->pg, SQL_FACT_MOVE, &p, e);
}
