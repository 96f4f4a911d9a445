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
 * README.md describes the body.  It becomes one struct event: EVENT_ORDER
 * for the type "order", with PLATFORM_EVENTS as the order's platform; else
 * EVENT_FACTS with one fact, or two for a referral.  What reads it is
 * shop_parse() (wire/shop/shop.h), the same in receive, which refuses what
 * cannot be read, and in work.  It is strict: a key it does not know is
 * refused, so that a misspelt one is not lost in silence.
 *
 *  1. The fact's id (event.key) is the idempotency key: it stands inside the signed
 *     body, so that nobody can send the same under another.
 *  2. `at` is at most a day after receive took it.
 *  3. Amounts are in the store's currency; an order may say another, and
 *     then earns nothing, as anywhere.
 *  4. Orders, lines and refunds have texts for ids here and numbers
 *     everywhere else: number_of_text() is the number.  An order's is below
 *     zero, and so is never that of an order of the shop's own.
 *  5. A customer is known by the shop's number or by e-mail address, of
 *     which only the keyed hash is kept.
 */

enum {
	EVENT_TYPE_MAX = 31,      /* bytes of a type or a field's name */
	IDEMPOTENCY_KEY_MAX = 255 /* FACT_TEXT_MAX */
};

#define EVENT_TOPIC    "event"     /* of the messages */
#define REFERRED_AFTER ":referred" /* the friend's fact's id: after the key */

/* Whether it takes a member's points, keeps them back or gives them back: that
 * is a right of its own (store_key.h). */
bool event_is_redemption(const struct event *);

/* The order's key as the ledger has it: order.id of an order of that id
 * sent to POST /events. */
int64_t event_order_id(struct str id);

#endif /* WIRE_SHOP_EVENTS_H */
