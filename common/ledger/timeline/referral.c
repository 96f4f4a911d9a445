/* SPDX-License-Identifier: MIT */
/*
 * Judges which referrals count.  A referral is in two timelines, that of the
 * referrer and that of the friend.  Whether the referral counts depends on the
 * friend's order and on all other referrals of the friend.
 */
#include <string.h>

#include "core/referral.h"
#include "ledger/columns.h"
#include "ledger/rows.h"
#include "ledger/stmts.h"
#include "ledger/timeline/internal.h"
#include "wire/fact_json.h"
#include "wire/shop/events.h"

/* A referral, and the tenant to which the referred friend belongs. */
struct judged {
	int64_t tenant_id;
	struct referral referral;
};

static bool
is_side(const struct fact *f, const char *type)
{
	return f->kind == FACT_EVENT && strcmp(f->type, type) == 0;
}

/* A referral consists of two facts, one of the referrer and one of the friend.
 * The id of the friend's fact is made from the id of the referrer's fact.
 * Returns the id of the friend's fact, whichever of the two facts is given. */
static const char *
friends_id(struct arena *a, const struct fact *f)
{
	return is_side(f, "referred")
	           ? f->id
	           : arena_printf(a, "%s" REFERRED_AFTER, f->id);
}

/* ---- loading ------------------------------------------------------------- */

/* Columns in the result of referral_load.sql. */
enum {
	LOAD_TENANT,
	LOAD_FRIEND,
	LOAD_STORE,
	LOAD_ID,
	LOAD_REFERRER,
	LOAD_FACTS,
	LOAD_ORDERED_BY,
	LOAD_RECORD,
	LOAD_ORDER,
	LOAD_VERSION,
};

/* Reads the order that a referral is tied to, in the same way as a timeline
 * reads orders.  An order without a program is left out, because it earns
 * nothing. */
static int
read_order(const struct timeline_batch *b, const struct pg_rows *rows, int row,
    struct referral *r, struct err *e)
{
	const struct world *w = b->world;
	struct str text = rows_order(rows, row, LOAD_RECORD);
	struct kept_fact *k;
	struct order *o;

	if (text.len == 0)
		return 0;
	if (timeline_order(w->arena, text, &o, e) == -1)
		return err_wrap(e, "the order of referral %s", r->id);
	k = arena_alloc(w->arena, sizeof(*k));
	*k = (struct kept_fact){
		.version_id = (int32_t)pg_get_bigint(rows, row, LOAD_VERSION),
		.fact = { .kind = FACT_ORDER,
		    .at = o->created_at,
		    .store_id = r->store_id,
		    .order = o },
	};
	timeline_attach(w, k);
	if (k->fact.program != NULL)
		r->order = &k->fact;
	return 0;
}

static int
read_row(const struct timeline_batch *b, const struct pg_rows *rows, int row,
    struct judged *out, struct err *e)
{
	struct arena *a = b->world->arena;
	struct referral *r = &out->referral;
	struct fact f;

	*out = (struct judged){
		.tenant_id = pg_get_bigint(rows, row, LOAD_TENANT),
		.referral = {
			.store_id = pg_get_bigint(rows, row, LOAD_STORE),
			.id = rows_text(a, rows, row, LOAD_ID),
			.referrer = pg_get_bigint(rows, row, LOAD_REFERRER),
			.friend = pg_get_bigint(rows, row, LOAD_FRIEND),
			.ordered_by = pg_get_bigint(rows, row, LOAD_ORDERED_BY),
		},
	};
	if (fact_parse(a, pg_get_str(rows, row, LOAD_FACTS), &f, e) == -1)
		return err_wrap(e, "the fact kept as %s", r->id);
	r->at = f.at;
	r->is_tied = f.tied_to != NULL;
	return r->is_tied ? read_order(b, rows, row, r, e) : 0;
}

static void
judge(struct arena *a, struct judged *list, size_t n)
{
	struct referral *group = arena_array(a, n + 1, sizeof(*group));

	for (size_t from = 0, to; from < n; from = to) {
		for (to = from;
		     to < n && list[to].tenant_id == list[from].tenant_id &&
		     list[to].referral.friend == list[from].referral.friend;
		     to++)
			group[to - from] = list[to].referral;
		referrals_judge(a, group, to - from);
		for (size_t i = from; i < to; i++)
			list[i].referral = group[i - from];
	}
}

static int
load(struct timeline_batch *b, const struct columns *c, struct judged **out,
    size_t *n, struct err *e)
{
	struct arena *a = b->world->arena;
	struct pg_rows rows;
	int ret = 0;

	if (columns_ask(b->world->pg, SQL_REFERRAL_LOAD, c, &rows, e) == -1)
		return -1;
	*out = arena_array(a, (size_t)rows.n + 1, sizeof(**out));
	*n = 0;
	for (int row = 0; row < rows.n && ret == 0; row++)
		ret = read_row(b, &rows, row, &(*out)[(*n)++], e);
	pg_done(&rows);
	if (ret == 0)
		judge(a, *out, *n);
	return ret;
}

/* ---- facts --------------------------------------------------------------- */

/* Sets, for a fact that is one side of a referral, whether and until when the
 * referral counts. */
static void
set_judgement(struct arena *a, int64_t tenant_id, struct fact *f,
    const struct judged *list, size_t n)
{
	const char *id = friends_id(a, f);

	for (size_t i = 0; i < n; i++) {
		const struct referral *r = &list[i].referral;
		size_t len = strlen(r->id);

		if (list[i].tenant_id != tenant_id ||
		    r->store_id != f->store_id ||
		    strncmp(r->id, id, len) != 0 ||
		    strcmp(id + len, REFERRED_AFTER) != 0)
			continue;
		f->nothing = r->nothing;
		f->undone_at = r->undone_at;
		return;
	}
}

int
timeline_referrals(struct timeline_batch *b, struct err *e)
{
	struct arena *a = b->world->arena;
	struct judged *list;
	struct columns c = { .arena = a };
	size_t n;

	for (size_t i = 0; i < b->n; i++)
		for (size_t j = 0; j < b->members[i].nfacts; j++) {
			const struct fact *f = &b->members[i].facts[j].fact;

			if (!is_side(f, "referral") && !is_side(f, "referred"))
				continue;
			columns_bigint(&c, b->members[i].key.tenant_id);
			columns_bigint(&c, f->store_id);
			columns_int(&c, FACT_EVENT);
			columns_text(&c, friends_id(a, f));
			columns_end_row(&c);
		}
	if (c.n == 0)
		return 0;
	if (load(b, &c, &list, &n, e) == -1)
		return -1;
	for (size_t i = 0; i < b->n; i++)
		for (size_t j = 0; j < b->members[i].nfacts; j++) {
			struct fact *f = &b->members[i].facts[j].fact;

			if (is_side(f, "referral") || is_side(f, "referred"))
				set_judgement(
				    a, b->members[i].key.tenant_id, f, list, n);
		}
	return 0;
}
