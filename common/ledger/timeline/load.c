/* SPDX-License-Identifier: MIT */
/*
 * Loads a batch: locks its members, then reads all that is known of them.  All
 * processes take these locks in the same order (timeline.h).
 */

#include "ledger/rows.h"
#include "ledger/stmts.h"
#include "ledger/timeline/internal.h"

static int
lock_balances(const struct timeline_batch *b, struct err *e)
{
	const struct world *w = b->world;
	int32_t *wallets = arena_array(w->arena, b->n + 1, sizeof(*wallets));
	struct pg_params p;
	size_t known = timeline_params(b, &p), n;

	if (known == 0)
		return 0;
	for (size_t i = 0; i < known; i++)
		wallets[i] = WALLET_POINTS;
	pg_ints(&p, wallets, known);
	if (pg_ask_count(w->pg, SQL_BALANCE_LOCK, &p, &n, e) == -1)
		return -1;
	if (n != known)
		return err_set(e, FAULT_FATAL,
		    "%zu members, but %zu balances: run loyald verify", known,
		    n);
	return 0;
}

int
timeline_lock(const struct world *w, const struct member_key *keys, size_t n,
    struct err *e)
{
	struct timeline_batch b;

	timeline_batch_init(&b, w, keys, n);
	return lock_balances(&b, e);
}

static int
read_state(struct arena *a, struct timeline_member *m,
    const struct pg_rows *rows, int row, struct err *)
{
	m->has_state = true;
	m->steps_before = pg_get_bigint(rows, row, 1);
	m->changed = pg_get_bigint(rows, row, 2);
	m->tiers_kept = pg_get_bigint(rows, row, 3);
	m->seam_kept = rows_str(a, rows, row, 4);
	m->since_kept = rows_str(a, rows, row, 5);
	m->told_tier = rows_text(a, rows, row, 6);
	m->told_until = pg_get_instant(rows, row, 7);
	m->told_memberships = rows_text(a, rows, row, 8);
	m->told_metric = pg_get_bigint(rows, row, 9);
	m->told_benefits = rows_text(a, rows, row, 10);
	m->told_at = pg_get_instant(rows, row, 11);
	return 0;
}

/* Locks the members, and gives a timeline to those that have none. */
static int
lock_members(const struct timeline_batch *b, struct err *e)
{
	static const struct timeline_question state = { SQL_STATE_LOCK,
		read_state, OF_KNOWN };
	struct pg_params p;
	size_t without = 0;

	if ((!b->locked && lock_balances(b, e) == -1) ||
	    timeline_ask(b, &state, 1, e) == -1)
		return -1;
	for (size_t i = 0; i < b->n; i++)
		without += !b->members[i].fresh && !b->members[i].has_state;
	if (without == 0)
		return 0;
	(void)timeline_params(b, &p);
	if (pg_tell(b->world->pg, SQL_STATE_MAKE, &p, e) == -1)
		return -1;
	return timeline_ask(b, &state, 1, e);
}

/* Sets aside the members whose last fold took too many steps.  REJECT if the
 * last folds of the other members together took too many steps. */
static int
leave_long(struct timeline_batch *b, struct err *e)
{
	int64_t sum = 0;

	timeline_set_aside(b);
	for (size_t i = 0; i < b->n; i++)
		sum += b->members[i].steps_before;
	if (b->n > 1 && sum > TIMELINE_BATCH_STEPS_MAX)
		return err_set(e, FAULT_REJECT, TOO_MANY, b->n);
	return 0;
}

/* Sets aside members by rule 8 of timeline.h. */
static void
leave_bursts(struct timeline_batch *b)
{
	for (size_t i = 0; i < b->n; i++) {
		struct timeline_member *m = &b->members[i];

		if (m->nunwritten >= TIMELINE_BURST &&
		    m->seam_of.orders >= TIMELINE_BURST_AFTER)
			m->steps_before = timeline_steps_most(b->world) + 1;
	}
	timeline_set_aside(b);
}

static int
read_home(struct arena *, struct timeline_member *m, const struct pg_rows *rows,
    int row, struct err *)
{
	m->store_id = pg_get_bigint(rows, row, 1);
	return 0;
}

static int
load_wallets(struct timeline_batch *b, struct err *e)
{
	struct arena *a = b->world->arena;
	int64_t *tenants = arena_array(a, b->n + 1, sizeof(*tenants));
	struct pg_params p = { .arena = a };
	struct pg_rows rows;
	size_t n = 0;

	/* Members are sorted by tenant, so each tenant is listed once. */
	for (size_t i = 0; i < b->n; i++)
		if (n == 0 || tenants[n - 1] != b->members[i].key.tenant_id)
			tenants[n++] = b->members[i].key.tenant_id;
	pg_bigints(&p, tenants, n);
	if (pg_ask(b->world->pg, SQL_WALLETS_LOAD, &p, &rows, e) == -1)
		return -1;
	b->nwallets = (size_t)rows.n;
	b->wallets = arena_array(a, b->nwallets + 1, sizeof(*b->wallets));
	for (int row = 0; row < rows.n; row++)
		b->wallets[row] = (struct wallet_number){
			.tenant_id = pg_get_bigint(&rows, row, 0),
			.number = (int16_t)pg_get_bigint(&rows, row, 1),
			.id = rows_text(a, &rows, row, 2),
		};
	pg_done(&rows);
	return 0;
}

