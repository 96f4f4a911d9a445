/* SPDX-License-Identifier: MIT */
#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "ledger/batch.h"
#include "ledger/dead.h"
#include "ledger/products.h"
#include "ledger/stmts.h"
#include "wire/event_json.h"
#include "wire/order_json.h"
#include "wire/shop.h"

enum {
	HASH_SLOTS = 4096,    /* > 4 * 2 * LEDGER_BATCH_MAX: few collisions */
	APP_STORES_MAX = 256, /* looked at for a body that names no shop */
};

#define KEY_USED \
	"refused: idempotency key %s was used for something else before"

/* A batch while its messages are read. */
struct reading {
	struct batch_context *c;
	struct batch_result *result;
	struct ledger_batch ledger;
	struct merge {
		const struct store *store;
		int64_t gone_id, kept_id, at;
	} merges[LEDGER_BATCH_MAX];
	size_t nmerges;
	struct product_news *products;
	size_t nproducts;
	/* By (store, kind, id): where in the ledger batch; + 1, 0 is free. */
	uint16_t slots[HASH_SLOTS];
};

/* ---- finding what the batch has already -------------------------------------- */

static size_t
hash(int64_t store_id, int64_t id, unsigned kind)
{
	uint64_t x = (uint64_t)id * 0x9e3779b97f4a7c15 ^
	             (uint64_t)store_id * 0xbf58476d1ce4e5b9 ^ kind;

	return (size_t)((x ^ x >> 29) * 0x94d049bb133111eb >> 52) % HASH_SLOTS;
}

static struct subject *
subject_at(
    struct reading *r, const struct store *store, const struct order *part)
{
	struct ledger_batch *b = &r->ledger;
	size_t i = hash(store->store_id, part->id, 1);

	for (; r->slots[i] != 0; i = (i + 1) % HASH_SLOTS) {
		struct subject *s = &b->subjects[r->slots[i] - 1];

		if (r->slots[i] <= b->nsubjects && s->store == store &&
		    s->order.id == part->id)
			return s;
	}
	b->subjects[b->nsubjects] = (struct subject){
		.store = store,
		.news = true,
		.order = { .id = part->id, .platform = part->platform },
	};
	r->slots[i] = (uint16_t)++b->nsubjects;
	return &b->subjects[b->nsubjects - 1];
}

static void
add_order(
    struct reading *r, const struct store *store, const struct order *part)
{
	struct subject *s = subject_at(r, store, part);
	struct order_refund *room = arena_array(
	    r->c->arena, s->order.nrefunds + part->nrefunds + 1, sizeof(*room));

	order_merge(&s->order, part, room, &s->order);
}

/* The newest news of a customer; that he is gone stays. */
static void
add_customer(struct reading *r, const struct store *store,
    const struct customer *customer, int64_t gone_at)
{
	struct ledger_batch *b = &r->ledger;
	struct customer_news *c;

	for (size_t i = 0; i < b->ncustomers; i++) {
		c = &b->customers[i];
		if (c->store != store || c->customer.id != customer->id)
			continue;
		if (gone_at == 0 &&
		    customer->modified_at >= c->customer.modified_at)
			c->customer = *customer;
		if (gone_at != 0)
			c->gone_at = gone_at;
		return;
	}
	b->customers[b->ncustomers++] = (struct customer_news){
		.store = store,
		.customer = *customer,
		.gone_at = gone_at,
	};
}

static bool
is_same_key(const struct fact_news *x, const struct store *store,
    const struct told_fact *t)
{
	return x->store == store && x->told->fact.kind == t->fact.kind &&
	       strcmp(x->told->fact.id, t->fact.id) == 0;
}

/* `alone`: the message is about nothing else.  Of two with one key the first
 * counts. */
static int
add_fact(struct reading *r, const struct store *store, const struct message *m,
    const struct told_fact *t, bool alone, struct err *e)
{
	static const uint8_t none[sizeof(t->email_hash)];
	struct ledger_batch *b = &r->ledger;
	struct fact_news f = {
		.store = store,
		.told = t,
		.message = m,
		.alone = alone,
		.facts = fact_render(r->c->arena, &t->fact),
	};

	if (t->customer == NULL &&
	    memcmp(t->email_hash, none, sizeof(none)) == 0)
		return alone ? err_set(e, FAULT_REJECT,
		                   "unparsable: event %s names nobody",
		                   t->fact.id)
		             : 0;
	for (size_t i = 0; i < b->nfacts; i++) {
		if (!is_same_key(&b->facts[i], store, t))
			continue;
		if (alone && !str_eq(b->facts[i].facts, f.facts))
			return err_set(e, FAULT_REJECT, KEY_USED, t->fact.id);
		r->result->unchanged += alone;
		return 0;
	}
	b->facts[b->nfacts++] = f;
	return 0;
}

