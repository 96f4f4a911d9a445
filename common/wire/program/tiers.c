/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "base/money.h"
#include "wire/program/internal.h"

/* Asked of a member at any time: nothing happens. */
static const char *const of_occasions[] = { "field", "channel", "brand",
	"shipping_method", "amount", "pieces", "codes", "nth", NULL };

/* ---- levels ---------------------------------------------------------------- */

static int
threshold_of(
    const struct draft *d, const struct node *n, int64_t *out, struct err *e)
{
	static const int64_t money[2] = { 0, MONEY_MAX };
	static const int64_t number[2] = { 0, RATE_MAX };
	const struct tiers *t = &d->p.tiers;

	switch (t->metric) {
	case METRIC_SPEND:
		return money_of(d, n, money, out, e);
	case METRIC_EARNED:
		return units_of(d, n, t->wallet, 0, out, e);
	case METRIC_ORDERS:
	case METRIC_EVENTS:
		return node_int(n, number, out, e);
	}
	return 0;
}

static int
level_threshold(
    const struct draft *d, const struct node *n, struct level *l, struct err *e)
{
	struct node above, from, when;
	bool has_from = node_get(n, "from", &from);

	l->above = node_get(n, "above", &above);
	l->has_threshold = l->above || has_from;
	if (l->above && has_from)
		return node_refuse(
		    &from, e, "cannot be said here: \"above\" says it already");
	if (node_get(n, "when", &when)) {
		if (l->has_threshold)
			return node_refuse(&when, e,
			    "cannot be said here: a tier is reached by a "
			    "threshold or by a condition");
		return 0;
	}
	if (!l->has_threshold)
		return node_refuse(n, e,
		    "lacks \"above\", \"from\" or \"when\", how it is reached");
	return threshold_of(d, l->above ? &above : &from, &l->threshold, e);
}

static int
level_of(struct draft *d, const struct node *n, struct level *l, struct err *e)
{
	static const char *const keys[] = { "id", "above", "from", "when",
		"names", NULL };
	static const char *const tier[] = { "tier", NULL };

	if (node_check_object(n, keys, e) == -1 ||
	    level_threshold(d, n, l, e) == -1 ||
	    read_when(d, n, &l->when, e) == -1 ||
	    when_refuse(n, of_occasions, "a tier is not of one order", e) ==
	        -1 ||
	    when_refuse(n, tier, "a tier cannot depend on tiers", e) == -1)
		return -1;
	return read_names(d, n, &l->names, e);
}

static int
levels_of(struct draft *d, const struct node *list, struct err *e)
{
	struct tiers *t = &d->p.tiers;
	const struct level *below = NULL;

	for (size_t i = 0; i < t->nlevels; i++) {
		struct node item = node_item(list, i);
		struct level *l = &t->levels[i];

		if (level_of(d, &item, l, e) == -1)
			return -1;
		if (!l->has_threshold)
			continue;
		if (below != NULL && (l->threshold < below->threshold ||
		                         (l->threshold == below->threshold &&
		                             l->above <= below->above)))
			return node_refuse(&item, e,
			    "is not above \"%s\": tiers stand lowest first",
			    below->id);
		if (!d->kept && below != NULL &&
		    l->threshold + l->above <= below->threshold + below->above)
			return node_refuse(&item, e,
			    "leaves nothing to \"%s\": no amount is from where "
			    "that begins to where this does",
			    below->id);
		below = l;
	}
	return 0;
}

/* ---- what they are measured by ------------------------------------------------ */

static int
tiers_metric(struct draft *d, const struct node *n, struct err *e)
{
	static const char *const metrics[] = { "spend", "earned", "orders",
		"events", NULL };
	struct tiers *t = &d->p.tiers;
	int metric = 0;
	struct node event;

	if (node_word(n, "metric", metrics, &metric, e) == -1)
		return -1;
	t->metric = (enum tier_metric)(METRIC_SPEND + metric);
	if (t->metric != METRIC_SPEND &&
	    refuse_key(n, "base", "it goes with \"metric\": \"spend\"", e) ==
	        -1)
		return -1;
	if (t->metric != METRIC_EARNED &&
	    (refuse_key(
	         n, "wallet", "it goes with \"metric\": \"earned\"", e) == -1 ||
	        refuse_key(n, "pending_counts",
	            "it goes with \"metric\": \"earned\"", e) == -1))
		return -1;
	if (read_base(d, n, &t->base, e) == -1 ||
	    read_ref(d, n, "wallet", REF_WALLET, &t->wallet, e) == -1 ||
	    node_bool(n, "pending_counts", &t->pending_counts, e) == -1)
		return -1;
	if (t->metric != METRIC_SPEND && t->metric != METRIC_ORDERS &&
	    refuse_key(n, "before",
	        "it is of orders: \"metric\": \"spend\" or \"orders\"",
	        e) == -1)
		return -1;
	if (node_bool(n, "before", &t->before, e) == -1)
		return -1;
	if (t->metric != METRIC_EVENTS)
		return refuse_key(
		    n, "event", "it goes with \"metric\": \"events\"", e);
	if (node_need(n, "event", "the type of the events", &event, e) == -1 ||
	    node_text_new(&event, d->arena, PROGRAM_ID_CHARS, RULE_ID_MAX,
	        &t->event, e) == -1)
		return -1;
	if (trigger_is_ours(t->event))
		return node_refuse(&event, e, "is no type of an event");
	return 0;
}

