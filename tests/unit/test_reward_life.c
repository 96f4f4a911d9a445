/* SPDX-License-Identifier: MIT */
/*
 * Checks the life of a reward: each move, what comes next, and whole lives
 * beside a shop that loses answers, is slow, and counts late, with a push that
 * is killed at any moment.  However a life goes, at its end either the reward was
 * used once and its points are spent, or no reward is left and the points are
 * back, or a live reward waits for its member.
 *
 * With REWARD_LIVES=200000 the test runs that many lives, with REWARD_SEED=...
 * other ones.  A life that fails prints its seed.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../model/dice.h"
#include "../support/test.h"
#include "base/arena.h"
#include "base/cc.h"
#include "base/instant.h"
#include "core/reward_life.h"

#define NOW      INT64_C(1000000000000000)
#define PAGE_MAX (1 << 20)
#define MINUTE   (60 * INSTANT_SECOND)

/* ---- moves --------------------------------------------------------------- */

static void
test_moves(void **state)
{
	static const struct {
		enum reward_state from;
		enum reward_happening on;
		enum reward_state to;
		enum reward_cause cause;
	} cases[] = {
		{ REWARD_RESERVED, HAPPENED_CALL, REWARD_INTENDED,
		    REWARD_LASTS },
		{ REWARD_RESERVED, HAPPENED_REFUSED, REWARD_GONE,
		    REWARD_REFUSED },
		{ REWARD_RESERVED, HAPPENED_END, REWARD_GONE, REWARD_LASTS },
		{ REWARD_RESERVED, HAPPENED_ABSENT, REWARD_RESERVED,
		    REWARD_LASTS },
		{ REWARD_INTENDED, HAPPENED_MADE, REWARD_MADE, REWARD_LASTS },
		{ REWARD_INTENDED, HAPPENED_RIGHT, REWARD_ISSUED,
		    REWARD_LASTS },
		{ REWARD_INTENDED, HAPPENED_WRONG, REWARD_LEAVING,
		    REWARD_WRONG },
		{ REWARD_INTENDED, HAPPENED_ABSENT, REWARD_INTENDED,
		    REWARD_LASTS },
		{ REWARD_INTENDED, HAPPENED_REFUSED, REWARD_LEAVING,
		    REWARD_REFUSED },
		{ REWARD_INTENDED, HAPPENED_END, REWARD_LEAVING, REWARD_LASTS },
		{ REWARD_MADE, HAPPENED_RIGHT, REWARD_ISSUED, REWARD_LASTS },
		{ REWARD_MADE, HAPPENED_WRONG, REWARD_LEAVING, REWARD_WRONG },
		{ REWARD_MADE, HAPPENED_ABSENT, REWARD_INTENDED, REWARD_LASTS },
		{ REWARD_MADE, HAPPENED_REFUSED, REWARD_LEAVING,
		    REWARD_REFUSED },
		{ REWARD_MADE, HAPPENED_END, REWARD_LEAVING, REWARD_LASTS },
		{ REWARD_ISSUED, HAPPENED_END, REWARD_LEAVING, REWARD_LASTS },
		{ REWARD_ISSUED, HAPPENED_ABSENT, REWARD_ISSUED, REWARD_LASTS },
		{ REWARD_LEAVING, HAPPENED_RIGHT, REWARD_LEAVING,
		    REWARD_LASTS },
		{ REWARD_LEAVING, HAPPENED_ABSENT, REWARD_GONE, REWARD_LASTS },
		{ REWARD_LEAVING, HAPPENED_REMOVED, REWARD_GONE, REWARD_LASTS },
		{ REWARD_LEAVING, HAPPENED_STAYS, REWARD_ISSUED, REWARD_LASTS },
		{ REWARD_GONE, HAPPENED_AGAIN, REWARD_RESERVED, REWARD_LASTS },
		{ REWARD_GONE, HAPPENED_RIGHT, REWARD_GONE, REWARD_LASTS },
	};

	(void)state;
	for (size_t i = 0; i < NITEMS(cases); i++) {
		struct reward_life l = { .has_calls = true,
			.state = cases[i].from };

		reward_happens(&l, cases[i].on, NOW);
		assert_int_equal(l.state, cases[i].to);
		assert_int_equal(l.cause, cases[i].cause);
	}
}

