/* SPDX-License-Identifier: MIT */
#pragma once

#include "core/order.h"
#include "ledger/world.h"
#include "wire/shop/shop.h"

/*
 * owner: the name under which a store knows a customer (a number) or a guest (a
 * hash of the e-mail address), and the member to whom the name belongs.
 */

enum {
	/* Room for a number, or for a hash in hexadecimal. */
	OWNER_VALUE_MAX = 65
};

enum owner_kind {
	OWNER_NOBODY = 0,
	OWNER_CUSTOMER = 1, /* value: the platform's number of a customer */
	OWNER_GUEST = 2,    /* value: the hash of an e-mail address */
};

/* A name under which a store knows somebody, and the member to whom the name
 * belongs. */
struct owner {
	int64_t tenant_id, store_id;
	/* Whether the store shares its members with the tenant's other
	 * stores. */
	bool shares;
	enum owner_kind kind;
	char value[OWNER_VALUE_MAX];
	int64_t member_id; /* 0: no member has the name yet */
	/* Whether owners_load() has made the name, with what was told of it. */
	bool made;
	/* Only for a customer: what the batch says about the customer, and
	 * whether it says that the customer was deleted. */
	const struct customer *told;
	bool gone;
	/* Only for a customer: the hash of the verified e-mail address, as kept
	 * in the database. */
	char verified_email[OWNER_VALUE_MAX];
	int64_t guest_id; /* the guest who has this address; 0: none */
	/* Only for a guest: the member of the customer for whom the platform
	 * has verified the guest's address; 0: there is no such customer. */
	int64_t verified_member_id;
};

/* Makes an owner of this kind, whom the store knows.  The caller fills in the
 * value. */
void owner_set(struct owner *, const struct store *, enum owner_kind);
/* Copies the value of an owner from a column of a result. */
void owner_value(char out[OWNER_VALUE_MAX], struct str);
/* Makes the owner of an order from the order's newest state. */
void owner_of_order(struct owner *, const struct store *, const struct order *);

/* Whether the hash is that of an address; a hash of zeros means that there is
 * no address. */
bool owner_has_email(const uint8_t hash[32]);
/* Writes a hash as the ledger's tables have it: in hexadecimal, or data NULL if
 * there is no address. */
struct str owner_email(struct arena *, const uint8_t hash[32]);

/* Members that a transaction has made, each of them once.  A member among them
 * has no balance yet, and needs one before the transaction ends. */
struct members_made {
	struct member_made *list;
	size_t n, room;
};

/* Finds the member of each owner, and makes one for an owner that has none. */
int owners_load(const struct world *, struct owner **, size_t n,
    struct members_made *, struct err *) MUST_CHECK;
