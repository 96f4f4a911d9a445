/* SPDX-License-Identifier: MIT */
#ifndef LEDGER_MEMBERS_H
#define LEDGER_MEMBERS_H

#include <inttypes.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/jsonw.h"
#include "base/str.h"
#include "core/account.h"
#include "core/fold/fold.h"
#include "io/pg/pg.h"
#include "ledger/world.h"

/*
 * members: looking at a member, for the operator's tools and storefronts.
 * Changes nothing.
 */

/* Of a member who is asked for by number. */
#define NO_MEMBER                                                          \
	"there is no member %" PRId64 ": loyald member show with --store " \
	"and --customer, --email or --order says who has which number"

struct member_summary {
	int64_t tenant_id, member_id;
	struct balance balance;
	int64_t version;
	int64_t created_at;
	int64_t held; /* points for the address, of a guest nobody has verified:
			 for one, also what is pending */
};

/* Each finds one member; member_id is 0 if there is none.
 *
 * By the platform's customer id in a store, in decimal. */
int member_find_customer(struct pg *, struct arena *, int64_t store_id,
    struct str customer, struct member_summary *, struct err *) MUST_CHECK;

int member_find_number(struct pg *, struct arena *, int64_t member_id,
    struct member_summary *, struct err *) MUST_CHECK;

/* By the hash of an e-mail address (wire/sign.h: email_hash) in a store: the
 * customer who has it, else the guest points are held for. */
int member_find_email(struct pg *, struct arena *, int64_t store_id,
    const uint8_t hash[32], struct member_summary *, struct err *) MUST_CHECK;

/* The guest an address' points are held for; 0: there is none. */
int member_find_guest(struct pg *, struct arena *, int64_t store_id,
    const uint8_t hash[32], int64_t *guest_id, struct err *) MUST_CHECK;

/* What a member's timeline has come to, as it was last looked at. */
struct member_status {
	const char *tier;               /* NULL: none */
	int64_t tier_since, tier_until; /* 0: not, without end */
	const char *memberships; /* JSON: id to { from, until, active, trial,
				    cancelled }; NULL: none */
	const char *chosen_day;
	int64_t enrolled_at, folded_at, due_at;
};

/* *found is false for those whose entries come order by order. */
int member_status(struct pg *, struct arena *, struct member_key,
    struct member_status *, bool *found, struct err *) MUST_CHECK;

/* One entry of the ledger. */
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
	bool corrects; /* it takes back what another entry posted */

	/* by member_entries() */
	const char *text; /* the units, as people write them */

	/* by entry_find() */
	struct member_key key;
	struct str why; /* JSON; data NULL: the entry says nothing */
	int64_t stood;  /* units of the same movement before */
};
/* Which of a member's entries or orders. */
struct member_page {
	int64_t tenant_id, member_id;
	int64_t before; /* entries with an id below it; 0: from the newest */
	size_t max;
};
/* The member's entries, newest first. */
int member_entries(struct pg *, struct arena *, const struct member_page *,
    struct entry_view **, size_t *n, struct err *) MUST_CHECK;

/* Units that an order gave into one wallet, less those taken back. */
struct earned {
	const char *wallet, *units; /* as people write them */
};

/* An order changed hands. */
struct order_move {
	int64_t from_member, to_member; /* 0: nobody */
	int64_t at;                     /* when it became known */
};

/* The member's orders with the reason for what they earned, newest first;
 * also those that were the member's once. */
struct order_view {
	int64_t store_id, order_id, points, modified_at;
	const char *reason;    /* core/reason.def's word, or a program's */
	int64_t member_id;     /* whose it is; 0: nobody's */
	int64_t from_member;   /* 0: it never changed hands; whose it was before
				 it was this member's or, if it is not any
				 more, this member */
	int64_t moved_at;      /* when that became known */
	struct earned *earned; /* by this member, of each wallet */
	size_t nearned;

	/* by order_moves() */
	struct order_move *moves;
	size_t nmoves;
};
int member_orders(struct pg *, struct arena *, const struct member_page *,
    struct order_view **, size_t *n, struct err *) MUST_CHECK;

/* Fills in what these orders have earned for a member. */
int orders_earned(struct pg *, struct arena *, struct member_key,
    struct order_view *, size_t n, struct err *) MUST_CHECK;
/* "80 points, 3 stamps", or "nothing". */
const char *earned_text(struct arena *, const struct order_view *);
/* "earned": { "points": "80", "stamps": "3" } */
void earned_write(struct jsonw *, const struct order_view *);

/* Fills in how often the order changed hands, the newest time first. */
int order_moves(struct pg *, struct arena *, int64_t tenant_id,
    struct order_view *, struct err *) MUST_CHECK;

/* By number; member_id 0: anybody's, which takes longer.  REJECT if there
 * is none. */
int entry_find(struct pg *, struct arena *, int64_t entry_id, int64_t member_id,
    struct entry_view *, struct err *) MUST_CHECK;

struct order_full {
	int64_t order_id;
	struct member_key key; /* member_id 0: nobody's */
	int32_t version_id;
	int64_t points;
	const char *reason;
};
/* By the platform's number, else by what the till of POST /events calls it.
 * REJECT if there is none. */
int order_find(struct pg *, struct arena *, int64_t store_id, const char *order,
    struct order_full *, struct err *) MUST_CHECK;

/* What happened to a member beside their orders. */
struct fact_full {
	struct member_key key;
	enum fact_kind kind;
	int64_t at;
	const char *refused; /* why it counts for nothing; NULL: it counts */
	struct str facts;    /* wire/fact_json.h: fact_parse() */
};
struct fact_list {
	struct fact_full *list;
	size_t n;
};
/* The facts of one key, one of a kind each.  REJECT if there is none. */
int facts_find(struct pg *, struct arena *, int64_t store_id, const char *key,
    struct fact_list *, struct err *) MUST_CHECK;

#endif /* LEDGER_MEMBERS_H */
