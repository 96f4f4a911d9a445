/* SPDX-License-Identifier: MIT */
/*
 * Compares the entries that the ledger has for each member with the entries
 * that it should have according to the fold.  Finds the lot of each movement,
 * the entries that are missing, the balances afterwards, and the points and
 * reason of each order.
 */
#include <assert.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "core/beyond.h"
#include "ledger/stmts.h"
#include "ledger/timeline/internal.h"

/* ---- lots ---------------------------------------------------------------- */

int
timeline_compare_lots(const void *a, const void *b)
{
	const struct kept_lot *x = a, *y = b;
	const struct lot *p = x->lot, *q = y->lot;
	int order;

	if (x->wallet != y->wallet)
		return x->wallet < y->wallet ? -1 : 1;
	if (p->source != q->source)
		return p->source < q->source ? -1 : 1;
	if (p->store_id != q->store_id)
		return p->store_id < q->store_id ? -1 : 1;
	order = strcmp(p->source_id, q->source_id);
	return order != 0 ? order : strcmp(p->rule, q->rule);
}

static bool
is_same_lot(const struct lot *x, const struct lot *y)
{
	return x->version_id == y->version_id && x->remaining == y->remaining &&
	       x->earned_at == y->earned_at && x->vests_at == y->vests_at &&
	       x->expires_at == y->expires_at && x->vested == y->vested;
}

/* Whether a lot is not as it was at the seam that the fold began with. */
static bool
is_since_seam(const struct lot *l)
{
	return !l->is_resumed || l->vested != l->vested_then ||
	       l->remaining != l->remaining_then;
}

static int
wallet_of(const struct timeline_batch *b, const struct timeline_member *m,
    const char *id, int16_t *out, struct err *e)
{
	*out = timeline_wallet(b, m->key.tenant_id, id);
	if (*out == 0)
		return err_set(e, FAULT_FATAL,
		    "wallet %s of tenant %" PRId64 " has no number", id,
		    m->key.tenant_id);
	return 0;
}

/* Pairs every lot of the fold with the ledger's lot of the same key, or makes a
 * new lot.  A lot that only the ledger has is emptied. */
int
timeline_match_lots(
    const struct timeline_batch *b, struct timeline_member *m, struct err *e)
{
	struct arena *a = b->world->arena;
	size_t known = m->nlots;
	bool *met = arena_array(a, known + 1, sizeof(*met));

	if (known > 1)
		qsort(m->lots, known, sizeof(*m->lots), timeline_compare_lots);
	for (size_t i = 0; i < m->fold.nlots; i++) {
		struct kept_lot want = { .lot = m->fold.lots[i] };
		struct kept_lot *kept = NULL;

		want.is_since = is_since_seam(want.lot);
		if (wallet_of(b, m, want.lot->wallet, &want.wallet, e) == -1)
			return -1;
		if (known > 0)
			kept = bsearch(&want, m->lots, known, sizeof(want),
			    timeline_compare_lots);
		if (kept != NULL) {
			want.lot->lot_id = kept->lot->lot_id;
			want.fresh = kept->fresh;
			want.changed = kept->fresh ||
			               !is_same_lot(kept->lot, want.lot);
			met[kept - m->lots] = true;
			*kept = want;
			continue;
		}
		if (!want.is_since)
			continue;
		m->lots = arena_grow(
		    a, m->lots, m->nlots, &m->lots_room, sizeof(*m->lots));
		want.fresh = !want.lot->is_resumed;
		want.changed = !want.fresh;
		m->lots[m->nlots++] = want;
	}
	for (size_t i = 0; i < known; i++)
		if (!met[i] && m->lots[i].lot->remaining != 0) {
			m->lots[i].lot->remaining = 0;
			m->lots[i].changed = true;
		}
	return 0;
}

/* Gives numbers to new lots to which a movement adds units, or from which it
 * takes units. */
