/* SPDX-License-Identifier: MIT */
#include "ledger/program_edit.h"
#include "base/money.h"
#include "io/zone.h"
#include "ledger/columns.h"
#include "ledger/rows.h"
#include "ledger/stmts.h"
#include "wire/program/program.h"
#include "wire/sign.h"

static int
read_file(struct arena *a, const struct program_new *n, struct program *out,
    struct err *e)
{
	struct program_setting set = { .currency = n->currency,
		.exponent = currency_exponent(n->currency) };
	struct zone zone;

	if (set.exponent == -1)
		return err_set(e, FAULT_REJECT,
		    "\"%s\" is no currency; one is EUR", n->currency);
	if (zone_load(a, n->timezone, &zone, e) == -1)
		return -1;
	set.zone = &zone;
	if (program_parse(a, n->file, &set, out, e) == -1)
		return err_wrap(e, "the program file is refused");
	return 0;
}

/* The version that was published last. */
struct newest {
	int32_t version_id; /* 0: no version was published */
	int64_t effective_from;
	bool same;
};

static int
newest_load(struct pg *pg, struct arena *a, const struct program_new *n,
    struct str sha, struct newest *out, struct err *e)
{
	struct pg_params p = { .arena = a };
	struct pg_rows rows;

	*out = (struct newest){ 0 };
	pg_bigint(&p, n->tenant_id);
	pg_bigint(&p, n->store_id);
	if (pg_ask(pg, SQL_PROGRAM_NEWEST, &p, &rows, e) == -1)
		return -1;
	if (rows.n > 0)
		*out = (struct newest){
			.version_id = (int32_t)pg_get_bigint(&rows, 0, 0),
			.same = str_eq(pg_get_str(&rows, 0, 1), sha),
			.effective_from = pg_get_instant(&rows, 0, 2),
		};
	pg_done(&rows);
	return 0;
}

/* Adds the program's wallets to those of the tenant, and the wallet "charity",
 * which holds the money that is owed to charities. */
static int
wallets_add(struct pg *pg, struct arena *a, const struct program_new *n,
    const struct program *program, struct err *e)
{
	struct columns c = { .arena = a };
	struct pg_params p = { .arena = a };

	for (size_t i = 0; i < program->nwallets; i++) {
		columns_text(&c, program->wallets[i].id);
		columns_int(&c, (int32_t)program->wallets[i].unit);
		columns_int(&c, program->exponent);
		columns_end_row(&c);
	}
	if (program_wallet(program, "charity") == NONE) {
		columns_text(&c, "charity");
		columns_int(&c, UNIT_MONEY);
		columns_int(&c, program->exponent);
		columns_end_row(&c);
	}
	pg_bigint(&p, n->tenant_id);
	columns_bind(&c, &p);
	return pg_tell(pg, SQL_WALLET_ADD, &p, e);
}

static int
version_add(struct pg *pg, struct arena *a, const struct program_new *n,
    int32_t version, struct str sha, struct err *e)
{
	struct pg_params p = { .arena = a };

	pg_bigint(&p, n->tenant_id);
	pg_bigint(&p, n->store_id);
	pg_bigint(&p, version);
	pg_str(&p, sha);
	pg_str(&p, n->file);
	pg_instant(&p, n->effective_from);
	return pg_tell(pg, SQL_PROGRAM_ADD, &p, e);
}

/* Makes the timelines due that the program changes: those of all members if the
 * program looks beyond one order, else those of members who have a timeline
 * already. */
static int
members_wake(struct pg *pg, struct arena *a, const struct program_new *n,
    bool all, struct err *e)
{
	struct pg_params p = { .arena = a };

	pg_bigint(&p, n->tenant_id);
	pg_instant(&p, n->effective_from);
	pg_bool(&p, all);
	return pg_tell(pg, SQL_STATE_WAKE_ALL, &p, e);
}

int
program_add(struct pg *pg, struct arena *a, const struct program_new *n,
    struct program_added *out, struct err *e)
{
	struct program *program = arena_alloc(a, sizeof(*program));
	uint8_t digest[32];
	struct str sha = { (const char *)digest, sizeof(digest) };
	struct newest last;

	if (read_file(a, n, program, e) == -1)
		return -1;
	sha256(n->file, digest);
	if (newest_load(pg, a, n, sha, &last, e) == -1)
		return -1;
	if (last.same) {
		*out = (struct program_added){ .version = last.version_id,
			.effective_from = last.effective_from };
		return 0;
	}
	if (n->effective_from != 0 && n->effective_from < last.effective_from)
		return err_set(e, FAULT_REJECT,
		    "version %d comes into effect later than that: see loyald "
		    "program list",
		    last.version_id);
	*out = (struct program_added){ .version = last.version_id + 1,
		.fresh = true };
	if (version_add(pg, a, n, out->version, sha, e) == -1 ||
	    wallets_add(pg, a, n, program, e) == -1)
		return -1;
	return members_wake(pg, a, n, !program->plain, e);
}

/* ---- the programs of a store --------------------------------------------- */

static int
store_of_new(
    struct pg *pg, struct arena *a, struct program_new *n, struct err *e)
{
	struct pg_params p = { .arena = a };
	struct pg_rows rows;

	pg_bigint(&p, n->store_id);
	if (pg_ask(pg, SQL_STORE_LOCK, &p, &rows, e) == -1)
		return -1;
	if (rows.n > 0) {
		n->tenant_id = pg_get_bigint(&rows, 0, 0);
		n->currency = rows_text(a, &rows, 0, 1);
		n->timezone = rows_text(a, &rows, 0, 3);
	}
	pg_done(&rows);
	if (n->tenant_id == 0)
		return err_set(e, FAULT_REJECT,
		    "there is no store %lld: see loyald store list",
		    (long long)n->store_id);
	return 0;
}

int
program_publish(struct pg *pg, struct arena *a, const struct program_new *new,
    struct program_added *out, struct err *e)
{
	struct program_new n = *new;

	if (pg_begin(pg, e) == -1)
		return -1;
	return pg_end(pg,
	    store_of_new(pg, a, &n, e) == 0 &&
	        program_add(pg, a, &n, out, e) == 0 &&
	        pg_tell(pg, SQL_STORES_NOTIFY, NULL, e) == 0,
	    e);
}

int
programs_list(struct pg *pg, struct arena *a, int64_t store_id,
    struct program_row **out, size_t *n, struct err *e)
{
	struct pg_params p = { .arena = a };
	struct pg_rows rows;
	struct program_row *list;

	pg_bigint(&p, store_id);
	if (pg_ask(pg, SQL_PROGRAMS_LIST, &p, &rows, e) == -1)
		return -1;
	list = arena_array(a, (size_t)rows.n + 1, sizeof(*list));
	for (int i = 0; i < rows.n; i++)
		list[i] = (struct program_row){
			.version_id = (int32_t)pg_get_bigint(&rows, i, 0),
			.effective_from = pg_get_instant(&rows, i, 1),
			.created_at = pg_get_instant(&rows, i, 2),
			.sha256 = rows_text(a, &rows, i, 3),
			.file = rows_str(a, &rows, i, 4),
		};
	*out = list;
	*n = (size_t)rows.n;
	pg_done(&rows);
	return 0;
}
