/* SPDX-License-Identifier: MIT */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "io/stream/internal.h"

/* park: messages that are read and wait, so that others can be read before
 * them. */

enum {
	IDS_MAX = 128, /* entries of one command */
};

static struct parked *
parked_at(const struct stream *s, uint64_t i)
{
	return &s->parking->list[i % STREAM_PARKED_MAX];
}

/* Adds an entry, behind all older ones: of several streams, entries are not read
 * in the order in which they came. */
static void
parked_add(struct stream *s, const struct message *m, uint32_t parts)
{
	struct parked p = {
		.ms = strtoull(m->stream_id, NULL, 10),
		.entry = { .stream = m->stream,
		    .parts = parts,
		    .deliveries = m->deliveries },
	};
	uint64_t i = s->parking->end++;

	memcpy(p.entry.id, m->stream_id, STREAM_ID_MAX);
	assert(stream_parked(s) <= STREAM_PARKED_MAX);
	for (; i > s->parking->first && parked_at(s, i - 1)->ms > p.ms; i--)
		*parked_at(s, i) = *parked_at(s, i - 1);
	*parked_at(s, i) = p;
}

int
stream_park(
    struct stream *s, struct stream_batch *b, const bool *parks, struct err *e)
{
	struct message *untried = arena_array(b->arena, b->n, sizeof(*untried));
	size_t size, kept = 0, n = 0;

	static_assert((int)PARCEL_MAX <= 32, "a bit for each message");
	for (size_t i = 0; i < b->n; i += size) {
		uint32_t parts = 0;
		size_t before = kept;

		size = parcel_size(&b->msgs[i], b->n - i);
		untried[n] = b->msgs[i];
		for (size_t j = i; j < i + size; j++)
			parts |= (uint32_t)parks[j] << b->msgs[j].part;
		if (parts != 0)
			parked_add(s, &b->msgs[i], parts);
		for (size_t j = i; j < i + size; j++) {
			if (parks[j])
				continue;
			b->msgs[kept] = b->msgs[j];
			b->msgs[kept++].stays = parts != 0;
		}
		n += kept == before;
	}
	b->n = kept;
	return pending_untried(s, untried, n, e);
}

void
stream_park_more(struct stream *s, const struct message *m)
{
	for (uint64_t i = s->parking->first; i < s->parking->end; i++) {
		struct pending *p = &parked_at(s, i)->entry;

		if (p->stream == m->stream && strcmp(p->id, m->stream_id) == 0)
			p->parts |= UINT32_C(1) << m->part;
	}
}

int
stream_unpark(struct stream *s, struct stream_batch *b, struct err *e)
{
	struct pending p[STREAM_PARKED_SHARE];
	size_t n = 0, sum = 0;
	uint64_t first;

	b->n = b->bytes = 0;
	if (stream_connect(s, e) == -1)
		return -1;
	for (first = s->parking->first; first + n < s->parking->end; n++) {
		const struct parked *next = parked_at(s, first + n);

		sum += (size_t)__builtin_popcount(next->entry.parts);
		/* An entry is read whole, before its parts are taken. */
		if (n > 0 &&
		    (sum > STREAM_PARKED_SHARE || sum + PARCEL_MAX > b->room))
			break;
		p[n] = next->entry;
	}
	if (pending_read(s, b, p, n, e) == -1) {
		stream_drop(s);
		return -1;
	}
	s->parking->first = first + n;
	return 0;
}

size_t
stream_parked(const struct stream *s)
{
	return (size_t)(s->parking->end - s->parking->first);
}

int
stream_heartbeat_parked(
    struct stream *s, const struct stream *of, struct err *e)
{
	uint64_t i = of->parking->first, end = of->parking->end;

	while (i < end) {
		struct message m[IDS_MAX];
		size_t n = 0;

		for (; i < end && n < IDS_MAX; i++, n++) {
			const struct pending *p = &parked_at(of, i)->entry;

			m[n].stream = p->stream;
			memcpy(m[n].stream_id, p->id, STREAM_ID_MAX);
		}
		if (stream_heartbeat(s, m, n, e) == -1)
			return -1;
	}
	return 0;
}
