/* SPDX-License-Identifier: MIT */
#pragma once

#include "base/buf.h"
#include "base/key.h"
#include "io/http/server.h"
#include "io/keep.h"
#include "store_watch.h"
#include "wire/seen.h"

/*
 * intake: handles the request that brings a delivery or an event, from the head
 * of the request to the answer.
 */

struct intake {
	struct keep *keep;
	struct store_watch *stores;
	const struct master_key *key;
	struct seen *seen; /* the orders that are in Redis */
	/* The encoded message, until keep_put() has copied it. */
	struct buf message;
	struct arena arena; /* memory for the delivery that is being read */
};

/* Whether the request's path has the form of a store's address. */
bool intake_is_for(const struct http_request *);
/* Judges a request by its head.  Returns true if the request's body is needed,
 * and false if the request was answered. */
bool intake_admit(struct intake *, struct http_request *);
/* Answers a request whose body has arrived: at once, or as soon as the message
 * is durable. */
void intake_take(struct intake *, struct http_request *);

/* intake_answer() answers with a text and counts the status; intake_count()
 * only counts the status, for answers that the server gives by itself. */
void intake_answer(struct http_request *, int status, const char *text);
void intake_count(int status);