/* Checks that the page of the program language has each move, and no other. */
static void
test_page(void **state)
{
	static const char *const happenings[REWARD_HAPPENINGS + 1] = {
		[HAPPENED_CALL] = "it is about to be made",
		[HAPPENED_MADE] = "the shop has made it",
		[HAPPENED_RIGHT] = "it is found, as it should be",
		[HAPPENED_WRONG] = "it is found, and is something else",
		[HAPPENED_ABSENT] = "it is not found",
		[HAPPENED_REFUSED] = "it can never be made",
		[HAPPENED_REMOVED] = "the shop has removed it",
		[HAPPENED_END] = "it ends",
		[HAPPENED_AGAIN] = "it begins anew",
		[HAPPENED_STAYS] = "it is found, and is store credit",
	};
	static char page[PAGE_MAX];
	FILE *f = fopen("deploy/programs/README.md", "rb");
	struct arena a;

	(void)state;
	assert_non_null(f);
	page[fread(page, 1, PAGE_MAX - 1, f)] = '\0';
	(void)fclose(f);
	arena_init(&a);
	for (int from = REWARD_RESERVED; from <= REWARD_STATES; from++)
		for (int on = HAPPENED_CALL; on <= REWARD_HAPPENINGS; on++) {
			struct reward_life l = { .has_calls = true,
				.state = (enum reward_state)from };
			const char *begins, *row;

			reward_happens(&l, (enum reward_happening)on, NOW);
			begins = arena_printf(&a, "| `%s` | %s |",
			    reward_state_word((enum reward_state)from),
			    happenings[on]);
			row = arena_printf(&a, "%s `%s` |\n", begins,
			    reward_state_word(l.state));
			if (l.state != (enum reward_state)from)
				assert_non_null(strstr(page, row));
			else
				assert_null(strstr(page, begins));
		}
	for (int c = REWARD_EXPIRED; c <= REWARD_CAUSES; c++)
		assert_non_null(
		    strstr(page, arena_printf(&a, "`%s`",
		                     reward_cause_word((enum reward_cause)c))));
	arena_fini(&a);
}

static void
test_without_calls(void **state)
{
	struct reward_life l = { .state = REWARD_ISSUED };

	(void)state;
	reward_happens(&l, HAPPENED_END, NOW);
	assert_int_equal(l.state, REWARD_GONE);
}

/* Rule 2. */
static void
test_doubt(void **state)
{
	struct reward_life l = { .has_calls = true,
		.state = REWARD_LEAVING,
		.stands = STANDS_RESERVED,
		.doubt_until = NOW + MINUTE };
	struct reward_next next;

	(void)state;
	reward_happens(&l, HAPPENED_ABSENT, NOW);
	assert_int_equal(l.state, REWARD_LEAVING);
	next = reward_next(&l, NOW);
	assert_int_equal(next.act, REWARD_DO_FIND);
	assert_int_equal(next.at, NOW + MINUTE);
	reward_happens(&l, HAPPENED_ABSENT, NOW + MINUTE);
	assert_int_equal(l.state, REWARD_GONE);

	l.state = REWARD_INTENDED;
	l.found = FOUND_ABSENT;
	assert_int_equal(reward_next(&l, NOW).at, NOW + MINUTE);
	assert_int_equal(reward_next(&l, NOW + MINUTE).act, REWARD_DO_MAKE);
}

/* Rule 8. */
static void
test_lasting(void **state)
{
	struct reward_life l = { .has_calls = true,
		.is_spent_at_issue = true,
		.is_lasting = true,
		.state = REWARD_LEAVING,
		.cause = REWARD_REVOKED,
		.stands = STANDS_RESERVED };

	(void)state;
	reward_happens(&l, HAPPENED_RIGHT, NOW);
	assert_int_equal(l.state, REWARD_ISSUED);
	assert_int_equal(l.cause, REWARD_LASTS);
}

