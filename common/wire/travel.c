/* SPDX-License-Identifier: MIT */
#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "wire/event_record.h"
#include "wire/travel.h"

enum {
	NAME_MAX = 64
};

/* Writes the name under which the body of a message is sealed, so that it does
 * not open as that of another store. */
static void
seal_name(const struct message *m, char out[NAME_MAX])
{
	(void)snprintf(
	    out, NAME_MAX, "delivery of store %" PRId64, m->store_id);
}

void
travel_seal(struct arena *a, const struct master_key *key, struct message *m)
{
	char name[NAME_MAX];

	if (m->is_sealed)
		return;
	seal_name(m, name);
	m->body = seal(a, key, name, m->body);
	m->is_sealed = true;
}

/* Makes a record of the event; false if the event is beyond the bounds of
 * one. */
static bool
pack_record(struct arena *a, const struct event *ev, struct message *m)
{
	struct buf b;
	bool fits;

	buf_init(&b, EVENT_RECORD_MAX);
	fits = event_put(&b, ev) == 0;
	if (fits) {
		m->body = (struct str){ arena_memdup(a, b.data, b.len), b.len };
		m->is_record = true;
	}
	buf_fini(&b);
	return fits;
}

void
travel_pack(struct arena *a, const struct master_key *key,
    const struct event *ev, const uint8_t signature[HMAC_SIZE],
    struct message *m)
{
	static_assert((int)MARK_SIZE <= (int)HMAC_SIZE, "");

	if (ev == NULL || !pack_record(a, ev, m)) {
		travel_seal(a, key, m);
		return;
	}
	memcpy(m->mark, signature, MARK_SIZE);
	if (ev->nfacts > 0)
		travel_seal(a, key, m);
}

/* Encodes a message that does not open as its own body. */
static void
stay_closed(struct arena *a, struct message *m)
{
	struct buf b;

	buf_init(&b, MESSAGE_MAX);
	message_encode(m, &b);
	assert(!buf_is_full(&b));
	m->platform = (enum platform)0;
	m->body = (struct str){ arena_memdup(a, b.data, b.len), b.len };
	m->topic = m->delivery_id = (struct str){ 0 };
	m->store_id = m->received_at = m->installation = 0;
	m->is_record = false;
	memset(m->mark, 0, sizeof(m->mark));
	buf_fini(&b);
}

void
travel_open(struct arena *a, const struct master_key *key, struct message *m)
{
	struct err ignored; /* says only that it does not open */
	char name[NAME_MAX];

	if (!m->is_sealed || m->platform == (enum platform)0)
		return;
	seal_name(m, name);
	if (unseal(a, key, name, m->body, &m->body, &ignored) == -1)
		stay_closed(a, m);
	else
		m->is_sealed = false;
}
