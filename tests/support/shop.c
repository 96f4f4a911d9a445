/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <string.h>

#include "base/instant.h"
#include "ledger/verify.h"
#include "shop.h"
#include "wire/address.h"
#include "wire/shop/shop.h"
#include "wire/travel.h"

struct pg *pg, *schedule;
struct arena arena;
struct world world;
struct store shop;

static const struct master_key key = { .bytes = { 1, 2, 3 } };
static struct arena kept; /* the memory of the world's stores and programs */
static struct pg *work;

int
shop_begin(void **state)
{
	(void)state;
	arena_init(&arena);
	arena_init(&kept);
	(void)database_new();
	pg = database_pg(NULL);
	work = database_pg("loyald_work");
	schedule = database_pg("loyald_schedule");
	return 0;
}

int
shop_end(void **state)
{
	(void)state;
	pg_free(schedule);
	pg_free(work);
	pg_free(pg);
	database_drop();
	arena_fini(&kept);
	arena_fini(&arena);
	return 0;
}

int
shop_verify(void **state)
{
	struct verification v;
	struct err e;

	(void)state;
	must(ledger_verify(pg, &arena, &v, &e), &e);
	if (v.nproblems > 0)
		fail_msg("%s: %s: %s", v.problems[0].check, v.problems[0].what,
		    v.problems[0].detail);
	return 0;
}

void
shop_verify_finds(const char *check, const char *damage, const char *repair)
{
	struct verification v;
	bool found = false;
	struct err e;

	database_run("%s", damage);
	must(ledger_verify(pg, &arena, &v, &e), &e);
	for (size_t i = 0; i < v.nproblems; i++)
		found |= strcmp(v.problems[i].check, check) == 0;
	database_run("%s", repair);
	if (!found)
		fail_msg("verify does not find: %s", damage);
}

/* ---- stores -------------------------------------------------------------- */

/* Adds midnight to a day; leaves a text with a time as it is. */
static const char *
time_text(const char *time)
{
	return strlen(time) > 10 ? time
	                         : arena_printf(&arena, "%sT00:00:00Z", time);
}

int64_t
at(const char *time)
{
	int64_t v;

	assert_int_equal(instant_parse(str_of(time_text(time)), &v), 0);
	return v;
}

struct str
shop_json(const char *text)
{
	char *s = arena_strdup(&arena, text);

	for (char *q = s; (q = strchr(q, '\'')) != NULL;)
		*q = '"';
	return str_of(s);
}

void
shop_load(void)
{
	struct store *stores;
	struct err e;

	arena_reset(&kept);
	must(stores_load(pg, &kept, &key, &stores, &world.nstores, &e), &e);
	world.stores = stores;
	must(programs_load(&world, &kept, &e), &e);
}

struct store
shop_add(struct store s, const char *program)
{
	static int n;
	struct err e;

	n++;
	s.platform = PLATFORM_SHOPIFY;
	s.currency = "EUR";
	s.timezone = "UTC";
	if (s.domain == NULL)
		s.domain = arena_printf(&arena, "shop%d.example", n);
	if (s.webhook_token == NULL)
		s.webhook_token = arena_printf(&arena, "token-%d", n);
	if (s.secrets[0].len == 0)
		s.secrets[0] = str_of(arena_printf(&arena, "secret-%d", n));
	must(store_add(pg, &arena, &key, &s, shop_json(program), &e), &e);
	shop_load();
	return s;
}

struct program_added
shop_publish(const char *program, const char *from)
{
	struct program_added added;
	struct err e;

	must(program_publish(pg, &arena,
	         &(struct program_new){ .store_id = shop.store_id,
	             .file = shop_json(program),
	             .effective_from = at(from) },
	         &added, &e),
	    &e);
	shop_load();
	return added;
}

void
shop_new(const char *program)
{
	world.pg = work;
	world.arena = &arena;
	world.key = &key;
	world.now = at("2026-03-01T12:00:00Z");
	shop = shop_add((struct store){ 0 }, program);
}

struct world
shop_world(struct pg *other)
{
	struct world w = world;

	w.pg = other;
	return w;
}

/* ---- deliveries ---------------------------------------------------------- */

static const char *
order_customer(const struct shop_order *o)
{
	if (o->customer == NOBODY || (o->customer == 0 && o->email != NULL))
		return "null";
	return arena_printf(&arena,
	    "{'id':%lld,'email':'a@b.example','verified_email':false,"
	    "'updated_at':'2026-01-01T00:00:00Z'}",
	    (long long)(o->customer ? o->customer : 5));
}

