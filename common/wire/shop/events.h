/* SPDX-License-Identifier: MIT */
#ifndef WIRE_SHOP_EVENTS_H
#define WIRE_SHOP_EVENTS_H

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"
#include "wire/shop/shop.h"

/*
 * events: what is sent to POST /events/{token}.
 *
 * README.md describes the body.  shop_parse() makes one struct event of it:
 * EVENT_ORDER for the type "order", with PLATFORM_EVENTS as the order's
 * platform; else EVENT_FACTS with one fact, or two for a referral.  receive
 * reads the body as work does, to refuse one that cannot be read.  An unknown
 * key is refused, so that a misspelt one is not lost in silence.
 *
 *  1. The fact's id (event.key) is the idempotency key, which stands inside the
 *     signed body, so that nobody can send the same event under another key.
 *  2. `at` is at most a day after receive took the message.
 *  3. Amounts are in the store's currency.  An order may name another one, and
 *     then earns what an order of a shop in that currency would.
 *  4. Ids of orders, lines and refunds are texts here and numbers everywhere
 *     else, which number_of_text() (wire/sign.h) makes of the texts.  An
 *     order's number is below zero, so that no order of a shop has the same.
 *  5. A customer is named by the shop's number or by an e-mail address, of
 *     which only the keyed hash is kept.
 */

enum {
	EVENT_TYPE_MAX = 31,      /* bytes of a type or a field's name */
	IDEMPOTENCY_KEY_MAX = 255 /* bytes, as FACT_TEXT_MAX */
};

#define EVENT_TOPIC    "event" /* the topic of messages with events */
/* Follows the idempotency key in the id of the friend's fact. */
#define REFERRED_AFTER ":referred"

/* Whether an event takes a member's points, keeps them back or gives them back,
 * which only a key for redemptions may sign (store_key.h). */
bool event_is_redemption(const struct event *);

/* The number by which the ledger knows an order of POST /events with this
 * id. */
int64_t event_order_id(struct str id);

#endif /* WIRE_SHOP_EVENTS_H */
