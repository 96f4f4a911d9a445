/* SPDX-License-Identifier: MIT */
#include <inttypes.h>
#include <string.h>

#include "core/benefit_way.h"
#include "io/clock.h"
#include "ledger/benefits.h"
#include "ledger/columns.h"
#include "ledger/rows.h"
#include "ledger/stmts.h"
#include "wire/shop/benefit.h"
#include "wire/sign.h"

/* ---- what is wanted ------------------------------------------------------ */

enum {
	STORES_AT_ONCE = 100, /* of one statement */
};

static void
want(struct columns *rows, const struct store *s, const char *benefit,
    const char *wanted)
{
	columns_bigint(rows, s->tenant_id);
	columns_bigint(rows, s->store_id);
	columns_text(rows, benefit);
	columns_text(rows, wanted);
	columns_end_row(rows);
}

/* Adds what a store's program wants to the rows, and returns it as a text. */
static const char *
store_wants(
    const struct catalog *c, const struct store *s, struct columns *rows)
{
	const struct program_version *v = programs_find(
	    c->programs, c->nprograms, s->store_id, 0, clock_now());
	const char *text = "";

	if (v != NULL && v->program == NULL)
		return text; /* a program that cannot be read changes nothing */
	want(rows, s, NULL, NULL);
	for (size_t i = 0; v != NULL && i < v->program->nbenefits; i++) {
		const struct benefit *b = &v->program->benefits[i];
		const char *wanted;

		if (benefit_form(v->program, i, s->platform) !=
		    BENEFIT_AUTOMATIC)
			continue;
		wanted = benefit_digest(rows->arena, b, v->program->currency);
		want(rows, s, b->id, wanted);
		text = arena_printf(
		    rows->arena, "%s %s %s", text, b->id, wanted);
	}
	return text;
}

/* Writes a digest of all that is wanted of all shops. */
static void
all_wants(const struct catalog *c, struct arena *a, uint8_t digest[32])
{
	char before[2 * 32 + 1];
	struct columns rows;

	memset(digest, 0, 32);
	for (size_t i = 0; i < c->nstores; i++) {
		const struct store *s = &c->stores[i];

		arena_reset(a);
		columns_init(&rows, a);
		hex_encode(digest, 32, before);
		sha256(str_of(arena_printf(a, "%s %" PRId64 "%s", before,
		           s->store_id, store_wants(c, s, &rows))),
		    digest);
	}
}

int
benefits_want(struct benefits_told *told, const struct catalog *c,
    struct arena *a, struct err *e)
{
	uint8_t digest[32];
	struct columns rows;

	all_wants(c, a, digest);
	if (told->session == c->session &&
	    memcmp(told->digest, digest, sizeof(digest)) == 0)
		return 0;
	for (size_t i = 0; i < c->nstores;) {
		size_t end = i + STORES_AT_ONCE;

		arena_reset(a);
		columns_init(&rows, a);
		for (; i < c->nstores && i < end; i++)
			(void)store_wants(c, &c->stores[i], &rows);
		if (columns_tell(c->pg, SQL_BENEFITS_WANT, &rows, e) == -1)
			return -1;
	}
	memcpy(told->digest, digest, sizeof(digest));
	told->session = c->session;
	return 0;
}

/* ---- rows ---------------------------------------------------------------- */

/* Columns in the result of benefit_due.sql. */
enum {
	COL_BENEFIT,
	COL_WANTED,
	COL_MADE,
	COL_TITLE,
	COL_MADE_AS,
	COL_SEGMENT_AS,
	COL_DOUBT_UNTIL,
	COL_TRIES,
	COL_NOW,
};

static int
store_claim(struct pg *pg, struct arena *a, int64_t lease_ms,
    struct reward_claim *c, bool *found, struct err *e)
{
	struct pg_params p = { .arena = a };
	struct pg_rows rows;

	pg_bigint(&p, lease_ms);
	if (pg_ask(pg, SQL_BENEFIT_LEASE, &p, &rows, e) == -1)
		return -1;
	*found = rows.n > 0;
	if (*found)
		reward_lease_read(&rows, c);
	pg_done(&rows);
	return 0;
}

static struct pg_params
store_params(struct arena *a, const struct benefit_claim *c)
{
	struct pg_params p = { .arena = a };

	pg_bigint(&p, c->store.tenant_id);
	pg_bigint(&p, c->store.store_id);
	return p;
}

