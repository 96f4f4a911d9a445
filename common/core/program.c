/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "core/program.h"
#include "core/ratio.h"

bool
rule_is_of(const char *rule, const char *of)
{
	size_t len = strlen(of);

	return strncmp(rule, of, len) == 0 &&
	       (rule[len] == '\0' || rule[len] == '*');
}

size_t
program_wallet(const struct program *p, const char *id)
{
	for (size_t i = 0; i < p->nwallets; i++)
		if (strcmp(p->wallets[i].id, id) == 0)
			return i;
	return NONE;
}

size_t
program_rule(const struct program *p, const char *id)
{
	for (size_t i = 0; i < p->nrules; i++)
		if (strcmp(p->rules[i].id, id) == 0)
			return i;
	return NONE;
}

size_t
program_reward(const struct program *p, const char *id)
{
	for (size_t i = 0; i < p->nrewards; i++)
		if (strcmp(p->rewards[i].id, id) == 0)
			return i;
	return NONE;
}

size_t
program_level(const struct program *p, const char *id)
{
	for (size_t i = 0; i < p->tiers.nlevels; i++)
		if (strcmp(p->tiers.levels[i].id, id) == 0)
			return i;
	return NONE;
}

size_t
program_membership(const struct program *p, const char *id)
{
	for (size_t i = 0; i < p->nmemberships; i++)
		if (strcmp(p->memberships[i].id, id) == 0)
			return i;
	return NONE;
}

bool
program_has_birthday(const struct program *p, const char *attribute)
{
	bool is = strcmp(attribute, BIRTHDAY) == 0;

	for (size_t i = 0; i < p->nrules && !is; i++)
		is = p->rules[i].on == ON_BIRTHDAY &&
		     strcmp(p->rules[i].attribute, attribute) == 0;
	return is;
}

static bool
expires(const struct expiry *x)
{
	return x->after.n != 0 || x->end_of != 0 || x->inactive.n != 0 ||
	       x->on != 0;
}

static bool
rule_is_plain(const struct program *p, const struct rule *r)
{
	/* A filter of lines may ask for categories and tags.  Categories and
	 * tags come with the products, so the order alone is not enough. */
	if (r->by != PER_MONEY || p->bases[r->base].lines.n > 0)
		return false;
	return r->on == ON_ORDER && r->when.n == 0 && r->over == WINDOW_ORDER &&
	       r->nlimits == 0 && r->wallet == 0 && r->charity == NULL &&
	       r->take_wallet == NONE && r->ndeclared == 0 &&
	       r->replaces.n == 0 && r->reversal == REVERSE_RESIDUAL &&
	       r->pending_days < 0 && r->pending_from == FROM_PAID &&
	       !r->has_expiry;
}

bool
program_is_plain(const struct program *p)
{
	if (p->nwallets != 1 || p->wallets[0].unit != UNIT_POINTS ||
	    strcmp(p->wallets[0].id, "points") != 0 ||
	    expires(&p->wallets[0].expires) ||
	    p->wallets[0].negative != NEGATIVE_DEBT || p->nmultipliers > 0 ||
	    p->tiers.nlevels > 0 || p->nmemberships > 0 || p->nrewards > 0 ||
	    p->nbenefits > 0)
		return false;
	for (size_t i = 0; i < p->nrules; i++)
		if (!rule_is_plain(p, &p->rules[i]))
			return false;
	return true;
}

const struct exchange *
program_exchange(const struct program *p, const char *currency, int64_t at)
{
	static const struct exchange itself = { .n = 1, .d = 1 };
	const struct exchange *found = NULL;

	if (strcmp(currency, p->currency) == 0)
		return &itself;
	for (size_t i = 0; i < p->ncurrencies; i++) {
		const struct currency *c = &p->currencies[i];

		for (size_t j = 0;
		     j < c->nrates && strcmp(c->code, currency) == 0 &&
		     c->rates[j].from <= at;
		     j++)
			found = &c->rates[j];
	}
	return found;
}

int64_t
reward_room(const struct reward *r, int64_t goods, int64_t share)
{
	if (r->most_percent != 0 && r->most_percent < share)
		share = r->most_percent;
	return ratio_floor(ratio_mul(goods, share), PERCENT_ALL);
}

int64_t
reward_steps(const struct reward *r, int64_t room, const struct exchange *x)
{
	return ratio_floor(ratio_mul(room, x->n), ratio_mul(r->amount, x->d));
}
