/* SPDX-License-Identifier: MIT */
#pragma once

#include "io/redis/redis.h"

/*
 * conn: one synchronous connection to Redis, with a time limit for each reply.
 * No other file of the worker's side uses hiredis.
 *
 * After a function returned -1, the connection must be freed: a late reply
 * would be taken for the reply to another command.
 */

struct redis_conn;
struct reply;

enum {
	REDIS_CONNECT_MS = 2000, /* longest time to connect */
	REDIS_COMMAND_MS = 3000, /* longest wait for more of a reply */
	COMMAND_ARGS_MAX = 192,
	COMMAND_NUMBERS_MAX = 4,
};

/* A command that is being built.  The texts belong to the caller, and must live
 * until the command is sent.  The numbers are kept in the command. */
struct command {
	size_t n;
	const char *arg[COMMAND_ARGS_MAX];
	size_t len[COMMAND_ARGS_MAX];
	size_t nnumbers;
	char number[COMMAND_NUMBERS_MAX][24];
};

/* Begins a command with its first words, after which NULL stands. */
void command_init(struct command *, const char *name, ...) SENTINEL;
void command_text(struct command *, const char *);
void command_bytes(struct command *, struct str);
void command_number(struct command *, int64_t);

/* Connects, and sends AUTH and SELECT if the URL asks for them. */
struct redis_conn *redis_conn_new(const struct redis_url *, struct err *);
void redis_conn_free(struct redis_conn *);

/* Queues a command, which the next redis_conn_recv() sends. */
void redis_conn_send(struct redis_conn *, struct command *);

/* Takes the next reply, which the caller frees, and which may be an error of
 * Redis.  wait_ms is the time for which the command itself may block. */
int redis_conn_recv(
    struct redis_conn *, int wait_ms, struct reply **, struct err *) MUST_CHECK;

/* Read replies.  The parts belong to the whole reply, which reply_free() frees.
 * If a reply has another type than the one asked for, the functions return 0,
 * an empty text or NULL. */
void reply_free(struct reply *);
bool reply_error(const struct reply *, struct str *text);
struct str reply_str(const struct reply *);
int64_t reply_int(const struct reply *);
size_t reply_count(const struct reply *);
const struct reply *reply_at(const struct reply *, size_t); /* or NULL */
