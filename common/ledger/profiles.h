/* SPDX-License-Identifier: MIT */
#pragma once

#include "ledger/outbox.h"
#include "ledger/world.h"

/*
 * profiles: what push tells shops of members beside their balances, read when
 * the balances are claimed.  What is told may be newer than the balance's
 * version; a change after that puts the balance into the outbox again.
 */

/* Sets the profile of each item of a claim, by the program of the claim's store
 * that is in effect.  Items have none without a program. */
int profiles_load(
    const struct world *, struct outbox_claim *, struct err *) MUST_CHECK;

/* Works out which tags of ours each item's customer is to get and to lose, and
 * writes those down that the call is about to set.  Of the items that need tags,
 * only PUSH_TAGGED_MAX stay in the claim, and none that come after them. */
int profiles_tags_begin(
    const struct world *, struct outbox_claim *, struct err *) MUST_CHECK;
/* Writes down the tags that the shop has set, by its answer. */
int profiles_tags_done(struct pg *, struct arena *, const struct outbox_claim *,
    const struct push_answer *, struct err *) MUST_CHECK;