static int
number_lots(struct timeline_batch *b, struct err *e)
{
	struct pg_params p;
	struct pg_rows rows;
	int64_t n = 0;
	int next = 0;

	for (size_t i = 0; i < b->n; i++) {
		struct timeline_member *m = &b->members[i];

		for (size_t j = 0; j < m->fold.nmovements; j++) {
			const struct movement *v = &m->fold.movements[j];

			if (v->units != 0 && v->lot != NULL &&
			    v->lot->lot_id == 0)
				v->lot->lot_id = -1;
		}
		for (size_t j = 0; j < m->nlots; j++)
			n += m->lots[j].lot->lot_id == -1;
	}
	if (n == 0)
		return 0;
	pg_params(&p, b->world->arena);
	pg_bigint(&p, n);
	if (pg_ask(b->world->pg, SQL_LOT_IDS, &p, &rows, e) == -1)
		return -1;
	for (size_t i = 0; i < b->n; i++)
		for (size_t j = 0; j < b->members[i].nlots; j++) {
			struct kept_lot *l = &b->members[i].lots[j];

			if (l->lot->lot_id != -1)
				continue;
			l->lot->lot_id = pg_get_bigint(&rows, next++, 0);
			l->changed = true;
		}
	pg_done(&rows);
	return 0;
}

/* ---- movements ----------------------------------------------------------- */

static int
compare_sources(const struct folded_entry *x, const struct folded_entry *y)
{
	if (x->source != y->source)
		return x->source < y->source ? -1 : 1;
	if (x->store_id != y->store_id)
		return x->store_id < y->store_id ? -1 : 1;
	return strcmp(x->source_id, y->source_id);
}

int
timeline_compare_entries(const void *a, const void *b)
{
	const struct folded_entry *x = a, *y = b;
	int order = compare_sources(x, y);

	if (order == 0)
		order = strcmp(x->rule, y->rule);
	if (order == 0)
		order = strcmp(x->party, y->party);
	if (order != 0)
		return order;
	if (x->wallet != y->wallet)
		return x->wallet < y->wallet ? -1 : 1;
	if (x->debit != y->debit)
		return x->debit < y->debit ? -1 : 1;
	return (x->credit > y->credit) - (x->credit < y->credit);
}

/* Sorts the entries by key, and replaces those with the same key by their sum,
 * in place.  Returns the number of entries that are left. */
static size_t
sum_up(struct folded_entry *all, size_t n)
{
	size_t k = 0;

	if (n > 1)
		qsort(all, n, sizeof(*all), timeline_compare_entries);
	for (size_t i = 0; i < n; i++) {
		if (k == 0 ||
		    timeline_compare_entries(&all[k - 1], &all[i]) != 0) {
			all[k++] = all[i];
			continue;
		}
		all[k - 1].units += all[i].units;
		all[k - 1].lot_id = all[i].lot_id;
		if (all[i].at > all[k - 1].at)
			all[k - 1].at = all[i].at;
		if (all[k - 1].why == NULL)
			all[k - 1].why = all[i].why;
	}
	return k;
}

/* Lists the fold's movements as entries.  Movements of 0 units are left out, so
 * the ledger does not explain why nothing was given.  For such an explanation
 * the member is folded again. */
int
timeline_find_wanted(
    const struct timeline_batch *b, struct timeline_member *m, struct err *e)
{
	m->wanted = arena_array(
	    b->world->arena, m->fold.nmovements + 1, sizeof(*m->wanted));
	for (size_t i = 0; i < m->fold.nmovements; i++) {
		const struct movement *v = &m->fold.movements[i];
		struct folded_entry *s = &m->wanted[m->nwanted];

		if (v->units == 0)
			continue;
		*s = (struct folded_entry){
			.source = v->source,
			.store_id = v->store_id,
			.source_id = v->source_id,
			.rule = v->rule,
			.party = v->party ? v->party : "",
			.debit = v->debit,
			.credit = v->credit,
			.lot_id = v->lot ? v->lot->lot_id : 0,
			.units = v->units,
			.at = v->at,
			.version_id = v->version_id,
			.why = v->why,
			.why_all = v->why_all,
		};
		if (wallet_of(b, m, v->wallet, &s->wallet, e) == -1)
			return -1;
		m->nwanted++;
	}
	m->nwanted = sum_up(m->wanted, m->nwanted);
	return 0;
}

