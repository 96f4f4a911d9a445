/* SPDX-License-Identifier: MIT */
#pragma once

#include "core/fact.h"
#include "core/reward_way.h"

/* reward_terms: what follows for a reward from its form and its redemption. */

/* Whether loyald keeps track of rewards in this form, and has them made. */
bool reward_form_is_made(enum reward_form);
/* Whether calls to the shop make it. */
bool reward_form_has_calls(enum reward_form);
/* Whether the points are spent as soon as it is made: it is money then, and is
 * not taken back. */
bool reward_form_is_spent(enum reward_form);
/* Whether no call takes it back once it is made. */
bool reward_form_is_lasting(enum reward_form);

/* The amount that so many units of a reward give, in minor units. */
int64_t reward_amount(const struct reward *, int64_t units);
/* When the reward of a redemption ends unless it was used; 0: never. */
int64_t reward_ends_at(const struct reward *, const struct fact *);
