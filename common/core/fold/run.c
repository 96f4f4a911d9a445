/* SPDX-License-Identifier: MIT */
/* run: the memory of a fold, the program in effect at its moment, and its
 * refusals.  All other files of the fold use run.c. */
#include <assert.h>
#include <string.h>

#include "core/fold/internal.h"

const char *
run_text(struct run *r, const char *const parts[])
{
	size_t n = 0;
	char *all, *p;

	for (size_t i = 0; parts[i] != NULL; i++)
		n += strlen(parts[i]);
	all = p = arena_alloc(r->arena, n + 1);
	for (size_t i = 0; parts[i] != NULL; i++) {
		memcpy(p, parts[i], strlen(parts[i]));
		p += strlen(parts[i]);
	}
	return all;
}

const char *
run_number(struct run *r, int64_t v)
{
	enum {
		DIGITS = 20
	};
	char *s = arena_alloc(r->arena, DIGITS + 1);
	size_t i = DIGITS;

	assert(v >= 0);
	do {
		s[--i] = (char)('0' + v % 10);
		v /= 10;
	} while (v > 0);
	return s + i;
}

const char *
run_date(struct run *r, int64_t at)
{
	struct civil c = calendar_civil(run_zone(r), at);

	return run_text(
	    r, (const char *const[]){ run_number(r, c.year),
	           c.month < 10 ? "-0" : "-", run_number(r, c.month),
	           c.day < 10 ? "-0" : "-", run_number(r, c.day), NULL });
}

const struct era *
run_era(const struct run *r, int64_t at)
{
	const struct timeline *t = r->timeline;
	size_t i = t->neras - 1;

	while (i > 0 && t->eras[i].from > at)
		i--;
	/* Eras are stored side by side, so that looking at four of them costs
	 * only one step. */
	steps_take(r->steps, 1 + (t->neras - i) / 4);
	return &t->eras[i];
}

const struct program *
run_program(const struct run *r)
{
	return run_era(r, r->now)->program;
}

const struct zone *
run_zone(const struct run *r)
{
	return run_program(r)->zone;
}

void
run_refuse(struct run *r, const struct fact *f, const char *reason)
{
	r->refusals = arena_grow(r->arena, r->refusals, r->nrefusals,
	    &r->refusals_room, sizeof(*r->refusals));
	r->refusals[r->nrefusals++] = (struct refusal){ f, reason };
}

bool
run_holds(const struct run *r, const struct condition *c,
    const struct program *p, const struct occasion *o, const char **why_not)
{
	steps_take(r->steps, condition_width(c, &r->view, o));
	return condition_holds(c, p, &r->view, o, why_not);
}

int64_t
run_due_at(
    const struct run *r, const struct condition *c, const struct program *p)
{
	const struct occasion none = { 0 };

	if (c->n > 0)
		steps_take(
		    r->steps, STEPS_DATE + condition_width(c, &r->view, &none));
	return condition_due_at(c, p, &r->view, r->now);
}

uint64_t
hash_text(uint64_t h, const char *s)
{
	for (; s != NULL && *s != '\0'; s++)
		h = (h ^ (uint8_t)*s) * UINT64_C(0x100000001b3);
	return (h ^ 0xff) * UINT64_C(0x100000001b3);
}