/* ---- what comes next ----------------------------------------------------- */

static void
test_next(void **state)
{
	static const struct {
		const char *name;
		struct reward_life life;
		enum reward_act act;
		enum reward_cause cause;
		int64_t at;
	} cases[] = {
		{ "a reward is made",
		    { .state = REWARD_RESERVED, .stands = STANDS_RESERVED },
		    REWARD_DO_MAKE, REWARD_LASTS, NOW },
		{ "1. a call that may have been made is looked for",
		    { .state = REWARD_INTENDED, .stands = STANDS_RESERVED },
		    REWARD_DO_FIND, REWARD_LASTS, NOW },
		{ "3. it is read back",
		    { .state = REWARD_MADE, .stands = STANDS_RESERVED },
		    REWARD_DO_FIND, REWARD_LASTS, NOW },
		{ "4. it ends",
		    { .state = REWARD_ISSUED,
		        .stands = STANDS_RESERVED,
		        .has_end = true,
		        .ends_at = NOW + MINUTE },
		    REWARD_END, REWARD_EXPIRED, NOW + MINUTE },
		{ "4. it does not end",
		    { .state = REWARD_ISSUED, .stands = STANDS_RESERVED },
		    REWARD_NOTHING, REWARD_LASTS, INSTANT_NEVER },
		{ "4. revoked before it was made",
		    { .state = REWARD_RESERVED,
		        .stands = STANDS_RESERVED,
		        .revoked_at = NOW - MINUTE },
		    REWARD_END, REWARD_REVOKED, NOW },
		{ "4. a used one is not revoked",
		    { .state = REWARD_ISSUED,
		        .stands = STANDS_REDEEMED,
		        .used_at = NOW - MINUTE,
		        .revoked_at = NOW },
		    REWARD_END, REWARD_SPENT, NOW - MINUTE + REWARD_USED_KEEP },
		{ "4. its points were given back by hand",
		    { .state = REWARD_ISSUED, .stands = STANDS_RELEASED },
		    REWARD_END, REWARD_RELEASED, NOW },
		{ "6. its points were spent by hand",
		    { .state = REWARD_ISSUED, .stands = STANDS_REDEEMED },
		    REWARD_END, REWARD_SPENT, NOW },
		{ "4. its order was undone",
		    { .state = REWARD_ISSUED,
		        .stands = STANDS_RESERVED,
		        .back = BACK_RETURN,
		        .back_at = NOW - MINUTE },
		    REWARD_END, REWARD_RETURNED, NOW },
		{ "4. an order that was undone before it began anew",
		    { .state = REWARD_ISSUED,
		        .stands = STANDS_RESERVED,
		        .back = BACK_REOPEN,
		        .back_at = NOW - MINUTE,
		        .back_done = NOW - MINUTE },
		    REWARD_NOTHING, REWARD_LASTS, INSTANT_NEVER },
		{ "4. it is looked at before it is removed",
		    { .state = REWARD_LEAVING, .stands = STANDS_RESERVED },
		    REWARD_DO_FIND, REWARD_LASTS, NOW },
		{ "4. it is removed",
		    { .state = REWARD_LEAVING,
		        .stands = STANDS_RESERVED,
		        .found = FOUND_THERE },
		    REWARD_DO_REMOVE, REWARD_LASTS, NOW },
		{ "5. the shop counts a use of which no order has told",
		    { .state = REWARD_LEAVING,
		        .stands = STANDS_RESERVED,
		        .found = FOUND_THERE,
		        .seen_used_at = NOW - MINUTE },
		    REWARD_DO_FIND, REWARD_LASTS, NOW + REWARD_LOOK_AGAIN },
		{ "5. not for ever",
		    { .state = REWARD_LEAVING,
		        .stands = STANDS_RESERVED,
		        .found = FOUND_THERE,
		        .seen_used_at = NOW - REWARD_USE_WAIT },
		    REWARD_DO_REMOVE, REWARD_LASTS, NOW },
		{ "4. the points go back",
		    { .state = REWARD_GONE, .stands = STANDS_RESERVED },
		    REWARD_RELEASE, REWARD_LASTS, NOW },
		{ "the points are back",
		    { .state = REWARD_GONE, .stands = STANDS_RELEASED },
		    REWARD_NOTHING, REWARD_LASTS, INSTANT_NEVER },
		{ "7. points become money",
		    { .state = REWARD_ISSUED,
		        .stands = STANDS_RESERVED,
		        .is_spent_at_issue = true },
		    REWARD_CAPTURE, REWARD_LASTS, NOW },
		{ "7. a card is not revoked once its points are spent",
		    { .state = REWARD_ISSUED,
		        .stands = STANDS_RESERVED,
		        .is_spent_at_issue = true,
		        .captured_at = NOW - MINUTE,
		        .revoked_at = NOW },
		    REWARD_NOTHING, REWARD_LASTS, INSTANT_NEVER },
		{ "4. but it ends if its points were given back by hand",
		    { .state = REWARD_ISSUED,
		        .stands = STANDS_RELEASED,
		        .is_spent_at_issue = true,
		        .captured_at = NOW - MINUTE },
		    REWARD_END, REWARD_RELEASED, NOW },
		{ "7. a task that is done is not revoked",
		    { .state = REWARD_ISSUED,
		        .stands = STANDS_RESERVED,
		        .captured_at = NOW - MINUTE,
		        .revoked_at = NOW },
		    REWARD_NOTHING, REWARD_LASTS, INSTANT_NEVER },
		{ "8. credit is spent though it was revoked",
		    { .state = REWARD_ISSUED,
		        .stands = STANDS_RESERVED,
		        .is_spent_at_issue = true,
		        .is_lasting = true,
		        .revoked_at = NOW - MINUTE },
		    REWARD_CAPTURE, REWARD_LASTS, NOW },
		{ "8. and though its points were given back by hand",
		    { .state = REWARD_ISSUED,
		        .stands = STANDS_RELEASED,
		        .is_spent_at_issue = true,
		        .is_lasting = true },
		    REWARD_CAPTURE, REWARD_LASTS, NOW },
		{ "8. and nothing follows",
		    { .state = REWARD_ISSUED,
		        .stands = STANDS_RELEASED,
		        .is_spent_at_issue = true,
		        .is_lasting = true,
		        .captured_at = NOW - MINUTE },
		    REWARD_NOTHING, REWARD_LASTS, INSTANT_NEVER },
		{ "7. once",
		    { .state = REWARD_ISSUED,
		        .stands = STANDS_REDEEMED,
		        .is_spent_at_issue = true,
		        .captured_at = NOW },
		    REWARD_NOTHING, REWARD_LASTS, INSTANT_NEVER },
	};

	(void)state;
	for (size_t i = 0; i < NITEMS(cases); i++) {
		struct reward_life l = cases[i].life;
		struct reward_next next;

		print_message("%s\n", cases[i].name);
		l.has_calls = true;
		next = reward_next(&l, NOW);
		assert_int_equal(next.act, cases[i].act);
		assert_int_equal(next.cause, cases[i].cause);
		assert_int_equal(next.at, cases[i].at);
	}
}

