/* SPDX-License-Identifier: MIT */
#ifndef LEDGER_OWNER_H
#define LEDGER_OWNER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"
#include "core/order.h"
#include "ledger/world.h"
#include "wire/shop/shop.h"

/*
 * owner: under what name a store knows somebody, and what member that is.
 */

enum {
	OWNER_VALUE_MAX = 65 /* a number, or a hash in hexadecimal */
};

enum owner_kind {
	OWNER_NOBODY = 0,
	OWNER_CUSTOMER = 1, /* of the platform */
	OWNER_GUEST = 2,    /* an e-mail address */
};

/* Under what name a store knows somebody, and who that is. */
struct owner {
	int64_t tenant_id, store_id;
	bool shares; /* members, with other stores of the tenant */
	enum owner_kind kind;
	char value[OWNER_VALUE_MAX];
	int64_t member_id;           /* 0: nobody yet */
	const struct customer *told; /* customer: what the batch tells */
	char verified_email[OWNER_VALUE_MAX]; /* customer: as recorded */
	int64_t verified_member_id; /* guest: the customer whose address the
				       platform has verified; 0: none */
};

/* An owner of this kind whom the store knows; the value is the caller's to
 * fill in. */
void owner_set(struct owner *, const struct store *, enum owner_kind);
/* Copies the value, which is a column's. */
void owner_value(char out[OWNER_VALUE_MAX], struct str);
/* The owner of an order, by its newest snapshot. */
void owner_of_order(struct owner *, const struct store *, const struct order *);

/* Whether there is a hash of an address: zeros are none. */
bool owner_has_email(const uint8_t hash[32]);
/* The hash as the ledger's tables have it: hexadecimal, or data NULL for
 * none. */
struct str owner_email(struct arena *, const uint8_t hash[32]);

/* Finds the member of each owner, and makes one for an owner that has none. */
int owners_load(
    const struct world *, struct owner **, size_t n, struct err *) MUST_CHECK;

#endif /* LEDGER_OWNER_H */
