/* SPDX-License-Identifier: MIT */
#ifndef MEMBER_EXPLAIN_H
#define MEMBER_EXPLAIN_H

#include "member_look.h"

/* The halves of `loyald member explain` that have files of their own. */

/* Explains an order, or what came under an idempotency key. */
int explain_order(
    struct explaining *, const struct explain_given *, struct err *);
int explain_facts(
    struct explaining *, const struct explain_given *, struct err *);

#endif /* MEMBER_EXPLAIN_H */
