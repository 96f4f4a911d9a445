/* SPDX-License-Identifier: MIT */
#include <assert.h>
#include <inttypes.h>
#include <string.h>

#include "base/log.h"
#include "io/stream/internal.h"

/* parcel: takes entries of a stream, each of one or more messages, apart. */

/* Writes an entry that somebody other than loyald added to the stream.  The
 * text is for a dead letter. */
static struct str
fields_text(const struct reply *fields, struct arena *a)
{
	size_t len = 0;
	char *text, *p;

	for (size_t i = 0; i < reply_count(fields); i++)
		len += reply_str(reply_at(fields, i)).len + 1;
	text = p = arena_alloc(a, len + 1);
	for (size_t i = 0; i < reply_count(fields); i++) {
		struct str s = reply_str(reply_at(fields, i));

		memcpy(p, s.data, s.len);
		p += s.len;
		*p++ = i % 2 == 0 ? '=' : '\n';
	}
	return (struct str){ text, len };
}

static struct str
fields_message(const struct reply *fields, struct arena *a)
{
	for (size_t i = 0; i + 1 < reply_count(fields); i += 2) {
		struct str s = reply_str(reply_at(fields, i + 1));

		if (str_eq(reply_str(reply_at(fields, i)), STR(STREAM_FIELD)))
			return (struct str){ arena_memdup(a, s.data, s.len),
				s.len };
	}
	return fields_text(fields, a);
}

/* Whether a message is of another installation, which happens if somebody added
 * it by hand.  The message stays pending: this installation must not post, bury
 * or acknowledge it. */
static bool
is_foreign(struct stream *s, struct str id, const struct message *m)
{
	if (m->installation == 0 || m->installation == s->installation)
		return false;
	if (!s->has_warned_foreign)
		log_error("message %.*s is of another installation than this "
		          "one (%016" PRIx64 ", not %016" PRIx64
		          "): it is left alone; add it to the stream that is "
		          "named by its installation",
		    (int)id.len, id.data, (uint64_t)m->installation,
		    (uint64_t)s->installation);
	s->has_warned_foreign = true;
	return true;
}

/* Decodes the messages of a field, and returns their number.  If the field has
 * anything else in it, or too many messages, gives one message of no platform,
 * whose body is the whole field. */
static size_t
parcel_decode(struct str field, struct message out[PARCEL_MAX])
{
	struct str rest = field;
	struct err ignored;
	size_t n = 0, size;

	for (; rest.len > 0; rest.data += size, rest.len -= size) {
		size = message_size(rest);
		if (size == 0 || n == PARCEL_MAX ||
		    message_decode((struct str){ rest.data, size }, &out[n],
		        &ignored) == -1) {
			n = 0;
			break;
		}
		out[n].part = (unsigned)n;
		n++;
	}
	if (n > 0)
		return n;
	out[0] = (struct message){ .body = field };
	return 1;
}

bool
parcel_take(struct stream *s, struct stream_batch *b, unsigned k,
    const struct reply *entry, int64_t deliveries)
{
	const struct reply *fields = reply_at(entry, 1);
	struct str id = reply_str(reply_at(entry, 0)), field;
	struct message *m = &b->msgs[b->n];
	size_t n;

	if (id.len == 0 || reply_count(fields) == 0)
		return false;
	assert(b->n + PARCEL_MAX <= b->room && id.len < STREAM_ID_MAX);
	field = fields_message(fields, b->arena);
	n = parcel_decode(field, m);
	for (size_t i = 0; i < n; i++)
		if (is_foreign(s, id, &m[i]))
			return true;
	for (size_t i = 0; i < n; i++) {
		m[i].stream = k;
		memcpy(m[i].stream_id, id.data, id.len);
		m[i].stream_id[id.len] = '\0';
		m[i].deliveries = deliveries;
	}
	b->n += n;
	b->bytes += field.len;
	return true;
}

/* ---- splitting ----------------------------------------------------------- */

size_t
parcel_size(const struct message *m, size_t n)
{
	size_t i = 1;

	while (i < n && message_is_with(&m[i], m))
		i++;
	return i;
}

static void
single_send(struct stream *s, const struct message *m)
{
	struct command cmd;
	struct buf b;

	buf_init(&b, MESSAGE_MAX);
	message_encode(m, &b);
	assert(!buf_is_full(&b));
	command_init(&cmd, "XADD", s->key[m->stream], "*", STREAM_FIELD, NULL);
	command_bytes(&cmd, (struct str){ b.data, b.len });
	stream_send(s, &cmd);
	buf_fini(&b);
}

/* Adds n messages of one entry to its stream, each by itself, and acknowledges
 * the entry when Redis has all of them.  If the splitting is interrupted, some
 * messages are in the stream twice, which does no harm. */
static int
split(struct stream *s, const struct message *m, size_t n, struct err *e)
{
	for (size_t i = 0; i < n; i++)
		single_send(s, &m[i]);
	for (size_t i = 0; i < n; i++)
		if (stream_done(s, "XADD", e) == -1)
			return -1;
	return stream_ack(s, m, 1, e);
}

int
parcels_split(struct stream *s, struct stream_batch *b, struct err *e)
{
	size_t i = 0, kept = 0, n;

	for (; i < b->n; i += n) {
		n = parcel_size(&b->msgs[i], b->n - i);
		if (n > 1 && b->msgs[i].deliveries > PARCEL_TRIES) {
			if (split(s, &b->msgs[i], n, e) == -1)
				return -1;
			continue;
		}
		memmove(&b->msgs[kept], &b->msgs[i], n * sizeof(*b->msgs));
		kept += n;
	}
	b->n = kept;
	return 0;
}
