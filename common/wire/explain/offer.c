/* SPDX-License-Identifier: MIT */
/* Sentences about rewards, benefits and the program as a whole. */
#include "wire/explain/internal.h"

/* ---- rewards ------------------------------------------------------------ */

static const struct wallet *
paid_from(const struct teller *t, const struct reward *r)
{
	return &t->program->wallets[r->wallet];
}

static const char *
cost(struct teller *t, const void *thing)
{
	const struct reward *r = thing;
	const struct wallet *w = paid_from(t, r);
	const char *s = tell_units(t, w, r->cost);

	return w->unit != UNIT_MONEY ? s
	                             : tell(t, SAY_INTO, "x", s, "wallet",
	                                   tell_wallet(t, w), NULL);
}

static const char *
reward_what(struct teller *t, const void *thing)
{
	const struct reward *r = thing;
	const char *money = tell_money(t, r->amount);

	switch (r->kind) {
	case REWARD_DISCOUNT_AMOUNT:
		return tell(t, SAY_OFF, "x", money, NULL);
	case REWARD_DISCOUNT_PERCENT:
		return tell(t, SAY_OFF, "x", tell_percent(t, r->percent), NULL);
	case REWARD_SHIPPING:
		return tell(t, SAY_FREE_SHIPPING, NULL);
	case REWARD_PRODUCT:
		return tell(t, SAY_FREE, "x",
		    r->product != NULL ? r->product
		                       : tell(t, SAY_A_PRODUCT, NULL),
		    NULL);
	case REWARD_GIFT_CARD:
		return tell(t, SAY_GIFT_CARD_OF, "x", money, NULL);
	case REWARD_STORE_CREDIT:
		return tell(t, SAY_STORE_CREDIT, "x", money, NULL);
	case REWARD_CHARITY:
		return tell(t, SAY_TO_CHARITY, "x", money, NULL);
	case REWARD_EXPERIENCE:
		return tell(t, SAY_EXPERIENCE, NULL);
	}
	return "";
}

static const char *
variable(struct teller *t, const void *thing)
{
	const struct reward *r = thing;
	const struct wallet *w = paid_from(t, r);
	const char *s = "";

	if (!r->variable)
		return "";
	if (r->least == 0 && r->most == 0)
		return tell(t, SAY_VARIABLE, NULL);
	if (r->least != 0)
		s = tell(t, SAY_LEAST, "x", tell_units(t, w, r->least), NULL);
	if (r->most != 0)
		s = tell_then(t, s,
		    tell(t, SAY_MOST, "x", tell_units(t, w, r->most), NULL));
	return s;
}

static const char *
minimum(struct teller *t, const void *field)
{
	const int64_t *minor = field;

	return *minor == 0
	           ? ""
	           : tell(t, SAY_MINIMUM, "x", tell_money(t, *minor), NULL);
}

static const char *
most_percent(struct teller *t, const void *thing)
{
	int64_t percent = ((const struct reward *)thing)->most_percent;

	return percent == 0 ? ""
	                    : tell(t, SAY_MOST_PERCENT, "x",
	                          tell_percent(t, percent), NULL);
}

static const char *
combines(struct teller *t, const void *thing)
{
	return tell(t,
	    ((const struct reward *)thing)->combines ? SAY_COMBINES
	                                             : SAY_COMBINES_NOT,
	    NULL);
}

static const char *
valid(struct teller *t, const void *thing)
{
	struct period p = ((const struct reward *)thing)->valid;

	if (p.unit == UNIT_EVER || p.n == 0)
		return "";
	return tell(t, SAY_VALID, "period", tell_period(t, p), NULL);
}

static const char *
hold(struct teller *t, const void *thing)
{
	int64_t minutes = ((const struct reward *)thing)->hold_minutes;

	return minutes == REWARD_HOLD_MINUTES
	           ? ""
	           : tell(t, SAY_HOLD, "period",
	                 tell_count(t, minutes, FORMS_MINUTE), NULL);
}

/* Says what becomes of the reward of an order that is undone, unless it returns
 * to the member. */
static const char *
unused(struct teller *t, enum unused to, enum piece reopen, enum piece keep)
{
	if (to == UNUSED_REOPEN)
		return tell(t, reopen, NULL);
	return to == UNUSED_KEEP ? tell(t, keep, NULL) : "";
}

static const char *
on_cancel(struct teller *t, const void *thing)
{
	return unused(t, ((const struct reward *)thing)->on_cancel,
	    SAY_CANCEL_REOPEN, SAY_CANCEL_KEEP);
}

static const char *
on_refund(struct teller *t, const void *thing)
{
	return unused(t, ((const struct reward *)thing)->on_refund,
	    SAY_REFUND_REOPEN, SAY_REFUND_KEEP);
}

