/* SPDX-License-Identifier: MIT */
#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/log.h"
#include "core/ratio.h"
#include "io/clock.h"
#include "io/stream/internal.h"

/*
 * next: the sources of messages, in this order:
 *
 *  1. the consumer's own pending messages, after a (re)connect or
 *     stream_again();
 *  2. messages of a consumer that went silent, three times per claim_idle_ms;
 *  3. every OLD_EVERY_MS, new messages in the old streams, whose names are from
 *     before there were installations: a receiver of an older version, or an
 *     old spool, may still fill these streams;
 *  4. new messages in the installation's own streams.
 *
 * When a source has messages, the later sources are not asked.
 */

enum {
	/* How long to wait for new messages of one stream, where one command
	 * cannot wait for all streams. */
	SLICE_MS = 50,
	OLD_EVERY_MS = 100,
};

/* Returns how many more entries may be asked for: at most as many as messages
 * are wanted, and as have room if each entry has PARCEL_MAX messages; 0 if the
 * batch has STREAM_BATCH_BYTES. */
static size_t
entries_for(const struct stream_batch *b)
{
	bool wants = b->n < b->max && b->bytes < STREAM_BATCH_BYTES;
	size_t wanted = wants ? b->max - b->n : 0;
	size_t room = (b->room - b->n) / PARCEL_MAX;

	return wanted < room ? wanted : room;
}

/* Acknowledges an id whose entry was deleted, as Redis 7 does by itself. */
static void
forget_send(struct stream *s, unsigned k, const char *id)
{
	struct command cmd;

	command_init(&cmd, "XACK", s->key[k], STREAM_GROUP, id, NULL);
	stream_send(s, &cmd);
}

/* Asks for [[id, consumer, idle, deliveries], ...] of stream k: at most `count`
 * ids from `from` to `to`, of one consumer or, if NULL, of all consumers. */
static void
pending_send(struct stream *s, unsigned k, const char *from, const char *to,
    size_t count, const char *consumer)
{
	struct command cmd;

	command_init(&cmd, "XPENDING", s->key[k], STREAM_GROUP, from, to, NULL);
	command_number(&cmd, (int64_t)count);
	if (consumer != NULL)
		command_text(&cmd, consumer);
	stream_send(s, &cmd);
}

/*
 * Takes one of the consumer's own pending messages again, and sets how often it
 * was delivered.  The count goes up only if a process died over the message,
 * not if the same process reads the message again because the database was
 * away.  Even a database that is down for an hour sends no message to the dead
 * letters.
 */
static void
pending_claim(struct stream *s, const struct pending *p)
{
	struct command cmd;

	command_init(&cmd, "XCLAIM", s->key[p->stream], STREAM_GROUP,
	    s->consumer, "0", p->id, "RETRYCOUNT", NULL);
	command_number(&cmd, p->deliveries);
	stream_send(s, &cmd);
}

int
pending_read(struct stream *s, struct stream_batch *b, const struct pending *p,
    size_t n, struct err *e)
{
	size_t gone = 0;

	for (size_t i = 0; i < n; i++)
		pending_claim(s, &p[i]);
	for (size_t i = 0; i < n; i++, p++) {
		struct reply *r = NULL;
		size_t first = b->n, kept = b->n;

		if (stream_recv(s, "XCLAIM", &r, e) == -1)
			return -1;
		if (!parcel_take(
		        s, b, p->stream, reply_at(r, 0), p->deliveries)) {
			forget_send(s, p->stream, p->id);
			gone++;
		}
		for (size_t j = first; j < b->n; j++) {
			b->msgs[j].again = p->again;
			if ((p->parts >> b->msgs[j].part & 1) != 0)
				b->msgs[kept++] = b->msgs[j];
		}
		b->n = kept;
		reply_free(r);
	}
	while (gone-- > 0)
		if (stream_done(s, "XACK", e) == -1)
			return -1;
	return 0;
}

/* Lists the consumer's own pending messages of stream k, starting where the
 * last list ended. */
static int
own_list(struct stream *s, unsigned k, struct stream_batch *b,
    struct pending **out, size_t *n, struct err *e)
{
	struct reply *r = NULL;
	struct pending *p;