/* Adds an entry that has to be posted (rule 1 of timeline.h).  `missing` is the
 * number of missing units or, below zero, of surplus units. */
static void
add_entry(
    struct timeline_member *m, const struct folded_entry *s, int64_t missing)
{
	struct folded_entry *x = &m->missing[m->nmissing++];

	*x = *s;
	x->units = missing;
	/* An entry that is posted for the first time gets the explanation of
	 * all steps.  An entry that posts a difference gets the explanation of
	 * the newest step only. */
	if (missing == s->units)
		x->why = s->why_all;
	if (missing > 0)
		return;
	x->corrects = true;
	x->units = -missing;
	x->debit = s->credit;
	x->credit = s->debit;
	x->why = NULL;
}

/* Compares the wanted entries with the posted ones, and adds the entries that
 * are missing.  Both lists are sorted by key. */
static void
find_missing(struct arena *a, struct timeline_member *m)
{
	size_t i = 0, j = 0;

	m->missing = arena_array(
	    a, m->nposted + m->nwanted + 1, sizeof(*m->missing));
	while (i < m->nwanted || j < m->nposted) {
		int order = i == m->nwanted ? 1
		            : j == m->nposted
		                ? -1
		                : timeline_compare_entries(
		                      &m->wanted[i], &m->posted[j]);

		if (order < 0) {
			add_entry(m, &m->wanted[i], m->wanted[i].units);
			i++;
		} else if (order > 0) {
			add_entry(m, &m->posted[j], -m->posted[j].units);
			j++;
		} else {
			if (m->wanted[i].units != m->posted[j].units)
				add_entry(m, &m->wanted[i],
				    m->wanted[i].units - m->posted[j].units);
			i++;
			j++;
		}
	}
}

static int
compare_times(const void *a, const void *b)
{
	const struct folded_entry *x = a, *y = b;

	if (x->at != y->at)
		return x->at < y->at ? -1 : 1;
	if (x->corrects != y->corrects)
		return x->corrects ? -1 : 1;
	if (compare_sources(x, y) != 0)
		return compare_sources(x, y);
	return x->part - y->part;
}

/* Numbers the entries of each source (rule 2 of timeline.h), then sorts all
 * entries by time, so that the ledger numbers them in the order in which things
 * happened. */
static void
number_parts(struct timeline_member *m)
{
	for (size_t i = 0; i < m->nmissing; i++)
		m->missing[i].part = i > 0 &&
		                             compare_sources(&m->missing[i - 1],
		                                 &m->missing[i]) == 0
		                         ? m->missing[i - 1].part + 1
		                         : 1;
	if (m->nmissing > 1)
		qsort(m->missing, m->nmissing, sizeof(*m->missing),
		    compare_times);
}

/* ---- balances ------------------------------------------------------------ */

static struct wallet_balance *
balance_at(struct arena *a, struct timeline_member *m, int16_t wallet)
{
	for (size_t i = 0; i < m->nbalances; i++)
		if (m->balances[i].wallet == wallet)
			return &m->balances[i];
	m->balances = arena_grow(a, m->balances, m->nbalances,
	    &m->balances_room, sizeof(*m->balances));
	m->balances[m->nbalances] = (struct wallet_balance){ .wallet = wallet,
		.fresh = true };
	return &m->balances[m->nbalances++];
}

/* Adds the missing entries to the balances.  REJECT if a balance then differs
 * from the fold's balance, because the ledger must be wrong in that case. */
static int
move_balances(
    const struct timeline_batch *b, struct timeline_member *m, struct err *e)
{
	struct arena *a = b->world->arena;

	for (size_t i = 0; i < m->nmissing; i++) {
		const struct folded_entry *s = &m->missing[i];
		struct wallet_balance *w = balance_at(a, m, s->wallet);
		struct balance was = w->balance;

		balance_move(&w->balance, s->debit, -1, s->units);
		balance_move(&w->balance, s->credit, 1, s->units);
		w->changed |= memcmp(&was, &w->balance, sizeof(was)) != 0;
	}
	for (size_t i = 0; i < m->fold.npurses; i++) {
		const struct purse *p = &m->fold.purses[i];
		const struct wallet_balance *w;
		int16_t wallet;

		if (wallet_of(b, m, p->wallet, &wallet, e) == -1)
			return -1;
		w = balance_at(a, m, wallet);
		if (p->balance.available > UNITS_MAX ||
		    p->balance.pending > UNITS_MAX ||
		    p->balance.debt > UNITS_MAX)
			return err_set(e, FAULT_REJECT,
			    "member %" PRId64 " would have more than 10^15 of "
			    "wallet %s",
			    m->key.member_id, p->wallet);
		if (memcmp(&w->balance, &p->balance, sizeof(p->balance)) != 0)
			return err_set(e, FAULT_REJECT,
			    "member %" PRId64 ": the entries of wallet %s and "
			    "its balance do not agree",
			    m->key.member_id, p->wallet);
	}
	return 0;
}

