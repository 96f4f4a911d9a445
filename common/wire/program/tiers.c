/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "base/money.h"
#include "wire/program/internal.h"

enum {
	WORDS_TEXT_MAX = 80,
};

/* Keys of tests about an order or an event.  The condition of a level may not
 * have them: it is also checked when there is no order and no event. */
static const char *const of_occasions[] = { "field", "channel", "brand",
	"shipping_method", "amount", "pieces", "codes", "nth", NULL };

/* ---- levels -------------------------------------------------------------- */

static void
threshold_of(const struct draft *d, const struct node *n, int64_t *out)
{
	static const int64_t money[2] = { 0, MONEY_MAX };
	static const int64_t number[2] = { 0, RATE_MAX };
	const struct tiers *t = &d->p.tiers;

	switch (t->metric) {
	case METRIC_SPEND:
		node_money(n, d->p.exponent, money, out);
		break;
	case METRIC_EARNED:
		units_of(d, n, t->wallet, 0, out);
		break;
	case METRIC_ORDERS:
	case METRIC_EVENTS:
		node_int(n, number, out);
		break;
	}
}

/* Reads how a level is reached: by a threshold ("above", "from") or by a
 * condition ("when"). */
static void
level_threshold(const struct draft *d, const struct node *n, struct level *l)
{
	struct node above, from, when;
	bool has_from = node_get(n, "from", &from);

	l->above = node_get(n, "above", &above);
	l->has_threshold = l->above || has_from;
	if (l->above && has_from)
		node_refuse(
		    &from, "cannot be said here: \"above\" says it already");
	if (node_get(n, "when", &when)) {
		if (l->has_threshold)
			node_refuse(&when,
			    "cannot be said here: a tier is reached by a "
			    "threshold or by a condition");
		return;
	}
	if (l->has_threshold)
		threshold_of(d, l->above ? &above : &from, &l->threshold);
	else if (!node_is_wrong(n))
		node_refuse(n,
		    "lacks \"above\", \"from\" or \"when\", how it is reached");
}

static void
level_of(struct draft *d, const struct node *n, struct level *l)
{
	static const char *const keys[] = { "id", "above", "from", "when",
		"names", NULL };
	static const char *const tier[] = { "tier", NULL };

	if (!node_is_object(n) || node_check_object(n, keys) == -1)
		return;
	level_threshold(d, n, l);
	names_read(d, n, &l->names);
	if (l->has_threshold)
		return;
	when_read(d, n, &l->when);
	when_refuse(n, of_occasions, "a tier is not of one order");
	when_refuse(n, tier, "a tier cannot depend on tiers");
}

/* Refuses a level that does not begin at a higher amount than the level
 * below. */
static void
level_check(const struct draft *d, const struct node *n, const struct level *l,
    const struct level *below)
{
	if (l->threshold < below->threshold ||
	    (l->threshold == below->threshold && l->above <= below->above))
		node_refuse(n, "is not above \"%s\": tiers stand lowest first",
		    below->id);
	else if (!d->kept &&
	         l->threshold + l->above <= below->threshold + below->above)
		node_refuse(n,
		    "leaves nothing to \"%s\": no amount is from where that "
		    "begins to where this does",
		    below->id);
}

static void
levels_read(struct draft *d, const struct node *list)
{
	struct tiers *t = &d->p.tiers;
	const struct level *below = NULL;

	for (size_t i = 0; i < t->nlevels; i++) {
		struct node item = node_item(list, i);
		struct level *l = &t->levels[i];

		level_of(d, &item, l);
		if (!l->has_threshold || t->metric == 0 || node_is_wrong(&item))
			continue;
		if (below != NULL)
			level_check(d, &item, l, below);
		below = l;
	}
}

/* ---- what tiers are measured by ------------------------------------------ */

/* Refuses the keys that belong to other metrics. */
static void
metric_check(const struct node *n, enum tier_metric metric)
{
	static const char *const earned = "it goes with \"metric\": \"earned\"";

	if (metric != METRIC_SPEND)
		node_refuse_key(
		    n, "base", "it goes with \"metric\": \"spend\"");
	if (metric != METRIC_EARNED) {
		node_refuse_key(n, "wallet", earned);
		node_refuse_key(n, "pending_counts", earned);
	}
	if (metric != METRIC_SPEND && metric != METRIC_ORDERS)
		node_refuse_key(n, "before",
		    "it is of orders: \"metric\": \"spend\" or \"orders\"");
	if (metric != METRIC_EVENTS)
		node_refuse_key(
		    n, "event", "it goes with \"metric\": \"events\"");
}

static void
tiers_metric(struct draft *d, const struct node *n)
{
	static const char *const metrics[] = { "spend", "earned", "orders",
		"events", NULL };
	struct tiers *t = &d->p.tiers;
	int metric = 0;
	struct node event;

	if (node_word(n, "metric", metrics, &metric) == -1)
		return;
	t->metric = (enum tier_metric)(METRIC_SPEND + metric);
	metric_check(n, t->metric);
	base_read(d, n, &t->base);
	node_bool(n, "pending_counts", &t->pending_counts);
	node_bool(n, "before", &t->before);
	if (t->metric == METRIC_EVENTS &&
	    node_need(n, "event", "the type of the events", &event) == 0)
		event_of(d, &event, &t->event);
	/* Thresholds are in the unit of the wallet: without the wallet they
	 * cannot be read, and the metric stays 0. */
	if (ref_read(d, n, "wallet", REF_WALLET, &t->wallet) == -1)
		t->metric = (enum tier_metric)0;
}

