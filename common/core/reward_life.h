/* SPDX-License-Identifier: MIT */
#pragma once

#include <stdbool.h>
#include <stdint.h>

/*
 * reward_life: the life of a reward that a shop makes for a redemption.
 *
 * A reward has a state at the shop, and its points stand somewhere in the ledger.
 * The two have different owners: the process that calls the shop writes the
 * state, and fold() says where the points stand.  reward_next() looks at both
 * and says what is to be done next, and when.
 *
 *  1. Everything is written down before a call (REWARD_INTENDED), so that a
 *     process that ends in the middle leaves a trace.
 *  2. A call whose answer was lost may still arrive at the shop until
 *     doubt_until.  Until then nothing is made a second time, and nothing counts
 *     as absent.
 *  3. A reward is issued when it was read back and is as it should be.
 *  4. A reward ends when its time is over, when somebody revokes it, when the
 *     shop will never make it, when its points were given back, and when the
 *     order that used it was undone.  It is looked at, removed, and only then do
 *     the points go back.
 *  5. Only an order uses a reward.  If the shop counts a use of which no order
 *     has told yet, the reward's points wait REWARD_USE_WAIT for the order.
 *  6. A used reward is removed REWARD_USED_KEEP after its use: until then the
 *     shop may want to change the order.  A reward whose points an operator
 *     spent by hand is removed at once.
 *  7. Points that become money or a card are captured when the reward is issued;
 *     so is a task when it is done.  Nobody takes the reward back after that.
 *  8. Store credit cannot be removed.  If it is found at the shop it is issued,
 *     whatever was to end it, and its points are captured.
 *
 * Instants are those of base/instant.h; 0 means "not".
 */

#define REWARD_USE_WAIT   (INT64_C(24) * 60 * 60 * 1000000)
#define REWARD_USED_KEEP  (INT64_C(30) * 24 * 60 * 60 * 1000000)
/* The time between looks at a reward whose use an order has not told of yet. */
#define REWARD_LOOK_AGAIN (INT64_C(10) * 60 * 1000000)

/* The state at the shop.  The numbers are kept in the ledger. */
enum reward_state {
	REWARD_RESERVED = 1, /* points are set aside, and no call was made */
	REWARD_INTENDED,     /* a call that makes it was or will be made */
	REWARD_MADE,         /* the shop says that it made the reward */
	REWARD_ISSUED,       /* read back and right: the member may use it */
	REWARD_LEAVING,      /* to be removed, because of a cause */
	REWARD_GONE,         /* not at the shop, and no call is under way */
	REWARD_STATES = REWARD_GONE,
};

/* Why a reward ended.  The numbers are kept in the ledger. */
enum reward_cause {
	REWARD_LASTS = 0,   /* no cause: the reward has not ended */
	REWARD_EXPIRED = 1, /* nobody used it in time */
	REWARD_REVOKED,     /* an operator took it back */
	REWARD_REFUSED,     /* the shop will never make it */
	REWARD_WRONG,       /* the shop made something else of it */
	REWARD_RELEASED,    /* the points were given back */
	REWARD_RETURNED,    /* the order that used it was undone */
	REWARD_REOPENED, /* the same, and a new one is made, with another code */
	REWARD_SPENT,    /* an order used it some time ago */
	REWARD_CAUSES = REWARD_SPENT,
};

/* Where the points stand, by fold().  The numbers are kept in the ledger. */
enum reward_stands {
	STANDS_RESERVED = 1,
	STANDS_REDEEMED,
	STANDS_RELEASED,
};

/* The fate of a reward whose order was undone. */
enum reward_back {
	BACK_NOT,    /* the order was not undone, or the reward stays used */
	BACK_RETURN, /* the points go back to the member */
	BACK_REOPEN, /* the member gets the reward again */
};

enum reward_found {
	FOUND_UNKNOWN, /* nobody has looked since the last call */
	FOUND_ABSENT,
	FOUND_THERE,
};

struct reward_life {
	/* By the way in which the reward is made: calls to the shop make it; the
	 * points are spent as soon as it is issued; it ends at ends_at; no call
	 * removes it. */
	bool has_calls, is_spent_at_issue, has_end, is_lasting;

	enum reward_stands stands;
	enum reward_back back;
	int64_t back_at; /* when the order that used it was undone */
	int64_t used_at; /* when an order used it */

	enum reward_state state;
	enum reward_cause cause; /* 0: it has not ended */
	int64_t ends_at;
	int64_t
	    doubt_until; /* a call without an answer may arrive until then */
	int64_t seen_used_at; /* when the shop was first seen to count a use */
	int64_t revoked_at;
	int64_t captured_at; /* when points were spent by rule 7 */
	int64_t gone_at;    /* when it was gone, so that its points went back */
	int64_t back_done;  /* the back_at for which it began anew */
	int32_t generation; /* counts from 1 how often it began */
	enum reward_found found;
	/* Set by reward_run(): the ledger must look at the redemption again. */
	bool wakes;
};

enum reward_act {
	REWARD_NOTHING = 1,
	REWARD_DO_MAKE, /* a call to the shop, as the next two are */
	REWARD_DO_FIND,
	REWARD_DO_REMOVE,
	REWARD_END,     /* the reward ends, because of `cause` */
	REWARD_CAPTURE, /* the points are spent */
	REWARD_RELEASE, /* the points go back */
	REWARD_AGAIN,   /* the reward begins anew, with another code */
};

struct reward_next {
	enum reward_act act;
	enum reward_cause cause; /* REWARD_END */
	int64_t at; /* when; INSTANT_NEVER if there is nothing to do */
};

struct reward_next reward_next(const struct reward_life *, int64_t now);
/* Does all that is to be done now without a call, and returns what is to be done
 * after that: a call, or anything later. */
struct reward_next reward_run(struct reward_life *, int64_t now);

/* All that may happen to a reward at the shop. */
enum reward_happening {
	HAPPENED_CALL = 1, /* the call that makes it is about to be made */
	HAPPENED_MADE,     /* the shop says that it made it */
	HAPPENED_RIGHT,    /* the reward is there, as it should be */
	HAPPENED_WRONG,    /* the reward is there, and not as it should be */
	HAPPENED_ABSENT,   /* the reward is not there */
	HAPPENED_REFUSED,  /* the shop will never make it */
	HAPPENED_REMOVED,  /* the shop says that it removed it */
	HAPPENED_END,      /* the end was decided */
	HAPPENED_AGAIN,    /* the reward begins anew */
	HAPPENED_STAYS,    /* a reward that cannot be removed is there */
	REWARD_HAPPENINGS = HAPPENED_STAYS,
};

/* Moves the reward to its next state.  A happening for which the state has no
 * move, and by rule 2 an absence in doubt, change nothing but what was found. */
void reward_happens(struct reward_life *, enum reward_happening, int64_t now);

/* The word for the reward as a whole, for people: "reserved", "issued", "used",
 * "expired", ... */
const char *reward_word(const struct reward_life *);
/* The words of states and causes, as deploy/programs/README.md has them. */
const char *reward_state_word(enum reward_state);
const char *reward_cause_word(enum reward_cause);