static const char *
way(struct teller *, const void *thing)
{
	static const char *const words[] = { "", "coupon", "virtual", "own" };

	return words[((const struct reward *)thing)->way];
}

static const char *
unit_cost(struct teller *t, const void *thing)
{
	int64_t minor = ((const struct reward *)thing)->unit_cost;

	return minor == 0 ? "" : tell_money(t, minor);
}

static const char *
reward_head(struct teller *t, const void *thing)
{
	const struct reward *r = thing;

	return tell(t, SAY_REWARD, "name", tell_name(t, &r->names, r->id),
	    "cost", cost(t, r), "what", reward_what(t, r), NULL);
}

static const char *
reward_wallet(struct teller *t, const void *thing)
{
	return paid_from(t, thing)->id;
}

static const struct aspect reward_aspects[] = {
	{ "", cost, 0, ASPECT_HEAD },
	{ "", reward_what, 0, ASPECT_HEAD },
	{ "wallet", reward_wallet, 0, ASPECT_INNER },
	{ "", variable, 0, ASPECT_LINE },
	{ "", minimum, offsetof(struct reward, minimum), ASPECT_LINE },
	{ "", most_percent, 0, ASPECT_LINE },
	{ "", tell_filter, offsetof(struct reward, lines), ASPECT_LINE },
	{ "", tell_condition, offsetof(struct reward, when), ASPECT_LINE },
	{ "", combines, 0, ASPECT_LINE },
	{ "", valid, 0, ASPECT_LINE },
	{ "", hold, 0, ASPECT_LINE },
	{ "", on_cancel, 0, ASPECT_LINE },
	{ "", on_refund, 0, ASPECT_LINE },
	{ "way", way, 0, ASPECT_INNER },
	{ "its cost to the merchant", unit_cost, 0, ASPECT_INNER },
	{ "names", tell_all_names, offsetof(struct reward, names),
	    ASPECT_INNER },
	{ NULL, NULL, 0, ASPECT_INNER },
};

const struct kind explain_rewards = {
	.noun = "reward",
	.heading = SAY_HEAD_REWARDS,
	.gone = "what was redeemed stays redeemed",
	.list = offsetof(struct program, rewards),
	.n = offsetof(struct program, nrewards),
	.size = sizeof(struct reward),
	.head = reward_head,
	.aspects = reward_aspects,
};

/* ---- benefits ----------------------------------------------------------- */

static const char *
benefit_what(struct teller *t, const void *thing)
{
	const struct benefit *b = thing;

	switch (b->kind) {
	case BENEFIT_DISCOUNT:
		return tell(t, SAY_OFF, "x", tell_percent(t, b->percent), NULL);
	case BENEFIT_SHIPPING:
		return tell(t, SAY_FREE_SHIPPING, NULL);
	case BENEFIT_SERVICE:
		if (b->count == 0)
			return tell(t, SAY_SERVICE, NULL);
		return tell(t, SAY_SERVICE_COUNT, "n", tell_number(t, b->count),
		    "window", tell_window(t, b->window, true), NULL);
	case BENEFIT_FLAG:
		return tell(t, SAY_FLAG, NULL);
	}
	return "";
}

static const char *
benefit_head(struct teller *t, const void *thing)
{
	const struct benefit *b = thing;

	return tell(t, SAY_BENEFIT, "name", tell_name(t, &b->names, b->id),
	    "what", benefit_what(t, b), NULL);
}

static const struct aspect benefit_aspects[] = {
	{ "", benefit_what, 0, ASPECT_HEAD },
	{ "", minimum, offsetof(struct benefit, minimum), ASPECT_LINE },
	{ "", tell_filter, offsetof(struct benefit, lines), ASPECT_LINE },
	{ "", tell_condition, offsetof(struct benefit, when), ASPECT_LINE },
	{ "names", tell_all_names, offsetof(struct benefit, names),
	    ASPECT_INNER },
	{ NULL, NULL, 0, ASPECT_INNER },
};

const struct kind explain_benefits = {
	.noun = "benefit",
	.heading = SAY_HEAD_BENEFITS,
	.gone = "nobody has it any more",
	.list = offsetof(struct program, benefits),
	.n = offsetof(struct program, nbenefits),
	.size = sizeof(struct benefit),
	.head = benefit_head,
	.aspects = benefit_aspects,
};

/* ---- consents ----------------------------------------------------------- */

static const char *
consent_head(struct teller *t, const void *thing)
{
	const struct consent *c = thing;

	return tell(t, SAY_TERMS_CONSENT, "x", c->id, "period",
	    tell_period(t, c->valid), NULL);
}

static const struct aspect consent_aspects[] = {
	{ "", tell_period_of, offsetof(struct consent, valid), ASPECT_HEAD },
	{ NULL, NULL, 0, ASPECT_INNER },
};

