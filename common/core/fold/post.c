/* SPDX-License-Identifier: MIT */
#include <assert.h>
#include <string.h>

#include "core/fold/internal.h"

enum {
	SLOTS_FIRST = 64, /* a power of two */
};

static uint64_t
hash_of(const struct movement *m)
{
	uint64_t h = hash_number(HASH_BEGIN, (uint64_t)m->store_id);

	h = hash_number(h, (uint64_t)m->source << 16 ^ (uint64_t)m->debit << 8 ^
	                       (uint64_t)m->credit);
	h = hash_text(h, m->source_id);
	h = hash_text(h, m->rule);
	h = hash_text(h, m->wallet);
	return hash_text(h, m->party);
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

/* The slot of the movement with this key and hash, or a free slot. */
static struct movement_slot *
slot_of(const struct run *r, const struct movement *m, uint32_t hash)
{
	for (size_t i = hash;; i++) {
		struct movement_slot *s = &r->slots[i & (r->nslots - 1)];

		if (s->at == 0 ||
		    (s->hash == hash && same_key(&r->movements[s->at - 1], m)))
			return s;
	}
}

static void
slots_grow(struct run *r)
{
	struct movement_slot *old = r->slots;
	size_t n = r->nslots;

	r->nslots = n == 0 ? SLOTS_FIRST : n * 4;
	r->slots = arena_array(r->arena, r->nslots, sizeof(*r->slots));
	for (size_t i = 0; i < n; i++) {
		size_t to = old[i].hash;

		if (old[i].at == 0)
			continue;
		while (r->slots[to & (r->nslots - 1)].at != 0)
			to++;
		r->slots[to & (r->nslots - 1)] = old[i];
	}
}

static struct movement *
movement_at(struct run *r, const struct movement *key)
{
	struct movement_slot *slot;
	uint32_t hash = (uint32_t)hash_of(key);

	if (r->nmovements * 2 >= r->nslots)
		slots_grow(r);
	slot = slot_of(r, key, hash);
	if (slot->at == 0) {
		r->movements = arena_grow(r->arena, r->movements, r->nmovements,
		    &r->movements_room, sizeof(*r->movements));
		r->movements[r->nmovements++] = *key;
		*slot = (struct movement_slot){ (uint32_t)r->nmovements, hash };
	}
	return &r->movements[slot->at - 1];
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
