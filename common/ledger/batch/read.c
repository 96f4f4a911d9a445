/* SPDX-License-Identifier: MIT */
/* Reads messages as news of orders, customers, facts and products.  A message
 * that cannot be used becomes a dead letter. */
#include <assert.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "core/order_finer.h"
#include "ledger/batch/internal.h"
#include "ledger/dead.h"
#include "wire/address.h"
#include "wire/event_record.h"
#include "wire/fact_json.h"
#include "wire/shop/shop.h"

/* ---- finding orders, customers and facts of the batch -------------------- */

static size_t
hash(int64_t store_id, int64_t id, unsigned kind)
{
	uint64_t x = (uint64_t)id * 0x9e3779b97f4a7c15 ^
	             (uint64_t)store_id * 0xbf58476d1ce4e5b9 ^ kind;

	return (size_t)((x ^ x >> 29) * 0x94d049bb133111eb >> 52) % HASH_SLOTS;
}

static struct order_news *
order_at(struct batch_reading *r, const struct store *store,
    const struct order *part)
{
	struct batch *b = &r->batch;
	size_t i = hash(store->store_id, part->id, 1);

	for (; r->slots[i] != 0; i = (i + 1) % HASH_SLOTS) {
		struct order_news *s = &b->orders[r->slots[i] - 1];

		if (r->slots[i] <= b->norders && s->store == store &&
		    s->order.id == part->id)
			return s;
	}
	b->orders[b->norders] = (struct order_news){
		.store = store,
		.news = true,
		.order = { .id = part->id, .platform = part->platform },
	};
	r->slots[i] = (uint16_t)++b->norders;
	return &b->orders[b->norders - 1];
}

/* Adds a delivery of an order.  The first one of the batch needs no joining. */
static void
add_order(
    struct batch_reading *r, const struct store *store, const struct event *ev)
{
	size_t nbefore = r->batch.norders;
	struct order_news *s = order_at(r, store, &ev->order);
	struct name_news *n = &r->batch.names[r->batch.nnames++];
	const struct order counted = order_counted(r->world->arena, &ev->order);
	struct order told = ev->order;

	n->of = s;
	owner_of_order(&n->owner, store, &counted);
	if (ev->shop_id != 0)
		s->shop_id = ev->shop_id;
	if (r->batch.norders > nbefore) {
		s->order = told;
		s->packed = ev->packed;
		return;
	}
	order_align(r->world->arena, &s->order, &told);
	order_merge(r->world->arena, &s->order, &told, &s->order);
	s->packed = STR("");
}

/* Adds news of a customer.  The newest news replaces older news, but a customer
 * who was deleted stays deleted. */
