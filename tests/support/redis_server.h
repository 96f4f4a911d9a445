/* SPDX-License-Identifier: MIT */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "base/cc.h"

/* redis_server: a Redis for one test, which the test can stop, kill and pause.
 * The Redis listens on a Unix socket in a temporary folder and on a free port
 * of 127.0.0.1, and ends with the test process.  An error in any of these
 * functions ends the test with a message. */

struct redis_server {
	char dir[64];
	char path[80]; /* the path of the socket */
	char url[96];  /* unix://path */
	int port;
	char tcp_url[64]; /* redis://127.0.0.1:port */
	const char *const *args;
	pid_t pid; /* 0: not running */
};

/* Starts a Redis with an append-only file that is synced after every write.
 * `args` are more options (a list ended by NULL, or NULL), and must outlive the
 * Redis. */
void redis_server_init(struct redis_server *, const char *const *args);
void redis_server_fini(struct redis_server *);

/* Starts a Redis again in the same folder; waits until it has loaded. */
void redis_server_start(struct redis_server *);
void redis_server_kill(struct redis_server *);  /* SIGKILL */
void redis_server_pause(struct redis_server *); /* SIGSTOP */
void redis_server_resume(struct redis_server *);

/* Sends a command (in hiredis' format) on a new connection, and gives the reply
 * as text: a string, a number or an error.  Of a nested reply, gives the first
 * string.  The text lives until the next call. */
const char *redis_server_ask(const struct redis_server *, const char *fmt, ...);
long long redis_server_count(const struct redis_server *, const char *fmt, ...);
/* Counts the bytes of all entries of a stream, which may have several messages
 * in each. */
long long redis_server_bytes(const struct redis_server *, const char *stream);
