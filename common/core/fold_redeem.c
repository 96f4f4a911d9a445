/* SPDX-License-Identifier: MIT */
/*
 * Redemptions and adjustments:
 *
 *  1. A redemption is a fact: nothing undoes it but its release.  What its
 *     wallet does not have at its time is owed.
 *  2. Reserved units are captured or released later; what is released goes
 *     back to the lots it came from.
 *  3. What is given to a charity is owed to it: the units themselves if they
 *     are money, else the reward's amount.
 */
#include <string.h>

#include "base/instant.h"
#include "core/fold_run.h"

static void
move_drawn(struct run *r, const struct redemption *d, enum account from,
    enum account to)
{
	const struct origin origin = { SOURCE_REDEMPTION, d->fact->store_id,
		d->fact->id, d->fact->version_id };
	struct post post = {
		.origin = &origin,
		.rule = d->fact->reward,
		.purse = d->purse,
		.party = from == ACCOUNT_CHARITY || to == ACCOUNT_CHARITY
		             ? d->fact->charity
		             : NULL,
		.debit = from,
		.credit = to,
		.units = d->fact->units - d->draws.owed,
	};

	run_post(r, &post);
	post.units = d->draws.owed;
	if (from == ACCOUNT_AVAILABLE)
		post.debit = ACCOUNT_DEBT;
	if (to == ACCOUNT_AVAILABLE)
		post.credit = ACCOUNT_DEBT;
	run_post(r, &post);
}

/* What a reward gives a charity: money for units that are none. */
static void
donate(struct run *r, const struct redemption *d, bool back)
{
	const struct origin origin = { SOURCE_REDEMPTION, d->fact->store_id,
		d->fact->id, d->fact->version_id };
	const struct post post = {
		.origin = &origin,
		.rule = d->fact->reward,
		.purse = purse_charity(r),
		.party = d->fact->charity,
		.debit = back ? ACCOUNT_CHARITY : ACCOUNT_ISSUED,
		.credit = back ? ACCOUNT_REVERSED : ACCOUNT_CHARITY,
		.units = d->donated,
	};

	if (d->donated > 0)
		run_post(r, &post);
}

static int64_t
donated_by(const struct fact *f, const struct purse_state *purse)
{
	size_t i = program_reward(f->program, f->reward);
	const struct reward *w;

	if (f->charity == NULL || i == NONE)
		return 0;
	w = &f->program->rewards[i];
	if (w->kind != REWARD_CHARITY || purse->purse.unit == UNIT_MONEY)
		return 0;
	return ratio_floor(
	    ratio_mul(ratio_mul(w->amount, MILLI), f->units), w->cost);
}

void
redeem(struct run *r, const struct fact *f)
{
	size_t wallet = program_wallet(f->program, f->wallet);
	struct redemption d = { .fact = f };

	if (wallet == NONE || f->units <= 0) {
		run_refuse(r, f, "no_such_wallet");
		return;
	}
	d.purse = purse_of(r, f->program, wallet);
	d.draws.owed = f->units - purse_draw(r, d.purse, f->units,
	                              INSTANT_NEVER, &d.draws);
	if (d.draws.owed > 0)
		run_refuse(r, f, "insufficient");
	d.donated = donated_by(f, d.purse);
	d.where = f->reserve ? ACCOUNT_RESERVED : ACCOUNT_REDEEMED;
	if (f->charity != NULL && d.purse->purse.unit == UNIT_MONEY)
		d.where = ACCOUNT_CHARITY;
	move_drawn(r, &d, ACCOUNT_AVAILABLE, d.where);
	donate(r, &d, false);
	if (f->program->wallets[wallet].active_by_redeeming)
		purse_active(r, d.purse);
	r->redemptions = run_grow(r, r->redemptions, r->nredemptions,
	    &r->redemptions_room, sizeof(d));
	r->redemptions[r->nredemptions++] = d;
}

void
redemption_ends(struct run *r, const struct fact *f)
{
	for (size_t i = 0; i < r->nredemptions; i++) {
		struct redemption *d = &r->redemptions[i];

		if (d->fact->store_id != f->store_id ||
		    strcmp(d->fact->id, f->of) != 0)
			continue;
		if (d->where == 0 ||
		    (f->kind == FACT_CAPTURE && d->where != ACCOUNT_RESERVED)) {
			run_refuse(r, f, "ended_already");
			return;
		}
		if (f->kind == FACT_CAPTURE) {
			move_drawn(r, d, ACCOUNT_RESERVED, ACCOUNT_REDEEMED);
			d->where = ACCOUNT_REDEEMED;
			return;
		}
		move_drawn(r, d, d->where, ACCOUNT_AVAILABLE);
		purse_return(r, &d->draws, d->fact->units - d->draws.owed);
		donate(r, d, true);
		d->where = (enum account)0;
		return;
	}
	run_refuse(r, f, "no_such_redemption");
}

void
adjust(struct run *r, const struct fact *f)
{
	static const struct rule by_hand = { .id = "adjustment" };
	size_t wallet = program_wallet(f->program, f->wallet);
	const struct origin origin = { SOURCE_ADJUSTMENT, f->store_id, f->id,
		f->version_id };
	struct why *why = arena_alloc(r->arena, sizeof(*why));
	struct grant g = {
		.origin = &origin,
		.rule = by_hand.id,
		.by = &by_hand,
		.program = f->program,
		.earned_at = f->at,
		.vests_at = f->at,
		.units = f->units,
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
	(void)purse_grant(r, &g);
}
