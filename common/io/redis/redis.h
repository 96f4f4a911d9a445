/* SPDX-License-Identifier: MIT */
#pragma once

#include "base/arena.h"
#include "base/message.h"

/*
 * redis: the address of Redis, its error replies, and the names of the streams.
 *
 * Shared by the worker (io/stream/stream.h, synchronous hiredis) and the
 * receiver (io/redis/pool.h, libevent, with hiredis to format and parse).
 */

struct redis_url {
	char host[256]; /* or the path of a Unix socket */
	int port;       /* 0: a Unix socket */
	char user[128], password[512];
	int db;
};

/* Reads redis://[user:pass@]host[:port][/db], with [::1] for IPv6 and
 * percent-encoding in user and pass, or unix:///path[?db=N].  Fails with CONFIG
 * for anything else.  The error repeats no part of the URL, since any part may
 * be a password. */
int redis_url_parse(const char *, struct redis_url *, struct err *) MUST_CHECK;

/* Writes "redis.internal:6379" or the path, for messages to people.  A long
 * text is cut. */
enum {
	REDIS_WHERE_MAX = 96
};
void redis_where(const struct redis_url *, char out[REDIS_WHERE_MAX]);

/*
 * Fills the err for an error reply, and returns -1.  RETRY if the error will
 * pass when the server has loaded its data, failed over or got memory; CONFIG
 * if only an operator can mend it.  The err names the server, the URL's user
 * and database, the command and the reply.  Arguments that some replies repeat
 * are left out.
 */
int redis_refused(const struct redis_url *, const char *asked, struct str reply,
    struct err *);
/* Whether the reply begins with the code, as "READONLY ..." does. */
bool redis_is_code(struct str reply, const char *code);

/*
 * Writes a stream's name, "loyald:{p03}:events:0123456789abcdef".  The part in
 * braces is the hash tag.  The tag puts a stream and its other keys into one
 * slot of a Redis Cluster, and spreads the streams over the slots.  The last
 * part is the installation, so that two installations on one Redis do not read
 * each other's streams.  Installation 0 stands for the names of older versions,
 * which had no installations: "loyald:{p03}:events".
 */
enum {
	STREAMS_MAX = 64,
	STREAM_NAME_MAX = 48
};
void stream_name(
    int64_t installation, unsigned index, char out[STREAM_NAME_MAX]);

/* Picks the stream of a delivery by a hash of its bytes, to spread the
 * deliveries.  Any stream would be correct. */
unsigned stream_pick(struct str encoded, unsigned nstreams);

#define STREAM_GROUP "work"
#define STREAM_FIELD "m" /* the only field of an entry: the message */
