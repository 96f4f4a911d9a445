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
 * redis: where it is, what loyald asks of it, and the names of its streams.
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

/* redis://[user:pass@]host[:port][/db], [::1] for IPv6, percent-encoding in
 * user and pass; unix:///path[?db=N].  CONFIG for anything else; the
 * sentence never holds the password, nor any other part of the URL. */
int redis_url_parse(const char *, struct redis_url *, struct err *) MUST_CHECK;

/* "redis.internal:6379" or the path, for sentences; cut if it is long. */
enum {
	REDIS_WHERE_MAX = 96
};
void redis_where(const struct redis_url *, char out[REDIS_WHERE_MAX]);

/*
 * What an error reply means: RETRY if the server will answer otherwise when
 * it has loaded, failed over or been given memory; CONFIG if only an operator
 * can change it.  The sentence names the server, the user and database of the
 * URL, what was asked and the reply, without the arguments some replies repeat.
 * Always -1.
 */
int redis_refused(const struct redis_url *, const char *asked, struct str reply,
    struct err *);
/* "READONLY ..." begins with the code READONLY. */
bool redis_is_code(struct str reply, const char *code);

/*
 * "loyald:{p03}:events:0123456789abcdef": hash-tagged, so that in a cluster
 * a stream and what belongs to it share a slot and the streams spread over
 * slots; and of one installation, so that two on one Redis do not read each
 * other's.  Installation 0 has the names of before there were any,
 * "loyald:{p03}:events".
 */
enum {
	STREAMS_MAX = 64,
	STREAM_NAME_MAX = 48
};
void stream_name(
    int64_t installation, unsigned index, char out[STREAM_NAME_MAX]);

/* The stream of a delivery: by a hash of its bytes; correctness never
 * depends on it. */
unsigned stream_pick(struct str encoded, unsigned nstreams);

#define STREAM_GROUP "work"
#define STREAM_FIELD "m" /* the one field of an entry: the message */

#endif /* IO_REDIS_REDIS_H */
