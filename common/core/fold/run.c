/* SPDX-License-Identifier: MIT */
/* run: the memory of a fold, the program in effect at its moment, dates that
 * were worked out before, and refusals.  All other files of the fold use run.c.
 */
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

void
run_wait(struct run *r, int64_t at)
{
	const struct timeline *t = r->timeline;

	r->now = at;
	while (r->era + 1 < t->neras && t->eras[r->era + 1].from <= at)
		r->era++;
}

const struct era *
run_era(const struct run *r, int64_t at)
{
	const struct timeline *t = r->timeline;
	size_t i = at <= r->now ? r->era : t->neras - 1;

	steps_take(r->steps, 1);
	for (; i > 0 && t->eras[i].from > at; i--)
		steps_take(r->steps, 1);
	return &t->eras[i];
}

/* ---- dates --------------------------------------------------------------- */

struct span
run_window(struct run *r, const struct zone *z, enum window w, int64_t at)
{
	struct known_window *k = &r->known->windows[w];

	if (k->zone != z || at < k->span.from || at >= k->span.until) {
		steps_take(r->steps, STEPS_DATE);
		*k = (struct known_window){ z, calendar_window(z, w, at) };
	}
	return k->span;
}

int64_t
run_term(struct run *r, int64_t at, struct period p, int64_t n)
{
	const struct zone *z = run_zone(r);
	uint64_t hash = hash_number((uint64_t)at,
	    (uint64_t)n << 40 ^ (uint64_t)p.n << 4 ^ (uint64_t)p.unit);
	struct known_term *k = &r->known->terms[hash % TERMS_KNOWN];

	if (k->zone != z || k->at != at || k->n != n || k->period.n != p.n ||
	    k->period.unit != p.unit) {
		steps_take(r->steps, STEPS_DATE);
		*k = (struct known_term){ z, at, p, n,
			calendar_term(z, at, p, n) };
	}
	return k->until;
}

/* ---- facts --------------------------------------------------------------- */

/* The slot of a fact, or a free slot. */
static uint32_t *
slot_of(
    const struct run *r, enum fact_kind kind, int64_t store_id, const char *id)
{
	const struct fact *facts = r->timeline->facts;
	size_t i = (size_t)hash_text(
	    hash_number(HASH_BEGIN, (uint64_t)kind), id);

	for (;; i++) {
		uint32_t *slot = &r->by_id[i & (r->nby_id - 1)];
		const struct fact *f = &facts[*slot - 1];

		if (*slot == 0 || (f->kind == kind && f->store_id == store_id &&
		                      strcmp(f->id, id) == 0))
			return slot;
	}
}

/* Enters the facts that others change: redemptions and events. */
static void
enter_facts(struct run *r)
{
	const struct timeline *t = r->timeline;

	for (r->nby_id = 2; r->nby_id < t->nfacts * 2; r->nby_id *= 2)
		;
	r->by_id = arena_array(r->arena, r->nby_id, sizeof(*r->by_id));
	steps_take(r->steps, t->nfacts * STEPS_LINK);
	for (size_t i = 0; i < t->nfacts; i++) {
		const struct fact *f = &t->facts[i];
		uint32_t *slot;

		if (f->kind != FACT_REDEEM && f->kind != FACT_EVENT)
			continue;
		slot = slot_of(r, f->kind, f->store_id, f->id);
		if (*slot == 0)
			*slot = (uint32_t)i + 1;
	}
}

const struct fact *
run_fact(struct run *r, enum fact_kind kind, int64_t store_id, const char *id)
{
	uint32_t at;

	if (r->by_id == NULL)
		enter_facts(r);
	steps_take(r->steps, STEPS_LINK);
	at = *slot_of(r, kind, store_id, id);
	r->is_short |= at == 0 && r->is_resumed;
	return at == 0 ? NULL : &r->timeline->facts[at - 1];
}

struct placed *
run_placed(struct run *r, const struct fact *f)
{
	const struct timeline *t = r->timeline;

	if (r->placed == NULL)
		r->placed = arena_array(
		    r->arena, t->nfacts, sizeof(*r->placed));
	return &r->placed[f - t->facts];
}

/* ---- refusals and conditions --------------------------------------------- */

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
	size_t n = s == NULL ? 0 : strlen(s);
	uint64_t word;

	for (; n > sizeof(word); n -= sizeof(word), s += sizeof(word)) {
		memcpy(&word, s, sizeof(word));
		h = hash_number(h, word);
	}
	word = n;
	for (; n > 0; n--)
		word = word << 8 ^ (uint8_t)s[n - 1];
	return hash_number(h, word);
}
