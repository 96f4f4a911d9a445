/* SPDX-License-Identifier: MIT */
/* Sentences about wallets, tiers and memberships. */

#include "wire/explain/internal.h"

/* ---- wallets ------------------------------------------------------------ */

static const char *
activities(struct teller *t, const struct wallet *w)
{
	const struct {
		bool counts;
		enum piece piece;
	} all[] = {
		{ w->active_by_earning, SAY_ACTIVE_EARN },
		{ w->active_by_redeeming, SAY_ACTIVE_REDEEM },
		{ w->active_by_order, SAY_ACTIVE_ORDER },
	};
	const char *s = "";

	for (size_t i = 0; i < NITEMS(all); i++)
		if (all[i].counts)
			s = tell_join(t, s, ", ", tell(t, all[i].piece, NULL));
	return s;
}

static const char *
expires_end_of(struct teller *t, const struct expiry *x)
{
	static const enum piece pieces[] = {
		[WINDOW_DAY] = SAY_OF_DAY,
		[WINDOW_MONTH] = SAY_OF_MONTH,
		[WINDOW_QUARTER] = SAY_OF_QUARTER,
		[WINDOW_YEAR] = SAY_OF_YEAR,
	};
	const char *what = "";

	if (x->end_of < NITEMS(pieces))
		what = tell(t, pieces[x->end_of], NULL);
	if (x->plus.n == 0)
		return tell(t, SAY_EXPIRES_END, "what", what, NULL);
	return tell(t, SAY_EXPIRES_END_PLUS, "what", what, "period",
	    tell_period(t, x->plus), NULL);
}

const char *
tell_expiry(struct teller *t, const struct expiry *x, const struct wallet *w)
{
	const char *s = "";

	if (x->after.n != 0)
		s = tell(t, SAY_EXPIRES_AFTER, "period",
		    tell_period(t, x->after), NULL);
	if (x->end_of != 0)
		s = tell_then(t, s, expires_end_of(t, x));
	if (x->inactive.n != 0)
		s = tell_then(t, s,
		    tell(t, SAY_EXPIRES_INACTIVE, "period",
		        tell_period(t, x->inactive), "list",
		        w != NULL ? activities(t, w) : "", NULL));
	if (x->on != 0)
		s = tell_then(t, s,
		    tell(t, SAY_EXPIRES_ON, "date", tell_date(t, x->on - 1),
		        NULL));
	return s;
}

static const char *
unit(struct teller *t, const void *thing)
{
	static const enum piece pieces[] = {
		[UNIT_POINTS] = SAY_KIND_POINTS,
		[UNIT_MONEY] = SAY_KIND_MONEY,
		[UNIT_VOUCHERS] = SAY_KIND_VOUCHERS,
	};

	return tell(t, pieces[((const struct wallet *)thing)->unit], NULL);
}

static const char *
worth(struct teller *t, const void *thing)
{
	const struct wallet *w = thing;

	if (w->worth == 0)
		return "";
	return tell(t, SAY_WORTH, "x", tell_milli(t, w->worth), NULL);
}

static const char *
wallet_expiry(struct teller *t, const void *thing)
{
	const struct wallet *w = thing;
	const char *s = tell_expiry(t, &w->expires, w);

	return s[0] != '\0' ? s : tell(t, SAY_NO_EXPIRY, NULL);
}

static const char *
negative(struct teller *t, const void *thing)
{
	static const enum piece pieces[] = {
		[NEGATIVE_DEBT] = SAY_NEGATIVE_DEBT,
		[NEGATIVE_ALLOW] = SAY_NEGATIVE_ALLOW,
		[NEGATIVE_FORGIVE] = SAY_NEGATIVE_FORGIVE,
	};

	return tell(t, pieces[((const struct wallet *)thing)->negative], NULL);
}

static const char *
wallet_head(struct teller *t, const void *thing)
{
	const struct wallet *w = thing;

	return tell(
	    t, SAY_WALLET, "name", tell_wallet(t, w), "kind", unit(t, w), NULL);
}

/* Lists the wallets, except the internal wallet of debts to charities, which is
 * the last: no member has such a wallet. */
static const struct aspect wallet_aspects[] = {
	{ "", unit, 0, ASPECT_HEAD },
	{ "", worth, 0, ASPECT_LINE },
	{ "", wallet_expiry, 0, ASPECT_LINE },
	{ "", negative, 0, ASPECT_LINE },
	{ "names", tell_all_names, offsetof(struct wallet, names),
	    ASPECT_INNER },
	{ NULL, NULL, 0, ASPECT_INNER },
};

const struct kind explain_wallets = {
	.noun = "wallet",
	.heading = SAY_HEAD_WALLETS,
	.gone = "what is in it stays",
	.list = offsetof(struct program, wallets),
	.n = offsetof(struct program, nwallets),
	.size = sizeof(struct wallet),
	.head = wallet_head,
	.aspects = wallet_aspects,
};

