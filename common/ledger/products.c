/* SPDX-License-Identifier: MIT */
#include <assert.h>
#include <string.h>

#include "ledger/products.h"
#include "ledger/rows.h"
#include "ledger/stmts.h"

#define COLUMN(a, type, name, n) \
	type *name = arena_array(a, (n) + 1, sizeof(type))

/* Between the words of one list; nobody types it. */
#define SEPARATOR '\x1f'

static struct str
words_join(struct arena *a, const struct words *w)
{
	size_t len = 0;
	char *text;

	for (size_t i = 0; i < w->n; i++)
		len += strlen(w->list[i]) + 1;
	text = arena_alloc(a, len + 1);
	len = 0;
	for (size_t i = 0; i < w->n; i++) {
		size_t n = strlen(w->list[i]);

		if (i > 0)
			text[len++] = SEPARATOR;
		memcpy(text + len, w->list[i], n);
		len += n;
	}
	return (struct str){ text, len };
}

static struct words
words_split(struct arena *a, struct str s)
{
	struct words w = { 0 };
	const char **list;
	char *text;

	if (s.len == 0)
		return w;
	text = arena_memdup(a, s.data, s.len);
	list = arena_array(a, LINE_WORDS_MAX, sizeof(*list));
	while (text != NULL && w.n < LINE_WORDS_MAX) {
		char *end = strchr(text, SEPARATOR);

		list[w.n++] = text;
		if (end != NULL)
			*end++ = '\0';
		text = end;
	}
	w.list = list;
	return w;
}

static struct str
text_or_null(const char *s)
{
	return s ? str_of(s) : (struct str){ 0 };
}

int
products_save(struct pg *pg, struct arena *a, const struct product_news *all,
    size_t n, struct err *e)
{
	COLUMN(a, int64_t, tenants, n);
	COLUMN(a, int64_t, stores, n);
	COLUMN(a, int64_t, ids, n);
	COLUMN(a, int64_t, modified, n);
	COLUMN(a, bool, gone, n);
	COLUMN(a, struct str, vendors, n);
	COLUMN(a, struct str, types, n);
	COLUMN(a, struct str, categories, n);
	COLUMN(a, struct str, tags, n);
	COLUMN(a, bool, on_sale, n);
	COLUMN(a, bool, gift_card, n);
	struct pg_params p;

	if (n == 0)
		return 0;
	for (size_t i = 0; i < n; i++) {
		const struct product *x = &all[i].product;

		tenants[i] = all[i].store->tenant_id;
		stores[i] = all[i].store->store_id;
		ids[i] = x->id;
		modified[i] = x->modified_at;
		gone[i] = x->gone;
		vendors[i] = text_or_null(x->vendor);
		types[i] = text_or_null(x->type);
		categories[i] = words_join(a, &x->categories);
		tags[i] = words_join(a, &x->tags);
		on_sale[i] = x->on_sale;
		gift_card[i] = x->gift_card;
	}
	pg_params(&p, a);
	pg_bigints(&p, tenants, n);
	pg_bigints(&p, stores, n);
	pg_bigints(&p, ids, n);
	pg_instants(&p, modified, n);
	pg_bools(&p, gone, n);
	pg_strs(&p, vendors, n);
	pg_strs(&p, types, n);
	pg_strs(&p, categories, n);
	pg_strs(&p, tags, n);
	pg_bools(&p, on_sale, n);
	pg_bools(&p, gift_card, n);
	return pg_tell(pg, SQL_PRODUCT_PUT, &p, e);
}

static void
fill(struct arena *a, struct order_line *l, const struct pg_rows *rows, int row)
{
	if (l->vendor == NULL)
		l->vendor = rows_text(a, rows, row, 1);
	if (l->type == NULL)
		l->type = rows_text(a, rows, row, 2);
	if (l->categories.n == 0)
		l->categories = words_split(a, pg_get_str(rows, row, 3));
	if (l->tags.n == 0)
		l->tags = words_split(a, pg_get_str(rows, row, 4));
	l->on_sale |= pg_get_bool(rows, row, 5);
	l->gift_card |= pg_get_bool(rows, row, 6);
}

