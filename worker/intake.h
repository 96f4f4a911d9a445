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
 * intake: a delivery or an event, from the head of its request to the answer.
 */

struct intake {
	struct keep *keep;
	struct store_watch *stores;
	const struct master_key *key;
	struct buf message; /* one, until it was copied */
	struct arena arena; /* of the event being read */
};

/* Whether the path is one that a store's address may have. */
bool intake_is_for(const struct http_request *);
/* Whether the body is wanted, by the head alone; if not, the request was
 * answered. */
bool intake_admit(struct intake *, struct http_request *);
/* Answers a request whose body is there, now or when it is durable. */
void intake_take(struct intake *, struct http_request *);

/* Any other answer, a text, which is counted with the rest; and the count of one
 * that the server gives without asking. */
void intake_answer(struct http_request *, int status, const char *text);
void intake_count(int status);

#endif /* WORKER_INTAKE_H */