/* ---- tiers -------------------------------------------------------------- */

static const char *
metric_of(struct teller *t, const struct tiers *s)
{
	switch (s->metric) {
	case METRIC_SPEND:
		return tell(t, SAY_METRIC_SPEND, NULL);
	case METRIC_EARNED:
		return tell(t, SAY_METRIC_EARNED, "wallet",
		    tell_wallet(t, &t->program->wallets[s->wallet]), NULL);
	case METRIC_ORDERS:
		return tell(t, SAY_METRIC_ORDERS, NULL);
	case METRIC_EVENTS:
		return tell(t, SAY_METRIC_EVENTS, "event",
		    tell_event(t, s->event), NULL);
	}
	return "";
}

static const char *
metric_window(struct teller *t, const struct tiers *s)
{
	switch (s->window) {
	case TIER_YEAR:
		return tell(t, SAY_PER_YEAR, NULL);
	case TIER_ROLLING:
		return tell(t, SAY_WINDOW_ROLLING, "period",
		    tell_period(t, s->rolling), NULL);
	case TIER_LIFETIME:
		return tell(t, SAY_WINDOW_EVER, NULL);
	case TIER_ANNIVERSARY:
		return tell(t, SAY_WINDOW_ANNIVERSARY, NULL);
	}
	return "";
}

static const char *
metric(struct teller *t, const void *thing)
{
	return tell(t, SAY_METRIC, "x", metric_of(t, thing), "window",
	    metric_window(t, thing), NULL);
}

static const char *
tiers_base(struct teller *t, const void *thing)
{
	const struct tiers *s = thing;

	return s->metric == METRIC_SPEND
	           ? tell_base(t, &t->program->bases[s->base])
	           : "";
}

static const char *
pending_counts(struct teller *t, const void *thing)
{
	return ((const struct tiers *)thing)->pending_counts
	           ? tell(t, SAY_PENDING_COUNTS, NULL)
	           : "";
}

static const char *
before_counts(struct teller *t, const void *thing)
{
	return ((const struct tiers *)thing)->before
	           ? tell(t, SAY_BEFORE_COUNTS, NULL)
	           : "";
}

static const char *
term(struct teller *t, const void *thing)
{
	const struct tiers *s = thing;

	switch (s->term) {
	case TERM_FOREVER:
		return tell(t, SAY_TERM_FOREVER, NULL);
	case TERM_REST_PLUS_NEXT:
		return tell(t, SAY_TERM_REST_PLUS_NEXT, NULL);
	case TERM_REST:
		return tell(t, SAY_TERM_REST, NULL);
	case TERM_PERIOD:
		return tell(t, SAY_TERM_PERIOD, "period",
		    tell_period(t, s->term_period), NULL);
	case TERM_WHILE:
		return tell(t, SAY_TERM_WHILE, NULL);
	}
	return "";
}

static const char *
grace(struct teller *t, const void *field)
{
	const int64_t *days = field;

	return *days == 0
	           ? ""
	           : tell(t, SAY_GRACE, "period", tell_days(t, *days), NULL);
}

static const char *
downgrade(struct teller *t, const void *thing)
{
	static const enum piece pieces[] = {
		[DOWNGRADE_EVALUATE] = SAY_DOWNGRADE_EVALUATE,
		[DOWNGRADE_ONE] = SAY_DOWNGRADE_ONE,
		[DOWNGRADE_NONE] = SAY_DOWNGRADE_NONE,
	};

	return tell(t, pieces[((const struct tiers *)thing)->downgrade], NULL);
}

/* Says that the purchases by which a member reached a tier do not count again
 * for its renewal.  Says nothing if tiers last until a date of the calendar,
 * since customers then expect that rule anyway. */
static const char *
kept_once(struct teller *t, const void *thing)
{
	const struct tiers *s = thing;

	return s->term == TERM_PERIOD && s->window != TIER_LIFETIME &&
	               s->downgrade != DOWNGRADE_NONE
	           ? tell(t, SAY_KEPT_ONCE, NULL)
	           : "";
}

static const char *
crossing(struct teller *t, const void *thing)
{
	static const enum piece pieces[] = {
		[CROSSING_OLD] = SAY_CROSSING_OLD,
		[CROSSING_NEW] = SAY_CROSSING_NEW,
		[CROSSING_SPLIT] = SAY_CROSSING_SPLIT,
	};

	return tell(t, pieces[((const struct tiers *)thing)->crossing], NULL);
}

static const char *
tiers_refund(struct teller *t, const void *thing)
{
	return tell(t,
	    ((const struct tiers *)thing)->refund_at_term_end
	        ? SAY_TIER_REFUND_END
	        : SAY_TIER_REFUND_NOW,
	    NULL);
}

