/* SPDX-License-Identifier: MIT */
#pragma once

#include "ledger/world.h"
#include "wire/code.h"
#include "wire/shop/shop.h"

/* member_codes: the codes that members show at a till (wire/code.h). */

/* ---- for operators ------------------------------------------------------- */

/* Reads the member's code; data NULL: there is none. */
int code_get(struct pg *, struct arena *, struct member_key, struct str *code,
    struct err *) MUST_CHECK;
/* Gives the member a code. */
int code_add(struct pg *, struct arena *, struct member_key, struct str *code,
    struct err *) MUST_CHECK;
/* Revokes all codes of the member; *n says how many. */
int code_revoke(struct pg *, struct arena *, struct member_key, size_t *n,
    struct err *) MUST_CHECK;

/* ---- for what happens ---------------------------------------------------- */

/*
 * Finds the members whose codes an event names, and writes them into the event.  A
 * fact gets the member's number, and an order the name by which the store knows the
 * member.  REJECT, with the class of a dead letter, if nobody has a code, or if the
 * store does not know the member of an order.
 *
 * A revoked code still stands for its member in what happened before, in captures and
 * releases, and in orders that are known already.
 */
int codes_find(const struct world *, const struct store *, struct event *,
    struct err *) MUST_CHECK;
/* Gives a member's codes to the member who has become of the two. */
int codes_move(const struct world *, int64_t tenant_id, int64_t from,
    int64_t to, struct err *) MUST_CHECK;
