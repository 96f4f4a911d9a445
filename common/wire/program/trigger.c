/* SPDX-License-Identifier: MIT */
/*
 * When a rule fires, and the periods that its sums and limits are over.
 */
#include <string.h>

#include "wire/program/internal.h"

static const struct {
	const char *word;
	enum trigger trigger;
} triggers[] = {
	{ "order", ON_ORDER },
	{ "birthday", ON_BIRTHDAY },
	{ "tier", ON_TIER },
	{ "tier_year", ON_TIER_YEAR },
	{ "membership", ON_MEMBERSHIP },
	{ "membership_period", ON_MEMBERSHIP_PERIOD },
	{ "membership_month", ON_MEMBERSHIP_MONTH },
	{ "month", ON_MONTH },
	{ "quarter", ON_QUARTER },
	{ "year", ON_YEAR },
	{ "date", ON_DATE },
	{ "balance", ON_BALANCE },
};

/* What is not a trigger of ours is the type of an event. */
enum trigger
trigger_of(const char *word)
{
	for (size_t i = 0; i < NITEMS(triggers); i++)
		if (strcmp(triggers[i].word, word) == 0)
			return triggers[i].trigger;
	return ON_EVENT;
}

bool
trigger_is_ours(const char *word)
{
	return trigger_of(word) != ON_EVENT;
}

int
read_window(const struct draft *d, const struct node *up, const char *key,
    enum window first, enum window *out, struct err *e)
{
	static const char *const words[] = { "line", "order", "day", "month",
		"quarter", "year", "tier_year", "lifetime", NULL };
	int skip = (int)(first - WINDOW_LINE);
	struct node n;
	int word = 0;

	if (!node_get(up, key, &n))
		return 0;
	if (node_word(up, key, words + skip, &word, e) == -1)
		return -1;
	*out = (enum window)((int)first + word);
	if (*out == WINDOW_TIER_YEAR && d->p.tiers.nlevels == 0)
		return node_refuse(&n, e, "needs \"tiers\"");
	return 0;
}
