/* SPDX-License-Identifier: MIT */
/*
 * order_merge: joins two parts of an order into one; a part is a snapshot,
 * refunds or a deletion.  Numbers in this file are those of the rules of
 * order_merge() in core/order.h.
 */
#include <assert.h>
#include <string.h>

#include "core/order.h"
#include "core/order_parts.h"
#include "core/ratio.h"

/* Three-way comparison of two numbers. */
static int
compare(int64_t a, int64_t b)
{
	return (a > b) - (a < b);
}

/* Makes a comparison.  If the result is not 0, the function that uses this macro
 * returns the result. */
#define BY(comparison)                   \
	do {                             \
		int way_ = (comparison); \
		if (way_ != 0)           \
			return way_;     \
	} while (0)

/* Compares a field of two structures, as BY(). */
#define COMPARE(a, b, field) \
	BY(compare((int64_t)(a)->field, (int64_t)(b)->field))

/* Compares two texts; NULL is the smallest. */
static int
compare_text(const char *a, const char *b)
{
	if (a == NULL || b == NULL)
		return (a != NULL) - (b != NULL);
	return strcmp(a, b);
}

static int
compare_words(const struct words *a, const struct words *b)
{
	COMPARE(a, b, n);
	for (size_t i = 0; i < a->n; i++)
		BY(compare_text(a->list[i], b->list[i]));
	return 0;
}

/* Compares the words of a line that rules may ask for. */
static int
compare_line_words(const struct order_line *a, const struct order_line *b)
{
	BY(compare_text(a->sku, b->sku));
	BY(compare_text(a->vendor, b->vendor));
	BY(compare_text(a->type, b->type));
	BY(compare_words(&a->categories, &b->categories));
	return compare_words(&a->tags, &b->tags);
}

static int
compare_line(const struct order_line *a, const struct order_line *b)
{
	COMPARE(a, b, id);
	COMPARE(a, b, quantity);
	COMPARE(a, b, current);
	COMPARE(a, b, before);
	COMPARE(a, b, net);
	COMPARE(a, b, tax);
	COMPARE(a, b, gift_card);
	COMPARE(a, b, part);
	COMPARE(a, b, bundle);
	COMPARE(a, b, product_id);
	COMPARE(a, b, on_sale);
	COMPARE(a, b, unreadable);
	return compare_line_words(a, b);
}

static int
compare_refund_line(
    const struct order_refund_line *a, const struct order_refund_line *b)
{
	COMPARE(a, b, line_id);
	COMPARE(a, b, quantity);
	COMPARE(a, b, net);
	COMPARE(a, b, tax);
	return 0;
}

static int
compare_refund(const struct order_refund *a, const struct order_refund *b)
{
	COMPARE(a, b, id);
	COMPARE(a, b, share);
	COMPARE(a, b, at);
	COMPARE(a, b, nlines);
	for (size_t i = 0; i < a->nlines; i++)
		BY(compare_refund_line(&a->lines[i], &b->lines[i]));
	return 0;
}

static int64_t
refunded(const struct order *o)
{
	int64_t sum = 0;

	for (size_t i = 0; i < o->nrefunds; i++) {
		sum += o->refunds[i].share;
		for (size_t j = 0; j < o->refunds[i].nlines; j++)
			sum += o->refunds[i].lines[j].net;
	}
	return sum;
}

static int
compare_tenders(const struct order *a, const struct order *b)
{
	COMPARE(a, b, ntenders);
	for (size_t i = 0; i < a->ntenders; i++) {
		BY(compare_text(a->tenders[i].name, b->tenders[i].name));
		COMPARE(&a->tenders[i], &b->tenders[i], amount);
	}
	return 0;
}

/* Compares how two orders were bought, paid and sent. */
static int
compare_circumstances(const struct order *a, const struct order *b)
{
	COMPARE(a, b, fulfilled_at);
	COMPARE(a, b, cancelled_at);
	COMPARE(a, b, unreadable);
	BY(compare_text(a->channel, b->channel));
	BY(compare_text(a->shipping_method, b->shipping_method));
	BY(compare_text(a->name, b->name));
	BY(compare_words(&a->codes, &b->codes));
	return compare_tenders(a, b);
}

/* ---- 4. whose it is ------------------------------------------------------ */

enum {
	HASH_SIZE = sizeof(((struct order *)0)->email_hash)
};

/* The buyer of an order, with modified_at (`at`), refunded amount (`back`) and
 * rank of the newest snapshot that names a buyer; `at` is 0 if none does. */
struct naming {
	int64_t at, back, rank;
	int64_t customer_id;
	const uint8_t *email_hash;
};

