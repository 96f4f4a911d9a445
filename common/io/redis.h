/* SPDX-License-Identifier: MIT */
#ifndef IO_REDIS_H
#define IO_REDIS_H

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
 * Shared by the worker's side (io/stream.h, synchronous hiredis) and the
 * receiver's (io/redis_pool.h, hiredis' formatter and reader over libevent).
 */

struct redis_url {
	char host[256]; /* or the path of a Unix socket */
	int port;       /* 0: a Unix socket */
	char user[128], password[512];
	int db;
};

/* redis://[user:pass@]host[:port][/db], [::1] for IPv6, percent-encoding in
 * user and pass; unix:///path[?db=N].  FATAL for anything else; the
 * sentence never holds the password. */
int redis_url_parse(const char *, struct redis_url *, struct err *) MUST_CHECK;

/* "loyald:{p03}:events": hash-tagged, so that in a cluster a stream and
 * what belongs to it share a slot and the streams spread over slots. */
enum {
	STREAM_NAME_MAX = 32
};
void stream_name(unsigned index, char out[STREAM_NAME_MAX]);

/* The stream of a delivery: by a hash of its bytes; correctness never
 * depends on it. */
unsigned stream_pick(struct str encoded, unsigned nstreams);

#define STREAM_GROUP "work"
#define STREAM_FIELD "m" /* the one field of an entry: the message */

#endif /* IO_REDIS_H */