const char *
shop_order(struct shop_order o)
{
	const char *created = time_text(o.created ? o.created : "2026-01-01");

	return arena_printf(&arena,
	    "{'id':%lld,'created_at':'%s','processed_at':'%s',"
	    "'updated_at':'%s','cancelled_at':null,'test':false,"
	    "'currency':'EUR','financial_status':'%s',"
	    "'taxes_included':false,'total_price':'%s','email':'%s',"
	    "'order_status_url':'https://x.example/%lld/orders/abc',"
	    "'customer':%s,'line_items':[{'id':1,'price':'%s',"
	    "'product_id':%lld,'quantity':1,'gift_card':false,"
	    "'tax_lines':[],'discount_allocations':[]}],"
	    "'shipping_lines':[],'refunds':[]}",
	    (long long)o.id, created, created,
	    o.updated ? time_text(o.updated) : created,
	    o.status ? o.status : "paid", o.price, o.email ? o.email : "",
	    (long long)(o.shop_id ? o.shop_id : 1), order_customer(&o), o.price,
	    (long long)(o.product ? o.product : 1));
}

struct message
shop_message(const struct store *s, const char *topic, const char *body)
{
	static int delivery;
	struct message m = {
		.platform = s->platform,
		.store_id = s->store_id,
		.received_at = world.now,
		.topic = str_of(topic),
		.delivery_id = STR("d"),
		.body = shop_json(body),
		.deliveries = 1,
	};

	(void)snprintf(m.stream_id, sizeof(m.stream_id), "%d-0", ++delivery);
	return m;
}

struct message
shop_event(const char *id, const char *type, const char *time, const char *who,
    const char *more)
{
	struct message m = shop_message(&shop, "event",
	    arena_printf(&arena,
	        "{'idempotency_key':'%s','type':'%s','at':'%s',"
	        "'customer':%s%s}",
	        id, type, time_text(time), who, more));

	m.platform = PLATFORM_EVENTS;
	return m;
}

void
shop_receive(struct message *m)
{
	static const uint8_t signature[HMAC_SIZE];
	const struct store *s = stores_find(
	    world.stores, world.nstores, m->store_id);
	struct event ev;
	struct err ignored;

	if (s != NULL && !m->is_record && address_judge(m, &ignored) == 0 &&
	    shop_parse(&arena, m, world.key, s->currency, &ev, &ignored) == 0 &&
	    ev.nfacts == 0)
		travel_pack(&arena, world.key, &ev, signature, m);
}

struct batch_result
shop_post(const struct message *m, size_t n)
{
	static unsigned turn;
	struct message *told = arena_array(&arena, n, sizeof(*told));
	struct batch_result r;
	struct err e;

	for (size_t i = 0; i < n; i++) {
		told[i] = m[i];
		if (turn++ % 2 == 1 && m[i].platform != 0)
			shop_receive(&told[i]);
	}
	must(batch_post(&world, told, n, &r, &e), &e);
	return r;
}

struct batch_result
shop_sends(const char *topic, const char *body)
{
	struct message m = shop_message(&shop, topic, body);

	return shop_post(&m, 1);
}

struct batch_result
shop_tells(const char *id, const char *type, const char *time, const char *more)
{
	struct message m = shop_event(id, type, time, "{'id':5}", more);

	return shop_post(&m, 1);
}

/* ---- the outcome of deliveries ------------------------------------------- */

struct timeline_result
due(void)
{
	const struct world w = shop_world(schedule);
	struct timeline_result r;
	struct err e;

	must(timeline_due(&w, &r, &e), &e);
	return r;
}

int64_t
due_count(void)
{
	const struct world w = shop_world(schedule);
	struct err e;
	int64_t n;

	must(timeline_due_count(&w, &n, &e), &e);
	return n;
}

struct member_summary
member(const char *customer)
{
	struct member_summary v;
	struct err e;

	must(member_find_customer(
	         pg, &arena, shop.store_id, str_of(customer), &v, &e),
	    &e);
	if (v.member_id == 0)
		fail_msg("no customer %s", customer);
	return v;
}

int64_t
points(const char *customer)
{
	return member(customer).balance.available;
}

int64_t
order_points(int64_t order_id)
{
	return database_number(
	    "SELECT points FROM order_state WHERE store_id = "
	    "%lld AND order_id = %lld",
	    (long long)shop.store_id, (long long)order_id);
}

int64_t
entries(void)
{
	return database_number(
	    "SELECT count(*) FROM entry WHERE tenant_id = %lld",
	    (long long)shop.tenant_id);
}

int64_t
corrections(void)
{
	return database_number(
	    "SELECT count(*) FROM entry WHERE tenant_id = %lld AND corrects",
	    (long long)shop.tenant_id);
}

int64_t
moved_to(enum account account)
{
	return database_number(
	    "SELECT coalesce(sum(points), 0) FROM entry WHERE "
	    "tenant_id = %lld AND credit = %d",
	    (long long)shop.tenant_id, (int)account);
}
