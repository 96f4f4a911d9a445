/* SPDX-License-Identifier: MIT */
#pragma once

#include <inttypes.h>

#include "base/jsonw.h"
#include "core/account.h"
#include "core/fold/fold.h"
#include "io/pg/pg.h"
#include "ledger/world.h"

/*
 * members: reads what is known of members, orders, entries and facts, for the
 * operator's tools and for storefronts.  Nothing is changed here.  Results are
 * in the arena given.
 */

/* The error message for a number that no member has. */
#define NO_MEMBER                                                          \
	"there is no member %" PRId64 ": loyald member show with --store " \
	"and --customer, --email or --order says who has which number"

struct member_summary {
	int64_t tenant_id, member_id;
	struct balance balance;
	int64_t version;
	int64_t created_at;
	/* Points that wait until an e-mail address is verified.  For a
	 * customer: the points held for a guest with the same address.  For a
	 * guest: the guest's own points, which are also in `pending`. */
	int64_t held;
};

/* Finds a member by the platform's number of the customer, in decimal.  If
 * there is no such member, member_id becomes 0, as in the next two functions.
 */
int member_find_customer(struct pg *, struct arena *, int64_t store_id,
    struct str customer, struct member_summary *, struct err *) MUST_CHECK;

int member_find_number(struct pg *, struct arena *, int64_t member_id,
    struct member_summary *, struct err *) MUST_CHECK;

/* Finds a member of a store by the hash of an e-mail address (email_hash in
 * wire/sign.h).  The member is the customer who has the address or, if there is
 * no such customer, the guest for whom points are held. */
int member_find_email(struct pg *, struct arena *, int64_t store_id,
    const uint8_t hash[32], struct member_summary *, struct err *) MUST_CHECK;

/* Finds the guest for whom points are held under an address; 0: there is
 * none. */
int member_find_guest(struct pg *, struct arena *, int64_t store_id,
    const uint8_t hash[32], int64_t *guest_id, struct err *) MUST_CHECK;

/* The state of a member's timeline when it was last folded. */
struct member_status {
	const char *tier; /* NULL: none */
	/* tier_since is 0 if there is no tier; tier_until is 0 if the tier has
	 * no end. */
	int64_t tier_since, tier_until;
	/* JSON object: for the id of each membership { from, until, active,
	 * trial, cancelled }; NULL: the member has no memberships. */
	const char *memberships;
	const char *chosen_day;
	int64_t enrolled_at, folded_at, due_at;
};

/* Gets a member's status.  *found is false if the member has no timeline. */
int member_status(struct pg *, struct arena *, struct member_key,
    struct member_status *, bool *found, struct err *) MUST_CHECK;

/* An entry of the ledger. */
struct entry_view {
	int64_t entry_id;
	int64_t store_id;
	enum source_kind source;
	const char *source_id, *rule, *wallet;
	const char *party; /* a charity; empty: none */
	enum account debit, credit;
	int64_t units;
	int32_t version_id, revision;
	int64_t event_at, posted_at;
	bool corrects; /* the entry takes back what another entry posted */

	/* The fields below are set only by member_entries(). */
	const char *text; /* the units, written for people */

	/* The fields below are set only by entry_find(). */
	struct member_key key;
	struct str why; /* JSON; data NULL: the entry has no explanation */
	int64_t stood;  /* units posted before for the same source and rule */
};
/* The choice of a member's entries or orders to list. */
struct member_page {
	int64_t tenant_id, member_id;
	/* Only entries with a smaller id than this; 0: begin with the newest.
	 */
	int64_t before;
	size_t max;
};
/* Lists the member's entries, the newest first. */
int member_entries(struct pg *, struct arena *, const struct member_page *,
    struct entry_view **, size_t *n, struct err *) MUST_CHECK;

/* The units that an order gave into one wallet, less the units that were taken
 * back. */
struct earned {
	const char *wallet, *units; /* the units are written for people */
};

/* A change of an order's member. */
struct order_move {
	int64_t from_member, to_member; /* 0: nobody */
	int64_t at;                     /* when the change became known */
};

/* An order that belongs or once belonged to a member, with the reason for what
 * the order earned. */
struct order_view {
	int64_t store_id, order_id, points, modified_at;
	const char *reason; /* a word of core/reason.def or of a program */
	int64_t member_id;  /* the order's member now; 0: nobody */
	/* The last move that involves the member whose orders are listed: the
	 * member from whom the order was moved; 0: there was no such move. */
	int64_t from_member;
	int64_t moved_at; /* when that move became known */
	/* The units that this member got for the order, by wallet. */
	struct earned *earned;
	size_t nearned;

	/* The fields below are set only by order_moves(). */
	struct order_move *moves;
	size_t nmoves;
};
int member_orders(struct pg *, struct arena *, const struct member_page *,
    struct order_view **, size_t *n, struct err *) MUST_CHECK;

/* Fills in what these orders have earned for a member. */
int orders_earned(struct pg *, struct arena *, struct member_key,
    struct order_view *, size_t n, struct err *) MUST_CHECK;
/* Writes what an order earned: "80 points, 3 stamps", or "nothing". */
const char *earned_text(struct arena *, const struct order_view *);
/* Writes a JSON member: "earned": { "points": "80", "stamps": "3" }. */
void earned_write(struct jsonw *, const struct order_view *);

/* Fills in the order's moves between members, the newest first. */
int order_moves(struct pg *, struct arena *, int64_t tenant_id,
    struct order_view *, struct err *) MUST_CHECK;

/* Finds an entry by number.  If member_id is 0, the entry may be anybody's, but
 * the search then takes longer.  REJECT if there is no such entry. */
int entry_find(struct pg *, struct arena *, int64_t entry_id, int64_t member_id,
    struct entry_view *, struct err *) MUST_CHECK;

struct order_full {
	int64_t order_id;
	struct member_key key; /* member_id 0: the order belongs to nobody */
	int32_t version_id;
	int64_t points;
	const char *reason;
};
/* Finds an order by the platform's number or, if no order has this number, by
 * the id under which the order was sent to POST /events.  REJECT if there is no
 * such order. */
int order_find(struct pg *, struct arena *, int64_t store_id, const char *order,
    struct order_full *, struct err *) MUST_CHECK;

/* A fact about a member, as the ledger keeps it. */
struct fact_full {
	struct member_key key;
	enum fact_kind kind;
	int64_t at;
	/* Why the fact was refused and has no effect; NULL: it was not refused.
	 */
	const char *refused;
	struct str facts; /* text for fact_parse() of wire/fact_json.h */
};
struct fact_list {
	struct fact_full *list;
	size_t n;
};
/* Finds the facts that have this key: at most one of each kind.  REJECT if
 * there is none. */
int facts_find(struct pg *, struct arena *, int64_t store_id, const char *key,
    struct fact_list *, struct err *) MUST_CHECK;