/* Lines that name a product, as columns. */
struct asked {
	struct order_line **lines;
	int64_t *tenants, *stores, *ids, *members, *at;
	bool *known;
	size_t n;
};

static void
ask_lines(struct arena *a, const struct product_ask *asks, size_t n,
    struct asked *out)
{
	size_t most = 1;

	for (size_t i = 0; i < n; i++)
		most += asks[i].order->nlines;
	*out = (struct asked){
		.lines = arena_array(a, most, sizeof(*out->lines)),
		.tenants = arena_array(a, most, sizeof(int64_t)),
		.stores = arena_array(a, most, sizeof(int64_t)),
		.ids = arena_array(a, most, sizeof(int64_t)),
		.members = arena_array(a, most, sizeof(int64_t)),
		.at = arena_array(a, most, sizeof(int64_t)),
		.known = arena_array(a, most, sizeof(bool)),
	};
	for (size_t i = 0; i < n; i++)
		for (size_t j = 0; j < asks[i].order->nlines; j++) {
			struct order_line *l = &asks[i].order->lines[j];

			if (l->product_id == 0)
				continue;
			out->lines[out->n] = l;
			out->tenants[out->n] = asks[i].tenant_id;
			out->stores[out->n] = asks[i].store_id;
			out->members[out->n] = asks[i].waiting;
			out->ids[out->n] = l->product_id;
			out->at[out->n++] = asks[i].order->created_at;
		}
}

static int
want_unknown(struct pg *pg, struct arena *a, struct asked *q, struct err *e)
{
	struct pg_params p;
	size_t n = 0;

	for (size_t i = 0; i < q->n; i++) {
		if (q->known[i] || q->members[i] == 0)
			continue;
		q->tenants[n] = q->tenants[i];
		q->stores[n] = q->stores[i];
		q->ids[n] = q->ids[i];
		q->members[n++] = q->members[i];
	}
	if (n == 0)
		return 0;
	pg_params(&p, a);
	pg_bigints(&p, q->tenants, n);
	pg_bigints(&p, q->stores, n);
	pg_bigints(&p, q->ids, n);
	pg_bigints(&p, q->members, n);
	return pg_tell(pg, SQL_PRODUCT_WANT, &p, e);
}

int
products_fill(struct pg *pg, struct arena *a, const struct product_ask *asks,
    size_t n, struct err *e)
{
	struct pg_params p;
	struct pg_rows rows;
	struct asked q;

	ask_lines(a, asks, n, &q);
	if (q.n == 0)
		return 0;
	pg_params(&p, a);
	pg_bigints(&p, q.tenants, q.n);
	pg_bigints(&p, q.stores, q.n);
	pg_bigints(&p, q.ids, q.n);
	pg_instants(&p, q.at, q.n);
	if (pg_ask(pg, SQL_PRODUCT_AT, &p, &rows, e) == -1)
		return -1;
	for (int row = 0; row < rows.n; row++) {
		size_t i = (size_t)pg_get_bigint(&rows, row, 0) - 1;

		assert(i < q.n);
		q.known[i] = true;
		fill(a, q.lines[i], &rows, row);
	}
	pg_done(&rows);
	return want_unknown(pg, a, &q, e);
}

int
products_wake(struct pg *pg, struct arena *a, const struct product_news *all,
    size_t n, int64_t now, struct err *e)
{
	COLUMN(a, int64_t, tenants, n);
	COLUMN(a, int64_t, stores, n);
	COLUMN(a, int64_t, ids, n);
	struct pg_params p;

	if (n == 0)
		return 0;
	for (size_t i = 0; i < n; i++) {
		tenants[i] = all[i].store->tenant_id;
		stores[i] = all[i].store->store_id;
		ids[i] = all[i].product.id;
	}
	pg_params(&p, a);
	pg_bigints(&p, tenants, n);
	pg_bigints(&p, stores, n);
	pg_bigints(&p, ids, n);
	pg_instant(&p, now);
	return pg_tell(pg, SQL_PRODUCT_WAKE, &p, e);
}
