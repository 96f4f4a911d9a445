/* SPDX-License-Identifier: MIT */
#ifndef IO_REDIS_REDIS_H
#define IO_REDIS_REDIS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/message.h"
#include "base/str.h"

/*
 * redis: the address of Redis, its error replies, and the names of the streams.
 *
 * Shared by the worker's side (io/stream/stream.h, synchronous hiredis) and the
 * receiver's (io/redis/pool.h, hiredis' formatter and reader over libevent).
 */

struct redis_url {
	char host[256]; /* or the path of a Unix socket */
	int port;       /* 0: a Unix socket */
	char user[128], password[512];
	int db;
};

/* Reads redis://[user:pass@]host[:port][/db], with [::1] for IPv6 and
 * percent-encoding in user and pass, or unix:///path[?db=N].  CONFIG for
 * anything else; the sentence has no part of the URL, and so no password. */
int redis_url_parse(const char *, struct redis_url *, struct err *) MUST_CHECK;

/* Writes "redis.internal:6379" or the path, for sentences; cut if it is
 * long. */
enum {
	REDIS_WHERE_MAX = 96
};
void redis_where(const struct redis_url *, char out[REDIS_WHERE_MAX]);

/*
 * Judges an error reply: RETRY if the server will answer otherwise when it has
 * loaded, failed over or been given memory; CONFIG if only an operator can mend
 * it.  The sentence names the server, the user and database of the URL, the
 * command and the reply, without the arguments that some replies repeat.
 * Always -1.
 */
int redis_refused(const struct redis_url *, const char *asked, struct str reply,
    struct err *);
/* Whether the reply begins with the code, as "READONLY ..." does. */
bool redis_is_code(struct str reply, const char *code);

/*
 * Writes a stream's name, "loyald:{p03}:events:0123456789abcdef".  By the hash
 * tag, a stream and its other keys share a slot of a cluster, and the streams
 * are spread over the slots.  By the installation, two installations on one
 * Redis do not read each other's streams.  Installation 0 stands for the names
 * from before there were installations, "loyald:{p03}:events".
 */
enum {
	STREAMS_MAX = 64,
	STREAM_NAME_MAX = 48
};
void stream_name(
    int64_t installation, unsigned index, char out[STREAM_NAME_MAX]);

/* Picks the stream of a delivery, by a hash of its bytes.  Any stream would be
 * correct. */
unsigned stream_pick(struct str encoded, unsigned nstreams);

#define STREAM_GROUP "work"
#define STREAM_FIELD "m" /* the one field of an entry: the message */

#endif /* IO_REDIS_REDIS_H */
