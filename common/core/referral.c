/* SPDX-License-Identifier: MIT */
/* referral: numbers in this file are those of the rules in core/referral.h. */
#include <string.h>

#include "core/referral.h"
#include "core/worth.h"

static int
compare(const struct referral *a, const struct referral *b)
{
	if (a->at != b->at)
		return a->at < b->at ? -1 : 1;
	if (a->store_id != b->store_id)
		return a->store_id < b->store_id ? -1 : 1;
	return strcmp(a->id, b->id);
}

/* Whether anything is left of an order after its first `nrefunds` refunds. */
static bool
is_left(const struct order *o, struct tallies *t, size_t nrefunds)
{
	static const struct base lines = { .gift_cards = true };
	const struct worth_ask ask = {
		.base = &lines, .nrefunds = nrefunds, .tallies = t
	};
	struct worth w;

	worth_of(o, &ask, &w);
	return w.left.n > 0;
}

/* 2. Judges a referral by its order.  A refund happens at its own time, but not
 * before its order. */
static void
judge_order(struct arena *a, struct referral *r)
{
	const struct fact *f = r->order;
	struct tallies *t;
	enum happened happened;
	int64_t at;

	if (f == NULL || f->order->modified_at == 0) {
		r->nothing = "no_order_yet";
		return;
	}
	happened = order_happened(f, &r->nothing);
	if (happened == NEVER_HAPPENED)
		return;
	t = tallies_new(a, f->order);
	r->nothing = is_left(f->order, t, 0) ? NULL : "zero_base";
	at = f->at;
	for (size_t i = 0; i < f->order->nrefunds && r->undone_at == 0; i++) {
		int64_t told = f->order->refunds[i].at;

		if (told == 0)
			told = f->order->modified_at;
		if (told > at)
			at = told;
		if (!is_left(f->order, t, i + 1))
			r->undone_at = at;
	}
	if (r->undone_at != 0 || happened != UNDONE_LATER)
		return;
	at = order_undone_at(f->order);
	r->undone_at = at > f->at ? at : f->at;
}

static bool
counts(const struct referral *r)
{
	return r->nothing == NULL;
}

static bool
stands(const struct referral *r)
{
	return r->nothing == NULL && r->undone_at == 0;
}

static const struct referral *
earliest(
    const struct referral *list, size_t n, bool (*of)(const struct referral *))
{
	const struct referral *first = NULL;

	for (size_t i = 0; i < n; i++)
		if (of(&list[i]) &&
		    (first == NULL || compare(&list[i], first) < 0))
			first = &list[i];
	return first;
}

void
referrals_judge(struct arena *a, struct referral *list, size_t n)
{
	const struct referral *first, *standing;

	for (size_t i = 0; i < n; i++) {
		struct referral *r = &list[i];

		r->nothing = NULL;
		r->undone_at = 0;
		if (r->referrer == r->friend ||
		    (r->is_tied && r->ordered_by == r->referrer))
			r->nothing = "self_referral";
		else if (r->is_tied)
			judge_order(a, r);
	}
	first = earliest(list, n, counts);
	standing = earliest(list, n, stands);
	for (size_t i = 0; i < n; i++)
		if (counts(&list[i]) && &list[i] != first &&
		    &list[i] != standing)
			list[i].nothing = "friend_counted";
}
