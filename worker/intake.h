/* SPDX-License-Identifier: MIT */
#ifndef WORKER_INTAKE_H
#define WORKER_INTAKE_H

#include <stdbool.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/key.h"
#include "io/http/server.h"
#include "io/keep.h"
#include "store_watch.h"

/*
 * intake: takes a delivery or an event in, from the head of its request to the
 * answer.
 */

struct intake {
	struct keep *keep;
	struct store_watch *stores;
	const struct master_key *key;
	struct buf message; /* encoded, until keep_put() has copied it */
	struct arena arena; /* of the event being read */
};

/* Whether the path is like that of a store's address. */
bool intake_is_for(const struct http_request *);
/* Judges a request by its head.  true: its body is needed; false: it was
 * answered. */
bool intake_admit(struct intake *, struct http_request *);
/* Answers a request whose body is there: at once, or when the message is
 * durable. */
void intake_take(struct intake *, struct http_request *);

/* Answers with a text and counts the status; only counts it, for answers that
 * the server gives by itself. */
void intake_answer(struct http_request *, int status, const char *text);
void intake_count(int status);

#endif /* WORKER_INTAKE_H */