static void
add_customer(struct batch_reading *r, const struct store *store,
    const struct customer *customer, int64_t gone_at)
{
	struct batch *b = &r->batch;
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

/* Adds a fact.  `alone` says that the message reports nothing else.  If two
 * facts have the same key, only the first one is kept. */
static int
add_fact(struct batch_reading *r, const struct store *store,
    const struct message *m, const struct told_fact *t, bool alone,
    struct err *e)
{
	static const uint8_t none[sizeof(t->email_hash)];
	struct batch *b = &r->batch;
	struct fact_news f = {
		.store = store,
		.told = t,
		.message = m,
		.alone = alone,
		.facts = fact_render(r->world->arena, &t->fact),
	};

	if (t->customer == NULL && t->member_id == 0 &&
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
	b->facts = arena_grow(r->world->arena, b->facts, b->nfacts,
	    &b->facts_room, sizeof(*b->facts));
	b->facts[b->nfacts++] = f;
	return 0;
}

static int
add_facts(struct batch_reading *r, const struct store *store,
    const struct message *m, const struct event *ev, struct err *e)
{
	for (size_t i = 0; i < ev->nfacts; i++)
		if (add_fact(r, store, m, &ev->facts[i],
		        ev->kind == EVENT_FACTS, e) == -1)
			return -1;
	return 0;
}

/* ---- reading messages ---------------------------------------------------- */

static int
add_event(struct batch_reading *r, const struct store *store,
    const struct message *m, const struct event *ev, struct err *e)
{
	if (check_shop(r, store, ev, e) == -1)
		return -1;
	switch (ev->kind) {
	case EVENT_ORDER:
		add_order(r, store, ev);
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
		r->products = arena_grow(r->world->arena, r->products,
		    r->nproducts, &r->products_room, sizeof(*r->products));
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

static const struct store *
store_at(const struct world *w, int64_t store_id)
{
	return stores_find(w->stores, w->nstores, store_id);
}

/* Finds out what a message tells: receive has read it, or it is read here. */
static int
event_of(const struct world *w, const struct store *store,
    const struct message *m, struct event *ev, struct err *e)
{
	return m->is_record
	           ? event_get(w->arena, m, ev, e)
	           : shop_parse(w->arena, m, w->key, store->currency, ev, e);
}

/* Reads one message and adds what it reports.  REJECT if the message must
 * become a dead letter; the err then has the text "class: sentence". */
static int
read_message(struct batch_reading *r, const struct message *m, struct err *e)
{
	struct event *ev = arena_alloc(r->world->arena, sizeof(*ev));
	const struct store *store;

	if (m->platform == (enum platform)0)
		return err_set(e, FAULT_REJECT, "unparsable: %s",
		    m->is_sealed ? "sealed, and does not open with the key in "
		                   "LOYALD_KEY_FILE"
		                 : "not a message of loyald's");
	/* The topic is judged before anything else that can make the message a
	 * dead letter.  An operator who replays a dead letter vouches for its
	 * topic, so a wrong topic must be noticed before. */
	if (address_judge(m, e) == -1)
		return -1;
	if (m->deliveries > DELIVERIES_MAX)
		return err_set(e, FAULT_REJECT,
		    "poison: given out %" PRId64
		    " times and never answered for",
		    m->deliveries);
	store = store_at(r->world, m->store_id);
	if (store == NULL)
		return err_set(e, FAULT_REJECT,
		    "foreign: there is no store %" PRId64, m->store_id);
	if (event_of(r->world, store, m, ev, e) == -1 ||
	    codes_find(r->world, store, ev, e) == -1)
		return -1;
	return add_event(r, store, m, ev, e);
}

struct burial
burial_of(const struct world *w, const struct message *m, const char *why_class,
    const char *reason)
{
	const struct store *store = store_at(w, m->store_id);

	return (struct burial){
		.tenant_id = store ? store->tenant_id : 0,
		.message = m,
		.why_class = why_class,
		.reason = arena_strdup(w->arena, reason),
	};
}

void
bury_by_sentence(
    struct batch_reading *r, const struct message *m, const struct err *why)
{
	const struct world *w = r->world;
	const char *colon = strstr(why->msg, ": ");
	const char *word = NULL;

	if (colon != NULL)
		word = arena_printf(
		    w->arena, "%.*s", (int)(colon - why->msg), why->msg);
	r->burials = arena_grow(w->arena, r->burials, r->nburials,
	    &r->burials_room, sizeof(*r->burials));
	r->burials[r->nburials++] = word != NULL && dead_is_class(word)
	                                ? burial_of(w, m, word, colon + 2)
	                                : burial_of(
	                                      w, m, "unparsable", why->msg);
}

static int
compare_received(const void *a, const void *b)
{
	const struct message *x = *(const struct message *const *)a;
	const struct message *y = *(const struct message *const *)b;

	return (x->received_at > y->received_at) -
	       (x->received_at < y->received_at);
}

int
read_messages(
    struct batch_reading *r, const struct message *all, size_t n, struct err *e)
{
	const struct message **m = arena_array(
	    r->world->arena, n + 1, sizeof(*m));

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
		bury_by_sentence(r, m[i], &why);
	}
	return 0;
}
