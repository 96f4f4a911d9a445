/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "wire/program/internal.h"

/* ---- filters --------------------------------------------------------------- */

struct tests_of_lines {
	struct line_test list[TESTS_MAX];
	size_t n;
};

static int
product_check(const struct node *n, const struct words *w, struct err *e)
{
	for (size_t i = 0; i < w->n; i++) {
		const char *s = w->list[i];
		struct node item = node_item(n, i);

		if (strspn(s, "0123456789") != strlen(s))
			return node_refuse(&item, e,
			    "must be the platform's number of the product, as "
			    "text");
	}
	return 0;
}

/* The tests of one filter. */
static int
filter_add(struct draft *d, const struct node *n, bool negated,
    struct tests_of_lines *out, struct err *e)
{
	static const char *const keys[] = { "category", "tag", "vendor", "type",
		"sku", "product", "on_sale", "gift_card", "free", "part",
		"bundle", NULL };
	size_t before = out->n;

	if (node_check_object(n, keys, e) == -1)
		return -1;
	for (int i = 0; keys[i] != NULL; i++) {
		enum line_key key = (enum line_key)(LINE_CATEGORY + i);
		struct line_test *t = &out->list[out->n];
		bool yes = true;
		struct node child;

		if (!node_get(n, keys[i], &child))
			continue;
		*t = (struct line_test){ .key = key, .negated = negated };
		if (!line_key_has_words(key)) {
			if (node_bool(n, keys[i], &yes, e) == -1)
				return -1;
			if (!yes)
				return node_refuse(&child, e,
				    "must be true; the others are what the "
				    "opposite filter leaves");
		} else if (words_of(d, &child, &t->any, e) == -1) {
			return -1;
		}
		if (key == LINE_PRODUCT &&
		    product_check(&child, &t->any, e) == -1)
			return -1;
		out->n++;
	}
	if (out->n == before)
		return node_refuse(n, e, "says nothing");
	return 0;
}

static void
filter_keep(
    struct draft *d, const struct tests_of_lines *from, struct filter *out)
{
	struct line_test *list = arena_array(d->arena, from->n, sizeof(*list));

	memcpy(list, from->list, from->n * sizeof(*list));
	*out = (struct filter){ list, from->n };
}

int
read_lines(struct draft *d, const struct node *up, const char *key,
    struct filter *out, struct err *e)
{
	struct tests_of_lines t = { .n = 0 };
	struct node n;

	if (!node_get(up, key, &n))
		return 0;
	if (filter_add(d, &n, false, &t, e) == -1)
		return -1;
	filter_keep(d, &t, out);
	return 0;
}

int
read_filter(
    struct draft *d, const struct node *up, struct filter *out, struct err *e)
{
	struct tests_of_lines t = { .n = 0 };
	struct node n;

	if (node_get(up, "lines", &n) && filter_add(d, &n, false, &t, e) == -1)
		return -1;
	if (node_get(up, "not_lines", &n) &&
	    filter_add(d, &n, true, &t, e) == -1)
		return -1;
	if (t.n > 0)
		filter_keep(d, &t, out);
	if (!d->kept && filter_never_has(out))
		return node_refuse(
		    &n, e, "leaves nothing: it excludes all of \"lines\"");
	return 0;
}

/* ---- bases ------------------------------------------------------------------- */

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

/* Rules with one base share it: what an order is worth is worked out once. */
static size_t
base_keep(struct draft *d, const struct base *b)
{
	for (size_t i = 0; i < d->p.nbases; i++)
		if (base_same(&d->bases[i], b))
			return i;
	d->bases[d->p.nbases] = *b;
	return d->p.nbases++;
}

static int
base_tenders(
    struct draft *d, const struct node *n, struct base *b, struct err *e)
{
	struct node not ;

	if (!node_get(n, "not_tender", &not ))
		return read_words(d, n, "tender", &b->tender, e);
	b->not_tender = true;
	if (refuse_key(n, "tender", "\"not_tender\" says it", e) == -1)
		return -1;
	return read_words(d, n, "not_tender", &b->tender, e);
}

/* Lines that are gift cards, and only those, of a base without any. */
static int
base_check(const struct node *n, const struct base *b, struct err *e)
{
	struct node lines;

	for (size_t i = 0; i < b->lines.n; i++)
		if (b->lines.tests[i].key == LINE_GIFT_CARD &&
		    !b->lines.tests[i].negated && !b->gift_cards &&
		    node_get(n, "lines", &lines))
			return node_refuse(&lines, e,
			    "counts nothing: gift cards only count with "
			    "\"gift_cards\": true");
	return 0;
}

int
read_base(struct draft *d, const struct node *up, size_t *out, struct err *e)
{
	static const char *const keys[] = { "discounts", "tax", "shipping",
		"fees", "gift_cards", "lines", "not_lines", "tender",
		"not_tender", NULL };
	static const char *const discounts[] = { "after", "before", NULL };
	struct base b = { 0 };
	int before = 0;
	struct node n;

	if (!node_get(up, "base", &n)) {
		*out = base_keep(d, &b);
		return 0;
	}
	if (node_check_object(&n, keys, e) == -1 ||
	    node_word(&n, "discounts", discounts, &before, e) == -1 ||
	    node_bool(&n, "tax", &b.tax, e) == -1 ||
	    node_bool(&n, "shipping", &b.shipping, e) == -1 ||
	    node_bool(&n, "fees", &b.fees, e) == -1 ||
	    node_bool(&n, "gift_cards", &b.gift_cards, e) == -1 ||
	    read_filter(d, &n, &b.lines, e) == -1 ||
	    base_tenders(d, &n, &b, e) == -1 || base_check(&n, &b, e) == -1)
		return -1;
	b.before_discounts = before == 1;
	*out = base_keep(d, &b);
	return 0;
}
