/* SPDX-License-Identifier: MIT */
#include <assert.h>
#include <string.h>

#include "ledger/columns.h"
#include "ledger/products.h"
#include "ledger/rows.h"
#include "ledger/stmts.h"

/* Separates the words of a list; nobody types this character in a word. */
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

int
products_save(struct pg *pg, struct arena *a, const struct product_news *all,
    size_t n, struct err *e)
{
	struct columns c = { .arena = a };

	for (size_t i = 0; i < n; i++) {
		const struct product *x = &all[i].product;

		columns_bigint(&c, all[i].store->tenant_id);
		columns_bigint(&c, all[i].store->store_id);
		columns_bigint(&c, x->id);
		columns_instant(&c, x->modified_at);
		columns_bool(&c, x->gone);
		columns_text(&c, x->vendor);
		columns_text(&c, x->type);
		columns_str(&c, words_join(a, &x->categories));
		columns_str(&c, words_join(a, &x->tags));
		columns_bool(&c, x->on_sale);
		columns_bool(&c, x->gift_card);
		columns_end_row(&c);
	}
	return columns_tell(pg, SQL_PRODUCT_PUT, &c, e);
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

/* An order's line that names a product. */
struct asked_line {
	struct order_line *line;
	const struct product_ask *by;
	bool known;
};

static size_t
ask_lines(struct arena *a, const struct product_ask *asks, size_t n,
    struct asked_line **out)
{
	size_t most = 0, k = 0;

	for (size_t i = 0; i < n; i++)
		most += asks[i].order->nlines;
	*out = arena_array(a, most + 1, sizeof(**out));
	for (size_t i = 0; i < n; i++)
		for (size_t j = 0; j < asks[i].order->nlines; j++)
			if (asks[i].order->lines[j].product_id != 0)
				(*out)[k++] = (struct asked_line){
					.line = &asks[i].order->lines[j],
					.by = &asks[i],
				};
	return k;
}

static void
asked_cells(struct columns *c, const struct asked_line *q)
{
	columns_bigint(c, q->by->tenant_id);
	columns_bigint(c, q->by->store_id);
	columns_bigint(c, q->line->product_id);
}

static int
want_unknown(struct pg *pg, struct arena *a, const struct asked_line *asked,
    size_t n, struct err *e)
{
	struct columns c = { .arena = a };

	for (size_t i = 0; i < n; i++) {
		asked[i].line->untold = !asked[i].known;
		if (asked[i].known || asked[i].by->waiting == 0)
			continue;
		asked_cells(&c, &asked[i]);
		columns_bigint(&c, asked[i].by->waiting);
		columns_end_row(&c);
	}
	return columns_tell(pg, SQL_PRODUCT_WANT, &c, e);
}

int
products_fill(struct pg *pg, struct arena *a, const struct product_ask *asks,
    size_t n, struct err *e)
{
	struct asked_line *asked;
	size_t nasked = ask_lines(a, asks, n, &asked);
	struct columns c = { .arena = a };
	struct pg_rows rows;

	if (nasked == 0)
		return 0;
	for (size_t i = 0; i < nasked; i++) {
		asked_cells(&c, &asked[i]);
		columns_instant(&c, asked[i].by->order->created_at);
		columns_end_row(&c);
	}
	if (columns_ask(pg, SQL_PRODUCT_AT, &c, &rows, e) == -1)
		return -1;
	for (int row = 0; row < rows.n; row++) {
		size_t i = (size_t)pg_get_bigint(&rows, row, 0) - 1;

		assert(i < nasked);
		asked[i].known = true;
		fill(a, asked[i].line, &rows, row);
	}
	pg_done(&rows);
	return want_unknown(pg, a, asked, nasked, e);
}

int
products_wake(struct pg *pg, struct arena *a, const struct product_news *all,
    size_t n, int64_t now, struct err *e)
{
	struct columns c = { .arena = a };
	struct pg_params p = { .arena = a };

	if (n == 0)
		return 0;
	for (size_t i = 0; i < n; i++) {
		columns_bigint(&c, all[i].store->tenant_id);
		columns_bigint(&c, all[i].store->store_id);
		columns_bigint(&c, all[i].product.id);
		columns_end_row(&c);
	}
	columns_bind(&c, &p);
	pg_instant(&p, now);
	return pg_tell(pg, SQL_PRODUCT_WAKE, &p, e);
}