/* The buyer that the newest snapshot itself names. */
static struct naming
own_naming(const struct order *o)
{
	static const uint8_t none[HASH_SIZE];

	if (o->named_at != 0 ||
	    (o->customer_id == 0 &&
	        memcmp(o->email_hash, none, HASH_SIZE) == 0))
		return (struct naming){ .email_hash = none };
	return (struct naming){
		.at = o->modified_at,
		.back = platform_has_own_refunds(o->platform) ? 0 : refunded(o),
		.rank = o->rank,
		.customer_id = o->customer_id,
		.email_hash = o->email_hash,
	};
}

static struct naming
last_naming(const struct order *o)
{
	if (o->named_at == 0)
		return own_naming(o);
	return (struct naming){ o->named_at, o->named_back, o->named_rank,
		o->customer_id, o->email_hash };
}

/* Compares two buyers by the snapshots that name them, in the same way as
 * compare_snapshots().  If the newest snapshot names a buyer, that buyer
 * therefore wins. */
static int
compare_namings(const struct naming *a, const struct naming *b)
{
	COMPARE(a, b, at);
	COMPARE(a, b, back);
	COMPARE(a, b, rank);
	COMPARE(a, b, customer_id);
	return memcmp(a->email_hash, b->email_hash, HASH_SIZE);
}

/* Sets the buyer of the joined order, which already has the figures of the
 * newest snapshot. */
static void
merge_namings(const struct order *a, const struct order *b, struct order *out)
{
	const struct naming x = last_naming(a), y = last_naming(b);
	const struct naming last = compare_namings(&x, &y) >= 0 ? x : y;
	bool own = own_naming(out).at != 0;

	out->named_at = own ? 0 : last.at;
	out->named_back = own ? 0 : last.back;
	out->named_rank = own ? 0 : last.rank;
	out->customer_id = last.customer_id;
	memcpy(out->email_hash, last.email_hash, HASH_SIZE);
}

/* Compares the remaining figures of two snapshots with the same modified_at.
 * Either snapshot may win, but the winner must not depend on which snapshot
 * arrived first. */
static int
compare_figures(const struct order *a, const struct order *b)
{
	COMPARE(a, b, finer);
	COMPARE(a, b, total);
	COMPARE(a, b, paid_at);
	COMPARE(a, b, was_paid);
	COMPARE(a, b, created_at);
	COMPARE(a, b, test);
	COMPARE(a, b, shipping);
	COMPARE(a, b, shipping_tax);
	COMPARE(a, b, fees);
	COMPARE(a, b, fees_tax);
	COMPARE(a, b, credit);
	BY(strcmp(a->status, b->status));
	BY(strcmp(a->currency, b->currency));
	BY(compare_circumstances(a, b));
	COMPARE(a, b, nlines);
	for (size_t i = 0; i < a->nlines; i++)
		BY(compare_line(&a->lines[i], &b->lines[i]));
	return 0;
}

/* 1. Compares two snapshots; above 0 if a wins, below 0 if b wins. */
static int
compare_snapshots(const struct order *a, const struct order *b)
{
	const struct naming x = own_naming(a), y = own_naming(b);
	bool has_refunds = !platform_has_own_refunds(a->platform);

	COMPARE(a, b, modified_at);
	if (has_refunds)
		BY(compare(refunded(a), refunded(b)));
	COMPARE(a, b, rank);
	BY(compare_namings(&x, &y));
	if (has_refunds) {
		COMPARE(a, b, nrefunds);
		for (size_t i = 0; i < a->nrefunds; i++)
			BY(compare_refund(&a->refunds[i], &b->refunds[i]));
	}
	return compare_figures(a, b);
}

/* 2. Unites the refunds, two ascending lists. */
static void
merge_refunds(struct arena *arena, const struct order *a, const struct order *b,
    struct order *out)
{
	struct order_refund *room = arena_array(
	    arena, a->nrefunds + b->nrefunds + 1, sizeof(*room));
	size_t i = 0, j = 0, n = 0;

	while (i < a->nrefunds && j < b->nrefunds) {
		const struct order_refund *x = &a->refunds[i];
		const struct order_refund *y = &b->refunds[j];
		bool takes_x = x->id != y->id ? x->id < y->id
		                              : compare_refund(x, y) >= 0;

		room[n++] = takes_x ? *x : *y;
		i += x->id <= y->id;
		j += y->id <= x->id;
	}
	while (i < a->nrefunds)
		room[n++] = a->refunds[i++];
	while (j < b->nrefunds)
		room[n++] = b->refunds[j++];
	out->refunds = room;
	out->nrefunds = n;
}

static int
compare_payment(const struct order_payment *a, const struct order_payment *b)
{
	COMPARE(a, b, id);
	COMPARE(a, b, amount);
	BY(compare_text(a->gateway, b->gateway));
	return strcmp(a->currency, b->currency);
}

