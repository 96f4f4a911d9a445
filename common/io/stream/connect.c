/* SPDX-License-Identifier: MIT */
#include <stdio.h>

#include "io/stream/internal.h"

/* connect: opens and closes the two connections of a worker, and sends commands
 * on the connection for commands that do not block. */

void
stream_again(struct stream *s)
{
	for (unsigned i = 0; i < s->nkeys; i++) {
		s->own[i].open = true;
		(void)snprintf(s->own[i].from, CURSOR_MAX, "-");
	}
	/* Parked entries are pending, too, and are read again with the others. */
	s->parking->n = 0;
}

void
stream_drop(struct stream *s)
{
	redis_conn_free(s->calls);
	redis_conn_free(s->waits);
	s->calls = s->waits = NULL;
	s->looked_at = 0;
}

void
stream_send(struct stream *s, struct command *cmd)
{
	redis_conn_send(s->calls, cmd);
}

/* Fills the err.  Also notices that a stream was deleted: Redis then answers a
 * blocked read with UNBLOCKED, or with NOGROUP since Redis 7.2. */
int
stream_refused(
    struct stream *s, const char *asked, struct str reply, struct err *e)
{
	if (redis_is_code(reply, "NOGROUP") ||
	    redis_is_code(reply, "UNBLOCKED"))
		s->groups_gone = true;
	return redis_refused(&s->url, asked, reply, e);
}

int
stream_recv(
    struct stream *s, const char *asked, struct reply **out, struct err *e)
{
	struct reply *r = NULL;
	struct str text;

	if (redis_conn_recv(s->calls, 0, &r, e) == -1)
		return -1;
	if (reply_error(r, &text)) {
		(void)stream_refused(s, asked, text, e);
		reply_free(r);
		return -1;
	}
	*out = r;
	return 0;
}

int
stream_done(struct stream *s, const char *asked, struct err *e)
{
	struct reply *r = NULL;

	if (stream_recv(s, asked, &r, e) == -1)
		return -1;
	reply_free(r);
	return 0;
}

/* Creates the groups from id 0, never $, so that no entry that was added before
 * the group is skipped.  Reads every reply.  The error BUSYGROUP, which says
 * that the group exists, is a success. */
static int
groups_create(struct stream *s, struct err *e)
{
	int rc = 0;

	for (unsigned i = 0; i < s->nkeys; i++) {
		struct command cmd;

		command_init(&cmd, "XGROUP", "CREATE", s->key[i], STREAM_GROUP,
		    "0", "MKSTREAM", NULL);
		stream_send(s, &cmd);
	}
	for (unsigned i = 0; i < s->nkeys; i++) {
		struct reply *r = NULL;
		struct str text;

		if (redis_conn_recv(s->calls, 0, &r, e) == -1)
			return -1;
		if (reply_error(r, &text) && !redis_is_code(text, "BUSYGROUP"))
			rc = redis_refused(&s->url, "XGROUP CREATE", text, e);
		reply_free(r);
	}
	if (rc == 0)
		s->groups_gone = false;
	return rc;
}

int
stream_connect(struct stream *s, struct err *e)
{
	if (s->calls != NULL)
		return 0;
	s->calls = redis_conn_new(&s->url, e);
	if (s->calls == NULL)
		return -1;
	s->waits = redis_conn_new(&s->url, e);
	if (s->waits == NULL || (s->groups_gone && groups_create(s, e) == -1)) {
		stream_drop(s);
		return -1;
	}
	stream_again(s);
	return 0;
}