/* ---- whole lives --------------------------------------------------------- */

enum {
	GENERATIONS = 32,
	FLIGHTS = 32,
	TOLD = 32,
	STEPS = 200,
	LIVES = 3000,
};

/* The timeout of a call, and the doubt after it. */
#define TIMEOUT (30 * INSTANT_SECOND)
#define DOUBT   (3 * TIMEOUT)

/* A code at the shop. */
struct shop_code {
	bool exists, used, was_made;
};

/* A call that was given up and still comes. */
struct flight {
	bool makes;
	int32_t generation;
	int64_t at;
};

/* Something that the ledger was told, or will be: an order, its undoing, or
 * what push wrote down. */
struct told {
	enum told_what {
		TOLD_USE,
		TOLD_UNDONE,
	} what;
	int64_t at, told_at;
	int order;
};

struct life {
	struct dice dice;
	int64_t now;
	struct reward_life row; /* as the database has it */
	int64_t look_at;        /* when push looks next */
	enum reward_back policy;
	struct shop_code codes[GENERATIONS];
	struct flight flights[FLIGHTS];
	size_t nflights;
	struct told told[TOLD];
	size_t ntold;
	int norders, order_open; /* an order that may be undone; 0: none */
	bool calm; /* nothing goes wrong any more, and nobody uses a code */
};

