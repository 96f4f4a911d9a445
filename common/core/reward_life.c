/* SPDX-License-Identifier: MIT */
#include <stddef.h>

#include "base/cc.h"
#include "base/instant.h"
#include "core/reward_life.h"

/* ---- states -------------------------------------------------------------- */

/* The moves from state to state.  deploy/programs/README.md has the same
 * table. */
static const struct move {
	enum reward_state from;
	enum reward_happening on;
	enum reward_state to;
	enum reward_cause cause; /* REWARD_LASTS: as it was */
} moves[] = {
	{ REWARD_RESERVED, HAPPENED_CALL, REWARD_INTENDED, REWARD_LASTS },
	{ REWARD_RESERVED, HAPPENED_REFUSED, REWARD_GONE, REWARD_REFUSED },
	{ REWARD_RESERVED, HAPPENED_END, REWARD_GONE, REWARD_LASTS },
	{ REWARD_INTENDED, HAPPENED_MADE, REWARD_MADE, REWARD_LASTS },
	{ REWARD_INTENDED, HAPPENED_RIGHT, REWARD_ISSUED, REWARD_LASTS },
	{ REWARD_INTENDED, HAPPENED_WRONG, REWARD_LEAVING, REWARD_WRONG },
	{ REWARD_INTENDED, HAPPENED_REFUSED, REWARD_LEAVING, REWARD_REFUSED },
	{ REWARD_INTENDED, HAPPENED_END, REWARD_LEAVING, REWARD_LASTS },
	{ REWARD_MADE, HAPPENED_RIGHT, REWARD_ISSUED, REWARD_LASTS },
	{ REWARD_MADE, HAPPENED_WRONG, REWARD_LEAVING, REWARD_WRONG },
	{ REWARD_MADE, HAPPENED_ABSENT, REWARD_INTENDED, REWARD_LASTS },
	{ REWARD_MADE, HAPPENED_REFUSED, REWARD_LEAVING, REWARD_REFUSED },
	{ REWARD_MADE, HAPPENED_END, REWARD_LEAVING, REWARD_LASTS },
	{ REWARD_ISSUED, HAPPENED_END, REWARD_LEAVING, REWARD_LASTS },
	{ REWARD_LEAVING, HAPPENED_ABSENT, REWARD_GONE, REWARD_LASTS },
	{ REWARD_LEAVING, HAPPENED_REMOVED, REWARD_GONE, REWARD_LASTS },
	{ REWARD_LEAVING, HAPPENED_STAYS, REWARD_ISSUED, REWARD_LASTS },
	{ REWARD_GONE, HAPPENED_AGAIN, REWARD_RESERVED, REWARD_LASTS },
};

static void
note_found(struct reward_life *l, enum reward_happening on)
{
	switch (on) {
	case HAPPENED_RIGHT:
	case HAPPENED_WRONG:
	case HAPPENED_STAYS:
		l->found = FOUND_THERE;
		break;
	case HAPPENED_ABSENT:
		l->found = FOUND_ABSENT;
		break;
	case HAPPENED_CALL:
	case HAPPENED_MADE:
	case HAPPENED_REFUSED:
	case HAPPENED_REMOVED:
	case HAPPENED_END:
	case HAPPENED_AGAIN:
		l->found = FOUND_UNKNOWN;
		break;
	}
}

/* 2. Nothing counts as absent while a call is in doubt. */
static bool
is_in_doubt(const struct reward_life *l, enum reward_happening on, int64_t now)
{
	return (on == HAPPENED_ABSENT || on == HAPPENED_REMOVED) &&
	       l->doubt_until > now;
}

void
reward_happens(struct reward_life *l, enum reward_happening on, int64_t now)
{
	if (on == HAPPENED_RIGHT && l->is_lasting && l->state == REWARD_LEAVING)
		on = HAPPENED_STAYS;
	note_found(l, on);
	if (is_in_doubt(l, on, now))
		return;
	for (size_t i = 0; i < NITEMS(moves); i++) {
		const struct move *m = &moves[i];

		if (m->from != l->state || m->on != on)
			continue;
		/* Without calls there is nothing at the shop to remove. */
		l->state = m->to == REWARD_LEAVING && !l->has_calls
		               ? REWARD_GONE
		               : m->to;
		if (m->cause != REWARD_LASTS || m->to == REWARD_ISSUED)
			l->cause = m->cause;
		return;
	}
}

/* ---- what comes next ----------------------------------------------------- */

static struct reward_next
next_at(enum reward_act act, int64_t at)
{
	return (struct reward_next){ .act = act, .at = at };
}

static struct reward_next
ends_by(enum reward_cause cause, int64_t at)
{
	return (struct reward_next){ REWARD_END, cause, at };
}

static bool
is_back(const struct reward_life *l, enum reward_back back)
{
	return l->stands == STANDS_RESERVED && l->back == back &&
	       l->back_at != l->back_done;
}

/* 7. Whether the points are spent for what is at the shop for good. */
static bool
is_given(const struct reward_life *l)
{
	return l->captured_at != 0 &&
	       (l->is_lasting || l->stands != STANDS_RELEASED);
}

/* 4, 6. Says when and why a reward that has not ended ends, as things are. */
static struct reward_next
next_end(const struct reward_life *l, int64_t now)
{
	if (is_given(l))
		return next_at(REWARD_NOTHING, INSTANT_NEVER);
	if (l->stands == STANDS_RELEASED)
		return ends_by(REWARD_RELEASED, now);
	if (is_back(l, BACK_REOPEN))
		return ends_by(REWARD_REOPENED, now);
	if (is_back(l, BACK_RETURN))
		return ends_by(REWARD_RETURNED, now);
	if (l->stands == STANDS_REDEEMED && l->used_at != 0)
		return ends_by(REWARD_SPENT, l->used_at + REWARD_USED_KEEP);
	if (l->stands == STANDS_REDEEMED)
		return ends_by(REWARD_SPENT, now);
	if (l->revoked_at != 0)
		return ends_by(REWARD_REVOKED, now);
	if (l->has_end && l->ends_at != 0)
		return ends_by(REWARD_EXPIRED, l->ends_at);
	return next_at(REWARD_NOTHING, INSTANT_NEVER);
}

