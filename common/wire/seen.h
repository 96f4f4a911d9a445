/* SPDX-License-Identifier: MIT */
#ifndef WIRE_SEEN_H
#define WIRE_SEEN_H

#include <stdbool.h>
#include <stdint.h>

#include "wire/sign.h"

/*
 * seen: the signatures of the last SEEN_MAX or so deliveries, and whose
 * they were.
 *
 * Shopify signs with one key for all shops of an app, and the body does not
 * say whose it is: a body of one shop, sent again to another's path, has a
 * good signature.  The same store may repeat itself, as retries do.
 */

enum {
	SEEN_MAX = 65536
};

struct seen;
struct seen *seen_new(void);
void seen_free(struct seen *);

/* Whether this signature was noted for another store; notes it for this
 * one if it was not. */
bool seen_elsewhere(
    struct seen *, const uint8_t mac[HMAC_SIZE], int64_t store_id);

#endif /* WIRE_SEEN_H */
