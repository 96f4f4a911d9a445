/* SPDX-License-Identifier: MIT */
#pragma once

#include "member_look.h"

/* The parts of `loyald member explain` that are not in member_explain.c. */

/* Explains an order, or the facts that have an idempotency key. */
int explain_order(
    struct explaining *, const struct explain_given *, struct err *);
int explain_facts(
    struct explaining *, const struct explain_given *, struct err *);
