/* SPDX-License-Identifier: MIT */
#ifndef IO_REDIS_CONN_H
#define IO_REDIS_CONN_H

#include "io/redis/redis.h"

/*
 * redis_conn: one synchronous connection to Redis: commands out, replies in,
 * with a deadline.  The only file of the worker's side that knows hiredis.
 *
 * After any -1 the connection is of no further use: what was in flight is
 * unknown and later replies would be taken for the wrong commands.
 */

struct redis_conn;
struct reply;

enum {
	REDIS_CONNECT_MS = 2000, /* until the server takes the connection */
	REDIS_COMMAND_MS = 3000, /* from one byte of an answer to the next */
	COMMAND_ARGS_MAX = 192,
	COMMAND_NUMBERS_MAX = 4,
};

/* A command being put together.  The texts are the caller's until it is
 * sent; numbers are kept in the command. */
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

/* The next reply, which may be an error of Redis'; the caller frees it.
 * wait_ms is how long the command itself may block the server. */
int redis_conn_recv(
    struct redis_conn *, int wait_ms, struct reply **, struct err *) MUST_CHECK;

/* Replies.  The parts belong to the whole, which reply_free() frees.  A
 * question of the wrong type is answered as if there were nothing. */
void reply_free(struct reply *);
bool reply_error(const struct reply *, struct str *text);
struct str reply_str(const struct reply *);
int64_t reply_int(const struct reply *);
size_t reply_count(const struct reply *);
const struct reply *reply_at(const struct reply *, size_t); /* or NULL */

#endif /* IO_REDIS_CONN_H */
