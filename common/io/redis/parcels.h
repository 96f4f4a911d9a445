/* SPDX-License-Identifier: MIT */
#pragma once

#include "io/redis/pool.h"

/*
 * parcels: packs messages that come at the same time into entries of the
 * streams, since an entry costs Redis more than the bytes of a message.
 *
 * The messages of one turn of the loop make one entry, a parcel.  While as many
 * parcels are under way as there are streams, messages wait for the next
 * parcel, which is sent at once when PARCEL_MAX messages wait: the busier Redis
 * is, the fuller the parcels are.
 */

enum {
	/* Messages that may wait; parcels_add() refuses a further message. */
	PARCELS_WAITING_MAX = 64 * PARCEL_MAX,
	/* Bytes of a parcel of several messages; a larger message is alone. */
	PARCEL_BYTES_MAX = 256 * 1024,
};

struct parcels;

/* A message that waits or is under way: room in its sender's memory, which only
 * parcels.c looks into. */
struct parcel_part {
	struct parcels *of;
	struct parcel_part *next;
	struct str encoded;
	redis_added *added;
	void *arg;
};

struct parcels *parcels_new(
    struct event_base *, struct redis_pool *, unsigned nstreams);
/* Frees the parcels; the caller has freed the pool before.  The functions of
 * messages that still wait are called with ok = false. */
void parcels_free(struct parcels *);

/* Puts a message into the next parcel.  The caller keeps the part and the bytes
 * until the function is called (as redis_pool_add() calls functions), or until
 * parcels_free() has returned.  If too many messages wait, or the pool takes
 * nothing now, returns false, and never calls the function. */
bool parcels_add(struct parcels *, struct parcel_part *, struct str encoded,
    redis_added *, void *arg) MUST_CHECK;
