/* SPDX-License-Identifier: MIT */
#include <assert.h>

#include "core/settle.h"

static struct posting
post(enum account debit, enum account credit, int64_t points, struct balance *b)
{
	assert(points > 0);
	balance_move(b, debit, -1, points);
	balance_move(b, credit, 1, points);
	return (struct posting){ debit, credit, points };
}

struct posting
settle(struct plain_lot *l, int64_t should, int64_t now, struct balance *b)
{
	int64_t more = should - l->remaining;
	enum account here;

	assert(should >= 0);
	if (l->fresh && l->vests_at <= now)
		l->vested = true;
	here = l->vested ? ACCOUNT_AVAILABLE : ACCOUNT_PENDING;
	l->remaining = should;
	l->changed = true;
	return more > 0 ? post(ACCOUNT_ISSUED, here, more, b)
	                : post(here, ACCOUNT_REVERSED, -more, b);
}

struct posting
settle_vest(struct plain_lot *l, struct balance *b)
{
	assert(!l->vested);
	l->vested = true;
	l->changed = true;
	return post(ACCOUNT_PENDING, ACCOUNT_AVAILABLE, l->remaining, b);
}
