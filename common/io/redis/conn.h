/* SPDX-License-Identifier: MIT */
#ifndef IO_REDIS_CONN_H
#define IO_REDIS_CONN_H

#include "io/redis/redis.h"

/*
 * conn: one synchronous connection to Redis: commands out, replies in, with a
 * deadline.  No other file of the worker's side knows hiredis.
 *
 * After any -1 the connection is of no further use: the fate of commands in
 * flight is unknown, and later replies would be taken for those of other
 * commands.
 */

struct redis_conn;
struct reply;

enum {
	REDIS_CONNECT_MS = 2000, /* longest time to connect */
	REDIS_COMMAND_MS = 3000, /* longest wait for more of a reply */
	COMMAND_ARGS_MAX = 192,
	COMMAND_NUMBERS_MAX = 4,
};

/* A command that is put together.  Its texts are the caller's and must live
 * until the command is sent; numbers are kept in the command. */
struct command {
	size_t n;
	const char *arg[COMMAND_ARGS_MAX];
	size_t len[COMMAND_ARGS_MAX];
	size_t nnumbers;
	char number[COMMAND_NUMBERS_MAX][24];
};

void command_init(struct command *, const char *name);
void command_text(struct command *, const char *);
void command_bytes(struct command *, struct str);
void command_number(struct command *, int64_t);

/* Connects, and sends AUTH and SELECT if the URL asks for them. */
struct redis_conn *redis_conn_new(const struct redis_url *, struct err *);
void redis_conn_free(struct redis_conn *);

/* Queues a command; redis_conn_recv() sends what is queued. */
void redis_conn_send(struct redis_conn *, struct command *);

/* Takes the next reply, which may be an error of Redis; the caller frees the
 * reply.  wait_ms is the time for which the command itself may block. */
int redis_conn_recv(
    struct redis_conn *, int wait_ms, struct reply **, struct err *) MUST_CHECK;

/* Read replies.  The parts belong to the whole reply, which reply_free() frees.
 * A reply of another type than the one asked for is read as nothing: 0, an
 * empty text, NULL. */
void reply_free(struct reply *);
bool reply_error(const struct reply *, struct str *text);
struct str reply_str(const struct reply *);
int64_t reply_int(const struct reply *);
size_t reply_count(const struct reply *);
const struct reply *reply_at(const struct reply *, size_t); /* or NULL */

#endif /* IO_REDIS_CONN_H */