const struct kind explain_consents = {
	.noun = "consent",
	.heading = SAY_HEAD_TERMS,
	.gone = "nobody is asked for it any more",
	.list = offsetof(struct program, consents),
	.n = offsetof(struct program, nconsents),
	.size = sizeof(struct consent),
	.head = consent_head,
	.aspects = consent_aspects,
};

/* ---- the program -------------------------------------------------------- */

static const char *
text(struct teller *, const void *field)
{
	const char *const *s = field;

	return *s != NULL ? *s : "";
}

static const char *
currency(struct teller *, const void *thing)
{
	return ((const struct program *)thing)->currency;
}

static const char *
zone(struct teller *, const void *thing)
{
	return ((const struct program *)thing)->zone->name;
}

static const char *
award(struct teller *t, const void *thing)
{
	const struct program *p = thing;
	const char *s = "";

	/* Programs cannot choose the statuses of orders of POST /events. */
	for (int i = 1; i <= PLATFORMS; i++) {
		const struct statuses *award = &p->award[i];
		const char *list = "";

		for (size_t j = 0; j < award->n; j++)
			list = tell_join(t, list, ", ", award->list[j]);
		if (list[0] != '\0' && platform_is_shop((enum platform)i))
			s = tell_then(t, s,
			    tell(t, SAY_TERMS_AWARD, "platform",
			        platform_names[i], "list", list, NULL));
	}
	return s;
}

static const char *
charities(struct teller *t, const void *thing)
{
	const struct program *p = thing;
	const char *list = "";

	for (size_t i = 0; i < p->charities.n; i++)
		list = tell_join(t, list, ", ", p->charities.list[i]);
	return list[0] == '\0'
	           ? ""
	           : tell(t, SAY_TERMS_CHARITIES, "list", list, NULL);
}

static const char *
currencies(struct teller *t, const void *thing)
{
	const struct program *p = thing;
	const char *s = "";

	for (size_t i = 0; i < p->ncurrencies; i++) {
		const struct currency *c = &p->currencies[i];
		const char *list = "";

		for (size_t j = 0; j < c->nrates; j++)
			list = tell_join(t, list, ", ",
			    tell(t, SAY_TERMS_RATE, "rate",
			        tell_exchange(t, c->rates[j].rate), "date",
			        tell_date(t, c->rates[j].from), NULL));
		s = tell_then(t, s,
		    tell(t, SAY_TERMS_CURRENCY, "code", c->code, "list", list,
		        NULL));
	}
	return s;
}

static bool
has_birthday(const struct program *p)
{
	for (size_t i = 0; i < p->nrules; i++)
		if (p->rules[i].on == ON_BIRTHDAY)
			return true;
	return false;
}

/* Says how birthdays are treated; "" if the program does nothing for
 * birthdays. */
static const char *
birthday(struct teller *t, const void *thing)
{
	const struct program *p = thing;
	const char *s;

	if (!has_birthday(p))
		return "";
	s = tell(t,
	    p->feb29 == FEB29_NEXT ? SAY_FEB29_NEXT : SAY_FEB29_PREVIOUS, NULL);
	if (p->birthday_lead_days != 0)
		s = tell_then(t, s,
		    tell(t, SAY_BIRTHDAY_LEAD, "period",
		        tell_days(t, p->birthday_lead_days), NULL));
	if (p->birthday_lock_days != 0)
		s = tell_then(t, s,
		    tell(t, SAY_BIRTHDAY_LOCK, "period",
		        tell_days(t, p->birthday_lock_days), NULL));
	return s;
}

static const char *
best_discount(struct teller *t, const void *thing)
{
	const struct program *p = thing;
	size_t n = 0;

	for (size_t i = 0; i < p->nbenefits; i++)
		n += p->benefits[i].kind == BENEFIT_DISCOUNT;
	return n > 1 ? tell(t, SAY_BEST_DISCOUNT, NULL) : "";
}

static const char *
what_counts(struct teller *t, const void *)
{
	return tell(t, SAY_TERMS_BASE, NULL);
}

const struct aspect explain_terms[] = {
	{ "name", text, offsetof(struct program, name), ASPECT_INNER },
	{ "modelled on", text, offsetof(struct program, modelled_on),
	    ASPECT_INNER },
	{ "currency", currency, 0, ASPECT_INNER },
	{ "time zone", zone, 0, ASPECT_INNER },
	{ "", what_counts, 0, ASPECT_LINE },
	{ "", award, 0, ASPECT_LINE },
	{ "", charities, 0, ASPECT_LINE },
	{ "", currencies, 0, ASPECT_LINE },
	{ "", birthday, 0, ASPECT_LINE },
	{ "", best_discount, 0, ASPECT_LINE },
	{ NULL, NULL, 0, ASPECT_INNER },
};
