/* SPDX-License-Identifier: MIT */
#pragma once

#include "base/config/config.h"
#include "base/key.h"
#include "io/http/client.h"
#include "io/stream/stream.h"
#include "io/trouble.h"
#include "ledger/catalog.h"
#include "loop.h"
#include "wire/address.h"

/*
 * reconcile_loop: the state of loyald reconcile, which the rounds of single stores
 * (reconcile_round.c) share.
 */

struct reconcile {
	struct config config;
	struct event_base *base;
	struct event *timer;
	struct http_client *client;
	struct loop_health *health;
	struct pg *pg;
	struct stream *stream; /* NULL until the installation is known */
	struct master_key key;
	struct address_key *addresses;
	struct arena arena; /* memory for one turn */
	struct catalog catalog;
	int64_t changes; /* the catalog's, when rows were last made */
	unsigned busy;   /* rounds under way */
	int64_t poll_ms;
	struct backoff backoff;
	struct trouble trouble;
	bool once, done;
	int64_t failed; /* rounds that failed, with --once */
	int status;     /* the exit status, once the process ends */
};

/* Logs an error of PostgreSQL or Redis.  The next turn begins after a wait, or the
 * process ends. */
void reconcile_fail(struct reconcile *, const struct err *);

/* Claims a store that is due, and begins a round with it.  *found says whether one
 * was. */
int reconcile_round(struct reconcile *, bool *found, struct err *) MUST_CHECK;
