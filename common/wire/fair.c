/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "base/little.h"
#include "wire/event_record.h"
#include "wire/fair.h"

enum {
	/* A message that was given out more often is posted at once, by
	 * itself, in case that it ends the process. */
	GIVEN_MAX = 3,
};

/* Finds whom an event is about: a customer's number, or a part of the hash of
 * an address; 0: nobody. */
static uint64_t
person_of(const struct event *ev)
{
	const struct told_fact *fact = ev->nfacts > 0 ? &ev->facts[0] : NULL;
	int64_t id = ev->order.customer_id;

	if (id == 0 && ev->kind != EVENT_ORDER)
		id = ev->customer.id;
	if (id == 0 && fact != NULL && fact->customer != NULL &&
	    str_int64(str_of(fact->customer), &id) == -1)
		id = 0;
	if (id != 0)
		return (uint64_t)id;
	return little_get(ev->kind == EVENT_ORDER || fact == NULL
	                      ? ev->order.email_hash
	                      : fact->email_hash,
	    8);
}

/* Finds the slot of a message's person; 0: the message is never parked. */
static uint16_t
slot_of(struct arena *a, const struct message *m)
{
	struct event ev = { .nfacts = 0 };
	struct err ignored; /* the message dies when it is posted */
	uint64_t x;

	if (!m->is_record || m->is_sealed || m->deliveries > GIVEN_MAX)
		return 0;
	/* The owner of an order stands before its lists. */
	record_peek(a, m->body, event_fields, &ev);
	if (ev.kind == EVENT_FACTS && event_get(a, m, &ev, &ignored) == -1)
		return 0;
	x = person_of(&ev);
	if (x == 0)
		return 0;
	x = (x ^ (uint64_t)m->store_id << 32) * 0x9e3779b97f4a7c15;
	return (uint16_t)(1 + (x ^ x >> 29) % (FAIR_SLOTS - 1));
}

size_t
fair_pick(struct fair *f, struct arena *a, struct message *m, size_t n,
    uint16_t *slots)
{
	size_t before = f->all;

	if (n <= FAIR_SHARE && f->all == 0)
		return 0;
	for (size_t i = 0; i < n; i++) {
		slots[i] = slot_of(a, &m[i]);
		f->here[slots[i]]++;
	}
	for (size_t i = 0; i < n; i++) {
		size_t k = slots[i];
		bool parks = k != 0 &&
		             (f->parked[k] > 0 || f->here[k] > FAIR_SHARE);

		if (f->parked[k] == 0)
			f->since[k] = (int64_t)((uint64_t)m[i].received_at -
			                        (uint64_t)f->turn);
		m[i].turn = (int64_t)((uint64_t)m[i].received_at -
		                      (uint64_t)f->since[k]);
		f->parked[k] += parks;
		f->all += parks;
	}
	for (size_t i = 0; i < n; i++) {
		size_t k = slots[i];

		f->here[k] = 0;
		slots[i] = f->parked[k] > 0 ? slots[i] : 0;
	}
	return f->all - before;
}

void
fair_back(struct fair *f, const uint16_t *slots, size_t n, int64_t turn)
{
	f->turn = int64_max(f->turn, turn);
	for (size_t i = 0; i < n; i++) {
		uint32_t *parked = &f->parked[slots[i]];

		f->all -= *parked > 0;
		*parked -= *parked > 0;
	}
}

void
fair_reset(struct fair *f)
{
	if (f->all > 0)
		memset(f, 0, sizeof(*f));
}
