/* SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include <string.h>

#include "core/account.h"

#include "books.h"

static int
compare_texts(const char *a, const char *b)
{
	return strcmp(a == NULL ? "" : a, b == NULL ? "" : b);
}

static int
compare_keys(const struct movement *a, const struct movement *b)
{
	int way = (a->source > b->source) - (a->source < b->source);

	if (way == 0)
		way = compare_texts(a->source_id, b->source_id);
	if (way == 0)
		way = compare_texts(a->rule, b->rule);
	if (way == 0)
		way = compare_texts(a->wallet, b->wallet);
	if (way == 0)
		way = compare_texts(a->party, b->party);
	if (way == 0)
		way = (a->debit > b->debit) - (a->debit < b->debit);
	if (way == 0)
		way = (a->credit > b->credit) - (a->credit < b->credit);
	if (way == 0)
		way = (a->store_id > b->store_id) - (a->store_id < b->store_id);
	return way;
}

static int
by_key(const void *a, const void *b)
{
	const struct book *x = a, *y = b;

	return compare_keys(&x->key, &y->key);
}

static void
keep_nonzero(struct books *b)
{
	size_t n = 0;

	for (size_t i = 0; i < b->n; i++)
		if (b->list[i].key.units != 0)
			b->list[n++] = b->list[i];
	b->n = n;
}

void
books_of(struct arena *a, const struct fold *f, struct books *b)
{
	struct book *all = arena_array(a, f->nmovements + 1, sizeof(*all));

	for (size_t i = 0; i < f->nmovements; i++)
		all[i].key = f->movements[i];
	qsort(all, f->nmovements, sizeof(*all), by_key);
	*b = (struct books){ .list = all };
	for (size_t i = 0; i < f->nmovements; i++) {
		if (b->n > 0 &&
		    compare_keys(&all[b->n - 1].key, &all[i].key) == 0)
			all[b->n - 1].key.units += all[i].key.units;
		else
			all[b->n++] = all[i];
	}
	keep_nonzero(b);
}

static void
say(struct buf *why, const struct movement *m)
{
	buf_printf(why, "%d %s %s %s%s%s %s -> %s", (int)m->source,
	    m->source_id, m->rule == NULL ? "-" : m->rule, m->wallet,
	    m->party == NULL ? "" : " for ", m->party == NULL ? "" : m->party,
	    account_name(m->debit), account_name(m->credit));
}

void
books_print(const struct books *b, struct buf *out)
{
	for (size_t i = 0; i < b->n; i++) {
		buf_puts(out, "  ");
		say(out, &b->list[i].key);
		buf_printf(out, ": %lld\n", (long long)b->list[i].key.units);
	}
}

static int64_t
units_of(const struct books *b, const struct movement *key)
{
	struct book wanted = { *key };
	const struct book *x = NULL;

	if (b->n > 0)
		x = bsearch(&wanted, b->list, b->n, sizeof(b->list[0]), by_key);
	return x == NULL ? 0 : x->key.units;
}

static bool
has_all(const struct books *b, const struct books *of, bool or_more,
    struct buf *why)
{
	for (size_t i = 0; i < of->n; i++) {
		const struct movement *m = &of->list[i].key;
		int64_t units = units_of(b, m);

		if (units == m->units || (or_more && units > m->units))
			continue;
		say(why, m);
		buf_printf(why, ": %lld, not %lld\n", (long long)units,
		    (long long)m->units);
		return false;
	}
	return true;
}

bool
books_equal(const struct books *a, const struct books *b, struct buf *why)
{
	return has_all(a, b, false, why) && has_all(b, a, false, why);
}

bool
books_contain(const struct books *b, const struct books *a, struct buf *why)
{
	return has_all(b, a, true, why);
}

/* Copies a key, because the books outlive the fold to whose memory the key
 * belongs. */
static struct movement
kept(struct arena *a, const struct movement *m)
{
	struct movement k = *m;

	k.source_id = arena_strdup(a, m->source_id);
	k.rule = m->rule == NULL ? NULL : arena_strdup(a, m->rule);
	k.wallet = arena_strdup(a, m->wallet);
	k.party = m->party == NULL ? NULL : arena_strdup(a, m->party);
	k.lot = NULL;
	k.why = NULL;
	return k;
}

void
books_post(struct arena *a, struct books *posted, const struct books *should)
{
	struct book *list = arena_array(
	    a, posted->n + should->n + 1, sizeof(*list));
	size_t n = posted->n;

	if (n > 0)
		memcpy(list, posted->list, n * sizeof(*list));
	for (size_t i = 0; i < n; i++)
		list[i].key.units += units_of(should, &list[i].key) -
		                     list[i].key.units;
	for (size_t i = 0; i < should->n; i++)
		if (units_of(posted, &should->list[i].key) == 0)
			list[n++].key = kept(a, &should->list[i].key);
	posted->list = list;
	posted->n = n;
	keep_nonzero(posted);
	qsort(posted->list, posted->n, sizeof(*list), by_key);
}

static bool
tiers_equal(const struct fold *a, const struct fold *b)
{
	if (a->ntiers != b->ntiers || a->tier_since != b->tier_since ||
	    a->metric != b->metric)
		return false;
	for (size_t i = 0; i < a->ntiers; i++)
		if (compare_texts(a->tiers[i].level, b->tiers[i].level) != 0 ||
		    a->tiers[i].at != b->tiers[i].at ||
		    a->tiers[i].until != b->tiers[i].until)
			return false;
	return true;
}

