/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "core/match.h"
#include "wire/program/internal.h"

/* ---- filters ------------------------------------------------------------- */

struct tests_of_lines {
	struct line_test list[TESTS_MAX];
	size_t n;
};

static void
product_check(const struct node *n, const struct words *w)
{
	for (size_t i = 0; i < w->n; i++) {
		const char *s = w->list[i];
		struct node item = node_item(n, i);

		if (strspn(s, "0123456789") != strlen(s))
			node_refuse(&item,
			    "must be the platform's number of the product, as "
			    "text");
	}
}

/* Works out the letters of patterns that are so many that a look at each is
 * worth avoiding. */
static const struct letters *
letters_find(struct draft *d, const struct words *w)
{
	enum {
		MANY = 8
	};
	struct letters *list;

	if (w->n < MANY)
		return NULL;
	list = arena_array(d->arena, w->n, sizeof(*list));
	for (size_t i = 0; i < w->n; i++)
		list[i] = letters_of(w->list[i]);
	return list;
}

/* Reads one key of a filter: one test of an order line. */
static void
line_test_of(struct draft *d, const struct node *n, struct line_test *t)
{
	bool yes = true;

	if (line_key_has_words(t->key)) {
		if (words_of(d, n, &t->any) == 0 && t->key == LINE_PRODUCT)
			product_check(n, &t->any);
		if (t->key == LINE_SKU)
			t->letters = letters_find(d, &t->any);
		return;
	}
	node_bool(n->up, n->key, &yes);
	if (!yes)
		node_refuse(n,
		    "must be true; the others are what the opposite filter "
		    "leaves");
}

/* Adds the tests of one filter; `negated` for "not_lines". */
static void
filter_add(struct draft *d, const struct node *n, bool negated,
    struct tests_of_lines *out)
{
	static const char *const keys[] = { "category", "tag", "vendor", "type",
		"sku", "product", "on_sale", "gift_card", "free", "part",
		"bundle", NULL };
	size_t before = out->n;

	if (node_check_object(n, keys) == -1)
		return;
	for (int i = 0; keys[i] != NULL; i++) {
		struct line_test *t = &out->list[out->n];
		struct node child;

		if (!node_get(n, keys[i], &child))
			continue;
		*t = (struct line_test){ .key = (enum line_key)(
			                     LINE_CATEGORY + i),
			.negated = negated };
		line_test_of(d, &child, t);
		out->n++;
	}
	if (out->n == before && !node_is_wrong(n))
		node_refuse(n, "says nothing");
}

static void
filter_keep(
    struct draft *d, const struct tests_of_lines *from, struct filter *out)
{
	*out = (struct filter){ (void *)arena_memdup(d->arena, from->list,
		                    from->n * sizeof(from->list[0])),
		from->n };
}

void
lines_read(
    struct draft *d, const struct node *up, const char *key, struct filter *out)
{
	struct tests_of_lines t = { .n = 0 };
	struct node n;

	if (!node_get(up, key, &n))
		return;
	filter_add(d, &n, false, &t);
	filter_keep(d, &t, out);
}

void
filter_read(struct draft *d, const struct node *up, struct filter *out)
{
	struct tests_of_lines t = { .n = 0 };
	struct node lines, not_lines;
	bool has_not = node_get(up, "not_lines", &not_lines);

	if (node_get(up, "lines", &lines))
		filter_add(d, &lines, false, &t);
	if (has_not)
		filter_add(d, &not_lines, true, &t);
	if (t.n == 0)
		return;
	filter_keep(d, &t, out);
	if (!d->kept && has_not && !node_is_wrong(&not_lines) &&
	    filter_never_has(out))
		node_refuse(
		    &not_lines, "leaves nothing: it excludes all of \"lines\"");
}

/* ---- bases --------------------------------------------------------------- */

static bool
words_same(const struct words *a, const struct words *b)
{
	if (a->n != b->n)
		return false;
	for (size_t i = 0; i < a->n; i++)
		if (strcmp(a->list[i], b->list[i]) != 0)
			return false;
	return true;
}

static bool
filter_same(const struct filter *a, const struct filter *b)
{
	if (a->n != b->n)
		return false;
	for (size_t i = 0; i < a->n; i++)
		if (a->tests[i].key != b->tests[i].key ||
		    a->tests[i].negated != b->tests[i].negated ||
		    !words_same(&a->tests[i].any, &b->tests[i].any))
			return false;
	return true;
}

static bool
base_same(const struct base *a, const struct base *b)
{
	return a->before_discounts == b->before_discounts && a->tax == b->tax &&
	       a->shipping == b->shipping && a->fees == b->fees &&
	       a->gift_cards == b->gift_cards &&
	       a->not_tender == b->not_tender &&
	       words_same(&a->tender, &b->tender) &&
	       filter_same(&a->lines, &b->lines);
}

/* Returns the index of an equal base, or adds the base.  The amount of an order
 * is then computed once for all rules that share a base. */
static size_t
base_keep(struct draft *d, const struct base *b)
{
	for (size_t i = 0; i < d->p.nbases; i++)
		if (base_same(&d->bases[i], b))
			return i;
	d->bases[d->p.nbases] = *b;
	return d->p.nbases++;
}

static void
base_tenders(struct draft *d, const struct node *n, struct base *b)
{
	struct node not ;

	if (!node_get(n, "not_tender", &not )) {
		words_read(d, n, "tender", &b->tender);
		return;
	}
	b->not_tender = true;
	node_refuse_key(n, "tender", "\"not_tender\" says it");
	words_of(d, &not, &b->tender);
}

/* Refuses a base whose "lines" are gift cards while "gift_cards" is false: its
 * amount would always be 0. */
static void
base_check(const struct node *n, const struct base *b)
{
	struct node lines;

	for (size_t i = 0; i < b->lines.n; i++)
		if (b->lines.tests[i].key == LINE_GIFT_CARD &&
		    !b->lines.tests[i].negated && !b->gift_cards &&
		    node_get(n, "lines", &lines) && !node_is_wrong(n))
			node_refuse(&lines,
			    "counts nothing: gift cards only count with "
			    "\"gift_cards\": true");
}

void
base_read(struct draft *d, const struct node *up, size_t *out)
{
	static const char *const keys[] = { "discounts", "tax", "shipping",
		"fees", "gift_cards", "lines", "not_lines", "tender",
		"not_tender", NULL };
	static const char *const discounts[] = { "after", "before", NULL };
	struct base b = { 0 };
	int before = 0;
	struct node n;

	if (node_get(up, "base", &n) && node_check_object(&n, keys) == 0) {
		node_word(&n, "discounts", discounts, &before);
		node_bool(&n, "tax", &b.tax);
		node_bool(&n, "shipping", &b.shipping);
		node_bool(&n, "fees", &b.fees);
		node_bool(&n, "gift_cards", &b.gift_cards);
		filter_read(d, &n, &b.lines);
		base_tenders(d, &n, &b);
		base_check(&n, &b);
		b.before_discounts = before == 1;
	}
	*out = base_keep(d, &b);
}
