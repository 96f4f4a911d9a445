/* SPDX-License-Identifier: MIT */
#include <assert.h>
#include <string.h>

#include "wire/explain/explain.h"
#include "wire/explain/internal.h"

const char *const explain_languages[] = { "en", "de", "cs", NULL };

const struct kind *const explain_kinds[] = {
	&explain_wallets,
	&explain_rules,
	&explain_multipliers,
	&explain_levels,
	&explain_memberships,
	&explain_rewards,
	&explain_benefits,
	&explain_consents,
	NULL,
};

const char *
things_of(const struct kind *k, const struct program *p, size_t *n)
{
	const char *place = (const char *)p + k->list, *list = place;

	memcpy(n, (const char *)p + k->n, sizeof(*n));
	/* The levels of tiers are in the program, all other lists are beside
	 * it: the program has a pointer to them. */
	if (k != &explain_levels)
		memcpy(&list, (const void *)place, sizeof(list));
	/* The internal wallet of debts to charities is the last: no member has
	 * such a wallet. */
	if (k == &explain_wallets && *n > 0 && p->wallets[*n - 1].charity)
		--*n;
	return list;
}

const char *
thing_id(const void *thing)
{
	static_assert(offsetof(struct wallet, id) == 0, "the id is first");
	static_assert(offsetof(struct rule, id) == 0, "the id is first");
	static_assert(offsetof(struct multiplier, id) == 0, "the id is first");
	static_assert(offsetof(struct level, id) == 0, "the id is first");
	static_assert(offsetof(struct membership, id) == 0, "the id is first");
	static_assert(offsetof(struct reward, id) == 0, "the id is first");
	static_assert(offsetof(struct benefit, id) == 0, "the id is first");
	static_assert(offsetof(struct consent, id) == 0, "the id is first");
	const char *id;

	memcpy(&id, thing, sizeof(id));
	return id;
}

/* Joins those aspects of a thing that are sentences of their own
 * (ASPECT_LINE). */
static const char *
sentences(struct teller *t, const struct aspect *a, const void *thing)
{
	const char *s = "";

	for (; a->say != NULL; a++)
		if (a->where == ASPECT_LINE)
			s = tell_then(t, s, aspect_say(t, a, thing));
	return s;
}

const char *
tell_thing(struct teller *t, const struct kind *k, const void *thing)
{
	return tell_then(t, k->head(t, thing), sentences(t, k->aspects, thing));
}

static void
heading(struct teller *t, enum piece piece, struct buf *to)
{
	buf_printf(to, "\n%s\n", language_piece(t->language, piece));
}

static void
bullet(struct buf *to, const char *s)
{
	if (s[0] != '\0')
		buf_printf(to, "- %s\n", s);
}

static void
explain_kind(struct teller *t, const struct kind *k, struct buf *to)
{
	size_t n;
	const char *things = things_of(k, t->program, &n);

	if (n > 0 && k != &explain_consents)
		heading(t, k->heading, to);
	for (size_t i = 0; i < n; i++) {
		bullet(to, tell_thing(t, k, things + i * k->size));
	}
	if (n > 0 && k == &explain_levels)
		bullet(to, sentences(t, explain_tiers, &t->program->tiers));
}

static void
explain_rest(struct teller *t, struct buf *to)
{
	heading(t, SAY_HEAD_TERMS, to);
	for (const struct aspect *a = explain_terms; a->say != NULL; a++)
		if (a->where == ASPECT_LINE)
			bullet(to, aspect_say(t, a, t->program));
}

int
program_explain(const struct program *p, const char *language, struct buf *to,
    struct err *e)
{
	const struct language *l = language_find(language);
	struct arena arena;
	struct teller t;

	if (l == NULL)
		return language_refuse(language, e);
	arena_init(&arena);
	teller_init(&t, &arena, l, p);
	buf_printf(to, "%s\n", p->name);
	for (size_t i = 0; explain_kinds[i] != &explain_consents; i++)
		explain_kind(&t, explain_kinds[i], to);
	explain_rest(&t, to);
	explain_kind(&t, &explain_consents, to);
	teller_fini(&t);
	arena_fini(&arena);
	return 0;
}