/* Unites the payments, as merge_refunds() does the refunds. */
static void
merge_payments(struct arena *arena, const struct order *a,
    const struct order *b, struct order *out)
{
	struct order_payment *room = arena_array(
	    arena, a->npayments + b->npayments + 1, sizeof(*room));
	size_t i = 0, j = 0, n = 0;

	while (i < a->npayments && j < b->npayments) {
		const struct order_payment *x = &a->payments[i];
		const struct order_payment *y = &b->payments[j];
		bool takes_x = x->id != y->id ? x->id < y->id
		                              : compare_payment(x, y) >= 0;

		room[n++] = takes_x ? *x : *y;
		i += x->id <= y->id;
		j += y->id <= x->id;
	}
	while (i < a->npayments)
		room[n++] = a->payments[i++];
	while (j < b->npayments)
		room[n++] = b->payments[j++];
	out->payments = room;
	out->npayments = n;
}

/* Compares two paid snapshots as compare_snapshots() does, but without their
 * buyers. */
static int
compare_paid(const struct order *a, const struct order *b)
{
	COMPARE(a, b, modified_at);
	COMPARE(a, b, rank);
	return compare_figures(a, b);
}

/* The newer of `best`, which may be NULL, and the paid snapshot of an order. */
static const struct order *
newer_paid(const struct order *best, const struct order *o)
{
	const struct order *known[] = { o->was_paid ? o : NULL,
		o->npaid > 0 ? o->paid : NULL };

	for (size_t i = 0; i < NITEMS(known); i++)
		if (known[i] != NULL &&
		    (best == NULL || compare_paid(known[i], best) > 0))
			best = known[i];
	return best;
}

static void
merge_subs(struct arena *arena, const struct order *a, const struct order *b,
    struct order *out)
{
	struct order *room = arena_array(
	    arena, a->nsubs + b->nsubs + 1, sizeof(*room));
	size_t i = 0, j = 0, n = 0;

	while (i < a->nsubs || j < b->nsubs) {
		const struct order *x = i < a->nsubs ? &a->subs[i] : NULL;
		const struct order *y = j < b->nsubs ? &b->subs[j] : NULL;

		assert(x != NULL || y != NULL);
		if (x != NULL && y != NULL && x->id == y->id)
			order_merge(arena, x, y, &room[n]);
		else
			room[n] = y == NULL || (x != NULL && x->id < y->id)
			              ? *x
			              : *y;
		i += x != NULL && room[n].id == x->id;
		j += y != NULL && room[n].id == y->id;
		n++;
	}
	out->subs = n > 0 ? room : NULL;
	out->nsubs = n;
}

static void
merge_paid(struct arena *arena, const struct order *a, const struct order *b,
    struct order *out)
{
	const struct order *newest = newer_paid(newer_paid(NULL, a), b);
	struct order *paid;

	out->paid = NULL;
	out->npaid = 0;
	if (newest == NULL || (out->was_paid && compare_paid(out, newest) >= 0))
		return;
	paid = arena_alloc(arena, sizeof(*paid));
	*paid = *newest;
	/* The paid snapshot keeps no buyer, nor what is reported apart from
	 * snapshots: the whole order has all of that. */
	paid->customer_id = 0;
	memset(paid->email_hash, 0, sizeof(paid->email_hash));
	paid->named_at = paid->named_back = paid->named_rank = 0;
	paid->refunds = NULL;
	paid->payments = NULL;
	paid->paid = paid->subs = NULL;
	paid->nrefunds = paid->npayments = paid->npaid = paid->nsubs = 0;
	paid->deleted_at = paid->restored_at = paid->told_at = 0;
	paid->parts = NULL;
	paid->nparts = 0;
	out->paid = paid;
	out->npaid = 1;
}

void
order_merge(struct arena *arena, const struct order *a, const struct order *b,
    struct order *out)
{
	int way = compare_snapshots(a, b);
	const struct order *newer = way >= 0 ? a : b;
	struct order merged = *newer;

	assert(a->id == b->id && a->platform == b->platform);

	merge_subs(arena, a, b, &merged);
	/* The newer snapshot may lack refunds, payments and the paid snapshot
	 * that the other part has. */
	if (platform_has_own_refunds(a->platform)) {
		merge_refunds(arena, a, b, &merged);
		merge_payments(arena, a, b, &merged);
		merge_paid(arena, a, b, &merged);
	}
	/* 3. The later deletion wins, and the later restoration. */
	merged.deleted_at = int64_max(a->deleted_at, b->deleted_at);
	merged.restored_at = int64_max(a->restored_at, b->restored_at);
	if (way == 0 && a->told_at > b->told_at)
		merged.told_at = b->told_at;
	merge_namings(a, b, &merged);
	order_parts_merge(arena, a, b, &merged);
	*out = merged;
}