enum {
	WORDS_TEXT_MAX = 80,
};

/* A word of a list, from 0, or a period, which is -1. */
static int
word_or_period(const struct node *up, const char *key,
    const char *const words[], int *word, struct period *p, struct err *e)
{
	char list[WORDS_TEXT_MAX] = "";
	struct str s = { 0 };
	struct node n;

	if (!node_get(up, key, &n))
		return 0;
	if (period_is(&n, p) && p->unit != UNIT_EVER) {
		*word = -1;
		return 0;
	}
	(void)(node_str(&n, &s) == 0);
	for (int i = 0; words[i] != NULL; i++) {
		if (str_eq(s, str_of(words[i]))) {
			*word = i;
			return 0;
		}
		(void)strncat(list, ", ", sizeof(list) - strlen(list) - 1);
		(void)strncat(list, words[i], sizeof(list) - strlen(list) - 1);
	}
	return node_refuse(&n, e,
	    "must be a period, like \"12 months\", or one of these words: %s",
	    list + strlen(", "));
}

static int
tiers_times(struct draft *d, const struct node *n, struct err *e)
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

	if (word_or_period(n, "window", windows, &window, &t->rolling, e) ==
	        -1 ||
	    word_or_period(n, "term", terms, &term, &t->term_period, e) == -1 ||
	    node_number(n, "grace_days", days_bounds, &t->grace_days, e) == -1)
		return -1;
	t->window = window == -1 ? TIER_ROLLING : window_of[window];
	t->term = term == -1 ? TERM_PERIOD : term_of[term];
	if (t->term == TERM_FOREVER)
		return refuse_key(
		    n, "grace_days", "a term for ever has no end", e);
	return 0;
}

static int
tiers_policies(struct draft *d, const struct node *n, struct err *e)
{
	static const char *const downgrades[] = { "evaluate", "one_down",
		"none", NULL };
	static const char *const crossings[] = { "old", "new", "split", NULL };
	static const char *const refunds[] = { "immediate", "at_term_end",
		NULL };
	struct tiers *t = &d->p.tiers;
	int downgrade = 0, crossing = 0, refund = 0;

	if (node_word(n, "downgrade", downgrades, &downgrade, e) == -1 ||
	    node_word(n, "crossing", crossings, &crossing, e) == -1 ||
	    node_word(n, "on_refund", refunds, &refund, e) == -1)
		return -1;
	t->downgrade = (enum downgrade)(DOWNGRADE_EVALUATE + downgrade);
	t->crossing = (enum crossing)(CROSSING_OLD + crossing);
	t->refund_at_term_end = refund == 1;
	if (t->crossing != CROSSING_OLD && t->metric != METRIC_SPEND &&
	    t->metric != METRIC_ORDERS)
		return refuse_key(n, "crossing",
		    "an order crosses by what is spent or by its number", e);
	return 0;
}

int
read_tiers(struct draft *d, const struct node *file, struct err *e)
{
	static const char *const keys[] = { "metric", "wallet", "event", "base",
		"pending_counts", "before", "window", "term", "grace_days",
		"downgrade", "crossing", "on_refund", "levels", NULL };
	struct node n, levels;

	if (!node_get(file, "tiers", &n))
		return 0;
	if (node_check_object(&n, keys, e) == -1 ||
	    tiers_metric(d, &n, e) == -1 || tiers_times(d, &n, e) == -1 ||
	    tiers_policies(d, &n, e) == -1 ||
	    node_need(&n, "levels", "the tiers", &levels, e) == -1)
		return -1;
	return levels_of(d, &levels, e);
}

/* ---- memberships --------------------------------------------------------------- */

static int
membership_of(
    struct draft *d, const struct node *n, struct membership *m, struct err *e)
{
	static const char *const keys[] = { "id", "fee", "price", "term",
		"trial_days", "grace_days", "on_refund", "names", NULL };
	static const char *const refunds[] = { "ends", "stays", NULL };
	struct node term;
	int refund = 0;

	if (node_check_object(n, keys, e) == -1 ||
	    node_need(n, "term", "how long one is paid for", &term, e) == -1 ||
	    read_period(n, "term", &m->term, e) == -1 ||
	    read_lines(d, n, "fee", &m->fee, e) == -1 ||
	    read_minor(d, n, "price", &m->price, e) == -1 ||
	    node_number(n, "trial_days", days_bounds, &m->trial_days, e) ==
	        -1 ||
	    node_number(n, "grace_days", days_bounds, &m->grace_days, e) ==
	        -1 ||
	    node_word(n, "on_refund", refunds, &refund, e) == -1)
		return -1;
	m->refund = (enum membership_refund)(MEMBERSHIP_ENDS + refund);
	return read_names(d, n, &m->names, e);
}

int
read_memberships(struct draft *d, const struct node *file, struct err *e)
{
	struct node n;

	if (!node_get(file, "memberships", &n))
		return 0;
	for (size_t i = 0; i < d->p.nmemberships; i++) {
		struct node item = node_item(&n, i);

		if (membership_of(d, &item, &d->memberships[i], e) == -1)
			return -1;
	}
	return 0;
}