/* Reads a period or a word of the list.  Sets *word to the word's index; to -1
 * for a period. */
static void
word_or_period(const struct node *up, const char *key,
    const char *const words[], int *word, struct period *p)
{
	char list[WORDS_TEXT_MAX] = "";
	struct str s = { 0 };
	struct node n;

	if (!node_get(up, key, &n))
		return;
	if (period_is(&n, p) && p->unit != UNIT_EVER) {
		*word = -1;
		return;
	}
	node_str(&n, &s);
	for (int i = 0; words[i] != NULL; i++) {
		if (str_eq(s, str_of(words[i]))) {
			*word = i;
			return;
		}
		(void)strncat(list, ", ", sizeof(list) - strlen(list) - 1);
		(void)strncat(list, words[i], sizeof(list) - strlen(list) - 1);
	}
	node_refuse(&n,
	    "must be a period, like \"12 months\", or one of these words: %s",
	    list + strlen(", "));
}

static void
tiers_times(struct draft *d, const struct node *n)
{
	static const char *const windows[] = { "year", "lifetime",
		"anniversary", NULL };
	static const enum tier_window window_of[] = { TIER_YEAR, TIER_LIFETIME,
		TIER_ANNIVERSARY };
	static const char *const terms[] = { "forever",
		"rest_of_year_plus_next", "rest_of_year", "while", NULL };
	static const enum tier_term term_of[] = { TERM_FOREVER,
		TERM_REST_PLUS_NEXT, TERM_REST, TERM_WHILE };
	struct tiers *t = &d->p.tiers;
	int window = 0, term = 1;

	word_or_period(n, "window", windows, &window, &t->rolling);
	word_or_period(n, "term", terms, &term, &t->term_period);
	node_number(n, "grace_days", days_bounds, &t->grace_days);
	t->window = window == -1 ? TIER_ROLLING : window_of[window];
	t->term = term == -1 ? TERM_PERIOD : term_of[term];
	if (t->term == TERM_FOREVER)
		node_refuse_key(n, "grace_days", "a term for ever has no end");
}

static void
tiers_policies(struct draft *d, const struct node *n)
{
	static const char *const downgrades[] = { "evaluate", "one_down",
		"none", NULL };
	static const char *const crossings[] = { "old", "new", "split", NULL };
	static const char *const refunds[] = { "immediate", "at_term_end",
		NULL };
	struct tiers *t = &d->p.tiers;
	int downgrade = 0, crossing = 0, refund = 0;

	node_word(n, "downgrade", downgrades, &downgrade);
	node_word(n, "crossing", crossings, &crossing);
	node_word(n, "on_refund", refunds, &refund);
	t->downgrade = (enum downgrade)(DOWNGRADE_EVALUATE + downgrade);
	t->crossing = (enum crossing)(CROSSING_OLD + crossing);
	t->refund_at_term_end = refund == 1;
	if (t->crossing != CROSSING_OLD &&
	    (t->metric == METRIC_EARNED || t->metric == METRIC_EVENTS))
		node_refuse_key(n, "crossing",
		    "an order crosses by what is spent or by its number");
}

void
tiers_read(struct draft *d, const struct node *file)
{
	static const char *const keys[] = { "metric", "wallet", "event", "base",
		"pending_counts", "before", "window", "term", "grace_days",
		"downgrade", "crossing", "on_refund", "levels", NULL };
	struct node n, levels;

	if (!node_get(file, "tiers", &n) || node_check_object(&n, keys) == -1)
		return;
	tiers_metric(d, &n);
	tiers_times(d, &n);
	tiers_policies(d, &n);
	if (node_need(&n, "levels", "the tiers", &levels) == 0)
		levels_read(d, &levels);
}

/* ---- memberships --------------------------------------------------------- */

static void
membership_of(struct draft *d, const struct node *n, struct membership *m)
{
	static const char *const keys[] = { "id", "fee", "price", "term",
		"trial_days", "grace_days", "on_refund", "names", NULL };
	static const char *const refunds[] = { "ends", "stays", NULL };
	struct node term;
	int refund = 0;

	if (!node_is_object(n) || node_check_object(n, keys) == -1)
		return;
	if (node_need(n, "term", "how long one is paid for", &term) == 0)
		period_read(n, "term", &m->term);
	lines_read(d, n, "fee", &m->fee);
	minor_read(d, n, "price", &m->price);
	node_number(n, "trial_days", days_bounds, &m->trial_days);
	node_number(n, "grace_days", days_bounds, &m->grace_days);
	node_word(n, "on_refund", refunds, &refund);
	m->refund = (enum membership_refund)(MEMBERSHIP_ENDS + refund);
	names_read(d, n, &m->names);
}

void
memberships_read(struct draft *d, const struct node *file)
{
	struct node n;

	if (!node_get(file, "memberships", &n))
		return;
	for (size_t i = 0; i < d->p.nmemberships; i++) {
		struct node item = node_item(&n, i);

		membership_of(d, &item, &d->memberships[i]);
	}
}
