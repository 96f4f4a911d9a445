/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "base/money.h"
#include "core/fact.h"
#include "core/match.h"
#include "wire/node_value.h"

int
node_text_in(
    const struct node *up, const char *key, struct arena *a, const char **out)
{
	struct node n;

	if (!node_get(up, key, &n))
		return 0;
	return node_text_new(&n, a, NULL, FACT_TEXT_MAX + 1, out);
}

int
node_words(const struct node *n, struct arena *a, size_t least, size_t most,
    struct words *out)
{
	struct words w = { .n = node_count(n) };
	const char **list;
	int rc = 0;

	if (node_check_list(n, least, most) == -1)
		return -1;
	list = arena_array(a, w.n, sizeof(*list));
	w.list = list;
	for (size_t i = 0; i < w.n; i++) {
		struct node item = node_item(n, i);

		rc |= node_text_new(
		    &item, a, NULL, FACT_TEXT_MAX + 1, &list[i]);
	}
	if (rc == 0)
		*out = w;
	return rc;
}

/* Counts the decimals of a number, without zeros at the end. */
static int
decimals(struct str s)
{
	const char *dot = memchr(s.data, '.', s.len);

	if (dot == NULL)
		return 0;
	while (s.data[s.len - 1] == '0')
		s.len--;
	return (int)(s.data + s.len - dot - 1);
}

int
node_money(
    const struct node *n, int places, const int64_t bounds[2], int64_t *out)
{
	char least[MONEY_TEXT_MAX], most[MONEY_TEXT_MAX];
	struct str s;
	int64_t v;

	if (!node_str(n, &s))
		return node_refuse(n,
		    "must be money: a text in quotes, like \"1\" or \"0.50\"");
	if (s.len >= MONEY_TEXT_MAX || money_parse(s, places, &v) == -1 ||
	    v < bounds[0] || v > bounds[1]) {
		money_format(bounds[0], places, least);
		money_format(bounds[1], places, most);
		return node_refuse(n,
		    "must be an amount of money from \"%s\" to \"%s\"", least,
		    most);
	}
	if (decimals(s) > places && places == 0)
		return node_refuse(n, "may have no decimals");
	if (decimals(s) > places)
		return node_refuse(n, "may have at most %d decimals", places);
	*out = v;
	return 0;
}

int
node_decimal(const struct node *n, int places, int64_t most, int64_t *out)
{
	int64_t unit = 1, v = 0;
	struct str s = { 0 };

	for (int i = 0; i < places; i++)
		unit *= 10;
	if (!node_str(n, &s) || s.len >= MONEY_TEXT_MAX ||
	    money_parse(s, places, &v) == -1 || v <= 0 || v > most ||
	    decimals(s) > places)
		return node_refuse(n,
		    "must be a number as text, like \"1.5\", above 0, at most "
		    "%lld, with at most %d decimals",
		    (long long)(most / unit), places);
	*out = v;
	return 0;
}

const char *
date_fault(struct str s, const char *otherwise)
{
	static const char form[] = "0000-00-00";
	size_t i = 0;

	while (i < s.len && i < sizeof(form) - 1 &&
	       (form[i] == '0' ? s.data[i] >= '0' && s.data[i] <= '9'
	                       : s.data[i] == form[i]))
		i++;
	return i == sizeof(form) - 1 && (s.len == i || s.data[i] == 'T')
	           ? "names a day that does not exist"
	           : otherwise;
}
