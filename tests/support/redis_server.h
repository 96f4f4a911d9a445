/* SPDX-License-Identifier: MIT */
#ifndef SUPPORT_REDIS_SERVER_H
#define SUPPORT_REDIS_SERVER_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "base/cc.h"

/*
 * redis_server: a Redis of the test's own, on a Unix socket in a temporary
 * folder and a free port of 127.0.0.1, to be stopped, killed and starved at
 * will.  It ends with the test process.  What cannot be done here ends the
 * test with a sentence.
 */

struct redis_server {
	char dir[64];
	char path[80]; /* of the socket */
	char url[96];  /* unix://path */
	int port;
	char tcp_url[64]; /* redis://127.0.0.1:port */
	const char *const *args;
	pid_t pid; /* 0: not running */
};

/* Starts one with an append-only file, synced always; args are more options
 * (a list ended by NULL, or NULL) and outlive it. */
void redis_server_init(struct redis_server *, const char *const *args);
void redis_server_fini(struct redis_server *);

/* Again in the same folder; waits until it has loaded. */
void redis_server_start(struct redis_server *);
void redis_server_kill(struct redis_server *);  /* SIGKILL */
void redis_server_pause(struct redis_server *); /* SIGSTOP */
void redis_server_resume(struct redis_server *);

/* Sends a command (hiredis' format) on a connection of its own; the reply
 * as text: a string, a number, an error, or the first string found in
 * depth.  It is kept until the next call. */
const char *redis_server_ask(const struct redis_server *, const char *fmt, ...);
long long redis_server_count(const struct redis_server *, const char *fmt, ...);

#endif /* SUPPORT_REDIS_SERVER_H */
