/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "io/stream/internal.h"

/*
 * rights: tries the commands that a worker and a receiver need, with an id that
 * no entry has, so that nothing changes.  Redis checks the user's rights before
 * anything else.
 */
enum {
	RIGHT_WORDS_MAX = 10
};
#define THE_KEY      "<key>"
#define THE_CONSUMER "<consumer>"
#define NO_ENTRY     "0-0"
#define LAST_ENTRY   "18446744073709551615-18446744073709551615"

static const struct right {
	enum stream_use use;
	const char *words[RIGHT_WORDS_MAX];
} rights[] = {
	{ STREAM_WORKS, { "XGROUP", "CREATE", THE_KEY, STREAM_GROUP, "0" } },
	{ STREAM_WORKS, { "XREADGROUP", "GROUP", STREAM_GROUP, THE_CONSUMER,
	                    "COUNT", "1", "STREAMS", THE_KEY, LAST_ENTRY } },
	{ STREAM_WORKS, { "XPENDING", THE_KEY, STREAM_GROUP } },
	{ STREAM_WORKS, { "XCLAIM", THE_KEY, STREAM_GROUP, THE_CONSUMER, "0",
	                    NO_ENTRY, "JUSTID" } },
	{ STREAM_WORKS, { "XAUTOCLAIM", THE_KEY, STREAM_GROUP, THE_CONSUMER,
	                    "0", LAST_ENTRY, "COUNT", "1", "JUSTID" } },
	{ STREAM_WORKS, { "XACK", THE_KEY, STREAM_GROUP, NO_ENTRY } },
	{ STREAM_WORKS, { "XDEL", THE_KEY, NO_ENTRY } },
	{ STREAM_WORKS, { "XLEN", THE_KEY } },
	{ STREAM_ADDS,
	    { "XADD", THE_KEY, "NOMKSTREAM", NO_ENTRY, STREAM_FIELD, "" } },
	{ STREAM_ADDS, { "PING" } },
	{ STREAM_ADDS, { "GET", THE_KEY } },
	{ STREAM_ADDS, { "SET", THE_KEY, "", "XX" } },
};

static void
right_send(struct stream *s, const struct right *r, const char *key)
{
	struct command cmd;

	command_init(&cmd, r->words[0], NULL);
	for (size_t i = 1; i < RIGHT_WORDS_MAX && r->words[i] != NULL; i++) {
		const char *word = r->words[i];

		command_text(&cmd, strcmp(word, THE_KEY) == 0 ? key
		                   : strcmp(word, THE_CONSUMER) == 0
		                       ? s->consumer
		                       : word);
	}
	stream_send(s, &cmd);
}

/* Whether the error means that the user lacks a right.  Other errors only say
 * that there is no such group or entry.  For a receiver, a full Redis counts
 * like a lacking right.  A worker goes on, since only workers make room. */
static bool
is_no(const struct right *r, struct str reply, const struct err *why)
{
	return why->fault == FAULT_CONFIG ||
	       (r->use == STREAM_ADDS && !redis_is_code(reply, "ERR"));
}

/* Takes the reply to one command.  If it is the first refusal, sets *is_allowed
 * to false, and fills the err. */
static int
right_recv(
    struct stream *s, const struct right *r, bool *is_allowed, struct err *e)
{
	struct reply *reply = NULL;
	struct str text;
	struct err why;

	if (redis_conn_recv(s->calls, 0, &reply, e) == -1)
		return -1;
	if (*is_allowed && reply_error(reply, &text)) {
		(void)redis_refused(&s->url, r->words[0], text, &why);
		*is_allowed = !is_no(r, text, &why);
		if (!*is_allowed)
			*e = why;
	}
	reply_free(reply);
	return 0;
}

int
stream_may(struct stream *s, const char *key, unsigned uses, struct err *e)
{
	bool is_allowed = true;

	for (size_t i = 0; i < NITEMS(rights); i++)
		if ((uses & rights[i].use) != 0)
			right_send(s, &rights[i], key);
	for (size_t i = 0; i < NITEMS(rights); i++)
		if ((uses & rights[i].use) != 0 &&
		    right_recv(s, &rights[i], &is_allowed, e) == -1)
			return -1;
	return is_allowed ? 0 : -1;
}