const struct aspect explain_tiers[] = {
	{ "", metric, 0, ASPECT_LINE },
	{ "", tiers_base, 0, ASPECT_LINE },
	{ "", pending_counts, 0, ASPECT_LINE },
	{ "", before_counts, 0, ASPECT_LINE },
	{ "", term, 0, ASPECT_LINE },
	{ "", grace, offsetof(struct tiers, grace_days), ASPECT_LINE },
	{ "", downgrade, 0, ASPECT_LINE },
	{ "", kept_once, 0, ASPECT_LINE },
	{ "", crossing, 0, ASPECT_LINE },
	{ "", tiers_refund, 0, ASPECT_LINE },
	{ NULL, NULL, 0, ASPECT_INNER },
};

const char *
tell_metric(struct teller *t, int64_t n)
{
	const struct tiers *s = &t->program->tiers;

	switch (s->metric) {
	case METRIC_SPEND:
		return tell_money(t, n);
	case METRIC_EARNED:
		return tell_units(t, &t->program->wallets[s->wallet], n);
	case METRIC_ORDERS:
		return tell_count(t, n, FORMS_ORDER);
	case METRIC_EVENTS:
		return tell_count(t, n, FORMS_EVENT);
	}
	return "";
}

static const char *
threshold(struct teller *t, const void *thing)
{
	const struct level *l = thing;

	if (!l->has_threshold)
		return tell(t, SAY_LEVEL_BY_CONDITION, NULL);
	return tell(t, l->above ? SAY_MORE_THAN : SAY_AT_LEAST, "x",
	    tell_metric(t, l->threshold), NULL);
}

static const char *
level_head(struct teller *t, const void *thing)
{
	const struct level *l = thing;

	return tell(t, SAY_LEVEL, "name", tell_name(t, &l->names, l->id),
	    "threshold", threshold(t, l), NULL);
}

static const struct aspect level_aspects[] = {
	{ "", threshold, 0, ASPECT_HEAD },
	{ "", tell_condition, offsetof(struct level, when), ASPECT_LINE },
	{ "names", tell_all_names, offsetof(struct level, names),
	    ASPECT_INNER },
	{ NULL, NULL, 0, ASPECT_INNER },
};

const struct kind explain_levels = {
	.noun = "tier",
	.heading = SAY_HEAD_TIERS,
	.gone = "who was in it is where the rest puts them",
	.list = offsetof(struct program, tiers.levels),
	.n = offsetof(struct program, tiers.nlevels),
	.size = sizeof(struct level),
	.head = level_head,
	.aspects = level_aspects,
};

/* ---- memberships -------------------------------------------------------- */

static const char *
price(struct teller *t, const void *thing)
{
	int64_t minor = ((const struct membership *)thing)->price;

	return minor == 0 ? ""
	                  : tell(t, SAY_PRICE, "x", tell_money(t, minor), NULL);
}

static const char *
trial(struct teller *t, const void *thing)
{
	int64_t days = ((const struct membership *)thing)->trial_days;

	return days == 0
	           ? ""
	           : tell(t, SAY_TRIAL, "period", tell_days(t, days), NULL);
}

static const char *
membership_refund(struct teller *t, const void *thing)
{
	return tell(t,
	    ((const struct membership *)thing)->refund == MEMBERSHIP_STAYS
	        ? SAY_MEMBERSHIP_STAYS
	        : SAY_MEMBERSHIP_ENDS,
	    NULL);
}

static const char *
membership_head(struct teller *t, const void *thing)
{
	const struct membership *m = thing;

	return tell(t, SAY_MEMBERSHIP, "name", tell_name(t, &m->names, m->id),
	    "period", tell_period(t, m->term), NULL);
}

static const struct aspect membership_aspects[] = {
	{ "", tell_period_of, offsetof(struct membership, term), ASPECT_HEAD },
	{ "", price, 0, ASPECT_LINE },
	{ "", tell_fee, offsetof(struct membership, fee), ASPECT_LINE },
	{ "", trial, 0, ASPECT_LINE },
	{ "", grace, offsetof(struct membership, grace_days), ASPECT_LINE },
	{ "", membership_refund, 0, ASPECT_LINE },
	{ "names", tell_all_names, offsetof(struct membership, names),
	    ASPECT_INNER },
	{ NULL, NULL, 0, ASPECT_INNER },
};

const struct kind explain_memberships = {
	.noun = "membership",
	.heading = SAY_HEAD_MEMBERSHIPS,
	.gone = "nobody is a member any more",
	.list = offsetof(struct program, memberships),
	.n = offsetof(struct program, nmemberships),
	.size = sizeof(struct membership),
	.head = membership_head,
	.aspects = membership_aspects,
};