	pending_send(s, k, s->own[k].from, "+", entries_for(b), s->consumer);
	if (stream_recv(s, "XPENDING", &r, e) == -1)
		return -1;
	*n = reply_count(r);
	*out = p = arena_array(b->arena, *n, sizeof(*p));
	for (size_t i = 0; i < *n; i++) {
		const struct reply *row = reply_at(r, i);
		struct str id = reply_str(reply_at(row, 0));

		(void)snprintf(
		    p[i].id, sizeof(p[i].id), "%.*s", (int)id.len, id.data);
		p[i].stream = k;
		p[i].parts = UINT32_MAX;
		p[i].again = !s->own[k].fresh;
		/* An entry that was parked and never tried has a count of 0. */
		p[i].deliveries = int64_max(
		    reply_int(reply_at(row, 3)) + s->own[k].fresh, 1);
	}
	reply_free(r);
	return 0;
}

static int
own_read(struct stream *s, unsigned k, struct stream_batch *b, struct err *e)
{
	size_t most = entries_for(b), n;
	struct pending *p;

	if (own_list(s, k, b, &p, &n, e) == -1 ||
	    pending_read(s, b, p, n, e) == -1)
		return -1;
	if (n > 0)
		(void)snprintf(s->own[k].from, CURSOR_MAX, "(%s", p[n - 1].id);
	if (n < most)
		s->own[k].open = s->own[k].fresh = false;
	return 0;
}

static int
own_next(struct stream *s, struct stream_batch *b, struct err *e)
{
	for (unsigned k = 0; k < s->nkeys; k++) {
		/* Go on after a page of deleted entries, which need not be the
		 * last page. */
		while (s->own[k].open && entries_for(b) > 0)
			if (own_read(s, k, b, e) == -1)
				return -1;
	}
	return 0;
}

/* Asks how often the entry of each message from `first` on was delivered. */
static int
claim_counts(
    struct stream *s, struct stream_batch *b, size_t first, struct err *e)
{
	for (size_t i = first; i < b->n; i++)
		if (b->msgs[i].part == 0)
			pending_send(s, b->msgs[i].stream, b->msgs[i].stream_id,
			    b->msgs[i].stream_id, 1, NULL);
	for (size_t i = first; i < b->n; i++) {
		struct reply *r = NULL;
		int64_t n;

		if (b->msgs[i].part > 0) {
			b->msgs[i].deliveries = b->msgs[i - 1].deliveries;
			continue;
		}
		if (stream_recv(s, "XPENDING", &r, e) == -1)
			return -1;
		n = reply_int(reply_at(reply_at(r, 0), 3));
		reply_free(r);
		if (n > 0)
			b->msgs[i].deliveries = n;
	}
	return 0;
}

/* Sends an XAUTOCLAIM from the sweep's cursor.  Redis 7 drops deleted entries
 * by itself.  Redis 6.2 returns nil in their place, and own_read() acknowledges
 * them later. */
static int
claim_some(struct stream *s, struct stream_batch *b, struct err *e)
{
	unsigned k = s->sweep_stream;
	struct command cmd;
	const struct reply *entries;
	struct reply *r = NULL;
	size_t first = b->n;
	struct str cursor;

	command_init(
	    &cmd, "XAUTOCLAIM", s->key[k], STREAM_GROUP, s->consumer, NULL);
	command_number(&cmd, s->claim_idle_ms);
	command_text(&cmd, s->sweep_cursor);
	command_text(&cmd, "COUNT");
	command_number(&cmd, (int64_t)entries_for(b));
	stream_send(s, &cmd);
	if (stream_recv(s, "XAUTOCLAIM", &r, e) == -1)
		return -1;

	cursor = reply_str(reply_at(r, 0));
	(void)snprintf(
	    s->sweep_cursor, CURSOR_MAX, "%.*s", (int)cursor.len, cursor.data);
	entries = reply_at(r, 1);
	for (size_t i = 0; i < reply_count(entries); i++)
		(void)parcel_take(s, b, k, reply_at(entries, i), 1);
	reply_free(r);
	s->reclaimed += (int64_t)(b->n - first);

	if (cursor.len == 0 || strcmp(s->sweep_cursor, "0-0") == 0) {
		(void)snprintf(s->sweep_cursor, CURSOR_MAX, "0-0");
		s->sweeping = ++s->sweep_stream < s->nkeys;
	}
	return claim_counts(s, b, first, e);
}