static bool
purses_equal(const struct purse *a, const struct purse *b)
{
	return a->balance.available == b->balance.available &&
	       a->balance.pending == b->balance.pending &&
	       a->balance.reserved == b->balance.reserved &&
	       a->balance.debt == b->balance.debt &&
	       strcmp(a->wallet, b->wallet) == 0;
}

bool
standing_equal(const struct fold *a, const struct fold *b, struct buf *why)
{
	if (!tiers_equal(a, b)) {
		buf_puts(why, "other tiers\n");
		return false;
	}
	for (size_t i = 0; i < a->nmemberships; i++) {
		const struct membership_state *x = &a->memberships[i];
		const struct membership_state *y = &b->memberships[i];

		if (x->from == y->from && x->until == y->until &&
		    x->active == y->active && x->trial == y->trial)
			continue;
		buf_puts(why, "other memberships\n");
		return false;
	}
	if (a->npurses != b->npurses || a->due_at != b->due_at) {
		buf_puts(why, "other purses, or due at another time\n");
		return false;
	}
	for (size_t i = 0; i < a->npurses; i++) {
		if (purses_equal(&a->purses[i], &b->purses[i]))
			continue;
		buf_printf(why, "another balance of %s\n", a->purses[i].wallet);
		return false;
	}
	return true;
}

static int64_t
account_sum(const struct books *b, const char *wallet, enum account account)
{
	int64_t sum = 0;

	for (size_t i = 0; i < b->n; i++) {
		const struct movement *m = &b->list[i].key;

		if (strcmp(m->wallet, wallet) != 0)
			continue;
		if (m->credit == account)
			sum += m->units;
		if (m->debit == account)
			sum -= m->units;
	}
	return sum;
}

static int64_t
lots_sum(const struct fold *f, const char *wallet, bool vested)
{
	int64_t sum = 0;

	for (size_t i = 0; i < f->nlots; i++)
		if (f->lots[i]->vested == vested &&
		    strcmp(f->lots[i]->wallet, wallet) == 0)
			sum += f->lots[i]->remaining;
	return sum;
}

static bool
is_same(const struct purse *p, const char *what, int64_t has, int64_t should,
    struct buf *why)
{
	if (has == should)
		return true;
	buf_printf(why, "%s of %s is %lld, not %lld\n", what, p->wallet,
	    (long long)has, (long long)should);
	return false;
}

/* Whether a redemption took more than its wallet had, as facts that arrived
 * later show. */
static bool
has_overdrawn(const struct fold *f)
{
	for (size_t i = 0; i < f->nrefusals; i++)
		if (f->refusals[i].fact->kind == FACT_REDEEM)
			return true;
	return false;
}

static bool
purse_is_straight(const struct fold *f, const struct books *b,
    const struct straight *how, const struct purse *p, struct buf *why)
{
	const struct balance *x = &p->balance;
	bool lots = strcmp(p->wallet, "charity") != 0;
	/* A debt that a redemption made is never forgiven.  A debt from before
	 * a new program version is owed until it is repaid. */
	bool forgiven = p->negative == NEGATIVE_FORGIVE && how->one_program &&
	                !has_overdrawn(f);

	if (x->available < 0 || x->pending < 0 || x->reserved < 0 ||
	    x->debt < 0 || x->lifetime_earned < 0 ||
	    (x->debt > 0 && forgiven)) {
		buf_printf(why,
		    "%s: %lld available, %lld pending, %lld reserved, %lld "
		    "owed, %lld earned\n",
		    p->wallet, (long long)x->available, (long long)x->pending,
		    (long long)x->reserved, (long long)x->debt,
		    (long long)x->lifetime_earned);
		return false;
	}
	return is_same(p, "available", x->available,
	           account_sum(b, p->wallet, ACCOUNT_AVAILABLE), why) &&
	       is_same(p, "pending", x->pending,
	           account_sum(b, p->wallet, ACCOUNT_PENDING), why) &&
	       is_same(p, "reserved", x->reserved,
	           account_sum(b, p->wallet, ACCOUNT_RESERVED), why) &&
	       is_same(p, "debt", x->debt,
	           -account_sum(b, p->wallet, ACCOUNT_DEBT), why) &&
	       (!lots ||
	           (is_same(p, "lots' available", lots_sum(f, p->wallet, true),
	                x->available, why) &&
	               is_same(p, "lots' pending",
	                   lots_sum(f, p->wallet, false), x->pending, why)));
}

bool
books_are_straight(const struct fold *f, const struct books *b,
    const struct straight *how, struct buf *why)
{
	for (size_t i = 0; i < f->nmovements; i++) {
		const struct movement *m = &f->movements[i];

		if (m->units >= 0 && m->debit != m->credit && m->at <= how->now)
			continue;
		say(why, m);
		buf_printf(why, ": %lld is no movement\n", (long long)m->units);
		return false;
	}
	for (size_t i = 0; i < f->nlots; i++) {
		const struct lot *p = f->lots[i];

		if (p->remaining >= 0 &&
		    (p->remaining == 0 || p->expires_at > how->now))
			continue;
		buf_printf(why, "a lot of %s has %lld left\n", p->source_id,
		    (long long)p->remaining);
		return false;
	}
	for (size_t i = 0; i < f->npurses; i++)
		if (!purse_is_straight(f, b, how, &f->purses[i], why))
			return false;
	return true;
}
