/* SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include <string.h>

#include "base/instant.h"

#include "books.h"
#include "dice.h"
#include "seams.h"

enum {
	SEAMS = 3, /* of a history, one after the other */
	LOTS = 4,  /* at most, of a wallet, in the main part of a seam */
};

struct seams_tried seams_tried;

/* Joins the movements of the time before a seam and those after it. */
static void
join_movements(struct arena *a, const struct fold *before,
    const struct fold *from, struct books *b)
{
	size_t n = before->nmovements;
	struct movement *all = arena_array(
	    a, n + from->nmovements + 1, sizeof(*all));
	const struct fold both = { .movements = all,
		.nmovements = n + from->nmovements };

	if (n > 0)
		memcpy(all, before->movements, n * sizeof(*all));
	if (from->nmovements > 0)
		memcpy(
		    all + n, from->movements, from->nmovements * sizeof(*all));
	books_of(a, &both, b);
}

/* Gives the fold from the seam, with the changes of the tier before the
 * seam. */
static struct fold
join_tiers(struct arena *a, const struct fold *whole, const struct fold *from)
{
	size_t n = from->ntiers_before;
	struct fold f = *from;

	f.tiers = arena_array(a, n + f.ntiers + 1, sizeof(*f.tiers));
	for (size_t i = 0; i < n && i < whole->ntiers; i++)
		f.tiers[i] = whole->tiers[i];
	for (size_t i = 0; i < f.ntiers; i++)
		f.tiers[n + i] = from->tiers[i];
	f.ntiers += n;
	return f;
}

static int
by_lot(const void *a, const void *b)
{
	const struct lot *x = *(struct lot *const *)a;
	const struct lot *y = *(struct lot *const *)b;
	int way = (x->source > y->source) - (x->source < y->source);

	if (way == 0)
		way = strcmp(x->source_id, y->source_id);
	if (way == 0)
		way = strcmp(x->rule, y->rule);
	return way != 0 ? way : strcmp(x->wallet, y->wallet);
}

/* Lists the lots that have units, and those that a fold left apart, sorted. */
static size_t
open_lots(struct arena *a, const struct fold *f, struct lot *const *apart,
    size_t napart, struct lot ***out)
{
	size_t n = 0;

	*out = arena_array(a, f->nlots + napart + 1, sizeof(**out));
	for (size_t i = 0; i < f->nlots; i++)
		if (f->lots[i]->remaining > 0)
			(*out)[n++] = f->lots[i];
	for (size_t i = 0; i < napart; i++)
		(*out)[n++] = apart[i];
	qsort(*out, n, sizeof(**out), by_lot);
	return n;
}

/* Compares the lots of the whole fold and of one from a seam; `apart`: it was
 * not given the lots that the seam has apart. */
static bool
lots_equal(struct arena *a, const struct fold *x, const struct fold *y,
    bool apart, struct buf *why)
{
	struct lot **p, **q;
	size_t n = open_lots(a, x, NULL, 0, &p);
	size_t m = open_lots(
	    a, y, x->lots_then[1], apart ? x->nlots_then[1] : 0, &q);

	for (size_t i = 0; i < n && i < m; i++)
		if (by_lot(&p[i], &q[i]) != 0 ||
		    p[i]->remaining != q[i]->remaining ||
		    p[i]->vested != q[i]->vested ||
		    p[i]->version_id != q[i]->version_id ||
		    p[i]->earned_at != q[i]->earned_at ||
		    p[i]->vests_at != q[i]->vests_at ||
		    p[i]->expires_at != q[i]->expires_at) {
			buf_printf(why, "another lot of %s\n", p[i]->source_id);
			return false;
		}
	if (n != m)
		buf_printf(why, "%zu open lots, not %zu\n", m, n);
	return n == m;
}

static bool
refusals_equal(const struct fold *whole, const struct fold *from, int64_t seam,
    int64_t now, struct buf *why)
{
	size_t n = 0;

	for (size_t i = 0; i < whole->nrefusals; i++) {
		const struct refusal *x = &whole->refusals[i];

		if (fact_happens_at(x->fact, now) < seam)
			continue;
		if (n < from->nrefusals &&
		    strcmp(from->refusals[n].fact->id, x->fact->id) == 0 &&
		    strcmp(from->refusals[n].reason, x->reason) == 0) {
			n++;
			continue;
		}
		buf_printf(why, "%s is refused no more\n", x->fact->id);
		return false;
	}
	return n == from->nrefusals;
}