int
benefit_claim(struct pg *pg, struct arena *a, int64_t lease_ms,
    struct benefit_claim *c, bool *found, struct err *e)
{
	struct pg_params p;
	struct pg_rows rows;

	if (store_claim(pg, a, lease_ms, &c->store, found, e) == -1)
		return -1;
	if (!*found)
		return 0;
	p = store_params(a, c);
	if (pg_ask(pg, SQL_BENEFIT_DUE, &p, &rows, e) == -1)
		return -1;
	*found = rows.n > 0;
	if (*found) {
		c->row = (struct benefit_row){
			.benefit = rows_text(a, &rows, 0, COL_BENEFIT),
			.wanted = rows_text(a, &rows, 0, COL_WANTED),
			.made = rows_text(a, &rows, 0, COL_MADE),
			.title = rows_text(a, &rows, 0, COL_TITLE),
			.made_as = rows_text(a, &rows, 0, COL_MADE_AS),
			.segment_as = rows_text(a, &rows, 0, COL_SEGMENT_AS),
			.doubt_until = pg_get_instant(
			    &rows, 0, COL_DOUBT_UNTIL),
			.tries = (int32_t)pg_get_bigint(&rows, 0, COL_TRIES),
			.state = BENEFIT_WAITS,
		};
		c->store.now = pg_get_instant(&rows, 0, COL_NOW);
	}
	pg_done(&rows);
	return 0;
}

int
benefit_write(struct pg *pg, struct arena *a, const struct benefit_claim *c,
    struct err *e)
{
	const struct benefit_row *r = &c->row;
	struct pg_params p = store_params(a, c);

	pg_text(&p, r->benefit);
	pg_text(&p, r->wanted);
	pg_text(&p, r->made);
	pg_text(&p, r->title);
	pg_text(&p, r->made_as);
	pg_text(&p, r->segment_as);
	pg_bigint(&p, r->state);
	pg_instant(&p, r->doubt_until);
	pg_instant(&p, r->right_at);
	pg_bigint(&p, r->tries);
	pg_text(&p, r->why);
	pg_instant(&p, r->push_at);
	pg_instant(&p, c->store.now);
	return pg_tell(pg, SQL_BENEFIT_PUT, &p, e);
}

int
benefit_forget(struct pg *pg, struct arena *a, const struct benefit_claim *c,
    struct err *e)
{
	struct pg_params p = store_params(a, c);

	pg_text(&p, c->row.benefit);
	return pg_tell(pg, SQL_BENEFIT_GONE, &p, e);
}

/* ---- for operators ------------------------------------------------------- */

/* Columns in the result of benefit_list.sql. */
enum {
	LIST_BENEFIT,
	LIST_IS_WANTED,
	LIST_STATE,
	LIST_RIGHT_AT,
	LIST_WHY,
};

int
benefits_list(struct pg *pg, struct arena *a, const struct store *s,
    struct benefit_shown **list, size_t *n, struct err *e)
{
	struct pg_params p = { .arena = a };
	struct pg_rows rows;

	pg_bigint(&p, s->tenant_id);
	pg_bigint(&p, s->store_id);
	if (pg_ask(pg, SQL_BENEFIT_LIST, &p, &rows, e) == -1)
		return -1;
	*n = (size_t)rows.n;
	*list = arena_array(a, *n, sizeof(**list));
	for (int i = 0; i < rows.n; i++)
		(*list)[i] = (struct benefit_shown){
			.benefit = rows_text(a, &rows, i, LIST_BENEFIT),
			.is_wanted = pg_get_bool(&rows, i, LIST_IS_WANTED),
			.state = (enum benefit_state)pg_get_bigint(
			    &rows, i, LIST_STATE),
			.right_at = pg_get_instant(&rows, i, LIST_RIGHT_AT),
			.why = rows_text(a, &rows, i, LIST_WHY),
		};
	pg_done(&rows);
	return 0;
}

const char *
benefit_is(const struct benefit_shown *b)
{
	static const char *const names[] = { [BENEFIT_WAITS] = "waiting",
		[BENEFIT_IS_RIGHT] = "right",
		[BENEFIT_REFUSED] = "refused" };

	return b->is_wanted ? names[b->state] : "leaving";
}
