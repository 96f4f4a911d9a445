/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "wire/explain/diff.h"
#include "wire/explain/internal.h"

struct diff {
	struct teller from, to;
	struct buf *out;
	size_t changes;
};

/* Begins a line about a changed thing with the kind and id of the thing: "rule
 * order". */
static void
change(struct diff *d, const char *noun, const char *id)
{
	d->changes++;
	buf_printf(d->out, "%s%s%s: ", noun, id[0] != '\0' ? " " : "", id);
}

/* Writes a text in the middle of a line.  A whole sentence gets quotation marks
 * and loses its full stop; any other text is written as it is. */
static void
say(struct diff *d, const char *s)
{
	size_t n = strlen(s);

	if (n > 0 && s[n - 1] == '.')
		buf_printf(d->out, "\"%.*s\"", (int)(n - 1), s);
	else
		buf_puts(d->out, s);
}

static void
say_change(struct diff *d, const char *was, const char *is)
{
	if (was[0] == '\0')
		buf_puts(d->out, "now ");
	else if (is[0] == '\0')
		buf_puts(d->out, "no longer ");
	if (was[0] != '\0')
		say(d, was);
	if (was[0] != '\0' && is[0] != '\0')
		buf_puts(d->out, " is now ");
	if (is[0] != '\0')
		say(d, is);
	buf_puts(d->out, "\n");
}

static void
compare(struct diff *d, const char *noun, const char *id,
    const struct aspect *aspects, const void *before, const void *after)
{
	for (const struct aspect *a = aspects; a->say != NULL; a++) {
		const char *was = aspect_say(&d->from, a, before);
		const char *is = aspect_say(&d->to, a, after);

		if (strcmp(was, is) == 0)
			continue;
		change(d, noun, id);
		if (a->name[0] != '\0')
			buf_printf(d->out, "%s ", a->name);
		say_change(d, was, is);
	}
}

static const char *
thing_at(const struct kind *k, const struct program *p, size_t i)
{
	size_t n;
	const char *list = things_of(k, p, &n);

	return i < n ? list + i * k->size : NULL;
}

/* Returns the index of the thing (rule, wallet, ...) with this id, or NONE. */
static size_t
thing_find(const struct kind *k, const struct program *p, const char *id)
{
	const char *thing;

	for (size_t i = 0; (thing = thing_at(k, p, i)) != NULL; i++)
		if (strcmp(thing_id(thing), id) == 0)
			return i;
	return NONE;
}

/* Reports things that are in both programs, but in a different order: the order
 * matters to wallets, to multipliers that replace others, and to tiers. */
static void
compare_order(struct diff *d, const struct kind *k)
{
	size_t last = 0;
	const char *thing;

	for (size_t i = 0; (thing = thing_at(k, d->from.program, i)) != NULL;
	     i++) {
		size_t at = thing_find(k, d->to.program, thing_id(thing));

		if (at == NONE)
			continue;
		if (at < last) {
			change(d, k->noun, thing_id(thing));
			buf_puts(d->out, "stands further up now\n");
			return;
		}
		last = at;
	}
}

static void
compare_kind(struct diff *d, const struct kind *k)
{
	const char *thing;
	size_t other;

	for (size_t i = 0; (thing = thing_at(k, d->from.program, i)) != NULL;
	     i++) {
		const char *id = thing_id(thing);

		other = thing_find(k, d->to.program, id);
		if (other != NONE) {
			compare(d, k->noun, id, k->aspects, thing,
			    thing_at(k, d->to.program, other));
			continue;
		}
		d->changes++;
		buf_printf(d->out, "%s %s is gone: %s\n", k->noun, id, k->gone);
	}
	for (size_t i = 0; (thing = thing_at(k, d->to.program, i)) != NULL;
	     i++) {
		const char *id = thing_id(thing);

		if (thing_find(k, d->from.program, id) != NONE)
			continue;
		d->changes++;
		buf_printf(d->out, "%s %s is new: %s\n", k->noun, id,
		    tell_thing(&d->to, k, thing));
	}
	compare_order(d, k);
}

/* Compares the tiers, if both programs have levels. */
static void
compare_tiers(struct diff *d)
{
	const struct tiers *before = &d->from.program->tiers;
	const struct tiers *after = &d->to.program->tiers;

	if (before->nlevels > 0 && after->nlevels > 0)
		compare(d, "tiers", "", explain_tiers, before, after);
}

size_t
program_diff(
    const struct program *from, const struct program *to, struct buf *out)
{
	const struct language *english = language_find("en");
	struct diff d = { .out = out };
	struct arena arena;

	arena_init(&arena);
	teller_init(&d.from, &arena, english, from);
	teller_init(&d.to, &arena, english, to);
	d.from.by_id = d.to.by_id = true;
	compare(&d, "program", "", explain_terms, from, to);
	for (size_t i = 0; explain_kinds[i] != NULL; i++) {
		if (explain_kinds[i] == &explain_levels)
			compare_tiers(&d);
		compare_kind(&d, explain_kinds[i]);
	}
	if (d.changes == 0)
		buf_puts(out, "nothing changed\n");
	teller_fini(&d.from);
	teller_fini(&d.to);
	arena_fini(&arena);
	return d.changes;
}