/* 1, 2. A reward that may be at the shop is looked at first; what is not there
 * when no call is in doubt any more is made. */
static struct reward_next
next_intended(const struct reward_life *l, int64_t now)
{
	if (l->found != FOUND_ABSENT)
		return next_at(REWARD_DO_FIND, now);
	return l->doubt_until > now ? next_at(REWARD_DO_FIND, l->doubt_until)
	                            : next_at(REWARD_DO_MAKE, now);
}

/* 5. Nothing tells whether an order comes for a use that the shop counts, so
 * the reward waits for it, until a bound. */
static struct reward_next
next_leaving(const struct reward_life *l, int64_t now)
{
	if (l->found == FOUND_UNKNOWN)
		return next_at(REWARD_DO_FIND, now);
	if (l->found == FOUND_ABSENT)
		return next_at(REWARD_DO_FIND, l->doubt_until);
	if (l->seen_used_at != 0 && l->stands == STANDS_RESERVED &&
	    l->cause != REWARD_RETURNED && l->cause != REWARD_REOPENED &&
	    now < l->seen_used_at + REWARD_USE_WAIT)
		return next_at(REWARD_DO_FIND, now + REWARD_LOOK_AGAIN);
	return next_at(REWARD_DO_REMOVE, now);
}

static struct reward_next
next_gone(const struct reward_life *l, int64_t now)
{
	if (is_back(l, BACK_REOPEN))
		return next_at(REWARD_AGAIN, now);
	if (l->stands == STANDS_RESERVED)
		return next_at(REWARD_RELEASE, now);
	return next_at(REWARD_NOTHING, INSTANT_NEVER);
}

static bool
is_to_spend(const struct reward_life *l)
{
	return l->state == REWARD_ISSUED && l->is_spent_at_issue &&
	       l->captured_at == 0;
}

struct reward_next
reward_next(const struct reward_life *l, int64_t now)
{
	struct reward_next end;

	if (l->state == REWARD_LEAVING)
		return next_leaving(l, now);
	if (l->state == REWARD_GONE)
		return next_gone(l, now);
	if (l->is_lasting && is_to_spend(l))
		return next_at(REWARD_CAPTURE, now);
	end = next_end(l, now);
	if (end.at <= now)
		return end;
	switch (l->state) {
	case REWARD_RESERVED:
		return next_at(REWARD_DO_MAKE, now);
	case REWARD_INTENDED:
		return next_intended(l, now);
	case REWARD_MADE:
		return next_at(REWARD_DO_FIND,
		    l->found == FOUND_ABSENT ? l->doubt_until : now);
	case REWARD_ISSUED:
		return is_to_spend(l) ? next_at(REWARD_CAPTURE, now) : end;
	case REWARD_LEAVING:
	case REWARD_GONE:
		break;
	}
	return end;
}

struct reward_next
reward_run(struct reward_life *l, int64_t now)
{
	for (;;) {
		struct reward_next next = reward_next(l, now);

		if (next.at > now)
			return next;
		switch (next.act) {
		case REWARD_END:
			l->cause = next.cause;
			reward_happens(l, HAPPENED_END, now);
			break;
		case REWARD_CAPTURE:
			l->captured_at = now;
			l->wakes = true;
			break;
		case REWARD_RELEASE:
			l->gone_at = now;
			l->wakes = true;
			return next_at(REWARD_NOTHING, INSTANT_NEVER);
		case REWARD_AGAIN:
			reward_happens(l, HAPPENED_AGAIN, now);
			l->cause = REWARD_LASTS;
			l->back_done = l->back_at;
			l->seen_used_at = l->doubt_until = 0;
			l->generation++;
			break;
		case REWARD_NOTHING:
		case REWARD_DO_MAKE:
		case REWARD_DO_FIND:
		case REWARD_DO_REMOVE:
			return next;
		}
	}
}

/* ---- words --------------------------------------------------------------- */

const char *
reward_state_word(enum reward_state state)
{
	static const char *const words[REWARD_STATES + 1] = {
		[REWARD_RESERVED] = "reserved",
		[REWARD_INTENDED] = "intended",
		[REWARD_MADE] = "made",
		[REWARD_ISSUED] = "issued",
		[REWARD_LEAVING] = "leaving",
		[REWARD_GONE] = "gone",
	};

	return words[state];
}

const char *
reward_cause_word(enum reward_cause cause)
{
	static const char *const words[REWARD_CAUSES + 1] = {
		[REWARD_LASTS] = "",
		[REWARD_EXPIRED] = "expired",
		[REWARD_REVOKED] = "revoked",
		[REWARD_REFUSED] = "refused",
		[REWARD_WRONG] = "wrong",
		[REWARD_RELEASED] = "released",
		[REWARD_RETURNED] = "returned",
		[REWARD_REOPENED] = "reopened",
		[REWARD_SPENT] = "used",
	};

	return words[cause];
}

const char *
reward_word(const struct reward_life *l)
{
	if (l->stands == STANDS_REDEEMED)
		return l->used_at != 0 ? "used" : "given";
	if (l->state == REWARD_GONE)
		return reward_cause_word(l->cause);
	return reward_state_word(l->state);
}
