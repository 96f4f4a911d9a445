/* SPDX-License-Identifier: MIT */
#include <sys/mman.h>

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/mem.h"
#include "io/stream/internal.h"

/* A key that does not exist, to try rights that the user should have for all
 * keys of loyald. */
#define PROBE_KEY "loyald:{p00}:events:probe"

enum {
	/* The most ids in one command. */
	IDS_MAX = 128,
};

struct stream *
stream_new(const struct redis_url *url, unsigned nstreams, const char *consumer,
    int64_t claim_idle_ms)
{
	struct stream *s = mem_new(sizeof(*s), "the streams");

	assert(nstreams >= 1 && nstreams <= STREAMS_MAX);
	assert(claim_idle_ms > 0);
	s->parking = mmap(NULL, sizeof(*s->parking), PROT_READ | PROT_WRITE,
	    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (s->parking == MAP_FAILED)
		die("out of memory for parked messages");
	s->url = *url;
	s->nstreams = nstreams;
	s->claim_idle_ms = claim_idle_ms;
	(void)snprintf(s->consumer, sizeof(s->consumer), "%s", consumer);
	stream_installation(s, 0);
	return s;
}

void
stream_installation(struct stream *s, int64_t installation)
{
	unsigned n = s->nstreams;

	s->installation = installation;
	s->nkeys = installation == 0 ? n : 2 * n;
	for (unsigned i = 0; i < n; i++) {
		stream_name(installation, i, s->key[i]);
		stream_name(0, i, s->key[s->nkeys - n + i]);
	}
	for (unsigned i = 0; i < s->nkeys; i++)
		s->own[i].fresh = true;
	stream_again(s);
}

void
stream_free(struct stream *s)
{
	if (s == NULL)
		return;
	stream_drop(s);
	(void)munmap(s->parking, sizeof(*s->parking));
	explicit_bzero(&s->url, sizeof(s->url));
	free(s);
}

/* Closes the connections if a call failed. */
static int
closing(struct stream *s, int rc)
{
	if (rc == -1)
		stream_drop(s);
	return rc;
}

int
stream_check(struct stream *s, struct err *e)
{
	s->looked_at = 0;
	if (stream_connect(s, e) == -1 || stream_look(s, true, e) == -1 ||
	    stream_may(s, s->key[0], STREAM_WORKS, e) == -1)
		return closing(s, -1);
	return 0;
}

int
stream_probe(struct stream *s, unsigned uses, struct err *e)
{
	s->looked_at = 0;
	if (stream_connect(s, e) == -1 || stream_look(s, true, e) == -1 ||
	    stream_may(s, PROBE_KEY, uses, e) == -1)
		return closing(s, -1);
	return 0;
}

/* A command that takes many ids of one stream. */
struct verb {
	const char *name;
	bool group; /* names the group */
	bool claim; /* XCLAIM for this consumer, with JUSTID */
	bool waits; /* the count of deliveries becomes one less */
};

static void
verb_head(const struct verb *v, const struct stream *s, unsigned k,
    struct command *cmd)
{
	command_init(cmd, v->name, s->key[k], NULL);
	if (v->group)
		command_text(cmd, STREAM_GROUP);
	if (v->claim) {
		command_text(cmd, s->consumer);
		command_text(cmd, "0");
	}
}

static void
verb_send(const struct verb *v, struct stream *s, const struct message *m,
    struct command *cmd)
{
	if (v->waits) {
		command_text(cmd, "RETRYCOUNT");
		command_number(cmd, m->deliveries - 1);
	}
	if (v->claim)
		command_text(cmd, "JUSTID");
	stream_send(s, cmd);
}

/* Queues the commands for the entries of stream k.  Returns their number. */
static size_t
ids_send(struct stream *s, unsigned k, const struct message *m, size_t n,
    const struct verb *v)
{
	struct command cmd;
	size_t ids = 0, sent = 0, first = 0;

	for (size_t i = 0; i < n; i++) {
		if (m[i].stream != k ||
		    (i > 0 && message_is_with(&m[i], &m[i - 1])))
			continue;
		assert(m[i].stream_id[0] != '\0');
		if (ids == IDS_MAX ||
		    (ids > 0 && v->waits &&
		        m[i].deliveries != m[first].deliveries)) {
			verb_send(v, s, &m[first], &cmd);
			sent++;
			ids = 0;
		}
		if (ids == 0) {
			verb_head(v, s, k, &cmd);
			first = i;
		}
		command_text(&cmd, m[i].stream_id);
		ids++;
	}
	if (ids > 0)
		verb_send(v, s, &m[first], &cmd);
	return sent + (ids > 0);
}

static int
ids_done(struct stream *s, size_t sent, const char *asked, struct err *e)
{
	while (sent-- > 0)
		if (stream_done(s, asked, e) == -1)
			return closing(s, -1);
	return 0;
}

/*
 * Sends XDEL before XACK.  If the server is killed between the two, an id
 * without an entry is left, which a worker acknowledges when it reads the id.
 * In the other order, an entry would be left that no worker ever asks for.
 */
int
stream_ack(struct stream *s, const struct message *m, size_t n, struct err *e)
{
	static const struct verb xdel = { .name = "XDEL" };
	static const struct verb xack = { .name = "XACK", .group = true };
	size_t sent = 0;

	if (stream_connect(s, e) == -1)
		return -1;
	for (unsigned k = 0; k < s->nkeys; k++) {
		sent += ids_send(s, k, m, n, &xdel);
		sent += ids_send(s, k, m, n, &xack);
	}
	return ids_done(s, sent, "XDEL and XACK", e);
}

/* Claims with JUSTID, so that the claim does not count as a delivery. */
static int
claim(struct stream *s, const struct message *m, size_t n, bool waits,
    struct err *e)
{
	const struct verb xclaim = {
		.name = "XCLAIM",
		.group = true,
		.claim = true,
		.waits = waits,
	};
	size_t sent = 0;

	if (stream_connect(s, e) == -1)
		return -1;
	for (unsigned k = 0; k < s->nkeys; k++)
		sent += ids_send(s, k, m, n, &xclaim);
	return ids_done(s, sent, "XCLAIM", e);
}

int
stream_heartbeat(
    struct stream *s, const struct message *m, size_t n, struct err *e)
{
	return claim(s, m, n, false, e);
}

int
pending_untried(
    struct stream *s, const struct message *m, size_t n, struct err *e)
{
	return claim(s, m, n, true, e);
}

int
stream_add(struct stream *s, const struct message *m, struct err *e)
{
	struct message ours = *m;
	struct command cmd;
	struct str bytes;
	struct buf b;

	if (stream_connect(s, e) == -1)
		return -1;
	if (stream_look(s, true, e) == -1)
		return closing(s, -1);
	ours.installation = s->installation;
	buf_init(&b, MESSAGE_MAX);
	message_encode(&ours, &b);
	assert(!buf_is_full(&b));
	bytes = (struct str){ b.data, b.len };

	command_init(&cmd, "XADD", s->key[stream_pick(bytes, s->nstreams)], "*",
	    STREAM_FIELD, NULL);
	command_bytes(&cmd, bytes);
	stream_send(s, &cmd);
	buf_fini(&b);
	return closing(s, stream_done(s, "XADD", e));
}

int64_t
stream_reclaimed(const struct stream *s)
{
	return s->reclaimed;
}
