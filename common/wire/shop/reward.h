/* SPDX-License-Identifier: MIT */
#pragma once

#include "wire/shop/shop.h"

/*
 * reward: the calls by which a shop makes the reward of a redemption.
 *
 * A reward is made by several calls, each of which may be repeated.  Every reward
 * has a key by which it is found again: its code, or, of store credit, the second in
 * which the credit expires.  So a call whose answer was lost is followed by a
 * REWARD_FIND and never by a second REWARD_MAKE.
 *
 * Money is in minor units of the store's currency, instants are those of
 * base/instant.h.  Texts and lists belong to the caller, those of an answer to
 * the arena.
 */

/* The goods that a reward is for; all lists empty: for all goods.  `ids` and
 * `category_ids` are what REWARD_GOODS found, or what needs no finding. */
struct reward_goods {
	struct words products;   /* the platform's numbers, in digits */
	struct words skus;       /* without '*' */
	struct words categories; /* WooCommerce's slugs, Shopify's handles */
	struct words not_products, not_categories;
	/* Filled in from the answer to REWARD_GOODS, in the order of the lists. */
	struct words sku_ids, category_ids, not_category_ids;
	/* Shopify: the price of the dearest piece of a REWARD_PRODUCT. */
	int64_t price;
};

enum {
	REWARD_CODE_MAX = 32 /* bytes of a code as a platform takes it */
};

struct reward_make {
	enum reward_kind kind;
	int64_t customer_id;
	const char *redemption; /* the redemption's key, for people */
	const char *title;      /* the reward's name, for people */
	const char *code;       /* as loyald writes codes; NULL: store credit */
	const char *email; /* the answer to REWARD_ADDRESS; NULL: not asked */
	char currency[4];
	int exponent;    /* of the currency */
	int64_t amount;  /* of a discount, a credit or a card */
	int64_t percent; /* in hundredths of a percent */
	int64_t minimum; /* 0: none */
	bool combines;
	struct reward_goods goods;
	int64_t starts_at;
	int64_t ends_at;     /* 0: never */
	const char *made_as; /* the platform's id; NULL: not known */
};

/* The answer of the shop; the texts are as in struct http_answer. */
struct reward_reply {
	int status;
	struct str retry_after, body;
};

struct reward_answer {
	/* PUSH_DONE: the call was carried out, and the members below say what came
	 * of it.  PUSH_RETRY: nothing is known.  PUSH_REJECT: the shop will never
	 * do this, for the reason in `why`. */
	enum push_outcome outcome;
	int64_t wait_ms; /* time to wait before the next call to this store */
	bool throttled;
	/* "" if `outcome` is PUSH_DONE, unless a reward that is there is not
	 * right. */
	char why[PUSH_WHY_MAX];

	const char *email; /* REWARD_ADDRESS: NULL if the customer has none */
	/* REWARD_GOODS: the goods with their ids. */
	struct reward_goods goods;
	/* REWARD_FIND: the reward is there.  REWARD_MAKE: it was made, or was
	 * there already (then it must be looked at).  REWARD_REMOVE: false. */
	bool there;
	/* REWARD_FIND: it is as it should be: the same value, and bound to the
	 * customer.  Else `why` names what differs. */
	bool right;
	bool used; /* REWARD_FIND: the platform counts a use */
	/* The platform's id, as the shop takes it; NULL: not told.  REWARD_FIND
	 * tells that of any reward that is there. */
	const char *made_as;
};

/* Lists the goods that a reward is for.  What a platform cannot tell apart was
 * refused when the program was published (core/reward_way.h). */
struct reward_goods reward_goods_of(struct arena *, const struct reward *);
/* Whether REWARD_GOODS must be asked before the reward is made. */
bool reward_goods_unknown(const struct reward_make *, const struct shop *);