static int
add_facts(struct reading *r, const struct store *store, const struct message *m,
    const struct event *ev, struct err *e)
{
	for (size_t i = 0; i < ev->nfacts; i++)
		if (add_fact(r, store, m, &ev->facts[i],
		        ev->kind == EVENT_FACTS, e) == -1)
			return -1;
	return 0;
}

/* ---- reading messages ----------------------------------------------------------- */

/* Whether another store of the same app has this shop's number. */
static bool
is_of_another(
    const struct batch_context *c, const struct store *store, int64_t shop_id)
{
	for (size_t i = 0; i < c->nstores; i++) {
		const struct store *other = &c->stores[i];

		if (other != store && other->shop_id == shop_id &&
		    other->platform == store->platform &&
		    str_eq(other->secrets[0], store->secrets[0]))
			return true;
	}
	return false;
}

/*
 * An app's webhooks are all signed with the app's one secret, so a body
 * signed for one shop could be sent to another's path.  The signed body
 * names its shop by number: it has to be this store's.
 */
static int
check_shop(struct batch_context *c, struct store *store, int64_t shop_id,
    struct batch_result *result, struct err *e)
{
	struct pg_params p;

	if (shop_id == 0 || shop_id == store->shop_id)
		return 0;
	if (store->shop_id != 0 || is_of_another(c, store, shop_id))
		return err_set(e, FAULT_REJECT,
		    "foreign: signed for shop %" PRId64
		    ", which is not store %" PRId64,
		    shop_id, store->store_id);
	pg_params(&p, c->arena);
	pg_bigint(&p, store->tenant_id);
	pg_bigint(&p, store->store_id);
	pg_bigint(&p, shop_id);
	if (pg_tell(c->pg, SQL_STORE_LEARN, &p, e) == -1)
		return -1;
	store->shop_id = shop_id;
	result->learned = true;
	return 0;
}

/* Whether a part is what is known of an order: its newest snapshot, or a
 * refund of it. */
static bool
is_part_of(struct arena *a, const struct order *known, const struct order *part)
{
	struct order_refund *room = arena_array(
	    a, known->nrefunds + part->nrefunds + 1, sizeof(*room));
	struct order both;

	order_merge(known, part, room, &both);
	return (part->modified_at == 0 ||
	           part->modified_at == known->modified_at) &&
	       str_eq(order_render(a, &both), order_render(a, known));
}

/* The other stores of the same app. */
static size_t
stores_of_app(const struct batch_context *c, const struct store *store,
    const struct store **out)
{
	size_t n = 0;

	for (size_t i = 0; i < c->nstores && n < APP_STORES_MAX; i++) {
		const struct store *other = &c->stores[i];

		if (other != store && other->platform == store->platform &&
		    str_eq(other->secrets[0], store->secrets[0]))
			out[n++] = other;
	}
	return n;
}

static int
refuse_known(const struct store *store, const struct order *part, struct err *e)
{
	return err_set(e, FAULT_REJECT,
	    "foreign: store %" PRId64 " has all of this, and order %" PRId64
	    " is not of two shops",
	    store->store_id, part->id);
}

/*
 * A body that does not name its shop could be another shop's as well.  An
 * order's number is of one shop alone: what another store of the app has
 * just so is that store's delivery, sent here.
 */
static int
check_elsewhere(struct reading *r, const struct store *store,
    const struct order *part, struct err *e)
{
	struct batch_context *c = r->c;
	const struct store *others[APP_STORES_MAX];
	size_t n = stores_of_app(c, store, others);
	int64_t tenants[APP_STORES_MAX], ids[APP_STORES_MAX];
	int64_t orders[APP_STORES_MAX];
	struct pg_params p;
	struct pg_rows rows;
	int ret = 0;

	for (size_t i = 0; i < n; i++) {
		tenants[i] = others[i]->tenant_id;
		ids[i] = others[i]->store_id;
		orders[i] = part->id;
	}
	for (size_t i = 0; i < r->ledger.nsubjects; i++) {
		const struct subject *s = &r->ledger.subjects[i];

		for (size_t j = 0; j < n; j++)
			if (s->store == others[j] && s->order.id == part->id &&
			    is_part_of(c->arena, &s->order, part))
				return refuse_known(others[j], part, e);
	}
	if (n == 0)
		return 0;
	pg_params(&p, c->arena);
	pg_bigints(&p, tenants, n);
	pg_bigints(&p, ids, n);
	pg_bigints(&p, orders, n);
	if (pg_ask(c->pg, SQL_ORDER_LOAD, &p, &rows, e) == -1)
		return -1;
	for (int row = 0; row < rows.n && ret == 0; row++) {
		size_t i = (size_t)pg_get_bigint(&rows, row, 0) - 1;
		struct order known = { 0 };

		ret = order_parse(
		    c->arena, pg_get_str(&rows, row, 1), &known, e);
		if (ret == 0 && is_part_of(c->arena, &known, part))
			ret = refuse_known(others[i], part, e);
	}
	pg_done(&rows);
	return ret;
}