/* ---- orders -------------------------------------------------------------- */

static int
compare_orders(const void *a, const void *b)
{
	const struct kept_fact *x = *(struct kept_fact *const *)a;
	const struct kept_fact *y = *(struct kept_fact *const *)b;

	if (x->fact.store_id != y->fact.store_id)
		return x->fact.store_id < y->fact.store_id ? -1 : 1;
	return (x->order_id > y->order_id) - (x->order_id < y->order_id);
}

static void
judge_order(struct kept_fact *k, const struct movement *v, bool points)
{
	if (points && v->debit == ACCOUNT_ISSUED)
		k->points_now += v->units;
	if (points && v->credit == ACCOUNT_REVERSED)
		k->points_now -= v->units;
	if (v->units > 0 && v->debit == ACCOUNT_ISSUED)
		k->reason_now = "earned";
	else if (v->why != NULL && v->why->reason != NULL &&
	         (k->reason_now == NULL || v->units == 0) &&
	         (k->reason_now == NULL ||
	             strcmp(k->reason_now, "earned") != 0))
		k->reason_now = v->why->reason;
}

/* Works out the points of each order, and the reason for these points, which
 * people see beside the order. */
static void
judge_orders(const struct timeline_batch *b, struct timeline_member *m)
{
	struct arena *a = b->world->arena;
	struct kept_fact **orders = arena_array(
	    a, m->nfacts + 1, sizeof(*orders));
	size_t n = 0;

	for (size_t i = 0; i < m->nfacts; i++)
		if (m->facts[i].fact.kind == FACT_ORDER)
			orders[n++] = &m->facts[i];
	if (n > 1)
		qsort(orders, n, sizeof(*orders), compare_orders);
	for (size_t i = 0; i < m->fold.nmovements; i++) {
		const struct movement *v = &m->fold.movements[i];
		struct kept_fact key = { .fact.store_id = v->store_id };
		struct kept_fact *want = &key, **found;

		if (v->source != SOURCE_ORDER || n == 0)
			continue;
		key.order_id = strtoll(v->source_id, NULL, 10);
		found = bsearch(
		    &want, orders, n, sizeof(*orders), compare_orders);
		if (found != NULL)
			judge_order(*found, v,
			    timeline_wallet(b, m->key.tenant_id, v->wallet) ==
			        WALLET_POINTS);
	}
	for (size_t i = 0; i < n; i++) {
		struct kept_fact *k = orders[i];

		if (k->fact.order->modified_at == 0)
			k->reason_now = "no_order_yet";
		else if (k->fact.program == NULL)
			k->reason_now = "no_program";
		else if (k->reason_now == NULL)
			k->reason_now = "none";
	}
}

int
timeline_compare(struct timeline_batch *b, struct err *e)
{
	for (size_t i = 0; i < b->n; i++)
		if (b->members[i].folded &&
		    timeline_match_lots(b, &b->members[i], e) == -1)
			return -1;
	if (number_lots(b, e) == -1)
		return -1;
	for (size_t i = 0; i < b->n; i++) {
		struct timeline_member *m = &b->members[i];

		if (!m->folded)
			continue;
		if (timeline_find_wanted(b, m, e) == -1)
			return -1;
		find_missing(b->world->arena, m);
		number_parts(m);
		if (move_balances(b, m, e) == -1)
			return -1;
		judge_orders(b, m);
	}
	return 0;
}
