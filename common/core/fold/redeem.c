/* SPDX-License-Identifier: MIT */
/*
 * redeem: redemptions and adjustments.
 *
 *  1. A redemption has happened, and only its release undoes it.  Units that
 *     the wallet lacks at that time are owed, or forgiven.
 *  2. Reserved units are captured or released later.  Released units go back to
 *     the lots that they came from.
 *  3. A gift to a charity is owed to the charity: the units themselves if they
 *     are money, else the reward's amount.  A redemption whose gift was paid
 *     out is never released.
 *  4. If the redemption has the price of the goods, a reward gives at most the
 *     amount that it may take off these goods (reward_room()).  A variable
 *     reward takes only the units for that amount.  Any other reward that would
 *     give more is refused, as in a quote.
 *  5. A reward that is made at the shop is reserved until an order uses it.  If
 *     it was released before, that order takes the units again.  Of several
 *     orders that used it and were not undone, the first one counts, and the
 *     others are refused.
 *  6. If none is left, the reward says what becomes of it (on_cancel, on_refund):
 *     it stays used, or it is reserved again, to be used or to be removed.
 *  7. A reward that an order used is not released because it is gone at the
 *     shop.  If that order is undone after that, nothing is left to be removed,
 *     so a reward that returns is released then.
 *  8. A reward that the shop gave for good (CAPTURE_GIVEN) takes its units,
 *     again if they were released before.
 */
#include <string.h>

#include "base/instant.h"
#include "core/fold/internal.h"

/* The text that stands in the place of a rule in a redemption's entries. */
static const char *
rule_of(const struct redemption *d)
{
	return d->fact->reward != NULL ? d->fact->reward : "redemption";
}

static struct origin
origin_of(const struct redemption *d)
{
	return (struct origin){ SOURCE_REDEMPTION, d->fact->store_id,
		d->fact->id, d->fact->version_id };
}

/* 2. Cancels the debt that a redemption left.  If a part of that debt was
 * repaid since, the repaid units come back as a new lot. */
static void
release_owed(struct run *r, struct redemption *d, struct post *post)
{
	static const struct rule as_the_wallet = { 0 };
	int64_t owed = d->purse->purse.balance.debt;
	const struct grant g = {
		.origin = post->origin,
		.rule = post->rule,
		.by = &as_the_wallet,
		.purse = d->purse,
		.earned_at = r->now,
		.vests_at = r->now,
		.units = d->draws.owed > owed ? d->draws.owed - owed : 0,
		.lot = &d->repaid,
	};

	post->credit = ACCOUNT_DEBT;
	post->units = d->draws.owed - g.units;
	post_add(r, post);
	if (g.units == 0)
		return;
	purse_refill(r, &g);
	post->credit = ACCOUNT_AVAILABLE;
	post->units = g.units;
	post->lot = d->repaid;
	post_add(r, post);
}

static void
move_drawn(struct run *r, const struct redemption *d, enum account from,
    enum account to)
{
	const struct origin origin = origin_of(d);
	struct post post = {
		.origin = &origin,
		.rule = rule_of(d),
		.purse = d->purse,
		.party = from == ACCOUNT_CHARITY || to == ACCOUNT_CHARITY
		             ? d->fact->charity
		             : NULL,
		.debit = from,
		.credit = to,
		.units = d->units - d->draws.owed - d->forgiven,
	};

	post_add(r, &post);
	post.units = d->draws.owed;
	if (from == ACCOUNT_AVAILABLE)
		post.debit = ACCOUNT_DEBT;
	post_add(r, &post);
	post.units = d->forgiven;
	if (from == ACCOUNT_AVAILABLE)
		post.debit = ACCOUNT_ADJUSTED;
	post_add(r, &post);
}

/* 2. Released units repay debt first; the rest goes back to the lots that it
 * came from. */
static void
release(struct run *r, struct redemption *d)
{
	struct purse_state *p = d->purse;
	const struct origin origin = origin_of(d);
	struct post post = {
		.origin = &origin,
		.rule = rule_of(d),
		.purse = p,
		.party = d->where == ACCOUNT_CHARITY ? d->fact->charity : NULL,
		.debit = d->where,
		.credit = ACCOUNT_ADJUSTED,
		.units = d->forgiven,
	};
	int64_t back = d->units - d->draws.owed - d->forgiven;

	post_add(r, &post);
	release_owed(r, d, &post);
	post.credit = ACCOUNT_DEBT;
	post.units = back < p->purse.balance.debt ? back
	                                          : p->purse.balance.debt;
	post.lot = NULL;
	post_add(r, &post);
	post.credit = ACCOUNT_AVAILABLE;
	post.units = back - post.units;
	post_add(r, &post);
	lots_return(r, &d->draws, post.units);
}

