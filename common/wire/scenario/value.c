/* SPDX-License-Identifier: MIT */
/* Reads the values of tests: texts, money, units of a wallet, names of
 * members. */
#include <string.h>

#include "base/money.h"
#include "wire/program/program.h"
#include "wire/scenario/internal.h"

int
scenario_text(struct arena *a, const struct node *n, const char **out)
{
	return node_text_new(n, a, NULL, FACT_TEXT_MAX + 1, out);
}

int
scenario_words_in(
    const struct node *up, const char *key, struct arena *a, struct words *out)
{
	struct node n;

	return node_get(up, key, &n) ? node_words(&n, a, 0, LINE_WORDS_MAX, out)
	                             : 0;
}

int
scenario_decimal(const struct node *n, int places, int64_t *out)
{
	static const int64_t bounds[2] = { -MONEY_MAX, MONEY_MAX };

	return node_money(n, places, bounds, out);
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
    const char *key, int64_t *out)
{
	static const int64_t bounds[2] = { 0, MONEY_MAX };
	struct node n;

	return node_get(up, key, &n) ? node_money(&n, t->exponent, bounds, out)
	                             : 0;
}

int
scenario_places(const struct program *p, enum wallet_unit unit)
{
	return unit == UNIT_MONEY ? p->exponent + MILLI_PLACES : 0;
}

int
scenario_units(const struct draft_test *t, const struct node *n, size_t wallet,
    int64_t *out)
{
	static const int64_t bounds[2] = { -MONEY_MAX, MONEY_MAX };
	const struct wallet *w = &t->program->wallets[wallet];
	struct str s;

	if (w->unit == 0)
		return -1;
	if (w->unit == UNIT_MONEY)
		return scenario_decimal(
		    n, scenario_places(t->program, w->unit), out);
	if (node_str(n, &s))
		return node_refuse(n,
		    "must be a whole number: the wallet \"%s\" is not money",
		    w->id);
	return node_int(n, bounds, out);
}

int
scenario_refuse(
    const struct draft_test *t, const struct node *n, const char *sentence)
{
	return t->has_all ? node_refuse(n, "%s", sentence) : -1;
}

int
scenario_wallet(const struct draft_test *t, const struct node *n, size_t *out)
{
	const char *id;
	size_t i;

	if (scenario_text(t->arena, n, &id) == -1)
		return -1;
	i = program_wallet(t->program, id);
	if (i == NONE)
		return scenario_refuse(t, n, "is no wallet of this program");
	*out = i;
	return 0;
}

int
scenario_member(
    struct draft_test *t, const struct node *n, bool is_new, size_t *out)
{
	const char *name;

	if (node_text_new(n, t->arena, PROGRAM_ID_CHARS, RULE_ID_MAX, &name) ==
	    -1)
		return -1;
	for (size_t i = 0; i < t->nmembers; i++)
		if (strcmp(t->members[i], name) == 0) {
			*out = i;
			return 0;
		}
	if (!is_new)
		return scenario_refuse(t, n, "is no member of a step above");
	if (t->nmembers == MEMBERS_MAX)
		return node_refuse(
		    n, "is one of more than %d members", MEMBERS_MAX);
	*out = t->nmembers;
	t->members[t->nmembers++] = name;
	return 0;
}
