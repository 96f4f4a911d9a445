/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "base/instant.h"
#include "ledger/columns.h"
#include "ledger/profiles.h"
#include "ledger/rows.h"
#include "ledger/stmts.h"
#include "wire/json.h"

static size_t
item_of(const struct outbox_claim *c, int64_t member_id)
{
	size_t i = 0;

	while (i < c->n && c->member_ids[i] != member_id)
		i++;
	return i;
}

/* ---- what is known ------------------------------------------------------- */

/* Reads {"gold": {"until": "2026-12-31T23:00:00Z", "active": true}}, as
 * timeline/save.c writes it. */
static int
read_memberships(
    struct arena *a, struct str json, struct profile_known *out, struct err *e)
{
	struct profile_membership *list;
	struct value root, m = { 0 };

	if (json.data == NULL)
		return 0;
	root = body_load(a, json, e);
	if (!value_exists(root))
		return -1;
	list = arena_array(a, value_size(root) + 1, sizeof(*list));
	while (value_next(root, &m)) {
		struct str key = value_key(m);
		struct str until = value_text(value_get(m, "until"));
		struct profile_membership *to = &list[out->nmemberships++];

		to->id = arena_memdup(a, key.data, key.len);
		to->active = value_is(value_get(m, "active"), VALUE_TRUE);
		if (instant_parse(until, &to->until) == -1)
			to->until = INSTANT_NEVER;
	}
	out->memberships = list;
	return 0;
}

static void
read_benefits(struct arena *a, const char *text, struct words *out)
{
	const char **list = arena_array(a, BENEFITS_MAX, sizeof(*list));

	while (text != NULL && *text != '\0' && out->n < BENEFITS_MAX) {
		size_t len = strcspn(text, " ");

		list[out->n++] = arena_memdup(a, text, len);
		text += len + (text[len] == ' ');
	}
	out->list = list;
}

static int
read_state(struct arena *a, const struct pg_rows *rows, int row,
    struct profile_known *out, struct err *e)
{
	out->tier = rows_text(a, rows, row, 1);
	out->tier_until = pg_is_null(rows, row, 2)
	                      ? INSTANT_NEVER
	                      : pg_get_instant(rows, row, 2);
	out->has_metric = pg_get_bool(rows, row, 3);
	out->metric = pg_get_bigint(rows, row, 4);
	read_benefits(a, rows_text(a, rows, row, 5), &out->benefits);
	return read_memberships(a, rows_str(a, rows, row, 6), out, e);
}

/* Begins the parameters of a statement about the members of a claim. */
static struct pg_params
member_params(struct arena *a, const struct outbox_claim *c)
{
	struct pg_params p = { .arena = a };

	pg_bigint(&p, c->tenant_id);
	pg_bigints(&p, c->member_ids, c->n);
	return p;
}

static int
states_load(const struct world *w, const struct outbox_claim *c,
    struct profile_known *known, struct err *e)
{
	struct pg_params p = member_params(w->arena, c);
	struct pg_rows rows;
	int ret = 0;

	if (pg_ask(w->pg, SQL_PROFILE_STATES, &p, &rows, e) == -1)
		return -1;
	for (int row = 0; row < rows.n && ret == 0; row++) {
		size_t i = item_of(c, pg_get_bigint(&rows, row, 0));

		if (i < c->n)
			ret = read_state(w->arena, &rows, row, &known[i], e);
	}
	pg_done(&rows);
	return ret;
}

static int64_t
never(const struct pg_rows *rows, int row, int col)
{
	return pg_is_null(rows, row, col) ? INSTANT_NEVER
	                                  : pg_get_instant(rows, row, col);
}

/* Reads the lots, which come member by member. */
static int
lots_load(const struct world *w, const struct outbox_claim *c,
    struct profile_known *known, struct err *e)
{
	struct pg_params p = member_params(w->arena, c);
	struct profile_lot *list;
	struct pg_rows rows;

