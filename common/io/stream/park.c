/* SPDX-License-Identifier: MIT */
#include <assert.h>
#include <string.h>

#include "core/ratio.h"
#include "io/stream/internal.h"

/* park: messages that are read and wait, so that others can be read before
 * them. */

enum {
	IDS_MAX = 128, /* entries of one command */
};

/* Adds an entry.  The list is a tree: the entries at 2 i + 1 and 2 i + 2 have no
 * lower turn than the entry at i. */
static void
parked_add(struct parking *k, const struct parked *p)
{
	size_t i = k->n;

	assert(i < STREAM_PARKED_MAX);
	for (; i > 0 && k->list[(i - 1) / 2].turn > p->turn; i = (i - 1) / 2)
		k->list[i] = k->list[(i - 1) / 2];
	k->list[i] = *p;
	k->n++;
}

/* Removes the first entry. */
static void
parked_drop(struct parking *k)
{
	struct parked last = k->list[--k->n];
	size_t i = 0;

	for (size_t next = 1; next < k->n; next = 2 * i + 1) {
		next += next + 1 < k->n &&
		        k->list[next + 1].turn < k->list[next].turn;
		if (k->list[next].turn >= last.turn)
			break;
		k->list[i] = k->list[next];
		i = next;
	}
	k->list[i] = last;
}

/* Makes what is parked of an entry, which waits for the last turn of its messages.
 * With the first turn, a message of somebody with very many would come before older
 * ones of that person. */
static struct parked
parked_new(const struct message *m, const uint16_t *slots, size_t size)
{
	struct parked p = { .turn = INT64_MIN,
		.entry = { .stream = m->stream, .deliveries = m->deliveries } };

	static_assert((int)PARCEL_MAX <= 32, "a bit for each message");
	memcpy(p.entry.id, m->stream_id, STREAM_ID_MAX);
	for (size_t i = 0; i < size; i++) {
		if (slots[i] == 0)
			continue;
		p.entry.parts |= UINT32_C(1) << m[i].part;
		p.turn = int64_max(p.turn, m[i].turn);
		p.slots[p.n++] = slots[i];
	}
	return p;
}

int
stream_park(struct stream *s, struct stream_batch *b, const uint16_t *slots,
    struct err *e)
{
	struct message *untried = arena_array(b->arena, b->n, sizeof(*untried));
	size_t size, kept = 0, n = 0;

	for (size_t i = 0; i < b->n; i += size) {
		struct parked p;
		size_t before = kept;

		size = parcel_size(&b->msgs[i], b->n - i);
		untried[n] = b->msgs[i];
		p = parked_new(&b->msgs[i], &slots[i], size);
		if (p.n > 0)
			parked_add(s->parking, &p);
		for (size_t j = i; j < i + size; j++) {
			if (slots[j] != 0)
				continue;
			b->msgs[kept] = b->msgs[j];
			b->msgs[kept++].stays = p.n > 0;
		}
		/* A process counts one delivery less only once. */
		n += kept == before && !untried[n].again;
	}
	b->n = kept;
	return pending_untried(s, untried, n, e);
}

void
stream_park_more(struct stream *s, const struct message *m)
{
	for (size_t i = 0; i < s->parking->n; i++) {
		struct pending *p = &s->parking->list[i].entry;

		if (p->stream == m->stream && strcmp(p->id, m->stream_id) == 0)
			p->parts |= UINT32_C(1) << m->part;
	}
}

int
stream_unpark(struct stream *s, struct stream_batch *b,
    struct stream_unparked *out, struct err *e)
{
	struct pending p[STREAM_PARKED_SHARE];
	const struct parked *next = s->parking->list;
	size_t n = 0, taken = 0; /* entries and messages */

	*out = (struct stream_unparked){ .n = 0 };
	b->n = b->bytes = 0;
	if (stream_connect(s, e) == -1)
		return -1;
	for (; s->parking->n > 0; parked_drop(s->parking)) {
		/* stream_park_more() adds parts, and no slots. */
		size_t parts = (size_t)__builtin_popcount(next->entry.parts);

		/* An entry is read whole, before its parts are taken. */
		if (n > 0 && (taken + parts > STREAM_PARKED_SHARE ||
		                 taken + PARCEL_MAX > b->room))
			break;
		taken += parts;
		memcpy(out->slots + out->n, next->slots,
		    next->n * sizeof(*next->slots));
		out->n += next->n;
		out->turn = next->turn;
		p[n++] = next->entry;
	}
	if (pending_read(s, b, p, n, e) == 0)
		return 0;
	stream_drop(s);
	return -1;
}

size_t
stream_parked(const struct stream *s)
{
	return s->parking->n;
}

int
stream_heartbeat_parked(
    struct stream *s, const struct stream *of, struct err *e)
{
	size_t i = 0, end = of->parking->n;

	while (i < end) {
		struct message m[IDS_MAX];
		size_t n = 0;

		for (; i < end && n < IDS_MAX; i++, n++) {
			const struct pending *p = &of->parking->list[i].entry;

			m[n].stream = p->stream;
			memcpy(m[n].stream_id, p->id, STREAM_ID_MAX);
		}
		if (stream_heartbeat(s, m, n, e) == -1)
			return -1;
	}
	return 0;
}