static void
arrive(struct life *w, bool makes, int32_t generation)
{
	struct shop_code *c = &w->codes[generation];

	if (makes && c->exists)
		return; /* the code is taken */
	c->exists = makes;
	c->was_made |= makes;
	if (makes)
		c->used = false;
}

static void
flights_land(struct life *w)
{
	for (size_t i = 0; i < w->nflights;) {
		const struct flight f = w->flights[i];

		if (f.at > w->now) {
			i++;
			continue;
		}
		arrive(w, f.makes, f.generation);
		w->flights[i] = w->flights[--w->nflights];
	}
}

/* ---- the ledger, as the rules of core/fold/redeem.c have it -------------- */

struct moment {
	int64_t at;
	int kind; /* 0 captured, 1 use, 2 undone, 3 gone */
	int order;
};

static int
compare_moments(const void *a, const void *b)
{
	const struct moment *x = a, *y = b;

	if (x->at != y->at)
		return x->at < y->at ? -1 : 1;
	return x->kind - y->kind;
}

static void
ledger(struct life *w)
{
	struct moment list[TOLD + 2];
	struct reward_life *l = &w->row, before = *l;
	size_t n = 0;
	int used_by = 0;

	for (size_t i = 0; i < w->ntold; i++)
		if (w->told[i].told_at <= w->now)
			list[n++] = (struct moment){ w->told[i].at,
				w->told[i].what == TOLD_USE ? 1 : 2,
				w->told[i].order };
	if (l->captured_at != 0)
		list[n++] = (struct moment){ l->captured_at, 0, 0 };
	if (l->gone_at != 0)
		list[n++] = (struct moment){ l->gone_at, 3, 0 };
	qsort(list, n, sizeof(*list), compare_moments);
	l->stands = STANDS_RESERVED;
	l->back = BACK_NOT;
	l->back_at = l->used_at = 0;
	for (size_t i = 0; i < n; i++) {
		switch (list[i].kind) {
		case 0:
			l->stands = STANDS_REDEEMED;
			break;
		case 1:
			if (used_by == 0) {
				used_by = list[i].order;
				l->used_at = list[i].at;
				l->stands = STANDS_REDEEMED;
			}
			break;
		case 2:
			if (used_by != list[i].order || w->policy == BACK_NOT)
				break;
			used_by = 0;
			l->used_at = 0;
			l->stands = STANDS_RESERVED;
			l->back = w->policy;
			l->back_at = list[i].at;
			break;
		default:
			if (l->stands == STANDS_RESERVED)
				l->stands = STANDS_RELEASED;
		}
	}
	if (memcmp(&before, l, sizeof(before)) != 0)
		w->look_at = w->now;
}

/* ---- the shopper --------------------------------------------------------- */

static void
tell(struct life *w, enum told_what what, int order)
{
	int64_t late = w->calm || !dice_one_in(&w->dice, 3)
	                   ? 0
	                   : dice_between(&w->dice, 0, 600) * MINUTE;

	assert_true(w->ntold < TOLD);
	w->told[w->ntold].what = what;
	w->told[w->ntold].at = w->now;
	w->told[w->ntold].told_at = w->now + late;
	w->told[w->ntold++].order = order;
}

static void
shop_about(struct life *w)
{
	for (int g = 1; g < GENERATIONS; g++) {
		struct shop_code *c = &w->codes[g];

		if (!c->exists || c->used || w->ntold + 2 >= TOLD ||
		    !dice_one_in(&w->dice, 6))
			continue;
		c->used = true;
		w->order_open = ++w->norders;
		tell(w, TOLD_USE, w->order_open);
	}
	if (w->order_open != 0 && dice_one_in(&w->dice, 4)) {
		tell(w, TOLD_UNDONE, w->order_open);
		w->order_open = 0;
	}
}

