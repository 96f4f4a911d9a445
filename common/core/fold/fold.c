/* SPDX-License-Identifier: MIT */
/*
 * fold: walks the timeline and lets everything happen in the order of time.
 *
 *  1. Things that happen by time alone come before the facts of the same
 *     instant, in this order: payouts (payout.c); lots vest and expire
 *     (purse.c); birthdays and memberships (member.c, membership.c); the tier
 *     (tier.c); dates of the calendar (tick.c); rules that take (take.c).
 *  2. A fact goes to order.c, undo.c, member.c or redeem.c.  An order or event
 *     then earns by each rule in the order of the program (earn.c).  The files
 *     for each rule are: which lines and multipliers count (factor.c), how much
 *     that is (measure.c), the sum of the window (cell.c), limits (limit.c),
 *     what is posted (share.c), and to which lots (purse.c).  The tier is
 *     brought up to date last, so that an order earns in the tier in which it
 *     was placed.
 *  3. Each order or event follows the version of the program that was recorded
 *     for it.  What time alone brings about follows the version in effect at
 *     that time.
 */
#include <assert.h>
#include <string.h>

#include "base/instant.h"
#include "core/fold/internal.h"

/* ---- facts -------------------------------------------------------------- */

static void
apply_event(struct run *r, const struct fact *f)
{
	struct occurrence *o = occurrence_new(r, f, SOURCE_EVENT);
	const char *reason;

	if (f->nothing != NULL) {
		earn_none(r, o, ON_EVENT, f->nothing);
		return;
	}
	reason = member_event(r, o);
	if (reason != NULL) {
		run_refuse(r, f, reason);
		return;
	}
	metric_update(r, o);
	earn_begin(r, o, ON_EVENT);
	tier_update(r, false);
}

static void
apply_fact(struct run *r, const struct fact *f)
{
	const char *reason;

	switch (f->kind) {
	case FACT_ORDER:
		if (order_happened(f, &reason) == NEVER_HAPPENED)
			order_excluded(r, f, reason);
		else
			order_placed(r, f);
		break;
	case FACT_EVENT:
		apply_event(r, f);
		break;
	case FACT_REDEEM:
		redemption_begin(r, f);
		break;
	case FACT_CAPTURE:
	case FACT_RELEASE:
		redemption_end(r, f);
		break;
	case FACT_ADJUST:
		adjustment_make(r, f);
		break;
	case FACT_USE:
	case FACT_UNUSE:
		redemption_use(r, f);
		break;
	}
}

/* ---- what happens, in order ---------------------------------------------- */

static int
happening_compare(const struct happening *a, const struct happening *b)
{
	int c;

	if (a->at != b->at)
		return a->at < b->at ? -1 : 1;
	if (a->fact != b->fact) {
		c = fact_compare(a->fact, b->fact);
		if (c != 0)
			return c;
	}
	if (a->undo != b->undo)
		return a->undo ? 1 : -1;
	return (a->refund > b->refund) - (a->refund < b->refund);
}

/* Sorts by merging, with `room` as working memory.  The C library's qsort() is
 * not used, since it may allocate. */
static void
happenings_sort(struct happening *list, struct happening *room, size_t n)
{
	size_t half = n / 2, i = 0, j = half;

	if (n < 2)
		return;
	happenings_sort(list, room, half);
	happenings_sort(list + half, room, n - half);
	/* Most facts come in the order of time. */
	if (happening_compare(&list[half - 1], &list[half]) <= 0)
		return;
	memcpy(room, list, n * sizeof(*list));
	for (size_t k = 0; k < n; k++)
		if (j == n ||
		    (i < half && happening_compare(&room[i], &room[j]) <= 0))
			list[k] = room[i++];
		else
			list[k] = room[j++];
}

/* Adds the refunds of an order.  A refund whose time is not known happens when
 * the snapshot of the order that lists the refund was made.  No refund happens
 * before the refunds listed before it. */
static size_t
add_refunds(const struct fact *f, int64_t at, struct happening *out)
{
	for (size_t i = 0; i < f->order->nrefunds; i++) {
		int64_t x = f->order->refunds[i].at;

		at = int64_max(at, x != 0 ? x : f->order->modified_at);
		out[i] = (struct happening){
			.at = at, .fact = f, .refund = i + 1
		};
	}
	return f->order->nrefunds;
}