static int
claim_next(struct stream *s, struct stream_batch *b, struct err *e)
{
	int64_t now = clock_mono();

	if (!s->sweeping &&
	    (s->swept_at == 0 ||
	        now - s->swept_at >= s->claim_idle_ms * 1000 / 3)) {
		s->swept_at = now;
		s->sweeping = true;
		s->sweep_stream = 0;
		(void)snprintf(s->sweep_cursor, CURSOR_MAX, "0-0");
	}
	while (s->sweeping && entries_for(b) > 0)
		if (claim_some(s, b, e) == -1)
			return -1;
	return 0;
}

/* A question for new entries: at most `each` from each of `count` streams,
 * beginning with stream `first`.  of_before: ask the old streams instead of the
 * installation's own. */
struct ask {
	bool of_before;
	unsigned first, count;
	size_t each;
	int wait_ms;
};

static const char *
ask_key(const struct stream *s, const struct ask *a, unsigned i)
{
	return s->key[(a->of_before ? s->nstreams : 0) +
	              (a->first + i) % s->nstreams];
}

static void
ask_send(struct stream *s, const struct ask *a)
{
	struct command cmd;

	command_init(&cmd, "XREADGROUP", "GROUP", STREAM_GROUP, s->consumer,
	    "COUNT", NULL);
	command_number(&cmd, (int64_t)a->each);
	/* No BLOCK in place of BLOCK 0, which waits for ever. */
	if (a->wait_ms > 0) {
		command_text(&cmd, "BLOCK");
		command_number(&cmd, a->wait_ms);
	}
	command_text(&cmd, "STREAMS");
	for (unsigned i = 0; i < a->count; i++)
		command_text(&cmd, ask_key(s, a, i));
	for (unsigned i = 0; i < a->count; i++)
		command_text(&cmd, ">");
	redis_conn_send(s->waits, &cmd);
}

/* Takes the reply [key, entries] of one stream. */
static void
stream_take(struct stream *s, const struct ask *a, const struct reply *r,
    struct stream_batch *b)
{
	struct str key = reply_str(reply_at(r, 0));
	const struct reply *entries = reply_at(r, 1);
	unsigned k = 0;

	while (k < s->nkeys && !str_eq(key, str_of(s->key[k])))
		k++;
	assert(k < s->nkeys);
	for (size_t i = 0; i < reply_count(entries); i++)
		(void)parcel_take(s, b, k, reply_at(entries, i), 1);
	if (!a->of_before && reply_count(entries) == a->each)
		s->full |= UINT64_C(1) << k;
}

static int
ask_streams(struct stream *s, const struct ask *a, struct stream_batch *b,
    struct err *e)
{
	struct reply *r = NULL;
	struct str text;
	int rc = 0;

	assert(a->each * a->count <= entries_for(b));
	ask_send(s, a);
	if (redis_conn_recv(s->waits, a->wait_ms, &r, e) == -1)
		return -1;
	if (reply_error(r, &text)) {
		if (a->count > 1 && (redis_is_code(text, "CROSSSLOT") ||
		                        redis_is_code(text, "MOVED")))
			s->alone = true;
		else
			rc = stream_refused(s, "XREADGROUP", text, e);
	}
	for (size_t i = 0; i < reply_count(r); i++)
		stream_take(s, a, reply_at(r, i), b);
	reply_free(r);
	return rc;
}

/* Asks all streams once without waiting.  Each command names `width`
 * streams. */
static int
ask_around(
    struct stream *s, unsigned width, struct stream_batch *b, struct err *e)
{
	for (unsigned i = 0; i < s->nstreams && entries_for(b) >= width;
	     i += width) {
		struct ask a = { .first = s->turn, .count = width };

		if (a.count > s->nstreams - i)
			a.count = s->nstreams - i;
		a.each = entries_for(b) / a.count;
		s->turn = (s->turn + a.count) % s->nstreams;
		if (ask_streams(s, &a, b, e) == -1)
			return -1;
	}
	return 0;
}

/* Asks the streams that gave as many entries as were asked for again, one after
 * the other, until the batch has what is wanted. */
