/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "wire/shop/reward.h"

static void
add_word(struct arena *a, struct words *to, const char *word)
{
	const char **list = arena_array(a, to->n + 1, sizeof(*list));

	for (size_t i = 0; i < to->n; i++)
		list[i] = to->list[i];
	list[to->n] = word;
	*to = (struct words){ list, to->n + 1 };
}

static void
add_words(struct arena *a, struct words *to, const struct words *from)
{
	for (size_t i = 0; i < from->n; i++)
		add_word(a, to, from->list[i]);
}

struct reward_goods
reward_goods_of(struct arena *a, const struct reward *r)
{
	struct reward_goods g = { 0 };

	for (size_t i = 0; i < r->lines.n; i++) {
		const struct line_test *t = &r->lines.tests[i];

		if (t->key == LINE_PRODUCT)
			add_words(a, t->negated ? &g.not_products : &g.products,
			    &t->any);
		else if (t->key == LINE_CATEGORY)
			add_words(a,
			    t->negated ? &g.not_categories : &g.categories,
			    &t->any);
		else if (t->key == LINE_SKU && !t->negated)
			add_words(a, &g.skus, &t->any);
	}
	if (r->kind != REWARD_PRODUCT || r->product == NULL || r->lines.n > 0)
		return g;
	if (strspn(r->product, "0123456789") == strlen(r->product))
		add_word(a, &g.products, r->product);
	else
		add_word(a, &g.skus, r->product);
	return g;
}

bool
reward_goods_unknown(const struct reward_make *m, const struct shop *shop)
{
	const struct reward_goods *g = &m->goods;

	return g->sku_ids.n < g->skus.n ||
	       g->category_ids.n < g->categories.n ||
	       g->not_category_ids.n < g->not_categories.n ||
	       (shop->reward_needs_price && m->kind == REWARD_PRODUCT &&
	           g->price == 0);
}