	if (pg_ask(w->pg, SQL_PROFILE_LOTS, &p, &rows, e) == -1)
		return -1;
	list = arena_array(w->arena, (size_t)rows.n + 1, sizeof(*list));
	for (int row = 0; row < rows.n; row++) {
		size_t i = item_of(c, pg_get_bigint(&rows, row, 0));

		list[row] = (struct profile_lot){
			.vested = pg_get_bool(&rows, row, 1),
			.remaining = pg_get_bigint(&rows, row, 2),
			.vests_at = never(&rows, row, 3),
			.expires_at = never(&rows, row, 4),
		};
		if (i == c->n)
			continue;
		if (known[i].nlots++ == 0)
			known[i].lots = &list[row];
	}
	pg_done(&rows);
	return 0;
}

int
profiles_load(const struct world *w, struct outbox_claim *c, struct err *e)
{
	const struct program_version *v = programs_find(
	    w->programs, w->nprograms, c->store_id, 0, w->now);
	struct profile_known *known = arena_array(
	    w->arena, c->n, sizeof(*known));

	if (v == NULL || v->program == NULL)
		return 0;
	if (states_load(w, c, known, e) == -1 ||
	    lots_load(w, c, known, e) == -1)
		return -1;
	for (size_t i = 0; i < c->n; i++) {
		struct profile *x = arena_alloc(w->arena, sizeof(*x));

		profile_make(&known[i], v->program, x);
		c->items[i].profile = x;
		c->items[i].program = v->program;
	}
	return 0;
}

/* ---- tags ---------------------------------------------------------------- */

/* A tag that a customer has, or may have. */
struct given_tag {
	int64_t customer_id;
	const char *tag;
	bool is_set;
};

struct given_tags {
	const struct given_tag *list;
	size_t n;
};

/* Begins the parameters of a statement about customers of a claim's store. */
static struct pg_params
store_params(struct arena *a, const struct outbox_claim *c)
{
	struct pg_params p = { .arena = a };

	pg_bigint(&p, c->tenant_id);
	pg_bigint(&p, c->store_id);
	return p;
}

static int
tags_load(const struct world *w, const struct outbox_claim *c,
    struct given_tags *out, struct err *e)
{
	struct pg_params p = store_params(w->arena, c);
	int64_t *ids = arena_array(w->arena, c->n, sizeof(*ids));
	struct given_tag *list;
	struct pg_rows rows;

	for (size_t i = 0; i < c->n; i++)
		ids[i] = c->items[i].customer_id;
	pg_bigints(&p, ids, c->n);
	if (pg_ask(w->pg, SQL_PUSH_TAGS, &p, &rows, e) == -1)
		return -1;
	list = arena_array(w->arena, (size_t)rows.n + 1, sizeof(*list));
	for (int row = 0; row < rows.n; row++)
		list[row] = (struct given_tag){
			.customer_id = pg_get_bigint(&rows, row, 0),
			.tag = rows_text(w->arena, &rows, row, 1),
			.is_set = pg_get_bool(&rows, row, 2),
		};
	*out = (struct given_tags){ list, (size_t)rows.n };
	pg_done(&rows);
	return 0;
}

static const char *
tag_of(struct arena *a, const char *kind, const char *id)
{
	return arena_printf(a, "%s%s", kind, id);
}

/* Lists the tags that a member's customer is to have. */
static struct words
tags_of(struct arena *a, const struct profile *x)
{
	const char **list = arena_array(a, x->nmemberships + 1, sizeof(*list));
	size_t n = 0;

	if (x->tier != NULL)
		list[n++] = tag_of(a, TIER_TAG, x->tier->id);
	for (size_t i = 0; i < x->nmemberships; i++)
		list[n++] = tag_of(a, MEMBERSHIP_TAG, x->memberships[i].of->id);
	return (struct words){ list, n };
}

/* Adds the program's other tags, which the customer may have from another one
 * who was merged into them. */
static void
others_off(
    struct arena *a, struct push_item *x, struct words *off, const char **list)
{
	const struct program *p = x->program;

