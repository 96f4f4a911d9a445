/* SPDX-License-Identifier: MIT */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "io/http/server.h"

/* echo: an HTTP server in the test's process that answers with the request, and
 * clients with plain sockets.  The server works only while the event loop runs;
 * the functions of the clients run the loop.  An error in any of these
 * functions fails the test. */

enum {
	ECHO_BODY_MAX = 100 * 1000,
	ECHO_GOT_MAX = 4 * 1024 * 1024, /* the most that a client can read */
	ECHO_QUIET_MS = 30,             /* how long a client waits for more */
	ECHO_LATER_MAX = 64,
};

extern struct echo {
	struct event_base *base;
	struct http_server *server;
	size_t body_max;
	/* The number of handled requests, and the status of the last
	 * refusal. */
	int handled, refused;
	/* The requests for /later, which the test must answer. */
	struct http_request *later[ECHO_LATER_MAX];
	struct str later_body[ECHO_LATER_MAX]; /* bodies of these requests */
	size_t nlater;
} echo;

/* Start and stop the server, as cmocka's setup and teardown of a test. */
int echo_start(void **state);
int echo_stop(void **state);

/* Runs the event loop once. */
void echo_turn(void);
/* Reads the body and answers; /early is answered without reading the body. */
http_handler echo_request;
/* Answers with "METHOD path?query body". */
void echo_answer(struct http_request *);

struct client {
	int fd;
	struct buf got;
	bool is_closed, is_reset;
};

void client_open(struct client *);
/* Connects from an address such as 127.0.0.2. */
void client_open_from(struct client *, const char *address);
void client_close(struct client *);
void client_read(struct client *);
/* Sends pieces of at most `piece` bytes, and runs the event loop after each. */
void client_send(struct client *, const char *, size_t n, size_t piece);
void client_say(struct client *, const char *);
/* Reads until the server closes the connection or sends nothing more. */
void client_wait(struct client *);
/* Gives the statuses of the answers, as "200 404".  The last word is "-" if the
 * connection was closed, else "open".  The text lives until the next call. */
const char *client_statuses(const struct client *);