static struct happening *
happenings(struct run *r, size_t *n)
{
	enum {
		SORTED = 16, /* comparisons per item if 2^16 are sorted */
	};
	const struct timeline *t = r->timeline;
	struct happening *list, *room;
	size_t most = 0;
	const char *reason;

	for (size_t i = 0; i < t->nfacts; i++)
		most += 2 + (t->facts[i].kind == FACT_ORDER
		                    ? t->facts[i].order->nrefunds
		                    : 0);
	steps_take(r->steps, most * SORTED);
	list = arena_array(r->arena, most + 1, sizeof(*list));
	room = arena_array(r->arena, most + 1, sizeof(*room));
	*n = 0;
	for (size_t i = 0; i < t->nfacts; i++) {
		const struct fact *f = &t->facts[i];
		enum happened happened = NEVER_HAPPENED;
		int64_t at = fact_happens_at(f, t->now);
		const struct fact *undone = undo_target(r, f);

		/* The clock of the shop, by which an order used a reward, may be
		 * behind that of the redemption. */
		if (fact_is_use(f))
			undone = redemption_of(r, f);
		if (fact_is_use(f) && undone != NULL && undone->at <= at)
			undone = NULL;
		list[(*n)++] = (struct happening){ .at = at, .fact = f };
		if (undone != NULL)
			list[*n - 1] = (struct happening){
				.at = int64_max(
				    at, fact_happens_at(undone, t->now)),
				.fact = undone,
				.undo = true,
				.by = f,
			};
		if (f->kind == FACT_ORDER)
			happened = order_happened(f, &reason);
		if (f->kind == FACT_EVENT && f->undone_at != 0)
			list[(*n)++] = (struct happening){
				.at = int64_max(f->at, f->undone_at),
				.fact = f,
				.undo = true,
			};
		if (happened == NEVER_HAPPENED)
			continue;
		*n += add_refunds(f, at, &list[*n]);
		if (happened == UNDONE_LATER)
			list[(*n)++] = (struct happening){
				.at = int64_max(at, order_undone_at(f->order)),
				.fact = f,
				.undo = true,
			};
	}
	happenings_sort(list, room, *n);
	return list;
}

static int64_t
due_at(struct run *r)
{
	const int64_t at[] = { purses_due_at(r), member_due_at(r),
		tier_due_at(r), ticks_due_at(r), takes_due_at(r),
		payouts_due_at(r) };
	int64_t first = INSTANT_NEVER;

	for (size_t i = 0; i < sizeof(at) / sizeof(at[0]); i++)
		if (at[i] < first)
			first = at[i];
	return first;
}

/* Makes a purse, which is the member's part of a wallet, for each wallet of the
 * program in effect. */
static void
look_at_wallets(struct run *r)
{
	const struct program *p = run_program(r);

	for (size_t i = 0; i < p->nwallets; i++)
		(void)purse_of(r, p, i);
}

/* 1. Lets everything happen that is due up to and at an instant. */
static void
wait_until(struct run *r, int64_t at)
{
	while (!steps_are_spent(r->steps)) {
		int64_t due = due_at(r);

		if (due > at || due == INSTANT_NEVER)
			break;
		run_wait(r, int64_max(due, r->now));
		look_at_wallets(r);
		metric_recount(r);
		payouts_due(r);
		purses_due(r);
		member_due(r);
		tier_due(r);
		ticks_due(r);
		takes_run(r, ON_BALANCE, NULL);
	}
	run_wait(r, int64_max(at, r->now));
}

/* ---- the result ---------------------------------------------------------- */

static void
give_lots(struct run *r)
{
	struct fold *out = r->out;
	size_t n = 0;

	for (size_t i = 0; i < r->npurses; i++)
		n += r->purses[i]->nlots;
	out->lots = arena_array(r->arena, n + 1, sizeof(struct lot *));
	out->purses = arena_array(
	    r->arena, r->npurses + 1, sizeof(*out->purses));
	for (size_t i = 0; i < r->npurses; i++) {
		struct purse_state *p = r->purses[i];

		out->purses[out->npurses++] = p->purse;
		for (size_t j = 0; j < p->nlots; j++)
			if (p->lots[j] != p->rest)
				out->lots[out->nlots++] = &p->lots[j]->lot;
	}
}