/* Gives a charity the reward's amount, or, if `back`, takes the amount back.
 * Does nothing if the units are money. */
static void
donate(struct run *r, const struct redemption *d, bool back)
{
	const struct origin origin = origin_of(d);
	const struct post post = {
		.origin = &origin,
		.rule = rule_of(d),
		.purse = purse_charity(r),
		.party = d->fact->charity,
		.debit = back ? ACCOUNT_CHARITY : ACCOUNT_ISSUED,
		.credit = back ? ACCOUNT_REVERSED : ACCOUNT_CHARITY,
		.units = d->donated,
	};

	if (d->donated > 0)
		post_add(r, &post);
}

static int64_t
donated_by(const struct redemption *d)
{
	const struct reward *w = d->reward;

	if (d->fact->charity == NULL || w == NULL ||
	    w->kind != REWARD_CHARITY || d->purse->purse.unit == UNIT_MONEY)
		return 0;
	return ratio_floor(
	    ratio_mul(ratio_mul(w->amount, MILLI), d->units), w->cost);
}

/* Finds the reward, the wallet and the units of a redemption.  If the fact has
 * no units, the units are the reward's cost; if it names no wallet, the wallet
 * is the reward's. */
static bool
find_units(const struct fact *f, struct redemption *d, size_t *wallet)
{
	size_t i = f->reward != NULL ? program_reward(f->program, f->reward)
	                             : NONE;

	d->reward = i != NONE ? &f->program->rewards[i] : NULL;
	*wallet = d->reward != NULL ? d->reward->wallet : NONE;
	if (f->wallet != NULL)
		*wallet = program_wallet(f->program, f->wallet);
	d->units = f->units;
	if (d->units == 0 && d->reward != NULL)
		d->units = d->reward->cost;
	return *wallet != NONE && d->units > 0;
}

/* Whether a reward gives something, and no more than `room`.  A product counts
 * as one minor unit, since only the shop knows its price. */
static bool
gives_within(const struct reward *w, int64_t goods, int64_t room)
{
	int64_t gain = 0;

	switch (w->kind) {
	case REWARD_DISCOUNT_AMOUNT:
		gain = w->amount < goods ? w->amount : goods;
		break;
	case REWARD_DISCOUNT_PERCENT:
		gain = ratio_round((wide)goods * w->percent, PERCENT_ALL);
		break;
	case REWARD_PRODUCT:
		gain = 1;
		break;
	case REWARD_SHIPPING:
	case REWARD_GIFT_CARD:
	case REWARD_STORE_CREDIT:
	case REWARD_CHARITY:
	case REWARD_EXPERIENCE:
		return true;
	}
	return gain > 0 && gain <= room;
}

/* 4. Lowers the units spent on a variable reward to the most that the reward
 * takes.  Returns false if the reward cannot be used. */
static bool
fit_units(struct redemption *d)
{
	const struct reward *w = d->reward;
	const struct fact *f = d->fact;
	int64_t goods, room, most;

	if (w == NULL || !f->amount_told)
		return true;
	goods = f->amount / power_of_ten(f->finer);
	room = reward_room(w, goods, PERCENT_ALL);
	if (!w->variable)
		return gives_within(w, goods, room);
	most = reward_steps(w, room,
	           program_exchange(f->program, f->program->currency, f->at)) *
	       w->cost;
	if (d->units <= most || d->units % w->cost != 0)
		return true;
	if (most == 0 || most < w->least)
		return false;
	d->units = most;
	return true;
}

/* Why a new redemption is refused, or NULL if it is not. */
static const char *
why_refused(struct run *r, const struct redemption *d)
{
	const struct fact *f = d->fact;
	const struct reward *w = d->reward;
	const struct occasion now = {
		.at = f->at, .brand = f->brand, .channel = f->channel
	};
	const char *why_not = NULL;

	if (w == NULL && (f->reward != NULL || f->issue))
		return "no_such_reward";
	if (f->charity != NULL &&
	    !words_have(&f->program->charities, f->charity))
		return "no_such_charity";
	if (w != NULL && w->kind == REWARD_CHARITY && f->charity == NULL)
		return "no_charity_named";
	if (w != NULL &&
	    (d->units % w->cost != 0 || (!w->variable && d->units != w->cost) ||
	        d->units < w->least || (w->most > 0 && d->units > w->most)))
		return "wrong_units";
	if (w != NULL && !run_holds(r, &w->when, f->program, &now, &why_not))
		return why_not;
	return d->draws.owed > 0 ? "insufficient" : NULL;
}