	for (size_t i = 0; i < p->tiers.nlevels + p->nmemberships; i++) {
		const char
		    *tag = i < p->tiers.nlevels
		               ? tag_of(a, TIER_TAG, p->tiers.levels[i].id)
		               : tag_of(a, MEMBERSHIP_TAG,
		                     p->memberships[i - p->tiers.nlevels].id);

		if (!words_have(&x->tags, tag) && !words_have(off, tag))
			list[off->n++] = tag;
	}
}

static bool
is_set(const struct given_tags *given, int64_t customer_id, const char *tag)
{
	for (size_t i = 0; i < given->n; i++)
		if (given->list[i].customer_id == customer_id &&
		    strcmp(given->list[i].tag, tag) == 0)
			return given->list[i].is_set;
	return false;
}

/* Works out what tags an item changes.  A tag that may be there, since a call
 * that would set it was begun, is set again. */
static void
item_tags(struct arena *a, struct push_item *x, const struct given_tags *given)
{
	const char **list = arena_array(
	    a, given->n + LEVELS_MAX + MEMBERSHIPS_MAX, sizeof(*list));
	const char **on = arena_array(a, MEMBERSHIPS_MAX + 1, sizeof(*on));
	struct words off = { .list = list };

	x->tags = tags_of(a, x->profile);
	x->tags_on = (struct words){ .list = on };
	for (size_t i = 0; i < x->tags.n; i++)
		if (!is_set(given, x->customer_id, x->tags.list[i]))
			on[x->tags_on.n++] = x->tags.list[i];
	for (size_t i = 0; i < given->n; i++)
		if (given->list[i].customer_id == x->customer_id &&
		    !words_have(&x->tags, given->list[i].tag))
			list[off.n++] = given->list[i].tag;
	if (off.n > 0)
		others_off(a, x, &off, list);
	x->tags_off = off;
}

static void
tag_row(struct columns *c, int64_t customer_id, const char *tag)
{
	columns_bigint(c, customer_id);
	columns_text(c, tag);
	columns_end_row(c);
}

/* Adds the columns of a statement that writes tags down. */
static int
tags_tell(struct pg *pg, int stmt, struct pg_params *p, const struct columns *t,
    struct err *e)
{
	if (t->n == 0)
		return 0;
	columns_bind(t, p);
	return pg_tell(pg, stmt, p, e);
}

int
profiles_tags_begin(
    const struct world *w, struct outbox_claim *c, struct err *e)
{
	struct pg_params p = store_params(w->arena, c);
	struct columns begun = { .arena = w->arena };
	struct given_tags given;
	size_t tagged = 0;

	if (tags_load(w, c, &given, e) == -1)
		return -1;
	for (size_t i = 0; i < c->n; i++) {
		struct push_item *x = &c->items[i];

		if (x->profile == NULL)
			continue;
		item_tags(w->arena, x, &given);
		tagged += push_item_has_tags(x);
		if (tagged > PUSH_TAGGED_MAX) {
			c->n = i;
			break;
		}
		for (size_t k = 0; k < x->tags_on.n; k++)
			tag_row(&begun, x->customer_id, x->tags_on.list[k]);
	}
	return tags_tell(w->pg, SQL_PUSH_TAG_BEGIN, &p, &begun, e);
}

int
profiles_tags_done(struct pg *pg, struct arena *a, const struct outbox_claim *c,
    const struct push_answer *answer, struct err *e)
{
	struct pg_params p = store_params(a, c);
	struct columns done = { .arena = a };

	for (size_t i = 0; i < c->n; i++) {
		const struct push_item *x = &c->items[i];

		/* An older call that may still arrive may set another tag. */
		if (!answer->tagged[i] || c->doubtful[i])
			continue;
		for (size_t k = 0; k < x->tags.n; k++)
			tag_row(&done, x->customer_id, x->tags.list[k]);
		if (x->tags.n == 0)
			tag_row(&done, x->customer_id, "");
	}
	return tags_tell(pg, SQL_PUSH_TAG_DONE, &p, &done, e);
}
