/* SPDX-License-Identifier: MIT */
#include <assert.h>
#include <string.h>

#include "core/fold/internal.h"

enum {
	SLOTS_FIRST = 256, /* a power of two */
	FEW = 4,           /* slots for each movement, so that few collide */
};

static uint64_t
hash_of(const struct movement *m)
{
	uint64_t h = HASH_BEGIN;

	h = (h ^ (uint64_t)m->source) * UINT64_C(0x100000001b3);
	h = (h ^ (uint64_t)m->store_id) * UINT64_C(0x100000001b3);
	h = (h ^ (uint64_t)m->debit) * UINT64_C(0x100000001b3);
	h = (h ^ (uint64_t)m->credit) * UINT64_C(0x100000001b3);
	h = hash_text(h, m->source_id);
	h = hash_text(h, m->rule);
	h = hash_text(h, m->wallet);
	h = hash_text(h, m->party);
	return h ^ h >> 29;
}

static bool
same_text(const char *a, const char *b)
{
	return a == b || (a != NULL && b != NULL && strcmp(a, b) == 0);
}

static bool
same_key(const struct movement *a, const struct movement *b)
{
	return a->source == b->source && a->store_id == b->store_id &&
	       a->debit == b->debit && a->credit == b->credit &&
	       same_text(a->source_id, b->source_id) &&
	       same_text(a->rule, b->rule) && same_text(a->wallet, b->wallet) &&
	       same_text(a->party, b->party);
}

/* The slot of the movement with this key, or a free slot. */
static uint32_t *
slot_of(const struct run *r, const struct movement *m)
{
	size_t i = (size_t)hash_of(m) & (r->nslots - 1);

	while (r->slots[i] != 0 && !same_key(&r->movements[r->slots[i] - 1], m))
		i = (i + 1) & (r->nslots - 1);
	return &r->slots[i];
}

static void
slots_grow(struct run *r)
{
	r->nslots = r->nslots == 0 ? SLOTS_FIRST : r->nslots * 2;
	r->slots = arena_array(r->arena, r->nslots, sizeof(*r->slots));
	for (size_t i = 0; i < r->nmovements; i++)
		*slot_of(r, &r->movements[i]) = (uint32_t)i + 1;
}

static struct movement *
movement_at(struct run *r, const struct movement *key)
{
	uint32_t *slot;

	if ((r->nmovements + 1) * FEW > r->nslots)
		slots_grow(r);
	slot = slot_of(r, key);
	if (*slot == 0) {
		r->movements = arena_grow(r->arena, r->movements, r->nmovements,
		    &r->movements_room, sizeof(*r->movements));
		r->movements[r->nmovements++] = *key;
		*slot = (uint32_t)r->nmovements;
	}
	return &r->movements[*slot - 1];
}

/* Explains a movement that came about in several steps, such as an order's
 * refunds: what was given before the first step, and after the last. */
static const struct why *
why_of_both(struct run *r, const struct why *first, const struct why *last)
{
	struct why *why = arena_alloc(r->arena, sizeof(*why));

	*why = *last;
	why->uncapped += first->uncapped;
	why->passed += first->passed;
	why->bonus += first->bonus;
	why->given_before = why->given_after - why->uncapped;
	return why;
}

static void
explain(struct run *r, struct movement *m, const struct post *p)
{
	bool first = m->units == p->units;

	/* A step that takes from several lots posts once for each lot. */
	if (first)
		m->why_all = p->why;
	else if (m->why != p->why)
		m->why_all = why_of_both(r, m->why_all, p->why);
	m->why = p->why;
}

void
post_add(struct run *r, const struct post *p)
{
	const struct movement key = {
		.source = p->origin->source,
		.store_id = p->origin->store_id,
		.source_id = p->origin->source_id,
		.version_id = p->origin->version_id,
		.rule = p->rule,
		.wallet = p->purse->purse.wallet,
		.party = p->party,
		.debit = p->debit,
		.credit = p->credit,
		.at = r->now,
	};
	struct movement *m;

	assert(p->units >= 0);
	if (p->units == 0 && p->why == NULL)
		return;
	steps_take(r->steps, STEPS_POST);
	m = movement_at(r, &key);
	m->units += p->units;
	m->at = r->now;
	if (p->lot != NULL)
		m->lot = &p->lot->lot;
	/* Units that are there already keep their explanation when a step adds
	 * nothing to them. */
	if (p->why != NULL && (p->units > 0 || m->why == NULL))
		explain(r, m, p);
	balance_move(&p->purse->purse.balance, p->debit, -1, p->units);
	balance_move(&p->purse->purse.balance, p->credit, 1, p->units);
}
