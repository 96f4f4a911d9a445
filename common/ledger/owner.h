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
 * owner: the name under which a store knows a customer or a guest, and the
 * member of that name.
 */

enum {
	OWNER_VALUE_MAX = 65 /* a number, or a hash in hexadecimal */
};

enum owner_kind {
	OWNER_NOBODY = 0,
	OWNER_CUSTOMER = 1, /* value: the platform's number of a customer */
	OWNER_GUEST = 2,    /* value: the hash of an e-mail address */
};

/* A name under which a store knows somebody, and the member of that name. */
struct owner {
	int64_t tenant_id, store_id;
	bool shares; /* the store shares its members with others of the
			tenant */
	enum owner_kind kind;
	char value[OWNER_VALUE_MAX];
	int64_t member_id;           /* 0: there is none yet */
	const struct customer *told; /* of a customer: the news of the batch */
	char verified_email[OWNER_VALUE_MAX]; /* of a customer: the hash that
						 is kept */
	int64_t verified_member_id; /* of a guest: the customer who has the
				       address, verified by the platform; 0:
				       none */
};

/* Makes an owner of this kind whom the store knows.  The caller fills in the
 * value. */
void owner_set(struct owner *, const struct store *, enum owner_kind);
/* Copies a value out of a column. */
void owner_value(char out[OWNER_VALUE_MAX], struct str);
/* Makes the owner of an order, by the order's newest state. */
void owner_of_order(struct owner *, const struct store *, const struct order *);

/* Whether a hash is the hash of an address: zeros mean none. */
bool owner_has_email(const uint8_t hash[32]);
/* Writes a hash as the ledger's tables have it: hexadecimal, or data NULL for
 * none. */
struct str owner_email(struct arena *, const uint8_t hash[32]);

/* Finds the member of each owner, and makes one for an owner that has none. */
int owners_load(
    const struct world *, struct owner **, size_t n, struct err *) MUST_CHECK;

#endif /* LEDGER_OWNER_H */
