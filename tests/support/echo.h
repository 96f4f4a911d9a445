/* SPDX-License-Identifier: MIT */
#ifndef SUPPORT_ECHO_H
#define SUPPORT_ECHO_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "io/http/server.h"

/*
 * echo: an HTTP server in the test's process that says back what it was
 * asked, and clients of bare sockets beside it.  Nothing happens but when
 * the loop is turned, which the clients do.  What cannot be done here fails
 * the test.
 */

enum {
	ECHO_BODY_MAX = 100 * 1000,
	ECHO_GOT_MAX = 4 * 1024 * 1024, /* of one client */
	ECHO_QUIET_MS = 30,             /* no answer by then is no answer */
	ECHO_LATER_MAX = 64,
};

extern struct echo {
	struct event_base *base;
	struct http_server *server;
	size_t body_max;
	int handled, refused; /* requests; the last status */
	/* Those of /later, which are left to the test. */
	struct http_request *later[ECHO_LATER_MAX];
	struct str later_body[ECHO_LATER_MAX]; /* as the handler saw it */
	size_t nlater;
} echo;

/* For cmocka. */
int echo_start(void **state);
int echo_stop(void **state);

void echo_turn(void);
/* Reads the body and answers; /early is answered without it. */
http_handler echo_request;
/* "METHOD path?query body" */
void echo_answer(struct http_request *);

struct client {
	int fd;
	struct buf got;
	bool is_closed, is_reset;
};

void client_open(struct client *);
/* From an address of its own: 127.0.0.2 and so on. */
void client_open_from(struct client *, const char *address);
void client_close(struct client *);
void client_read(struct client *);
/* In pieces of at most `piece` bytes, turning the loop in between. */
void client_send(struct client *, const char *, size_t n, size_t piece);
void client_say(struct client *, const char *);
/* Until the server closes or stays quiet. */
void client_wait(struct client *);
/* The statuses of the answers, as "200 404", with "-" behind them if the
 * connection was closed, else "open"; until the next call. */
const char *client_statuses(const struct client *);

#endif /* SUPPORT_ECHO_H */