static int
add_event(struct reading *r, struct store *store, const struct message *m,
    const struct event *ev, struct err *e)
{
	switch (ev->kind) {
	case EVENT_ORDER:
		if (check_shop(r->c, store, ev->shop_id, r->result, e) == -1)
			return -1;
		if (store->platform == PLATFORM_SHOPIFY && ev->shop_id == 0 &&
		    check_elsewhere(r, store, &ev->order, e) == -1)
			return -1;
		add_order(r, store, &ev->order);
		if (ev->has_customer)
			add_customer(r, store, &ev->customer, 0);
		break;
	case EVENT_CUSTOMER:
		add_customer(r, store, &ev->customer, 0);
		break;
	case EVENT_CUSTOMER_GONE:
		add_customer(r, store, &ev->customer, m->received_at);
		break;
	case EVENT_MERGE:
		assert(r->nmerges < NITEMS(r->merges));
		r->merges[r->nmerges++] = (struct merge){
			.store = store,
			.gone_id = ev->customer.id,
			.kept_id = ev->kept_id,
			.at = m->received_at,
		};
		break;
	case EVENT_PRODUCT:
		r->products[r->nproducts++] = (struct product_news){
			.store = store,
			.product = ev->product,
		};
		break;
	case EVENT_FACTS:
		break;
	case EVENT_NOTHING:
		r->result->unchanged++;
		log_debug(
		    "%.*s: %s", (int)m->topic.len, m->topic.data, ev->note);
		break;
	}
	return add_facts(r, store, m, ev, e);
}

static struct store *
store_at(const struct batch_context *c, int64_t store_id)
{
	const struct store *s = stores_find(c->stores, c->nstores, store_id);

	return s ? &c->stores[s - c->stores] : NULL;
}

/* A message to events.  REJECT: "class: sentence". */
static int
read_message(struct reading *r, const struct message *m, struct err *e)
{
	struct event *ev = arena_alloc(r->c->arena, sizeof(*ev));
	struct store *store;

	if (m->deliveries > DELIVERIES_MAX)
		return err_set(e, FAULT_REJECT,
		    "poison: given out %" PRId64
		    " times and never answered for",
		    m->deliveries);
	if (m->platform == (enum platform)0)
		return err_set(
		    e, FAULT_REJECT, "unparsable: not a message of loyald's");
	store = store_at(r->c, m->store_id);
	if (store == NULL)
		return err_set(e, FAULT_REJECT,
		    "foreign: there is no store %" PRId64, m->store_id);
	if (shop_find(m->platform)
	        ->parse(r->c->arena, m, r->c->key, store->currency, ev, e) ==
	    -1)
		return -1;
	return add_event(r, store, m, ev, e);
}

/* Into the dead letters, within the transaction. */
static int
bury(struct batch_context *c, const struct message *m, const char *why_class,
    const char *reason, struct err *e)
{
	const struct store *store = store_at(c, m->store_id);

	log_warn("message %s of store %" PRId64
	         " is a dead letter (%s): %s; see loyald dlq",
	    m->stream_id, m->store_id, why_class, reason);
	return dead_bury(c->pg, c->arena, c->key, store ? store->tenant_id : 0,
	    m, why_class, reason, e);
}

/* "class: sentence" as wire/ and the checks above write it. */
static int
bury_by_sentence(struct batch_context *c, const struct message *m,
    const struct err *why, struct err *e)
{
	const char *colon = strstr(why->msg, ": ");
	char word[sizeof(why->msg)];

	if (colon != NULL) {
		(void)snprintf(word, sizeof(word), "%.*s",
		    (int)(colon - why->msg), why->msg);
		if (dead_is_class(word))
			return bury(c, m, word, colon + 2, e);
	}
	return bury(c, m, "unparsable", why->msg, e);
}

