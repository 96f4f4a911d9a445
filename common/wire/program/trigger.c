/* SPDX-License-Identifier: MIT */
/*
 * Reads the triggers of rules, the types of events, and the windows over which
 * sums and limits are counted.
 */
#include <string.h>

#include "base/near.h"
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

/* The types of events that a file need not declare: the types in
 * deploy/programs/README.md, "Triggers", and those that core/fold reads
 * (core/fact.h). */
static const char *const known[] = { "enrolment", "newsletter", "review",
	"social", "referral", "referred", "survey", "activity", "trade_in",
	"purchase_elsewhere", "prescription", "card_opened", "profile",
	"consent", "chosen_day", "membership_started", "membership_payment",
	"membership_cancelled", NULL };

enum trigger
trigger_of(const char *word)
{
	for (size_t i = 0; i < NITEMS(triggers); i++)
		if (strcmp(triggers[i].word, word) == 0)
			return triggers[i].trigger;
	return ON_EVENT;
}

void
event_warn(const struct draft *d, const struct node *n, const char *type)
{
	char text[NEAR_TEXT_MAX];
	struct near near;

	if (d->kept || !d->has_ids || word_is_one_of(type, known) ||
	    words_have(&d->events, type))
		return;
	near_init(&near, str_of(type));
	for (size_t i = 0; i < NITEMS(triggers); i++)
		near_offer(&near, triggers[i].word);
	for (size_t i = 0; known[i] != NULL; i++)
		near_offer(&near, known[i]);
	for (size_t i = 0; i < d->events.n; i++)
		near_offer(&near, d->events.list[i]);
	near_text(&near, text);
	node_warn(n,
	    "is no event that loyald knows: \"%s\"%s; say \"events\": "
	    "[\"%s\"] in the file if the shop sends it",
	    type, text, type);
}

int
event_of(struct draft *d, const struct node *n, const char **out)
{
	const char *type;

	if (id_of(d, n, &type) == -1)
		return -1;
	if (trigger_of(type) != ON_EVENT)
		return node_refuse(n, "is no type of an event");
	event_warn(d, n, type);
	*out = type;
	return 0;
}

int
window_read(const struct draft *d, const struct node *up, const char *key,
    enum window first, enum window *out)
{
	static const char *const words[] = { "line", "order", "day", "month",
		"quarter", "year", "tier_year", "lifetime", NULL };
	int skip = (int)(first - WINDOW_LINE);
	struct node n;
	int word = 0;

	if (!node_get(up, key, &n))
		return 0;
	if (node_word(up, key, words + skip, &word) == -1)
		return -1;
	*out = (enum window)((int)first + word);
	if (*out == WINDOW_TIER_YEAR && d->p.tiers.nlevels == 0 && d->has_ids)
		return node_refuse(&n, "needs \"tiers\"");
	return 0;
}
