/* SPDX-License-Identifier: MIT */
#include <assert.h>
#include <inttypes.h>
#include <string.h>

#include "base/log.h"
#include "ledger/batch/internal.h"
#include "ledger/referrals.h"

/* Makes dead letters of the messages whose fact has an idempotency key that was
 * used for something else before. */
static void
bury_clashes(struct batch_reading *r, const struct batch *b)
{
	for (size_t i = 0; i < b->nfacts; i++) {
		const struct fact_news *f = &b->facts[i];
		struct err why;

		r->result->unchanged += f->unchanged && f->alone && !f->clash;
		if (!f->clash)
			continue;
		err_set(&why, FAULT_REJECT, KEY_USED, f->told->fact.id);
		bury_by_sentence(r, f->message, &why);
	}
}

/* Folds every member whose timeline this batch changes, posts the entries that
 * the ledger lacks, and logs the facts that are refused. */
static int
post_timelines(
    struct batch_reading *r, const struct timeline_news *news, struct err *e)
{
	struct timeline_result t;

	if (timeline_post_with(r->world, news, &t, e) == -1)
		return -1;
	for (size_t i = 0; i < t.nrefused; i++)
		log_info("%s of store %" PRId64 " is refused: %s",
		    t.refused[i].fact_id, t.refused[i].store_id,
		    t.refused[i].reason);
	for (size_t i = 0; i < t.naside; i++)
		log_info("member %" PRId64 " is set aside, schedule looks at "
		         "it alone: %s",
		    t.aside[i].member_id, t.aside[i].reason);
	r->result->entries += t.entries;
	r->result->refused += t.nrefused;
	r->result->aside += t.naside;
	return 0;
}

static int
post(struct batch_reading *r, struct batch *b, struct err *e)
{
	const struct world *w = r->world;
	struct timeline_news news;

	if (batch_load(w, b, e) == -1)
		return -1;
	bury_clashes(r, b);
	if (batch_decide(w, b, e) == -1 || batch_wait(w, b, &news, e) == -1 ||
	    batch_save(w, b, e) == -1 || post_timelines(r, &news, e) == -1 ||
	    orders_save(w, b, true, e) == -1)
		return -1;
	r->result->entries += b->nentries;
	for (size_t i = 0; i < b->norders; i++)
		r->result->unchanged += b->orders[i].unchanged;
	return 0;
}

/* Decides the points of orders again, although no message of the batch is about
 * these orders.  All orders share one transaction.  If the transaction is
 * refused, tries each half of the orders, down to a single order. */
static int
post_moved(
    struct batch_reading *r, struct order_news *orders, size_t n, struct err *e)
{
	struct pg *pg = r->world->pg;
	struct order_news *copy = arena_array(
	    r->world->arena, n, sizeof(*copy));
	struct batch b = { .orders = copy, .norders = n };

	memcpy(copy, orders, n * sizeof(*copy));
	if (pg_begin(pg, e) == -1)
		return -1;
	if (post(r, &b, e) == 0)
		return pg_commit(pg, e);
	pg_rollback(pg);
	if (e->fault != FAULT_REJECT || n == 1)
		return -1;
	if (post_moved(r, orders, n / 2, e) == -1)
		return -1;
	return post_moved(r, orders + n / 2, n - n / 2, e);
}

/* Moves orders and facts from guests to customers, where the batch says that
 * the platform has verified that a customer has the guest's address. */
static int
move_claimed(struct batch_reading *r, struct err *e)
{
	const struct world *w = r->world;
	struct customer_news *customers;
	struct order_news *orders;
	size_t ncustomers, n, before = SIZE_MAX;

	if (customers_with_guest(w, r->batch.customers, r->batch.ncustomers,
	        &customers, &ncustomers, e) == -1)
		return -1;
	while (ncustomers > 0) {
		if (orders_claimed(w, customers, ncustomers, &orders, &n, e) ==
		    -1)
			return -1;
		if (n == 0)
			return facts_claim(
			    w, customers, ncustomers, &r->result->entries, e);
		/* A moved order is not found again, so each round finds fewer
		 * orders than the round before, unless more than CLAIMS_MAX are
		 * left.  Without this test the loop might not end. */
		if (n >= before && n < CLAIMS_MAX)
			return err_set(e, FAULT_FATAL,
			    "%zu orders of guests cannot be moved to their "
			    "customer: run loyald verify",
			    n);
		before = n;
		if (post_moved(r, orders, n, e) == -1)
			return -1;
	}
	return 0;
}

