/* SPDX-License-Identifier: MIT */
#pragma once

#include "base/arena.h"
#include "base/message.h"

/*
 * fair: which of the messages that were read are posted now, so that somebody
 * with very many orders holds nobody else up.
 *
 *  1. The messages of a person are parked if more than FAIR_SHARE of them were
 *     read together.
 *  2. While messages of a person are parked, all later ones of that person are
 *     parked, too.  A person's messages stay in their order, unless one is in an
 *     entry with a message that has a later turn: the entry waits for that turn.
 *  3. Persons with parked messages take turns: each one's messages stand in line
 *     by how much later they were received than the first of that person, which
 *     stands beside those whose turn it is when that first one is parked.
 *  4. A person is whom an order or a fact names in a store, or the customer that
 *     is told of.  A message that was not read at the door, or names nobody, or
 *     may end the process that reads it, is never parked.
 *
 * The module counts, and does not keep the messages.
 */

enum {
	FAIR_SHARE = 32,
	/* Persons are counted by hashes below this number: whoever has the hash
	 * of somebody with parked messages waits with them. */
	FAIR_SLOTS = 1 << 14,
};

/* Must be all zeros at first. */
struct fair {
	uint32_t parked[FAIR_SLOTS]; /* messages of a person that are parked */
	int64_t since[FAIR_SLOTS];   /* when a message of turn 0 was received */
	uint32_t here[FAIR_SLOTS];   /* for fair_pick() alone */
	size_t all;                  /* the sum of parked */
	int64_t turn;                /* of what was parked no more last */
};

/* Decides which of the messages are parked, counts these, and sets their turns.
 * slots[i] becomes the slot of a parked message's person, or 0.  Returns how many
 * messages are parked; if none is, may leave `slots` as it was. */
size_t fair_pick(
    struct fair *, struct arena *, struct message *, size_t n, uint16_t *slots);
/* Counts messages that are not parked any more, by the slots of their persons;
 * `turn` is that of the last one. */
void fair_back(struct fair *, const uint16_t *slots, size_t n, int64_t turn);
/* Tells that no message is parked. */
void fair_reset(struct fair *);
