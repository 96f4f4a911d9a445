/* SPDX-License-Identifier: MIT */
#include <assert.h>
#include <inttypes.h>
#include <string.h>

#include "base/log.h"
#include "ledger/batch_read.h"
#include "ledger/referrals.h"

static struct world
world_of(const struct batch_context *c)
{
	return (struct world){
		.pg = c->pg,
		.arena = c->arena,
		.stores = c->stores,
		.nstores = c->nstores,
		.programs = c->programs,
		.nprograms = c->nprograms,
		.now = c->now,
		.steps_most = c->steps_most,
	};
}

/* Facts whose key was used for something else. */
static void
bury_clashes(struct batch_context *c, const struct ledger_batch *b,
    struct batch_result *result)
{
	for (size_t i = 0; i < b->nfacts; i++) {
		const struct fact_news *f = &b->facts[i];
		struct err why;

		result->unchanged += f->idle && f->alone && !f->clash;
		if (!f->clash)
			continue;
		err_set(&why, FAULT_REJECT, KEY_USED, f->told->fact.id);
		bury_by_sentence(c, f->message, &why);
	}
}

/* Those whose timelines the batch has changed. */
static int
post_timelines(struct batch_context *c, const struct ledger_batch *b,
    struct batch_result *result, struct err *e)
{
	const struct world w = world_of(c);
	struct timeline_result r;
	struct member_key *keys;
	size_t n;

	keys = ledger_folded(c->arena, b, &n);
	if (timeline_post(&w, keys, n, &r, e) == -1)
		return -1;
	for (size_t i = 0; i < r.nrefused; i++)
		log_info("%s of store %" PRId64 " is refused: %s",
		    r.refused[i].fact_id, r.refused[i].store_id,
		    r.refused[i].reason);
	for (size_t i = 0; i < r.naside; i++)
		log_info("member %" PRId64 " is set aside, schedule looks at "
		         "it alone: %s",
		    r.aside[i].member_id, r.aside[i].reason);
	result->entries += r.entries;
	result->refused += r.nrefused;
	result->aside += r.naside;
	return 0;
}

static int
post(struct batch_context *c, struct ledger_batch *b,
    struct batch_result *result, struct err *e)
{
	if (ledger_load(c->pg, c->arena, b, e) == -1)
		return -1;
	bury_clashes(c, b, result);
	if (ledger_decide(c->pg, c->arena, b, c->programs, c->nprograms, c->now,
	        e) == -1 ||
	    ledger_save(c->pg, c->arena, b, e) == -1 ||
	    post_timelines(c, b, result, e) == -1)
		return -1;
	result->entries += b->nentries;
	for (size_t i = 0; i < b->nsubjects; i++)
		result->unchanged += b->subjects[i].idle;
	return 0;
}

/* Subjects that are only decided again; one of them alone if together they
 * cannot. */
static int
post_moved(struct batch_context *c, struct subject *subjects, size_t n,
    struct batch_result *result, struct err *e)
{
	struct subject *copy = arena_array(c->arena, n, sizeof(*copy));
	struct ledger_batch b = { .subjects = copy, .nsubjects = n };

	memcpy(copy, subjects, n * sizeof(*copy));
	if (pg_begin(c->pg, e) == -1)
		return -1;
	if (post(c, &b, result, e) == 0)
		return pg_commit(c->pg, e);
	pg_rollback(c->pg);
	if (e->fault != FAULT_REJECT || n == 1)
		return -1;
	if (post_moved(c, subjects, n / 2, result, e) == -1)
		return -1;
	return post_moved(c, subjects + n / 2, n - n / 2, result, e);
}

/* Orders held for guests whose address is verified now, and their facts. */
static int
move_claimed(struct batch_reading *r, struct err *e)
{
	struct batch_context *c = r->c;
	const struct world w = world_of(c);
	struct subject *subjects;
	size_t n, before = SIZE_MAX;

	for (;;) {
		if (ledger_claims(c->pg, c->arena, r->ledger.customers,
		        r->ledger.ncustomers, &subjects, &n, e) == -1)
			return -1;
		if (n == 0)
			return ledger_claim_facts(&w, r->ledger.customers,
			    r->ledger.ncustomers, &r->result->entries, e);
		/* They go or the portion is full; else we would turn round
		 * and round. */
		if (n >= before && n < LEDGER_MOVE_MAX)
			return err_set(e, FAULT_FATAL,
			    "%zu orders of guests cannot be moved to their "
			    "customer: run loyald verify",
			    n);
		before = n;
		if (post_moved(c, subjects, n, r->result, e) == -1)
			return -1;
	}
}

