/* SPDX-License-Identifier: MIT */
#pragma once

#include "wire/shop/shop.h"

/*
 * events: what is sent to POST /events/{token}.
 *
 * README.md describes the body.  shop_parse() makes one struct event of a body.
 * For the type "order" that is an EVENT_ORDER, whose order has PLATFORM_EVENTS
 * as its platform.  For other types it is EVENT_FACTS with one fact, or two
 * facts for a referral.  The process "receive" already parses the body as
 * "work" will later, to refuse a body that cannot be read.  An unknown key is
 * refused, so that a misspelt key is not lost in silence.
 *
 *  1. The fact's id (event.key) is the idempotency key.  The key stands inside
 *     the signed body, so that nobody can send the same event under another
 *     key.
 *  2. `at` is at most a day after the time when receive took the message.
 *  3. Amounts are in the store's currency.  An order may be in another
 *     currency, and then earns what a shop's order in that currency would earn.
 *  4. Ids of orders, lines and refunds are texts in the body and numbers
 *     everywhere else: number_of_text() (wire/sign.h) turns a text into a
 *     number.  An order's number is below zero, so that it differs from the
 *     numbers of all shops' orders.
 *  5. A customer is named by the shop's number or by an e-mail address; only a
 *     keyed hash of the address is kept.
 */

enum {
	EVENT_TYPE_MAX = 31, /* bytes of a type or a field's name */
};

#define EVENT_TOPIC    "event" /* the topic of messages with events */
/* The id of a referred friend's fact is the idempotency key of the referral,
 * followed by this text. */
#define REFERRED_AFTER ":referred"

/* Whether an event spends a member's points, reserves them or releases reserved
 * points.  Only a key for redemptions may sign such events (store_key.h). */
bool event_is_redemption(const struct event *);

/* Returns the number that the ledger uses for an order of POST /events with
 * this id. */
int64_t event_order_id(struct str id);
