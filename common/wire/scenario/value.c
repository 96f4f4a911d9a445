/* SPDX-License-Identifier: MIT */
/* Values in tests: texts, money, units of a wallet, names of members. */
#include <string.h>

#include "base/money.h"
#include "wire/program/program.h"
#include "wire/scenario/internal.h"

enum {
	MILLI_PLACES = 3,
};

int
scenario_text(
    struct arena *a, const struct node *n, const char **out, struct err *e)
{
	return node_text_new(n, a, NULL, SCENARIO_TEXT_MAX, out, e);
}

int
scenario_text_in(struct arena *a, const struct node *up, const char *key,
    const char **out, struct err *e)
{
	struct node n;

	return node_get(up, key, &n) ? scenario_text(a, &n, out, e) : 0;
}

int
scenario_words_in(struct arena *a, const struct node *up, const char *key,
    struct words *out, struct err *e)
{
	const char **list;
	struct node n;

	if (!node_get(up, key, &n))
		return 0;
	if (node_check_list(&n, 0, LINE_WORDS_MAX, e) == -1)
		return -1;
	list = arena_array(a, node_count(&n), sizeof(*list));
	for (size_t i = 0; i < node_count(&n); i++) {
		struct node item = node_item(&n, i);

		if (scenario_text(a, &item, &list[i], e) == -1)
			return -1;
	}
	*out = (struct words){ list, node_count(&n) };
	return 0;
}

static int
decimals(struct str s)
{
	const char *dot = memchr(s.data, '.', s.len);

	return dot == NULL ? 0 : (int)(s.data + s.len - dot - 1);
}

int
scenario_decimal(const struct node *n, int places, int64_t *out, struct err *e)
{
	struct str s;
	int64_t v;

	if (node_str(n, &s) == -1)
		return node_refuse(
		    n, e, "must be money: a text in quotes, like \"0.50\"");
	if (s.len >= MONEY_TEXT_MAX || money_parse(s, places, &v) == -1 ||
	    decimals(s) > places)
		return node_refuse(n, e,
		    "must be an amount of money with at most %d decimals",
		    places);
	*out = v;
	return 0;
}

void
decimal_format(int64_t v, int places, int least, char out[MONEY_TEXT_MAX])
{
	size_t len;

	money_format(v, places, out);
	len = strlen(out);
	while (places > least && out[len - 1] == '0') {
		out[--len] = '\0';
		places--;
	}
	if (out[len - 1] == '.')
		out[len - 1] = '\0';
}

int
scenario_money_in(const struct draft_test *t, const struct node *up,
    const char *key, int64_t *out, struct err *e)
{
	struct node n;

	if (!node_get(up, key, &n))
		return 0;
	if (scenario_decimal(&n, t->exponent, out, e) == -1)
		return -1;
	if (*out < 0)
		return node_refuse(&n, e, "must not be below zero");
	return 0;
}

int
scenario_places(const struct program *p, enum wallet_unit unit)
{
	return unit == UNIT_MONEY ? p->exponent + MILLI_PLACES : 0;
}

int
scenario_units(const struct draft_test *t, const struct node *n, size_t wallet,
    int64_t *out, struct err *e)
{
	static const int64_t bounds[2] = { -MONEY_MAX, MONEY_MAX };
	const struct wallet *w = &t->program->wallets[wallet];
	struct str s;

	if (w->unit == UNIT_MONEY)
		return scenario_decimal(
		    n, scenario_places(t->program, w->unit), out, e);
	if (node_str(n, &s) == 0)
		return node_refuse(n, e,
		    "must be a whole number: the wallet \"%s\" is not money",
		    w->id);
	return node_int(n, bounds, out, e);
}

int
scenario_wallet(const struct draft_test *t, const struct node *n, size_t *out,
    struct err *e)
{
	const char *id;

	if (scenario_text(t->arena, n, &id, e) == -1)
		return -1;
	*out = program_wallet(t->program, id);
	if (*out == NONE)
		return node_refuse(n, e, "is no wallet of this program");
	return 0;
}

int
scenario_member(struct draft_test *t, const struct node *n, bool is_new,
    size_t *out, struct err *e)
{
	const char *name;

	if (node_text_new(
	        n, t->arena, PROGRAM_ID_CHARS, RULE_ID_MAX, &name, e) == -1)
		return -1;
	for (size_t i = 0; i < t->nmembers; i++)
		if (strcmp(t->members[i], name) == 0) {
			*out = i;
			return 0;
		}
	if (!is_new)
		return node_refuse(n, e, "is no member of a step above");
	if (t->nmembers == MEMBERS_MAX)
		return node_refuse(
		    n, e, "is one of more than %d members", MEMBERS_MAX);
	*out = t->nmembers;
	t->members[t->nmembers++] = name;
	return 0;
}