/* Whether a fold from a seam is as the whole fold that made the seam. */
static bool
is_as_whole(struct arena *a, const struct inbox *in, const struct fold *whole,
    const struct fold *from, bool apart, struct buf *why)
{
	const struct fold joined = join_tiers(a, whole, from);
	struct books has, should;
	struct fold before;

	inbox_fold_until(in, a, whole->seam.at, &before);
	join_movements(a, &before, from, &has);
	books_of(a, whole, &should);
	return books_equal(&should, &has, why) &&
	       standing_equal(whole, &joined, why) &&
	       lots_equal(a, whole, from, apart, why) &&
	       refusals_equal(
	           whole, from, whole->seam.at, in->history->end, why);
}

static bool
same_bytes(const struct seam *x, const struct seam *y, struct buf *why)
{
	if (x->at == y->at && str_eq(x->bytes, y->bytes) &&
	    str_eq(x->rest, y->rest))
		return true;
	buf_printf(why, "a seam of %zu bytes, not %zu, by way of another\n",
	    x->bytes.len, y->bytes.len);
	return false;
}

/* Folds from a seam, first without the lots that the seam has apart, then with
 * these. */
static bool
fold_on(struct arena *a, const struct inbox *in, const struct fold *whole,
    struct buf *why)
{
	struct timeline how = { .seam = whole->seam };
	struct fold from;

	for (int with = 0; with < 2; with++) {
		how.seam.rest.len = with ? whole->seam.rest.len : 0;
		inbox_fold_from(in, a, in->history->end, &how, &from);
		seams_tried.folds++;
		seams_tried.shorts += from.is_short && !from.wants_lots;
		seams_tried.wants += from.wants_lots;
		if (from.wants_lots && with) {
			buf_puts(why, "wants lots that it has\n");
			return false;
		}
		if (!from.is_short &&
		    !is_as_whole(a, in, whole, &from, with == 0, why))
			return false;
	}
	return true;
}

/* Whether a fold from a seam makes another seam without the lots that the first
 * has apart. */
static bool
makes_without_lots(
    struct arena *a, const struct inbox *in, const struct timeline *how)
{
	struct timeline without = *how;
	int64_t now = in->history->end;
	struct fold f;

	/* Later, the fold might come to these lots. */
	if (how->seam_next_at != 0)
		now = how->seam_next_at;
	without.seam.rest.len = 0;
	inbox_fold_from(in, a, now, &without, &f);
	return how->seam.rest.len > 0 && f.seam.at != 0;
}

bool
seam_holds(struct arena *a, const struct inbox *in, const struct timeline *how,
    struct buf *why)
{
	struct timeline next = *how;
	struct fold whole;

	inbox_fold_from(in, a, in->history->end, how, &whole);
	next.seam = whole.seam;
	for (size_t i = 0; i < in->n; i++) {
		next.seam_next_at = in->facts[i].at;
		if (next.seam_next_at > whole.seam.at &&
		    makes_without_lots(a, in, &next))
			return false;
	}
	return whole.seam.at != 0 && fold_on(a, in, &whole, why);
}

bool
seams_hold(
    struct arena *a, const struct inbox *in, uint64_t seed, struct buf *why)
{
	int64_t end = in->history->end;
	struct timeline how = { .seam_keeps = in->n };
	struct fold from, whole;
	struct dice d;

	dice_init(&d, seed);
	how.seam_lots = (size_t)dice_between(&d, 0, LOTS);
	for (int i = 0; i < SEAMS && how.seam_keeps > 0; i++) {
		how.seam_keeps = (size_t)dice_between(
		    &d, 1, (int64_t)how.seam_keeps);
		inbox_fold_from(in, a, end, &how, &from);
		if ((from.is_short && how.seam.at == 0) ||
		    makes_without_lots(a, in, &how)) {
			buf_puts(why, "short without a seam, or never\n");
			return false;
		}
		if (from.is_short || from.seam.at == 0) {
			seams_tried.shorts += from.is_short;
			return true;
		}
		how.seam = from.seam;
		inbox_fold_from(in, a, end,
		    &(struct timeline){ .seam_next_at = from.seam.at,
		        .seam_lots = how.seam_lots },
		    &whole);
		if (!same_bytes(&from.seam, &whole.seam, why) ||
		    !fold_on(a, in, &whole, why))
			return false;
		seams_tried.ends += i > 0;
	}
	return true;
}