/* ---- push ---------------------------------------------------------------- */

/* Carries a call out.  Returns false if push learns nothing of it. */
static bool
call(struct life *w, enum reward_act act, struct reward_life *l)
{
	struct shop_code *c = &w->codes[l->generation];
	bool is_lost = !w->calm && dice_one_in(&w->dice, 4);
	bool comes_later = is_lost && act != REWARD_DO_FIND &&
	                   w->nflights < FLIGHTS && dice_one_in(&w->dice, 2);
	bool never_came = is_lost && dice_one_in(&w->dice, 3);

	assert_false(l->is_lasting && act == REWARD_DO_REMOVE);
	if (comes_later) {
		w->flights[w->nflights++] = (struct flight){
			act == REWARD_DO_MAKE, l->generation,
			w->now + dice_between(&w->dice, 1, DOUBT - 1)
		};
		w->now += TIMEOUT;
		return false;
	}
	if (never_came)
		return false;
	if (act != REWARD_DO_FIND)
		arrive(w, act == REWARD_DO_MAKE, l->generation);
	if (is_lost)
		return false;
	if (act == REWARD_DO_MAKE) {
		l->doubt_until = 0;
		reward_happens(l, HAPPENED_MADE, w->now);
	} else if (act == REWARD_DO_REMOVE) {
		reward_happens(l, HAPPENED_REMOVED, w->now);
	} else {
		if (c->exists && c->used && l->seen_used_at == 0)
			l->seen_used_at = w->now;
		reward_happens(
		    l, c->exists ? HAPPENED_RIGHT : HAPPENED_ABSENT, w->now);
	}
	return true;
}

/* Writes what push owns of the row, unless it is killed first. */
static bool
save(struct life *w, const struct reward_life *l, int64_t at)
{
	const struct reward_life fold = w->row;

	if (!w->calm && dice_one_in(&w->dice, 10))
		return false;
	w->row = *l;
	w->row.found = FOUND_UNKNOWN;
	w->row.stands = fold.stands;
	w->row.back = fold.back;
	w->row.back_at = fold.back_at;
	w->row.used_at = fold.used_at;
	w->look_at = at;
	return true;
}

static void
push(struct life *w)
{
	struct reward_life l = w->row;
	bool has_waited = false;

	l.wakes = false;
	for (int i = 0; i < 20; i++) {
		struct reward_next next = reward_run(&l, w->now);

		assert_true(l.generation < GENERATIONS);
		if (next.act == REWARD_DO_MAKE && next.at <= w->now) {
			reward_happens(&l, HAPPENED_CALL, w->now);
			l.doubt_until = w->now + DOUBT;
		}
		if (!save(w, &l, next.at))
			return;
		if (next.at > w->now || next.act == REWARD_NOTHING)
			return;
		if (!call(w, next.act, &l)) {
			(void)save(w, &l,
			    w->now +
			        dice_between(&w->dice, 1, 60) * INSTANT_SECOND);
			return;
		}
		has_waited = true;
	}
	assert_false(has_waited); /* push must not go on for ever */
}

static int
live(const struct life *w)
{
	int n = 0;

	for (int g = 1; g < GENERATIONS; g++)
		n += w->codes[g].exists && !w->codes[g].used;
	return n;
}

static void
live_once(struct life *w)
{
	struct reward_life *l = &w->row;

	w->now = NOW;
	*l = (struct reward_life){ .has_calls = true,
		.is_spent_at_issue = dice_one_in(&w->dice, 6),
		.state = REWARD_RESERVED,
		.stands = STANDS_RESERVED,
		.generation = 1 };
	l->has_end = !l->is_spent_at_issue;
	l->is_lasting = l->is_spent_at_issue && dice_one_in(&w->dice, 2);
	if (dice_one_in(&w->dice, 2))
		l->ends_at = NOW + dice_between(&w->dice, 1, 120) * MINUTE;
	w->policy = l->is_spent_at_issue
	                ? BACK_NOT
	                : (enum reward_back)dice_between(&w->dice, 0, 2);
	for (int i = 0; i < STEPS; i++) {
		w->calm = i > STEPS / 2;
		w->now += w->calm
		              ? dice_between(&w->dice, 1, 24 * 60) * MINUTE
		              : dice_between(&w->dice, 1, 200) * INSTANT_SECOND;
		flights_land(w);
		if (!w->calm && !l->is_spent_at_issue)
			shop_about(w);
		if (!w->calm &&
		    dice_one_in(&w->dice, l->is_spent_at_issue ? 10 : 60))
			l->revoked_at = w->look_at = w->now;
		if (w->calm || dice_one_in(&w->dice, 2))
			ledger(w);
		if (w->look_at <= w->now)
			push(w);
		/* The ledger is late with what push wrote down. */
		if (w->calm || dice_one_in(&w->dice, 2))
			ledger(w);
		assert_true(live(w) <= 1);
	}
}