/* Draws the units from their lots; units that no lot has are owed. */
static void
draw(struct run *r, struct redemption *d)
{
	d->draws.n = 0;
	d->draws.owed = d->units - lots_draw(r, d->purse, d->units,
	                               INSTANT_NEVER, &d->draws);
}

/* Moves the units that were drawn to an account. */
static void
take(struct run *r, struct redemption *d, enum account to)
{
	const struct program *p = d->fact->program;

	d->forgiven = d->purse->purse.negative == NEGATIVE_FORGIVE
	                  ? d->draws.owed
	                  : 0;
	d->draws.owed -= d->forgiven;
	d->where = to;
	move_drawn(r, d, ACCOUNT_AVAILABLE, to);
	if (p->wallets[program_wallet(p, d->purse->purse.wallet)]
	        .active_by_redeeming)
		purse_active(r, d->purse);
}

static enum account
begins_in(const struct redemption *d)
{
	if (d->fact->charity != NULL && d->purse->purse.unit == UNIT_MONEY)
		return ACCOUNT_CHARITY;
	return d->fact->reserve || d->is_issued ? ACCOUNT_RESERVED
	                                        : ACCOUNT_REDEEMED;
}

void
redemption_begin(struct run *r, const struct fact *f)
{
	struct redemption d = { .fact = f };
	size_t wallet;
	bool fits;

	if (!find_units(f, &d, &wallet)) {
		run_refuse(r, f,
		    f->reward != NULL ? "no_such_reward" : "no_such_wallet");
		return;
	}
	fits = fit_units(&d);
	d.purse = purse_of(r, f->program, wallet);
	/* Nothing is made of a gift to a charity. */
	d.is_issued = f->issue && d.reward != NULL && f->charity == NULL;
	draw(r, &d);
	d.refused = why_refused(r, &d);
	if (d.refused == NULL && !fits)
		d.refused = "too_much";
	if (d.refused != NULL)
		run_refuse(r, f, d.refused);
	d.donated = donated_by(&d);
	take(r, &d, begins_in(&d));
	donate(r, &d, false);
	r->redemptions = arena_grow(r->arena, r->redemptions, r->nredemptions,
	    &r->redemptions_room, sizeof(d));
	r->redemptions[r->nredemptions++] = d;
	run_placed(r, f)->redemption = r->nredemptions;
}

/* Whether the redemption's gift was ever paid out to its charity. */
static bool
gift_is_paid(const struct run *r, const struct redemption *d)
{
	const struct timeline *t = r->timeline;

	if (d->where != ACCOUNT_CHARITY && d->donated == 0)
		return false;
	steps_take(r->steps, t->npayouts);
	for (size_t i = 0; i < t->npayouts; i++)
		if (t->payouts[i].at >= d->fact->at &&
		    strcmp(t->payouts[i].charity, d->fact->charity) == 0)
			return true;
	return false;
}

const struct fact *
redemption_of(struct run *r, const struct fact *f)
{
	return run_fact(r, FACT_REDEEM, f->store_id, f->of);
}

/* The redemption that the fact changes, or NULL if there is none. */
static struct redemption *
find(struct run *r, const struct fact *f)
{
	const struct fact *of = redemption_of(r, f);
	size_t at = of != NULL ? run_placed(r, of)->redemption : 0;

	if (at != 0)
		return &r->redemptions[at - 1];
	run_refuse(r, f, "no_such_redemption");
	return NULL;
}

/* Releases a redemption, whatever used it. */
static void
end(struct run *r, struct redemption *d)
{
	release(r, d);
	donate(r, d, true);
	d->where = (enum account)0;
	d->nuses = 0;
	d->returning = false;
}

/* 5, 8. Spends the units of a reward that was used or given. */
static void
spend(struct run *r, struct redemption *d)
{
	d->returning = false;
	if (d->where == ACCOUNT_RESERVED) {
		move_drawn(r, d, ACCOUNT_RESERVED, ACCOUNT_REDEEMED);
		d->where = ACCOUNT_REDEEMED;
	} else if (d->where == 0) {
		draw(r, d);
		take(r, d, ACCOUNT_REDEEMED);
	}
}