static int
read_payout(struct arena *a, struct timeline_member *m,
    const struct pg_rows *rows, int row, struct err *)
{
	m->payouts = arena_grow(
	    a, m->payouts, m->npayouts, &m->payouts_room, sizeof(*m->payouts));
	m->payouts[m->npayouts++] = (struct payout){
		.charity = rows_text(a, rows, row, 1),
		.at = pg_get_instant(rows, row, 2),
		.is_posted = pg_get_bool(rows, row, 3),
		.units = pg_get_bigint(rows, row, 4),
		.moved = pg_get_bool(rows, row, 5),
	};
	return 0;
}

static const struct timeline_question home = { SQL_TIMELINE_HOME, read_home,
	OF_KNOWN };

/* Asks for the stores of the members, unless all are known. */
static int
load_homes(const struct timeline_batch *b, struct err *e)
{
	for (size_t i = 0; i < b->n; i++)
		if (b->members[i].store_id == 0)
			return timeline_ask(b, &home, 1, e);
	return 0;
}

/* Lists the questions about what is posted for the members. */
static const struct timeline_question posted[] = {
	{ SQL_TIMELINE_LOTS, timeline_read_lot, OF_WHOLE },
	{ SQL_TIMELINE_STANDS, timeline_read_posted, OF_WHOLE },
	{ SQL_TIMELINE_BALANCES, timeline_read_balance, OF_KNOWN },
};

/* Loads what has happened to the members, and, with `stands`, what is posted
 * for them.  Payouts are loaded if any program has charities. */
static int
load_facts(struct timeline_batch *b, bool stands, struct err *e)
{
	const struct world *w = b->world;
	struct timeline_question q[4 + NITEMS(posted)] = {
		{ SQL_TIMELINE_ORDERS, timeline_read_order, OF_WHOLE },
		/* A member that was made now may have facts. */
		{ SQL_TIMELINE_FACTS, timeline_read_fact, OF_ALL },
	};
	size_t n = 2;

	if (programs_give_away(w->programs, w->nprograms))
		q[n++] = (struct timeline_question){ SQL_TIMELINE_PAYOUTS,
			read_payout, OF_ALL };
	if (programs_have_rewards(w->programs, w->nprograms))
		q[n++] = (struct timeline_question){ SQL_TIMELINE_REWARDS,
			timeline_read_reward, OF_KNOWN };
	for (size_t i = 0; stands && i < NITEMS(posted); i++)
		q[n++] = posted[i];
	if (timeline_ask(b, q, n, e) == -1 || timeline_seam_orders(b, e) == -1)
		return -1;
	timeline_sum_posted(b);
	return timeline_add_unwritten(b, e) == -1 ||
	               timeline_referrals(b, e) == -1
	           ? -1
	           : 0;
}

int
timeline_load_without(struct timeline_batch *b, struct err *e)
{
	for (size_t i = 0; i < b->n; i++) {
		struct timeline_member *m = &b->members[i];

		m->seam = (struct seam){ 0 };
		m->seam_of = (struct seam_of){ 0 };
		m->nfacts = m->nlots = m->nposted = m->npayouts = 0;
		m->nbalances = m->fresh ? m->nbalances : 0;
		m->nwanted = m->nmissing = 0;
		m->revision = 0;
		timeline_seam_read(b, m);
	}
	return load_facts(b, true, e) == -1 ? -1
	                                    : timeline_products(b, true, e);
}

int
timeline_load(struct timeline_batch *b, bool lock, struct err *e)
{
	if (lock && (lock_members(b, e) == -1 || leave_long(b, e) == -1))
		return -1;
	if (load_wallets(b, e) == -1 || load_homes(b, e) == -1 ||
	    timeline_budgets_load(b, lock, e) == -1)
		return -1;
	for (size_t i = 0; lock && i < b->n; i++)
		timeline_seam_read(b, &b->members[i]);
	leave_bursts(b);
	if (load_facts(b, lock || b->nbudgets > 0, e) == -1)
		return -1;
	return timeline_seams_hold(b) ? timeline_products(b, lock, e)
	                              : timeline_load_without(b, e);
}

int
timeline_load_again(struct timeline_batch *b, struct err *e)
{
	for (size_t i = 0; i < b->n; i++) {
		struct timeline_member *m = &b->members[i];

		m->nlots = m->nposted = m->nbalances = 0;
		m->revision = 0;
	}
	if (lock_members(b, e) == -1 || timeline_ask(b, &home, 1, e) == -1 ||
	    timeline_budgets_load(b, true, e) == -1)
		return -1;
	if (timeline_ask(b, posted, NITEMS(posted), e) == -1)
		return -1;
	timeline_sum_posted(b);
	return 0;
}