static void
give_memberships(struct run *r)
{
	const struct program *p = run_program(r);
	struct fold *out = r->out;

	out->memberships = arena_array(
	    r->arena, p->nmemberships + 1, sizeof(*out->memberships));
	out->nmemberships = p->nmemberships;
	for (size_t i = 0; i < p->nmemberships; i++) {
		struct membership_state *s = &out->memberships[i];

		s->membership = p->memberships[i].id;
		for (size_t j = 0; j < r->nmemberships; j++) {
			const struct membership_run *m = &r->memberships[j];

			if (strcmp(m->id, s->membership) != 0)
				continue;
			s->from = m->from;
			s->until = m->until;
			s->trial = m->trial;
			s->active = m->active;
			s->cancelled = m->cancelled;
		}
	}
}

static void
give_result(struct run *r)
{
	const struct tiers *tiers = &run_program(r)->tiers;
	struct fold *out = r->out;

	give_lots(r);
	give_memberships(r);
	redemptions_give(r);
	out->movements = r->movements;
	out->nmovements = r->nmovements;
	out->tiers = r->changes;
	out->ntiers_before = r->nchanges_before;
	out->ntiers = r->nchanges;
	out->refusals = r->refusals;
	out->nrefusals = r->nrefusals;
	out->chosen_day = r->view.chosen_day;
	out->tier_since = r->tier_since;
	if (tiers->nlevels > 0)
		out->metric = metric_in(
		    r, tiers, metric_window(r, tiers, r->now));
	out->enrolled_at = r->enrolled_at;
	out->due_at = due_at(r);
	out->view = &r->view;
}

static void
begin(struct run *r, const struct happening *list, size_t n)
{
	const struct timeline *t = r->timeline;

	r->tier_until = INSTANT_NEVER;
	if (t->seam.at != 0) {
		seam_resume(r);
		r->is_short |= n > 0 && list[0].at < t->seam.at;
		return;
	}
	run_wait(r, n > 0 && list[0].at < t->now ? list[0].at : t->now);
	/* Without an enrolment event a member counts as enrolled from the
	 * first known fact. */
	r->enrolled_at = r->now;
	payouts_due(r);
	look_at_wallets(r);
	metric_recount(r);
}

/* Walks the whole timeline; stops when no steps are left, or when something
 * before the seam is asked for. */
static void
run_all(struct run *r)
{
	const struct timeline *t = r->timeline;
	struct happening *list;
	int64_t seam;
	size_t n, i;

	list = happenings(r, &n);
	seam = seam_choose(r, list, n);
	begin(r, list, n);
	for (i = 0; i < n && list[i].at <= t->now; i++) {
		const struct happening *h = &list[i];

		if (steps_are_spent(r->steps) || r->is_short || r->wants_lots)
			return;
		if (seam != 0 && h->at >= seam) {
			wait_until(r, seam);
			seam_make(r, seam);
			seam = 0;
		}
		wait_until(r, h->at);
		if (h->undo && h->fact->kind == FACT_EVENT)
			undo_event(r, h);
		else if (h->undo && h->fact->kind == FACT_REDEEM)
			redemption_use(r, h->by);
		else if (h->refund > 0 || h->undo)
			order_reduced(r, h);
		else
			apply_fact(r, h->fact);
		takes_run(r, ON_BALANCE, NULL);
	}
	wait_until(r, t->now);
	give_result(r);
	/* By a shop's clock that is ahead, a refund may be still to come. */
	if (i < n)
		r->out->due_at = int64_min(r->out->due_at, list[i].at);
}

void
fold(struct arena *a, const struct timeline *t, struct fold *out)
{
	int64_t most = t->steps_most > 0 ? t->steps_most : STEPS_ANY;
	struct steps *steps = arena_alloc(a, sizeof(*steps));
	struct run *r = arena_alloc(a, sizeof(*r));

	assert(t->neras > 0);
	*out = (struct fold){ 0 };
	r->arena = a;
	r->known = arena_alloc(a, sizeof(*r->known));
	r->steps = steps;
	r->timeline = t;
	r->out = out;
	steps->left = most;
	run_all(r);
	out->steps = most - steps->left;
	if (steps_are_spent(steps))
		*out = (struct fold){ .steps = most, .is_cut = true };
	else if (r->is_short || r->wants_lots)
		*out = (struct fold){ .steps = out->steps,
			.is_short = true,
			.wants_lots = !r->is_short };
}

int64_t
fold_available(const struct fold *f, const char *wallet)
{
	for (size_t i = 0; i < f->npurses; i++)
		if (wallet == NULL || strcmp(f->purses[i].wallet, wallet) == 0)
			return f->purses[i].balance.available;
	return 0;
}
