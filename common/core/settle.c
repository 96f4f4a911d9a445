/* SPDX-License-Identifier: MIT */
#include <assert.h>

#include "core/settle.h"

static void
post(struct postings *p, struct balance *b, enum account debit,
    enum account credit, int64_t points, struct lot *lot)
{
	if (points == 0)
		return;
	assert(points > 0 && p->n < POSTINGS_MAX);
	p->list[p->n++] = (struct posting){ debit, credit, points, lot };
	balance_move(b, debit, -1, points);
	balance_move(b, credit, 1, points);
}

static int64_t
smaller(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

/* 1. more */
static void
give(int64_t points, struct lot *own, struct balance *b, struct postings *p)
{
	int64_t repaid = smaller(points, b->debt);

	post(p, b, ACCOUNT_ISSUED, ACCOUNT_DEBT, repaid, NULL);
	points -= repaid;
	if (points == 0)
		return;
	post(p, b, ACCOUNT_ISSUED,
	    own->vested ? ACCOUNT_AVAILABLE : ACCOUNT_PENDING, points, own);
	own->remaining += points;
	own->changed = true;
}

static int64_t
take_from(struct lot *l, int64_t points, struct balance *b, struct postings *p)
{
	int64_t taken = smaller(points, l->remaining);

	if (taken == 0)
		return 0;
	post(p, b, l->vested ? ACCOUNT_AVAILABLE : ACCOUNT_PENDING,
	    ACCOUNT_REVERSED, taken, l);
	l->remaining -= taken;
	l->changed = true;
	return taken;
}

/* 2. less */
static void
take(int64_t points, struct lot *own, struct lot *others, size_t n,
    struct balance *b, struct postings *p)
{
	assert(n <= OPEN_LOTS_MAX);
	points -= take_from(own, points, b, p);
	for (size_t i = 0; i < n && points > 0; i++)
		points -= take_from(&others[i], points, b, p);
	post(p, b, ACCOUNT_DEBT, ACCOUNT_REVERSED, points, NULL);
}

void
settle(int64_t has, int64_t should, int64_t now, struct lot *own,
    struct lot *others, size_t nothers, struct balance *b, struct postings *p)
{
	assert(has >= 0 && should >= 0);

	/* 3. what is new is available from the start if its date has come;
	 * what is pending becomes so by settle_vest() alone */
	if (own->fresh && own->vests_at <= now)
		own->vested = true;
	if (should > has)
		give(should - has, own, b, p);
	else if (should < has)
		take(has - should, own, others, nothers, b, p);
}

void
settle_vest(struct lot *l, struct balance *b, struct postings *p)
{
	int64_t repaid = smaller(l->remaining, b->debt);

	assert(!l->vested);
	l->vested = true;
	l->changed = true;
	post(p, b, ACCOUNT_PENDING, ACCOUNT_DEBT, repaid, l);
	l->remaining -= repaid;
	post(p, b, ACCOUNT_PENDING, ACCOUNT_AVAILABLE, l->remaining, l);
}