static int
join_customers(struct batch_reading *r, struct err *e)
{
	const struct world w = world_of(r->c);

	return ledger_join(&w, r->ledger.customers, r->ledger.ncustomers,
	    &r->result->entries, e);
}

static int
merge_customers(struct batch_reading *r, struct err *e)
{
	struct batch_context *c = r->c;
	const struct world w = world_of(c);

	for (size_t i = 0; i < r->nmerges; i++) {
		const struct merge *m = &r->merges[i];

		if (pg_begin(c->pg, e) == -1)
			return -1;
		if (ledger_merge(
		        &w, m->store, m->gone_id, m->kept_id, m->at, e) == -1) {
			pg_rollback(c->pg);
			return -1;
		}
		if (pg_commit(c->pg, e) == -1)
			return -1;
	}
	return 0;
}

/* Wakes the members whose referrals may count otherwise now. */
static int
wake_referrals(struct batch_reading *r, struct err *e)
{
	struct batch_context *c = r->c;
	struct referral_wake w;

	if (!programs_ask_referrals(c->programs, c->nprograms))
		return 0;
	referral_wake_init(&w, c->arena);
	referral_wake_batch(&w, &r->ledger);
	for (size_t i = 0; i < r->nmerges; i++)
		referral_wake_customer(
		    &w, r->merges[i].store, r->merges[i].kept_id);
	return referral_wake(c->pg, &w, c->now, e);
}

/* Room for all that may be buried of n messages. */
static void
burials_begin(struct batch_context *c, size_t n)
{
	c->nburials = 0;
	c->burials = arena_array(
	    c->arena, n * (FACTS_PER_EVENT_MAX + 1) + 1, sizeof(*c->burials));
}

/* Last of the transaction: whoever buries the same waits the shorter. */
static int
burials_end(struct batch_context *c, struct batch_result *result, struct err *e)
{
	for (size_t i = 0; i < c->nburials; i++) {
		const struct burial *b = &c->burials[i];

		dead_tally_add(
		    &result->died, b->message->store_id, b->why_class, 1);
		result->misdirected += strcmp(b->why_class, "misdirected") == 0;
	}
	result->dead = c->nburials;
	return dead_bury(c->pg, c->arena, c->key, c->burials, c->nburials, e);
}

int
batch_post(struct batch_context *c, const struct message *m, size_t n,
    struct batch_result *result, struct err *e)
{
	struct batch_reading *r = arena_alloc(c->arena, sizeof(*r));

	assert(n <= LEDGER_BATCH_MAX);
	*result = (struct batch_result){ 0 };
	r->c = c;
	r->result = result;
	r->ledger.subjects = arena_array(
	    c->arena, n + 1, sizeof(*r->ledger.subjects));
	r->ledger.customers = arena_array(
	    c->arena, n + 1, sizeof(*r->ledger.customers));
	r->ledger.facts = arena_array(
	    c->arena, n * FACTS_PER_EVENT_MAX + 1, sizeof(*r->ledger.facts));
	r->ledger.names = arena_array(
	    c->arena, n + 1, sizeof(*r->ledger.names));
	r->products = arena_array(c->arena, n + 1, sizeof(*r->products));
	burials_begin(c, n);

	if (pg_begin(c->pg, e) == -1)
		return -1;
	if (read_messages(r, m, n, e) == -1 ||
	    products_save(c->pg, c->arena, r->products, r->nproducts, e) ==
	        -1 ||
	    post(c, &r->ledger, result, e) == -1 ||
	    burials_end(c, result, e) == -1) {
		pg_rollback(c->pg);
		return -1;
	}
	if (pg_commit(c->pg, e) == -1 ||
	    products_wake(
	        c->pg, c->arena, r->products, r->nproducts, c->now, e) == -1 ||
	    move_claimed(r, e) == -1 || join_customers(r, e) == -1 ||
	    merge_customers(r, e) == -1)
		return -1;
	return wake_referrals(r, e);
}

int
batch_bury(struct batch_context *c, const struct message *m,
    const char *why_class, const char *reason, struct err *e)
{
	burials_begin(c, 1);
	bury(c, m, why_class, reason);
	if (pg_begin(c->pg, e) == -1)
		return -1;
	if (dead_bury(c->pg, c->arena, c->key, c->burials, c->nburials, e) ==
	    -1) {
		pg_rollback(c->pg);
		return -1;
	}
	return pg_commit(c->pg, e);
}
