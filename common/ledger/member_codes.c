/* SPDX-License-Identifier: MIT */
#include <inttypes.h>
#include <stdlib.h>

#include "ledger/member_codes.h"
#include "ledger/owner.h"
#include "ledger/rows.h"
#include "ledger/stmts.h"

enum {
	/* Tries to find a code that nobody has: more than are ever needed. */
	TRIES_MAX = 20,
};

/* ---- for operators ------------------------------------------------------- */

static struct pg_params
member_params(struct arena *a, struct member_key key)
{
	struct pg_params p = { .arena = a };

	pg_bigint(&p, key.tenant_id);
	pg_bigint(&p, key.member_id);
	return p;
}

static int
ask_code(struct pg *pg, int stmt, struct pg_params *p, struct str *code,
    struct err *e)
{
	struct pg_rows rows;

	*code = (struct str){ 0 };
	if (pg_ask(pg, stmt, p, &rows, e) == -1)
		return -1;
	if (rows.n > 0)
		*code = rows_str(p->arena, &rows, 0, 0);
	pg_done(&rows);
	return 0;
}

int
code_get(struct pg *pg, struct arena *a, struct member_key key,
    struct str *code, struct err *e)
{
	struct pg_params p = member_params(a, key);

	return ask_code(pg, SQL_MEMBER_CODE_GET, &p, code, e);
}

int
code_add(struct pg *pg, struct arena *a, struct member_key key,
    struct str *code, struct err *e)
{
	char plain[MEMBER_CODE_PLAIN_SIZE];
	uint8_t random[MEMBER_CODE_BYTES];

	for (int i = 0; i < TRIES_MAX; i++) {
		struct pg_params p = member_params(a, key);

		random_bytes(random, sizeof(random));
		member_code_make(random, plain);
		pg_text(&p, plain);
		if (ask_code(pg, SQL_MEMBER_CODE_ADD, &p, code, e) == -1)
			return -1;
		if (code->len > 0)
			return 0;
	}
	return err_set(e, FAULT_RETRY,
	    "each of %d codes is somebody's already: try again", TRIES_MAX);
}

int
code_revoke(struct pg *pg, struct arena *a, struct member_key key, size_t *n,
    struct err *e)
{
	struct pg_params p = member_params(a, key);

	return pg_ask_count(pg, SQL_MEMBER_CODE_REVOKE, &p, n, e);
}

/* ---- for what happens ---------------------------------------------------- */

/* Columns in the result of member_code_find.sql. */
enum {
	COL_MEMBER,
	COL_REVOKED_AT,
	COL_KIND,
	COL_VALUE,
	COL_ORDER_KNOWN,
};

struct found {
	int64_t member_id;
	int64_t revoked_at;   /* 0: the code is good */
	enum owner_kind kind; /* of the name in the store */
	struct str value;
	bool order_known;
};

/* Finds who has a code.  REJECT if nobody has, or if it is of another store's
 * customer. */
static int
find(const struct world *w, const struct store *store, const char *code,
    int64_t order_id, struct found *f, struct err *e)
{
	struct pg_params p = { .arena = w->arena };
	struct pg_rows rows;

	*f = (struct found){ 0 };
	pg_bigint(&p, store->tenant_id);
	pg_bigint(&p, store->store_id);
	pg_text(&p, code);
	pg_bigint(&p, order_id);
	if (pg_ask(w->pg, SQL_MEMBER_CODE_FIND, &p, &rows, e) == -1)
		return -1;
	if (rows.n > 0)
		*f = (struct found){
			.member_id = pg_get_bigint(&rows, 0, COL_MEMBER),
			.revoked_at = pg_get_instant(&rows, 0, COL_REVOKED_AT),
			.kind = (enum owner_kind)pg_get_bigint(
			    &rows, 0, COL_KIND),
			.value = rows_str(w->arena, &rows, 0, COL_VALUE),
			.order_known = pg_get_bool(&rows, 0, COL_ORDER_KNOWN),
		};
	pg_done(&rows);
	if (f->member_id == 0)
		return err_set(e, FAULT_REJECT,
		    "refused: nobody has the member code that was shown");
	if (f->kind == OWNER_NOBODY && !store->shares)
		return err_set(e, FAULT_REJECT,
		    "refused: the member code that was shown is of a customer "
		    "whom store %" PRId64 " does not know",
		    store->store_id);
	return 0;
}

static int
revoked(struct err *e)
{
	return err_set(e, FAULT_REJECT,
	    "refused: the member code that was shown is revoked: loyald member "
	    "code prints the one of now");
}

static int
find_fact(const struct world *w, const struct store *store, struct told_fact *t,
    struct err *e)
{
	const struct fact *f = &t->fact;
	struct found found;

	if (t->code == NULL)
		return 0;
	if (find(w, store, t->code, 0, &found, e) == -1)
		return -1;
	if (found.revoked_at != 0 && f->at >= found.revoked_at &&
	    f->kind != FACT_CAPTURE && f->kind != FACT_RELEASE)
		return revoked(e);
	t->member_id = found.member_id;
	return 0;
}

static int
find_order(const struct world *w, const struct store *store, const char *code,
    struct order *o, struct err *e)
{
	int64_t at = o->created_at != 0 ? o->created_at : o->modified_at;
	struct found found;

	if (find(w, store, code, o->id, &found, e) == -1)
		return -1;
	if (found.revoked_at != 0 && at >= found.revoked_at &&
	    !found.order_known)
		return revoked(e);
	if (found.kind == OWNER_CUSTOMER)
		o->customer_id = strtoll(found.value.data, NULL, 10);
	else if (found.kind != OWNER_GUEST ||
	         hex_decode(
	             found.value, o->email_hash, sizeof(o->email_hash)) == -1)
		return err_set(e, FAULT_REJECT,
		    "refused: the member whose code was shown is no customer "
		    "of store %" PRId64 " yet: send the order with an e-mail "
		    "address",
		    store->store_id);
	return 0;
}

int
codes_find(const struct world *w, const struct store *store, struct event *ev,
    struct err *e)
{
	for (size_t i = 0; i < ev->nfacts; i++)
		if (find_fact(w, store, &ev->facts[i], e) == -1)
			return -1;
	if (ev->code == NULL)
		return 0;
	ev->packed = (struct str){ 0 };
	return find_order(w, store, ev->code, &ev->order, e);
}

int
codes_move(const struct world *w, int64_t tenant_id, int64_t from, int64_t to,
    struct err *e)
{
	struct pg_params p = { .arena = w->arena };

	pg_bigint(&p, tenant_id);
	pg_bigint(&p, from);
	pg_bigint(&p, to);
	return pg_tell(w->pg, SQL_MEMBER_CODE_MOVE, &p, e);
}