static int
compare_received(const void *a, const void *b)
{
	const struct message *x = *(const struct message *const *)a;
	const struct message *y = *(const struct message *const *)b;

	return (x->received_at > y->received_at) -
	       (x->received_at < y->received_at);
}

/* In the order receive took them, which several streams do not keep: of a
 * body sent to two stores the first is the one it is of. */
static int
read_messages(
    struct reading *r, const struct message *all, size_t n, struct err *e)
{
	const struct message **m = arena_array(r->c->arena, n + 1, sizeof(*m));

	for (size_t i = 0; i < n; i++)
		m[i] = &all[i];
	qsort(m, n, sizeof(*m), compare_received);
	for (size_t i = 0; i < n; i++) {
		struct err why;

		if (read_message(r, m[i], &why) == 0)
			continue;
		if (why.fault != FAULT_REJECT) {
			*e = why;
			return -1;
		}
		if (bury_by_sentence(r->c, m[i], &why, e) == -1)
			return -1;
		r->result->dead++;
	}
	return 0;
}

/* ---- posting ------------------------------------------------------------------------ */

static struct timeline_world
world_of(const struct batch_context *c)
{
	return (struct timeline_world){
		.pg = c->pg,
		.arena = c->arena,
		.stores = c->stores,
		.nstores = c->nstores,
		.programs = c->programs,
		.nprograms = c->nprograms,
		.now = c->now,
	};
}

/* Facts whose key was used for something else. */
static int
bury_clashes(struct batch_context *c, const struct ledger_batch *b,
    struct batch_result *result, struct err *e)
{
	for (size_t i = 0; i < b->nfacts; i++) {
		const struct fact_news *f = &b->facts[i];
		struct err why;

		result->unchanged += f->idle && f->alone && !f->clash;
		if (!f->clash)
			continue;
		err_set(&why, FAULT_REJECT, KEY_USED, f->told->fact.id);
		if (bury_by_sentence(c, f->message, &why, e) == -1)
			return -1;
		result->dead++;
	}
	return 0;
}

/* Those whose timelines the batch has changed. */
static int
post_timelines(struct batch_context *c, const struct ledger_batch *b,
    struct batch_result *result, struct err *e)
{
	const struct timeline_world w = world_of(c);
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
	result->entries += r.entries;
	result->refused += r.nrefused;
	return 0;
}

static int
post(struct batch_context *c, struct ledger_batch *b,
    struct batch_result *result, struct err *e)
{
	if (ledger_load(c->pg, c->arena, b, e) == -1 ||
	    bury_clashes(c, b, result, e) == -1 ||
	    ledger_decide(c->pg, c->arena, b, c->programs, c->nprograms, c->now,
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
move_claimed(struct reading *r, struct err *e)
{
	struct batch_context *c = r->c;
	const struct timeline_world w = world_of(c);
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
join_customers(struct reading *r, struct err *e)
{
	const struct timeline_world w = world_of(r->c);

	return ledger_join(&w, r->ledger.customers, r->ledger.ncustomers,
	    &r->result->entries, e);
}

static int
merge_customers(struct reading *r, struct err *e)
{
	struct batch_context *c = r->c;
	const struct timeline_world w = world_of(c);

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

int
batch_post(struct batch_context *c, const struct message *m, size_t n,
    struct batch_result *result, struct err *e)
{
	struct reading *r = arena_alloc(c->arena, sizeof(*r));

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
	r->products = arena_array(c->arena, n + 1, sizeof(*r->products));

	if (pg_begin(c->pg, e) == -1)
		return -1;
	if (read_messages(r, m, n, e) == -1 ||
	    products_save(c->pg, c->arena, r->products, r->nproducts, e) ==
	        -1 ||
	    post(c, &r->ledger, result, e) == -1) {
		pg_rollback(c->pg);
		return -1;
	}
	if (pg_commit(c->pg, e) == -1 ||
	    products_wake(
	        c->pg, c->arena, r->products, r->nproducts, c->now, e) == -1 ||
	    move_claimed(r, e) == -1 || join_customers(r, e) == -1)
		return -1;
	return merge_customers(r, e);
}

int
batch_bury(struct batch_context *c, const struct message *m,
    const char *why_class, const char *reason, struct err *e)
{
	if (pg_begin(c->pg, e) == -1)
		return -1;
	if (bury(c, m, why_class, reason, e) == -1) {
		pg_rollback(c->pg);
		return -1;
	}
	return pg_commit(c->pg, e);
}