static void
check(const struct life *w)
{
	const struct reward_life *l = &w->row;

	switch (l->stands) {
	case STANDS_REDEEMED:
		assert_true(l->is_spent_at_issue ? l->captured_at != 0
		                                 : l->used_at != 0);
		assert_int_equal(live(w), l->is_spent_at_issue ? 1 : 0);
		break;
	case STANDS_RELEASED:
		assert_int_equal(live(w), 0);
		assert_int_equal(l->state, REWARD_GONE);
		break;
	case STANDS_RESERVED:
		assert_int_equal(l->state, REWARD_ISSUED);
		assert_int_equal(live(w), 1);
		break;
	}
}

static uint64_t
number(const char *name, uint64_t preset)
{
	const char *text = getenv(name);

	return text != NULL ? strtoull(text, NULL, 10) : preset;
}

static uint64_t seed_of_now;

static int
print_seed(void **state)
{
	(void)state;
	printf("the last life was REWARD_SEED=%llu\n",
	    (unsigned long long)seed_of_now);
	return 0;
}

static void
test_lives(void **state)
{
	uint64_t seed = number("REWARD_SEED", 1);
	uint64_t n = number("REWARD_LIVES", LIVES);
	int ends[STANDS_RELEASED + 1] = { 0 }, reopened = 0;

	(void)state;
	for (uint64_t i = 0; i < n; i++) {
		static struct life w;

		memset(&w, 0, sizeof(w));
		dice_init(&w.dice, seed + i);
		seed_of_now = seed + i;
		live_once(&w);
		check(&w);
		ends[w.row.stands]++;
		reopened += w.row.generation > 1;
	}
	printf("%d set aside, %d spent, %d given back; %d began anew\n",
	    ends[STANDS_RESERVED], ends[STANDS_REDEEMED], ends[STANDS_RELEASED],
	    reopened);
	for (int i = STANDS_RESERVED; n >= LIVES && i <= STANDS_RELEASED; i++)
		assert_true(ends[i] > 0);
}

/* ---- words --------------------------------------------------------------- */

static void
test_words(void **state)
{
	struct reward_life l = { .state = REWARD_ISSUED,
		.stands = STANDS_RESERVED };

	(void)state;
	for (int s = REWARD_RESERVED; s <= REWARD_STATES; s++)
		assert_true(reward_state_word((enum reward_state)s)[0] != '\0');
	for (int c = REWARD_EXPIRED; c <= REWARD_CAUSES; c++)
		assert_true(reward_cause_word((enum reward_cause)c)[0] != '\0');
	assert_string_equal(reward_word(&l), "issued");
	l.stands = STANDS_REDEEMED;
	assert_string_equal(reward_word(&l), "given");
	l.used_at = NOW;
	assert_string_equal(reward_word(&l), "used");
	l.stands = STANDS_RELEASED;
	l.state = REWARD_GONE;
	l.cause = REWARD_EXPIRED;
	assert_string_equal(reward_word(&l), "expired");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_moves),
		cmocka_unit_test(test_page),
		cmocka_unit_test(test_without_calls),
		cmocka_unit_test(test_doubt),
		cmocka_unit_test(test_lasting),
		cmocka_unit_test(test_next),
		cmocka_unit_test_teardown(test_lives, print_seed),
		cmocka_unit_test(test_words),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