static int
join_customers(struct batch_reading *r, struct err *e)
{
	return customers_join(r->world, r->batch.customers, r->batch.ncustomers,
	    &r->result->entries, e);
}

static int
merge_customers(struct batch_reading *r, struct err *e)
{
	const struct world *w = r->world;

	for (size_t i = 0; i < r->nmerges; i++) {
		if (pg_begin(w->pg, e) == -1 ||
		    pg_end(w->pg, customers_merge(w, &r->merges[i], e) == 0,
		        e) == -1)
			return -1;
	}
	return 0;
}

/* Makes the timelines of members due if this batch may have changed what the
 * members' referrals earn. */
static int
wake_referrals(struct batch_reading *r, struct err *e)
{
	const struct world *w = r->world;
	const struct batch *b = &r->batch;
	struct referral_wake wake;

	if (!programs_ask_referrals(w->programs, w->nprograms))
		return 0;
	referral_wake_init(&wake, w->arena);
	for (size_t i = 0; i < b->nfacts; i++)
		referral_wake_fact(
		    &wake, b->facts[i].store, &b->facts[i].told->fact);
	for (size_t i = 0; i < b->norders; i++)
		referral_wake_order(
		    &wake, b->orders[i].store, b->orders[i].order.id);
	for (size_t i = 0; i < b->ncustomers; i++)
		if (customer_is_verified(&b->customers[i]))
			referral_wake_customer(&wake, b->customers[i].store,
			    b->customers[i].customer.id);
	for (size_t i = 0; i < r->nmerges; i++)
		referral_wake_customer(
		    &wake, r->merges[i].store, r->merges[i].kept_id);
	return referral_wake(w->pg, &wake, w->now, e);
}

/* Writes the dead letters last in the transaction: another process that buries
 * a message in the same letter has to wait until the transaction ends. */
static int
bury_all(struct batch_reading *r, struct err *e)
{
	const struct world *w = r->world;

	for (size_t i = 0; i < r->nburials; i++) {
		const struct burial *b = &r->burials[i];

		dead_tally_add(
		    &r->result->died, b->message->store_id, b->why_class, 1);
		r->result->misdirected += strcmp(b->why_class, "misdirected") ==
		                          0;
	}
	r->result->dead = r->nburials;
	return dead_bury(w, r->burials, r->nburials, e);
}

/* Allocates a batch_reading with room for the orders and customers that n
 * messages may report. */
static struct batch_reading *
reading_new(const struct world *w, size_t n, struct batch_result *result)
{
	struct arena *a = w->arena;
	struct batch_reading *r = arena_alloc(a, sizeof(*r));
	struct batch *b = &r->batch;

	r->world = w;
	r->result = result;
	b->orders = arena_array(a, n + 1, sizeof(*b->orders));
	b->customers = arena_array(a, n + 1, sizeof(*b->customers));
	b->names = arena_array(a, n + 1, sizeof(*b->names));
	return r;
}

int
batch_post(const struct world *w, const struct message *m, size_t n,
    struct batch_result *result, struct err *e)
{
	struct batch_reading *r = reading_new(w, n, result);

	assert(n <= BATCH_MAX);
	*result = (struct batch_result){ 0 };
	if (pg_begin(w->pg, e) == -1)
		return -1;
	if (pg_end(w->pg,
	        read_messages(r, m, n, e) == 0 &&
	            products_save(
	                w->pg, w->arena, r->products, r->nproducts, e) == 0 &&
	            post(r, &r->batch, e) == 0 && bury_all(r, e) == 0,
	        e) == -1 ||
	    products_wake(
	        w->pg, w->arena, r->products, r->nproducts, w->now, e) == -1 ||
	    move_claimed(r, e) == -1 || join_customers(r, e) == -1 ||
	    merge_customers(r, e) == -1 || uses_wake(w, &r->batch, e) == -1)
		return -1;
	return wake_referrals(r, e);
}

int
batch_bury(const struct world *w, const struct message *m,
    const char *why_class, const char *reason, struct err *e)
{
	const struct burial b = burial_of(w, m, why_class, reason);

	if (pg_begin(w->pg, e) == -1)
		return -1;
	return pg_end(w->pg, dead_bury(w, &b, 1, e) == 0, e);
}
