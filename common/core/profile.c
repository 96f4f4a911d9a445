/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "base/instant.h"
#include "core/profile.h"

/* ---- 1. and 2. units ------------------------------------------------------- */

/* The instant at which something happens to the units of a lot; INSTANT_NEVER:
 * nothing does. */
static int64_t
vests_at(const struct profile_lot *l)
{
	return l->vested ? INSTANT_NEVER : l->vests_at;
}

static int64_t
expires_at(const struct profile_lot *l)
{
	return l->vested ? l->expires_at : INSTANT_NEVER;
}

static struct profile_units
units_of(const struct profile_known *k, const struct zone *z,
    int64_t (*at_of)(const struct profile_lot *))
{
	struct profile_units u = { .at = INSTANT_NEVER };
	struct civil day;
	int64_t next_day;

	for (size_t i = 0; i < k->nlots; i++)
		if (at_of(&k->lots[i]) < u.at)
			u.at = at_of(&k->lots[i]);
	if (u.at == INSTANT_NEVER)
		return (struct profile_units){ 0 };
	day = calendar_civil(z, u.at);
	next_day = calendar_midnight(z, day.year, day.month, day.day + 1);
	for (size_t i = 0; i < k->nlots; i++)
		if (at_of(&k->lots[i]) < next_day)
			u.units += k->lots[i].remaining;
	return u;
}

/* ---- 4. tiers -------------------------------------------------------------- */

static void
tiers_of(
    const struct profile_known *k, const struct program *p, struct profile *out)
{
	size_t own = k->tier != NULL ? program_level(p, k->tier) : NONE;
	size_t above = own == NONE ? 0 : own + 1;

	if (own != NONE) {
		out->tier = &p->tiers.levels[own];
		out->tier_until = k->tier_until;
	}
	for (size_t i = above; k->has_metric && i < p->tiers.nlevels; i++) {
		const struct level *l = &p->tiers.levels[i];
		int64_t missing = l->threshold - k->metric + l->above;

		if (!l->has_threshold || missing <= 0)
			continue;
		out->next = l;
		out->missing = missing;
		return;
	}
}

/* ---- 3. and 5. ------------------------------------------------------------- */

static void
memberships_of(
    const struct profile_known *k, const struct program *p, struct profile *out)
{
	for (size_t i = 0; i < p->nmemberships; i++)
		for (size_t j = 0; j < k->nmemberships; j++) {
			const struct profile_membership *m = &k->memberships[j];

			if (!m->active ||
			    strcmp(m->id, p->memberships[i].id) != 0)
				continue;
			out->memberships[out->nmemberships]
			    .of = &p->memberships[i];
			out->memberships[out->nmemberships++].until = m->until;
			break;
		}
}

void
profile_make(
    const struct profile_known *k, const struct program *p, struct profile *out)
{
	*out = (struct profile){
		.pending = units_of(k, p->zone, vests_at),
		.expiring = units_of(k, p->zone, expires_at),
	};
	tiers_of(k, p, out);
	memberships_of(k, p, out);
	for (size_t i = 0; i < p->nbenefits; i++)
		if (words_have(&k->benefits, p->benefits[i].id))
			out->benefits[out->nbenefits++] = &p->benefits[i];
}