static int
ask_more(struct stream *s, struct stream_batch *b, struct err *e)
{
	while (s->full != 0 && entries_for(b) > 0) {
		uint64_t full = s->full;

		s->full = 0;
		for (unsigned i = 0; i < s->nstreams && entries_for(b) > 0;
		     i++) {
			struct ask a = {
				.first = (s->turn + i) % s->nstreams,
				.count = 1,
				.each = entries_for(b),
			};

			if ((full >> a.first & 1) != 0 &&
			    ask_streams(s, &a, b, e) == -1)
				return -1;
		}
	}
	if (++s->turn >= s->nstreams)
		s->turn = 0;
	return 0;
}

/* Asks all streams.  If there is no message, waits for all streams if one
 * command can name them all, else for a short time for one stream. */
static int
ask_all(struct stream *s, int wait_ms, struct stream_batch *b, struct err *e)
{
	size_t most = entries_for(b);
	unsigned width = s->alone             ? 1
	                 : most < s->nstreams ? (unsigned)most
	                                      : s->nstreams;
	struct ask a = { .first = s->turn, .count = width };

	assert(width > 0);
	a.each = most / width;
	a.wait_ms = wait_ms;
	if (width == s->nstreams)
		return ask_streams(s, &a, b, e);
	if (ask_around(s, width, b, e) == -1)
		return -1;
	if (b->n > 0 || wait_ms == 0)
		return 0;
	a.first = s->turn;
	if (a.wait_ms > SLICE_MS)
		a.wait_ms = SLICE_MS;
	return ask_streams(s, &a, b, e);
}

/* Asks the streams with names from before there were installations, one after
 * the other, without waiting. */
static int
old_next(struct stream *s, struct stream_batch *b, struct err *e)
{
	int64_t now = clock_mono();

	if (s->nkeys == s->nstreams ||
	    (s->asked_at != 0 &&
	        now - s->asked_at < OLD_EVERY_MS * INT64_C(1000)))
		return 0;
	s->asked_at = now;
	for (unsigned i = 0; i < s->nstreams && entries_for(b) > 0; i++) {
		struct ask a = {
			.of_before = true,
			.first = i,
			.count = 1,
			.each = entries_for(b),
		};

		if (ask_streams(s, &a, b, e) == -1)
			return -1;
	}
	return 0;
}

static int
new_next(struct stream *s, int wait_ms, struct stream_batch *b, struct err *e)
{
	int64_t until = clock_mono() + (int64_t)wait_ms * 1000;
	bool alone;

	s->full = 0;
	do {
		int64_t left = (until - clock_mono()) / 1000;

		alone = s->alone;
		if (ask_all(s, left > 0 ? (int)left : 0, b, e) == -1)
			return -1;
		/* If the server has turned out to be a cluster, ask again. */
	} while (
	    b->n == 0 && (alone != s->alone || until - clock_mono() >= 1000));
	return ask_more(s, b, e);
}

static int
next_once(struct stream *s, int wait_ms, struct stream_batch *b, struct err *e)
{
	if (stream_connect(s, e) == -1 || stream_look(s, false, e) == -1 ||
	    stream_beyond_tell(s, e) == -1 || own_next(s, b, e) == -1)
		return -1;
	if (b->n == 0 && claim_next(s, b, e) == -1)
		return -1;
	if (b->n == 0 && old_next(s, b, e) == -1)
		return -1;
	if (b->n == 0 && new_next(s, wait_ms, b, e) == -1)
		return -1;
	if (b->n == 0 && old_next(s, b, e) == -1)
		return -1;
	return parcels_split(s, b, e);
}

int
stream_next(
    struct stream *s, int wait_ms, struct stream_batch *out, struct err *e)
{
	struct stream_batch b = *out;
	struct err why;
	bool healed = false;

	assert(b.max > 0 && b.room >= PARCEL_MAX && s->nstreams > 0);
	for (;;) {
		b.n = b.bytes = 0;
		if (next_once(s, wait_ms, &b, &why) == 0)
			break;
		/* Messages that were read already are pending: the next
		 * connection reads them again. */
		stream_drop(s);
		if (!s->groups_gone || healed) {
			*e = why;
			return -1;
		}
		healed = true;
	}
	out->n = b.n;
	out->bytes = b.bytes;
	return 0;
}
