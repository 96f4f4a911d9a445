/* SPDX-License-Identifier: MIT */
/* Texts that a page prints of a member, beside the explanation of the program. */
#include <assert.h>

#include "base/cc.h"
#include "wire/explain/explain.h"
#include "wire/explain/internal.h"

/* The last day of a time that ends at an instant. */
static const char *
last_day(struct teller *t, int64_t until)
{
	return tell_date(t, until - 1);
}

/* The wallet whose balance push tells of; NULL: the program has none such. */
static const struct wallet *
points_of(const struct program *p)
{
	size_t i = program_wallet(p, "points");

	return i == NONE ? NULL : &p->wallets[i];
}

static void
tell_balance(struct teller *t, const struct profile *x, int64_t available,
    struct member_texts *out)
{
	const struct wallet *w = points_of(t->program);

	if (w == NULL)
		return;
	out->balance = tell_units(t, w, available);
	if (x->pending.units > 0)
		out->pending = tell(t, SAY_MEMBER_FROM, "x",
		    tell_units(t, w, x->pending.units), "date",
		    tell_date(t, x->pending.at), NULL);
	if (x->expiring.units > 0)
		out->expiring = tell(t, SAY_MEMBER_UNTIL, "x",
		    tell_units(t, w, x->expiring.units), "date",
		    last_day(t, x->expiring.at), NULL);
}

static const char *
tell_level(struct teller *t, const struct level *l)
{
	return tell_name(t, &l->names, l->id);
}

void
member_tell(struct arena *a, const struct profile *x, int64_t available,
    const struct program *p, const char *language, struct member_texts *out)
{
	struct teller t;

	*out = (struct member_texts){ "", "", "", "", "" };
	teller_init(&t, a, language_find(language), p);
	tell_balance(&t, x, available, out);
	if (x->tier != NULL)
		out->tier = tell_level(&t, x->tier);
	if (x->next != NULL)
		out->next_tier = tell(&t, SAY_MEMBER_MORE, "x",
		    tell_metric(&t, x->missing), "tier",
		    tell_level(&t, x->next), NULL);
	teller_fini(&t);
}

/* ---- languages ----------------------------------------------------------- */

static void
add_languages(const struct names *names, const char **out, size_t *n)
{
	for (size_t i = 0; i < names->n; i++) {
		const char *code = names->list[i].language;
		struct words known = { out, *n };

		if (language_find(code) != NULL && !words_have(&known, code))
			out[(*n)++] = code;
	}
}

size_t
program_languages(
    const struct program *p, const char *out[EXPLAIN_LANGUAGES_MAX])
{
	size_t n = 0;

	static_assert((int)LANGUAGES <= (int)EXPLAIN_LANGUAGES_MAX, "all");
	for (size_t i = 0; i < p->nwallets; i++)
		add_languages(&p->wallets[i].names, out, &n);
	for (size_t i = 0; i < p->tiers.nlevels; i++)
		add_languages(&p->tiers.levels[i].names, out, &n);
	for (size_t i = 0; i < p->nmemberships; i++)
		add_languages(&p->memberships[i].names, out, &n);
	if (n == 0)
		out[n++] = "en";
	return n;
}