void
redemption_end(struct run *r, const struct fact *f)
{
	struct redemption *d = find(r, f);

	if (d == NULL)
		return;
	if (f->type != NULL && strcmp(f->type, RELEASE_GONE) == 0) {
		d->is_gone = true;
		if (d->nuses > 0) {
			run_refuse(r, f, "used_already");
			return;
		}
	}
	if (f->kind == FACT_CAPTURE && f->type != NULL &&
	    strcmp(f->type, CAPTURE_GIVEN) == 0) {
		spend(r, d);
		return;
	}
	if (d->where == 0 ||
	    (f->kind == FACT_CAPTURE && d->where != ACCOUNT_RESERVED)) {
		run_refuse(r, f, "ended_already");
		return;
	}
	if (f->kind == FACT_RELEASE && !f->taken && gift_is_paid(r, d)) {
		run_refuse(r, f, "paid_out");
		return;
	}
	if (f->kind == FACT_RELEASE) {
		end(r, d);
		return;
	}
	spend(r, d);
}

/* 5. The order of the fact uses the reward. */
static void
use(struct run *r, const struct fact *f, struct redemption *d)
{
	if (!d->is_issued) {
		run_refuse(r, f, "no_such_redemption");
		return;
	}
	d->uses = arena_grow(r->arena, d->uses, d->nuses, &d->uses_room,
	    sizeof(const struct fact *));
	d->uses[d->nuses++] = f;
	if (d->nuses > 1) {
		run_refuse(r, f, "used_already");
		return;
	}
	spend(r, d);
}

/* 6. The order of the fact was undone. */
static void
unuse(struct run *r, const struct fact *f, struct redemption *d)
{
	enum unused to = UNUSED_KEEP;
	size_t i = 0;

	steps_take(r->steps, 1 + d->nuses);
	while (i < d->nuses && strcmp(d->uses[i]->id, f->id) != 0)
		i++;
	if (d->reward != NULL)
		to = f->how == UNUSE_CANCELLED ? d->reward->on_cancel
		                               : d->reward->on_refund;
	if (i == d->nuses || (i == 0 && to == UNUSED_KEEP))
		return;
	d->nuses--;
	memmove(&d->uses[i], &d->uses[i + 1],
	    (d->nuses - i) * sizeof(const struct fact *));
	if (d->nuses > 0)
		return;
	if (d->is_gone && to != UNUSED_REOPEN) {
		end(r, d);
		return;
	}
	move_drawn(r, d, ACCOUNT_REDEEMED, ACCOUNT_RESERVED);
	d->where = ACCOUNT_RESERVED;
	d->returning = to != UNUSED_REOPEN;
	d->is_gone = false;
}

void
redemption_use(struct run *r, const struct fact *f)
{
	struct redemption *d = find(r, f);

	if (d != NULL && f->kind == FACT_USE)
		use(r, f, d);
	else if (d != NULL)
		unuse(r, f, d);
}

void
redemptions_give(struct run *r)
{
	struct fold *out = r->out;

	out->redemptions = arena_array(
	    r->arena, r->nredemptions + 1, sizeof(*out->redemptions));
	for (size_t i = 0; i < r->nredemptions; i++) {
		const struct redemption *d = &r->redemptions[i];
		const struct fact *by = d->nuses > 0 ? d->uses[0] : NULL;

		if (!d->is_issued)
			continue;
		out->redemptions[out->nredemptions++] = (struct redeemed){
			.fact = d->fact,
			.refused = d->refused,
			.units = d->units,
			.where = d->where,
			.used_by = by != NULL ? by->id : NULL,
			.used_at = by != NULL ? by->at : 0,
			.returning = d->returning,
		};
	}
}

void
adjustment_make(struct run *r, const struct fact *f)
{
	static const struct rule by_hand = { .id = "adjustment" };
	size_t wallet = program_wallet(f->program, f->wallet);
	const struct origin origin = { SOURCE_ADJUSTMENT, f->store_id, f->id,
		f->version_id };
	struct why *why = arena_alloc(r->arena, sizeof(*why));
	struct lot_state *lot = NULL;
	struct grant g = {
		.origin = &origin,
		.rule = by_hand.id,
		.by = &by_hand,
		.program = f->program,
		.earned_at = f->at,
		.vests_at = f->at,
		.units = f->units,
		.by_hand = true,
		.why = why,
	};

	if (wallet == NONE) {
		run_refuse(r, f, "no_such_wallet");
		return;
	}
	*why = (struct why){
		.reason = f->reason, .rule = by_hand.id, .given_after = f->units
	};
	g.purse = purse_of(r, f->program, wallet);
	g.lot = &lot;
	purse_grant(r, &g);
}
