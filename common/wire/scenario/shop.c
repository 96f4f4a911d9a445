/* SPDX-License-Identifier: MIT */
/* Plays the shop at which rewards are made: the code of a reward is the id of its
 * redemption, and a reward that returns is removed at once. */
#include <string.h>

#include "core/worth.h"
#include "wire/scenario/internal.h"

/* Whether goods are left of an order after its first refunds. */
static bool
is_left(const struct order *o, size_t nrefunds)
{
	static const struct base goods = { .gift_cards = true };
	const struct worth_ask ask = { .base = &goods, .nrefunds = nrefunds };
	struct worth w;

	worth_of(o, &ask, &w);
	return w.left.n > 0;
}

/* Fills in how and when an order was undone; false: it was not. */
static bool
undone(const struct order *o, struct fact *f)
{
	if (order_is_undone(o)) {
		f->how = UNUSE_CANCELLED;
		f->at = order_undone_at(o);
		return true;
	}
	for (size_t i = 0; i < o->nrefunds; i++) {
		if (is_left(o, i + 1))
			continue;
		f->how = UNUSE_REFUNDED;
		f->at = o->refunds[i].at;
		return true;
	}
	return false;
}

/* Takes out what an older report of the order said. */
static void
uses_drop(struct stage *g, const struct fact *order)
{
	for (size_t i = g->nfacts; i-- > 0;) {
		struct fact f = g->facts[i].fact;

		if (fact_is_use(&f) && strcmp(f.id, order->id) == 0)
			stage_drop(g, &f);
	}
}

/* Removes the member's rewards that are returning. */
static void
remove_returning(struct stage *g, size_t member)
{
	for (size_t i = 0; i < g->fold.nredemptions; i++) {
		const struct redeemed *d = &g->fold.redemptions[i];
		struct staged s = { .member = member };

		if (!d->returning)
			continue;
		s.fact = (struct fact){ .kind = FACT_RELEASE,
			.at = g->step->told_at,
			.id = arena_printf(&g->arena, "%s, removed after %zu",
			    d->fact->id, g->nth),
			.type = RELEASE_GONE,
			.of = d->fact->id,
			.taken = true };
		stage_date(g, &s.fact);
		stage_put(g, &s);
	}
}

/* Lets an order use the reward of a redemption.  Returns why it may not. */
static const char *
use(struct stage *g, const struct fact *order, const struct staged *redemption)
{
	struct staged s = { .member = redemption->member };
	struct fact *f = &s.fact;
	const char *refused;

	*f = (struct fact){ .kind = FACT_USE,
		.at = order->order->created_at,
		.id = order->id,
		.of = redemption->fact.id };
	stage_date(g, f);
	stage_put(g, &s);
	stage_fold(g, s.member);
	refused = stage_refusal(g, f);
	if (!undone(order->order, f))
		return refused;
	f->kind = FACT_UNUSE;
	stage_put(g, &s);
	stage_fold(g, s.member);
	remove_returning(g, s.member);
	return refused;
}

const char *
stage_shop(struct stage *g, const struct fact *order)
{
	const struct words *codes = &order->order->codes;
	const char *refused = NULL;

	uses_drop(g, order);
	for (size_t i = 0; i < codes->n; i++)
		for (size_t j = 0; j < g->nfacts; j++) {
			const struct staged redemption = g->facts[j];
			const char *why;

			if (redemption.fact.kind != FACT_REDEEM ||
			    !redemption.fact.issue ||
			    strcmp(redemption.fact.id, codes->list[i]) != 0)
				continue;
			why = use(g, order, &redemption);
			refused = refused != NULL ? refused : why;
			break;
		}
	return refused;
}
